"""What words, marks and emoji say of a line's feeling beside the model."""

from __future__ import annotations

import numpy as np
import pytest

from py_engine.emotion import signs
from py_engine.emotion.model import Estimate
from py_engine.emotion.signs import ANGER, FEAR, JOY, NEUTRAL, SADNESS, SURPRISE, Signs, read_signs, weigh, with_more
from py_engine.emotion.values import EMOTIONS
from py_engine.synthesis.sentence import read_sentences
from py_engine.text.tables import rows

FLAT = Estimate((1 / 6,) * 6, 0.0, 0.8)


def likeliest(line: str, manner: float = 0.0) -> int:
    return int(np.argmax(weigh(FLAT, read_signs(line), manner).distribution))


def intensity(line: str) -> float:
    return weigh(FLAT, read_signs(line)).intensity


def test_the_table_is_whole() -> None:
    """An empty expression would be found in every line."""
    names = [name for name, _ in rows("feelings.tsv")]
    assert len(names) == len(set(names))
    for emotion in EMOTIONS[1:]:
        assert {f"{emotion} 1", f"{emotion} 2", f"{emotion} 3", f"emoji {emotion}"} <= set(names)
    for name in names:
        assert signs._pattern(name).fullmatch("") is None
        assert not signs._has(name, "。")


def test_a_line_without_signs_leaves_the_models_probabilities() -> None:
    found = read_signs("水在杯子里。")
    assert found.evidence == (0.0,) * 6
    assert found.strength is None
    assert weigh(FLAT, found).distribution == pytest.approx(FLAT.distribution)
    assert weigh(FLAT, Signs()) == FLAT


@pytest.mark.parametrize(
    ("line", "emotion"),
    [
        ("我很高兴！", JOY),
        ("他哭了很久。", SADNESS),
        ("气死我了！", ANGER),
        ("滚！", ANGER),
        ("我好害怕。", FEAR),
        ("天哪！", SURPRISE),
        # denied, and denials that are none
        ("我一点也不害怕。", NEUTRAL),
        ("不用担心。", NEUTRAL),
        ("我没有生气。", NEUTRAL),
        ("今天过得不太开心。", SADNESS),
        ("我从来没有这么高兴过！", JOY),
        # irony
        ("太棒了，手机又摔碎了。", ANGER),
        ("呵呵，你可真厉害。", ANGER),
        # questions
        ("你们几点关门？", NEUTRAL),
        ("你凭什么骂我？", ANGER),
        # what informs
        ("适应症：焦虑、抑郁、惊恐发作。", NEUTRAL),
        ("喜、怒、哀、乐", NEUTRAL),
        ("第三章愤怒", NEUTRAL),
        ("《悲伤逆流成河》", NEUTRAL),
        ("警方表示，嫌疑人已被抓获。", NEUTRAL),
        ("限时特惠，立即下单！", NEUTRAL),
        ("小心！", NEUTRAL),
        # emoji
        ("他走了😭", SADNESS),
        ("又来😡", ANGER),
    ],
)
def test_what_a_line_shows(line: str, emotion: int) -> None:
    assert likeliest(line) == emotion


def test_degrees_are_in_order() -> None:
    for ladder in (("有点害怕。", "我害怕。", "我吓得发抖！"), ("我有点难过。", "我很难过。", "我难过得心都碎了！")):
        heights = [intensity(line) for line in ladder]
        assert heights == sorted(heights)
        assert heights[0] < 0.8 * heights[2]


def test_but_turns_to_what_follows() -> None:
    found = read_signs("我很高兴，但是有点难过。")
    assert found.evidence[SADNESS] > found.evidence[JOY] > 0


def test_the_manner_of_news_goes_on_in_a_plain_sentence_and_not_in_one_that_feels() -> None:
    angry = Estimate((0.3, 0.02, 0.02, 0.6, 0.03, 0.03), 0.0, 0.8)
    plain, felt = (read_signs(line) for line in ("火是在夜里烧起来的。", "气死我了！"))
    assert weigh(angry, plain).distribution[ANGER] > 0.5 > weigh(angry, plain, 1.0).distribution[ANGER]
    assert weigh(angry, felt, 1.0) == weigh(angry, felt)


def test_what_a_narrator_says_of_a_speech_is_added() -> None:
    both = with_more(Signs(), read_signs("他怒吼道："), 0.5)
    assert both.evidence[ANGER] == pytest.approx(0.5 * read_signs("他怒吼道：").evidence[ANGER])
    assert both.strength is not None


def test_no_intensity_leaves_its_range() -> None:
    for line in ("我非常非常高兴得要跳起来了！！！", "气死我了！" * 20, "", "！", "😀" * 30):
        made = weigh(Estimate((0.0, 1.0, 0.0, 0.0, 0.0, 0.0), 0.0, 1.0), read_signs(line))
        assert 0 <= made.intensity <= 1
        assert sum(made.distribution) == pytest.approx(1)


def test_emoji_around_a_sentence_belong_to_it() -> None:
    def lines(text: str) -> list[str]:
        return [part.line.symbols for sentence in read_sentences(text) for part in sentence.parts]

    assert lines("今天加薪了😄😄") == ["今天加薪了😄😄"]
    assert lines("他走了 😭\n我也走。😀") == ["他走了 😭", "我也走。😀"]
    assert lines("😡又堵车。") == ["😡又堵车。"]
    assert lines("好。😄明天见。") == ["好。😄", "明天见。"]
