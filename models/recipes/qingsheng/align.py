"""Step 3: where each phone begins. ``python -m models.recipes.qingsheng.align --work .work/voice``

Monophone hidden Markov models (two states for an initial, three for a final, one for silence), diagonal Gaussian
mixtures over cepstra with two differences, trained by Viterbi segments from a flat start, the mixtures split as
training goes on. Readings come from our front end; where a character has others, each is tried and the recording
decides. Tones play no part here.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numba
import numpy as np
from numpy.typing import NDArray

from py_engine.text import alternatives, analyse
from py_engine.text.phones import CODA, INITIALS, PAUSES, PHONES, syllable_to_phones

from .audio import N_MELS, Array
from .corpus import Corpus

N_CEPSTRA = 16
SCHEDULE = (1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8)
PAUSE_FRAMES = 8
SYMBOLS = {number: symbol for symbol, number in PHONES.items()}
FIRST_STATE: dict[str, int] = {}
N_STATES = 1
for _symbol in PHONES:
    if _symbol != "_" and _symbol not in PAUSES:
        FIRST_STATE[_symbol] = N_STATES
        N_STATES += 2 if _symbol in INITIALS or _symbol == CODA else 3


@dataclass(frozen=True)
class Token:
    """A syllable as spoken: its character, toneless pinyin, surface tone, and the level of the break after it."""

    character: str
    pinyin: str
    tone: int
    level: int


def tokens_of(text: str) -> list[Token]:
    """Front-end reading of ``text``; ``_`` marks a gap in the word list's frames (一_也_)."""
    tokens = []
    for utterance in analyse(text.replace("_", "，").strip("，")).utterances:
        for word in utterance.words:
            for number, syllable in enumerate(word.syllables):
                pinyin = syllable.pinyin + ("r" if syllable.erhua else "")
                character = text[syllable.start : syllable.stop]
                last = number + 1 == len(word.syllables)
                tokens.append(Token(character, pinyin, syllable.tone, word.break_level if last else 0))
    return tokens


def cepstra(mel: Array) -> Array:
    """Log mel [T, 80] -> 3 * N_CEPSTRA features (DCT-II, first and second differences)."""
    basis = np.cos(np.pi / N_MELS * (np.arange(N_MELS) + 0.5)[:, None] * np.arange(N_CEPSTRA)[None])
    static = mel.astype(np.float32) @ basis.astype(np.float32) / 20
    padded = np.pad(static, ((2, 2), (0, 0)), mode="edge")
    delta = (padded[3:-1] - padded[1:-3] + 2 * (padded[4:] - padded[:-4])) / 5
    padded = np.pad(delta, ((1, 1), (0, 0)), mode="edge")
    return np.concatenate([static, delta, (padded[2:] - padded[:-2])], 1)


@dataclass(frozen=True)
class Chain:
    """A recording's states in order; ``skip[s]`` tells that state s (an optional pause) may be passed over."""

    states: NDArray[np.int32]
    skip: NDArray[np.bool_]
    phone: NDArray[np.int32]


def chain_of(tokens: list[Token]) -> tuple[Chain, list[tuple[str, int]]]:
    """States for ``sil (phones [sp])* sil``; also the phones as (symbol, token number), -1 for pauses."""
    phones: list[tuple[str, int]] = [("sil", -1)]
    for number, token in enumerate(tokens):
        phones += [(symbol, number) for symbol in syllable_to_phones(token.pinyin)]
        if token.level and number + 1 < len(tokens):
            phones.append(("sp", -1))
    phones.append(("sil", -1))
    states, skip, owner = [], [], []
    for number, (symbol, _) in enumerate(phones):
        first, count = (
            (0, 1) if symbol in PAUSES else (FIRST_STATE[symbol], 2 if symbol in INITIALS or symbol == CODA else 3)
        )
        states += range(first, first + count)
        skip += [symbol == "sp"] * count
        owner += [number] * count
    return Chain(np.array(states, np.int32), np.array(skip), np.array(owner, np.int32)), phones


