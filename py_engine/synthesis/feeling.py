"""The emotion that each sentence is spoken with: given by the options, or what the model finds in the text."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from py_engine.emotion.mood import Mood, blend
from py_engine.emotion.values import AUTO, Emotion, given
from py_engine.errors import EMOTION_FAILED, ModelMissing, Notice, RuntimeFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from py_engine.emotion.model import EmotionModel

    from .sentence import Sentence
    from .values import Options

log = logging.getLogger(__name__)


class Feeling:
    """Gives the sentences of one text their emotions, in order. Without a model, ``auto`` leaves them as they are."""

    def __init__(self, options: Options, model: EmotionModel | None) -> None:
        self._options = options
        self._given = None if options.emotion == AUTO else given(options.emotion)
        self._mood = Mood(model) if model is not None and self._given is None else None

    async def of(self, sentence: Sentence) -> Sentence:
        """Emotions of the mark-up go before all others. A model that fails is reported, and the sentence neutral."""
        intensity = self._options.intensity
        if self._mood is None:
            return sentence.with_emotion(self._given, intensity)
        try:
            felt = await infer_sentence(sentence, self._mood)
        except RuntimeFailed as error:
            log.warning("emotion: %s", error)
            self._mood = None
            notice = Notice(EMOTION_FAILED, f"spoken neutrally: {error.message}", sentence.start, sentence.stop)
            return replace(sentence, notices=(*sentence.notices, notice)).with_emotion(None, intensity)
        if len(felt) == 1:
            return sentence.with_emotion(felt[0], intensity)
        own = tuple(
            sentence.own_emotions[index] if sentence.own_emotions and sentence.own_emotions[index] else emotion
            for part, emotion in zip(sentence.parts, felt, strict=True)
            for index in range(*part.syllables)
        )
        return replace(sentence, own_emotions=own).with_emotion(whole(sentence, felt), intensity)


async def infer_sentence(sentence: Sentence, mood: Mood) -> list[Emotion]:
    """One emotion per part."""
    return [await mood.feel(part) for part in sentence.parts]


def whole(sentence: Sentence, felt: list[Emotion]) -> Emotion:
    """Of the sentence as a whole: its parts by their syllables."""
    return blend(felt, [stop - start for start, stop in (part.syllables for part in sentence.parts)])


@dataclass(frozen=True)
class Inference:
    """What the model finds in a sentence, or, in ``parts``, in what the narrator and characters say of it.

    ``start``, ``stop``: code points. ``parts`` is empty where one voice says all.
    """

    text: str
    start: int
    stop: int
    emotion: Emotion
    parts: tuple[Inference, ...] = ()

    def as_dict(self) -> dict[str, object]:
        own = {"text": self.text, "start": self.start, "stop": self.stop, **self.emotion.as_dict()}
        return {**own, "parts": [part.as_dict() for part in self.parts]} if self.parts else own


async def infer(text: str, sentences: Iterable[Sentence], model: EmotionModel | None) -> list[Inference]:
    """Sentence by sentence. Raises: ModelMissing, RuntimeFailed."""
    if model is None:
        raise ModelMissing("the emotion model is not loaded.", "Load it, or use a build that has it.")
    mood = Mood(model)
    return [_inference(text, sentence, await infer_sentence(sentence, mood)) for sentence in sentences]


def _inference(text: str, sentence: Sentence, felt: list[Emotion]) -> Inference:
    parts = tuple(
        Inference(text[part.start : part.stop], part.start, part.stop, emotion)
        for part, emotion in zip(sentence.parts, felt, strict=True)
    )
    emotion = whole(sentence, felt)
    return Inference(sentence.text, sentence.start, sentence.stop, emotion, parts if len(parts) > 1 else ())
