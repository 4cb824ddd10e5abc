"""Step 2b: lines that name a feeling, as weak labels.

The sets label few lines of fear and surprise, and seldom those in which someone says what he feels. The names of the
sets' own labels, in Chinese, find such lines in the unlabelled sentences. A name that is negated, or that another
name stands beside, tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from models.recipes.emotion.labels import USUAL_INTENSITY, Label
from models.recipes.emotion.rows import NAMED, TRAIN, Row
from py_engine.emotion.features import Line
from py_engine.emotion.values import EMOTIONS

# happy, grateful, joy; sadness, depress; anger, disgust; fear, worried; astonished, surprise
NAMES = {
    "joy": ("高兴", "开心", "快乐", "喜悦", "感谢", "感激"),
    "sadness": ("悲伤", "伤心", "难过", "沮丧", "忧郁"),
    "anger": ("生气", "愤怒", "厌恶", "讨厌"),
    "fear": ("害怕", "恐惧", "担心", "忧虑"),
    "surprise": ("惊讶", "吃惊", "惊奇", "震惊"),
}
VALENCES = {"joy": 1.0, "sadness": -1.0, "anger": -1.0, "fear": -1.0, "surprise": 0.0}
NEGATED = re.compile("[不没别无未非莫勿]")
# How far before a name a negation still belongs to it, in symbols.
REACH = 3
LONGEST = 40


def feeling(symbols: str) -> str | None:
    """The one emotion that a line names without negation."""
    found = set()
    for emotion, names in NAMES.items():
        for name in names:
            for match in re.finditer(name, symbols):
                if NEGATED.search(symbols[max(0, match.start() - REACH) : match.start()]):
                    return None
                found.add(emotion)
    return found.pop() if len(found) == 1 else None


def named(lines: Iterable[Line]) -> Iterator[Row]:
    """The unlabelled lines that name a feeling."""
    for line in lines:
        emotion = feeling(line.symbols) if len(line.symbols) <= LONGEST else None
        if emotion:
            weights = tuple(float(emotion == name) for name in EMOTIONS)
            yield Row(NAMED, TRAIN, line, (), Label(weights, VALENCES[emotion], USUAL_INTENSITY))
