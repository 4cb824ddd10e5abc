"""Assistant: the same voice from turn to turn.

Who hears many short answers notices when each starts somewhere else. Pitch, loudness and tempo of a sentence are drawn
towards a running mean of those before, over the turns of a conversation, and feelings are shown at half size. A little
brighter and quicker than reading, so that short answers are crisp.
"""

import numpy as np

from py_engine.emotion.styles import Context, Prosody

STYLE = {
    "id": "assistant",
    "name": {"zh": "助手", "en": "Assistant"},
    "description": {"zh": "轮次之间保持一致", "en": "Stable from turn to turn"},
    "version": "1",
}
name = STYLE["name"]["zh"]

# Share of a sentence's own level that is kept, and of it that goes into the running mean.
OWN, LEARNING = 0.5, 0.2
STEADIED = ("semitones", "decibels", "energy", "tilt", "breath")


def describe() -> dict[str, str]:
    return STYLE["description"]


def apply(prosody: Prosody, context: Context) -> Prosody:
    memory = context.memory
    for field in STEADIED:
        values = getattr(prosody, field)
        level = float(values.mean())
        usual = memory.get(field, 0.0)
        memory[field] = usual + LEARNING * (level - usual)
        # The melody within the sentence stays; only its level is drawn in.
        values += (OWN * level + (1 - OWN) * usual) - level
    spread = float(np.exp(np.log(prosody.spread).mean()))
    prosody.spread *= spread ** (OWN - 1)
    prosody.stretch **= OWN
    prosody.rate *= 1.05
    prosody.spread *= 0.95
    prosody.tilt += 0.5
    prosody.pause *= 0.85
    return prosody
