"""Step 6: the acoustic model. ``python -m models.recipes.qingsheng.train_acoustic --work .work/voice``

Recordings are packed into rows of about ``ROW`` frames, so that no arithmetic goes into padding and the decoder sees
one recording follow another; words lose most of the silence around them, so that the row is running speech. F0 and
voicing come half the time as measured, half the time through the five points per phone that the prosody model will
give it.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from py_engine.prosody.curves import phone_curve, pitch_curve, voicing_curve
from py_engine.text.phones import PHONES

from .corpus import Corpus
from .items import Item, load_items
from .networks import Acoustic
from .training import Trainer, load_released, training_options

ROW, BATCH = 400, 6
SYMBOLS = list(PHONES)
Part = dict[str, NDArray[np.generic]]


JOINED_SHARE, JOINED_EDGE = 0.6, 6


def joined(item: Item, parts: Part, random: np.random.Generator) -> Part:
    """A word as it stands in running speech: at most ``JOINED_EDGE`` frames of silence are left at either end."""
    keep_phone, keep_frame = np.ones(len(item.phones), bool), np.ones(len(parts["mel"]), bool)
    for end in (0, -1):
        frames, left = int(item.frames[end]), int(random.integers(JOINED_EDGE + 1))
        if item.phones[end] == PHONES["sil"] and frames > left:
            keep_frame[slice(left, frames) if end == 0 else slice(-frames, len(keep_frame) - left)] = False
            keep_phone[end] = left > 0
    owner = (np.cumsum(keep_phone) - 1)[parts["frame_phone"].astype(np.int64)]
    return {
        **{k: v[keep_frame] for k, v in {**parts, "frame_phone": owner}.items()},
        "phones": item.phones[keep_phone], "tones": item.tones[keep_phone],
    }  # fmt: skip


def frame_inputs(item: Item, corpus: Corpus, stats: dict[str, float], measured: bool) -> Part:
    """Per-frame inputs of one recording: indices start at 0 for its first phone."""
    owner = np.repeat(np.arange(len(item.frames)), item.frames)
    starts = np.cumsum(item.frames) - item.frames
    position = (np.arange(len(owner)) - starts[owner] + 0.5) / item.frames[owner]
    recording = corpus[item.number]
    if measured:
        log_f0, voicing = np.log(recording.f0), recording.voiced
    else:
        symbols = [SYMBOLS[p] for p in item.phones]
        points = item.f0 * stats["log_f0_std"] + stats["log_f0_mean"]
        log_f0 = pitch_curve(symbols, item.frames, points.astype(np.float64), item.voicing.astype(np.float64))
        voicing = voicing_curve(symbols, item.frames, item.voicing.astype(np.float64))
    return {
        "frame_phone": owner, "frame_position": position.astype(np.float32), "log_f0": log_f0.astype(np.float32),
        "voicing": voicing.astype(np.float32), "energy": phone_curve(item.frames, item.energy.astype(np.float64)),
        "mel": recording.mel.astype(np.float32),
    }  # fmt: skip


class Rows:
    """An endless supply of batches, one speaker per row."""

    def __init__(self, corpus: Corpus, items: list[Item], stats: dict[int, dict[str, float]]) -> None:
        self.corpus, self.stats = corpus, stats
        self.items = [i for i in items if corpus.splits[i.number] == "train"]
        self.pools = {s: [i for i in self.items if i.speaker == s] for s in stats}

    def row(self, random: np.random.Generator) -> tuple[int, list[Item]]:
        """Sentence readers are drawn twice as often as their share, since they carry the running speech."""
        speaker = int(random.choice(3, p=(0.5, 0.25, 0.25)))
        pool = self.pools[speaker]
        chosen: list[Item] = []
        total = 0
        # words that will be joined lose up to 30 frames
        while total < ROW + (30 * len(chosen) if speaker == 0 else 0):
            item = pool[int(random.integers(len(pool)))]
            chosen.append(item)
            total += int(item.frames.sum())
        return speaker, chosen

    def part(self, item: Item, random: np.random.Generator) -> Part:
        known = frame_inputs(item, self.corpus, self.stats[item.speaker], bool(random.random() < 0.5))
        if item.speaker == 0 and random.random() < JOINED_SHARE:
            return joined(item, known, random)
        return {**known, "phones": item.phones, "tones": item.tones}

    def batch(self, random: np.random.Generator) -> dict[str, Tensor]:
        rows: list[Part] = []
        speakers = []
        for _ in range(BATCH):
            speaker, chosen = self.row(random)
            parts = [self.part(i, random) for i in chosen]
            shift = np.cumsum([0] + [len(p["phones"]) for p in parts])
            row = {k: np.concatenate([p[k] for p in parts]) for k in parts[0] if k != "frame_phone"}
            owner = [p["frame_phone"].astype(np.int64) + s for p, s in zip(parts, shift, strict=False)]
            row["frame_phone"] = np.concatenate(owner)
            rows.append({k: v if k in ("phones", "tones") else v[:ROW] for k, v in row.items()})
            speakers.append(speaker)
        width = max(len(r["phones"]) for r in rows)
        for r in rows:
            for k in ("phones", "tones"):
                r[k] = np.pad(r[k], (0, width - len(r[k])))
        out = {k: torch.tensor(np.stack([r[k] for r in rows])) for k in rows[0]}
        out["speaker"] = torch.tensor(speakers)
        return out


def mel_losses(made: Tensor, real: Tensor) -> dict[str, Tensor]:
    """L1 on log mel, on its slope over time and over frequency: the slopes keep onsets and formants from smearing."""
    time = ((made[:, 1:] - made[:, :-1]) - (real[:, 1:] - real[:, :-1])).abs().mean()
    bands = ((made[..., 1:] - made[..., :-1]) - (real[..., 1:] - real[..., :-1])).abs().mean()
    return {"mel": (made - real).abs().mean(), "time": 0.5 * time, "bands": 0.5 * bands}


def main() -> None:
    options = training_options(__doc__, steps=3500)
    corpus, items, stats = load_items(options.work)
    rows = Rows(corpus, items, stats)
    model = Acoustic(len(PHONES), 3)
    load_released(model, options.start, "acoustic")
    print(
        f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {len(rows.items)} recordings", flush=True
    )
    trainer = Trainer(
        model, options.work / "acoustic.pt", options.steps, rate=1.5e-3 if options.start is None else 7e-4
    )
    while trainer.step < trainer.steps:
        batch = rows.batch(trainer.random)
        mel = batch.pop("mel")
        trainer.update(mel_losses(model(**batch), mel))


if __name__ == "__main__":
    main()
