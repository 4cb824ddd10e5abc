"""Step 11, the instrument: a small recogniser of tonal syllables, trained on real recordings only; no training loss.

``python -m models.recipes.qingsheng.recogniser --work .work/voice`` trains it; ``evaluate`` uses it.

A convolutional encoder over log mel, log F0 and voicing ends in CTC over initials and toned finals (Graves et al. 2006)
with, in training, a second output that names the aligned phone of each frame. Decoding is exact Viterbi over a loop of
all tonal syllables that Mandarin has, so that an error is always a wrong, missing or added syllable.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from pypinyin import pinyin_dict
from pypinyin.contrib.tone_convert import to_tone3
from torch import Tensor, nn

from py_engine.text.phones import CODA, FINALS, INITIALS, PAUSES, PHONES, syllable_to_phones

from .audio import N_MELS, Array
from .corpus import Corpus
from .items import Item, load_items
from .networks import ConvNeXt
from .training import Trainer, load_released, training_options

ROW, BATCH = 400, 8
BLANK = 0
SYMBOLS = list(PHONES)
TOKENS: dict[tuple[str, int], int] = {}
for _initial in INITIALS:
    TOKENS[_initial, 0] = len(TOKENS) + 1
for _final in FINALS:
    for _tone in range(1, 6):
        TOKENS[_final, _tone] = len(TOKENS) + 1


def token_of(phone: str, tone: int) -> int:
    """CTC label of a phone; pauses and erhua share the blank."""
    if phone in PAUSES or phone == CODA or phone == "_":
        return BLANK
    return TOKENS[phone, 0] if phone in INITIALS else TOKENS[phone, tone]


class Recogniser(nn.Module):
    """Features [B, T, 82] (log mel, ln F0, voicing) -> log probabilities and frame labels [B, T / 2, tokens]."""

    def __init__(self, width: int = 224, blocks: int = 8) -> None:
        super().__init__()
        self.inlet = nn.Conv1d(N_MELS + 3, width, 5, stride=2, padding=2)
        self.blocks = nn.ModuleList(ConvNeXt(width, 2 * width, 7, 1 + number % 2, 0.1) for number in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.ctc = nn.Linear(width, len(TOKENS) + 1)
        self.frame = nn.Linear(width, len(TOKENS) + 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.inlet(x.transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            y = block(y)
        y = self.norm(y)
        return self.ctc(y).log_softmax(-1), self.frame(y)


def features(mel: NDArray[np.floating], f0: Array, voiced: Array) -> Array:
    """[T, 83]: log mel with the recording's mean removed, and pitch."""
    mel = mel.astype(np.float32)
    pitch = (np.log(f0) - 5.2) * 2.0
    return np.concatenate([(mel - mel.mean(0)) * 0.5, pitch[:, None], (pitch * voiced)[:, None], voiced[:, None]], 1)


def stretch(rows: Array, owner: NDArray[np.int64], factor: float) -> tuple[Array, NDArray[np.int64]]:
    """Resample in time by ``factor`` (below 1 is faster)."""
    at = np.linspace(0, len(rows) - 1, max(8, int(len(rows) * factor)))
    low = np.floor(at).astype(int)
    high, share = np.minimum(low + 1, len(rows) - 1), (at - low)[:, None].astype(np.float32)
    return rows[low] * (1 - share) + rows[high] * share, owner[np.rint(at).astype(int)]


