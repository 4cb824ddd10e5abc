"""Pauses where a long run has no mark: few, and only where a person would let a phrase end."""

from __future__ import annotations

from contextlib import closing

import pytest

from models.recipes.reader.judged import judged
from py_engine.text import analyse, explain, read_source, to_phones
from py_engine.text.analysis import CUT_BEHIND, MAX_SYLLABLES, analyse_part
from py_engine.text.breaths import EASIER, LONG, OTHER, PREDICATE, RUN, SIDE, take_breaths
from py_engine.text.explain import lines
from py_engine.text.model import PAUSE_BREAK, PHRASE_BREAK, Analysis, Word
from py_engine.text.readings import Draft, Sound
from py_engine.text.sentences import BREATH
from tests.text.measure import BREAKS, READER, Front, Scores, breath_scores

HOSPITAL = "我昨天去了一趟医院然后发现医生今天不在所以只好回家了"
MARKED = (
    "今天天气真好，我们一起去公园里散步，中午再去那家新开的川菜馆吃饭，你看怎么样？",
    "首艘电磁弹射型航空母舰，昨日在江南造船厂正式下水。",
    "《公司法》有关规定，自明年一月一日起施行；",
)


def words_of(analysis: Analysis) -> list[Word]:
    return [word for utterance in analysis.utterances for word in utterance.words]


def breaths(analysis: Analysis) -> list[str]:
    return [word.text for word in words_of(analysis) if word.pause_reason.startswith("breath")]


def run(text: str, *breaks: int) -> list[Draft]:
    """Words of a run, with phrase breaks behind those of these numbers."""
    drafts, at = [], 0
    for number, word in enumerate(text.split()):
        sounds = [Sound(char, "a", 1, 1, 1, at + i, at + i + 1) for i, char in enumerate(word)]
        level = PHRASE_BREAK if number in breaks else 1
        drafts.append(Draft(word, sounds, at, at + len(word), level))
        at += len(word)
    return drafts


def taken(words: list[Draft]) -> list[int]:
    return [number for number, word in enumerate(words) if word.break_level == PAUSE_BREAK]


@pytest.fixture(scope="module")
def with_the_model() -> list[Scores]:
    """Of the even and of the odd judged sentences."""
    if not READER.exists():
        pytest.skip("models/reader is not there")
    with closing(Front(READER)) as front:
        return [breath_scores(BREAKS, front, half) for half in (0, 1)]


def test_readers_may_breathe_there(with_the_model: list[Scores]) -> None:
    """Measured 65 with 4 bad (布道|会, 植物|能在沼泽; two that nobody minds), and 66 with none."""
    held, looked_at = with_the_model
    assert held["breaths"] >= 60
    assert looked_at["breaths"] >= 60
    assert held["bad"] <= 4
    assert looked_at["bad"] == 0


def test_the_rules_alone_breathe_only_before_conjunctions() -> None:
    with closing(Front(None)) as front:
        assert [breath_scores(BREAKS, front, half)["breaths"] for half in (0, 1)] == [0, 0]
    assert breaths(analyse(HOSPITAL)) == ["医院"]
    assert breaths(analyse("这家新开的川菜馆每天中午都排着长长的队伍等待入座")) == []


def test_a_breath_is_a_pause_of_the_readers_length() -> None:
    word = next(word for word in words_of(analyse(HOSPITAL)) if word.pause)
    assert (word.break_level, word.pause, word.exact_pause) == (PAUSE_BREAK, BREATH, False)
    phones = to_phones(analyse(HOSPITAL).utterances[0])
    at = phones.symbols.index("sp")
    assert phones.pauses[at] == pytest.approx(BREATH)
    # those of the syllable before stand before a pause
    assert phones.breaks[at - 1] == PAUSE_BREAK


@pytest.mark.parametrize("text", MARKED)
def test_marks_at_natural_distances_are_enough(text: str) -> None:
    assert not any(word.pause_reason for word in words_of(analyse(text)))
    if READER.exists():
        with closing(Front(READER)) as front:
            assert not any(word.pause_reason for word in words_of(front(text)))


def test_explain_says_why() -> None:
    words = explain(HOSPITAL)["words"]
    assert isinstance(words, list)
    reasons = {word["text"]: word["pause_reason"] for word in words if word["pause_reason"]}
    assert reasons == {"医院": "breath in 26 syllables without a mark, a clause begins"}
    assert "pause of 0.27 s  [breath in 26 syllables without a mark, a clause begins]" in lines(HOSPITAL)


def test_a_run_has_to_be_long() -> None:
    text = "小朋友们 高高兴兴 地 唱着 歌 可以 一路 回到 学校"
    words = run(text, 4)
    scores = [3.0 if number == 4 else -3.0 for number in range(len(words))]
    assert sum(len(word.sounds) for word in words) == RUN + 2
    take_breaths(words, scores)
    assert taken(words) == [4]
    short = run(text[3:], 4)
    take_breaths(short, scores)
    assert taken(short) == []


def test_no_breath_near_an_end() -> None:
    words = run("我们 学校 的 老师 可以 一起 回到 那个 美丽 的 校园 里面", 1, 9)
    take_breaths(words, [-3.0, 3.0, *[-3.0] * 7, 3.0, -3.0, -3.0])
    assert taken(words) == []
    assert len("我们学校") < SIDE


