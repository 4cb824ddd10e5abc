"""Lines to numbers."""

from __future__ import annotations

import pytest

from py_engine.emotion.features import (
    CLASS,
    MAX_LINE,
    MAX_LINES,
    OTHER_SPEAKER,
    OWN,
    SAME_SPEAKER,
    SEPARATOR,
    SPECIAL,
    UNKNOWN,
    Line,
    Vocabulary,
    assemble,
    hashed,
    read_line,
)

WORDS = Vocabulary("你好吗！")


def line(text: str) -> Line:
    return read_line(text, dict.fromkeys(range(len(text)), 3), str)


def test_symbols_and_tones_stay_together() -> None:
    found = read_line("好!!  2024  年...", {0: 3, 11: 2}, str)
    assert found.symbols == "好！！ 0 年…"
    assert found.tones == (3, 0, 0, 0, 0, 0, 2, 0)


def test_context_follows_the_line_the_latest_first() -> None:
    inputs = assemble(line("你好"), [(line("好吗"), True), (line("吗"), False), (line("你"), True)], WORDS, 64)
    assert MAX_LINES == 2
    assert list(inputs.segments) == [OWN] * 4 + [SAME_SPEAKER] * 3 + [OTHER_SPEAKER] * 2
    assert list(inputs.symbols) == [CLASS, 5, 6, SEPARATOR, 6, 7, SEPARATOR, 7, SEPARATOR]
    assert list(inputs.places) == [0, 1, 2, 3, 1, 2, 3, 1, 2]
    assert inputs.tones[0] == inputs.tones[3] == 0


def test_of_a_long_line_the_end_counts() -> None:
    inputs = assemble(line("你" * 500 + "好"), [], WORDS, 64)
    assert len(inputs.symbols) == MAX_LINE + 2
    assert inputs.symbols[-2] == SPECIAL + 1


def test_what_is_not_in_the_vocabulary() -> None:
    assert WORDS.ids("你龘") == [SPECIAL, UNKNOWN]
    assert len(WORDS) == SPECIAL + 4


@pytest.mark.parametrize("text", ["", "好", "好吗", "你好吗！"])
def test_runs_are_within_the_table_and_never_padding(text: str) -> None:
    found = hashed(text, 32)
    assert len(found) == max(0, 3 * (len(text) + 2) - 3)
    assert found.min() >= 1
    assert found.max() < 32


def test_runs_are_the_same_on_every_machine() -> None:
    assert list(hashed("好！", 1 << 15)) == [31008, 26842, 4097, 8601, 8570, 12126, 13636, 7919, 25550]
