"""Sandhi: 一, 不, reduplication, third tones, the particle 啊 after its host.

Sources: Chao, A Grammar of Spoken Chinese (1968), chapter 1; Shih, The Prosodic Domain of Tone Sandhi in Chinese
(1986), for the order in which feet are built: inside words first, then left to right.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import pairwise

from py_engine.text.lexicon import Lexicon
from py_engine.text.model import PHRASE_BREAK
from py_engine.text.phones import syllable_to_phones
from py_engine.text.readings import Draft, Sound
from py_engine.text.tables import word_set

# 一停二看三通过
_ENUMERATED = re.compile(
    "[^零一二三四五六七八九十点般]{1,3}二(?![十百千万点分之年月日号])[^零一二三四五六七八九十点]{1,3}三(?![十百千万点])"
)


def apply_sandhi(words: Sequence[Draft], lexicon: Lexicon, counted: Container[str] = ()) -> None:
    """Rewrite the tones of one pause-delimited phrase in place. ``counted``: what stands behind a 二 with which a
    phrase soon after begins (一不抽烟，二不喝酒): 一 before it counts."""
    for word in words:
        if len(word.text) > 1:
            _reduplication(word)
    sounds = [sound for word in words for sound in word.sounds]
    chars = {sound.char for sound in sounds}
    if "啊" in chars:
        _particle_a(sounds)
    if not chars.isdisjoint("一不"):
        _yi_and_bu(words, sounds, counted)
    if not any(left.tone == 3 and 3 in (right.sandhi_tone, right.tone) for left, right in pairwise(sounds)):
        return
    for word in words:
        for group in _brackets(word, lexicon):
            _third_tones(group)
    for phrase in _phrases(words):
        for foot in _feet(phrase):
            _third_tones(foot)
        _across([sound for word in phrase for sound in word.sounds])


def _phrases(words: Sequence[Draft]) -> list[list[Draft]]:
    """Third tones do not see across a phrase break."""
    phrases: list[list[Draft]] = [[]]
    for word in words:
        phrases[-1].append(word)
        if word.break_level >= PHRASE_BREAK:
            phrases.append([])
    return phrases


def _reduplication(word: Draft) -> None:
    """看看, 看一看, 好不好: the infix, and the second of two equal verbs, lose their tone."""
    text, sounds = word.text, word.sounds
    if len(text) != len(sounds):
        return
    if len(text) == 3 and text[0] == text[2] and text[1] in "一不了没":
        if text[1] in "一不":
            _neutralise(sounds[1])
    elif (_is_repeated(text, sounds) and text[0] in word_set("word_classes.tsv", "repeated verb")) or (
        len(text) == 3 and text[0] != "君" and text[1] == "不" and text[2] in word_set("word_classes.tsv", "complement")
    ):
        _neutralise(sounds[1])


def _is_repeated(text: str, sounds: Sequence[Sound]) -> bool:
    """Two equal syllables; 数数 (shu3 shu4) is a verb and its object."""
    return len(text) == 2 and text[0] == text[1] and sounds[1].lexical_tone in (sounds[0].lexical_tone, 5)


def _particle_a(sounds: Sequence[Sound]) -> None:
    """啊 takes the end of the syllable before it for its beginning: 好啊 hao3 wa5, 看啊 kan4 na5; after ng it keeps a,
    since no initial stands for ng. (黄伯荣, 廖序东, 现代汉语, 6th ed., 语气词“啊”的音变.)"""
    for host, sound in pairwise(sounds):
        if sound.char == "啊" and sound.tone == 5 and not sound.fixed and not host.erhua:
            if host.char == "啊":
                # a cry: 啊啊啊
                sound.tone, sound.sandhi = host.tone, "啊 after 啊"
                continue
            if host.char < "\u0080" and host.tone == 5:
                # Max啊 ends with a consonant
                continue
            sound.pinyin, sound.sandhi = _a_after(host.pinyin), f"啊 after {host.pinyin}"


def _a_after(pinyin: str) -> str:
    final = syllable_to_phones(pinyin)[-1]
    if final in ("iii", "er"):
        return "ra"
    if final == "ii":
        return "za"
    if final in ("u", "ou", "iou", "ao", "iao"):
        return "wa"
    if final.endswith("ng"):
        return "a"
    return "na" if final.endswith("n") else "ya"


def _neutralise(sound: Sound) -> None:
    """Take the tone away; the left neighbour still sees a third tone (想想 xiang2 xiang5)."""
    sound.tone, sound.sandhi = 5, "neutral in a repetition"


def _yi_and_bu(words: Sequence[Draft], sounds: Sequence[Sound], counted: Container[str]) -> None:
    ordinal = _ordinal_positions(words)
    for index, sound in enumerate(sounds):
        if sound.fixed or sound.tone == 5:
            continue
        following = sounds[index + 1] if index + 1 < len(sounds) else None
        if sound.char == "不" and index and following is not None and _cannot(following, sounds[index + 2 : index + 4]):
            sound.tone, sound.sandhi = 5, "neutral before a complement"
        elif sound.char == "一" and following is not None and _spelt_apart(sound, following):
            continue
        elif sound.char == "不" and following is not None and following.lexical_tone == 4:
            sound.tone, sound.sandhi = 2, "不 before a fourth tone"
        elif sound.char == "一" and index not in ordinal and following is not None and following.char not in counted:
            sound.tone = _yi_tone(following)
            sound.sandhi = f"一 before {following.char} ({following.lexical_tone})" if sound.tone != 1 else ""
        sound.sandhi_tone = sound.tone


def _cannot(following: Sound, behind: Sequence[Sound]) -> bool:
    """解决不了; but 不了解, 不了了之."""
    text = "".join([sound.char for sound in behind])
    return following.char == "了" and following.pinyin == "liao" and not text.startswith(("解", "了之", "情"))


def _spelt_apart(sound: Sound, following: Sound) -> bool:
    """选项一 b: what comes after the space is another word, whose name this one is no number of."""
    return following.start > sound.stop and following.char < "\u0080"


def _yi_tone(following: Sound) -> int:
    """yi2 before a fourth tone (also 个, whatever its tone), yi4 before the others."""
    if following.char == "个" or following.lexical_tone == 4:
        return 2
    return 1 if following.tone == 5 and following.char not in "着" else 4


def _ordinal_positions(words: Sequence[Draft]) -> set[int]:
    """Places where 一 counts or ends something and keeps its first tone: 第一, 十一, 统一, 一月, 一楼, 一一."""
    positions, at = set(), 0
    text = "".join(sound.char for word in words for sound in word.sounds)
    for word in words:
        for index, sound in enumerate(word.sounds):
            if sound.char == "一" and _keeps_tone(text[:at], text[at + 1 :], index, len(word.sounds)):
                positions.add(at)
            at += 1
    return positions


def _keeps_tone(left: str, right: str, index: int, size: int) -> bool:
    if right[:1] in word_set("word_classes.tsv", "after counting one"):
        return left[-1:] == "第"
    if _is_amount(left, right):
        return False
    if _counts(left, right) or _is_moved_or_scored(left, right):
        return True
    if (index and index == size - 1) or (left.endswith("月") and right[:1] in ("日", "号")):
        return True
    if left[-1:] in word_set("word_classes.tsv", "before ordinal one"):
        return True
    if left[-1:] == "一" and left[-2:-1] in word_set("word_classes.tsv", "before ordinal one"):
        return True
    if size > 1 and not index:
        # 一月, 一楼 and 一等 may be words of the lexicon, 一般 and 一起 are no ordinals whatever follows them
        return any(right.startswith(word) for word in word_set("word_classes.tsv", "after ordinal one"))
    if left[-1:] in word_set("word_classes.tsv", "before lone one"):
        # 大一学生, but 大一码
        return left[-1:] not in "大高" or right[:1] not in word_set("word_classes.tsv", "compared by")
    return any(right.startswith(word) for word in word_set("word_classes.tsv", "after ordinal one"))


# 车一平二, 三比一
_OF_GO = (*"挂扳长跳断尖托退立夹拆飞靠打提虎粘接补镇冲爬压", "小飞", "大飞", "小尖", "投子", "一间")
_CHESSMEN = frozenset("车马炮兵卒士仕象相帅将")


def _is_moved_or_scored(left: str, right: str) -> bool:
    moved = left[-1:] in _CHESSMEN and right[:1] in ("进", "退", "平")
    # T加一
    moved = moved or (left[-1:] == "加" and "A" <= left[-2:-1] <= "Z")
    # 白一小飞, 黑一扳
    moved = moved or (left[-1:] in ("白", "黑") and right.startswith(_OF_GO))
    # 一到五
    spans = right[:1] in ("到", "至") and right[1:2] in word_set("word_classes.tsv", "numeral")
    return (
        moved
        or (spans and left[-1:] not in word_set("word_classes.tsv", "numeral"))
        or (left[-1:] == "比" and left[-2:-1] in word_set("word_classes.tsv", "numeral"))
    )


def _is_amount(left: str, right: str) -> bool:
    """十分钟一班, 晚点一小时, 存期一年; but 高一一班, 零点一."""
    if left[-1:] == "期":
        return right[:1] in ("年", "个", "天", "周")
    if right[:1] == "班":
        return left[-1:] in tuple("钟时天有坐等这那后头上下每小")
    return left[-1:] == "点" and left[-2:-1] not in word_set("word_classes.tsv", "numeral")


def _counts(left: str, right: str) -> bool:
    """独一无二, 零点一, 一停二看三通过, 从一到十, 一加一."""
    if right.startswith(("不二", "无二")) or left.endswith("零点") or _ENUMERATED.match(right) is not None:
        return True
    if not left and right == "级":
        return True
    if (left[-1:] == "从" and right[:1] in tuple("到至")) or left[-1:] + right[:1] in ("买送", "买赠", "假赔"):
        return True
    return _in_a_sum(left, right)


def _in_a_sum(left: str, right: str) -> bool:
    """一加一, 二减一."""
    numerals = word_set("word_classes.tsv", "numeral")
    before = left[-1:] in tuple("加减乘") and left[-2:-1] in numerals
    return before or (right[:1] in tuple("加减乘") and right[1:2] in numerals)


def _third_tones(sounds: Sequence[Sound]) -> None:
    """Inside a foot, left to right: a third tone before a third tone becomes a second one."""
    for sound, following in pairwise(sounds):
        if sound.tone == 3 and following.sandhi_tone == 3:
            sound.tone = sound.sandhi_tone = 2
            sound.sandhi = "third tone before a third"


def _across(sounds: Sequence[Sound]) -> None:
    """Between feet of one phrase, once the feet are done: what still stands as 3 before 3 changes too."""
    for sound, following in pairwise(sounds):
        if sound.tone == 3 and following.tone == 3:
            sound.tone = sound.sandhi_tone = 2
            sound.sandhi = "third tone before a third"


def _brackets(word: Draft, lexicon: Lexicon) -> list[list[Sound]]:
    """The constituents of a word, innermost first: 展览 + 馆 gives 2-2-3, 纸 + 老虎 3-2-3."""
    sounds = word.sounds
    flat = len({sound.char for sound in sounds}) == 1
    if len(sounds) <= 2 or flat or any(len(sound.char) != 1 or sound.fixed for sound in sounds):
        return [sounds]
    cut = _best_cut("".join(sound.char for sound in sounds), lexicon)
    left, right = sounds[:cut], sounds[cut:]
    groups = []
    for part in (left, right):
        if len(part) > 1:
            groups += _brackets(Draft("", part, 0, 0), lexicon)
    return [*groups, sounds]


def _best_cut(text: str, lexicon: Lexicon) -> int:
    """Where a word divides into two: the cut whose halves are the most probable words; in the middle if none are."""
    if len(text) == 4 and text[1:] not in lexicon and text[:3] not in lexicon:
        return 2  # 岂有此理: four characters are two and two unless three of them are a word
    scores = {}
    for cut in range(1, len(text)):
        states = [lexicon.find(part) for part in (text[:cut], text[cut:])]
        known = sum(lexicon.log_probability(state) if state >= 0 else -30.0 for state in states)
        scores[cut] = known - abs(cut - len(text) / 2)
    return max(scores, key=lambda cut: scores[cut])


def _feet(words: Sequence[Draft]) -> list[list[Sound]]:
    """Feet of the phrase: words of two and more syllables are their own; single ones pair up left to right,
    and one left over joins the foot after it, or before it at the end of the phrase."""
    feet: list[list[Sound]] = []
    pending: list[Sound] = []
    for word in words:
        if len(word.sounds) > 1:
            feet += [pending] if pending else []
            feet.append(word.sounds)
            pending = []
            continue
        pending = pending + word.sounds
        if len(pending) == 2:
            feet.append(pending)
            pending = []
    if pending:
        feet.append((feet.pop() if feet and len(feet[-1]) == 2 else []) + pending)
    return feet
