"""Step 7: the model card, from the figures that the other steps left in the work folder."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from models.recipes.emotion import networks
from models.recipes.emotion.batches import vocabulary
from models.recipes.emotion.prepare import FELT_WORDS, VOICED_LINES, entries
from models.recipes.emotion.rows import VOICED
from py_engine.emotion.values import EMOTIONS

# What is shipped.
STUDENT = "student-finished"
CORPORA = {VOICED: "labelled for reading", "semeval": "SemEval dev", "cped": "CPED, held-out dialogues"}

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
Six classes, one label per line (of several equally strong ones any counts). Lines of our own and of the sets, labelled with what a good reader would voice, are what it is for; SemEval's labels say what a
post conveys, CPED's what an actor felt. Macro-F1 with the decision balanced by the class
frequencies of the calibration lines (its exponent chosen there); accuracy of the probabilities as they are,
scaled per class on the calibration lines labelled for reading. {lines}

{table}

The student keeps {kept_voiced:.1%} of the teacher's macro-F1 on lines labelled for reading, {kept_semeval:.1%} on SemEval dev and {kept_cped:.1%} on CPED; drawn lines with replacement,
both alike, 95 % of the shares lie in {kept_range_voiced}, {kept_range_semeval} and {kept_range_cped}. INT8 against float32: macro-F1
{int8_voiced:.3f} and {float_voiced:.3f}, {int8_semeval:.3f} and {float_semeval:.3f}, {int8_cped:.3f} and {float_cped:.3f}. Calibration error on lines labelled for reading:
{error:.3f} ({error_int8:.3f} INT8); on so few exactly true probabilities would come to {least:.3f} by chance alone, and to no less than the student's in {as_large:.1%} of the cases. Without what chance adds
(Kumar, Liang & Ma 2019) the root mean square error is {debiased:.3f}.

F1 of the student by class:

{classes}

Correlation with the labels: valence {valence_voiced:.2f}, {valence_semeval:.2f} (SemEval) and {valence_cped:.2f} (CPED); intensity {intensity_voiced:.2f} and {intensity:.2f} (SemEval).

## What it cannot do
- It knows words and turns of phrase rather than situations: a regression on runs of characters does nearly as well. Joy or sorrow that only the situation tells is found where such a situation
  was among the labelled lines; irony without a word that mocks is mostly missed.
- Alone it misses emoji, denial and cries. The engine therefore sets signs of the text beside it
  (`py_engine/emotion/signs.py`), and leans towards a feeling where one is likely enough: with both {right:.0%} of 1,137 everyday sentences are heard as a reader would voice them, 88 to 91 % at first sight
  (`docs/expression.md`). The figures above are those of the model alone.
- Its labels were given by a large language model after a written guide; given twice they agree to a kappa of 0.86. What one reader voices mildly another reads plainly.
- Social media, television and novels of mainland China, and an encyclopedia, are what it has read. Classical Chinese,
  poetry and dialect are foreign to it.
- It must not be used to judge people.

## What it was trained on
- {voiced:,} lines labelled with what a reader would voice by a large language model ([guide](../recipes/emotion/voiced.md), `voiced.tsv`), eight tenths of them: {own:,} written by it for this, the others from CPED, g2pL (Apache-2.0),
  SemEval, XED (CC BY 4.0) and Common Voice (CC0); {words:,} words and expressions labelled likewise, most of them from jieba's dictionary (MIT)
- [CPED](https://github.com/scutcyr/CPED), Apache-2.0: the validation and test parts, four fifths of their dialogues, with little weight
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
        f"| | {' | '.join(f'{shown}: macro-F1 | accuracy' for shown in CORPORA.values())} |",
        "|---" * (1 + 2 * len(CORPORA)) + "|",
    ]
    for name, key in (("commonest class", "majority"), ("TF-IDF, logistic regression", "tfidf")):
        cells = [f"{baseline[c][key]:.3f} | {baseline[c][f'{key}_accuracy']:.3f}" for c in CORPORA]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    names = {
        "teacher": "teacher", STUDENT: "student", f"{STUDENT}-no-context": "student without context",
        "student": "last step of the distillation, before a table of runs was fitted anew",
    }  # fmt: skip
    for name, shown in names.items():
        if (work / f"{name}.json").exists():
            report = read(work, name)
            cells = [f"{report[c]['macro_f1']:.3f} | {report[c]['accuracy']:.3f}" for c in CORPORA]
            rows.append(f"| {shown} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--right", type=float, required=True, help="of `tests.emotion.pasted`, all lots")
    options = parser.parse_args()
    manifest = json.loads((options.models / "emotion" / "emotion.json").read_text("utf-8"))
    student, teacher = read(options.work, STUDENT), read(options.work, "teacher")
    small = manifest["metrics"]["int8"]
    certain = read(options.work, "certainty")
    classes = ["| | " + " | ".join(EMOTIONS) + " |", "|---" * (len(EMOTIONS) + 1) + "|"]
    classes += [f"| {CORPORA[c]} | " + " | ".join(f"{f:.2f}" for f in student[c]["by_class"]) + " |" for c in CORPORA]
    corpora = [corpus for corpus, *_ in entries(VOICED_LINES)]
    size, large = networks.STUDENT, networks.TEACHER
    text = TEXT.format(
        bytes=manifest["bytes"], layers=size.layers, width=size.width, encoder=parameters(size),
        symbols=len(vocabulary(options.work)), buckets=size.buckets, teacher_layers=large.layers,
        teacher_width=large.width, teacher_encoder=parameters(large), teacher_share=teacher["token_share"],
        student_share=student["token_share"], table=table(options.work, read(options.work, "baseline")),
        lines="; ".join(f"{shown}: {student[c]['lines']} lines" for c, shown in CORPORA.items()) + ".",
        **{f"kept_{c}": student[c]["macro_f1"] / teacher[c]["macro_f1"] for c in CORPORA},
        **{f"kept_range_{c}": "{:.0%} to {:.0%}".format(*certain[c]["kept"]) for c in CORPORA},
        **{f"int8_{c}": small[c]["macro_f1"] for c in CORPORA},
        **{f"float_{c}": small[c]["macro_f1_float"] for c in CORPORA},
        **{f"valence_{c}": student[c]["valence_r"] for c in CORPORA},
        error=student[VOICED]["calibration_error"], error_int8=small[VOICED]["calibration_error"],
        least=student[VOICED]["calibration_error_least"], as_large=certain[VOICED]["as_large"],
        debiased=certain[VOICED]["debiased"], classes="\n".join(classes),
        intensity_voiced=student[VOICED]["intensity_r"], intensity=student["semeval"]["intensity_r"],
        voiced=len(corpora), own=corpora.count("own"),
        words=sum(len(listed.split()) for _, listed in entries(FELT_WORDS)), right=options.right,
    )  # fmt: skip
    (options.models / "emotion" / "MODEL_CARD.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
