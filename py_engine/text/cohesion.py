"""What belongs together, so that no phrase ends inside it: numbers and what they measure, names, verbs and complements.

The words are in ``word_classes.tsv``; what only the reader model knows is in its score of a boundary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from py_engine.text.readings import Draft
from py_engine.text.spoken import token_of
from py_engine.text.tables import word_set

# What a cut costs where none may be; half of it where one should not
FORBIDDEN = 8.0
# Between the numerals of a number that is written in hanzi
_INSIDE_NUMBERS = ("点", "分之", "第")
_BETWEEN = ("比", "到")
# Behind these 到 and 至 belong to what follows
_BEFORE_A_SPAN = "年月日时点号分岁"
# Units end with these
_PER = frozenset("里米元升次转克度焦吨")
# What follows a verb and a place or a time follows
_OF_PLACE = frozenset("于至到在向往自")
_VERBS_OF_PLACE = frozenset("藏住坐站躺放挂写印刻落停死生倒靠趴跪守留存摆种贴埋泡漂骑睡待呆搁插扔丢堆围缩躲蹲掉洒踩排")
LATIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def together(words: Sequence[Draft], at: int) -> float:
    """What a cut between two words that belong together costs besides; 0 where they do not."""
    first, second, classes = words[at - 1], words[at], classes_of_words()
    right = second.text
    bound = 0.0
    if _one_token(first, second):
        bound += FORBIDDEN
    if right in classes.clings_left:
        bound += FORBIDDEN
    if _belongs_to_next(words, at) or _in_formula(first, second):
        bound += FORBIDDEN
    if (right[0] in _BEGINS_AMOUNT and _is_amount(words, at)) or (right == "乘" and _is_multiplied(words, at)):
        bound += FORBIDDEN
    loosely = (
        _beside(first, second)
        or _completes(first.text, right)
        or (_counts(first, second) and not _is_share(words, at - 1))
        or (right in classes.before_amount and _is_amount(words, at + 1))
        or (right[0] in "为而" and _is_framed(words, at))
        or _in_a_name(words, at)
    )
    return bound + FORBIDDEN / 2 if loosely else bound


def _is_multiplied(words: Sequence[Draft], at: int) -> bool:
    """180克|×3支."""
    follows = at + 1 < len(words) and is_numeral(words[at + 1].text[0])
    return follows and words[at].group > 0 and not is_numeral(words[at - 1].text[-1])


# 以 A 为 B: so many words back
_FRAME = 5
# 而过, 而来
_GONE = frozenset("过来去出至下上行立")


def _is_framed(words: Sequence[Draft], at: int) -> bool:
    """以世贸组织|为核心, 飞驰|而过, of a word in 为 or 而."""
    right = words[at].text
    if right[0] == "为":
        return any(word.text == "以" for word in words[max(0, at - _FRAME) : at])
    said = right + words[at + 1].text if at + 1 < len(words) else right
    return said[1:2] in _GONE and len(words[at - 1].text) > 1


def _in_formula(left: Draft, right: Draft) -> bool:
    """Between a sign and its amount (加 | 六), within a formula's term, before a letter (五号|B) and 每 of a unit."""
    if left.group and left.text in classes_of_words().signs_before:
        return True
    if not right.group or left.stop != right.start:
        return False
    if not left.group and right.text in LATIN:
        return True
    return right.text.startswith("每") or (left.group > 0 and right.text not in classes_of_words().signs_between)


def _counts(left: Draft, right: Draft) -> bool:
    """A number or letters and the hanzi written right behind them: 304|不锈钢, MU2456|航班; 早上|8点, 公里|每小时."""
    classes = classes_of_words()
    if (right.text[0] == "每" and left.text[-1] in _PER) or (right.text[:2] == "年度" and left.text[-1] == "年"):
        return True
    if left.text[-1] in "年月" and right.text in classes.parts_of_month:
        return True
    if left.text in classes.times_of_day or left.text in ("小时", "元") or left.text[-1] == "币":
        return is_numeral(right.text[0])
    if left.stop != right.start or right.group:
        return False
    last = left.text[-1]
    return left.group > 0 and (is_numeral(last) or last < "\u0080") and right.text not in classes.begins


