"""Step 1: read the sets, draw the held-out parts, and write lines with the tones of the front end.

Writes ``labelled.pickle`` (list of `Row`), ``unlabelled.pickle`` (list of `Line`) and ``vocabulary.txt``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.recipes.emotion import labels
from models.recipes.emotion.rows import CALIBRATE, TEST, TRAIN, VOICED, WORD, Row
from py_engine.emotion.features import Line, read_line
from py_engine.errors import TextError
from py_engine.text import analyse
from py_engine.text.lexicon import lexicon

WIKI = 5000  # Sentences that stand for neutral text.
VOICED_LINES, FELT_WORDS = (Path(__file__).with_name(f"{name}.tsv") for name in ("voiced", "felt_words"))
LEAST = 4  # A rarer character is unknown.


def read(text: str) -> Line:
    """The line as the engine would see it."""
    tones: dict[int, int] = {}
    try:
        for utterance in analyse(text, "none").utterances:
            for syllable in utterance.syllables:
                tones.setdefault(syllable.start, syllable.tone)
    except TextError:
        pass
    return read_line(text, tones, lexicon().simplified)


def part_of(key: str) -> str:
    """Four fifths train, one tenth calibrates, one tenth tests; the same on every machine."""
    draw = int(hashlib.sha256(key.encode()).hexdigest(), 16) % 10
    return (TEST, CALIBRATE)[draw] if draw < 2 else TRAIN


def cped(data: Path) -> Iterator[Row]:
    """Parts by dialogue, so that none is in two."""
    for name in ("test", "valid"):
        dialogue, said = "", []
        with (data / f"emotion/cped/{name}_split.csv").open(encoding="utf-8-sig") as file:
            for entry in csv.DictReader(file):
                if entry["Dialogue_ID"] != dialogue:
                    dialogue, said = entry["Dialogue_ID"], []
                line = read(entry["Utterance"].strip())
                context = tuple((before, who == entry["Speaker"]) for before, who in said[:-3:-1])
                said.append((line, entry["Speaker"]))
                if line.symbols:
                    label = labels.cped(entry["Emotion"], entry["Sentiment"])
                    yield Row("cped", part_of(dialogue), line, context, label, entry["DA"] == "question")


def semeval(data: Path) -> Iterator[Row]:
    """The development set tests; a tenth of the training set calibrates."""
    for name in ("train", "dev"):
        with (data / f"emotion/semeval2025-chn/track_b/{name}.csv").open(encoding="utf-8") as file:
            for entry in csv.DictReader(file):
                part = TEST if name == "dev" else TRAIN if part_of(entry["id"]) != CALIBRATE else CALIBRATE
                yield Row("semeval", part, read(entry["text"].strip()), (), labels.semeval(entry))


def xed(data: Path) -> Iterator[Row]:
    """Only trains: its labels were projected from other languages. The two files in traditional characters repeat much
    of the first."""
    seen = set()
    for name in ("cn", "zh", "tw"):
        for entry in (data / f"emotion/xed/{name}-projections.tsv").read_text("utf-8").splitlines():
            # Some lines of the set have no labels, and other columns.
            text, _, numbers = entry.partition("\t")
            found = [int(number) for number in numbers.split(",") if number.strip().isdecimal()]
            label, line = labels.xed(found), read(text.strip())
            if label and line.symbols and line.symbols not in seen:
                seen.add(line.symbols)
                yield Row("xed", TRAIN, line, (), label)


def wiki(data: Path) -> Iterator[Row]:
    """Only trains. An encyclopedia is written neutrally; the labelled sets have nothing like it."""
    lines = (data / "sentences/common-voice-wiki.zh-cn.txt").read_text("utf-8").splitlines()
    for index in np.random.default_rng(7).choice(len(lines), WIKI, replace=False):
        yield Row("wiki", TRAIN, read(lines[index].strip()), (), labels.Label((1.0, *(0.0,) * 5), 0.0, 0.0))


def entries(path: Path) -> list[list[str]]:
    """The fields of each line but remarks."""
    return [line.split("\t") for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]


def voiced() -> Iterator[Row]:
    """Lines of the sets and lines of our own, labelled with what a good reader would voice."""
    for _, label, text, before in entries(VOICED_LINES):
        context = tuple((read(said[1:]), said[0] == "=") for said in before.split("|") if said)
        line = read(text)
        if line.symbols:
            yield Row(VOICED, part_of(text), line, context, labels.voiced(label))


def words() -> Iterator[Row]:
    """Words by themselves, labelled likewise, for the table of runs."""
    for label, listed in entries(FELT_WORDS):
        for word in listed.split():
            yield Row(WORD, TRAIN, read(word), (), labels.voiced(label))


def unlabelled(data: Path) -> Iterator[str]:
    for path in sorted((data / "sentences").glob("*.txt")):
        yield from path.read_text("utf-8").splitlines()
    for path in sorted((data / "polyphone").glob("*/*.sent")):
        yield from path.read_text("utf-8").replace("▁", "").splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    anew = list(voiced())
    known = {row.line.symbols for row in anew}
    sets = [*cped(options.data), *semeval(options.data), *xed(options.data), *wiki(options.data)]
    # What was labelled anew is not taught by its old label too, save SemEval's, whose annotators had the words alone.
    rows = [
        *anew,
        *words(),
        *(row for row in sets if row.corpus == "semeval" or row.part != TRAIN or row.line.symbols not in known),
    ]
    print(Counter((row.corpus, row.part) for row in rows))
    texts = dict.fromkeys(text.strip() for text in unlabelled(options.data) if text.strip())
    lines = [read(text) for text in texts]
    train = [row.line for row in sets if row.part == TRAIN]
    counts = Counter(symbol for line in [*train, *lines] for symbol in line.symbols)
    symbols = sorted((s for s, n in counts.items() if n >= LEAST), key=lambda s: (-counts[s], s))
    (options.work / "vocabulary.txt").write_text("".join(symbols), "utf-8")
    with (options.work / "labelled.pickle").open("wb") as file:
        pickle.dump(rows, file)
    with (options.work / "unlabelled.pickle").open("wb") as file:
        pickle.dump(lines, file)
    print(f"{len(rows)} labelled lines, {len(lines)} others, {len(symbols)} symbols of {len(counts)}")


if __name__ == "__main__":
    main()
