"""The rule that fired is visible, for each token and each reading."""

from __future__ import annotations

import json

from py_engine.text import UserLexicon, explain
from py_engine.text.explain import lines


def test_tokens_name_their_rules() -> None:
    tokens = explain("2024年花了¥3.50，好😀")["tokens"]
    assert isinstance(tokens, list)
    rules = {token["text"]: (token["rule"], token["spoken"]) for token in tokens}
    assert rules["2024"][1] == "二零二四"
    assert rules["2024"][0].startswith("date")
    assert rules["¥3.50"][0].startswith("money")
    assert rules["，"] == ("pause", "")


def test_readings_have_reasons() -> None:
    words = explain("重庆老虎还了钱", user_lexicon=UserLexicon({"钱": "qian2"}))["words"]
    assert isinstance(words, list)
    syllables = {text: one for word in words for text, one in zip(word["text"], word["syllables"], strict=True)}
    assert syllables["重"]["reason"] == "word 重庆"
    assert "zhong4" in syllables["重"]["alternatives"]
    assert "third" in syllables["老"]["sandhi"]
    assert syllables["老"]["lexical_tone"] == 3
    assert syllables["钱"]["reason"] == "user lexicon: 钱"
    assert all(one["reason"] for one in syllables.values())


def test_values_are_plain() -> None:
    assert json.loads(json.dumps(explain("<speak>好<break/>吧</speak>")))
    assert any("[commonest reading]" in line or "[context" in line for line in lines("好，人"))


def test_digits_beside_letters_are_told_from_them() -> None:
    """The page shows no pinyin over letters, but over digits."""
    for text in ("走G7高速", "京A·12345", "维生素B12"):
        words = explain(text)["words"]
        assert isinstance(words, list)
        for one in [one for word in words for one in word["syllables"]]:
            assert (one["reason"] == "latin") == text[one["start"] : one["stop"]].isalpha() or text[one["start"]] > "z"
