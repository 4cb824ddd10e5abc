"""The front end as a whole: text in, utterances out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from py_engine.errors import Notice, TextEmpty, TextTooLong
from py_engine.text import model
from py_engine.text.languages import check_languages
from py_engine.text.lexicon import Lexicon, lexicon
from py_engine.text.markup import read_markup
from py_engine.text.normalise import Normaliser
from py_engine.text.phrasing import mark_phrases
from py_engine.text.places import place_marks, source_tokens
from py_engine.text.readings import Draft, Sound, read_words
from py_engine.text.sandhi import apply_sandhi
from py_engine.text.script import Script
from py_engine.text.segment import segment
from py_engine.text.sentences import Sentence, split_sentences
from py_engine.text.user_lexicon import UserLexicon

MAX_CODE_POINTS = 5000
MAX_SOURCE = 40_000  # with mark-up
MAX_SYLLABLES = 60  # of one utterance: bounds the models' memory and the wait for the first sound


def analyse(
    text: str,
    markup: str = "auto",
    user_lexicon: UserLexicon | None = None,
    *,
    emoji: str = "skip",
    languages: Sequence[str] | None = None,
) -> model.Analysis:
    """Read a text of up to 5,000 code points, mark-up not counted; `read_markup` says what ``markup`` may be.

    The words of ``user_lexicon`` go before every rule, readings in the mark-up before those. ``emoji``: ``name`` says
    what they are called, ``skip`` leaves them out. ``languages``: those of this build where None; without ``en`` Latin
    words are spelt.

    Raises: TextTooLong; TextEmpty where nothing in it can be spoken; MarkupError and its kinds, LanguageUnsupported,
    OptionInvalid for ``markup``. Characters that cannot be spoken are reported in ``notices``, the rest is read.
    """
    _check_length(len(text), MAX_SOURCE if markup != "none" and "<" in text else MAX_CODE_POINTS)
    script = read_markup(text, markup)
    _check_length(len(script.text), MAX_CODE_POINTS)
    if user_lexicon:
        script = script.with_insets(list(user_lexicon.insets(script.text)))
    words = lexicon()
    normaliser = Normaliser(script, words, emoji, "en" in check_languages(languages))
    utterances: list[model.Utterance] = []
    starts: list[list[int]] = []
    for sentence in split_sentences(normaliser.items()):
        for drafts, utterance in _utterances(sentence, words, script):
            utterances.append(utterance)
            starts.append([sound.start for draft in drafts for sound in draft.sounds])
    if not utterances:
        raise TextEmpty(
            "The text has nothing that can be spoken.", "Give at least one Chinese character, digit or letter.",
            {"length": len(text), "unknown": [notice.text for notice in normaliser.notices[:20]]},
        )  # fmt: skip
    placed = place_marks(utterances, starts, script)
    return model.Analysis(tuple(placed), _notices(normaliser.notices, script), source_tokens(normaliser.tokens, script))


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


def _utterances(sentence: Sentence, words: Lexicon, script: Script) -> list[tuple[list[Draft], model.Utterance]]:
    drafts: list[Draft] = []
    for phrase in sentence.phrases:
        read = read_words(segment(phrase.units, words), words)
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
