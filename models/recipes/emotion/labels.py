"""From the labels of each set to this engine's: six emotions, valence, intensity.

| set | label | emotion | why |
|---|---|---|---|
| CPED | happy, grateful | joy | |
| CPED | relaxed | neutral | calm speech without arousal; its pleasantness goes into the valence |
| CPED | sadness, depress | sadness | low spirits sound like sadness: slow, low, level |
| CPED | anger, disgust | anger | contempt towards someone; SemEval's annotators mark anger with 86 % of all disgust |
| CPED | fear, worried | fear | worry is weak fear |
| CPED | astonished | surprise | |
| CPED | neutral | neutral | |
| CPED | positive-other, negative-other | none, valence only | a remainder class without an emotion of its own |
| SemEval | anger, disgust | anger | the stronger of both |
| SemEval | fear, joy, sadness, surprise | the same | several may hold: weights in proportion to their intensities |
| SemEval | all zero | neutral | |
| XED | 1 anger, 3 disgust; 4 fear; 5 joy; 6 sadness; 7 surprise | as above | several: equal weights |
| XED | 2 anticipation, 8 trust | none | no counterpart; lines with nothing else are left out |
| voiced | j joy, s sadness, a anger, f fear, u surprise, 0 neutral | the same | what a good reader would voice |

Valence: CPED its sentiment (-1, 0, 1); SemEval (joy minus the strongest of anger, fear and sadness) / 3; XED the mean
of joy as 1 and the unpleasant ones as -1.
| Wikipedia sentences of Common Voice | none | neutral | weakly: an encyclopedia is written without emotion |

Intensity: SemEval the strongest intensity / 3; in the other sets 0 where they are neutral, else the mean of SemEval's
emotional texts, so that it says how likely there is any emotion where a set does not tell how much; of ``voiced`` 0.4,
0.7 and 1 for mild, plain and strong, as the words of `py_engine.emotion.signs` ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from py_engine.emotion.values import EMOTIONS

CPED = {
    "happy": "joy", "grateful": "joy", "relaxed": "neutral", "sadness": "sadness", "depress": "sadness",
    "anger": "anger", "disgust": "anger", "fear": "fear", "worried": "fear", "astonished": "surprise",
    "neutral": "neutral",
}  # fmt: skip
USUAL_INTENSITY = 0.46
SENTIMENT = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
XED = {1: "anger", 3: "anger", 4: "fear", 5: "joy", 6: "sadness", 7: "surprise"}
XED_VALENCE = {1: -1.0, 3: -1.0, 4: -1.0, 5: 1.0, 6: -1.0}
VOICED = {"j": "joy", "s": "sadness", "a": "anger", "f": "fear", "u": "surprise"}
PLEASANT = {"joy": 1.0, "surprise": 0.0}
# By degree: how much of the weight is the emotion's and not neutral, and how intense it is.
SHARES, DEGREES = (0.0, 0.6, 0.85, 1.0), (0.0, 0.4, 0.7, 1.0)


@dataclass(frozen=True)
class Label:
    """``weights`` over `EMOTIONS`, or None; ``valence`` -1..1; ``intensity`` 0..1, or None."""

    weights: tuple[float, ...] | None
    valence: float
    intensity: float | None = None


def cped(emotion: str, sentiment: str) -> Label:
    name = CPED.get(emotion)
    weights = None if name is None else tuple(float(name == other) for other in EMOTIONS)
    return Label(weights, SENTIMENT[sentiment], weights and (0.0 if name == "neutral" else USUAL_INTENSITY))


def semeval(row: Mapping[str, str]) -> Label:
    """A row of track B: 0..3 per emotion."""
    strengths = {name: int(row[name]) for name in ("joy", "sadness", "anger", "fear", "surprise")}
    strengths["anger"] = max(strengths["anger"], int(row["disgust"]))
    total, strongest = sum(strengths.values()), max(strengths.values())
    weights = tuple(strengths.get(name, 0) / total if total else float(name == "neutral") for name in EMOTIONS)
    unpleasant = max(strengths[name] for name in ("sadness", "anger", "fear"))
    return Label(weights, (strengths["joy"] - unpleasant) / 3, strongest / 3)


def xed(numbers: list[int]) -> Label | None:
    names = [XED[number] for number in numbers if number in XED]
    if not names:
        return None
    weights = tuple(names.count(name) / len(names) for name in EMOTIONS)
    valences = [XED_VALENCE[number] for number in numbers if number in XED_VALENCE]
    return Label(weights, sum(valences) / len(valences) if valences else 0.0, USUAL_INTENSITY)


def voiced(text: str) -> Label:
    """``0``, or a letter and a degree for each emotion: ``j1``, ``u2j2``."""
    felt = [] if text == "0" else [(VOICED[text[at]], int(text[at + 1])) for at in range(0, len(text), 2)]
    total, degree = sum(own for _, own in felt), max((own for _, own in felt), default=0)
    weights = {name: SHARES[degree] * own / total for name, own in felt} | {"neutral": 1 - SHARES[degree]}
    valence = sum(PLEASANT.get(name, -1.0) * own for name, own in felt) / max(total, 1)
    return Label(tuple(weights.get(name, 0.0) for name in EMOTIONS), valence * degree / 3, DEGREES[degree])
