"""Bedtime: close, soft, and calmer from sentence to sentence.

Soothing speech is low, narrow in range and falling, in Mandarin as elsewhere (Papoušek, Papoušek & Symmes, "The
meanings of melodies in motherese in tone and stress languages", Infant Behavior and Development 14, 1991), and low
arousal is slow, soft and dark (Laukka, Juslin & Bresin, Cognition & Emotion 19, 2005): directions; the sizes are
moderate, since tones live on the range. Nothing may startle: what mark-up, melody and feeling raise is taken back by
half. Over the first sentences of a text the voice settles; a question still ends as one.
"""

import numpy as np

from py_engine.emotion.styles import Context, Prosody

STYLE = {
    "id": "bedtime",
    "name": {"zh": "睡前", "en": "Bedtime"},
    "description": {"zh": "轻柔、缓慢，越读越静", "en": "Soft and slow, calmer from sentence to sentence"},
    "version": "1",
}
name = STYLE["name"]["zh"]

CALMING = 0.5
# Rate and decibels where a text begins and where it has settled, and after how many sentences.
RATE, DECIBELS, SETTLED = (0.92, 0.82), (-3.0, -6.0), 8


def describe() -> dict[str, str]:
    return STYLE["description"]


def apply(prosody: Prosody, context: Context) -> Prosody:
    memory = context.memory
    place = 0 if context.index == 0 else min(memory.get("place", 0) + 1, SETTLED)
    memory["place"] = place
    share = place / SETTLED
    for field in ("decibels", "energy", "tilt", "semitones"):
        values = getattr(prosody, field)
        # The melody of a question is its meaning.
        if field != "semitones" or context.kind != "question":
            values -= CALMING * np.maximum(values, 0)
    prosody.breath -= CALMING * np.minimum(prosody.breath, 0)
    prosody.rate = 1 + (prosody.rate - 1) * np.where(prosody.rate > 1, CALMING, 1.0)
    prosody.rate *= RATE[0] + (RATE[1] - RATE[0]) * share
    prosody.decibels += DECIBELS[0] + (DECIBELS[1] - DECIBELS[0]) * share
    prosody.semitones -= 0.8
    prosody.spread *= 0.88
    prosody.tilt -= 0.6
    prosody.breath += 0.25
    prosody.pause *= 1.6
    prosody.stretch *= np.where(context.last_syllable, 1.12, 1.0)
    if context.kind == "statement":
        prosody.slope -= np.where(context.last_syllable, 0.5, 0.0)
    return prosody
