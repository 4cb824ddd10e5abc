"""Measures the front end on labelled data: `python tests/text/measure.py DATA`. Not a test: prints numbers.

Readings: sentences with one polyphone each (g2pL, CPP); right where pinyin and lexical tone agree with the label.
Segmentation: F1 of words on Universal Dependencies Chinese GSD (its own word definition, so 1.0 is not to be had).
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

from py_engine.text import analyse
from py_engine.text.lexicon import lexicon
from py_engine.text.segment import best_path, join_repeats

MARK = "▁"


def sentences(path: Path, limit: int, seed: int = 1) -> list[tuple[str, int, str]]:
    """(text, place of the polyphone, label)"""
    lines = path.with_suffix(".sent").read_text("utf-8").splitlines()
    labels = path.with_suffix(".lb").read_text("utf-8").split()
    cases = []
    # mine.py learns from the sentences of CPP with an even number
    half = slice(1, None, 2) if "cpp" in str(path) else slice(None)
    for line, label in list(zip(lines, labels, strict=True))[half]:
        at = line.index(MARK)
        cases.append((line.replace(MARK, ""), at, label.replace("u:", "v")))
    random.Random(seed).shuffle(cases)
    return cases[:limit]


def reading_at(text: str, at: int) -> str:
    for utterance in analyse(text).utterances:
        for syllable in utterance.syllables:
            if syllable.start <= at < syllable.stop:
                if syllable.erhua and at > syllable.start:
                    return "er2"
                return f"{syllable.pinyin}{syllable.lexical_tone}"
    return ""


def measure_readings(path: Path, limit: int, show: int) -> None:
    right, total, wrong = 0, 0, Counter[tuple[str, str, str]]()
    examples: dict[tuple[str, str, str], str] = {}
    for text, at, label in sentences(path, limit):
        got = reading_at(text, at)
        total += 1
        right += got == label
        if got != label:
            key = (text[at], label, got)
            wrong[key] += 1
            examples.setdefault(key, text[max(0, at - 8) : at] + MARK + text[at : at + 9])
    print(f"{path}: {right}/{total} = {right / total:.4f}")
    for key, count in wrong.most_common(show):
        print("   ", count, *key, examples[key])


def measure_segmentation(path: Path) -> None:
    gold, size, hits, guessed = [], 0, 0, 0
    for block in path.read_text("utf-8").strip().split("\n\n"):
        gold.append([line.split("\t")[1] for line in block.split("\n") if line and not line.startswith("#")])
    for words in gold:
        text = "".join(words)
        want = _spans(words)
        got = set(join_repeats(text, best_path(text, lexicon())))
        size, guessed, hits = size + len(want), guessed + len(got), hits + len(want & got)
    precision, recall = hits / guessed, hits / size
    print(
        f"{path}: precision {precision:.4f} recall {recall:.4f} F1 {2 * precision * recall / (precision + recall):.4f}"
    )


def _spans(words: list[str]) -> set[tuple[int, int]]:
    spans, at = set(), 0
    for word in words:
        spans.add((at, at + len(word)))
        at += len(word)
    return spans


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--show", type=int, default=0)
    arguments = parser.parse_args()
    measure_readings(arguments.data / "polyphone/g2pl/dev", arguments.limit, arguments.show)
    measure_readings(arguments.data / "polyphone/cpp-dev/dev", arguments.limit, arguments.show)
    measure_segmentation(arguments.data / "segmentation/ud-gsd-simplified-dev.conll")


if __name__ == "__main__":
    main()
