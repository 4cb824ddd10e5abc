"""Step 1: recordings -> trimmed, level-matched 16 kHz audio, log mel, F0 and voicing, one packed file.

``python -m models.recipes.qingsheng.prepare --data ../shared/data --work .work/voice``

The held-out lists are drawn here, before anything is trained: every later step reads ``split`` from the pack.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from swift_f0 import SwiftF0

from .audio import F0_MAX, F0_MIN, HOP_LENGTH, SAMPLE_RATE, Array, log_mel

SPEAKERS = {"yuetan": 0, "S0150": 1, "S0252": 2}
TARGET_RMS = 0.08
# swift-f0 reports 0.88 at most; at 0.4 its voicing agrees with the spectrograms of all three speakers
CONFIDENCE = 0.4


def split_of(text: str, speaker: str) -> str:
    """Held out by a hash of the text, so that the choice never depends on order: 4 % of words, 6 % of sentences."""
    draw = int.from_bytes(hashlib.sha256(f"qingsheng/{text}".encode()).digest()[:4], "big") / 2**32
    return "test" if draw < (0.04 if speaker == "yuetan" else 0.06) else "train"


def words(data: Path) -> Iterator[tuple[str, Array, int]]:
    """Yield ``(text, samples, rate)`` as recorded."""
    with tarfile.open(data / "speech" / "yue-tan-words.tar") as archive:
        for member in sorted((m for m in archive if m.isfile()), key=lambda m: m.name):
            handle = archive.extractfile(member)
            assert handle is not None
            samples, rate = soundfile.read(io.BytesIO(handle.read()), dtype="float32")
            yield Path(member.name).name.removesuffix(".mp3"), samples, rate


def recordings(data: Path) -> Iterator[tuple[str, str, str, Array]]:
    """Yield ``(id, speaker, text, samples)`` at 16 kHz."""
    speech = data / "speech"
    for text, samples, rate in words(data):
        yield f"yuetan/{text}", "yuetan", text, soxr.resample(samples, rate, SAMPLE_RATE, quality="VHQ")
    rows = (speech / "aishell-sentences.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for row in rows:
        name, speaker, text = row.split("\t")
        samples, rate = soundfile.read(speech / "aishell-sentences" / f"{name}.flac", dtype="float32")
        assert rate == SAMPLE_RATE
        yield f"{speaker}/{name}", speaker, text, samples


def speech_in(samples: Array, keep: float = 0.12) -> tuple[int, int]:
    """First sample and end of the speech, with ``keep`` seconds of what is around it, a whole number of frames; the
    threshold is relative to the file's own levels."""
    hop = 160
    count = len(samples) // hop
    level = 10 * np.log10((samples[: count * hop].reshape(count, hop) ** 2).mean(1) + 1e-10)
    floor, top = np.percentile(level, 5), np.percentile(level, 97)
    active = np.flatnonzero(level > max(floor + 0.25 * (top - floor), top - 45))
    if len(active) == 0:
        return 0, len(samples) - len(samples) % HOP_LENGTH
    margin = int(keep * SAMPLE_RATE)
    start, stop = max(0, active[0] * hop - margin), min(len(samples), (active[-1] + 1) * hop + margin)
    return start, stop - (stop - start) % HOP_LENGTH


def level_gain(samples: Array) -> float:
    """What brings the RMS of the louder half of the frames to ``TARGET_RMS`` without clipping."""
    count = len(samples) // HOP_LENGTH
    power = np.sort((samples[: count * HOP_LENGTH].reshape(count, HOP_LENGTH) ** 2).mean(1))
    gain = TARGET_RMS / np.sqrt(power[count // 2 :].mean() + 1e-9)
    return float(min(gain, 0.97 / (np.abs(samples).max() + 1e-9)))


def match_level(samples: Array) -> Array:
    """Scaled by `level_gain`, whole frames only."""
    return (samples * level_gain(samples)).astype(np.float32)[: len(samples) // HOP_LENGTH * HOP_LENGTH]


def high_pass(samples: Array) -> Array:
    """Remove rumble below 50 Hz (zero phase, half-cosine edge from 40 to 60 Hz)."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    edge = np.clip((frequency - 40) / 20, 0, 1)
    return np.fft.irfft(spectrum * (0.5 - 0.5 * np.cos(np.pi * edge)), len(samples)).astype(np.float32)


def pitch(detector: SwiftF0, samples: Array) -> tuple[Array, Array]:
    """F0 in Hz, interpolated through unvoiced frames, and voicing 0/1 per frame."""
    count = len(samples) // HOP_LENGTH
    # fixed-size input keeps the detector's frame grid independent of the file's length
    result = detector.detect(np.pad(samples, (0, SAMPLE_RATE // 4)), SAMPLE_RATE, F0_MIN, F0_MAX)
    times = (np.arange(count) + 0.5) * HOP_LENGTH / SAMPLE_RATE
    centres = np.asarray(result.timestamps)
    confidence = np.interp(times, centres, np.asarray(result.confidence))
    known = np.asarray(result.confidence) > CONFIDENCE
    voiced = confidence > CONFIDENCE
    if known.sum() < 3:
        return np.full(count, 200.0, np.float32), np.zeros(count, np.float32)
    log_f0 = np.interp(times, centres[known], np.log(np.asarray(result.pitch_hz)[known]))
    return np.exp(log_f0).astype(np.float32), voiced.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    detector = SwiftF0(threads=1)
    columns: dict[str, list[object]] = {k: [] for k in ("id", "text", "split")}
    speakers: list[int] = []
    audio: list[Array] = []
    mels: list[Array] = []
    f0s: list[Array] = []
    voicings: list[Array] = []
    for number, (name, speaker, text, recorded) in enumerate(recordings(options.data)):
        passed = high_pass(recorded)
        samples = match_level(passed[slice(*speech_in(passed))])
        f0, voiced = pitch(detector, samples)
        columns["id"].append(name)
        columns["text"].append(text)
        columns["split"].append(split_of(text, speaker))
        speakers.append(SPEAKERS[speaker])
        audio.append((samples * 32767).astype(np.int16))
        mels.append(log_mel(samples).astype(np.float16))
        f0s.append(f0)
        voicings.append(voiced)
        if number % 500 == 0:
            print(f"{number:5d} {name} {len(samples) / SAMPLE_RATE:.2f} s", flush=True)
    offsets = np.cumsum([0] + [len(f0) for f0 in f0s])
    np.savez(
        options.work / "features.npz",
        **{k: np.array(v) for k, v in columns.items()},
        speaker=np.array(speakers),
        offset=offsets,
        audio=np.concatenate(audio),
        mel=np.concatenate(mels),
        f0=np.concatenate(f0s),
        voiced=np.concatenate(voicings),
    )
    print(f"{len(speakers)} recordings, {offsets[-1] * HOP_LENGTH / SAMPLE_RATE / 60:.1f} minutes")


if __name__ == "__main__":
    main()
