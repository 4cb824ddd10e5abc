"""The lexicon: look-up in place, its size, refusal of other files, and that the generator makes the same bytes."""

from __future__ import annotations

import os
import tracemalloc
from importlib import resources
from itertools import combinations

import pytest

from py_engine.text.lexicon import Lexicon, LexiconError, lexicon, parse_reading
from py_engine.text.phones import syllable_to_phones
from py_engine.text.tables import Memo

DATA = resources.files("py_engine.data").joinpath("lexicon.bin").read_bytes()


def test_size_fits_the_download() -> None:
    assert len(DATA) < 3_000_000


def test_loading_copies_nothing() -> None:
    tracemalloc.start()
    Lexicon(DATA)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000


def test_the_words_of_a_text_are_those_that_are_found_one_by_one() -> None:
    words = lexicon()
    for text in ("中华人民共和国成立", "ABC", "他A在一〇一中学，学习𠮷", ""):
        found = words.matches(text)
        assert len(found) == len(text)
        for start, stop in combinations(range(len(text) + 1), 2):
            assert found[start].get(stop, -1) == words.find(text[start:stop])
    assert list(words.matches("中华人民共和国成立")[0]) == [1, 2, 7]


def test_words() -> None:
    words = lexicon()
    assert "中国" in words
    assert "中国国国" not in words
    assert "" not in words
    assert words.log_probability(words.find("的")) > words.log_probability(words.find("饕餮"))


def test_what_is_remembered_has_a_bound() -> None:
    asked = []

    def negative(key: int) -> int:
        asked.append(key)
        return -key

    memo = Memo(negative, limit=3)
    assert [memo[key] for key in (1, 2, 1, 3, 1)] == [-1, -2, -1, -3, -1]
    assert asked == [1, 2, 3]
    assert memo[4] == -4
    assert list(memo) == [4]


def test_readings() -> None:
    words = lexicon()
    state = words.find("银行")
    assert [str(one) for one in words.word_readings(state, "银行") or ()] == ["yin2", "hang2"]
    assert str(words.default("𠮷")) in ("ji2", "None")
    assert words.default("A") is None
    assert parse_reading("jie6").tone == 5
    assert parse_reading("jie6").sandhi_tone == 3


def test_every_reading_of_every_character_has_phones() -> None:
    words = lexicon()
    seen = 0
    for point in [*range(0x3400, 0xA000), *range(0x20000, 0x2A6E0)]:
        for reading in words.alternatives(chr(point)):
            assert syllable_to_phones(reading.pinyin)
            assert 1 <= reading.tone <= 5
            seen += 1
    assert seen > 30_000


@pytest.mark.parametrize("data", [b"", b"QSLX\x09\x00\x00\x00", b"RIFF" + DATA[4:], DATA[: len(DATA) // 2]])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(LexiconError):
        Lexicon(data)


def test_the_lexicon_was_compiled_from_the_tables_beside_it() -> None:
    pytest.importorskip("pypinyin", reason="the generator needs pypinyin")
    from py_engine.text.compile_tables import sources_digest

    assert lexicon().sources_digest == sources_digest(), "run python -m py_engine.text.compile_tables"


@pytest.mark.skipif("QINGSHENG_COMPILE" not in os.environ, reason="takes half a minute: set QINGSHENG_COMPILE=1")
def test_the_generator_gives_the_same_bytes() -> None:
    pytest.importorskip("pypinyin", reason="the generator needs pypinyin")
    pytest.importorskip("jieba", reason="the generator needs the word list of jieba")
    from py_engine.text.compile_tables import compile_lexicon, jieba_dictionary

    assert compile_lexicon(jieba_dictionary(None)) == DATA, "run python -m py_engine.text.compile_tables"