def disturb(rows: Array, random: np.random.Generator) -> Array:
    """Masks in time and frequency (Park et al. 2019), a pitch shift, a spectral tilt."""
    rows = rows.copy()
    rows[:, :N_MELS] += random.normal(0, 0.15) + np.linspace(-1, 1, N_MELS, dtype=np.float32) * random.normal(0, 0.15)
    shift = random.normal(0, 0.15)
    rows[:, N_MELS] += shift
    rows[:, N_MELS + 1] += shift * rows[:, N_MELS + 2]
    for _ in range(2):
        width, start = int(random.integers(0, 14)), int(random.integers(0, N_MELS - 14))
        rows[:, start : start + width] = 0
    for _ in range(max(1, len(rows) // 150)):
        width, start = int(random.integers(0, 12)), int(random.integers(0, max(1, len(rows) - 12)))
        rows[start : start + width, :N_MELS] = 0
    return rows


class Rows:
    """Rows of about ``ROW`` frames out of whole recordings of the training part, words hurried to running speech."""

    def __init__(self, corpus: Corpus, items: list[Item]) -> None:
        self.corpus = corpus
        train = [i for i in items if corpus.splits[i.number] == "train"]
        self.pools = {s: [i for i in train if i.speaker == s] for s in range(3)}

    def recording(self, item: Item, random: np.random.Generator) -> tuple[Array, NDArray[np.int64], list[int]]:
        recording = self.corpus[item.number]
        labels = np.array([token_of(SYMBOLS[p], int(t)) for p, t in zip(item.phones, item.tones, strict=True)])
        rows, owner = features(recording.mel, recording.f0, recording.voiced), np.repeat(labels, item.frames)
        if item.speaker == 0 and random.random() < 0.6:
            # next to no silence between words: running speech
            ends = [max(0, int(n) - int(random.integers(7))) * int(p == PHONES["sil"])
                    for n, p in ((item.frames[0], item.phones[0]), (item.frames[-1], item.phones[-1]))]  # fmt: skip
            rows, owner = rows[ends[0] : len(rows) - ends[1]], owner[ends[0] : len(owner) - ends[1]]
        factor = random.uniform(0.55, 1.1) if item.speaker == 0 else random.uniform(0.88, 1.15)
        rows, owner = stretch(rows, owner, factor)
        return rows, owner, [int(x) for x in labels if x != BLANK]

    def batch(self, random: np.random.Generator) -> tuple[Tensor, Tensor, list[list[int]], Tensor]:
        xs, owners, targets, lengths = [], [], [], []
        for _ in range(BATCH):
            pool = self.pools[int(random.choice(3, p=(0.5, 0.25, 0.25)))]
            x, owner, target = self.recording(pool[int(random.integers(len(pool)))], random)
            while True:
                more = self.recording(pool[int(random.integers(len(pool)))], random)
                if len(x) + len(more[0]) > ROW:
                    break
                x, owner, target = np.concatenate([x, more[0]]), np.concatenate([owner, more[1]]), target + more[2]
            x, owner = x[: 2 * ROW], owner[: 2 * ROW]
            xs.append(disturb(x, random))
            owners.append(owner)
            targets.append(target)
            lengths.append((len(x) + 1) // 2)
        width = max(len(x) for x in xs)
        padded = np.stack([np.pad(x, ((0, width - len(x)), (0, 0))) for x in xs])
        frames = np.stack([np.pad(o, (0, width - len(o)), constant_values=-100)[::2] for o in owners])
        return torch.tensor(padded, dtype=torch.float32), torch.tensor(frames), targets, torch.tensor(lengths)


@dataclass(frozen=True)
class Loop:
    """The syllable loop as CTC states: for each syllable [blank?] initial [blank?] final, flattened."""

    syllables: tuple[str, ...]
    token: NDArray[np.int64]
    kind: NDArray[np.int8]
    owner: NDArray[np.int32]


@lru_cache(maxsize=1)
def syllable_loop(inventory: tuple[str, ...]) -> Loop:
    token, kind, owner = [], [], []
    for number, name in enumerate(inventory):
        parts = [p for p in syllable_to_phones(name[:-1]) if p != CODA]
        for place, part in enumerate(parts):
            first, final = place == 0, place == len(parts) - 1
            token.append(token_of(part, int(name[-1])))
            kind.append((1 if first else 0) + (2 if final else 0))
            owner.append(number)
            if not final:
                token.append(BLANK)
                kind.append(0)
                owner.append(number)
    return Loop(inventory, np.array(token), np.array(kind, np.int8), np.array(owner, np.int32))


@numba.njit(cache=True)
def _search(  # noqa: C901 -- one loop, compiled
    score: Array, blank: Array, kind: NDArray[np.int8], is_blank: NDArray[np.bool_], penalty: float
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Viterbi over the loop. State S (the last) is the blank between syllables; returns per-frame state and predecessor
    chain as the best path, with a flag that a new syllable begins."""
    frames, count = score.shape
    best = np.full(count + 1, -1e30)
    back = np.full((frames, count + 1), -1, np.int32)
    for s in range(count):
        if kind[s] & 1:
            best[s] = score[0, s] + penalty
    best[count] = blank[0]
    for t in range(1, frames):
        top_end, top_value = count, best[count]
        for s in range(count):
            if kind[s] & 2 and best[s] > top_value:
                top_end, top_value = s, best[s]
        fresh = np.full(count + 1, -1e30)
        for s in range(count):
            value, source = best[s], s
            if kind[s] & 1:
                if top_value + penalty > value and top_end != s:
                    value, source = top_value + penalty, top_end
            else:
                if best[s - 1] > value:
                    value, source = best[s - 1], s - 1
                if not is_blank[s] and best[s - 2] > value:
                    value, source = best[s - 2], s - 2
            fresh[s] = value + score[t, s]
            back[t, s] = source
        fresh[count] = top_value + blank[t]
        back[t, count] = top_end
        best = fresh
    end, value = count, best[count]
    for s in range(count):
        if kind[s] & 2 and best[s] > value:
            end, value = s, best[s]
    path = np.empty(frames, np.int32)
    begins = np.zeros(frames, np.int32)
    state = end
    for t in range(frames - 1, -1, -1):
        path[t] = state
        source = back[t, state]
        if state < count and kind[state] & 1 and source != state:
            begins[t] = 1
        state = source
    return path, begins


def decode(log_probability: Array, loop: Loop, penalty: float = -1.0) -> list[str]:
    """CTC log probabilities [T, tokens] -> tonal syllables such as ``hao3``."""
    path, begins = _search(
        np.ascontiguousarray(log_probability[:, loop.token]), np.ascontiguousarray(log_probability[:, BLANK]),
        loop.kind, loop.token == BLANK, penalty,
    )  # fmt: skip
    return [loop.syllables[loop.owner[s]] for s, new in zip(path, begins, strict=True) if new]


def edits(heard: list[str], said: list[str]) -> int:
    """Levenshtein distance."""
    row = list(range(len(said) + 1))
    for a in heard:
        previous, row[0] = row[0], row[0] + 1
        for j, b in enumerate(said, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def syllable_name(pinyin: str, tone: int) -> str:
    """``hao3``; erhua, which the recogniser does not hear, left out."""
    return f"{pinyin.removesuffix('r') if pinyin != 'er' else pinyin}{tone}"


def said(row: dict[str, Any]) -> list[str]:
    """The syllables of a recording, as its alignment has them."""
    return [syllable_name(p, t) for p, t in zip(row["pinyin"], row["tone"], strict=True)]


def inventory_of(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """All tonal syllables of the front end's table of readings, and those of the recordings (sandhi, neutral tone)."""
    names = set()
    for code in range(0x4E00, 0x9FA6):
        for reading in pinyin_dict.pinyin_dict.get(code, "").split(","):
            if reading:
                names.add(to_tone3(reading, neutral_tone_with_five=True, v_to_u=False))
    for row in rows:
        names.update(said(row))
    by_phones = {}
    for name in sorted(names):
        try:
            by_phones[(*syllable_to_phones(name[:-1]), name[-1])] = name
        except ValueError:
            continue
    return tuple(sorted(by_phones.values()))


def main() -> None:
    options = training_options(__doc__, steps=2200)
    corpus, items, _ = load_items(options.work)
    rows = Rows(corpus, items)
    model = Recogniser()
    load_released(model, options.start, "recogniser")
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    trainer = Trainer(
        model, options.work / "recogniser.pt", options.steps, rate=2e-3 if options.start is None else 1.2e-3
    )
    while trainer.step < trainer.steps:
        x, frames, targets, lengths = rows.batch(trainer.random)
        ctc, frame = model(x)
        flat = torch.tensor([t for target in targets for t in target])
        sizes = torch.tensor([len(t) for t in targets])
        loss = nn.functional.ctc_loss(ctc.transpose(0, 1), flat, lengths, sizes, BLANK, "sum", True) / len(flat)
        named = nn.functional.cross_entropy(frame.flatten(0, 1), frames.flatten(), ignore_index=-100)
        trainer.update({"ctc": loss, "frame": 0.5 * named})


if __name__ == "__main__":
    main()
