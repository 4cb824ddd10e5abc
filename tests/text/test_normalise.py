"""Normalisation: written => spoken, and spans."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from typing import Any

import pytest

from py_engine.errors import UNKNOWN_CHARACTER
from py_engine.text import analyse, normalise
from py_engine.text.lexicon import lexicon
from py_engine.text.model import Token
from py_engine.text.normalise import Normaliser, fold, symbols
from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import Parts, PatternRule, Rule
from py_engine.text.spoken import Unit
from py_engine.text.tables import mapping, rows
from tests.text.cases import cases


def spoken(text: str) -> str:
    items = Normaliser(text, lexicon()).items()
    folded = fold(text)
    return "".join(item.char if isinstance(item, Unit) else folded[item.start : item.stop] for item in items)


@pytest.mark.parametrize(("written", "expected"), cases("normalisation.txt"))
def test_written_to_spoken(written: str, expected: str) -> None:
    assert spoken(written) == expected


@pytest.mark.parametrize(("written", "expected"), cases("normalisation.txt"))
def test_same_inside_a_sentence(written: str, expected: str) -> None:
    assert spoken(f"听说，{written}。") == f"听说,{expected}。"


@pytest.mark.parametrize("written", [written for written, _ in cases("normalisation.txt")])
def test_spans_follow_the_text(written: str) -> None:
    items = list(Normaliser(written, lexicon()).items())
    assert all(0 <= item.start < item.stop <= len(written) for item in items)
    assert [item.start for item in items] == sorted(item.start for item in items)
    covered = {at for item in items for at in range(item.start, item.stop)}
    assert covered == set(range(len(written)))


def test_every_cardinal_below_a_hundred_thousand_is_told_apart() -> None:
    numbers = range(0, 100_000, 7)
    assert len({cardinal(str(number)) for number in numbers}) == len(numbers)


def test_a_string_of_digits_longer_than_any_amount_is_read_one_by_one() -> None:
    assert cardinal("1" * 17) == digit_string("1" * 17) == "一" * 17


def test_an_unknown_character_is_reported_and_the_rest_is_read() -> None:
    normaliser = Normaliser("好😀的ㄟ", lexicon())
    assert "".join(item.char for item in normaliser.items() if isinstance(item, Unit)) == "好的"
    assert [(notice.code, notice.start, notice.stop, notice.text) for notice in normaliser.notices] == [
        (UNKNOWN_CHARACTER, 1, 2, "😀"),
        (UNKNOWN_CHARACTER, 3, 4, "ㄟ"),
    ]


def tokens(text: str) -> Sequence[Token]:
    normaliser = Normaliser(text, lexicon())
    list(normaliser.items())
    return normaliser.tokens


def every_rule(_: Normaliser, char: str) -> Sequence[Rule]:
    if "0" <= char <= "9":
        return normalise.DIGIT_RULES
    if char.isascii() and char.isalpha():
        return normalise.LETTER_RULES_WITH_ENGLISH
    return normalise.amounts.HANZI_RULES.get(char) or normalise.SIGN_RULES


parser: Any = importlib.import_module("re._parser")


def literals(op: str, value: Any, chars: str, flags: int) -> bool:  # noqa: ANN401 -- a node of the parser's
    """Whether a node of one character is one of these."""
    if op == "LITERAL":
        both = {chr(value).lower(), chr(value).upper()} if flags & re.IGNORECASE else {chr(value)}
        return both <= set(chars)
    if op != "IN":
        return False
    spans = [range(one, one + 1) if str(kind) == "LITERAL" else one for kind, one in value if str(kind) != "RANGE"]
    spans += [range(low, high + 1) for kind, (low, high) in (one for one in value if str(one[0]) == "RANGE")]
    return all(isinstance(span, range) and all(chr(point) in chars for point in span) for span in spans)


def must_have(nodes: Any, chars: str, flags: int) -> bool:  # noqa: ANN401
    """Whether whatever matches has one of these characters, or stands beside one."""
    for op, value in nodes:
        name = str(op)
        if name == "BRANCH":
            found = all(must_have(one, chars, flags) for one in value[1])
        elif name == "SUBPATTERN":
            found = must_have(value[-1], chars, flags)
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            found = value[0] > 0 and must_have(value[2], chars, flags)
        elif name == "ASSERT":
            found = must_have(value[1], chars, flags)
        else:
            found = literals(name, value, chars, flags)
        if found:
            return True
    return False


def may_begin(nodes: Any, char: str) -> tuple[bool, bool]:  # noqa: ANN401
    """Whether a match may begin with this character, and whether it may be empty."""
    for op, value in nodes:
        name, empty, found = str(op), False, False
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue
        if name == "BRANCH":
            each = [may_begin(one, char) for one in value[1]]
            found, empty = any(one for one, _ in each), any(one for _, one in each)
        elif name == "SUBPATTERN":
            found, empty = may_begin(value[-1], char)
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            found, empty = may_begin(value[2], char)
            empty = empty or value[0] == 0
        else:
            assert name in ("LITERAL", "IN"), name
            found = one_of(name, value, char)
        if found or not empty:
            return found, False
    return False, True


def one_of(name: str, value: Any, char: str) -> bool:  # noqa: ANN401
    if name == "LITERAL":
        return chr(value) == char
    for kind, one in value:
        if str(kind) == "CATEGORY":
            category = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w"}[str(one)]
            if re.match(category, char, re.ASCII):
                return True
        elif ord(char) == one if str(kind) == "LITERAL" else one[0] <= ord(char) <= one[1]:
            return True
    return False


SIGNS = sorted({
    *(chr(point) for point in range(0x21, 0x7F) if not chr(point).isalnum()), *mapping("signs.tsv"),
    *(char for row in rows("punctuation.tsv") for char in row[0]), *"−–—~～·°′″‰℃¥￥€£½²³①Ⅱ√∠…⁄⁻",
})  # fmt: skip
RULES = [*normalise.DIGIT_RULES, *normalise.LETTER_RULES_WITH_ENGLISH, *normalise.SIGN_RULES]
PATTERNS = {rule.say.__name__: rule for rule in RULES if isinstance(rule, PatternRule)}


@pytest.mark.parametrize("name", [name for name, rule in PATTERNS.items() if rule.needs and name != "era"])
def test_a_rule_is_not_tried_only_where_its_pattern_cannot_match(name: str) -> None:
    pattern = PATTERNS[name].pattern
    assert must_have(parser.parse(pattern.pattern, pattern.flags), PATTERNS[name].needs, pattern.flags)


@pytest.mark.parametrize("rule", [rule for rule in normalise.SIGN_RULES if isinstance(rule, PatternRule)])
def test_a_rule_is_tried_on_every_sign_that_it_may_begin_with(rule: PatternRule) -> None:
    nodes = parser.parse(rule.pattern.pattern, rule.pattern.flags)
    assert [char for char in SIGNS if may_begin(nodes, char)[0] and not rule.begins(char)] == []
    assert not all(rule.begins(char) for char in SIGNS)


def test_rules_that_are_not_tried_would_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    written = [one for one, _ in cases("normalisation.txt")] + [f"{sign}2{sign}" for sign in SIGNS]
    found = [tokens(text) for text in written]
    monkeypatch.setattr(Normaliser, "_rules", every_rule)
    for text, own in zip(written, found, strict=True):
        assert own == tokens(text), text


def test_no_rule_is_tried_on_hanzi_and_their_punctuation(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    match = PatternRule.match

    def noted(self: PatternRule, text: str, at: int) -> Parts | None:
        tried.append(self.name)
        return match(self, text, at)

    monkeypatch.setattr(PatternRule, "match", noted)
    tokens("“你好，世界！”他说：“我们（三个人）去吗？”、《书》；好。")
    assert not [name for name in tried if name not in ("address.ip", "telephone")]
    tokens("他有3个苹果。")
    assert 0 < len(set(tried)) < len(normalise.DIGIT_RULES) / 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("读chóng", "du2 chong2"),
        ("Běijīng", "bei3 jing1"),
        ("péngyou", "peng2 you5"),
        ("lǜ和nǚ", "lv4 he2 nv3"),
        # no pinyin: one of its syllables has no tone
        ("café", "ke2 fei4"),
        ("佐々木", "zuo2 zuo3 mu4"),
        ("𠮷野家", "ji2 ye3 jia1"),
    ],
)
def test_letters_with_accents_and_signs_of_repetition(text: str, expected: str) -> None:
    assert str(analyse(text)) == expected


def test_foreign_letters_in_a_row_are_one_notice() -> None:
    notices = analyse("привет，こんにちは世界").notices
    assert [notice.text for notice in notices] == ["привет", "こんにちは"]
    assert {notice.code for notice in notices} == {UNKNOWN_CHARACTER}
    assert len(analyse("か" * 100 + "好").notices) == 4


def test_every_unit_below_a_stroke_has_a_name() -> None:
    assert set(symbols._UNIT_BELOW.split("|")) <= set(mapping("units.tsv"))
    assert analyse('5"/d100')
