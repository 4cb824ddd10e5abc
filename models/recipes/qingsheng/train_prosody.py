"""Step 5: the prosody model. ``python -m models.recipes.qingsheng.train_prosody --work .work/voice``

It learns from the recordings, half of them as if the reader's pauses were unknown, and the length of syllables also
from what trees (`durations`) say of sentences that nobody recorded. Timing number 3 is that of any reader: a part of
the sentences is shown under it whoever reads them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from py_engine.errors import QingshengError
from py_engine.synthesis.sentence import read_sentences
from py_engine.text import PhoneSequence
from py_engine.text.phones import INITIALS, PAUSES, PHONES

from .corpus import Corpus
from .durations import ANY_READER, READERS, Durations
from .items import Item, load_items, without_pauses
from .networks import Prosody, build
from .sentences import unrecorded_texts
from .training import Trainer, training_options

PHONES_PER_BATCH = 1200
UNRECORDED, UNRECORDED_PER_BATCH = 3000, 16
TAUGHT = (*READERS, ANY_READER)
INPUTS = ("phones", "tones", "breaks", "positions", "speaker", "mask")
UNVOICED = {PHONES[p] for p in PAUSES} | {PHONES[p] for p in INITIALS if p not in ("m", "n", "l", "r")}


def collate(items: list[Item]) -> dict[str, Tensor]:
    """Pad to the longest; ``mask`` [B, N, 1] is 1 on real phones."""
    width = max(len(i.phones) for i in items)

    def pad(values: list[np.ndarray]) -> Tensor:
        return torch.tensor(np.stack([np.pad(v, [(0, width - len(v))] + [(0, 0)] * (v.ndim - 1)) for v in values]))

    return {
        "phones": pad([i.phones for i in items]), "tones": pad([i.tones for i in items]),
        "breaks": pad([i.breaks for i in items]), "positions": pad([i.positions for i in items]),
        "speaker": torch.tensor([i.speaker for i in items]), "tokens": pad([i.tokens + 1 for i in items]),
        "frames": pad([i.frames for i in items]).float(), "f0": pad([i.f0 for i in items]),
        "voicing": pad([i.voicing for i in items]), "energy": pad([i.energy for i in items]),
        "mask": pad([np.ones((len(i.phones), 1), np.float32) for i in items]),
    }  # fmt: skip


def of_syllables(frames: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """Frames of phones [B, N] summed over syllables, [B, S]; 0 where an utterance has fewer."""
    tokens = batch["tokens"]
    empty = torch.zeros(len(tokens), int(tokens.max()) + 1)
    return empty.scatter_add(1, tokens, frames * batch["mask"][..., 0])[:, 1:]


def syllable_error(log_frames: Tensor, batch: dict[str, Tensor], real: Tensor | None = None) -> Tensor:
    """Mean L1 of log syllable duration: where a syllable's own borders lie is heard less than how long it is.

    ``real``: frames [B, S], those of the recording if left out.
    """
    made = of_syllables(torch.exp(log_frames), batch)
    real = of_syllables(batch["frames"], batch) if real is None else real
    known = (real > 0).float()
    return ((made.clamp_min(0.5).log() - real.clamp_min(0.5).log()).abs() * known).sum() / known.sum()


def losses(model: Prosody, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """L1 on log duration, on F0 where voiced and its slope, cross-entropy on voicing, L1 on energy."""
    out = model.raw(*(batch[k] for k in INPUTS))
    mask = batch["mask"][..., 0]
    pauses = (batch["phones"] == PHONES["sil"]).float()
    speech = mask * (1 - pauses)
    quiet = torch.tensor([p in UNVOICED for p in range(len(PHONES))])[batch["phones"]].float()
    sung = batch["voicing"] * (mask * (1 - quiet)).unsqueeze(-1)
    total = mask.sum()
    duration = (out[..., 0] - torch.log(batch["frames"].clamp_min(0.7))).abs()
    # ends are cut by the trimming of the recordings, so their length says little
    error = out[..., 1:6] - batch["f0"]
    slope = (error[..., 1:] - error[..., :-1]).abs() * sung[..., 1:] * sung[..., :-1]
    voicing = torch.nn.functional.binary_cross_entropy_with_logits(out[..., 6:11], batch["voicing"], reduction="none")
    return {
        "duration": (duration * speech).sum() / speech.sum() + 0.05 * (duration * mask * pauses).sum() / total,
        "syllable": 0.5 * syllable_error(out[..., 0], batch),
        "f0": (error.abs() * sung).sum() / sung.sum(),
        "slope": slope.sum() / sung.sum(),
        "voicing": 0.5 * (voicing * mask.unsqueeze(-1)).sum() / total / 5,
        "energy": 0.5 * ((out[..., 11] - batch["energy"]).abs() * mask).sum() / total,
    }


class Batches:
    """Drawn by speaker, then by length, so that little is padding."""

    def __init__(self, corpus: Corpus, items: list[Item]) -> None:
        train = sorted((i for i in items if corpus.splits[i.number] == "train"), key=lambda i: len(i.phones))
        self.pools = {s: [i for i in train if i.speaker == s] for s in range(3)}
        self.blind = {i.number: without_pauses(i) for i in train if i.speaker in READERS}

    def draw(self, random: np.random.Generator) -> list[Item]:
        pool = self.pools[int(random.choice(3, p=(0.3, 0.35, 0.35)))]
        middle = int(random.integers(len(pool)))
        count = max(4, min(120, PHONES_PER_BATCH // len(pool[middle].phones)))
        near = np.clip(middle + random.integers(-3 * count, 3 * count + 1, count), 0, len(pool) - 1)
        return [self._view(pool[int(n)], random) for n in near]

    def _view(self, item: Item, random: np.random.Generator) -> Item:
        """A sentence with or without its pauses, as read by its reader or by any."""
        if item.speaker not in READERS:
            return item
        seen = self.blind[item.number] if random.random() < 0.5 else item
        return replace(seen, speaker=ANY_READER) if random.random() < 0.3 else seen


def item_of_text(seen: PhoneSequence) -> Item:
    """An utterance that nobody recorded: what a reader would do is left open."""
    nothing = np.zeros((len(seen), 5), np.float32)
    return Item(
        -1, ANY_READER, seen.phones, seen.tones, seen.breaks, seen.positions, seen.syllable_index,
        np.ones(len(seen), np.int64), nothing, nothing, nothing[:, 0],
    )  # fmt: skip


class Unrecorded:
    """Sentences that nobody recorded, with the length of their syllables as the trees tell it."""

    def __init__(self, texts: list[str], teacher: Durations) -> None:
        items = []
        for text in texts:
            try:
                items += [item_of_text(sentence.phones) for sentence in read_sentences(text)]
            except QingshengError as error:
                print(f"left out {text!r}: {error}", flush=True)
        items.sort(key=lambda item: len(item.phones))
        told = {s: teacher.predict_all(items, s) for s in TAUGHT}
        self.rows = [
            (item, {s: torch.tensor(np.exp(told[s][n]), dtype=torch.float32) for s in TAUGHT})
            for n, item in enumerate(items)
        ]

    def draw(self, random: np.random.Generator) -> tuple[dict[str, Tensor], Tensor]:
        """A batch like those of `collate`, and the frames of its syllables [B, S]."""
        speaker = int(random.choice(TAUGHT))
        middle = int(random.integers(len(self.rows)))
        reach = 4 * UNRECORDED_PER_BATCH
        near = np.clip(middle + random.integers(-reach, reach + 1, UNRECORDED_PER_BATCH), 0, len(self.rows) - 1)
        chosen = [self.rows[int(n)] for n in near]
        told = nn.utils.rnn.pad_sequence([goals[speaker] for _, goals in chosen], batch_first=True)
        return collate([replace(item, speaker=speaker) for item, _ in chosen]), told


def unrecorded_loss(model: Prosody, batch: dict[str, Tensor], told: Tensor) -> Tensor:
    out = model.raw(*(batch[k] for k in INPUTS))
    return syllable_error(out[..., 0], batch, told)


def main() -> None:
    options = training_options(__doc__, steps=1600, sentences=True)
    corpus, items, _ = load_items(options.work)
    batches = Batches(corpus, items)
    teacher = Durations([i for i in items if corpus.splits[i.number] == "train"])
    texts, _ = unrecorded_texts(options.sentences)
    unrecorded = Unrecorded(texts[:UNRECORDED], teacher)
    print(f"{len(unrecorded.rows)} unrecorded utterances", flush=True)
    held = {s: collate([i for i in items if corpus.splits[i.number] == "test" and i.speaker == s]) for s in range(3)}
    model = build("prosody")
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    trainer = Trainer(model, options.work / "prosody.pt", options.steps, rate=1.5e-3, weight_decay=0.1)
    while trainer.step < trainer.steps:
        found = losses(cast(Prosody, model), collate(batches.draw(trainer.random)))
        found["unrecorded"] = unrecorded_loss(cast(Prosody, model), *unrecorded.draw(trainer.random))
        trainer.update(found)
        if trainer.step % 200 == 0:
            with torch.no_grad():
                for speaker, batch in held.items():
                    figures = {k: round(v.item(), 4) for k, v in losses(cast(Prosody, trainer.average), batch).items()}
                    print("  held out", speaker, figures, flush=True)


if __name__ == "__main__":
    main()
