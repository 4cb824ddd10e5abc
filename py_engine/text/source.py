"""The first half of the front end: a text normalised and cut into sentences, before any of them is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from py_engine.errors import Notice, TextEmpty, TextTooLong
from py_engine.text.languages import check_languages
from py_engine.text.lexicon import lexicon
from py_engine.text.markup import read_markup
from py_engine.text.model import Token
from py_engine.text.normalise import Normaliser
from py_engine.text.places import source_tokens
from py_engine.text.script import Script
from py_engine.text.sentences import Sentence, split_sentences
from py_engine.text.user_lexicon import UserLexicon

MAX_CODE_POINTS = 5000
MAX_SOURCE = 40_000  # with mark-up


@dataclass(frozen=True)
class Source:
    """A text that is normalised and cut into sentences, before any of them is read."""

    script: Script
    sentences: tuple[Sentence, ...]
    tokens: tuple[Token, ...]
    notices: tuple[Notice, ...]


def read_source(
    text: str,
    markup: str = "auto",
    user_lexicon: UserLexicon | None = None,
    *,
    emoji: str = "skip",
    languages: Sequence[str] | None = None,
    goes_on: bool = False,
) -> Source:
    """The first half of `analyse`: mark-up, the user's words, normalisation, sentences. Raises: what that raises.

    ``goes_on``: ``text`` is a part, cut at a pause perhaps, of one that goes on.
    """
    _check_length(len(text), MAX_SOURCE if markup != "none" and "<" in text else MAX_CODE_POINTS)
    script = read_markup(text, markup)
    _check_length(len(script.text), MAX_CODE_POINTS)
    if user_lexicon:
        script = script.with_insets(list(user_lexicon.insets(script.text)))
    normaliser = Normaliser(script, lexicon(), emoji, "en" in check_languages(languages))
    sentences = tuple(split_sentences(normaliser.items(), goes_on))
    if not sentences:
        raise TextEmpty(
            "The text has nothing that can be spoken.", "Give at least one Chinese character, digit or letter.",
            {"length": len(text), "unknown": [notice.text for notice in normaliser.notices[:20]]},
        )  # fmt: skip
    tokens = source_tokens(normaliser.tokens, script)
    return Source(script, sentences, tokens, _notices(normaliser.notices, script))


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
