"""Customer service: calm and soothing.

A calm voice is lower in arousal: slower, softer, with a smaller range and a darker spectrum (Laukka, Juslin & Bresin,
Cognition & Emotion 19, 2005: activation raises mean, range and high-frequency energy). Whoever is angry is not answered
in anger: what the emotion has added is taken back by half where it is loud and high, and kept where it is soft.
"""

import numpy as np

from py_engine.emotion.styles import Context, Prosody

STYLE = {
    "id": "service",
    "name": {"zh": "客服", "en": "Customer service"},
    "description": {"zh": "平和、安抚", "en": "Calm and soothing"},
    "version": "1",
}
name = STYLE["name"]["zh"]

CALMING = 0.5


def describe() -> dict[str, str]:
    return STYLE["description"]


def apply(prosody: Prosody, context: Context) -> Prosody:
    # Statements of the emotion are softened first, so that the style's own settings are the same for every sentence.
    prosody.decibels -= CALMING * np.maximum(prosody.decibels, 0)
    prosody.energy -= CALMING * np.maximum(prosody.energy, 0)
    prosody.tilt -= CALMING * np.maximum(prosody.tilt, 0)
    prosody.breath -= CALMING * np.minimum(prosody.breath, 0)
    if context.kind != "question":
        prosody.semitones -= CALMING * np.maximum(prosody.semitones, 0)
    prosody.rate *= 0.94
    prosody.semitones -= 0.3
    prosody.spread *= 0.86
    prosody.decibels -= 1.5
    prosody.tilt -= 0.6
    prosody.breath += 0.15
    prosody.pause *= 1.2
    # A sentence that ends slowly sounds patient.
    prosody.stretch *= np.where(context.last_syllable, 1.08, 1.0)
    return prosody
