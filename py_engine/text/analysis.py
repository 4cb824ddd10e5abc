"""The front end as a whole: text in, utterances out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from py_engine.errors import TextEmpty, TextTooLong
from py_engine.text import model
from py_engine.text.lexicon import Lexicon, lexicon
from py_engine.text.normalise import Normaliser
from py_engine.text.phrasing import mark_phrases
from py_engine.text.readings import Draft, read_words
from py_engine.text.sandhi import apply_sandhi
from py_engine.text.segment import segment
from py_engine.text.sentences import Sentence, split_sentences

MAX_CODE_POINTS = 5000
MAX_SYLLABLES = 60  # of one utterance: bounds the models' memory and the wait for the first sound


def analyse(text: str) -> model.Analysis:
    """Read a text of up to 5,000 code points.

    Raises: TextTooLong; TextEmpty where nothing in it can be spoken. Characters that cannot be spoken are reported in
    ``notices``, the rest is read.
    """
    if len(text) > MAX_CODE_POINTS:
        raise TextTooLong(
            f"The text has {len(text)} characters, {MAX_CODE_POINTS} are allowed.",
            "Split it and speak the parts one after another.",
            {"length": len(text), "limit": MAX_CODE_POINTS},
        )
    words = lexicon()
    normaliser = Normaliser(text, words)
    utterances = []
    for sentence in split_sentences(normaliser.items()):
        utterances += _utterances(sentence, words)
    if not utterances:
        raise TextEmpty(
            "The text has nothing that can be spoken.", "Give at least one Chinese character, digit or letter.",
            {"length": len(text), "unknown": [notice.text for notice in normaliser.notices[:20]]},
        )  # fmt: skip
    return model.Analysis(tuple(utterances), tuple(normaliser.notices))


def alternatives(char: str) -> tuple[str, ...]:
    """All readings of a character, like ``("hao3", "hao4")``, the default first; empty where it has none."""
    return tuple(str(reading) for reading in lexicon().alternatives(char))


def _utterances(sentence: Sentence, words: Lexicon) -> list[model.Utterance]:
    drafts: list[Draft] = []
    for phrase in sentence.phrases:
        read = read_words(segment(phrase.units, words), words)
        mark_phrases(read)
        apply_sandhi(read, words)
        if read:
            read[-1].break_level, read[-1].pause = model.PAUSE_BREAK, phrase.pause
        drafts += read
    parts = list(_limit(drafts))
    return [_utterance(part, sentence, index, len(parts)) for index, part in enumerate(parts)]


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


def _utterance(drafts: Sequence[Draft], sentence: Sentence, index: int, count: int) -> model.Utterance:
    start = sentence.start if index == 0 else drafts[0].start
    stop = sentence.stop if index == count - 1 else drafts[-1].stop
    words = [_word(draft, number == len(drafts) - 1) for number, draft in enumerate(drafts)]
    return model.Utterance(start, stop, tuple(words), sentence.kind if index == count - 1 else "statement")


def _word(draft: Draft, final: bool) -> model.Word:
    syllables = tuple(
        model.Syllable(sound.pinyin, sound.tone, sound.lexical_tone, sound.start, sound.stop, sound.erhua)
        for sound in draft.sounds
    )
    level = model.UTTERANCE_BREAK if final else draft.break_level
    return model.Word(draft.written, draft.start, draft.stop, syllables, level, draft.pause)
