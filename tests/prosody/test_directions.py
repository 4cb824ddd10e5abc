"""The two checks that the product was asked for, heard in the samples of the voice that is shipped.

太好了！ in joy: F0 about 35 % up, time about 12 % down. ……我明白了。 in mild sadness: level, with a sinking end.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Chunk, Options
from tests.engine.speech import utterances

FOLDER = Path(__file__).resolve().parents[2] / "models" / "qingsheng"
pytestmark = pytest.mark.skipif(not (FOLDER / "voice.json").exists(), reason="models/qingsheng is not there")
GLAD, SAD = "太好了！", "……我明白了。"
WINDOW_S = 0.04
# Of a frame's correlation with itself one period later, against itself.
VOICED = 0.5
# How far from the period that was planned a measured one is looked for.
NEAR = 1.3


@pytest.fixture(scope="module")
def voice() -> Engine:
    manifest = json.loads((FOLDER / "voice.json").read_text("utf-8"))
    names = [entry["path"] for entry in manifest["files"].values()]
    made = Engine(NativeRuntime())
    asyncio.run(made.load_voice(manifest, {name: (FOLDER / name).read_bytes() for name in names}))
    return made


def spoken(engine: Engine, text: str, emotion: str, intensity: float = 1.0) -> Chunk:
    return utterances(engine, text, Options(emotion=emotion, intensity=intensity))[0]


def seconds(chunk: Chunk) -> float:
    return chunk.words[-1].end_s - chunk.words[0].begin_s


def melody(chunk: Chunk) -> dict[int, float]:
    """Mean F0 of the phones that are voiced, in semitones, by their places: from the autocorrelation of the samples
    around each planned period."""
    rate, size = chunk.sample_rate, round(WINDOW_S * chunk.sample_rate)
    window = np.hanning(size)
    taper = np.correlate(window, window, "full")[size - 1 :]
    found: dict[int, list[float]] = {}
    for index, planned in enumerate(chunk.pitch.hertz):
        middle = (index + 0.5) * chunk.pitch.step_s
        begin = max(round(middle * rate) - size // 2, 0)
        frame = chunk.samples[begin : begin + size].astype(np.float64)
        if not planned > 0 or len(frame) < size or not frame.any():
            continue
        correlation = np.correlate(frame * window, frame * window, "full")[size - 1 :] / taper.clip(1e-3 * taper[0])
        low, high = round(rate / planned / NEAR), round(rate / planned * NEAR)
        period = low + int(np.argmax(correlation[low : high + 1]))
        before, at, after = correlation[period - 1 : period + 2] / correlation[0] * taper[0]
        if low < period < high and at > VOICED:
            exact = period + 0.5 * (before - after) / (before - 2 * at + after)
            place = max(i for i, phone in enumerate(chunk.phones) if phone.begin_s <= middle)
            found.setdefault(place, []).append(12 * float(np.log2(rate / exact)))
    return {place: float(np.mean(values)) for place, values in found.items()}


def moved(plain: Chunk, felt: Chunk) -> NDArray[np.float64]:
    """Semitones that the phones which are voiced in both have moved, in their order."""
    one, other = melody(plain), melody(felt)
    return np.array([other[place] - one[place] for place in sorted(one.keys() & other.keys())])


def test_joy_raises_an_exclamation_by_a_third_and_hurries_it(voice: Engine) -> None:
    plain, glad = (spoken(voice, GLAD, emotion) for emotion in ("neutral", "joy"))
    assert 2 ** (moved(plain, glad).mean() / 12) == pytest.approx(1.35, abs=0.06)
    assert seconds(glad) / seconds(plain) == pytest.approx(0.88, abs=0.03)


def test_half_the_joy_is_half_the_way(voice: Engine) -> None:
    plain, half, full = (spoken(voice, GLAD, "joy", strength) for strength in (0.0, 0.5, 1.0))
    assert moved(plain, half).mean() / moved(plain, full).mean() == pytest.approx(0.5, abs=0.15)


def test_mild_sadness_is_level_and_sinks(voice: Engine) -> None:
    plain, sad = (spoken(voice, SAD, emotion, 0.5) for emotion in ("neutral", "sadness"))
    before, after = melody(plain), melody(sad)
    # The last syllable is one of a sonorant and a vowel.
    body = sorted(before.keys() & after.keys())[:-2]
    assert np.ptp([after[place] for place in body]) < np.ptp([before[place] for place in body])
    down = moved(plain, sad)
    assert down.max() < -0.3
    assert down[-2:].mean() < down[:-2].mean() - 0.3
    assert 1.05 < seconds(sad) / seconds(plain) < 1.2
