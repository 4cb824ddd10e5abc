"""Phrase breaks in judged sentences; the held-out ones and the even ones of ``breaks.txt`` are only counted."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from models.recipes.reader.data import JUDGED
from models.recipes.reader.judged import judged
from py_engine.text.model import PHRASE_BREAK
from tests.text.measure import BREAKS, READER, Front, Scores, break_scores

OF_PAGES = BREAKS.with_name("breaks_of_pages.txt")
HELD_OUT = BREAKS.with_name("breaks_held_out.txt")


def measured(model: Path | None, half: int) -> Scores:
    with closing(Front(model)) as front:
        return break_scores(BREAKS, front, half)


@pytest.mark.parametrize(("half", "most_bad", "least_good"), [(1, 14, 132), (0, 30, 115)])
def test_phrases_end_where_they_may(half: int, most_bad: int, least_good: int) -> None:
    """Measured 10 and 138, 26 and 121; 38 and 134, 41 and 122 when the network had learnt from trees."""
    if not READER.exists():
        pytest.skip("models/reader is not there")
    found = measured(READER, half)
    assert found["sentences"] == 158
    assert found["bad"] <= most_bad
    assert found["good"] >= least_good


def test_phrases_of_pages_end_where_they_may() -> None:
    """Measured 29 and 336; 62 and 324 when the network had learnt from trees."""
    if not READER.exists():
        pytest.skip("models/reader is not there")
    with closing(Front(READER)) as front:
        found = break_scores(OF_PAGES, front)
    assert found["sentences"] == 599
    assert found["bad"] <= 33
    assert found["good"] >= 328


def test_phrases_of_held_out_sentences_end_where_they_may() -> None:
    """Measured 131 and 1,158; 390 and 1,056 before the network learnt from judged sentences."""
    if not READER.exists():
        pytest.skip("models/reader is not there")
    with closing(Front(READER)) as front:
        found = break_scores(HELD_OUT, front)
    assert found["sentences"] == 1100
    assert found["bad"] <= 165
    assert found["good"] >= 1100


def test_nothing_that_is_counted_was_learnt_from() -> None:
    learnt = {case.text for case in judged(JUDGED)}
    assert len(learnt) > 20_000
    assert learnt.isdisjoint({case.text for case in judged(HELD_OUT)})
    assert learnt.isdisjoint({case.text for case in list(judged(BREAKS))[1::2]})


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("沪指今日收报3021.56点", "3021"),
        ("居民消费价格同比增长百分之五点三", "百分之"),
        ("世卫组织总干事谭德塞呼吁各国分享疫苗", "谭德塞"),
        ("检察机关依法对犯罪嫌疑人作出批准逮捕决定", "对犯罪"),
        ("第一部起初在《科幻世界》杂志上连载", "《科幻"),
        ("中方愿维护以世贸组织为核心的多边贸易体制", "为核心"),
        ("云南白药牙膏薄荷清爽型每盒180g*3支", "*3"),
    ],
)
def test_no_phrase_ends_before_what_completes_it(text: str, before: str) -> None:
    """With the model and by the rules alone."""
    at = text.index(before)
    for model in (READER, None):
        if model is None or model.exists():
            with closing(Front(model)) as front:
                words = [word for utterance in front(text).utterances for word in utterance.words]
            ends = {word.stop for word in words[:-1] if word.break_level >= PHRASE_BREAK}
            assert ends.isdisjoint({at, at + 1})


def test_a_phrase_ends_between_a_weekday_and_its_hour() -> None:
    """五十七点 is what would be heard."""
    with closing(Front(None)) as front:
        words = front("每周五17点前").utterances[0].words
    assert [word.stop for word in words if word.break_level >= PHRASE_BREAK] == [3, 7]


def test_the_rules_alone_leave_numbers_and_particles_whole() -> None:
    found = measured(None, half=0)
    assert found["bad"] <= 148
    assert found["good"] >= 66
