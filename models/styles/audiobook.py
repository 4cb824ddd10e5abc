"""Audiobook: phrasing anchored in the paragraph, and a colour for characters who speak.

Mandarin readers group phrases into paragraphs by pitch: it is reset at the first sentence and lowest at the last, where
the end is longer too (Tseng et al., "Fluent speech prosody: framework and modeling", Speech Communication 46, 2005).
Quotations take turns between two colours, as two people do who talk; narration is a little slower than talk.
"""

import numpy as np

from py_engine.emotion.styles import Context, Prosody

STYLE = {
    "id": "audiobook",
    "name": {"zh": "有声书", "en": "Audiobook"},
    "description": {"zh": "段落分明，人物有别", "en": "Paragraphs anchored in pitch, characters with their own colour"},
    "version": "1",
}
name = STYLE["name"]["zh"]

# Semitones over the voice at the first sentence of a paragraph, and how many each further one sinks.
RESET, STEP, LOWEST = 0.8, 0.35, -0.8
# Semitones, range, tilt and rate of the first, third, ... quotation, and of the second, fourth, ...
COLOURS = ((1.6, 1.15, 0.5, 1.04), (-1.4, 1.10, -0.5, 0.98))


def describe() -> dict[str, str]:
    return STYLE["description"]


def apply(prosody: Prosody, context: Context) -> Prosody:
    memory = context.memory
    place = 0 if context.opens_paragraph or context.index == 0 else memory.get("place", 0) + 1
    memory["place"] = place
    narration = context.quotation == 0
    prosody.semitones += np.where(narration, max(LOWEST, RESET - STEP * place), 0.0)
    prosody.rate *= np.where(narration, 0.95, 1.0)
    for turn, (semitones, spread, tilt, rate) in enumerate(COLOURS):
        said = (context.quotation > 0) & ((context.quotation - 1) % len(COLOURS) == turn)
        prosody.semitones += np.where(said, semitones, 0.0)
        prosody.spread *= np.where(said, spread, 1.0)
        prosody.tilt += np.where(said, tilt, 0.0)
        prosody.rate *= np.where(said, rate, 1.0)
    # Phrases are set apart by their ends (pre-boundary lengthening) and by longer pauses.
    prosody.stretch *= np.where(context.breaks >= 2, 1.08, 1.0)
    prosody.pause *= 1.25
    if context.closes_paragraph:
        prosody.stretch *= np.where(context.last_syllable, 1.12, 1.0)
        prosody.pause[-1] *= 1.4
    return prosody
