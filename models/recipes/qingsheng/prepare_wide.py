"""Step 1b: the words once more, at 24 kHz. ``python -m models.recipes.qingsheng.prepare_wide --data ../shared/data``

They were recorded up to 10 kHz, the sentences up to 8. Cut and scaled as ``prepare`` did, so that frame t of a
recording in ``features.npz`` is centred on sample 300 t + 150 here.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from py_engine.synthesis.excitation import WIDE

from .audio import HOP_LENGTH, SAMPLE_RATE, Array
from .corpus import Corpus
from .prepare import high_pass, level_gain, speech_in, words

WIDE_FILE = "wide.npy"


def widened(samples: Array, rate: int) -> Array:
    """A recording at 24 kHz: what ``prepare`` keeps of it, float32 ``[300 T]``."""
    narrow = high_pass(soxr.resample(samples, rate, SAMPLE_RATE, quality="VHQ"))
    start, stop = speech_in(narrow)
    whole = soxr.resample(samples, rate, WIDE.sample_rate, quality="VHQ")
    first, count = start * WIDE.sample_rate // SAMPLE_RATE, (stop - start) // HOP_LENGTH * WIDE.hop_length
    cut = whole[first : first + count] * level_gain(narrow[start:stop])
    return np.pad(cut, (0, count - len(cut))).astype(np.float32)


def load_wide(work: Path) -> NDArray[np.int16]:
    """Of all words, one after the other as in ``features.npz``: ``[300 T]``."""
    return np.asarray(np.load(work / WIDE_FILE, mmap_mode="r"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    options = parser.parse_args()
    corpus = Corpus(options.work)
    parts = []
    for number, (text, samples, rate) in enumerate(words(options.data)):
        made = widened(samples, rate)
        frames = int(corpus.offset[number + 1] - corpus.offset[number])
        if corpus.ids[number] != f"yuetan/{text}" or len(made) != frames * WIDE.hop_length:
            raise SystemExit(f"{text} is not recording {number} of features.npz: run prepare again")
        parts.append((np.clip(made, -1, 1) * 32767).astype(np.int16))
        if number % 1000 == 0:
            print(f"{number:5d} {text}", flush=True)
    np.save(options.work / WIDE_FILE, np.concatenate(parts))
    print(f"{len(parts)} words, {sum(map(len, parts)) / WIDE.sample_rate / 60:.1f} minutes")


if __name__ == "__main__":
    main()
