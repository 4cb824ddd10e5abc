"""Why a text is read as it is: plain values for the page, a person, or a test."""

from __future__ import annotations

from collections.abc import Sequence

from py_engine.text.analysis import alternatives, analyse
from py_engine.text.model import Analysis, Syllable, Word
from py_engine.text.reader import Hints
from py_engine.text.user_lexicon import UserLexicon


def explain(
    text: str,
    markup: str = "auto",
    user_lexicon: UserLexicon | None = None,
    *,
    emoji: str = "skip",
    languages: Sequence[str] | None = None,
    hints: Hints | None = None,
) -> dict[str, object]:
    """Tokens and words with their reasons, spans in code points.

    Returns: ``{"tokens": [{text, start, stop, rule, spoken}], "words": [{text, start, stop, break, pause,
    pause_reason, syllables: [{pinyin, tone, lexical_tone, erhua, start, stop, reason, sandhi,
    alternatives}]}], "notices": [...]}``; ``break``
    as `Word.break_level`, ``alternatives`` the other readings of a character as written. Raises: what `analyse` raises.
    """
    return as_values(text, analyse(text, markup, user_lexicon, emoji=emoji, languages=languages, hints=hints))


def as_values(text: str, analysis: Analysis) -> dict[str, object]:
    return {
        "tokens": [vars(token) for token in analysis.tokens],
        "words": [_word(text, word) for utterance in analysis.utterances for word in utterance.words],
        "notices": [vars(notice) for notice in analysis.notices],
    }


def _word(text: str, word: Word) -> dict[str, object]:
    return {
        "text": word.text,
        "start": word.start,
        "stop": word.stop,
        "break": word.break_level,
        "pause": word.pause,
        "pause_reason": word.pause_reason,
        "syllables": [_syllable(text, syllable) for syllable in word.syllables],
    }


def _syllable(text: str, one: Syllable) -> dict[str, object]:
    written = text[one.start : one.stop]
    return {
        "pinyin": one.pinyin + ("r" if one.erhua else ""),
        "tone": one.tone,
        "lexical_tone": one.lexical_tone,
        "erhua": one.erhua,
        "start": one.start,
        "stop": one.stop,
        "reason": one.reason,
        "sandhi": one.sandhi,
        "alternatives": list(alternatives(written)) if len(written) == 1 else [],
    }


def lines(
    text: str, markup: str = "auto", user_lexicon: UserLexicon | None = None, hints: Hints | None = None
) -> list[str]:
    """The same for reading: a line per token, then one per syllable and per pause without a mark."""
    analysis = analyse(text, markup, user_lexicon, hints=hints)
    shown = [f"{token.text!r} -> {token.spoken!r}  [{token.rule}]" for token in analysis.tokens]
    for word in [word for utterance in analysis.utterances for word in utterance.words]:
        for one in word.syllables:
            why = "; ".join(reason for reason in (one.reason, one.sandhi) if reason)
            shown.append(f"{text[one.start : one.stop]!r} {one}  [{why}]")
        if word.pause_reason:
            shown.append(f"pause of {word.pause:.2f} s  [{word.pause_reason}]")
    return shown
