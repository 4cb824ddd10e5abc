"""Step 6: how well a network tells the emotions of the held-out lines, calibrated on the calibration lines."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.recipes.emotion import networks, scores
from models.recipes.emotion.batches import collate, load, vocabulary
from models.recipes.emotion.rows import CALIBRATE, MEASURED, TEST, VOICED, Row
from models.recipes.qingsheng.training import load_trained
from py_engine.emotion.features import Vocabulary, assemble
from py_engine.emotion.values import EMOTIONS

Floats = NDArray[np.float64]
# What this share of the emotional calibration lines stays below counts as full intensity.
FULL = 0.75


@torch.no_grad()
def outputs(model: torch.nn.Module, rows: Sequence[Row], words: Vocabulary, context: bool = True) -> dict[str, Floats]:
    """``logits`` [N, E], ``valence``, ``intensity`` [N]."""
    found: dict[str, list[Floats]] = {"logits": [], "valence": [], "intensity": []}
    for start in range(0, len(rows), 64):
        inputs = [
            assemble(row.line, row.context if context else (), words, model.runs.num_embeddings)
            for row in rows[start : start + 64]
        ]
        out = model(**collate(inputs))
        for name, parts in found.items():
            parts.append(out[name].double().numpy())
    return {name: np.concatenate(parts) for name, parts in found.items()}


def softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def fit_calibration(logits: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Vector scaling (Guo et al., ICML 2017): a factor and an offset per class that make the labels likeliest."""
    x, y = (torch.tensor(part, dtype=torch.float64) for part in (logits, weights))
    factor = torch.ones(x.shape[1], dtype=torch.float64, requires_grad=True)
    offset = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([factor, offset], max_iter=200, line_search_fn="strong_wolfe")

    def step() -> torch.Tensor:
        optimiser.zero_grad()
        loss = -(y * torch.log_softmax(x * factor + offset, -1)).sum(-1).mean()
        loss = loss + 1e-3 * ((factor - 1) ** 2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(step)
    return factor.detach().numpy(), offset.detach().numpy()


def parts(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    return {
        (corpus, part): [r for r in rows if r.corpus == corpus and r.part == part and r.label.weights]
        for corpus in MEASURED for part in (CALIBRATE, TEST)
    }  # fmt: skip


def measure(
    found: dict[tuple[str, str], dict[str, Floats]], rows: dict[tuple[str, str], list[Row]]
) -> dict[str, object]:
    """Figures of the held-out lines, and the calibration."""
    truths = {key: np.array([row.label.weights for row in own]) for key, own in rows.items()}
    calibrating = VOICED, CALIBRATE
    # Of the likeliest label, as the errors below: what is mild counts whole.
    strongest = np.eye(len(EMOTIONS))[truths[calibrating].argmax(1)]
    factor, offset = fit_calibration(found[calibrating]["logits"], strongest)
    emotional = found[calibrating]["intensity"][truths[calibrating][:, 0] < 0.5]
    report: dict[str, object] = {
        "factor": factor.tolist(),
        "offset": offset.tolist(),
        "full_intensity": float(np.quantile(emotional, FULL)),
    }
    for corpus in MEASURED:
        calibrated = {p: softmax(found[corpus, p]["logits"] * factor + offset) for p in (CALIBRATE, TEST)}
        prior, power = scores.best_power(truths[corpus, CALIBRATE], calibrated[CALIBRATE])
        weights, probabilities = truths[corpus, TEST], calibrated[TEST]
        guess = scores.balanced(probabilities, prior, power)
        valence = np.array([row.label.valence for row in rows[corpus, TEST]])
        report[corpus] = {
            "lines": len(weights),
            "prior": prior.tolist(),
            "power": power,
            "macro_f1": round(scores.macro_f1(weights, guess), 4),
            "by_class": [round(float(f), 3) for f in scores.f1_by_class(weights, guess)],
            "macro_f1_likeliest": round(scores.macro_f1(weights, probabilities.argmax(1)), 4),
            "accuracy": round(
                float(np.mean(scores.truth(weights, probabilities.argmax(1)) == probabilities.argmax(1))), 4
            ),
            "calibration_error": round(scores.calibration_error(weights, probabilities), 4),
            "calibration_error_least": round(scores.least_calibration_error(probabilities), 4),
            "calibration_error_raw": round(
                scores.calibration_error(weights, softmax(found[corpus, TEST]["logits"])), 4
            ),
            "valence_r": round(float(np.corrcoef(valence, found[corpus, TEST]["valence"])[0, 1]), 3),
        }
        told = [row.label.intensity for row in rows[corpus, TEST]]
        if corpus != "cped":
            report[corpus]["intensity_r"] = round(float(np.corrcoef(told, found[corpus, TEST]["intensity"])[0, 1]), 3)  # type: ignore[index]
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    parser.add_argument("--model", default="student")
    parser.add_argument("--no-context", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    words = vocabulary(options.work)
    size = networks.TEACHER if options.model.startswith("teacher") else networks.STUDENT
    model = load_trained(networks.EmotionNet(len(words), size), options.work / f"{options.model}.pt")
    rows = parts(load(options.work, "labelled"))
    found = {key: outputs(model, own, words, not options.no_context) for key, own in rows.items()}
    report = measure(found, rows)
    report["token_share"] = round(float(model.encoder.share.detach()), 4)
    name = options.model + ("-no-context" if options.no_context else "")
    (options.work / f"{name}.json").write_text(json.dumps(report, indent=1), "utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
