"""Sentences to be delivered."""

from __future__ import annotations

from py_engine.synthesis.sentence import Sentence, read_sentences

TEXTS = (
    "他们把苹果从货架上拿下来。",
    "太好了！",
    "你明天去不去北京？",
    "……我明白了。",
    "嗯。",
    "一二三，四五六；七八九。",
)


def sentence(text: str) -> Sentence:
    return next(iter(read_sentences(text)))
