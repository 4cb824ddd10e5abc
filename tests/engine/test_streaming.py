"""An utterance in parts: the sound of the whole, without seams, and everything said about it in its place."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis import parts
from py_engine.synthesis.excitation import (
    NARROW,
    REACH,
    WIDE,
    Array,
    ExcitationFilter,
    Signal,
    Workspace,
    synthesise,
    window_weight,
)
from py_engine.synthesis.library import read_catalog, read_pack
from py_engine.synthesis.models import ModelRelay, Models
from py_engine.synthesis.pack import Streaming, read_manifest
from py_engine.synthesis.parts import FIRST, GROWTH, MOST, WHOLE, PartSizes
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.source_filter import ALONE, GROUP, plan_runs
from py_engine.synthesis.values import Chunk, Options
from py_engine.text.analysis import MAX_SYLLABLES
from tests.engine.speech import speak
from tests.packs.make_silent_pack import LOOKAHEAD

MODELS = Path(__file__).resolve().parents[2] / "models"
LONG = "今天天气很好，我们一起去公园看花，然后回家吃饭。你说好不好？"
MARKED = (
    '<speak>今天<prosody volume="-12dB">天气很好</prosody>我们<mark name="a"/>一起去公园'
    '<emphasis level="strong">看花</emphasis>然后回家<mark name="b"/>吃饭</speak>'
)


def joined(chunks: list[Chunk]) -> Array:
    return np.concatenate([chunk.samples for chunk in chunks])


def in_one_part(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(parts, "WHOLE", 10**6)
    patch.setattr("py_engine.synthesis.source_filter.ALONE", 10**6)


@pytest.mark.parametrize(
    "options", [Options(), Options(speed=0.5), Options(speed=2.0, pitch=5.0), Options(voice="silent/high")]
)
@pytest.mark.parametrize("text", [LONG, MARKED, "今天天气很好我们去公园看花然后回家吃饭再睡觉"])
def test_parts_make_the_sound_of_the_whole(
    engine: Engine, text: str, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamed = speak(engine, text, options)
    in_one_part(monkeypatch)
    whole = speak(engine, text, options)
    assert len(streamed) > len(whole) == len({chunk.sentence for chunk in streamed})
    np.testing.assert_allclose(joined(streamed), joined(whole), atol=1e-6)


def seconds(value: float) -> object:
    return pytest.approx(value, abs=1e-6)


def placed(chunks: list[Chunk]) -> dict[str, list[tuple[object, ...]]]:
    """Words, phones and marks with their seconds in the whole text."""
    found: dict[str, list[tuple[object, ...]]] = {"words": [], "phones": [], "marks": []}
    at = 0.0
    for chunk in chunks:
        found["words"] += [(w.text, w.start, seconds(at + w.begin_s), seconds(at + w.end_s)) for w in chunk.words]
        found["phones"] += [(p.phone, seconds(at + p.begin_s), seconds(at + p.end_s)) for p in chunk.phones]
        found["marks"] += [(m.name, seconds(at + m.at_s)) for m in chunk.marks]
        at += len(chunk.samples) / chunk.sample_rate
    return found


@pytest.mark.parametrize("text", [LONG, MARKED])
def test_words_phones_and_marks_stand_where_they_stood(
    engine: Engine, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamed = speak(engine, text)
    in_one_part(monkeypatch)
    expected = placed(speak(engine, text))
    assert placed(streamed) == expected
    assert len(expected["words"]) > 5
    assert len(expected["phones"]) > 10
    for chunk in streamed:
        length = len(chunk.samples) / chunk.sample_rate
        assert all(0 <= word.begin_s <= word.end_s <= length + 1e-6 for word in chunk.words)
        assert all(chunk.start <= word.start and word.stop <= chunk.stop for word in chunk.words)
        assert len(chunk.pitch.hertz) == pytest.approx(length / chunk.pitch.step_s, abs=1)
    assert [before.stop for before, _ in pairwise(streamed)] == [after.start for _, after in pairwise(streamed)]


def test_the_pitch_of_a_chunk_is_the_speakers_where_it_is_voiced(engine: Engine) -> None:
    for chunk in speak(engine, "今天天气很好我们去公园看花"):
        voiced = [hertz for hertz in chunk.pitch.hertz if hertz > 0]
        assert voiced
        assert np.median(voiced) == pytest.approx(120.0, rel=0.02)
        assert len(voiced) < len(chunk.pitch.hertz)


def test_samples_lie_in_order_in_memory(engine: Engine) -> None:
    """Otherwise each crosses to JavaScript alone, which takes milliseconds before the first sound."""
    assert all(chunk.samples.flags.c_contiguous for chunk in speak(engine, LONG))


def test_notices_come_with_the_first_chunk_of_their_sentence_and_once(engine: Engine) -> None:
    chunks = speak(engine, "今天天气很好\u13a0我们一起去公园看花然后回家吃饭。")
    assert len(chunks) > 1
    assert [len(chunk.notices) for chunk in chunks] == [1] + [0] * (len(chunks) - 1)


def test_the_first_part_is_short_and_the_later_ones_grow() -> None:
    words = range(10, 3000, 16)
    sizes = PartSizes()
    ends = sizes.cut(0, 3000, words)
    lengths = np.diff([10, *ends])
    assert FIRST * 0.6 <= lengths[0] <= FIRST * 1.75
    assert max(lengths) <= MOST + FIRST
    assert all(after <= before * GROWTH * 1.75 + 16 for before, after in pairwise(lengths.tolist()))
    assert all(end in words for end in ends[:-1])
    assert ends[-1] == 3000
    later = sizes.cut(0, 600, words)
    assert later[0] > 3 * FIRST


@pytest.mark.parametrize(
    "text", ["春天来了公园里的花都开了老人在树下下棋孩子们在草地上放风筝" * 20, "好" * 600, "A" * 600]
)
def test_a_text_without_a_stop_is_spoken_whole_in_bounded_memory(
    engine: Engine, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: dict[str, int] = {}
    run, go_on = Models.run, ModelRelay.run

    def note(model: str, feeds: dict[str, Array]) -> None:
        sizes[model] = max(sizes.get(model, 0), *(value.shape[-1] for value in feeds.values() if value.ndim == 2))

    async def noting(self: Models, model: str, feeds: dict[str, Array], shapes: object) -> object:
        note(model, feeds)
        return await run(self, model, feeds, shapes)  # type: ignore[arg-type]

    async def going_on(self: ModelRelay, feeds: dict[str, Array], shapes: object) -> object:
        note("decoder", feeds)
        return await go_on(self, feeds, shapes)  # type: ignore[arg-type]

    monkeypatch.setattr(Models, "run", noting)
    monkeypatch.setattr(ModelRelay, "run", going_on)
    chunks = speak(engine, text, Options(speed=0.5))
    assert "".join(word.text for chunk in chunks for word in chunk.words) == text
    assert [chunk.start for chunk in chunks][1:] == [chunk.stop for chunk in chunks][:-1]
    # Sixty syllables, each of four phones at most, and what the decoder is given at once.
    assert sizes["prosody"] <= 4 * MAX_SYLLABLES + 2
    assert sizes["decoder"] <= ALONE + LOOKAHEAD + GROUP + REACH
    assert max(len(chunk.samples) / chunk.sample_rate for chunk in chunks) < 10


@pytest.mark.parametrize("frames", [1, WHOLE, WHOLE + 1, 150, 399, 2001])
@pytest.mark.parametrize("words", [[], [0], [100], list(range(5, 2000, 7))])
def test_cuts_rise_to_the_end(frames: int, words: list[int]) -> None:
    for begin in (0, frames // 2):
        ends = PartSizes().cut(begin, frames, words)
        assert ends[-1] == frames
        assert all(after > before for before, after in pairwise([begin, *ends]))
        if frames - begin <= WHOLE:
            assert ends == [frames]


@pytest.mark.parametrize("lookahead", [0, 2, 42])
@pytest.mark.parametrize(
    ("begin", "edges", "frames"),
    [
        (0, [1], 1),
        (0, [19], 19),
        (0, [20], 20),
        (7, [60, 407], 407),
        (0, [40, 45, 50, 401], 401),
        (30, [31, 2004], 2004),
    ],
)
def test_the_decoders_runs_cover_all_frames_once(begin: int, edges: list[int], frames: int, lookahead: int) -> None:
    plan = plan_runs(begin, edges, frames, lookahead, ALONE)
    runs = [run for runs in plan.values() for run in runs]
    first = max(0, max(0, begin - REACH) - lookahead)
    for side in ([run.takes for run in runs], [run.gives for run in runs]):
        assert [index for part in side for index in range(part.start, part.stop)] == list(range(first, frames))
        assert all(part.stop > part.start for part in side)
    assert all((run.takes.stop - first) % GROUP == 0 for run in runs[:-1])
    # Nothing comes out before it has seen what follows, and the last run gives the rest.
    assert all(run.gives.stop == run.takes.stop - lookahead for run in runs[:-1])
    assert [run.skip for run in runs] == [max(0, begin - REACH) - first] + [0] * (len(runs) - 1)
    assert max(run.gives.stop - run.gives.start for run in runs) <= ALONE + 2 * lookahead + GROUP
    for edge in edges:
        given = max(run.gives.stop for key in plan if key <= edge for run in plan[key])
        assert given >= min(edge + REACH, frames)


def random_filters(frames: int, bins: int) -> tuple[Array, ...]:
    values = np.sin(np.arange(3 * frames * bins, dtype=np.float32) * 1.7)
    return tuple(values.reshape(3, frames, bins))


@pytest.mark.parametrize("signal", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("begin", [0, 1, 2, 3, 40])
def test_the_filter_gives_what_is_final_and_can_begin_anywhere(begin: int, signal: Signal) -> None:
    frames = 60
    log_f0, voicing = np.log(np.linspace(100, 200, frames)), np.ones(frames)
    filters = random_filters(frames, signal.n_bins)
    real, imaginary, noise = filters
    expected = synthesise(real, imaginary, noise, log_f0, voicing, 3, signal)
    sound = ExcitationFilter(log_f0, voicing, 3, begin, workspace=Workspace(signal))
    pieces = []
    while sound.next_frame < frames:
        part = slice(sound.next_frame, min(frames, sound.next_frame + 7))
        sound.add(*(values[part] for values in filters))
        pieces.append(sound.take())
    found = np.concatenate(pieces)
    np.testing.assert_allclose(found, expected[begin * signal.hop_length :], atol=1e-4)
    assert len(pieces[-1]) < len(found)


def test_weights_of_a_stretch_are_those_of_the_whole() -> None:
    for frames in (3, 12, 13, 40):
        whole = window_weight(frames)
        for start, stop in ((0, 200 * frames), (150, 450), (200 * frames - 500, 200 * frames)):
            low = max(0, start)
            np.testing.assert_array_equal(window_weight(frames, low, stop), whole[low:stop])


def test_speech_can_begin_at_any_word_with_the_prosody_of_the_whole(engine: Engine) -> None:
    whole = speak(engine, LONG)
    words = [word for chunk in whole for word in chunk.words]
    for wanted in words[1:]:
        later = speak_from(engine, LONG, wanted.start)
        found = [word for chunk in later for word in chunk.words]
        assert [word.text for word in found] == [word.text for word in words[words.index(wanted) :]]
        assert later[0].index == 0
        assert later[0].start <= wanted.start < later[0].stop
        assert later[-1].last
        # What follows the fade at its beginning is the end of the whole, sample by sample.
        end = joined(later)[160:]
        np.testing.assert_allclose(end, joined(whole)[-len(end) :], atol=1e-6)


def speak_from(engine: Engine, text: str, start: int) -> list[Chunk]:
    async def collect() -> list[Chunk]:
        return [chunk async for chunk in engine.stream(text, start=start)]

    return asyncio.run(collect())


def test_behind_the_last_word_there_is_nothing_to_say(engine: Engine) -> None:
    assert speak_from(engine, LONG, len(LONG)) == []


def shipped() -> list[str]:
    return [voice.id for voice in read_catalog(MODELS).voices]


def engine_with(voice: str) -> Engine:
    engine = Engine(NativeRuntime())
    asyncio.run(engine.load_voice(*read_pack(MODELS, read_catalog(MODELS).find(voice))))
    return engine


@pytest.mark.parametrize("voice", shipped())
@pytest.mark.parametrize(("speed", "pitch"), [(1.0, 0.0), (1.0, 6.0), (0.7, -4.0)])
def test_the_voices_speak_without_seams(
    voice: str, speed: float, pitch: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cutting changes lies 120 dB below the speech: no frame may know in which part it was made."""
    engine = engine_with(voice)
    options = Options(voice=voice, speed=speed, pitch=pitch)
    text = "春天来了，院子里的老梅树开了花，风一吹，花瓣轻轻落在石阶上，像是谁在悄悄说话。"
    streamed = joined(speak(engine, text, options))
    in_one_part(monkeypatch)
    whole = joined(speak(engine, text, options))
    assert len(whole) == len(streamed)
    error = float(np.mean((streamed - whole) ** 2) / np.mean(whole**2))
    assert 10 * np.log10(max(error, 1e-14)) < -120


