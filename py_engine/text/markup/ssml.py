"""The subset of SSML 1.1 (W3C, 2010) that is understood, with an ``emotion`` element of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NoReturn, TypeVar

from py_engine.errors import LanguageUnsupported, MarkupError, MarkupUnknown, MarkupValue
from py_engine.text.languages import check_language
from py_engine.text.markup import values
from py_engine.text.markup.builder import ScriptBuilder, failure
from py_engine.text.markup.inline import add_reading, closing, hanzi_inset, is_hanzi
from py_engine.text.markup.xml import Char, Close, Open, read
from py_engine.text.model import PLAIN, Style
from py_engine.text.normalise.say_as import SAY_AS, say_as
from py_engine.text.pinyin import parse_syllables
from py_engine.text.script import Break, Inset
from py_engine.text.spoken import Part

T = TypeVar("T")

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "speak": frozenset({"version", "xmlns", "xml:lang", "xml:base"}),
    "p": frozenset({"xml:lang"}),
    "s": frozenset({"xml:lang"}),
    "break": frozenset({"time", "strength"}),
    "prosody": frozenset({"rate", "pitch", "volume"}),
    "emphasis": frozenset({"level"}),
    "say-as": frozenset({"interpret-as", "format", "detail"}),
    "sub": frozenset({"alias"}),
    "phoneme": frozenset({"ph", "alphabet"}),
    "mark": frozenset({"name"}),
    "lang": frozenset({"xml:lang"}),
    "emotion": frozenset({"name", "intensity"}),
}
REQUIRED = {
    "say-as": "interpret-as", "sub": "alias", "phoneme": "ph", "mark": "name", "emotion": "name", "lang": "xml:lang",
}  # fmt: skip
# Elements whose content is said in another way: text only
LEAVES = frozenset({"say-as", "sub", "phoneme", "break", "mark"})
ALPHABETS = ("pinyin", "x-pinyin", "py")
PARAGRAPH_PAUSE, SENTENCE_PAUSE = 0.7, 0.45
# Silent and of no width: what line breaks of the mark-up become, which in plain text would end a sentence
LAYOUT = "\u2060"
EMOTION_NAME = 32
# Of one word, whatever it is written as: an utterance is cut between words only, and the models take it whole
MOST_SYLLABLES = 32


class Reader:
    """Reads one document into a `ScriptBuilder`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.builder = ScriptBuilder(source)
        self._open: list[tuple[Open, Style, int]] = []
        self._style = PLAIN
        self._ended = False

    def read(self) -> ScriptBuilder:
        """Raises: MarkupError and its kinds, LanguageUnsupported."""
        brace = -1
        for event in read(self._source):
            if isinstance(event, Char):
                if event.start >= brace:
                    brace = self._char(event)
            elif isinstance(event, Open):
                self._start(event)
            else:
                self._stop(event)
        return self.builder

    def _char(self, event: Char) -> int:
        """Take a character; returns where a reading in braces that begins here ends, else -1."""
        if not self._open:
            if not event.char.isspace() and event.char != "\ufeff":
                raise failure(MarkupError, self._source, event.start, "text outside <speak>.", "Put it inside.")
            return -1
        if self._open[-1][0].name == "sub":
            return -1
        if event.char == "{" and event.stop == event.start + 1:
            stop = closing(self._source, event.start)
            if stop >= 0 and add_reading(self.builder, self._source[event.start + 1 : stop]):
                return stop + 1
        self.builder.char(LAYOUT if event.char in "\n\r\t" else event.char, event.start, event.stop)
        return -1

    def _start(self, tag: Open) -> None:
        self._check(tag)
        self._open.append((tag, self._style, self.builder.length))
        handler = _STARTS.get(tag.name)
        if handler is not None:
            handler(self, tag)
        self.builder.style(self._style)
        if tag.empty:
            self._stop(Close(tag.name, tag.stop, tag.stop))

    def _stop(self, tag: Close) -> None:
        opened, style, first = self._open.pop()
        handler = _STOPS.get(tag.name)
        if handler is not None:
            handler(self, opened, tag, first)
        self._style = style
        self.builder.style(style)
        self._ended = self._ended or not self._open

    def _check(self, tag: Open) -> None:
        allowed = ATTRIBUTES.get(tag.name)
        if allowed is None:
            self._fail(MarkupUnknown, tag.start, f"<{tag.name}> is not known.", f"Known are {', '.join(ATTRIBUTES)}.")
        if bool(self._open) == (tag.name == "speak") or self._ended:
            self._fail(
                MarkupError, tag.start, f"<{tag.name}> cannot stand here.", "Put everything into one <speak> element."
            )
        if self._open and self._open[-1][0].name in LEAVES:
            inside = self._open[-1][0].name
            self._fail(MarkupError, tag.start, f"<{tag.name}> inside <{inside}>.", f"<{inside}> holds text only.")
        for name in tag.attributes:
            if name not in allowed and not name.startswith(("xmlns", "xsi:")):
                known = ", ".join(sorted(allowed))
                self._fail(MarkupUnknown, tag.places[name], f"<{tag.name}> has no {name}.", f"It has {known}.")
        needed = REQUIRED.get(tag.name)
        if needed and not tag.attributes.get(needed, "").strip():
            self._fail(MarkupValue, tag.start, f"<{tag.name}> has no {needed}.", f'Add {needed}="...".')
        if "xml:lang" in tag.attributes:
            self._language(tag)

    def _language(self, tag: Open) -> None:
        try:
            check_language(tag.attributes["xml:lang"])
        except LanguageUnsupported as error:
            at = tag.places["xml:lang"]
            raise LanguageUnsupported(error.message, error.remedy, {**error.detail, "position": at}) from None

    def _value(self, tag: Open, name: str, parse: Callable[[str], T | None], expected: str) -> T | None:
        """A parsed attribute, None where it is not given."""
        text = tag.attributes.get(name)
        if text is None:
            return None
        value = parse(text.strip())
        if value is None:
            message = f"{name} of <{tag.name}> is {text!r:.40}, expected {expected}."
            self._fail(MarkupValue, tag.places[name], message, "Correct the value, or leave the attribute out.")
        return value

    def _fail(self, kind: type[MarkupError], at: int, message: str, remedy: str) -> NoReturn:
        raise failure(kind, self._source, at, message, remedy)

    def _prosody(self, tag: Open) -> None:
        low, high = values.RATE_RANGE
        rate = self._value(tag, "rate", values.rate, f"{', '.join(values.RATES)}, a factor {low:g} to {high:g} or 120%")
        pitch = self._value(tag, "pitch", values.pitch, f"{', '.join(values.PITCHES)}, +2st (to 12) or +10%")
        volume = self._value(tag, "volume", values.volume, f"{', '.join(values.VOLUMES)}, -6dB or 0 to 100")
        style = replace(
            self._style,
            rate=self._style.rate * (1.0 if rate is None else rate),
            pitch=self._style.pitch + (pitch or 0.0),
            volume=max(values.SILENT, self._style.volume + (volume or 0.0)),
        )
        if not 0.25 <= style.rate <= 4.0 or abs(style.pitch) > values.PITCH_RANGE[1] or style.volume > 12.0:
            got = f"rate {style.rate:g}, pitch {style.pitch:+g} st, volume {style.volume:+g} dB"
            message = (
                f"nested <prosody> comes to {got}, expected a rate of 0.25 to 4, a pitch of -12 to 12, at most 12 dB."
            )
            self._fail(MarkupValue, tag.start, message, "Ask for less.")
        self._style = style

    def _emphasis(self, tag: Open) -> None:
        level = self._value(tag, "level", values.EMPHASES.get, ", ".join(values.EMPHASES))
        self._style = replace(self._style, emphasis="moderate" if level is None else level)

    def _emotion(self, tag: Open) -> None:
        name = tag.attributes["name"].strip()
        if len(name) > EMOTION_NAME:
            self._fail(MarkupValue, tag.places["name"], f"{name!r:.40} is no name.", "Use a name like joy.")
        strength = self._value(tag, "intensity", values.intensity, "0 to 1.2")
        self._style = replace(self._style, emotion=name, intensity=1.0 if strength is None else strength)

    def _break(self, tag: Open) -> None:
        time = self._value(tag, "time", values.seconds, f"500ms or 1.5s, at most {values.MAX_BREAK:g} s")
        strength = self._value(tag, "strength", values.STRENGTHS.get, ", ".join(values.STRENGTHS))
        if time is not None:
            value = Break(time, exact=True)
        else:
            value = Break(values.STRENGTHS["medium"] if strength is None else strength, exact=strength == 0)
        self.builder.break_(value, tag.start, tag.stop)

    def _mark(self, tag: Open) -> None:
        self.builder.mark(tag.attributes["name"], tag.start, tag.stop)

    def _border(self, tag: Open) -> None:
        if self.builder.length:
            self._end_sentence(tag.name, tag.start, tag.stop)

    def _end_border(self, opened: Open, tag: Close, _first: int) -> None:
        if tag.stop > tag.start:
            self._end_sentence(opened.name, tag.start, tag.stop)

    def _end_sentence(self, name: str, start: int, stop: int) -> None:
        pause = PARAGRAPH_PAUSE if name == "p" else SENTENCE_PAUSE
        self.builder.break_(Break(pause, ends_sentence=True), start, stop)

    def _sub(self, opened: Open, tag: Close, _first: int) -> None:
        start, stop = (
            (opened.stop, tag.start) if opened.stop < tag.start else (opened.start, max(tag.stop, opened.stop))
        )
        self.builder.substitute(opened.attributes["alias"], start, stop)

    def _phoneme(self, opened: Open, _tag: Close, first: int) -> None:
        if opened.attributes.get("alphabet", "pinyin").strip().lower() not in ALPHABETS:
            message = f"alphabet is {opened.attributes['alphabet']!r:.40}, expected pinyin."
            self._fail(MarkupValue, opened.places["alphabet"], message, 'Write ph="chong2 qing4" alphabet="pinyin".')
        readings = parse_syllables(opened.attributes["ph"])
        if readings is None:
            message = f"ph is {opened.attributes['ph']!r:.40}, expected toned pinyin syllables."
            self._fail(MarkupValue, opened.places["ph"], message, 'Write them with tone digits: ph="chong2 qing4".')
        text = self._content(opened, first)
        if len(readings) == len(text) and all(is_hanzi(char) for char in text):
            self._replace(hanzi_inset(text, first, readings, "phoneme"))
            return
        if len(readings) > MOST_SYLLABLES:
            message = f"ph has {len(readings)} syllables for one word, expected at most {MOST_SYLLABLES}."
            self._fail(MarkupValue, opened.places["ph"], message, "Give each word a <phoneme> of its own.")
        stop = first + len(text)
        self._replace(Inset(first, stop, (Part(text, first, stop, "word", (readings,)),), "phoneme"))

    def _say_as(self, opened: Open, _tag: Close, first: int) -> None:
        kind = opened.attributes["interpret-as"].strip().lower()
        if kind not in SAY_AS:
            message = f"interpret-as is {kind!r:.40}, expected one of {', '.join(SAY_AS)}."
            self._fail(MarkupValue, opened.places["interpret-as"], message, "Correct the value.")
        text = self._content(opened, first)
        parts = say_as(kind, text, opened.attributes.get("format", ""), first)
        if parts is None:
            message = f"{text!r:.40} cannot be said as {kind}."
            self._fail(MarkupValue, opened.stop, message, "Correct the text, or take <say-as> away.")
        self._replace(Inset(first, first + len(text), tuple(parts), f"say-as {kind}"))

    def _replace(self, inset: Inset) -> None:
        """What an element says goes before readings in braces inside it."""
        insets = self.builder.insets
        while insets and insets[-1].stop > inset.start:
            insets.pop()
        insets.append(inset)

    def _content(self, opened: Open, first: int) -> str:
        text = "".join(self.builder.chars[first:])
        if not text.strip():
            self._fail(MarkupValue, opened.start, f"<{opened.name}> holds no text.", "Put the text it is about inside.")
        return text


_STARTS: Mapping[str, Callable[[Reader, Open], None]] = {
    "prosody": Reader._prosody, "emphasis": Reader._emphasis, "emotion": Reader._emotion, "break": Reader._break,
    "mark": Reader._mark, "p": Reader._border, "s": Reader._border,
}  # fmt: skip
_STOPS: Mapping[str, Callable[[Reader, Open, Close, int], None]] = {
    "sub": Reader._sub, "phoneme": Reader._phoneme, "say-as": Reader._say_as,
    "p": Reader._end_border, "s": Reader._end_border,
}  # fmt: skip


def read_ssml(source: str) -> ScriptBuilder:
    return Reader(source).read()
