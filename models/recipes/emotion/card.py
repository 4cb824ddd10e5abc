"""Step 7: the model card, from the figures that the other steps left in the work folder."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from models.recipes.emotion import networks
from models.recipes.emotion.batches import vocabulary
from py_engine.emotion.values import EMOTIONS

# What is shipped.
STUDENT = "student-finished"
CORPORA = {"semeval": "SemEval dev", "cped": "CPED, held-out dialogues"}

# ruff: noqa: E501 -- a table row is one line
TEXT = """# Emotion of Chinese sentences

Says for a line of Chinese how likely it is spoken neutrally, with joy, sadness, anger, fear or surprise, and with what valence and
intensity. It runs in the browser before each sentence of the Qingsheng text-to-speech. {bytes:,} bytes, INT8.

| | |
|---|---|
| inputs | characters, tones of the engine's front end, up to two lines of context, hashed runs of one to three characters |
| student (shipped) | Transformer encoder, {layers} layers of width {width}, {encoder:,} parameters without tables; tables of {symbols:,} symbols and {buckets:,} runs |
| teacher | {teacher_layers} layers of width {teacher_width}, {teacher_encoder:,} parameters without tables |
| learned share of the token beside its tone | teacher {teacher_share:.3f}, student {student_share:.3f} (from 0.8) |
| licence | CC BY 4.0 |
| made by | `models/recipes/emotion` |

## Figures
Six classes, one label per line (of several equally strong ones any counts). Macro-F1 with the decision balanced by the class
frequencies of the calibration lines (its exponent chosen there); accuracy and calibration error of the probabilities as they are,
scaled per class on the calibration lines of both sets. {lines}

{table}

The student keeps {kept_semeval:.1%} of the teacher's macro-F1 on SemEval dev and {kept_cped:.1%} on CPED; drawn lines with replacement,
both alike, 95 % of the shares lie in {kept_range_semeval} and {kept_range_cped}. INT8 against float32: macro-F1
{int8_semeval:.3f} and {float_semeval:.3f} (SemEval), {int8_cped:.3f} and {float_cped:.3f} (CPED). Calibration error over both sets together:
{together:.3f} (student, float32). On so few lines exactly true probabilities would come to an error of
{least_semeval:.3f} (SemEval) and {least_cped:.3f} (CPED) by chance alone, and to no less than the student's in {as_large_semeval:.1%} and {as_large_cped:.1%} of the cases:
neither set tells its probabilities from true ones. Without what chance adds
(Kumar, Liang & Ma 2019) the root mean square error is {debiased_semeval:.3f} on SemEval dev, {debiased_both:.3f} on its {both} lines that trained nothing, and
{debiased_cped:.3f} on CPED.

F1 of the student by class:

{classes}

Correlation with the labels: valence {valence_semeval:.2f} (SemEval), {valence_cped:.2f} (CPED); intensity {intensity:.2f} (SemEval).

## What it cannot do
- The labels of CPED were given to lines of television plays with sound and picture: much of what they say is not in the words, and
  most of it cannot be learned from text. Fear is rare in writing and is often taken for anger or sadness.
- Sarcasm, and joy or sorrow that only the situation tells, are mostly missed. Probabilities are then low, and so is what is heard.
- Alone it takes crime news and plain questions for anger and an advertisement for a cry. The engine therefore sets signs of the text beside it
  (`py_engine/emotion/signs.py`); with them 91 instead of 72 % of 591 everyday sentences are heard as a reader would voice them, 78 to 85 % at first sight
  (`docs/expression.md`). The figures above are those of the model alone.
- Social media and television of mainland China, and an encyclopedia for neutral text, are what it has read. Classical Chinese,
  poetry and dialect are foreign to it.
- It must not be used to judge people.

