"""The front end as a whole: text in, utterances out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from py_engine.errors import Notice, TextEmpty, TextTooLong
from py_engine.text import model
from py_engine.text.languages import check_languages
from py_engine.text.lexicon import Lexicon, lexicon
from py_engine.text.markup import read_markup
from py_engine.text.normalise import Normaliser
from py_engine.text.phrasing import mark_phrases
from py_engine.text.places import place_marks, source_tokens
from py_engine.text.reader import Model, PhraseHint, sentence_hints
from py_engine.text.readings import Draft, Sound, read_words
from py_engine.text.sandhi import apply_sandhi
from py_engine.text.script import Script
from py_engine.text.segment import segment
from py_engine.text.sentences import Sentence, split_sentences
from py_engine.text.user_lexicon import UserLexicon

MAX_CODE_POINTS = 5000
MAX_SOURCE = 40_000  # with mark-up
MAX_SYLLABLES = 60  # of one utterance: bounds the models' memory and the wait for the first sound


@dataclass(frozen=True)
class Source:
    """A text that is normalised and cut into sentences, before any of them is read."""

    script: Script
    sentences: tuple[Sentence, ...]
    tokens: tuple[model.Token, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class Hints:
    """What the reader model makes of a source, sentence by sentence; beyond the last of them the rules go alone."""

    source: Source
    sentences: tuple[tuple[PhraseHint, ...], ...]


def read_source(
    text: str,
    markup: str = "auto",
    user_lexicon: UserLexicon | None = None,
    *,
    emoji: str = "skip",
    languages: Sequence[str] | None = None,
) -> Source:
    """The first half of `analyse`: mark-up, the user's words, normalisation, sentences. Raises: what that raises."""
    _check_length(len(text), MAX_SOURCE if markup != "none" and "<" in text else MAX_CODE_POINTS)
    script = read_markup(text, markup)
    _check_length(len(script.text), MAX_CODE_POINTS)
    if user_lexicon:
        script = script.with_insets(list(user_lexicon.insets(script.text)))
    normaliser = Normaliser(script, lexicon(), emoji, "en" in check_languages(languages))
    sentences = tuple(split_sentences(normaliser.items()))
    if not sentences:
        raise TextEmpty(
            "The text has nothing that can be spoken.", "Give at least one Chinese character, digit or letter.",
            {"length": len(text), "unknown": [notice.text for notice in normaliser.notices[:20]]},
        )  # fmt: skip
    tokens = source_tokens(normaliser.tokens, script)
    return Source(script, sentences, tokens, _notices(normaliser.notices, script))


async def read_hints(reader: Model, source: Source) -> Hints:
    """Ask the reader model about every sentence of a source. Raises: what its session raises."""
    words = lexicon()
    return Hints(source, tuple([await sentence_hints(reader, sentence, words) for sentence in source.sentences]))


def analyse(
    text: str,
    markup: str = "auto",
    user_lexicon: UserLexicon | None = None,
    *,
    emoji: str = "skip",
    languages: Sequence[str] | None = None,
    hints: Hints | None = None,
) -> model.Analysis:
    """Read a text of up to 5,000 code points, mark-up not counted; `read_markup` says what ``markup`` may be.

    The words of ``user_lexicon`` go before every rule, readings in the mark-up before those. ``emoji``: ``name`` says
    what they are called, ``skip`` leaves them out. ``languages``: those of this build where None; without ``en`` Latin
    words are spelt. ``hints``: of the reader model, made with `read_hints` of the same text and options; without them
    the rules go alone.

    Raises: TextTooLong; TextEmpty where nothing in it can be spoken; MarkupError and its kinds, LanguageUnsupported,
    OptionInvalid for ``markup``. Characters that cannot be spoken are reported in ``notices``, the rest is read.
    """
    source = hints.source if hints else read_source(text, markup, user_lexicon, emoji=emoji, languages=languages)
    words = lexicon()
    utterances: list[model.Utterance] = []
    starts: list[list[int]] = []
    for index, sentence in enumerate(source.sentences):
        own = hints.sentences[index] if hints and index < len(hints.sentences) else ()
        for drafts, utterance in _utterances(sentence, words, source.script, own):
            utterances.append(utterance)
            starts.append([sound.start for draft in drafts for sound in draft.sounds])
    placed = place_marks(utterances, starts, source.script)
    return model.Analysis(tuple(placed), source.notices, source.tokens)


