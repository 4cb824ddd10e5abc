"""A long text in blocks: what is said of each sentence is what is said of it in the whole text."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from py_engine.errors import TextEmpty
from py_engine.synthesis import blocks, pipeline
from py_engine.synthesis.blocks import FIRST, LATER
from py_engine.synthesis.front_models import FrontModels
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.sentence import Reading, Sentence, read_sentences
from py_engine.text import Hints, Source, read_source
from tests.engine.speech import speak

STORY = (
    "春天来了，院子里的老梅树开了花。他说：“今天是2026年3月5日，我们去看看吧！”她点点头；“好啊。”\n"
    "第二天，气温是3.5度。小明、小红和小刚一共带了12个苹果……路上遇到一只ꙮ。老虎、水果、雨伞，样样都有！？\n\n"
)


def spans(text: str, markup: str = "auto") -> list[tuple[int, int]]:
    return list(blocks.blocks(text, markup))


def in_blocks(text: str) -> list[Sentence]:
    return [sentence for block in spans(text) for sentence in read_sentences(text, block=block)]


@pytest.mark.parametrize("text", [STORY * 12, STORY, "好。" * 800])
def test_blocks_cover_the_text_and_end_with_sentences(text: str) -> None:
    found = spans(text)
    assert found[0][0] == 0
    assert found[-1][1] == len(text)
    assert all(before[1] == after[0] for before, after in pairwise(found))
    for number, (start, stop) in enumerate(found[:-1]):
        assert stop - start >= (FIRST if number == 0 else LATER)
        assert text[stop - 1] in "。！？；\n”"


def test_blocks_change_nothing_that_is_said_of_a_sentence() -> None:
    text = STORY * 12
    whole, parts = list(read_sentences(text)), in_blocks(text)
    assert len(spans(text)) > 2
    assert len(parts) == len(whole)
    for one, other in zip(parts, whole, strict=True):
        assert (one.text, one.start, one.stop, one.kind) == (other.text, other.start, other.stop, other.kind)
        assert (one.words, one.pause_after, one.marks) == (other.words, other.pause_after, other.marks)
        assert (one.syllables, one.parts, one.notices) == (other.syllables, other.parts, other.notices)
        np.testing.assert_array_equal(one.phones.phones, other.phones.phones)
        np.testing.assert_array_equal(one.phones.breaks, other.phones.breaks)


LIST = "春天来了，院子里的老梅树开了花，气温是3,500米上空的3.5度，一千多人，"


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (LIST * 30, "，"),
        ((LIST * 30).replace("，", ", "), " "),
        ("老梅树、小石桥、" * 200, "、"),
        ("院子里的老梅树 风一吹就落了 " * 60, " "),
        ("他说：“" + "好的，" * 400 + "”好。", "，"),
    ],
)
def test_a_sentence_without_end_is_cut_at_pauses(text: str, ends: str) -> None:
    found = spans(text)
    assert found[0][1] <= FIRST + 30
    assert [start for start, _ in found[1:]] == [stop for _, stop in found[:-1]]
    assert all(text[stop - 1] == ends and stop - start >= FIRST for start, stop in found[:-1])
    assert len(found) > 2
    sentences = in_blocks(text)
    # What is cut is not ended: only behind the last sound nothing is waited for.
    assert all(sentence.pause_after > 0 for sentence in sentences[:-1] if text[sentence.stop - 1] in "，、,")
    assert "".join(word.text for sentence in sentences for word in sentence.words) == "".join(
        word.text for sentence in read_sentences(text) for word in sentence.words
    )


BARE = (
    "从前有一只小猫它住在一座大山脚下的村子里有一天小猫想我为什么不去看看大海呢"
    "于是它带上三条鱼干出发了走了很久遇到了一位老爷爷"
)


@pytest.mark.parametrize(
    "text", [BARE * 40, "this is a story without marks " * 100, "從前有一隻小貓它住在一座大山腳下的村子裡" * 60]
)
def test_a_text_without_marks_is_cut_between_words(text: str) -> None:
    found = spans(text)
    assert found[0][1] <= 2 * FIRST
    assert all(stop - start <= 2 * LATER for start, stop in found)
    assert [start for start, _ in found[1:]] == [stop for _, stop in found[:-1]]
    whole = {word.start for sentence in read_sentences(text) for word in sentence.words}
    assert all(start in whole for start, _ in found)


def test_what_is_said_of_a_text_without_marks_changes_at_its_cuts_alone() -> None:
    def said(sentences: Sequence[Sentence]) -> dict[int, tuple[str, int]]:
        return {one.start: (one.pinyin, one.tone) for sentence in sentences for one in sentence.syllables}

    text = BARE * 40
    whole, parts = said(list(read_sentences(text))), said(in_blocks(text))
    assert whole.keys() == parts.keys()
    cuts = [start for start, _ in spans(text)[1:]]
    apart = [at for at in whole if whole[at] != parts[at]]
    assert all(min(abs(at - cut) for cut in cuts) <= 8 for at in apart)


@pytest.mark.parametrize("text", ["3.14159" * 200, "1234567890" * 100, "哈" * 500])
def test_numbers_and_what_has_no_words_stay_whole(text: str) -> None:
    assert spans(text) == [(0, len(text))]


def test_a_sentence_that_ends_in_time_is_not_cut() -> None:
    text = "春天来了，" * 25 + "院子里的老梅树开了花。" + "好，" * 10
    assert spans(text)[0] == (0, text.index("。") + 1)


@pytest.mark.parametrize("text", ["<speak>" + STORY * 5 + "</speak>", STORY * 200])
def test_mark_up_and_what_is_too_long_stay_whole(text: str) -> None:
    assert spans(text) == [(0, len(text))]


def test_a_block_always_has_something_to_say() -> None:
    text = "。！" * 100 + STORY + "！！！。。。\n" * 100
    for start, stop in spans(text):
        assert list(read_sentences(text, block=(start, stop)))
    with pytest.raises(TextEmpty):
        next(read_sentences("。" * 500))


@pytest.mark.parametrize("text", [STORY * 40, LIST * 100, "院子里的老梅树 " * 500, BARE * 40])
def test_the_first_sound_does_not_wait_for_the_end_of_the_text(
    text: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[int, int]] = []

    def noting(text: str, *rest: object, **named: object) -> object:
        read.append((0, len(text)))
        return read_source(text, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "read_source", noting)

    async def first() -> None:
        stream = engine.stream(text)
        await anext(stream)
        await stream.aclose()

    asyncio.run(first())
    assert len(read) == 1
    assert read[0][1] < 300


MARKED = (
    "<speak><mark name='a'/>春天来了。<mark name='b'/>他说：<emotion name='envy'>一要快，</emotion>二要准。"
    "<mark name='c'/> <break time='300ms'/><mark name='d'/>老虎、水果、ꙮ雨伞！<mark name='e'/></speak>"
)


@pytest.mark.parametrize("text", [MARKED, "<speak>" + STORY * 4 + "</speak>", "一不抽烟。二不喝酒。三不赌钱。"])
def test_what_is_read_in_steps_is_what_is_read_at_once(text: str) -> None:
    reading = Reading(text, read_source(text), 0)
    steps = list(reading.steps())
    parts = [sentence for step in steps for sentence in reading.sentences(*step, None)]
    whole = list(read_sentences(text))
    assert steps[0] == (0, 1)
    assert len(parts) == len(whole) > 2
    for one, other in zip(parts, whole, strict=True):
        assert (one.words, one.syllables, one.parts) == (other.words, other.syllables, other.parts)
        assert (one.marks, one.notices) == (other.marks, other.notices)


def test_the_reader_is_not_asked_about_what_is_not_yet_spoken(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marked-up text is one block; asking about all of it took seconds in the browser before the first sound."""
    asked: list[int] = []

    class Asked:
        async def hints(self, source: Source, first: int, stop: int) -> Hints:
            asked.extend(range(first, stop))
            return Hints(source, (), first)

    model = Asked()
    monkeypatch.setattr(FrontModels, "reader", property(lambda _: model))

    async def first() -> None:
        stream = engine.stream("<speak>" + STORY * 5 + "</speak>")
        await anext(stream)
        await stream.aclose()

    asyncio.run(first())
    assert asked == [0]


def test_sentences_are_numbered_through_the_blocks(engine: Engine) -> None:
    text = "今天天气很好。" * 30
    numbers: Sequence[int] = [chunk.sentence for chunk in speak(engine, text)]
    assert len(spans(text)) > 1
    assert numbers == list(range(30))
