"""How feeling sounds: from the weights of the emotions and their intensity to changes of delivery, phone by phone.

The neutral prosody is learned. There is no free corpus of emotional Mandarin to learn the rest from, so the rest is
this explicit mapping (docs/decisions/0007-expression.md). Every emotion has a `Profile`, what it does at intensity 1,
in units in which changes add up (logarithms of factors, semitones, decibels). The strength of an emotion is its weight
times the intensity, and a mixture is the sum of the profiles times their strengths. So the mapping is linear in each
strength: continuous and differentiable from 0 to 1.2, exactly nothing at 0, and half a feeling is half the way.

Sources of the figures, by letter. Where a source gives a direction only, the size is a moderate choice.

[A] The product's own two checks: joy raises F0 by 35 % and takes 12 % off the time; mild sadness is level and sinks.
[B] Liu & Pell, "Recognizing vocal emotions in Mandarin Chinese: a validated database", Behavior Research Methods 44,
    2012: anger and pleasant surprise have a high mean F0 and a large variation of F0 and amplitude, sadness and fear
    small ones, happiness lies between.
[C] Li, Fang & Dang, "Emotional intonation in a tone language: experimental evidence from Chinese", ICPhS XVII, 2011,
    after Chao 1968: happiness and surprise end in a rising successive addition tone, anger in a falling one. And the
    articulographic study of Mandarin vowels of 2010 by the same group: happy has a high rising boundary, angry a high
    falling one, sad and neutral a low one; F0 range and register set angry and happy apart from sad and neutral.
[D] "Acoustical features in Mandarin emotional speech by native speakers of English" (16 native speakers of Mandarin
    compared): anger and joy are intense, sadness and fear weak; fear has a small F0 range; only anger is fast.
[E] Yuan, Shen & Chen, "The acoustic realization of anger, fear, joy and sadness in Chinese", ICSLP 2002: anger and fear
    are mainly realised in phonation, joy in F0, sadness in both; duration plays a secondary role.
[F] Lin & Fon, "Prosodic and acoustic features of emotional speech in Taiwan Mandarin", Speech Prosody 2012: F0 height
    and rate follow arousal; anger and sorrow lengthen the final syllable more than joy does.
[G] Mozziconacci, "Speech variability and emotion: production and perception", 1998 (Dutch, best in listening tests):
    duration of joy 83 %, anger 79 %, sadness 129 %, fear 89 % of neutral. As duration is secondary in Mandarin [E],
    about half of the lengthening is taken, and a quarter of the shortening, which costs intelligibility.
[H] Schröder, "Emotional speech synthesis: a review", Eurospeech 2001, 561-564, table of rules: joy F0 +50 % (Burkhardt
    & Sendlmeier); anger 6 dB louder (Murray & Arnott); sadness slower, breathy, softer, less brilliant, and surprise
    steeply rising, a little faster, louder (Cahn, on a scale of her own from -10 to 10: directions only).
[I] Juslin & Laukka, "Communication of emotions in vocal expression and music performance", Psychological Bulletin 129,
    2003: high-frequency energy is high in anger, medium to high in joy, low in sadness and fear; fear is fast and high.
[J] Gobl & Ní Chasaide, "The role of voice quality in communicating emotion, mood and attitude", Speech Communication
    40, 2003: tense voice goes with anger, breathy with sadness, whispery with fear. Ryan, Ní Chasaide & Gobl, ICPhS XV,
    2003: very tense is heard as angry, moderately tense is not heard as happy.
[K] Kamiloğlu, Fischer & Sauter, "Good vibrations", Psychonomic Bulletin & Review 27, 2020 (108 studies): happy voices
    are loud, high, and variable in pitch.

Read for this mapping: the abstracts of [H], [J] (both papers) and [K], which bear out what is said of them in general.
Known only as others cite them: the figures of [G] and [H], the table of [I], breathy and whispery in [J]. None of
their sizes is taken whole, and what is heard of them is measured in docs/expression.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from py_engine.emotion.values import EMOTIONS, NEUTRAL, Emotion
from py_engine.text.phones import INITIALS, PAUSES

from .curves import elasticities
from .delivery import FACTORS, LIMITS, plain_delivery
from .intonation import syllables_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from py_engine.text import PhoneSequence
    from py_engine.text.model import Kind

    from .curves import Floats
    from .delivery import Delivery

OCTAVE = 12.0
# In syllables before the end, where what an emotion does to the end has fallen to 1 / e: an addition tone belongs to
# the last syllable [C].
FINAL_REACH = 0.8
# Of the end's rise or fall, the part that moves the whole last syllable; the rest happens within its final.
FINAL_SHIFT = 0.7
# An exclamation shows arousal in pitch and tempo this much more than a statement: joy then does what [A] asks of one,
# and a statement stays moderate [B], within the pitches at which the voice was recorded.
OUTCRY = 3.0
# Of a spoken sentence without its pauses, weighted by duration; so a sentence as a whole takes the time intended.
MEAN_ELASTICITY = 0.87
# A feeling that begins or ends inside a sentence takes this many phones, about two syllables, to do so.
GLIDE_PHONES = 5


@dataclass(frozen=True)
class Profile:
    """What one emotion does at intensity 1.

    ``time`` factor of the duration; ``pitch`` factor of F0; ``spread`` factor of the pitch's distance from the mean;
    ``pause`` factor of pauses; ``final_time`` factor of the last syllable's duration, over ``time``; ``final``
    semitones of the addition tone at the end; ``decibels``; ``energy`` z-scores; ``tilt`` dB per octave; ``breath``
    -1..1.
    """

    time: float
    pitch: float
    spread: float
    pause: float
    final_time: float
    final: float
    decibels: float
    energy: float
    tilt: float
    breath: float


PROFILES = {
    # time, pitch: moderate in a statement [B E], and with `OUTCRY` those of [A] in an exclamation; spread: direction
    # [C K]; pause with the rate [F]; rising end: direction [C]; loud: direction [D K]; tilt: direction [I]
    "joy": Profile(0.958, 1.095, 1.10, 0.85, 1.00, 2.5, 2.0, 0.0, 0.9, 0.0),
    # time [G]; pitch, spread: direction [B C]; pauses longer, end lengthened: direction [F]; low
    # end [A C]; weak [D]; dull and breathy [H I J]
    "sadness": Profile(1.17, 0.93, 0.90, 1.40, 1.06, -2.0, -4.0, -0.1, -0.5, 0.2),
    # time [G], fast [D]; pitch, spread: direction [B C]; end lengthened [F], falling [C]; three quarters of the 6 dB
    # of [H]; bright and tense [I J]
    "anger": Profile(0.955, 1.06, 1.09, 0.75, 1.06, -1.9, 4.5, 0.1, 0.6, -0.2),
    # time [G I]; pitch: direction [I], small because [B] finds it low; spread [B D]; weak [D]; dull and
    # whispery [I J]
    "fear": Profile(0.975, 1.03, 0.90, 0.90, 1.00, 0.0, -2.5, -0.05, -0.8, 0.04),
    # a little faster, rising steeply [H C]; pitch, spread: direction, the largest of all [B]; loud: direction [B H];
    # tilt with the loudness
    "surprise": Profile(0.985, 1.10, 1.14, 1.10, 1.04, 4.0, 2.0, 0.0, 1.1, 0.0),
}
_EXPRESSED = tuple(name for name in EMOTIONS if name != NEUTRAL)
_LOGARITHMIC = frozenset(("time", "pitch", "spread", "pause", "final_time"))
_PARTS = tuple(field.name for field in fields(Profile))


def _matrix() -> Floats:
    """Profiles in units that add up: [5 emotions, 10 parts], factors as natural logarithms."""
    rows = [[getattr(PROFILES[name], part) for part in _PARTS] for name in _EXPRESSED]
    logarithmic = np.array([part in _LOGARITHMIC for part in _PARTS])
    values = np.array(rows, np.float64)
    return np.where(logarithmic, np.log(np.where(logarithmic, values, 1.0)), values)


MATRIX = _matrix()


def express(
    delivery: Delivery | None,
    emotion: Emotion | Sequence[Emotion | None] | None,
    phones: PhoneSequence,
    kind: Kind = "statement",
) -> Delivery | None:
    """``delivery`` spoken with ``emotion``: one for all phones, or one for each of the N.

    Returns: a Delivery of N phones, within `py_engine.prosody.delivery.LIMITS` where the emotion moved it; ``delivery``
    itself, which may be None, where nothing is felt. Raises: ValueError where there are not as many emotions as phones.
    """
    strengths = _strengths(emotion, len(phones))
    if not strengths.any():
        return delivery
    changes = dict(zip(_PARTS, (_gliding(strengths) @ MATRIX).T, strict=True))
    if kind == "exclamation":
        changes["pitch"] = np.where(changes["pitch"] > 0, OUTCRY, 1.0) * changes["pitch"]
        changes["time"] = np.where(changes["time"] < 0, OUTCRY, 1.0) * changes["time"]
    near_end = _near_end(phones)
    plain = delivery or plain_delivery(len(phones))
    finals = np.array([symbol not in _UNSLOPED for symbol in phones.symbols])
    longer = elasticities(phones.symbols) / MEAN_ELASTICITY * (changes["time"] + near_end * changes["final_time"])
    pauses = np.array([symbol in PAUSES for symbol in phones.symbols])
    ending = near_end * changes["final"]
    return _moved(plain, {
        "stretch": np.where(pauses, 0.0, longer),
        "pause": changes["pause"],
        "semitones": changes["pitch"] * OCTAVE / math.log(2.0) + FINAL_SHIFT * ending,
        "spread": changes["spread"],
        "slope": np.where(finals, (1.0 - FINAL_SHIFT) * ending, 0.0),
        "decibels": changes["decibels"],
        "energy": changes["energy"],
        "tilt": changes["tilt"],
        "breath": changes["breath"],
    })  # fmt: skip


# The pitch of an initial is on its way already; an addition tone is the final's.
_UNSLOPED = frozenset(PAUSES) | frozenset(INITIALS)


def _moved(delivery: Delivery, by: dict[str, Floats]) -> Delivery:
    """Factors multiplied by the exponential of what is given for them, the rest added, all held within the limits."""
    moved = {}
    for name, change in by.items():
        before = getattr(delivery, name)
        after = before * np.exp(change) if name in FACTORS else before + change
        # What mark-up asks for beyond the limits stays as it is.
        low, high = LIMITS[name]
        moved[name] = np.clip(after, np.minimum(before, low), np.maximum(before, high))
    return replace(delivery, **moved)


def _strengths(emotion: Emotion | Sequence[Emotion | None] | None, count: int) -> Floats:
    """Weight times intensity of each emotion but neutral, [N, 5]."""
    if emotion is None or isinstance(emotion, Emotion):
        return np.tile(_strength(emotion), (count, 1))
    if len(emotion) != count:
        raise ValueError(f"{len(emotion)} emotions for {count} phones")
    return np.array([_strength(one) for one in emotion]).reshape(count, len(_EXPRESSED))


def _strength(emotion: Emotion | None) -> Floats:
    if emotion is None:
        return np.zeros(len(_EXPRESSED))
    weights = dict(zip(EMOTIONS, emotion.distribution, strict=True))
    return np.array([weights[name] * emotion.intensity for name in _EXPRESSED])


def _gliding(strengths: Floats) -> Floats:
    """Smoothed over the phones [N, 5], so that a feeling that changes inside a sentence does not jump."""
    if (strengths == strengths[0]).all():
        return strengths
    kernel = np.hanning(GLIDE_PHONES + 2)[1:-1]
    padded = np.pad(strengths, ((GLIDE_PHONES // 2, GLIDE_PHONES // 2), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, GLIDE_PHONES, axis=0)
    return np.asarray(windows @ (kernel / kernel.sum()), np.float64)


def _near_end(phones: PhoneSequence) -> Floats:
    """1 in the last syllable, falling off before it, [N]."""
    place = syllables_before(phones.syllable_index)
    return np.asarray(np.exp((place - place.max()) / FINAL_REACH), np.float64)
