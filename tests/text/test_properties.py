"""Properties of the front end over arbitrary strings: no exception but those of the contract, every character accounted
for, work that grows with the length and not faster; with the reader model as without."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from py_engine.text import ReaderModel, analyse, read_source
from py_engine.text.lexicon import lexicon
from tests.text.robustness import FRAGMENTS, MARKUP, check, seeds
from tests.text.test_reader import MANIFEST, Sure, shipped

settings.register_profile("text", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("text")

characters = st.sampled_from("".join(FRAGMENTS)) | st.characters()
pieces = st.sampled_from(MARKUP) | st.sampled_from(seeds()) | characters
strings = st.text(characters, max_size=80) | st.lists(pieces, max_size=8).map("".join)


@given(strings)
def test_the_rules_read_anything(text: str) -> None:
    check(text)


@given(strings)
def test_any_model_is_survived(text: str) -> None:
    check(text, lambda source: asyncio.run(ReaderModel(MANIFEST, Sure()).hints(source)))


@settings(max_examples=30)
@given(strings)
def test_the_shipped_model_reads_anything(text: str) -> None:
    check(text, lambda source: asyncio.run(shipped().hints(source)))


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Steps through the lexicon's trie, which is where the time goes."""
    steps = [0]

    class Counting:
        def __init__(self, states: memoryview) -> None:
            self._states = states

        def __getitem__(self, at: int) -> int:
            steps[0] += 1
            return int(self._states[at])

    with monkeypatch.context() as patch:
        patch.setattr(lexicon(), "_check", Counting(lexicon()._check))
        yield steps


@settings(max_examples=20)
@given(st.text(st.sampled_from("一不了看好行重银中国人民大学生活动0123abcd，。"), min_size=1, max_size=12))
def test_work_grows_with_the_length(piece: str) -> None:
    model = ReaderModel(MANIFEST, Sure())
    counts = []
    for times in (20, 160):
        text = (piece + "好") * times
        with pytest.MonkeyPatch.context() as monkeypatch, counted(monkeypatch) as steps:
            analyse(text, "none", hints=asyncio.run(model.hints(read_source(text, "none"))))
        counts.append(steps[0])
    assert counts[1] <= 8 * counts[0] + 200
