"""The figures as text: docs/expression.md."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from py_engine.emotion.values import EMOTIONS, NEUTRAL
from py_engine.prosody.expression import OUTCRY, PROFILES

from .rows import EXPRESSED, NAMES, Row
from .verdicts import (
    DIRECTIONS,
    accuracy,
    all_steps,
    change,
    confusion,
    error_rate,
    in_all_intensities,
    present,
    quality,
    style_confusion,
)

if TYPE_CHECKING:
    from .study import Study

UNITS = {"f0": "%", "range": "st", "final": "st", "rate": "%", "energy": "dB", "tilt": "dB/oct", "prominence": "dB"}
TITLES = {
    "f0": "F0 mean", "range": "F0 range", "final": "end of the melody", "rate": "rate", "energy": "energy",
    "tilt": "spectral tilt", "prominence": "cepstral peak",
}  # fmt: skip
EXAMPLES = (("太好了！", "joy", 1.0), ("……我明白了。", "sadness", 0.5))
TEMPLATE = Path(__file__).with_name("report.md")
# From here on the report is written by hand.
BY_HAND = "## What this falls short of"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def steps_table(rows: list[Row]) -> str:
    """Change at full intensity and rank correlation, measure by emotion."""
    body = []
    for name, by_emotion in all_steps(rows).items():
        cells = [f"{s.full:+.2f} ({s.spearman:.2f}){'' if s.holds else ' ✗'}" for s in by_emotion.values()]
        body.append([f"{TITLES[name]}, {UNITS[name]}", *cells])
    return table(["measure", *present(rows)], body)


def judged_table(rows: list[Row]) -> str:
    """Recogniser and DNSMOS at full intensity, with the difference from neutral."""
    body = []
    for title, figure in (
        ("tonal syllable error, %", error_rate),
        ("the same, in register, %", partial(error_rate, kind="errors_register")),
        ("syllable error without tones, %", partial(error_rate, kind="errors_toneless")),
        ("DNSMOS, overall", quality),
    ):
        values = [figure(rows, name) for name in (NEUTRAL, *present(rows))]
        known = [v for v in values if v is not None]
        if len(known) == len(values):
            body.append([title, f"{known[0]:.2f}", *(f"{v:.2f} ({v - known[0]:+.2f})" for v in known[1:])])
    return table(["at full intensity", NEUTRAL, *present(rows)], body)


def confusion_table(rows: list[Row]) -> str:
    found = confusion(rows)
    body = [[name, *(str(n) for n in row)] for name, row in zip(EMOTIONS, found, strict=True)]
    return f"Accuracy {100 * accuracy(found):.1f} %.\n\n" + table(["spoken, down; recognised, across", *EMOTIONS], body)


def directions(rows: list[Row]) -> str:
    found = [s.holds for by in all_steps(rows).values() for s in by.values() if s.direction]
    return f"{int(np.sum(found))} of {len(found)}"


def summary(rows: list[Row]) -> str:
    """For the console."""
    felt = [row for row in rows if row.style is None]
    parts = (steps_table(felt), judged_table(felt), confusion_table(felt), styles_table(rows))
    sentences = len({row.sentence for row in felt})
    return f"{sentences} sentences, {directions(felt)} directions hold\n\n" + "\n\n".join(parts)


def styles_table(rows: list[Row]) -> str:
    """Mean change of each measure against no style, and how well the styles are told apart."""
    styles = sorted({row.style for row in rows if row.style is not None})
    if not styles:
        return ""
    plain = {row.sentence: row for row in rows if row.style is None and row.emotion == NEUTRAL}
    body = []
    for style in styles:
        own = [row for row in rows if row.style == style]
        means = [np.mean([change(n, r.measures[n], plain[r.sentence].measures[n]) for r in own]) for n in NAMES]
        body.append([style, *(f"{value:+.2f}" for value in means), *judged_style(own, plain)])
    names, found = style_confusion(rows)
    head = ["style", *(f"{TITLES[name]}, {UNITS[name]}" for name in NAMES), "tonal errors, points", "DNSMOS"]
    right = f"{100 * accuracy(found):.1f} % of {found.sum()} (of {len(names)} classes, none among them)"
    return table(head, body) + f"\n\nTold apart by the same classifier, leaving sentences out: {right}."


def judged_style(own: list[Row], plain: dict[int, Row]) -> list[str]:
    """Errors and quality against no style, each with its standard error; dashes where they were not measured."""
    pairs = [(row, plain[row.sentence]) for row in own]
    if any(row.errors_register is None or row.quality is None for pair in pairs for row in pair):
        return ["–", "–"]
    more = np.array([(a.errors_register or 0) - (b.errors_register or 0) for a, b in pairs])
    share = np.mean([row.syllables for row in own]) / 100
    better = np.array([(a.quality or 0.0) - (b.quality or 0.0) for a, b in pairs])
    spread = np.sqrt(len(own))
    return [
        f"{more.mean() / share:+.1f} ± {more.std() / spread / share:.1f}",
        f"{better.mean():+.2f} ± {better.std() / spread:.2f}",
    ]


def profiles_table() -> str:
    parts = ("time", "pitch", "spread", "pause", "final_time", "final", "decibels", "energy", "tilt", "breath")
    return table(["planned", *parts], [[name, *(f"{getattr(p, x):g}" for x in parts)] for name, p in PROFILES.items()])


def examples_table(study: Study) -> str:
    """The product's own two checks, measured."""
    body = []
    for text, emotion, intensity in EXAMPLES:
        plain, felt = (
            study.row(0, text, name, strength, False).measures
            for name, strength in ((NEUTRAL, 0.0), (emotion, intensity))
        )
        changes = (f"{change(n, felt[n], plain[n]):+.2f}" for n in ("f0", "range", "final"))
        time = 100 * (plain["rate"] / felt["rate"] - 1)
        body.append([f"{text} {emotion}, {intensity:g}", *changes, f"{time:+.2f}"])
    return table(["against neutral", "F0 mean, %", "F0 range, st", "end of the melody, st", "time, %"], body)


def by_hand(report: str) -> str:
    """The part of a report that no figures are filled into: from `BY_HAND` to its end, or nothing."""
    begin = report.find(f"\n{BY_HAND}\n")
    return report[begin:] if begin >= 0 else ""


def write(rows: list[Row], study: Study, voice: str, path: Path) -> None:
    """The report: the recipe's ``report.md`` with the figures filled in, and what was written by hand under the last
    one."""
    felt = [row for row in rows if row.style is None]
    kept = by_hand(path.read_text("utf-8")) if path.exists() else ""
    missing = ", ".join(f"{TITLES[n]} of {e}" for n, by in DIRECTIONS.items() for e, d in by.items() if d == 0)
    text = TEMPLATE.read_text("utf-8").format(
        sentences=len({row.sentence for row in felt}),
        swept=min(len(in_all_intensities(felt, name)) for name in EXPRESSED),
        voice=voice,
        examples=examples_table(study),
        missing=missing,
        directions=directions(felt),
        steps=steps_table(felt),
        outcry=f"{OUTCRY:g}",
        profiles=profiles_table(),
        judged=judged_table(felt),
        confusion=confusion_table(felt),
        styled=len({row.sentence for row in rows if row.style}),
        styles=styles_table(rows),
    )
    path.write_text(text + kept, "utf-8")