@numba.njit(cache=True)
def viterbi(score: Array, skip: NDArray[np.bool_]) -> tuple[float, NDArray[np.int32]]:
    """Best monotone path through ``score`` [T, S]: total score and the state of each frame."""
    frames, states = score.shape
    best = np.full((frames, states), -1e30, np.float32)
    back = np.zeros((frames, states), np.int8)
    best[0, 0] = score[0, 0]
    for t in range(1, frames):
        for s in range(states):
            top, step = best[t - 1, s], 0
            if s > 0 and best[t - 1, s - 1] > top:
                top, step = best[t - 1, s - 1], 1
            if s > 1 and skip[s - 1] and best[t - 1, s - 2] > top:
                top, step = best[t - 1, s - 2], 2
            best[t, s] = top + score[t, s]
            back[t, s] = step
    path = np.empty(frames, np.int32)
    state = states - 1
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state -= back[t, state]
    return best[frames - 1, states - 1], path


class Mixtures:
    """``N_STATES`` diagonal mixtures; ``fit`` does hard-assigned EM for one pass."""

    def __init__(self, dimension: int) -> None:
        self.mean = np.zeros((N_STATES, 1, dimension), np.float32)
        self.variance = np.ones((N_STATES, 1, dimension), np.float32)
        self.weight = np.ones((N_STATES, 1), np.float32)

    def components(self, x: Array) -> Array:
        """[T, D] -> weighted log density [T, N_STATES, M]."""
        inverse = 1 / self.variance
        flat = (N_STATES * self.mean.shape[1], x.shape[1])
        constant = np.log(self.weight) - 0.5 * (np.log(self.variance) + self.mean**2 * inverse + np.log(2 * np.pi)).sum(
            -1
        )
        linear = x @ (self.mean * inverse).reshape(flat).T - 0.5 * (x**2) @ inverse.reshape(flat).T
        return (linear + constant.reshape(-1)).reshape(len(x), N_STATES, -1)

    def score(self, x: Array) -> Array:
        parts = self.components(x)
        top = parts.max(-1)
        return top + np.log(np.exp(parts - top[..., None]).sum(-1))

    def fit(self, x: Array, state: NDArray[np.int32], count: int) -> None:
        """Re-estimate from frames [n, D] labelled with states, growing to ``count`` components."""
        while self.mean.shape[1] < count:
            spread = 0.3 * np.sqrt(self.variance)
            self.mean = np.concatenate([self.mean - spread, self.mean + spread], 1)
            self.variance = np.repeat(self.variance, 2, 1)
            self.weight = np.repeat(self.weight / 2, 2, 1)
        floor = 0.05 * x.var(0)
        order = np.argsort(state, kind="stable")
        edges = np.searchsorted(state[order], np.arange(N_STATES + 1))
        for s in range(N_STATES):
            members = x[order[edges[s] : edges[s + 1]]]
            if len(members) < 20:
                continue
            distance = ((members[:, None] - self.mean[s]) ** 2 / self.variance[s] + np.log(self.variance[s])).sum(-1)
            logits = np.log(self.weight[s]) - 0.5 * distance
            share = np.exp(logits - logits.max(1, keepdims=True))
            share /= share.sum(1, keepdims=True)
            mass = share.sum(0) + 1.0
            self.mean[s] = (share.T @ members + self.mean[s]) / mass[:, None]
            second = (share.T @ members**2 + self.mean[s] ** 2 + self.variance[s]) / mass[:, None]
            self.variance[s] = np.maximum(second - self.mean[s] ** 2, floor)
            self.weight[s] = mass / mass.sum()


def readings_tried(tokens: list[Token]) -> list[list[Token]]:
    """Versions of ``tokens`` with one character read otherwise (toneless syllable differs)."""
    versions = []
    for number, token in enumerate(tokens):
        seen = {token.pinyin}
        for reading in alternatives(token.character) if len(token.character) == 1 else ():
            pinyin, tone = reading[:-1], int(reading[-1])
            if pinyin not in seen:
                seen.add(pinyin)
                versions.append([*tokens[:number], replace(token, pinyin=pinyin, tone=tone), *tokens[number + 1 :]])
    return versions