## What it was trained on
- [CPED](https://github.com/scutcyr/CPED), Apache-2.0: the validation and test parts, four fifths of their dialogues
- SemEval-2025 Task 11, track B, Chinese, CC BY 4.0: nine tenths of the training part
- [XED](https://github.com/Helsinki-NLP/XED), CC BY 4.0, with little weight
- Wikipedia sentences of Mozilla Common Voice (CC0), 5,000 as neutral text; these and the others, with those of g2pL and CPP (Apache-2.0),
  for filling in masked characters and for the teacher's answers; 671 of them that name a feeling, as weak labels

Labels of the sets became the six emotions by the table in `models/recipes/emotion/labels.py`. `weights-fp16.npz` holds the student's
float weights in half precision.
"""


def parameters(size: networks.Size) -> int:
    blocks = networks.Encoder(1, size).blocks
    return sum(parameter.numel() for parameter in blocks.parameters())


def read(work: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((work / f"{name}.json").read_text("utf-8"))
    return content


def table(work: Path, baseline: dict[str, Any]) -> str:
    rows = [
        "| | macro-F1 SemEval | accuracy | calibration error | macro-F1 CPED | accuracy | calibration error |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, key in (("commonest class", "majority"), ("TF-IDF, logistic regression", "tfidf")):
        cells = [f"{baseline[c][key]:.3f} | {baseline[c][f'{key}_accuracy']:.3f} | " for c in CORPORA]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    names = {
        "teacher": "teacher", STUDENT: "student", f"{STUDENT}-no-context": "student without context",
        "student": "last step of the distillation, before a table of runs was fitted anew",
        "student-alone": "student without teacher, log-odds of runs and neutral text",
    }  # fmt: skip
    for name, shown in names.items():
        if (work / f"{name}.json").exists():
            report = read(work, name)
            cells = [
                f"{report[c]['macro_f1']:.3f} | {report[c]['accuracy']:.3f} | {report[c]['calibration_error']:.3f}"
                for c in CORPORA
            ]
            rows.append(f"| {shown} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    options = parser.parse_args()
    manifest = json.loads((options.models / "emotion" / "emotion.json").read_text("utf-8"))
    student, teacher = read(options.work, STUDENT), read(options.work, "teacher")
    small = manifest["metrics"]["int8"]
    certain = read(options.work, "certainty")
    ranges = {c: "{:.0%} to {:.0%}".format(*certain[c]["kept"]) for c in CORPORA}
    classes = ["| | " + " | ".join(EMOTIONS) + " |", "|---" * (len(EMOTIONS) + 1) + "|"]
    classes += [f"| {CORPORA[c]} | " + " | ".join(f"{f:.2f}" for f in student[c]["by_class"]) + " |" for c in CORPORA]
    size, large = networks.STUDENT, networks.TEACHER
    text = TEXT.format(
        bytes=manifest["bytes"], layers=size.layers, width=size.width, encoder=parameters(size),
        symbols=len(vocabulary(options.work)), buckets=size.buckets, teacher_layers=large.layers,
        teacher_width=large.width, teacher_encoder=parameters(large), teacher_share=teacher["token_share"],
        student_share=student["token_share"], table=table(options.work, read(options.work, "baseline")),
        lines="; ".join(f"{shown}: {student[c]['lines']} lines" for c, shown in CORPORA.items()) + ".",
        kept_semeval=student["semeval"]["macro_f1"] / teacher["semeval"]["macro_f1"],
        kept_cped=student["cped"]["macro_f1"] / teacher["cped"]["macro_f1"],
        int8_semeval=small["semeval"]["macro_f1"], float_semeval=small["semeval"]["macro_f1_float"],
        int8_cped=small["cped"]["macro_f1"], float_cped=small["cped"]["macro_f1_float"],
        least_semeval=student["semeval"]["calibration_error_least"], least_cped=student["cped"]["calibration_error_least"],
        together=student["calibration_error"], classes="\n".join(classes),
        valence_semeval=student["semeval"]["valence_r"], valence_cped=student["cped"]["valence_r"],
        intensity=student["semeval"]["intensity_r"],
        kept_range_semeval=ranges["semeval"], kept_range_cped=ranges["cped"],
        debiased_semeval=certain["semeval"]["debiased"], debiased_cped=certain["cped"]["debiased"],
        debiased_both=certain["semeval, calibration lines too"]["debiased"],
        both=certain["semeval, calibration lines too"]["lines"],
        as_large_semeval=certain["semeval"]["as_large"], as_large_cped=certain["cped"]["as_large"],
    )  # fmt: skip
    (options.models / "emotion" / "MODEL_CARD.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
