"""A small part of the campaign of `robustness.py`, and the strings that it found at fault."""

from __future__ import annotations

from itertools import islice

import pytest

from py_engine.text import UserLexicon, analyse
from tests.text.robustness import Strings, check, check_analysis

FOUND = (
    '<speak><phoneme ph="chong2 qing4">重{chong2}庆</phoneme></speak>',
    '<speak>花儿<sub alias="世界。3个"></sub></speak>',
    "<speak>你<sub alias=' '>好</sub>好</speak>",
    "1'30\"",
    "30°15′",
    "13:10pm",
    "aaaa" * 20,
    "{" * 100,
    "\ue001\ue000好",
    "１２：３０ＡＭ",
    "٣ ३ 好",
)


@pytest.mark.parametrize("text", FOUND)
def test_what_was_found(text: str) -> None:
    check(text)


@pytest.mark.parametrize("seed", range(2))
def test_random_and_mutated_strings(seed: int) -> None:
    for text in islice(Strings(100 + seed), 200):
        check(text)


@pytest.mark.parametrize("piece", ["好", "1-", "1:", "哈", "{", "a", "3.", "重{chong2}", "😀", "<"])
def test_the_longest_texts(piece: str) -> None:
    check(piece * (5000 // len(piece)))


def test_tokens_cover_the_text_with_a_user_lexicon() -> None:
    words = UserLexicon({"重庆": "zhong4 qing4", "WHO": "世界卫生组织", "12": "yao1 er4", "好，好": "hao3 hao3 hao3"})
    for text in islice(Strings(9), 60):
        mixed = f"去重庆WHO12{text}好，好"
        if "<" not in mixed and len(mixed) < 4000:
            check_analysis(mixed, analyse(mixed, user_lexicon=words))
