"""Step 5b: the table of runs is fitted anew beside an encoder that stays as it is.

With the encoder's logits given, the best table is a convex problem, a logistic regression with an offset, which L-BFGS
solves to its end in seconds; steps of gradient descent with the encoder leave the many rare runs nearly where they
began. Rare runs may weigh more (inverse document frequency), as in TF-IDF. Words alone and lines that name a feeling
(`names`) teach too. How far the encoder is believed is chosen by the likelihood of the calibration lines: it knows the
training lines, so that a factor fitted on them would trust it too much. So is the student, among those that `distill`
kept on its way.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags
from torch import nn

from models.recipes.emotion import networks
from models.recipes.emotion.batches import batches, collate, load, vocabulary
from models.recipes.emotion.lessons import TRUST, Lessons
from models.recipes.emotion.log_odds import counts
from models.recipes.emotion.names import named
from models.recipes.emotion.rows import CALIBRATE, TRAIN, VOICED, Row
from models.recipes.qingsheng.training import load_trained
from py_engine.emotion.features import Line, Vocabulary, assemble
from py_engine.emotion.values import EMOTIONS

Floats = NDArray[np.float64]
Shown = list[tuple[Line, tuple[tuple[Line, bool], ...]]]
STRENGTHS = (1.0,)
BELIEFS = (0.5, 0.7, 0.9)
STEPS = 60
SYMBOLS_PER_BATCH = 4000
# How many times its weight SemEval has here: with less of it the table forgets fear and surprise of its posts.
SEMEVAL = 5.0


@torch.no_grad()
def deep(model: nn.Module, shown: Shown, words: Vocabulary) -> Floats:
    """The encoder's part of the logits [N, E]."""
    inputs = [assemble(line, context, words, 2) for line, context in shown]
    found = np.zeros((len(shown), len(EMOTIONS)))
    for group in batches([len(one.symbols) for one in inputs], SYMBOLS_PER_BATCH, np.random.default_rng(0)):
        batch = collate([inputs[index] for index in group])
        found[group] = model(**{**batch, "runs": torch.zeros_like(batch["runs"])})["logits"].double().numpy()
    return found


def features(shown: Shown, buckets: int) -> csr_matrix:
    return counts([Row("", "", line, (), None) for line, _ in shown], buckets)  # type: ignore[arg-type]


def fit(offset: Floats, runs: csr_matrix, labels: Floats, trust: Floats, strength: float) -> tuple[Floats, Floats]:
    """``table`` [buckets, E] and ``bias`` [E] that make soft ``labels`` [N, E] likeliest beside the ``offset``.

    ``trust`` [N, E]: the weight of a line, times that of its class. ``strength``: of the lines against the penalty."""
    classes, buckets = labels.shape[1], runs.shape[1]
    seen = np.asarray((runs > 0).sum(0)).ravel()
    rarity = np.log((1 + len(labels)) / (1 + seen)) + 1
    rarity /= rarity[seen > 0].mean()
    scaled = (runs @ diags(rarity)).tocsr()
    turned, weights = scaled.T.tocsr(), labels * trust

    def objective(x: Floats) -> tuple[float, Floats]:
        table, bias = x[:-classes].reshape(buckets, classes), x[-classes:]
        logits = offset + bias + scaled @ table
        logits -= np.logaddexp.reduce(logits, axis=1, keepdims=True)
        gap = np.exp(logits) * weights.sum(1, keepdims=True) - weights
        slope = np.concatenate([(strength * (turned @ gap) + table).ravel(), strength * gap.sum(0)])
        return float(0.5 * (table**2).sum() - strength * (weights * logits).sum()), slope

    found = minimize(
        objective, np.zeros((buckets + 1) * classes), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    return np.asarray(found.x[:-classes].reshape(buckets, classes) * rarity[:, None]), found.x[-classes:]


def put(model: nn.Module, table: Floats, bias: Floats, belief: float) -> None:
    """Into the network, in place."""
    count = len(EMOTIONS)
    with torch.no_grad():
        model.runs.weight[:, :count] = torch.from_numpy(table).float()
        model.runs.weight[0] = 0
        model.head.weight[:count] *= belief
        model.head.bias[:count] = belief * model.head.bias[:count] + torch.from_numpy(bias).float()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    parser.add_argument("--model", choices=("teacher", "student"), default="student")
    parser.add_argument(
        "--kept", nargs="*", default=[], help="steps of `distill` whose students stand for election too"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    words = vocabulary(options.work)
    size = networks.TEACHER if options.model == "teacher" else networks.STUDENT
    labelled = [row for row in load(options.work, "labelled") if row.label.weights]
    train = [*(row for row in labelled if row.part == TRAIN), *named(load(options.work, "unlabelled"))]
    lessons, random = Lessons(train, words, 2), np.random.default_rng(11)
    shown = [lessons.vary(row, random) for row in train]
    labels = np.array([row.label.weights for row in train], np.float64)
    trust = np.array([TRUST[row.corpus] * (SEMEVAL if row.corpus == "semeval" else 1) for row in train])
    weights = trust[:, None] * lessons.class_weights.double().numpy()
    # The encoder is heard on varied lines, as it was taught; the runs are those of the lines as they are.
    runs = features([(row.line, ()) for row in train], size.buckets)
    held = [row for row in labelled if row.part == CALIBRATE and row.corpus == VOICED]
    judged, truth = [(row.line, row.context) for row in held], np.array([row.label.weights for row in held])
    held_runs = features(judged, size.buckets)
    best: tuple[float, nn.Module, Floats, Floats, float] | None = None
    for name in (options.model, *(f"{options.model}-{step}" for step in options.kept)):
        model = load_trained(networks.EmotionNet(len(words), size), options.work / f"{name}.pt")
        offset = deep(model, shown, words)
        known = deep(model, judged, words)
        for belief in BELIEFS:
            for strength in STRENGTHS:
                table, bias = fit(belief * offset, runs, labels, weights, strength)
                logits = belief * known + bias + held_runs @ table
                logits -= np.logaddexp.reduce(logits, axis=1, keepdims=True)
                surprise = -float(np.mean((truth * logits).sum(1)))
                print(name, belief, strength, round(surprise, 4), flush=True)
                if best is None or surprise < best[0]:
                    best = surprise, model, table, bias, belief
    assert best is not None
    put(*best[1:])
    torch.save({"model": best[1].state_dict()}, options.work / f"{options.model}-finished.pt")


if __name__ == "__main__":
    main()