def _check_length(length: int, limit: int) -> None:
    if length > limit:
        raise TextTooLong(
            f"The text has {length} characters, {limit} are allowed.",
            "Split it and speak the parts one after another.",
            {"length": length, "limit": limit},
        )


def _notices(notices: Sequence[Notice], script: Script) -> tuple[Notice, ...]:
    placed = []
    for notice in notices:
        start, stop = script.span(notice.start, notice.stop)
        placed.append(replace(notice, start=start, stop=stop))
    return tuple(placed)


def alternatives(char: str) -> tuple[str, ...]:
    """All readings of a character, like ``("hao3", "hao4")``, the default first; empty where it has none."""
    return tuple(str(reading) for reading in lexicon().alternatives(char))


def _utterances(
    sentence: Sentence, words: Lexicon, script: Script, hints: Sequence[PhraseHint]
) -> list[tuple[list[Draft], model.Utterance]]:
    drafts: list[Draft] = []
    for index, phrase in enumerate(sentence.phrases):
        hint = hints[index] if hints else None
        listed = segment(phrase.units, words)
        if hint:
            read = read_words(listed, words, hint.choices, segment(phrase.units, words, hint.begins))
        else:
            read = read_words(listed, words)
        mark_phrases(read)
        apply_sandhi(read, words)
        if read:
            read[-1].break_level = model.PAUSE_BREAK
            read[-1].pause, read[-1].exact_pause = phrase.pause, phrase.exact
        drafts += read
    parts = list(_limit(drafts))
    return [(part, _utterance(part, sentence, index, len(parts), script)) for index, part in enumerate(parts)]


def _limit(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Cut a long sentence at the widest break that keeps each part within the limit."""
    rest = list(drafts)
    while sum(len(draft.sounds) for draft in rest) > MAX_SYLLABLES and len(rest) > 1:
        cut = _cut_at(rest)
        yield rest[:cut]
        rest = rest[cut:]
    yield rest


def _cut_at(drafts: Sequence[Draft]) -> int:
    """After which word to cut: the widest break, and among equals the one that leaves parts of equal length."""
    whole = sum(len(draft.sounds) for draft in drafts)
    ideal = whole / -(-whole // MAX_SYLLABLES)
    best, at, total = (-1, 0.0), 1, 0
    for index, draft in enumerate(drafts[:-1]):
        total += len(draft.sounds)
        if total > MAX_SYLLABLES:
            break
        score = (draft.break_level, -abs(total - ideal))
        # a break near the beginning would leave a scrap
        if score > best and total >= ideal / 3:
            best, at = score, index + 1
    return at


def _utterance(drafts: Sequence[Draft], sentence: Sentence, index: int, count: int, script: Script) -> model.Utterance:
    first = sentence.start if index == 0 else drafts[0].start
    last = sentence.stop if index == count - 1 else drafts[-1].stop
    words = [_word(draft, number == len(drafts) - 1, script) for number, draft in enumerate(drafts)]
    start, stop = script.span(first, last)
    return model.Utterance(start, stop, tuple(words), sentence.kind if index == count - 1 else "statement")


def _word(draft: Draft, final: bool, script: Script) -> model.Word:
    level = model.UTTERANCE_BREAK if final else draft.break_level
    syllables = tuple(_syllable(sound, script) for sound in draft.sounds)
    span = script.span(draft.start, draft.stop)
    return model.Word(draft.written, *span, syllables, level, draft.pause, draft.exact_pause)


def _syllable(sound: Sound, script: Script) -> model.Syllable:
    return model.Syllable(
        sound.pinyin, sound.tone, sound.lexical_tone, *script.span(sound.start, sound.stop), sound.erhua,
        sound.reason, sound.sandhi, script.style(sound.start),
    )  # fmt: skip
