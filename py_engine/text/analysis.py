"""The front end as a whole: text in, utterances out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

from py_engine.text import model
from py_engine.text.breaths import take_breaths
from py_engine.text.joints import worth
from py_engine.text.lexicon import Lexicon, lexicon
from py_engine.text.phrasing import mark_phrases
from py_engine.text.places import first_place, place_marks
from py_engine.text.reader import Hints, PhraseHint
from py_engine.text.readings import Draft, Sound, as_words, read_units
from py_engine.text.sandhi import apply_sandhi
from py_engine.text.script import Script
from py_engine.text.segment import segment
from py_engine.text.sentences import BREATH, Phrase, Sentence
from py_engine.text.source import Source, read_source
from py_engine.text.user_lexicon import UserLexicon

MAX_SYLLABLES = 60  # of one utterance: bounds the models' memory and the wait for the first sound
# What a place away from the middle counts less, in scores of the reader model
ASIDE = 2.0
CUT_BEHIND = "a long run without a mark is cut here"


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
    words are spelt. ``hints``: of the reader model, made of the same text and options; without them
    the rules go alone.

    Raises: TextTooLong; TextEmpty where nothing in it can be spoken; MarkupError and its kinds, LanguageUnsupported,
    OptionInvalid for ``markup``. Characters that cannot be spoken are reported in ``notices``, the rest is read.
    """
    source = hints.source if hints else read_source(text, markup, user_lexicon, emoji=emoji, languages=languages)
    return model.Analysis(tuple(analyse_part(source, hints=hints)), source.notices, source.tokens)


def analyse_part(
    source: Source, first: int = 0, stop: int | None = None, hints: Hints | None = None
) -> list[model.Utterance]:
    """The utterances of the sentences from ``first`` to before ``stop``, as they are in the whole; the second half of
    `analyse`, in steps."""
    words = lexicon()
    utterances: list[model.Utterance] = []
    starts: list[list[int]] = []
    sentences = source.sentences[first:stop]
    last = first + len(sentences)
    behind = source.sentences[last : last + COUNTED]
    counted = _counted([*sentences, *behind])
    for index, sentence in enumerate(sentences, first):
        own = hints.of(index) if hints else ()
        for drafts, utterance in _utterances(sentence, words, source.script, own, counted):
            utterances.append(utterance)
            if source.script.marks:
                starts.append([sound.start for draft in drafts for sound in draft.sounds])
    if not source.script.marks:
        return utterances
    begin = first_place(sentences[0]) if first else 0
    end = first_place(behind[0]) if behind else None
    return place_marks(utterances, starts, source.script, begin, end)


def alternatives(char: str) -> tuple[str, ...]:
    """All readings of a character, like ``("hao3", "hao4")``, the default first; empty where it has none."""
    return tuple(str(reading) for reading in lexicon().alternatives(char))


# So many phrases after 一 the 二 of an enumeration may come
COUNTED = 8


def _counted(sentences: Sequence[Sentence]) -> dict[int, frozenset[str]]:
    """Per phrase (by its `id`) what stands behind the 二 with which one of the next phrases begins."""
    phrases = [phrase for sentence in sentences for phrase in sentence.phrases]
    found: dict[int, frozenset[str]] = {}
    for at, phrase in enumerate(phrases):
        units = phrase.units
        if len(units) > 1 and units[0].char == "二" and not units[0].readings:
            for earlier in phrases[max(0, at - COUNTED) : at]:
                found[id(earlier)] = found.get(id(earlier), frozenset()) | {units[1].char}
    return found


def _utterances(
    sentence: Sentence,
    words: Lexicon,
    script: Script,
    hints: Sequence[PhraseHint],
    counted: Mapping[int, frozenset[str]],
) -> list[tuple[list[Draft], model.Utterance]]:
    drafts: list[Draft] = []
    for index, phrase in enumerate(sentence.phrases):
        hint = hints[index] if hints else None
        units, runs = phrase.units, phrase.runs(words)
        listed = segment(runs, words)
        sounds = read_units(units, listed, words, hint.choices if hint else ())
        if sentence.kind == "question" and len(units) == 1 and index == len(sentence.phrases) - 1:
            _ask_back(sounds[0])
        lexical = as_words(units, listed, sounds)
        spans = segment(runs, words, hint.begins) if hint else listed
        read = lexical if spans == listed else as_words(units, spans, sounds)
        odds = _after_words(read, phrase, hint.pauses) if hint else ()
        mark_phrases(read, odds, () if read is lexical else lexical, phrase.quotes)
        apply_sandhi(lexical if read is lexical else _feet(lexical, read), words, counted.get(id(phrase), frozenset()))
        take_breaths(read, odds, None if read is lexical else frozenset([word.stop for word in lexical]))
        for draft, score in zip(read, odds, strict=False):
            draft.score = score
        if read:
            read[-1].break_level = model.PAUSE_BREAK
            read[-1].pause, read[-1].exact_pause = phrase.pause, phrase.exact
            read[-1].pause_reason = CUT_BEHIND if phrase.cut else ""
        drafts += read
        phrase.forget()
    parts = list(_limit(drafts))
    return [(part, _utterance(part, sentence, index, len(parts), script)) for index, part in enumerate(parts)]


