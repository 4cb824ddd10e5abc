"""For learners: every word for itself, tones large, time to repeat.

Clear speech is slower, with longer and more pauses, a larger range and more energy from 1 to 3 kHz (Picheny, Durlach &
Braida, Journal of Speech and Hearing Research 29, 1986; Krause & Braida, JASA 115, 2004), and Mandarin tones grow with
it and keep their shape (Liu, Tsao & Kuhl, Developmental Psychology 43, 2007): directions. A style cannot put a pause
where none is, so words are set apart by their ends. A neutral tone is known by being short: it gives way, not grows.
Feelings are shown at half size, lest they hide the tones.
"""

import numpy as np

from py_engine.emotion.styles import Context, Prosody

STYLE = {
    "id": "learner",
    "name": {"zh": "跟读", "en": "For learners"},
    "description": {"zh": "慢而清楚，字正腔圆", "en": "Slow and clear, tones in full"},
    "version": "1",
}
name = STYLE["name"]["zh"]

SHOWN = 0.5
NEUTRAL_TONE = 5
# Factors of the last syllable before a word's, a phrase's and a pause's end.
ENDS = (1.0, 1.08, 1.2, 1.25, 1.15)


def describe() -> dict[str, str]:
    return STYLE["description"]


def apply(prosody: Prosody, context: Context) -> Prosody:
    for field in ("semitones", "slope"):
        # The melody of a question is part of the lesson.
        if context.kind != "question":
            getattr(prosody, field)[:] *= SHOWN
    for field in ("decibels", "energy", "tilt", "breath"):
        getattr(prosody, field)[:] *= SHOWN
    prosody.stretch **= SHOWN
    prosody.rate *= 0.78
    prosody.spread *= 1.12
    prosody.tilt += 0.3
    prosody.breath -= 0.1
    ends = np.array(ENDS)[np.clip(context.breaks, 0, len(ENDS) - 1)]
    neutral = context.tones == NEUTRAL_TONE
    prosody.stretch *= np.where(neutral, 0.9, ends)
    prosody.pause *= 1.8
    return prosody
