"""Errors and notices: one hierarchy, stable codes, the same on the Python and the TypeScript side.

A message says what was got and what was expected; the remedy says what to do. `docs/architecture.md` lists the codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar


class QingshengError(Exception):
    """Base of every error the engine raises on purpose.

    code: stable, for programs. message: what was got, what was expected. remedy: what to do.
    detail: plain values (numbers, strings) that a caller may show or send on.
    """

    def __init__(self, code: str, message: str, remedy: str = "", detail: Mapping[str, object] | None = None) -> None:
        super().__init__(code, message, remedy, detail)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.detail: Mapping[str, object] = MappingProxyType(dict(detail or {}))

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.remedy}".rstrip()

    def as_dict(self) -> dict[str, object]:
        """Plain values for the wire (the worker sends this to the page)."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy, "detail": dict(self.detail)}


class _CodedError(QingshengError):
    """A subclass that fixes its code, so that raising it needs only the message."""

    default_code: ClassVar[str]

    def __init__(self, message: str, remedy: str = "", detail: Mapping[str, object] | None = None) -> None:
        super().__init__(self.default_code, message, remedy, detail)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.message, self.remedy, dict(self.detail)))


class TextError(_CodedError):
    """The text cannot be spoken."""

    default_code = "text.empty"


class TextEmpty(TextError):
    """Nothing in the text can be spoken."""

    default_code = "text.empty"


class TextTooLong(TextError):
    """The text has more than 5,000 code points."""

    default_code = "text.too_long"


class MarkupError(_CodedError):
    """The mark-up is not well formed. ``detail``: ``position`` (code points), ``line`` and ``column`` from 1."""

    default_code = "markup.malformed"


class MarkupUnknown(MarkupError):
    """An element or attribute that is not part of the subset."""

    default_code = "markup.unknown"


class MarkupValue(MarkupError):
    """An attribute or a content with a value that cannot be used."""

    default_code = "markup.value"


class LexiconEntryInvalid(_CodedError):
    """An entry of the user's lexicon cannot be used."""

    default_code = "lexicon.invalid"


class VoiceError(_CodedError):
    """A voice cannot be used."""

    default_code = "voice.format"


class VoiceNotFound(VoiceError):
    """No voice with this id is loaded."""

    default_code = "voice.not_found"


class VoiceFormat(VoiceError):
    """The pack's manifest is not of the format this engine reads."""

    default_code = "voice.format"


class VoiceCorrupt(VoiceError):
    """A file of the pack has another size or digest than its manifest says."""

    default_code = "voice.corrupt"


class ModelError(_CodedError):
    """A model of the front end cannot be used."""

    default_code = "model.corrupt"


class ModelUnknown(ModelError):
    """The engine has no use for a model of this name."""

    default_code = "model.unknown"


class ModelMissing(ModelError):
    """What was asked for needs a model that is not loaded."""

    default_code = "model.missing"


class ModelCorrupt(ModelError):
    """The model has another format, size or digest than its manifest says."""

    default_code = "model.corrupt"


class PhoneUnmapped(VoiceError):
    """The voice has no token for some phones; ``detail["phones"]`` lists all of them."""

    default_code = "voice.phone_unmapped"


class OptionInvalid(_CodedError):
    """An option is out of its range or of another type."""

    default_code = "option.invalid"


class StyleInvalid(_CodedError):
    """A style plugin is refused: it cannot be read, lacks a part, or fails when tried."""

    default_code = "style.invalid"


class LanguageUnsupported(_CodedError):
    """The voice does not speak the language asked for."""

    default_code = "language.unsupported"


class RuntimeFailed(_CodedError):
    """The model runtime (onnxruntime) refused a model or a run."""

    default_code = "runtime.failed"


class Cancelled(_CodedError):
    """The caller cancelled the request."""

    default_code = "cancelled"


@dataclass(frozen=True)
class Notice:
    """Something the caller should know that did not stop the speech.

    start, stop: half-open span in code points of the caller's text. text: the characters it is about.
    """

    code: str
    message: str
    start: int
    stop: int
    text: str = ""


UNKNOWN_CHARACTER = "text.unknown_character"
EMOTION_UNSUPPORTED = "emotion.unsupported"
# The emotion model failed; the sentence is spoken neutrally.
EMOTION_FAILED = "emotion.failed"
# The voice speaks without what was asked for; `Manifest.controls` says what it can do.
OPTION_UNSUPPORTED = "option.unsupported"
# A syllable was left out; see `PhoneUnmapped`.
PHONE_UNMAPPED = "voice.phone_unmapped"
# A style raised an error, took too long or gave back what cannot be followed; it is switched off, speech goes on.
STYLE_FAILED = "style.failed"
# The style asked for is not loaded (any more); speech goes on without.
STYLE_UNKNOWN = "style.unknown"
