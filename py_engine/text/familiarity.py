"""How common a word and its characters are: common ones are spoken shorter.

Frequency shortens words beyond what their phones explain (Bell et al., Journal of Memory and Language 60, 2009, for
English; Tang & Shaw, Cognition 210, 2021, for Mandarin). Adding both figures to the inputs of a model of syllable
duration raised its correlation with the readers' on held-out sentences (``models/recipes/README.md``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from py_engine.text.lexicon import lexicon

if TYPE_CHECKING:
    from py_engine.text.model import Word

# the lexicon's log probabilities go from 0 down to this
FLOOR = -18.0
# what is in no lexicon (numbers, names, foreign words) counts as a rare word
UNLISTED = 0.25


def familiarity(word: Word) -> list[tuple[float, float]]:
    """Per syllable of the word: the commonness of the word and of the character, 0 (rarest) to 1."""
    of_word = _commonness(word.text)
    rows, at = [], 0
    for syllable in word.syllables:
        width = 2 if syllable.erhua else 1
        rows.append((of_word, _commonness(word.text[at : at + 1])))
        at += width
    return rows


def _commonness(text: str) -> float:
    table = lexicon()
    state = table.find(text)
    return UNLISTED if state < 0 else 1.0 - table.log_probability(state) / FLOOR
