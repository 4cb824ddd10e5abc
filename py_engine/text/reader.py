"""The reader model's two ends: what it is shown of a sentence, and what its outputs mean (docs/reader.md).

A sentence of N characters and marks is one row. The model knows nothing of the lexicon but what the inputs say, so that
words outside its training are known to it; nothing here knows the model but by the names of its inputs and outputs.

Inputs: ``characters`` i64[1,N] code points; ``pattern`` f32[1,N,P] how the words of the lexicon lie over the character;
``known`` i64[1,N] `reading_code` of what the word of the lexicon that covers it says; ``candidates`` i64[1,N,C] codes
of the readings the dictionary has for it, 0 where there are fewer.
Outputs: ``tags`` f32[1,N,4] scores of B M E S; ``transitions`` f32[1,4,4] from tag to tag; ``readings`` f32[1,N,C]
scores of the candidates; ``pauses`` f32[1,N] how well a phrase ends there, 0 for even odds.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from py_engine.errors import RuntimeFailed
from py_engine.text.lexicon import Lexicon, Reading, lexicon
from py_engine.text.phones import CODA, FINALS, INITIALS, syllable_to_phones
from py_engine.text.readings import Choice
from py_engine.text.segment import Run
from py_engine.text.sentences import Sentence
from py_engine.text.source import Source
from py_engine.text.tables import Memo

CANDIDATES = 8
# Rows that the model looks at in one go, and how many of them, on each side, only for what they say of the others: its
# attention takes memory by the square of their number
WINDOW, BESIDE = 512, 64
# Of words of two, three and more characters whether one begins, goes on, ends here (none goes on in two); then B M E S
# of the most probable path through the lexicon; then whether the reading is fixed, by who wrote the text or by a rule
PATTERN = 13
_BEGINS, _INSIDE, _ENDS = (0, 2, 5), (-1, 3, 6), (1, 4, 7)
_PATH, _FIXED = 8, 12
B, M, E, S = range(4)
# What a tag of the most probable path through the lexicon counts beside the model's scores
LISTED = 1.0
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


@lru_cache(maxsize=2048)
def candidates_of(char: str, words: Lexicon) -> tuple[tuple[int, ...], tuple[Reading, ...]]:
    """Codes of the readings of a character and the readings, in the dictionary's order, without repetition."""
    found: dict[int, Reading] = {}
    for reading in words.alternatives(char):
        found.setdefault(reading_code(reading), reading)
    found.pop(0, None)
    return tuple(found)[:CANDIDATES], tuple(found.values())[:CANDIDATES]


# The bytes of a row of candidates
_ROW = struct.Struct(f"<{CANDIDATES}q")
_NO_CANDIDATES = bytes(_ROW.size)


def _shown_for(char: str) -> tuple[int, bytes]:
    """What the model is shown for a character: its code point, and its candidates."""
    if len(char) != 1 or char < "\u3400":
        return FOREIGN, _NO_CANDIDATES
    codes = candidates_of(char, lexicon())[0]
    return ord(char), _ROW.pack(*codes, *[0] * (CANDIDATES - len(codes)))


_SHOWN = Memo(_shown_for)


def sentence_inputs(sentence: Sentence, words: Lexicon) -> Inputs:
    """Look at every phrase of a sentence."""
    size = sum([len(phrase.units) for phrase in sentence.phrases]) + len(sentence.phrases)
    characters: list[int] = []
    candidates: list[bytes] = []
    known: list[int] = []
    pattern = bytearray(size * PATTERN)
    places = []
    for phrase in sentence.phrases:
        first = len(characters)
        for run in phrase.runs(words):
            _mark_units(run, pattern, characters, candidates)
            _mark_words(run, len(known), pattern)
            known += _known_codes(run, words)
        places.append(range(first, len(characters)))
        pattern[len(characters) * PATTERN + _PATH + S] = 1
        characters.append(PAUSE)
        candidates.append(_NO_CANDIDATES)
        known.append(0)
    characters[-1] = STOPS[sentence.kind]
    return Inputs(
        np.array(characters, np.int64),
        np.frombuffer(pattern, np.uint8).astype(np.float32).reshape(size, PATTERN),
        np.array(known, np.int64),
        np.frombuffer(b"".join(candidates), "<i8").reshape(size, CANDIDATES),
        tuple(places),
    )


