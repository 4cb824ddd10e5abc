"""The front end's figures beside its rivals' on the same items: ``python -m tests.text.measure DATA``. Not a test.

Readings: sentences with one polyphone each (g2pL, CPP); right where pinyin and lexical tone agree with the label.
Segmentation: F1 of words on Universal Dependencies Chinese GSD (its own word definition, so 1.0 is not to be had).
Normalisation: NeMo's cases and `normalisation.tsv`; sandhi: `sandhi.tsv`. The last two are our own tables, which the
rules were written along: they show what rivals lack, not how the rules do on other text.
The shipped reader model has seen both polyphone sets: figures of models that have not are in
``models/reader/reader.json``, and ``--reader`` takes such a model (docs/reader.md).
Rivals are those of `RIVALS` that can be imported; the others are named as absent. ``--rivals`` names a folder of
packages besides those of this environment:

    python -m venv /tmp/rivals && /tmp/rivals/bin/pip install g2pM cn2an wetext WeTextProcessing thulac snownlp
    python -m tests.text.measure DATA --rivals /tmp/rivals/lib/python3.11/site-packages
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import importlib
import importlib.util
import json
import logging
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.recipes.reader.judged import judged
from models.recipes.reader.treebank import tagged_sentences
from py_engine.errors import TextEmpty
from py_engine.runtime.native import NativeRuntime
from py_engine.text import Analysis, ReaderModel, analyse, read_source
from py_engine.text.lexicon import lexicon
from py_engine.text.model import PHRASE_BREAK
from py_engine.text.normalise import Normaliser, fold
from py_engine.text.spoken import Unit
from tests.text.cases import table

MARK = "▁"
# Package to module. All of these work without a network once installed; g2pW would load weights from one
RIVALS = {
    "pypinyin": "pypinyin", "jieba": "jieba", "g2pM": "g2pM", "thulac": "thulac", "snownlp": "snownlp",
    "cn2an": "cn2an", "wetext": "wetext", "WeTextProcessing": "tn.chinese.normalizer",
}  # fmt: skip
SEEN = "the shipped reader model was trained on both polyphone sets; without them: "
OURS = "Qingsheng"
BREAKS = Path(__file__).with_name("breaks.txt")
MARKS = re.compile('[，。！？；：、,.!?;:（）()《》“”"「」…—]')
READER = Path(__file__).parents[2] / "models" / "reader" / "reader.onnx"
Scores = dict[str, float]
Fronts = Mapping[str, "Front"]


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


class Front:
    """The front end, with the reader model or by its rules alone."""

    def __init__(self, model: Path | None) -> None:
        self._runner = asyncio.Runner()
        self._model: ReaderModel | None = None
        if model is not None:
            session = self._runner.run(NativeRuntime().load("reader", model.read_bytes()))
            self._model = ReaderModel(json.loads(model.with_suffix(".json").read_text("utf-8")), session)

    def __call__(self, text: str) -> Analysis:
        if self._model is None:
            return analyse(text, "none")
        hints = self._runner.run(self._model.hints(read_source(text, "none")))
        return analyse(text, "none", hints=hints)

    def close(self) -> None:
        self._runner.close()

    def reading(self, text: str, at: int) -> str:
        return reading_at(self(text), at)


def reading_at(analysis: Analysis, at: int) -> str:
    for utterance in analysis.utterances:
        for syllable in utterance.syllables:
            if syllable.start <= at < syllable.stop:
                if syllable.erhua and at > syllable.start:
                    return "er2"
                # labels give 啊 as it is listed, not as it follows its host
                pinyin = "a" if syllable.sandhi.startswith("啊") else syllable.pinyin
                return f"{pinyin}{syllable.lexical_tone}"
    return ""


def installed(name: str) -> Any | None:  # noqa: ANN401 -- a module of any of the rivals
    module = RIVALS[name]
    return importlib.import_module(module) if importlib.util.find_spec(module.split(".")[0]) else None


def pinyin_of(module: Any, text: str, sandhi: bool = False) -> list[str]:  # noqa: ANN401
    """One reading per character, by pypinyin."""
    found: list[str] = module.lazy_pinyin(
        text, style=module.Style.TONE3, neutral_tone_with_five=True, v_to_u=False, tone_sandhi=sandhi,
        errors=list,
    )  # fmt: skip
    return found


def readers(fronts: Fronts) -> dict[str, Callable[[str, int], str]]:
    found: dict[str, Callable[[str, int], str]] = {name: front.reading for name, front in fronts.items()}
    pypinyin = installed("pypinyin")
    if pypinyin is not None:
        found["pypinyin"] = lambda text, at: pinyin_of(pypinyin, text)[at]
    g2pm = installed("g2pM")
    if g2pm is not None:
        model = g2pm.G2pM()
        found["g2pM"] = lambda text, at: str(model(text, char_split=True)[at]).replace("u:", "v")
    return found


def reading_scores(path: Path, limit: int, show: int, fronts: Fronts) -> Scores:
    scores, wrong = {}, Counter[tuple[str, ...]]()
    cases = sentences(path, limit)
    for name, read in readers(fronts).items():
        right = lenient = 0
        for text, at, label in cases:
            got = read(text, at)
            right += got == label
            lenient += got in (label, label[:-1] + "5")
            if got != label and name == OURS:
                wrong[text[at], label, got, text[max(0, at - 6) : at] + MARK + text[at : at + 7]] += 1
        scores[name] = right / len(cases)
        scores[f"{name} (neutral tone for the full one allowed)"] = lenient / len(cases)
    for key, count in wrong.most_common(show):
        print("   ", count, *key)
    return scores


def segmentation_scores(path: Path, fronts: Fronts) -> Scores:
    gold = [[word.text for word in sentence] for sentence in tagged_sentences(path)]
    cutters: dict[str, Callable[[str], set[tuple[int, int]]]] = {
        name: functools.partial(our_spans, front) for name, front in fronts.items()
    }
    jieba = installed("jieba")
    if jieba is not None:
        jieba.setLogLevel(60)
        cutters["jieba"] = lambda text: spans(jieba.lcut(text))
    thulac = installed("thulac")
    if thulac is not None:
        cutter = thulac.thulac(seg_only=True)
        cutters["thulac"] = lambda text: spans(word for word, _ in cutter.cut(text))
    snownlp = installed("snownlp")
    if snownlp is not None:
        cutters["snownlp"] = lambda text: spans(snownlp.SnowNLP(text).words)
    return {name: f1(gold, cut) for name, cut in cutters.items()}


def f1(gold: Iterable[list[str]], cut: Callable[[str], set[tuple[int, int]]]) -> float:
    size, hits, guessed = 0, 0, 0
    for words in gold:
        want, got = spans(words), cut("".join(words))
        size, guessed, hits = size + len(want), guessed + len(got), hits + len(want & got)
    return 2 * hits / (size + guessed)


def our_spans(front: Front, text: str) -> set[tuple[int, int]]:
    """Words as the front end reads them; what is not read stands alone, character by character."""
    try:
        analysis = front(text)
    except TextEmpty:
        return spans(text)
    found = {(word.start, word.stop) for utterance in analysis.utterances for word in utterance.words}
    covered = {at for start, stop in found for at in range(start, stop)}
    return found | {(at, at + 1) for at in range(len(text)) if at not in covered}


def spans(words: Iterable[str]) -> set[tuple[int, int]]:
    found, at = set(), 0
    for word in words:
        found.add((at, at + len(word)))
        at += len(word)
    return found


def our_text(text: str) -> str:
    items, folded = Normaliser(text, lexicon()).items(), fold(text)
    return "".join(item.char if isinstance(item, Unit) else folded[item.start : item.stop] for item in items)


def normalisers() -> dict[str, Callable[[str], str]]:
    found: dict[str, Callable[[str], str]] = {"Qingsheng": our_text}
    cn2an = installed("cn2an")
    if cn2an is not None:
        found["cn2an"] = lambda text: str(cn2an.transform(text, "an2cn"))
    wetext = installed("wetext")
    if wetext is not None:
        found["wetext"] = wetext.Normalizer(lang="zh", operator="tn").normalize
    processing = installed("WeTextProcessing")
    if processing is not None:
        logging.disable(logging.INFO)
        found["WeTextProcessing"] = processing.Normalizer().normalize
    return found


def compared(text: str) -> str:
    """Spaces and the case of letters apart; yuan by either name."""
    return re.sub(r"\s", "", fold(text)).casefold()


def normalisation_scores(cases: list[tuple[str, str]]) -> Scores:
    scores = {}
    for name, normalise in normalisers().items():
        right = 0
        for written, expected in cases:
            try:
                right += compared(normalise(written)) == compared(expected)
            except Exception:  # noqa: S112 -- a rival that fails has not read it
                continue
        scores[name] = right / len(cases)
    return scores


def nemo_cases(folder: Path) -> list[tuple[str, str]]:
    lines = [line for path in sorted(folder.glob("test*.txt")) for line in path.read_text("utf-8").splitlines()]
    pairs = [line.split("~", 1) for line in lines if "~" in line]
    return [(written, spoken) for written, spoken in pairs]


def sandhi_scores(fronts: Fronts) -> Scores:
    rows = table("sandhi.tsv")
    scores = {
        name: sum(str(front(row[1])).replace(" | ", " ") == row[2] for row in rows) / len(rows)
        for name, front in fronts.items()
    }
    pypinyin = installed("pypinyin")
    if pypinyin is not None:
        right = 0
        for _, written, expected, _ in rows:
            got = " ".join(one for one in pinyin_of(pypinyin, written, sandhi=True) if one.isalnum())
            # erhua counts as right if 儿 is there at all, and a sandhi that was not made because of punctuation counts
            right += re.sub(r" er[25]\b", "", got) == re.sub(r"r(\d)", r"\1", expected) or got == expected
        scores["pypinyin"] = right / len(rows)
    return scores


def break_scores(path: Path, front: Front, half: int | None = None) -> Scores:
    """Phrase ends in the judged sentences with an odd (1) or even (0) number, or all: how many, how many where none may
    be (``bad``) and where one is good, sentences without a bad one; shares of phrase ends that are not bad and of good
    places that have one. What stands beside a mark was not judged."""
    found = Counter[str]()
    for case in [one for number, one in enumerate(judged(path), 1) if half in (None, number % 2)]:
        words = [word for utterance in front(case.text).utterances for word in utterance.words]
        ends = {word.stop for word in words[:-1] if word.break_level >= PHRASE_BREAK}
        ends -= {place for mark in MARKS.finditer(case.text) for place in mark.span()}
        bad = ends - case.good - case.harmless
        found += Counter(
            sentences=1, breaks=len(ends), bad=len(bad), good=len(ends & case.good), places=len(case.good),
            clean=not bad,
        )  # fmt: skip
    shares = {"precision": 1 - found["bad"] / found["breaks"], "recall": found["good"] / found["places"]}
    return {**found, **shares}


def breath_scores(path: Path, front: Front, half: int) -> Scores:
    """Pauses without a mark in the same sentences: how many, how many at a good place, and where no phrase may end."""
    found = Counter[str]()
    for case in [one for number, one in enumerate(judged(path), 1) if number % 2 == half]:
        words = [word for utterance in front(case.text).utterances for word in utterance.words]
        ends = {word.stop for word in words if word.pause_reason}
        bad = ends - case.good - case.harmless
        found += Counter(breaths=len(ends), bad=len(bad), good=len(ends & case.good))
    return {"breaths": found["breaths"], "bad": found["bad"], "good": found["good"]}


def speed() -> tuple[float, float]:
    """Milliseconds of the whole front end for 20 characters, and of the first call in this process."""
    text = "今天天气真好，我们一起去公园里散步聊天吧。"
    began = time.perf_counter()
    analyse(text)
    first = time.perf_counter() - began
    times = []
    for _ in range(50):
        began = time.perf_counter()
        analyse(text)
        times.append(time.perf_counter() - began)
    return sorted(times)[25] * 1000, first * 1000


def report(data: Path, limit: int, show: int, model: Path | None, only: Sequence[str]) -> dict[str, Scores]:
    median, first = speed()
    fronts = {"Qingsheng, rules": Front(None)}
    if model is not None:
        fronts = {OURS: Front(model), **fronts}
    parts: dict[str, Callable[[], Scores]] = {
        "speed, ms": lambda: {"20 characters": median, "first call": first},
        "polyphones, g2pL dev": lambda: reading_scores(data / "polyphone/g2pl/dev", limit, show, fronts),
        "polyphones, CPP dev (odd half)": lambda: reading_scores(data / "polyphone/cpp-dev/dev", limit, show, fronts),
        "segmentation F1, UD-GSD dev": lambda: segmentation_scores(
            data / "segmentation/ud-gsd-simplified-dev.conll", fronts
        ),
        "normalisation, NeMo": lambda: normalisation_scores(nemo_cases(data / "normalization/nemo")),
        "normalisation, own table": lambda: normalisation_scores(
            [(row[1], row[2]) for row in table("normalisation.tsv")]
        ),
        "sandhi, own table": lambda: sandhi_scores(fronts),
        "phrases, held-out half": lambda: {
            f"{name}, {part}": value
            for name, front in fronts.items()
            for part, value in break_scores(BREAKS, front, half=0).items()
        },
        "breaths, held-out half": lambda: {
            f"{name}, {part}": value
            for name, front in fronts.items()
            for part, value in breath_scores(BREAKS, front, half=0).items()
        },
    }
    return {title: part() for title, part in parts.items() if not only or any(one in title for one in only)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Figures of the front end and its rivals.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=2000, help="sentences of each polyphone set (%(default)s)")
    parser.add_argument("--show", type=int, default=0, help="how many of our errors to show per set")
    parser.add_argument("--reader", type=Path, default=READER, help="the reader model (%(default)s)")
    parser.add_argument("--only", nargs="*", default=[], help="parts whose title contains one of these")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--rivals", type=Path, help="site-packages of an environment that has them")
    arguments = parser.parse_args()
    if arguments.rivals:
        sys.path.append(str(arguments.rivals))
    absent = [name for name in RIVALS if installed(name) is None]
    model = arguments.reader if arguments.reader.exists() else None
    figures = report(arguments.data, arguments.limit, arguments.show, model, arguments.only)
    for title, scores in figures.items():
        print(f"{title}: " + ", ".join(f"{name} {value:.4f}" for name, value in scores.items()))
    if model == READER:
        print(SEEN + json.dumps(json.loads(READER.with_suffix(".json").read_text("utf-8"))["metrics"]))
    if absent:
        print(f"not installed here: {', '.join(absent)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
