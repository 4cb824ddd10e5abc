"""What the voice would do with sentences that nobody recorded: inputs of the acoustic model, for distillation.

``python -m models.recipes.qingsheng.pseudo --work .work/voice --sentences ../shared/data/sentences``

Reads Common Voice sentences with the front end, lets the trained prosody model time and tune them, mostly for the
default voice, which has no recorded sentences at all; and single words out of the training part, which were recorded,
but not as the voice plans them. ``pseudo.npz``: arrays per phone and per frame, with offsets.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.recipes.melody import planned
from py_engine.errors import QingshengError
from py_engine.prosody.curves import Curves
from py_engine.synthesis.sentence import Sentence

from .export import speakers
from .items import load_items
from .networks import build
from .sentences import lot, row_text, unrecorded_texts
from .training import load_trained

PER_PHONE = ("phones", "tones", "breaks", "positions", "pauses")
PER_FRAME = ("frame_phone", "frame_position", "log_f0", "voicing", "energy")
VOICES, SHARES = ("yue", "reader-f", "reader-m"), (0.7, 0.15, 0.15)
WORD_VOICES, WORD_SHARES = ("yue", "yue-word"), (0.5, 0.5)


def row_of(sentence: Sentence, curves: Curves, speaker: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """All that the acoustic model is given for one utterance."""
    row = {k: np.asarray(getattr(sentence.phones, k)) for k in PER_PHONE}
    return {**row, **{k: getattr(curves, k) for k in PER_FRAME}, "speaker": np.array(speaker["index"])}


def load_pseudo(work: Path) -> list[dict[str, NDArray[Any]]]:
    """The rows that ``main`` wrote."""
    with np.load(work / "pseudo.npz") as pack:
        arrays = {k: pack[k] for k in pack.files}
    by_phone, by_frame = arrays["phone_offset"], arrays["frame_offset"]
    rows = []
    for n in range(len(by_phone) - 1):
        row = {k: arrays[k][by_phone[n] : by_phone[n + 1]] for k in PER_PHONE}
        row |= {k: arrays[k][by_frame[n] : by_frame[n + 1]] for k in PER_FRAME}
        rows.append({**row, "speaker": arrays["speaker"][n]})
    return rows


def voice_for(text: str, voices: tuple[str, ...], shares: tuple[float, ...]) -> str:
    """Drawn by a lot that depends on the text only."""
    return voices[int(np.searchsorted(np.cumsum(shares), lot("voice of " + text)))]


def chosen(sentences: list[str], words: list[str]) -> list[tuple[str, str]]:
    """Each text with the voice that reads it."""
    read = [(text, voice_for(text, VOICES, SHARES)) for text in sentences]
    return read + [(text, voice_for(text, WORD_VOICES, WORD_SHARES)) for text in words]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--sentences", type=Path, default=Path("../shared/data/sentences"))
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--words", type=int, default=3000, help="single words out of the training part")
    options = parser.parse_args()
    torch.set_num_threads(1)
    corpus, _, stats = load_items(options.work)
    voices = {s["id"]: s for s in speakers(stats)}
    model = load_trained(build("prosody"), options.work / "prosody.pt")

    def predict(*values: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        with torch.no_grad():
            return tuple(x.numpy() for x in model(*(torch.tensor(v) for v in values)))

    rows: list[dict[str, NDArray[Any]]] = []
    texts, _ = unrecorded_texts(options.sentences)
    words = sorted({row_text(corpus.texts[n]) for n in corpus.numbers("train") if corpus.speakers[n] == 0}, key=lot)
    for number, (text, name) in enumerate(chosen(texts[: options.count], words[: options.words])):
        try:
            made = planned(text, predict, voices[name])
            rows += [row_of(sentence, curves, voices[name]) for sentence, _, curves in made]
        except QingshengError as error:
            print(f"left out {text!r}: {error}", flush=True)
        if number % 500 == 0:
            print(f"{number} texts", flush=True)
    offsets = {
        "phone_offset": np.cumsum([0] + [len(r["phones"]) for r in rows]),
        "frame_offset": np.cumsum([0] + [len(r["log_f0"]) for r in rows]),
    }
    columns = {k: np.concatenate([r[k] for r in rows]) for k in (*PER_PHONE, *PER_FRAME)}
    np.savez(options.work / "pseudo.npz", speaker=np.array([r["speaker"] for r in rows]), **offsets, **columns)
    print(f"{len(rows)} utterances, {offsets['frame_offset'][-1] * 0.0125 / 60:.0f} minutes")


if __name__ == "__main__":
    main()