class Aligner:
    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.features = cepstra(corpus.mel)
        owner = np.repeat(np.array(corpus.speakers), np.diff(corpus.offset))
        for speaker in set(corpus.speakers):
            rows = owner == speaker
            self.features[rows] -= self.features[rows].mean(0)
            self.features[rows] /= self.features[rows].std(0)
        self.tokens = [tokens_of(text) for text in corpus.texts]
        self.mixtures = Mixtures(self.features.shape[1])

    def rows(self, n: int) -> slice:
        return slice(int(self.corpus.offset[n]), int(self.corpus.offset[n + 1]))

    def flat_start(self) -> NDArray[np.int32]:
        state = np.zeros(len(self.features), np.int32)
        for n in range(len(self.corpus)):
            chain, _ = chain_of(self.tokens[n])
            rows = self.rows(n)
            inside = chain.states[chain.states > 0]
            if len(inside) == 0:
                print(f"no reading: {self.corpus.texts[n]!r}")
                continue
            length = rows.stop - rows.start
            edge = min(9, length // 4)
            middle = np.minimum(
                np.arange(length - 2 * edge) * len(inside) // max(1, length - 2 * edge), len(inside) - 1
            )
            state[rows.start + edge : rows.stop - edge] = inside[middle]
        return state

    def align(self, tokens: list[Token], scores: Array) -> tuple[float, NDArray[np.int32], list[tuple[str, int]]]:
        chain, phones = chain_of(tokens)
        if len(scores) < len(chain.states):
            return -1e30, np.zeros(len(scores), np.int32), phones
        total, path = viterbi(np.ascontiguousarray(scores[:, chain.states]), chain.skip)
        return float(total) / len(scores), chain.phone[path] if total > -1e29 else path * 0, phones

    def train(self) -> None:
        state = self.flat_start()
        for number, count in enumerate(SCHEDULE):
            self.mixtures.fit(self.features, state, count)
            total = 0.0
            for n in range(len(self.corpus)):
                rows = self.rows(n)
                scores = self.mixtures.score(self.features[rows])
                chain, _ = chain_of(self.tokens[n])
                if len(scores) < len(chain.states):
                    continue
                best, path = viterbi(np.ascontiguousarray(scores[:, chain.states]), chain.skip)
                state[rows] = chain.states[path]
                total += best
            print(f"pass {number + 1}, {count} components: {total / len(state):.3f} per frame", flush=True)

    def finish(self) -> list[dict[str, object]]:
        """Final alignment with the readings that were spoken; one row a recording."""
        rows_out: list[dict[str, object]] = []
        for n in range(len(self.corpus)):
            scores = self.mixtures.score(self.features[self.rows(n)])
            tokens = self.tokens[n]
            best = self.align(tokens, scores)
            for version in readings_tried(tokens):
                trial = self.align(version, scores)
                # a clear win only: ten nats over the whole recording
                if (trial[0] - best[0]) * len(scores) > 10.0:
                    best, tokens = trial, version
            rows_out.append({"id": self.corpus.ids[n], "score": best[0], **labels(tokens, best[1], best[2])})
        return rows_out


def labels(tokens: list[Token], owner: NDArray[np.int32], phones: list[tuple[str, int]]) -> dict[str, object]:
    """Per-phone symbol, token, frames; pauses shorter than ``PAUSE_FRAMES`` join the next phone (a stop's closure)."""
    frames = np.bincount(owner, minlength=len(phones))
    kept: list[list[object]] = []
    carry = 0
    for number, (symbol, token) in enumerate(phones):
        length = int(frames[number])
        if symbol == "sp" and length < PAUSE_FRAMES:
            carry += length
            continue
        kept.append([symbol, token, length + carry])
        carry = 0
    return {
        "phones": [p[0] for p in kept], "token": [p[1] for p in kept], "frames": [p[2] for p in kept],
        "pinyin": [t.pinyin for t in tokens], "tone": [t.tone for t in tokens],
        "level": [t.level for t in tokens],
        "characters": [t.character for t in tokens],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    options = parser.parse_args()
    corpus = Corpus(options.work)
    aligner = Aligner(corpus)
    aligner.train()
    rows = aligner.finish()
    for speaker in set(corpus.speakers):
        scores = np.array([float(str(r["score"])) for r, s in zip(rows, corpus.speakers, strict=True) if s == speaker])
        print(
            f"speaker {speaker}: score {scores.mean():.2f}, deviation {scores.std():.2f}, "
            f"worst percent {np.percentile(scores, 1):.2f}"
        )
    with (options.work / "alignment.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main()
