"""The reader model's two ends: what it is shown of a sentence, and what its outputs mean (docs/reader.md).

A sentence of N characters and marks is one row. The model knows nothing of the lexicon but what the inputs say, so that
words outside its training are known to it; nothing here knows the model but by the names of its inputs and outputs.

Inputs: ``characters`` i64[1,N] code points; ``pattern`` f32[1,N,P] how the words of the lexicon lie over the character;
``known`` i64[1,N] `reading_code` of what the word of the lexicon that covers it says; ``candidates`` i64[1,N,C] codes
of the readings the dictionary has for it, 0 where there are fewer.
Outputs: ``tags`` f32[1,N,4] scores of B M E S; ``transitions`` f32[1,4,4] from tag to tag; ``readings`` f32[1,N,C]
scores of the candidates; ``pauses`` f32[1,N] log-odds that a writer puts a comma there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from py_engine.errors import RuntimeFailed
from py_engine.text.lexicon import Lexicon, Reading, lexicon
from py_engine.text.phones import CODA, FINALS, INITIALS, syllable_to_phones
from py_engine.text.readings import Choice
from py_engine.text.segment import Matches, best_path, runs, word_matches
from py_engine.text.sentences import Sentence
from py_engine.text.source import Source
from py_engine.text.spoken import Unit

CANDIDATES = 8
# Of words of two, three and more characters whether one begins, goes on, ends here (none goes on in two); then B M E S
# of the most probable path through the lexicon; then whether the reading is fixed, by who wrote the text or by a rule
PATTERN = 13
_BEGINS, _INSIDE, _ENDS = (0, 2, 5), (-1, 3, 6), (1, 4, 7)
_PATH, _FIXED = 8, 12
B, M, E, S = range(4)
# 一 and 不: sandhi decides
SANDHI_ALONE = (ord("一"), ord("不"))
SYLLABLES = (len(INITIALS) + 1) * len(FINALS)
TONES = 6
# What stands for everything that is no hanzi, and for the marks
FOREIGN, PAUSE, STOPS = ord("A"), ord("，"), {"statement": ord("。"), "question": ord("？"), "exclamation": ord("！")}


@lru_cache(maxsize=4096)
def reading_code(reading: Reading) -> int:
    """A number for a toned syllable, 1 up; 0 for none and for the r of erhua. It depends on the phones alone."""
    phones = syllable_to_phones(reading.pinyin) if reading.pinyin else (CODA,)
    if phones == (CODA,):
        return 0
    initial = INITIALS.index(phones[0]) + 1 if phones[0] in INITIALS else 0
    final = FINALS.index(phones[-1])
    return (initial * len(FINALS) + final) * TONES + reading.tone


@dataclass(frozen=True)
class Inputs:
    """What the model is shown of one sentence; ``places`` says where the units of each phrase stand in the row."""

    characters: NDArray[np.int64]
    pattern: NDArray[np.float32]
    known: NDArray[np.int64]
    candidates: NDArray[np.int64]
    places: tuple[range, ...]

    def feeds(self) -> dict[str, NDArray[np.generic]]:
        return {
            "characters": self.characters[None], "pattern": self.pattern[None], "known": self.known[None],
            "candidates": self.candidates[None],
        }  # fmt: skip


@lru_cache(maxsize=4096)
def candidates_of(char: str, words: Lexicon) -> tuple[tuple[int, ...], tuple[Reading, ...]]:
    """Codes of the readings of a character and the readings, in the dictionary's order, without repetition."""
    found: dict[int, Reading] = {}
    for reading in words.alternatives(char):
        found.setdefault(reading_code(reading), reading)
    found.pop(0, None)
    return tuple(found)[:CANDIDATES], tuple(found.values())[:CANDIDATES]


def sentence_inputs(sentence: Sentence, words: Lexicon) -> Inputs:
    """Look at every phrase of a sentence."""
    size = sum(len(phrase.units) for phrase in sentence.phrases) + len(sentence.phrases)
    characters = np.full(size, FOREIGN, np.int64)
    pattern = np.zeros((size, PATTERN), np.float32)
    known = np.zeros(size, np.int64)
    candidates = np.zeros((size, CANDIDATES), np.int64)
    places, at = [], 0
    for phrase in sentence.phrases:
        first = at
        for run in runs(phrase.units):
            _look(run, at, words, characters, pattern, known, candidates)
            at += len(run)
        places.append(range(first, at))
        characters[at] = PAUSE
        pattern[at, _PATH + S] = 1
        at += 1
    characters[-1] = STOPS[sentence.kind]
    return Inputs(characters, pattern, known, candidates, tuple(places))