def _mark_units(run: Run, pattern: bytearray, characters: list[int], candidates: list[bytes]) -> None:
    for unit in run.units:
        point, row = _SHOWN[unit.char]
        if unit.readings:
            pattern[len(characters) * PATTERN + _FIXED] = 1
            row = _NO_CANDIDATES
        characters.append(point)
        candidates.append(row)


def _mark_words(run: Run, at: int, pattern: bytearray) -> None:
    """How the words of the lexicon lie over the rows of a run, from row ``at`` on."""
    for start, found in enumerate(run.matches):
        for stop in found:
            size = stop - start - 2
            if size < 0:
                continue
            size, begin, end = min(size, 2), (at + start) * PATTERN, (at + stop - 1) * PATTERN
            pattern[begin + _BEGINS[size]] = pattern[end + _ENDS[size]] = 1
            for inside in range(begin + PATTERN, end, PATTERN):
                pattern[inside + _INSIDE[size]] = 1
    for start, stop in run.path or ((0, len(run.units)),):
        begin, end = (at + start) * PATTERN + _PATH, (at + stop - 1) * PATTERN + _PATH
        if begin == end:
            pattern[begin + S] = 1
        else:
            pattern[begin + B] = pattern[end + E] = 1
            for inside in range(begin + PATTERN, end, PATTERN):
                pattern[inside + M] = 1


def _known_codes(run: Run, words: Lexicon) -> list[int]:
    """What the lexicon says of its words of several characters over a run; of a single one nothing."""
    codes = [0] * len(run.units)
    for start, stop in run.path:
        state = run.matches[start].get(stop, -1)
        if stop == start + 1 or state < 0:
            continue
        text = run.text[start:stop]
        found = words.word_readings(state, text) or [words.default(char) for char in text]
        codes[start:stop] = [reading_code(reading) if reading else 0 for reading in found]
    return codes


# By character the readings, and what the score of each is corrected by
Taught = Mapping[str, Mapping[str, float]]
# One of the model's opinions that count: which candidate, its reading, and that correction
Opinion = tuple[int, Reading, float]
Opinions = Memo[str, tuple[Opinion, ...]]


def opinions(taught: Taught, words: Lexicon) -> Opinions:
    """None of 一 and 不, nor of characters with one reading. ``taught``: see `ReaderModel`; any reading if empty."""

    def of(char: str) -> tuple[Opinion, ...]:
        readings = candidates_of(char, words)[1] if len(char) == 1 and char >= "\u3400" else ()
        if len(readings) < 2 or ord(char) in SANDHI_ALONE:
            return ()
        known = taught.get(char, {}) if taught else dict.fromkeys(map(str, readings), 0.0)
        return tuple((at, reading, known[str(reading)]) for at, reading in enumerate(readings) if str(reading) in known)

    return Memo(of)


