"""Mandarin text to what is to be spoken: `analyse`, and `to_phones` for the prosody model's inputs."""

from __future__ import annotations

from py_engine.text.analysis import alternatives, analyse, analyse_part
from py_engine.text.explain import explain
from py_engine.text.linguistic import PhoneSequence, to_phones
from py_engine.text.model import Analysis, Syllable, Token, Utterance, Word
from py_engine.text.reader import Hints, ReaderModel
from py_engine.text.source import MAX_CODE_POINTS, Source, read_source
from py_engine.text.user_lexicon import UserLexicon

__all__ = [
    "MAX_CODE_POINTS", "Analysis", "Hints", "PhoneSequence", "ReaderModel", "Source", "Syllable", "Token",
    "UserLexicon", "Utterance", "Word", "alternatives", "analyse", "analyse_part", "explain", "read_source",
    "to_phones",
]  # fmt: skip