@pytest.mark.parametrize("voice", shipped())
@pytest.mark.parametrize("lengths", [[35, 64, 40], [100], [139]])
def test_runs_of_a_decoder_give_what_one_run_gives(voice: str, lengths: list[int]) -> None:
    """No frame may be computed from less than all that it depends on, or from what it does not depend on."""
    manifest, files = read_pack(MODELS, read_catalog(MODELS).find(voice))
    checked = read_manifest(manifest)
    streaming = checked.model
    assert isinstance(streaming, Streaming)
    session = asyncio.run(NativeRuntime().load(voice, files[checked.files["decoder"].path]))
    phones, frames, draw = 40, 200, np.random.default_rng(5)
    spoken: dict[str, NDArray[Any]] = {"phones": draw.integers(1, 60, phones), "tones": draw.integers(0, 6, phones)}
    frame_phone = np.repeat(np.arange(phones), frames // phones)
    curves: dict[str, NDArray[Any]] = {
        "frame_position": draw.random(frames),
        "log_f0": draw.normal(5.2, 0.1, frames),
        "voicing": (draw.random(frames) > 0.4).astype(np.float64),
        "energy": draw.normal(0.0, 1.0, frames),
    }

    def run(lengths: list[int]) -> dict[str, Array]:
        relay, taken, found = session.relay({"state": np.zeros((1, 1, streaming.state), np.float32)}), 0, []
        for number, length in enumerate(lengths):
            stop = taken + length
            first = max(0, int(frame_phone[taken]) - streaming.phones)
            seen = slice(first, int(frame_phone[stop - 1]) + streaming.phones + 1)
            feeds: dict[str, NDArray[Any]] = {
                **{name: values[np.newaxis, seen] for name, values in spoken.items()},
                **{name: values[np.newaxis, taken:stop].astype(np.float32) for name, values in curves.items()},
                "frame_phone": frame_phone[np.newaxis, taken:stop] - first,
                "speaker": np.zeros(1, np.int64),
                "end": np.array([number == len(lengths) - 1], np.int64),
            }
            found.append(asyncio.run(relay.run(feeds)))
            taken = stop
        assert taken == frames
        return {name: np.concatenate([each[name] for each in found], 1) for name in found[0]}

    whole = run([frames])
    lengths = [lengths[0] + streaming.lookahead, *lengths[1:]]
    parts = run([*lengths, frames - sum(lengths)])
    assert set(whole) == {"harmonic_re", "harmonic_im", "noise"}
    for name, values in whole.items():
        assert values.shape[1] == frames
        np.testing.assert_allclose(parts[name], values, atol=1e-5)


@pytest.mark.parametrize("voice", shipped())
def test_fricatives_sound_above_8_khz_and_nothing_above_10(voice: str) -> None:
    """Yue Tan's words have about as much power from 8 to 10 kHz as from 4 to 8 where a fricative is."""
    chunks = speak(engine_with(voice), "四十只石狮子从山西去四川。", Options(voice=voice))
    samples, rate = joined(chunks), chunks[0].sample_rate
    assert rate == WIDE.sample_rate
    frames = np.lib.stride_tricks.sliding_window_view(samples, 480)[::240] * np.hanning(480)
    power, hertz = np.abs(np.fft.rfft(frames, axis=1)) ** 2, np.fft.rfftfreq(480, 1 / rate)

    def band(low: float, high: float) -> Array:
        return np.asarray(power[:, (hertz >= low) & (hertz < high)].sum(1), np.float32)

    fricative = band(4000, 8000) > 2 * band(0, 4000)
    assert fricative.sum() > 40
    ratio = 10 * np.log10(band(8000, 10_000)[fricative].sum() / band(4000, 8000)[fricative].sum())
    assert -6 < ratio < 2
    assert band(10_200, 12_001).sum() < 1e-4 * band(0, 10_200).sum()
