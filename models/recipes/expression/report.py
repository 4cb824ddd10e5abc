"""The figures as text and pictures."""

from __future__ import annotations

from functools import partial

import numpy as np

from py_engine.emotion.values import EMOTIONS, NEUTRAL

from .study import EXPRESSED, Row
from .verdicts import accuracy, all_steps, confusion, error_rate, quality

UNITS = {"f0": "%", "range": "st", "final": "st", "rate": "%", "energy": "dB", "tilt": "dB/oct", "prominence": "dB"}


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def steps_table(rows: list[Row]) -> str:
    """Change at full intensity and rank correlation, measure by emotion."""
    body = []
    for name, by_emotion in all_steps(rows).items():
        cells = [f"{s.full:+.2f} ({s.spearman:.2f}){'' if s.holds else ' ✗'}" for s in by_emotion.values()]
        body.append([f"{name}, {UNITS[name]}", *cells])
    return table(["measure", *EXPRESSED], body)


def judged_table(rows: list[Row]) -> str:
    """Recogniser and DNSMOS at full intensity, with the difference from neutral."""
    body = []
    for title, figure in (
        ("tonal syllable error, %", error_rate),
        ("the same, heard in register, %", partial(error_rate, kind="errors_register")),
        ("syllable error without tones, %", partial(error_rate, kind="errors_toneless")),
        ("DNSMOS, overall", quality),
    ):
        values = [figure(rows, name) for name in EMOTIONS]
        known = [v for v in values if v is not None]
        if len(known) == len(values):
            body.append([title, f"{known[0]:.2f}", *(f"{v:.2f} ({v - known[0]:+.2f})" for v in known[1:])])
    return table(["at full intensity", NEUTRAL, *EXPRESSED], body)


def confusion_table(rows: list[Row]) -> str:
    found = confusion(rows)
    body = [[name, *(str(n) for n in row)] for name, row in zip(EMOTIONS, found, strict=True)]
    return f"accuracy {100 * accuracy(found):.1f} %\n\n" + table(["said", *EMOTIONS], body)


def summary(rows: list[Row]) -> str:
    sentences = len({row.sentence for row in rows})
    held = [s.holds for by in all_steps(rows).values() for s in by.values() if s.direction]
    parts = (steps_table(rows), judged_table(rows), confusion_table(rows))
    return f"{sentences} sentences, {int(np.sum(held))} of {len(held)} directions hold\n\n" + "\n\n".join(parts)
