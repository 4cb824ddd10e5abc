"""Normalisation: written => spoken, and spans."""

from __future__ import annotations

import pytest

from py_engine.errors import UNKNOWN_CHARACTER
from py_engine.text.lexicon import lexicon
from py_engine.text.normalise import Normaliser, fold
from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.spoken import Unit
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
