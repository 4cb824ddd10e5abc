"""Style plugins: what is accepted, what is refused, and that nothing a style does stops the speech."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from py_engine.emotion.styles import Context, Styles
from py_engine.emotion.styles import plugin as plugins
from py_engine.emotion.styles.quotes import quotations
from py_engine.errors import STYLE_FAILED, STYLE_UNKNOWN, StyleInvalid
from py_engine.prosody.delivery import FIELDS, LIMITS, Delivery, plain_delivery
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Chunk, Options
from tests.engine.speech import utterances as speak

HOUSE = Path(__file__).resolve().parents[2] / "models" / "styles"
HEAD = """
import numpy as np
STYLE = {"id": "own", "name": {"zh": "自己", "en": "Own"}, "description": "试试", "version": "2"}
name = "自己"
def describe():
    return "试试"
"""
TEXT = "今天天气很好。我们走吧！"


def module(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{HEAD}def apply(prosody, context):\n{lines}"


def slower() -> str:
    return module("prosody.rate *= 0.5\nreturn prosody")


def seconds(chunks: list[Chunk]) -> float:
    return sum(len(chunk.samples) / chunk.sample_rate for chunk in chunks)


def codes(chunks: list[Chunk]) -> list[str]:
    return [notice.code for chunk in chunks for notice in chunk.notices]


def loaded(engine: Engine, source: str) -> Engine:
    engine.styles.load({}, source)
    return engine


def test_a_style_is_loaded_replaced_and_removed(engine: Engine) -> None:
    plain = seconds(speak(engine, TEXT))
    info = engine.styles.load({}, slower())
    assert info.as_dict() == {
        "id": "own", "name": {"zh": "自己", "en": "Own"}, "description": {"zh": "试试"}, "version": "2",
        "state": "on", "error": "",
    }  # fmt: skip
    slow = speak(engine, TEXT, Options(style="own"))
    assert seconds(slow) > 1.5 * plain
    assert codes(slow) == []
    engine.styles.load({}, module("prosody.rate *= 1.5\nreturn prosody"))
    assert seconds(speak(engine, TEXT, Options(style="own"))) < 0.9 * plain
    assert [info.id for info in engine.styles.list()] == ["own"]
    engine.styles.remove("own")
    engine.styles.remove("own")
    without = speak(engine, TEXT, Options(style="own"))
    assert codes(without) == [STYLE_UNKNOWN]
    assert seconds(without) == plain
    assert engine.styles.list() == []


def test_no_style_leaves_every_sample(engine: Engine) -> None:
    before = speak(engine, TEXT)
    loaded(engine, slower())
    after = speak(engine, TEXT)
    idle = speak(loaded(engine, module("return prosody")), TEXT, Options(style="own"))
    for old, new, same in zip(before, after, idle, strict=True):
        assert (old.samples == new.samples).all()
        assert (old.samples == same.samples).all()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "no STYLE"),
        ("STYLE = 1", "no STYLE"),
        ("STYLE = {", "cannot be read"),
        ("STYLE = dict(id='own')", "cannot be read"),
        ("STYLE = {'id': 'Großes', 'name': 'x'}", "id is"),
        ("STYLE = {'id': 'own', 'name': {'en': 'Own'}}", "expected a text"),
        (HEAD, "no function apply"),
        (HEAD.replace('name = "自己"', 'name = "别的"') + "def apply(prosody, context): return prosody", "name is"),
        (HEAD.replace('return "试试"', "return 1") + "def apply(prosody, context): return prosody", "describe()"),
        (module("return prosody").replace("import numpy", "import no_such_module_at_all"), "ModuleNotFoundError"),
        (module("return 1 / 0"), "ZeroDivisionError: division by zero (line 8)"),
        (module("return None"), "apply returned NoneType"),
        (module("prosody.rate = prosody.rate[:-1]\nreturn prosody"), "shape"),
        (module("prosody.tilt[0] = np.nan\nreturn prosody"), "not finite"),
        (module("prosody.pause = 'long'\nreturn prosody"), "could not convert"),
        (module("context.tones[0] = 1\nreturn prosody"), "read-only"),
        (module("raise SystemExit"), "SystemExit"),
        (HEAD + "x = 1" + "\n" * plugins.LARGEST, "larger than"),
    ],
)
def test_what_does_not_work_is_refused_and_what_was_there_stays(source: str, said: str) -> None:
    styles = Styles()
    styles.load({}, slower())
    with pytest.raises(StyleInvalid) as refused:
        styles.load({}, source)
    assert refused.value.code == "style.invalid"
    assert said in str(refused.value)
    assert [(info.version, info.state) for info in styles.list()] == [("2", "on")]


def test_the_record_of_the_server_is_checked() -> None:
    styles, source = Styles(), slower()
    digest = hashlib.sha256(source.encode()).hexdigest()
    assert styles.load({"id": "own", "sha256": digest, "path": "styles/own.py"}, source).id == "own"
    with pytest.raises(StyleInvalid, match="digest"):
        styles.load({"sha256": "0" * 64}, source)
    with pytest.raises(StyleInvalid, match="the list says 'other'"):
        styles.load({"id": "other"}, source)


@pytest.mark.parametrize(
    "fault",
    ["1 / 0", "raise SystemExit", "raise MemoryError", "prosody.rate = None", "prosody.spread[-1] = np.inf",
     "prosody = {}", "def again(): again()\n    again()"],
)  # fmt: skip
def test_a_style_that_fails_in_speech_is_switched_off_and_speech_goes_on(engine: Engine, fault: str) -> None:
    loaded(engine, module(f"if '走' in context.text:\n    {fault}\nprosody.rate *= 0.5\nreturn prosody"))
    plain = speak(engine, TEXT)
    first, second = speak(engine, TEXT, Options(style="own"))
    assert first.notices == ()
    assert len(first.samples) > 1.3 * len(plain[0].samples)
    (notice,) = second.notices
    assert (notice.code, notice.start) == (STYLE_FAILED, second.start)
    # the sentence sounds as it does without the style
    assert (second.samples == plain[1].samples).all()
    (info,) = engine.styles.list()
    assert info.state == "off"
    assert info.error
    assert info.error in notice.message
    # told once a text, and no longer applied
    again = speak(engine, TEXT, Options(style="own"))
    assert codes(again) == [STYLE_FAILED]
    assert seconds(again) == seconds(plain)
    assert engine.styles.load({}, slower()).state == "on"


def test_a_style_that_is_slow_is_switched_off(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(engine, module("import time\ntime.sleep(0.02 if '走' in context.text else 0)\nreturn prosody"))
    monkeypatch.setattr(plugins, "SLOWEST", 0.01)
    chunks = speak(engine, TEXT, Options(style="own"))
    assert codes(chunks) == [STYLE_FAILED]
    assert "StyleSlow: apply took 0.0" in engine.styles.list()[0].error


ENDLESS = [
    "while True:\n    pass",
    "while True:\n    try:\n        1 / 0\n    except:\n        continue",
    "for one in iter(int, 1):\n    prosody.rate *= 1",
    "list(0 for one in iter(int, 1) if one)",
    "class Own:\n    while True: x = 1",
    "def turn():\n    while True: yield 1\nlist(x for x in turn() if not x)",
]


@pytest.mark.parametrize("loop", ENDLESS)
def test_a_loop_that_never_ends_is_ended(engine: Engine, loop: str) -> None:
    lines = "\n".join(f"    {line}" for line in loop.splitlines())
    loaded(engine, module(f"if '走' in context.text:\n{lines}\nprosody.rate *= 0.5\nreturn prosody"))
    plain = speak(engine, TEXT)
    first, second = speak(engine, TEXT, Options(style="own"))
    assert len(first.samples) > 1.3 * len(plain[0].samples)
    assert [notice.code for notice in second.notices] == [STYLE_FAILED]
    assert (second.samples == plain[1].samples).all()
    (info,) = engine.styles.list()
    assert re.search(r"StyleSlow: apply took 0\.\d+ s, expected at most 0\.25 \(line \d+\)", info.error)


@pytest.mark.parametrize("loop", ENDLESS[:2])
def test_a_module_that_never_ends_is_refused(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "LOADING", 0.05)
    source = module("return prosody")
    with pytest.raises(StyleInvalid, match=r"StyleSlow: the module took 0\.\d+ s, expected at most 0\.05 \(line 9\)"):
        Styles().load({}, f"{source}{loop}\n")
    with pytest.raises(StyleInvalid, match="StyleSlow: the module took"):
        Styles().load({}, source.replace("def describe():", "def describe():\n    while True: pass"))
    with pytest.raises(StyleInvalid, match=r"StyleSlow: apply took .* \(line 8\)"):
        Styles().load({}, module(loop))


def test_loops_that_end_do_what_they_say() -> None:
    styles = Styles()
    styles.load({}, module("for at in [x for x in range(9) if x % 2]:\n    prosody.rate += at / 100\nreturn prosody"))
    made, notices = styles.apply("own", plain_delivery(7), plugins._sample()[1], (0, 5))
    assert notices == ()
    assert made.rate == pytest.approx(1.16)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [-1e9, 1e9, "np.random.default_rng(1).normal(size=len(prosody)) * 1e3"])
def test_whatever_it_asks_for_is_held_within_the_limits(field: str, value: object) -> None:
    styles = Styles()
    styles.load({}, module(f"prosody.{field}[:] = {value}\nreturn prosody"))
    phones = 7
    made, notices = styles.apply("own", plain_delivery(phones), plugins._sample()[1], (0, 5))
    low, high = LIMITS[field]
    assert notices == ()
    assert ((getattr(made, field) >= low) & (getattr(made, field) <= high)).all()


def test_extreme_styles_still_make_sound(engine: Engine) -> None:
    for sign in (-1, 1):
        body = "\n".join(f"prosody.{field} += {sign * 1e6}" for field in FIELDS)
        chunks = speak(loaded(engine, module(body + "\nreturn prosody")), TEXT, Options(style="own", pitch=sign * 12.0))
        assert codes(chunks) == []
        for chunk in chunks:
            assert np.isfinite(chunk.samples).all()
            assert np.abs(chunk.samples).max() <= 1


def test_what_a_style_keeps_does_not_change_the_delivery_later() -> None:
    styles = Styles()
    styles.load({}, module("context.memory['kept'] = prosody\nreturn prosody"))
    before, context = plugins._sample()
    memory = styles.memory("own")
    context = Context(**{**context.__dict__, "memory": memory})
    made, _ = styles.apply("own", before, context, (0, 5))
    memory["kept"].rate[:] = 2.0  # type: ignore[attr-defined]
    assert (made.rate == 1.0).all()
    assert (before.rate == 1.0).all()


SEEN = """
context.memory.setdefault("seen", []).append(dict(
    text=context.text, kind=context.kind, index=context.index, syllables=context.syllables, phones=len(context.phones),
    quotation=[int(context.quotation[context.syllable == s][0]) for s in range(len(context.syllables))],
    opens=context.opens_paragraph, closes=context.closes_paragraph, emotion=context.emotion,
    to_end=int(context.to_end[0]), last=int(context.last_syllable.sum()),
))
return prosody
"""


def test_what_a_style_knows_of_a_sentence(engine: Engine) -> None:
    loaded(engine, module(SEEN.strip()))
    speak(engine, "他说：“好啊！”\n“你呢？”我问。", Options(style="own", emotion={"joy": 0.5}))
    seen: list[dict[str, object]] = engine.styles.memory("own")["seen"]  # type: ignore[assignment]
    assert [s["index"] for s in seen] == list(range(len(seen)))
    numbers = [number for s in seen for number in s["quotation"]]  # type: ignore[attr-defined]
    assert numbers == [0, 0, 1, 1, 2, 2, 0, 0]
    assert seen[0]["opens"]
    assert seen[-1]["closes"]
    assert [s["opens"] for s in seen].count(True) == [s["closes"] for s in seen].count(True) == 2
    assert all(s["to_end"] == len(s["syllables"]) - 1 for s in seen)  # type: ignore[arg-type]
    assert all(s["last"] in (1, 2) for s in seen)
    assert all(s["emotion"] is not None and s["emotion"].distribution[1] == 0.5 for s in seen)  # type: ignore[attr-defined]


def test_memory_lasts_over_texts_until_the_style_is_replaced(engine: Engine) -> None:
    count = "context.memory['n'] = context.memory.get('n', 0) + 1\nreturn prosody"
    loaded(engine, module(count))
    for _ in range(2):
        speak(engine, TEXT, Options(style="own"))
    assert engine.styles.memory("own") == {"n": 4}
    assert loaded(engine, module(count)).styles.memory("own") == {}


def test_quotations_are_counted_and_end_with_the_paragraph() -> None:
    assert quotations("一“二”三「四」") == [0, 1, 1, 1, 0, 2, 2, 2]
    assert quotations('<a b="c">"好"</a>')[9:12] == [1, 1, 1]
    assert quotations("“他说‘好’”。") == [1, 1, 1, 1, 1, 1, 1, 0]
    assert quotations("“忘了\n没忘") == [1, 1, 1, 1, 0, 0]


def house(name: str) -> str:
    return (HOUSE / f"{name}.py").read_text("utf-8")


STORY = (
    "从前有一座山，山上有一座庙。“你是谁？”小和尚问。“我是过路的人。”老人说。小和尚高兴极了！\n"
    "第二天，天亮了，他们一起下山去。"
)


def deliveries(styles: Styles, id_: str, context: Context) -> Delivery:
    made, notices = styles.apply(id_, plain_delivery(len(context.phones)), context, (0, 1))
    assert notices == ()
    return made


def test_those_of_the_house_differ_from_each_other_and_from_none(engine: Engine) -> None:
    names = sorted(path.stem for path in HOUSE.glob("*.py"))
    assert names == ["assistant", "audiobook", "bedtime", "learner", "news", "service", "story"]
    lengths: dict[str | None, float] = {None: seconds(speak(engine, STORY))}
    for name in names:
        engine.styles.load({"id": name}, house(name))
        chunks = speak(engine, STORY, Options(style=name, emotion="joy"))
        assert codes(chunks) == []
        lengths[name] = seconds(chunks)
    found = sorted(lengths.values())
    assert min(b - a for a, b in pairwise(found)) > 0.002 * lengths[None]
    assert lengths["learner"] == max(lengths.values())
    assert lengths["story"] > lengths["audiobook"]
    assert lengths["news"] < lengths[None] < lengths["audiobook"]


def with_context(**values: object) -> Context:
    _, context = plugins._sample()
    return Context(**{**context.__dict__, "memory": {}, **values})


def test_characters_of_an_audiobook_take_turns() -> None:
    styles = Styles()
    styles.load({}, house("audiobook"))
    levels = [
        float(deliveries(styles, "audiobook", with_context(quotation=np.full(7, number))).semitones[1])
        for number in (1, 2, 3, 4)
    ]
    assert levels[0] == levels[2] > 1 > -1 > levels[1] == levels[3]


def test_a_paragraph_of_an_audiobook_is_anchored_in_pitch() -> None:
    styles = Styles()
    memory: dict[str, object] = {}
    styles.load({}, house("audiobook"))
    narration = np.zeros(7, np.int64)
    levels = [
        float(deliveries(styles, "audiobook", with_context(
            quotation=narration, index=index, opens_paragraph=index in (0, 3), memory=memory
        )).semitones[1])
        for index in range(6)
    ]  # fmt: skip
    assert levels[0] == levels[3] > levels[1] == levels[4] > levels[2] == levels[5]


def test_customer_service_does_not_answer_anger_with_anger() -> None:
    styles = Styles()
    styles.load({}, house("service"))
    context = with_context()
    angry = plain_delivery(7)
    angry = Delivery(**{**angry.__dict__, "decibels": np.full(7, 5.0), "tilt": np.full(7, 2.0)})
    made, _ = styles.apply("service", angry, context, (0, 1))
    assert made.decibels.max() < 2
    assert made.tilt.max() < 1


@pytest.mark.parametrize("make", [lambda level: np.full(7, level)])
def test_an_assistant_is_drawn_towards_its_turns_before(make: Callable[[float], np.ndarray]) -> None:
    styles = Styles()
    memory: dict[str, object] = {}
    styles.load({}, house("assistant"))
    levels = []
    for level in (0.0, 4.0, 4.0, 4.0, 0.0):
        delivery = Delivery(**{**plain_delivery(7).__dict__, "semitones": make(level)})
        made, _ = styles.apply("assistant", delivery, with_context(memory=memory), (0, 1))
        levels.append(float(made.semitones.mean()))
    assert levels[0] == 0
    assert 0 < levels[1] < levels[2] < levels[3] < 4
    assert 0 < levels[4] < levels[3]


def test_bedtime_settles_and_nothing_startles() -> None:
    styles = Styles()
    memory: dict[str, object] = {}
    styles.load({}, house("bedtime"))
    loud = Delivery(**{
        **plain_delivery(7).__dict__, "decibels": np.full(7, 6.0), "semitones": np.full(7, 4.0), "rate": np.full(7, 1.2)
    })  # fmt: skip
    made = [
        styles.apply("bedtime", loud, with_context(index=index, kind="exclamation", memory=memory), (0, 1))[0]
        for index in (*range(12), 0)
    ]
    levels, rates = [[float(getattr(one, field)[1]) for one in made] for field in ("decibels", "rate")]
    assert levels[:9] == sorted(levels[:9], reverse=True)
    assert rates[:9] == sorted(rates[:9], reverse=True)
    assert levels[8] == levels[11] < levels[0] == levels[12] <= 0
    assert float(made[0].semitones[1]) < 2
    asked, _ = styles.apply("bedtime", loud, with_context(kind="question", memory={}), (0, 1))
    assert float(asked.semitones[1]) > 3


def test_a_learner_hears_where_words_end_and_which_tones_are_neutral() -> None:
    styles = Styles()
    styles.load({}, house("learner"))
    breaks, tones = np.array((0, 0, 1, 1, 2, 4, 4)), np.array((3, 3, 3, 4, 5, 5, 0))
    made = deliveries(styles, "learner", with_context(breaks=breaks, tones=tones))
    assert made.stretch[0] < made.stretch[2] == made.stretch[3]
    assert made.stretch[4] < made.stretch[0]
    assert made.rate.max() < 0.8
    felt = Delivery(**{**plain_delivery(7).__dict__, "semitones": np.full(7, 4.0), "decibels": np.full(7, -4.0)})
    half, _ = styles.apply("learner", felt, with_context(kind="statement"), (0, 1))
    assert half.semitones[1] == pytest.approx(2.0)
    assert half.decibels[1] == pytest.approx(-2.0)