# A day, an hour or a year, which may begin something
_DATE = re.compile(
    "[零一二两三四五六七八九十]{1,3}(?:点(?:$|[半整钟多左]|[零一二三四五六七八九十]{1,3}分)|[月日号时])|[零一二三四五六七八九]{4}年"
)
_NO_AMOUNTS = frozenset(["万一", "千万", "一一", "亿万", "百万", "万千", "三七", "五五", "九一八"])
_AMOUNT = re.compile("[负正]?[零一二两三四五六七八九十百千万亿]")
_BEGINS_AMOUNT = frozenset("负正零一二两三四五六七八九十百千万亿")


def _is_amount(words: Sequence[Draft], at: int) -> bool:
    """Whether a written amount begins here, which completes what stands before it (增长|5.2%, 报|3021点)."""
    if at >= len(words) or not _AMOUNT.match(words[at].text):
        return False
    if not words[at].group:
        # in hanzi: of two characters at least, and none of those that look so
        text = words[at].text
        return (
            len(text) > 1
            and text not in _NO_AMOUNTS
            and all(map(is_numeral, text.replace("点", "").replace("分之", "")))
            and not is_numeral(words[at - 1].text[-1])
            and not _DATE.match(text + (words[at + 1].text if at + 1 < len(words) else ""))
        )
    token = token_of(words[at].group)
    if at and token_of(words[at - 1].group) == token:
        return False
    stop = at + 1
    while stop < len(words) and token_of(words[stop].group) == token:
        stop += 1
    return not _DATE.match("".join([word.text for word in words[at : stop + 1]]))


def _is_share(words: Sequence[Draft], at: int) -> bool:
    """Whether this word is of a percentage, which ends what it belongs to."""
    token = token_of(words[at].group)
    while at and token and token_of(words[at - 1].group) == token:
        at -= 1
    return token > 0 and words[at].text.endswith("分之")


def _in_a_name(words: Sequence[Draft], at: int) -> bool:
    """岸田|文雄, 安倍晋|三; 新闻秘书|佩斯科夫, 总干事|谭德塞."""
    left, right, classes = words[at - 1].text, words[at].text, classes_of_words()
    short = len(right) <= 2 and right not in classes.begins
    named = right[0] in classes.of_foreign_names or right in classes.surnames_here
    if not (short or named):
        return False
    said = words[at - 2].text + left if at > 1 else left
    two, three = said[-2:], said[-3:]
    if named and (two in classes.offices or three in classes.offices) and _begins_name(words, at):
        return True
    if not short:
        return False
    if two in classes.surnames or three in classes.surnames:
        return True
    return len(left) == len(right) == 1 and (said[-3:-1] in classes.surnames or said[-4:-1] in classes.surnames)


def _begins_name(words: Sequence[Draft], at: int) -> bool:
    """A surname that stands alone, or only characters that foreign names are written in."""
    text, classes = words[at].text, classes_of_words()
    if len(text) == 1:
        return text in classes.surnames_here and at + 1 < len(words)
    return all(char in classes.of_foreign_names for char in text)


def _completes(left: str, right: str) -> bool:
    """掉到, 荡尽: a verb and its complement; 分布|于, 下降|至; 兵马俑|坑."""
    classes = classes_of_words()
    if (right in _OF_PLACE and left in classes.takes_place) or (right == "为" and left in classes.becomes):
        return True
    if right in classes.ends_noun:
        return len(left) > 1
    if right == "在" and left in _VERBS_OF_PLACE:
        return True
    alone = left not in _BEFORE_A_SPAN and left not in classes.pronouns
    return len(left) == 1 and right in classes.complements and alone


