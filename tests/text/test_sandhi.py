"""Sandhi, neutral tone, erhua, 啊, surnames and classical readings: `sandhi.tsv` names an authority for each."""

from __future__ import annotations

import pytest

from py_engine.text import analyse
from tests.text.cases import table

CASES = table("sandhi.tsv")


def read(text: str) -> str:
    return str(analyse(text)).replace(" | ", " ")


@pytest.mark.parametrize(("written", "expected"), [row[1:3] for row in CASES])
def test_as_spoken(written: str, expected: str) -> None:
    assert read(written) == expected


@pytest.mark.parametrize(("written", "expected"), [row[1:3] for row in CASES if row[0] in ("一", "不", "儿化")])
def test_after_a_pause(written: str, expected: str) -> None:
    assert read(f"听说，{written}。").endswith(f" {expected}")


def test_every_case_names_its_authority() -> None:
    assert len(CASES) >= 300
    known = {"Chao", "Lin", "Duanmu", "Shih", "800", "词典", "大纲", "黄廖"}
    assert {row[3] for row in CASES} <= known


def test_each_change_of_tone_names_its_rule() -> None:
    for _, written, _, _ in CASES:
        for utterance in analyse(written).utterances:
            for one in utterance.syllables:
                assert one.tone == one.lexical_tone or one.sandhi, (written, str(one))
                assert one.reason