@pytest.mark.parametrize(
    ("text", "level", "score", "expected"),
    [
        ("这个 城市 的 经济 支柱 依然 是 采矿业 和 钢铁业 以及 旅游业", PHRASE_BREAK, OTHER, [4]),
        ("这个 城市 的 经济 支柱 依然 是 采矿业 和 钢铁业 以及 旅游业", PHRASE_BREAK, OTHER - 0.1, []),
        ("这个 城市 的 经济 支柱 可以 是 采矿业 和 钢铁业 以及 旅游业", PHRASE_BREAK, PREDICATE, [4]),
        ("这个 城市 的 经济 支柱 可以 是 采矿业 和 钢铁业 以及 旅游业", PHRASE_BREAK, PREDICATE - 0.1, []),
        # where no phrase ends, no breath
        ("这个 城市 的 经济 支柱 可以 是 采矿业 和 钢铁业 以及 旅游业", 1, 4.0, []),
        # before what only looks like a beginning
        ("会议 要求 要 坚持 以 全体 人民 为 中心 来 发展 各项 民生 事业", PHRASE_BREAK, 4.0, []),
        ("对于 那些 平民 阶级 的 男子 而 言 那套 追求 方法 不 切 实际", PHRASE_BREAK, 4.0, []),
        ("在 一些 比较 乐观 的 人们 看来 这 就 是 亲历 历史 的 机会", PHRASE_BREAK, 4.0, []),
        # a particle does not begin a phrase
        ("这个 城市 里面 经济 支柱 的 确 是 采矿业 和 钢铁业 以及 旅游业", PHRASE_BREAK, 4.0, []),
    ],
)
def test_what_follows_has_to_begin_something(text: str, level: int, score: float, expected: list[int]) -> None:
    begun = ("依然", "可以", "为", "而", "看来", "的")
    at = next(number for number, word in enumerate(text.split()) if word in begun and number > 3) - 1
    words = run(text)
    words[at].break_level = level
    take_breaths(words, [score if number == at else -4.0 for number in range(len(words))])
    assert taken(words) == expected


def test_a_very_long_run_needs_less_and_has_several() -> None:
    part = "这个 城市 的 经济 支柱 依然 采矿业 和 钢铁业"
    words = run(f"{part} {part}", 4, 13)
    scores = [OTHER - EASIER if number in (4, 13) else -4.0 for number in range(len(words))]
    assert sum(len(word.sounds) for word in words) >= LONG
    take_breaths(words, scores)
    assert len(taken(words)) == 1
    words = run(f"{part} {part} {part}", 4, 13, 22)
    take_breaths(words, [OTHER if number in (4, 13, 22) else -4.0 for number in range(len(words))])
    assert taken(words) == [4, 13, 22]


def test_no_breath_inside_a_word_of_the_lexicon() -> None:
    words = run("这个 城市 的 经济 支柱 可以 是 采矿业 和 钢铁业 以及 旅游业", 4)
    scores = [4.0 if number == 4 else -4.0 for number in range(len(words))]
    take_breaths(words, scores, listed=frozenset([words[5].stop]))
    assert taken(words) == []


@pytest.mark.parametrize("model", [False, True])
def test_every_cut_without_a_mark_has_its_pause(model: bool) -> None:
    if model and not READER.exists():
        pytest.skip("models/reader is not there")
    text = "".join(case.text for _, case in zip(range(8), judged(BREAKS), strict=False))
    with closing(Front(READER if model else None)) as front:
        utterances = front(text).utterances
    assert len(utterances) > 2
    assert all(len(utterance.syllables) <= MAX_SYLLABLES for utterance in utterances)
    for utterance in utterances[:-1]:
        assert utterance.words[-1].pause == BREATH
        assert utterance.words[-1].pause_reason
    assert utterances[-1].words[-1].pause == 0


def test_an_utterance_is_cut_where_a_clause_begins_rather_than_in_the_middle() -> None:
    """By the rules alone: 28 syllables before 但是, 48 behind it."""
    text = (
        "这家新开的川菜馆每天中午都排着长长的队伍等待入座的人也很多"
        "但是老板和他的家人依然每天清晨就去附近的市场买菜并且亲手洗好切好再一盘一盘地摆在厨房里面的架子上"
    )
    first, second = analyse(text).utterances
    assert second.words[0].text == "但是"
    assert first.words[-1].pause == BREATH


def test_marks_go_before_breaths_where_an_utterance_is_cut() -> None:
    text = f"{HOSPITAL}这一次真是白跑一趟，{HOSPITAL}"
    first, second = analyse(text).utterances
    assert (first.words[-1].pause, first.words[-1].pause_reason) == (0.25, "")
    assert second.words[0].text == "我"


def test_a_block_that_is_cut_between_words_ends_with_a_pause() -> None:
    source = read_source("我们今天去了一趟公园", goes_on=True)
    last = analyse_part(source)[-1].words[-1]
    assert (last.pause, last.pause_reason) == (BREATH, CUT_BEHIND)
    whole = analyse_part(read_source("我们今天去了一趟公园"))[-1].words[-1]
    assert (whole.pause, whole.pause_reason) == (0.0, "")
    marked = analyse_part(read_source("我们今天去了一趟公园，", goes_on=True))[-1].words[-1]
    assert (marked.pause, marked.pause_reason) == (0.25, "")