def _belongs_to_next(words: Sequence[Draft], at: int) -> bool:
    """两斤 before 苹果, G1次 before 列车, 帮 before 我, 明天 before 上午."""
    left, right, classes = words[at - 1].text, words[at].text, classes_of_words()
    if right in classes.numerals and at + 1 < len(words) and words[at + 1].text in classes.counts_verb:
        # 冲洗|两遍
        return len(left) == 2
    if left in classes.takes_noun:
        return at > 1 and words[at - 2].text[-1] in classes.counts
    if left == "次":
        return right in classes.trains
    if right in classes.pronouns:
        return left in classes.takes_pronoun
    return left in classes.days and right in classes.times_of_day


class _Classes(NamedTuple):
    clings_left: frozenset[str]
    clings_right: frozenset[str]
    begins: frozenset[str]
    ends: frozenset[str]
    numerals: frozenset[str]
    takes_noun: frozenset[str]
    counts: frozenset[str]
    takes_pronoun: frozenset[str]
    pronouns: frozenset[str]
    days: frozenset[str]
    times_of_day: frozenset[str]
    complements: frozenset[str]
    trains: frozenset[str]
    signs_before: frozenset[str]
    signs_between: frozenset[str]
    takes_place: frozenset[str]
    ends_noun: frozenset[str]
    counts_verb: frozenset[str]
    surnames: frozenset[str]
    after_title: frozenset[str]
    before_amount: frozenset[str]
    parts_of_month: frozenset[str]
    says: frozenset[str]
    becomes: frozenset[str]
    offices: frozenset[str]
    surnames_here: frozenset[str]
    of_foreign_names: frozenset[str]


@cache
def classes_of_words() -> _Classes:
    rows = (
        "clings left", "clings right", "phrase begins", "phrase ends", "numeral", "before its noun", "counts",
        "before its pronoun", "pronoun", "day", "time of day", "after its verb",
        "after a number of trains", "sign before its amount", "sign between amounts", "before its place",
        "after its noun", "counts its verb", "surname of Japan",
        "after its title", "before its amount", "part of a month", "says", "becomes", "office",
        "surname", "of foreign names",
    )  # fmt: skip
    return _Classes(*(word_set("word_classes.tsv", row) for row in rows))


def _one_token(left: Draft, right: Draft) -> bool:
    """Whether both say one written number (119.5), a number and its measure (89 分钟, 点了杯), or letters with what
    belongs to them (SU7, A座), or the name of a series and its number (歼-20)."""
    if left.start == right.start:
        return True
    last = left.text[-1]
    together = left.stop == right.start
    inside = is_numeral(last) or left.text.endswith(_INSIDE_NUMBERS) or left.text in _BETWEEN
    if (inside and is_numeral(right.text[0])) or (left.text == "点" and right.group and right.text[0] < "\u0080"):
        return True
    if right.text == "比" and left.group:
        return token_of(left.group) == token_of(right.group)
    if is_numeral(last) or left.text == "了" or (last in "多余" and is_numeral(left.text[0])):
        measure = right.text == "分" or right.text in word_set("measures.tsv", "measure")
        return measure or (together and right.text[0] in LATIN)
    if last in LATIN and together:
        return is_numeral(right.text[0]) or right.text[0] in LATIN or len(right.text) == 1
    return together and is_numeral(right.text[0]) and left.text.endswith(_series())


def _beside(left: Draft, right: Draft) -> bool:
    """Latin words and numbers with one space between them: PD 3.0, Pro Max."""
    if right.start - left.stop > 1 or not (left.group and right.group):
        return False
    last, first = left.text[-1], right.text[0]
    return (last < "\u0080" and (first < "\u0080" or is_numeral(first))) or (first < "\u0080" and is_numeral(last))


@cache
def _series() -> tuple[str, ...]:
    return tuple(word_set("contexts_of_numbers.tsv", "before series"))


def is_numeral(char: str) -> bool:
    return char in classes_of_words().numerals or char in "几半幺"
