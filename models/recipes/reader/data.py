"""Corpora to arrays, through the engine's own eyes: ``python -m models.recipes.reader.data --data DIR``.

Every text goes through normalisation, sentence splitting and `py_engine.text.reader.sentence_inputs`, so that the model
is trained on what it will be shown. One ``.npz`` per set in ``WORK/sets``; sentences lie end to end, ``offsets`` says
where. Arrays per character: ``characters``, ``pattern`` (bits), ``known``, ``candidates`` [n, 8], ``mark`` (a pause),
``tags`` and ``speech`` (-1: not labelled), ``loose`` (how well a phrase ends behind it: 1, 0, -1; `UNKNOWN`). Per
sentence: ``place`` and ``target`` (index of the labelled candidate), -1 without; ``item``: number of the line it comes
from.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipes.reader.judged import Judged, judged
from models.recipes.reader.treebank import tagged_sentences
from py_engine.text.lexicon import Lexicon, lexicon, parse_reading
from py_engine.text.normalise import Normaliser
from py_engine.text.reader import PATTERN, B, E, Inputs, M, S, reading_code, sentence_inputs
from py_engine.text.sentences import Sentence, split_sentences

MARK = "▁"
SPEECH = (
    "ADJ", "ADP", "ADV", "AUX", "CONJ", "DET", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SYM", "VERB", "X",
    "INTJ", "SCONJ",
)  # fmt: skip
LONGEST = 96
UNKNOWN = 2  # of how loose a boundary is
JUDGED = Path(__file__).with_name("phrases.txt")
WRITTEN = Path(__file__).with_name("readings.tsv")
BITS = 1 << np.arange(PATTERN)


@dataclass
class Line:
    """A text; ``label``: (place, reading) of its polyphone; ``places``: where phrases may end; ``words``: (word, part
    of speech), end to end the text."""

    text: str
    label: tuple[int, str] | None = None
    places: Judged | None = None
    words: list[tuple[str, str]] = field(default_factory=list)
    number: int = -1


def polyphones(path: Path) -> Iterator[Line]:
    sentences = path.with_suffix(".sent").read_text("utf-8").splitlines()
    labels = path.with_suffix(".lb").read_text("utf-8").split()
    for number, (sentence, label) in enumerate(zip(sentences, labels, strict=True)):
        place = sentence.index(MARK)
        yield Line(sentence.replace(MARK, ""), (place, label.replace("u:", "v")), number=number)


def written() -> Iterator[Line]:
    """Sentences written for readings that the labelled sets hardly have."""
    for number, row in enumerate(WRITTEN.read_text("utf-8").splitlines()):
        reading, sentence = row.split("\t")
        yield Line(sentence.replace(MARK, ""), (sentence.index(MARK), reading), number=number)


def treebank(path: Path) -> Iterator[Line]:
    for number, sentence in enumerate(tagged_sentences(path)):
        words = [(word.text, word.part) for word in sentence]
        yield Line("".join(word for word, _ in words), words=words, number=number)


def phrases() -> Iterator[Line]:
    for case in judged(JUDGED):
        yield Line(case.text, places=case)


def plain(data: Path) -> Iterator[Line]:
    """Common Voice (CC0) and the lines of CPED (Apache-2.0)."""
    for path in sorted((data / "sentences").glob("common-voice-*.txt")):
        for text in path.read_text("utf-8").splitlines():
            yield Line(text)
    for path in sorted((data / "emotion/cped").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                yield Line(row["Utterance"])


class Collector:
    def __init__(self, words: Lexicon) -> None:
        self._words = words
        self._rows: dict[str, list[Any]] = {}
        self._sizes = [0]

    def add(self, line: Line) -> None:
        if not line.text or len(line.text) > 5000:
            return
        starts, stops, kinds = word_ends(line.words)
        for sentence in split_sentences(Normaliser(line.text, self._words).items()):
            inputs = sentence_inputs(sentence, self._words)
            size = len(inputs.characters)
            if size > LONGEST:
                continue
            tags, speech = np.full(size, -1, np.int8), np.full(size, -1, np.int8)
            place, target = -1, -1
            mark = np.ones(size, bool)
            for row, unit in located(sentence, inputs.places):
                mark[row] = False
                single = len(unit.char) == 1 and not unit.readings and unit.stop == unit.start + 1
                if line.words and single and unit.start in kinds:
                    begins, ends = unit.start in starts, unit.stop in stops
                    tags[row] = S if begins and ends else B if begins else E if ends else M
                    speech[row] = SPEECH.index(kinds[unit.start])
                if line.label and single and unit.start == line.label[0]:
                    code = reading_code(parse_reading(line.label[1]))
                    found = np.flatnonzero((inputs.candidates[row] == code) & (code > 0))
                    if len(found):
                        place, target = row, int(found[0])
            loose = np.full(size, UNKNOWN, np.int8)
            if line.places:
                for row, stop in boundaries(sentence, inputs):
                    loose[row] = 1 if stop in line.places.good else 0 if stop in line.places.harmless else -1
            self._keep(
                characters=inputs.characters.astype(np.uint16), pattern=(inputs.pattern @ BITS).astype(np.uint16),
                known=inputs.known.astype(np.uint16), candidates=inputs.candidates.astype(np.uint16), mark=mark,
                tags=tags, speech=speech, loose=loose, place=np.array([place]), target=np.array([target]),
                item=np.array([line.number]),
            )  # fmt: skip
            self._sizes.append(self._sizes[-1] + size)

    def _keep(self, **rows: NDArray[Any]) -> None:
        for name, values in rows.items():
            self._rows.setdefault(name, []).append(values)

    def save(self, path: Path) -> None:
        arrays = {name: np.concatenate(parts) for name, parts in self._rows.items()}
        np.savez(path, offsets=np.array(self._sizes), **arrays)
        labelled = int((arrays["target"] >= 0).sum())
        count, size = len(self._sizes) - 1, self._sizes[-1]
        print(f"{path.name}: {count} sentences, {size} characters, {labelled} labels", flush=True)


def located(sentence: Sentence, places: Iterable[range]) -> Iterator[tuple[int, Any]]:
    for phrase, rows in zip(sentence.phrases, places, strict=True):
        yield from zip(rows, phrase.units, strict=True)


def boundaries(sentence: Sentence, inputs: Inputs) -> Iterator[tuple[int, int]]:
    """Between neighbouring units without a mark: the row of the left one and where it ends."""
    for phrase, rows in zip(sentence.phrases, inputs.places, strict=True):
        for row, unit in zip(rows[:-1], phrase.units, strict=False):
            yield row, unit.stop


def word_ends(words: list[tuple[str, str]]) -> tuple[set[int], set[int], dict[int, str]]:
    """Where words begin and end, and the part of speech of each character."""
    starts, stops, kinds, at = set(), set(), {}, 0
    for word, kind in words:
        starts.add(at)
        for place in range(at, at + len(word)):
            kinds[place] = kind
        at += len(word)
        stops.add(at)
    return starts, stops, kinds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".work/reader"))
    options = parser.parse_args()
    data, target = options.data, options.work / "sets"
    target.mkdir(parents=True, exist_ok=True)
    cpp = list(polyphones(data / "polyphone/cpp-dev/dev"))
    dev = list(polyphones(data / "polyphone/g2pl/dev"))
    measured = {line.text for line in [*cpp, *dev]}
    sets: dict[str, Iterable[Line]] = {
        "treebank_train": treebank(data / "segmentation/ud-gsd-simplified-train.conll"),
        "treebank_dev": treebank(data / "segmentation/ud-gsd-simplified-dev.conll"),
        # a sentence that is also measured is not trained on
        "g2pl_train": (line for line in polyphones(data / "polyphone/g2pl/train") if line.text not in measured),
        "plain": (line for line in plain(data) if line.text not in measured),
        "phrases": phrases(), "written": written(),
        "g2pl_dev": dev, "cpp_even": cpp[::2], "cpp_odd": cpp[1::2],
    }  # fmt: skip
    words = lexicon()
    for name, lines in sets.items():
        collector = Collector(words)
        for line in lines:
            collector.add(line)
        collector.save(target / f"{name}.npz")


if __name__ == "__main__":
    main()