def _look(
    run: Sequence[Unit], at: int, words: Lexicon, characters: NDArray[np.int64], pattern: NDArray[np.float32],
    known: NDArray[np.int64], candidates: NDArray[np.int64],
) -> None:  # fmt: skip
    """Fill the rows of a run of units, from row ``at`` on."""
    for row, unit in enumerate(run, at):
        if unit.readings:
            pattern[row, _FIXED] = 1
        if len(unit.char) == 1 and unit.char >= "\u3400":
            characters[row] = ord(unit.char)
            codes = () if unit.readings else candidates_of(unit.char, words)[0]
            candidates[row, : len(codes)] = codes
    if run[0].group and any(unit.readings for unit in run):
        _mark_path(pattern, [(at, at + len(run))])
        return
    text = "".join(unit.char if len(unit.char) == 1 else "A" for unit in run)
    matches = word_matches(text, words)
    for start, found in enumerate(matches):
        for stop, _ in found:
            _mark_word(pattern, at + start, at + stop)
    path = best_path(text, words, matches)
    _mark_path(pattern, [(at + start, at + stop) for start, stop in path])
    for start, stop in path:
        known[at + start : at + stop] = _known_codes(text, start, stop, matches, words)


def _mark_word(pattern: NDArray[np.float32], start: int, stop: int) -> None:
    size = min(stop - start, 4) - 2
    if size < 0:
        return
    pattern[start, _BEGINS[size]] = 1
    pattern[stop - 1, _ENDS[size]] = 1
    if size:
        pattern[start + 1 : stop - 1, _INSIDE[size]] = 1


def _mark_path(pattern: NDArray[np.float32], spans: Sequence[tuple[int, int]]) -> None:
    for start, stop in spans:
        if stop == start + 1:
            pattern[start, _PATH + S] = 1
        else:
            pattern[start, _PATH + B] = 1
            pattern[start + 1 : stop - 1, _PATH + M] = 1
            pattern[stop - 1, _PATH + E] = 1


def _known_codes(text: str, start: int, stop: int, matches: Matches, words: Lexicon) -> list[int]:
    """What the lexicon says of a word of several characters; of a single one nothing."""
    state = next((state for end, state in matches[start] if end == stop), -1)
    if stop == start + 1 or state < 0:
        return [0] * (stop - start)
    readings = words.word_readings(state, text[start:stop])
    if readings is not None:
        return [reading_code(reading) for reading in readings]
    defaults = [words.default(char) for char in text[start:stop]]
    return [reading_code(reading) if reading else 0 for reading in defaults]


# Readings by character
Taught = Mapping[str, frozenset[str]]
NOTHING: Taught = {}


@dataclass(frozen=True)
class PhraseHint:
    """What the model makes of one pause-delimited phrase, per unit of it.

    begins: whether a word begins there. choices: (reading, probability) of a character with several readings, the
    likeliest first, else empty. pauses: log-odds that a writer puts a comma after it.
    """

    begins: tuple[bool, ...]
    choices: tuple[Choice, ...]
    pauses: tuple[float, ...]


class Session(Protocol):
    """As in `py_engine.runtime.base`, which this package does not import."""

    async def run(self, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]: ...

    def release(self) -> None: ...


@dataclass(frozen=True)
class Hints:
    """What the model makes of a source, sentence by sentence and phrase by phrase, from sentence ``first`` on."""

    source: Source
    sentences: tuple[tuple[PhraseHint, ...], ...]
    first: int = 0

    def of(self, sentence: int) -> tuple[PhraseHint, ...]:
        """Those of a sentence by its number; none where the model was not asked about it."""
        at = sentence - self.first
        return self.sentences[at] if 0 <= at < len(self.sentences) else ()


