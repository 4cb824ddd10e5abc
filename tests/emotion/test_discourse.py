"""Narrator, quotations, paragraphs: how a text falls into parts."""

from __future__ import annotations

from itertools import pairwise

from py_engine.emotion.discourse import Part
from py_engine.synthesis.sentence import read_sentences


def parts(text: str) -> list[Part]:
    return [part for sentence in read_sentences(text) for part in sentence.parts]


def test_a_quotation_is_a_part_of_its_own() -> None:
    text = "她说：“太好了！我们走吧。”他没有说话。"
    found = [(text[part.start : part.stop], part.quotation) for part in parts(text)]
    assert found == [("她说：", 0), ("太好了！", 1), ("我们走吧。", 1), ("他没有说话。", 0)]


def test_every_quotation_has_a_number() -> None:
    assert [part.quotation for part in parts("「走吗？」「不走。」'嗯'\"好。\"")][:2] == [1, 2]


def test_parts_share_out_the_syllables() -> None:
    for sentence in read_sentences("“你好，”她小声说，“请进。”门开了。"):
        ranges = [part.syllables for part in sentence.parts]
        assert ranges[0][0] == 0
        assert ranges[-1][1] == len(sentence.syllables)
        assert all(left[1] == right[0] for left, right in pairwise(ranges))


def test_paragraphs_of_plain_text_and_of_mark_up() -> None:
    assert [part.paragraph for part in parts("一。二。\n三。\n\n四。")] == [0, 0, 1, 3]
    first, second = parts("<speak><p>你好。</p><p>再见。</p></speak>")
    assert first.paragraph != second.paragraph


def test_a_quotation_that_is_not_closed_ends_with_its_paragraph() -> None:
    assert [part.quotation for part in parts("“我来了。\n他走了。")] == [1, 0]


def test_mark_up_is_not_part_of_the_line() -> None:
    (part,) = parts('<speak>我<emotion name="joy">很高兴</emotion>！</speak>')
    assert part.line.symbols == "我很高兴！"
    assert part.line.tones == (2, 3, 1, 4, 0)


def test_lines_are_normalised() -> None:
    (part,) = parts("3月12日,我們買了iPhone......")
    assert part.line.symbols == "0月0日，我们买了a…"
