"""Measure how feelings sound, and write the report.

``python -m models.recipes.expression --sentences ../shared/data/sentences``

Synthesises held-out sentences in every emotion at seven intensities and measures the samples; the rows are kept in
``WORK/expression/rows.jsonl``, so that ``--report`` can write docs/expression.md again without a new synthesis.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from models.recipes.qingsheng.sentences import unrecorded_texts

from .pictures import pitch_curves, sweeps
from .report import summary, write
from .rows import EXPRESSED, FULL, INTENSITIES, load, save
from .study import prepared
from .verdicts import in_all_intensities


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=Path, default=Path("../shared/data/sentences"))
    parser.add_argument("--first", type=int, default=0, help="which sentence to begin with")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--emotions", nargs="+", default=EXPRESSED, choices=EXPRESSED)
    parser.add_argument("--full", action="store_true", help="full intensity only: a fifth of the work, no steps")
    parser.add_argument("--work", type=Path, default=Path(".work/voice"), help="where the recogniser is")
    parser.add_argument("--model", type=Path, default=Path("models/qingsheng"))
    parser.add_argument("--dnsmos", type=Path, default=Path("../shared/instruments/dnsmos_sig_bak_ovr.onnx"))
    parser.add_argument(
        "--rows", type=Path, default=Path(".work/expression/rows.jsonl"), help="a pattern for --report: several runs"
    )
    parser.add_argument(
        "--report", action="store_true", help="write the report of rows measured before, and measure nothing"
    )
    parser.add_argument("--styles", type=Path, default=Path("models/styles"))
    parser.add_argument("--styled", type=int, default=20, help="how many sentences are spoken in every style too")
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    if not options.report:
        study = prepared(options.model, options.work, options.dnsmos)
        _, texts = unrecorded_texts(options.sentences)
        rows, began = [], time.perf_counter()
        intensities = (FULL,) if options.full else INTENSITIES[1:]
        for number in range(options.first, options.first + options.count):
            rows += study.sentence(number, texts[number], tuple(options.emotions), intensities)
            if number < options.first + options.styled:
                rows += study.styled(number, texts[number], options.styles)
            print(f"{len({row.sentence for row in rows})} sentences, {time.perf_counter() - began:.0f} s", flush=True)
            save(rows, options.rows)
    rows = load(sorted(options.rows.parent.glob(options.rows.name)))
    print(summary(rows))
    if options.report:
        if lacking := [name for name in EXPRESSED if not in_all_intensities(rows, name)]:
            parser.error(f"the report needs all intensities of every emotion; {options.rows} lacks some of {lacking}")
        study = prepared(options.model, options.work, options.dnsmos)
        pitch_curves(study, options.docs / "expression" / "pitch.png")
        # A style's rows are neutral ones too.
        sweeps([row for row in rows if row.style is None], options.docs / "expression" / "sweeps.png")
        write(rows, study, options.model.name, options.docs / "expression.md")


if __name__ == "__main__":
    main()