# A cry that asks back rises: 啊？ 嗯？ 哦？ (现代汉语词典, 7th ed., á, ń, ó)
_CRIES = frozenset("啊嗯哦唔诶欸")


def _ask_back(sounds: Sequence[Sound]) -> None:
    for sound in sounds:
        if sound.char in _CRIES and not sound.fixed:
            sound.tone = sound.lexical_tone = sound.sandhi_tone = 2
            sound.reason = "a cry that asks back"


def _after_words(read: Sequence[Draft], phrase: Phrase, pauses: Sequence[float]) -> list[float]:
    """The model's score of the boundary behind the last unit of each word."""
    behind = {unit.stop: odds for unit, odds in zip(phrase.units, pauses, strict=True)}
    return [behind[draft.stop] for draft in read]


def _feet(listed: Sequence[Draft], read: Sequence[Draft]) -> Sequence[Draft]:
    """The words of the lexicon, which third tones go by, with the phrase breaks of the words as they are spoken."""
    # by the last sound, which both share: several words of a written number stop where it stops
    levels = {id(draft.sounds[-1]): draft.break_level for draft in read}
    for draft in listed:
        draft.break_level = levels.get(id(draft.sounds[-1]), draft.break_level)
    return listed


def _limit(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """Cut a long sentence at the widest break that keeps each part within the limit; there is a pause at each cut."""
    rest = list(drafts)
    while sum(len(draft.sounds) for draft in rest) > MAX_SYLLABLES and len(rest) > 1:
        cut = _cut_at(rest)
        last = rest[cut - 1]
        if not (last.pause or last.exact_pause):
            last.pause, last.pause_reason = BREATH, CUT_BEHIND
        yield rest[:cut]
        rest = rest[cut:]
    yield rest


def _cut_at(drafts: Sequence[Draft]) -> int:
    """After which word to cut: at a mark, else where a phrase ends; among equals what leaves parts of equal length, and
    without a mark also where a clause seems to end."""
    whole = sum(len(draft.sounds) for draft in drafts)
    ideal = whole / -(-whole // MAX_SYLLABLES)
    best, at, total = (-1, 0.0), 1, 0
    for index, (draft, following) in enumerate(pairwise(drafts), 1):
        total += len(draft.sounds)
        if total > MAX_SYLLABLES:
            break
        level = draft.break_level
        found = 0.0
        if level < model.PAUSE_BREAK or draft.pause_reason:
            level = min(level, model.PHRASE_BREAK)
            found = worth(draft.text, following.text) if draft.score is None else draft.score
        score = (level, found - ASIDE * (total / ideal - 1) ** 2)
        # a break near the beginning would leave a scrap
        if score > best and total >= ideal / 3:
            best, at = score, index
    return at


def _utterance(drafts: Sequence[Draft], sentence: Sentence, index: int, count: int, script: Script) -> model.Utterance:
    first = sentence.start if index == 0 else drafts[0].start
    last = sentence.stop if index == count - 1 else drafts[-1].stop
    words = [_word(draft, number == len(drafts), script) for number, draft in enumerate(drafts, 1)]
    start, stop = script.span(first, last)
    kind = sentence.kind if index == count - 1 else "statement"
    return model.Utterance(start, stop, tuple(words), kind, lead=0.0 if index else sentence.lead)


def _word(draft: Draft, final: bool, script: Script) -> model.Word:
    level = model.UTTERANCE_BREAK if final else draft.break_level
    syllable = _plain_syllable if script.starts is None and not script.styles else partial(_syllable, script)
    syllables = tuple([syllable(sound) for sound in draft.sounds])
    start, stop = script.span(draft.start, draft.stop)
    return model.Word(
        draft.written, start, stop, syllables, level, draft.pause, draft.exact_pause, draft.pause_reason,
    )  # fmt: skip


def _plain_syllable(sound: Sound) -> model.Syllable:
    """Where the script is the caller's text."""
    return model.Syllable(
        sound.pinyin, sound.tone, sound.lexical_tone, sound.start, sound.stop, sound.erhua, sound.reason, sound.sandhi,
    )  # fmt: skip


def _syllable(script: Script, sound: Sound) -> model.Syllable:
    return model.Syllable(
        sound.pinyin, sound.tone, sound.lexical_tone, *script.span(sound.start, sound.stop), sound.erhua,
        sound.reason, sound.sandhi, script.style(sound.start),
    )  # fmt: skip