@dataclass(frozen=True)
class PhraseHint:
    """What the model makes of one pause-delimited phrase, per unit of it.

    begins: whether a word begins there. choices: (reading, probability) of a character with several readings, the
    likeliest first, else empty. pauses: how well a phrase ends after it, 0 for even odds.
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
    readings labelled sentences have taught, by character, and how much less usual one is than they made it
    (``zi5:-1.2``); of others the model's scores mean nothing."""

    def __init__(self, manifest: Mapping[str, object], session: Session) -> None:
        if manifest.get("pattern") != PATTERN or manifest.get("candidates") != CANDIDATES:
            got, expected = (manifest.get("pattern"), manifest.get("candidates")), (PATTERN, CANDIDATES)
            raise RuntimeFailed(
                f"reader.json has (pattern, candidates) {got}, this engine {expected}.",
                "Load the model that belongs to this engine.",
            )
        given = manifest.get("readings")
        taught: Taught = {}
        if isinstance(given, Mapping):
            taught = {str(char): dict(map(_corrected, str(readings).split())) for char, readings in given.items()}
        self._opinions = opinions(taught, lexicon())
        self._session = session

    async def hints(self, source: Source, first: int = 0, stop: int | None = None) -> Hints:
        """Ask the model about the sentences from ``first`` to before ``stop``. Raises: RuntimeFailed."""
        words = lexicon()
        found = []
        for sentence in source.sentences[first:stop]:
            inputs = sentence_inputs(sentence, words)
            outputs = await self._outputs(inputs.feeds())
            found.append(read_outputs(sentence, inputs, outputs, words, self._opinions))
        return Hints(source, tuple(found), first)

    async def _outputs(self, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Of a whole sentence; one that is longer than any is looked at window by window."""
        size = feeds["characters"].shape[1]
        if size <= WINDOW:
            return await self._session.run(feeds)
        parts = []
        for start in range(0, size, WINDOW - 2 * BESIDE):
            first, last = max(0, start - BESIDE), min(size, start + WINDOW - BESIDE)
            found = await self._session.run({name: rows[:, first:last] for name, rows in feeds.items()})
            own = slice(start - first, min(start + WINDOW - 2 * BESIDE, size) - first)
            parts.append({name: found[name] if name == "transitions" else found[name][:, own] for name in found})
        joined = {name: np.concatenate([part[name] for part in parts], 1) for name in parts[0]}
        return {**joined, "transitions": parts[0]["transitions"]}

    def release(self) -> None:
        self._session.release()


def read_outputs(
    sentence: Sentence, inputs: Inputs, outputs: Mapping[str, NDArray[Any]], words: Lexicon, known: Opinions,
) -> tuple[PhraseHint, ...]:  # fmt: skip
    """The model's outputs, phrase by phrase."""
    # the lexicon has a vote where the model is in doubt
    tags = (outputs["tags"][0] + LISTED * inputs.pattern[:, _PATH:_FIXED]).tolist()
    steps = outputs["transitions"][0].tolist()
    scores, pauses = outputs["readings"][0], outputs["pauses"][0].tolist()
    hints = []
    for phrase, rows in zip(sentence.phrases, inputs.places, strict=True):
        begins: list[bool] = []
        for run in phrase.runs(words):
            at = rows.start + len(begins)
            begins += [tag in (B, S) for tag in best_tags(tags[at : at + len(run.units)], steps)]
        choices = tuple([
            _choice(scores[row].tolist(), known[unit.char]) if known[unit.char] and not unit.readings else ()
            for row, unit in zip(rows, phrase.units, strict=True)
        ])  # fmt: skip
        hints.append(PhraseHint(tuple(begins), choices, tuple(pauses[rows.start : rows.stop])))
    return tuple(hints)


def _corrected(reading: str) -> tuple[str, float]:
    name, _, correction = reading.partition(":")
    return name, float(correction or 0)


def _choice(scores: list[float], known: Sequence[Opinion]) -> Choice:
    """Probabilities of all candidates, ``scores`` corrected in place; the readings that count, the likeliest first."""
    for at, _, correction in known:
        scores[at] += correction
    highest = max(scores)
    shares = [exp(score - highest) for score in scores]
    total = sum(shares)
    return sorted([(reading, shares[at] / total) for at, reading, _ in known], key=_falling)


def _falling(one: tuple[Reading, float]) -> float:
    return -one[1]


def best_tags(scores: Sequence[Sequence[float]], steps: Sequence[Sequence[float]]) -> list[int]:
    """Viterbi over the tags of one run; only the eight steps that may be (B to M, M to E and so on) are looked at."""
    (_, bm, be, _), (_, mm, me, _), (eb, _, _, es), (sb, _, _, ss) = steps
    begin, inside, end, single = scores[0][B], -1e9, -1e9, scores[0][S]
    back = []
    for to_begin, to_inside, to_end, to_single in scores[1:]:
        # before B and S stand E or S, before M and E stand B or M
        eb_, sb_, es_, ss_ = end + eb, single + sb, end + es, single + ss
        bm_, mm_, be_, me_ = begin + bm, inside + mm, begin + be, inside + me
        back.append((
            S if sb_ > eb_ else E, M if mm_ > bm_ else B, M if me_ > be_ else B, S if ss_ > es_ else E,
        ))  # fmt: skip
        begin = (sb_ if sb_ > eb_ else eb_) + to_begin
        inside = (mm_ if mm_ > bm_ else bm_) + to_inside
        end = (me_ if me_ > be_ else be_) + to_end
        single = (ss_ if ss_ > es_ else es_) + to_single
    tag = E if end > single else S
    path = [tag]
    for choice in reversed(back):
        tag = choice[tag]
        path.append(tag)
    return path[::-1]