class ReaderModel:
    """Holds the session of ``reader.onnx``; ``manifest`` is the parsed ``reader.json``, whose ``readings`` say which
    readings labelled sentences have taught, by character; of others the model's scores mean nothing."""

    def __init__(self, manifest: Mapping[str, object], session: Session) -> None:
        if manifest.get("pattern") != PATTERN or manifest.get("candidates") != CANDIDATES:
            got, expected = (manifest.get("pattern"), manifest.get("candidates")), (PATTERN, CANDIDATES)
            raise RuntimeFailed(
                f"reader.json has (pattern, candidates) {got}, this engine {expected}.",
                "Load the model that belongs to this engine.",
            )
        taught = manifest.get("readings")
        self._taught: Taught = {}
        if isinstance(taught, Mapping):
            self._taught = {str(char): frozenset(str(readings).split()) for char, readings in taught.items()}
        self._session = session

    async def hints(self, source: Source, first: int = 0, stop: int | None = None) -> Hints:
        """Ask the model about the sentences from ``first`` to before ``stop``. Raises: RuntimeFailed."""
        words = lexicon()
        found = []
        for sentence in source.sentences[first:stop]:
            inputs = sentence_inputs(sentence, words)
            outputs = await self._session.run(inputs.feeds())
            found.append(read_outputs(sentence, inputs, outputs, words, self._taught))
        return Hints(source, tuple(found), first)

    def release(self) -> None:
        self._session.release()


def read_outputs(
    sentence: Sentence, inputs: Inputs, outputs: Mapping[str, NDArray[Any]], words: Lexicon, taught: Taught = NOTHING,
) -> tuple[PhraseHint, ...]:  # fmt: skip
    """The model's outputs, phrase by phrase. ``taught``: see `ReaderModel`; any reading where it is empty."""
    tags, steps = outputs["tags"][0].tolist(), outputs["transitions"][0].tolist()
    scores = outputs["readings"][0]
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    probabilities, pauses = shares.tolist(), outputs["pauses"][0].tolist()
    several = ((inputs.candidates[:, 1] > 0) & ~np.isin(inputs.characters, SANDHI_ALONE)).tolist()
    hints = []
    for phrase, rows in zip(sentence.phrases, inputs.places, strict=True):
        begins: list[bool] = []
        for run in runs(phrase.units):
            at = rows.start + len(begins)
            path = best_tags(tags[at : at + len(run)], steps)
            begins += [tag in (B, S) for tag in path]
        choices = tuple(
            _choice(unit.char, probabilities[row], words, taught) if several[row] else ()
            for row, unit in zip(rows, phrase.units, strict=True)
        )
        hints.append(PhraseHint(tuple(begins), choices, tuple(pauses[rows.start : rows.stop])))
    return tuple(hints)


def _choice(char: str, shares: Sequence[float], words: Lexicon, taught: Taught) -> Choice:
    readings = candidates_of(char, words)[1]
    ranked = sorted(zip(readings, shares, strict=False), key=lambda one: -one[1])
    if taught:
        known = taught.get(char, frozenset())
        ranked = [(reading, share) for reading, share in ranked if str(reading) in known]
    return tuple(ranked)


def best_tags(scores: Sequence[Sequence[float]], steps: Sequence[Sequence[float]]) -> list[int]:
    """Viterbi over the tags of one run; only the eight steps that may be (B to M, M to E and so on) are looked at."""
    (_, bm, be, _), (_, mm, me, _), (eb, _, _, es), (sb, _, _, ss) = steps
    low = -1e9
    begin, inside, end, single = scores[0][B], low, low, scores[0][S]
    back = []
    for score in scores[1:]:
        to_begin, to_inside, to_end, to_single = end + eb, begin + bm, begin + be, end + es
        choice = [E, B, B, E]
        if single + sb > to_begin:
            to_begin, choice[B] = single + sb, S
        if inside + mm > to_inside:
            to_inside, choice[M] = inside + mm, M
        if inside + me > to_end:
            to_end, choice[E] = inside + me, M
        if single + ss > to_single:
            to_single, choice[S] = single + ss, S
        begin, inside, end, single = to_begin + score[B], to_inside + score[M], to_end + score[E], to_single + score[S]
        back.append(choice)
    tag = E if end > single else S
    path = [tag]
    for choice in reversed(back):
        tag = choice[tag]
        path.append(tag)
    return path[::-1]
