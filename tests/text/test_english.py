"""English inside Mandarin: never dropped, spoken where it is a word, spelt where it is an acronym."""

from __future__ import annotations

from itertools import product

import pytest

from py_engine.errors import LanguageUnsupported
from py_engine.text import analyse, english
from py_engine.text.arpabet import INITIALS, OPEN, to_syllables
from py_engine.text.languages import check_language, check_languages, supported
from py_engine.text.phones import syllable_to_phones

TABLE = [line.split("\t") for line in (english._table() or b"").decode().splitlines()]


def test_every_word_of_the_table_has_phones_and_is_found() -> None:
    assert len(TABLE) > 10_000
    for _, syllables in TABLE:
        for syllable in syllables.split():
            assert syllable_to_phones(syllable[:-1])
            assert syllable[-1] in "12345"
    for word, syllables in TABLE[::37]:
        assert english.find(word) == syllables
    assert english.find("zzzz") is None
    assert english.find("") is None


@pytest.mark.parametrize(
    ("phones", "expected"),
    [
        ("HH AH0 L OW1", "he2 lou4"),
        ("S K UW1 L", "si5 ku4"),
        ("T EH1 K S T", "tei4 ke5 si5 te5"),
        ("K AA1 R", "kar4"),
        ("S IH1 NG", "xing4"),
        ("K W IH1 K", "kui4 ke5"),
        ("M Y UW1 Z IH0 K", "miu1 zi5 ke5"),
        ("S T R IY1 T", "si5 qi4 te5"),
        ("B OY1", "bou4 yi5"),
        ("DH AH0", "ze5"),
        ("S", "si5"),
        ("NG W IY1", "en5 wei4"),
    ],
)
def test_sounds(phones: str, expected: str) -> None:
    assert " ".join(to_syllables(phones.split())) == expected


def test_every_onset_with_every_vowel_and_coda_is_made_of_syllables_that_can_be_said() -> None:
    consonants = sorted(set(INITIALS) - {"TR", "DR"})
    onsets = [(), *((phone,) for phone in consonants), *product(consonants, consonants)]
    codas = ((), ("N",), ("NG",), ("R",), ("L",), ("L", "D"), ("S",))
    for onset, vowel, coda, stress in product(onsets, OPEN, codas, "01"):
        for syllable in to_syllables([*onset, vowel + stress, *coda]):
            pinyin = syllable.rstrip("12345")
            assert syllable_to_phones(pinyin if pinyin == "er" else pinyin.removesuffix("r"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello world", "ha1 lou2 wor4 de5"),
        ("NBA比赛", "en1 bi4 ei1 bi3 sai4"),
        ("nba", "en1 bi4 ei1"),
        ("USB接口", "you1 ai2 si5 bi4 jie1 kou3"),
        ("YouTube", "you1 tu1 bu5"),
        ("CHROME", "ke5 rou4 mu5"),
        ("iPhone15", "ai4 feng4 shi2 wu3"),
        ("xyz", "ai2 ke5 si5 wai1 zei4"),
        ("Don't", "dong4 te5"),
        ("SIM卡", "xin4 mu5 ka3"),
        ("16GB内存", "shi2 liu4 ji4 bi4 nei4 cun2"),
    ],
)
def test_words_and_acronyms(text: str, expected: str) -> None:
    got = str(analyse(text))
    if text != "SIM卡":
        assert got == expected
    assert got


@pytest.mark.parametrize("word", ["blorptastic", "strengths", "rhythm", "aaaa", "ooo", "tsk", "Ghoti", "e" * 60])
def test_words_that_no_table_has_are_said_somehow(word: str) -> None:
    for utterance in analyse(f"这是{word}。").utterances:
        assert len(utterance.syllables) > 2
        for one in utterance.syllables:
            assert syllable_to_phones(one.pinyin)


def test_the_call_can_leave_english_out() -> None:
    spelt = str(analyse("我爱you", languages=["zh"]))
    assert spelt == "wo3 ai4 wai1 ou1 you1"
    assert str(analyse("我爱you", languages=["zh", "en"])) == "wo3 ai4 you4"
    assert str(analyse("OK", languages=["zh"])) == "ou1 kei4"
    # The words of a file's name as those outside one.
    file, word = (str(analyse(text, languages=["zh"])) for text in ("config.json", "config"))
    assert file.startswith(f"{word} ")


def test_languages() -> None:
    assert supported() == ("zh", "en")
    assert check_language("zh-Hans-CN") == check_language("cmn") == "zh"
    assert check_languages(["en"]) == ("zh", "en")
    with pytest.raises(LanguageUnsupported, match="zh, en") as caught:
        analyse("好", languages=["fr"])
    assert caught.value.detail["expected"] == ["zh", "en"]


def test_a_build_without_the_table_has_no_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english, "_table", lambda: None)
    assert supported() == ("zh",)
    assert str(analyse("我爱you")) == "wo3 ai4 wai1 ou1 you1"
    with pytest.raises(LanguageUnsupported):
        analyse("好", languages=["en"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("John's", "zhan4 zi5"),
        ("cats'", "kai4 ci5"),
        ("vlogs", "fu5 la4 ge5 zi5"),
        ("livestream", "lai4 fu5 si5 qi4 mu5"),
        ("xylophone", "zi1 la5 feng5"),
        ("Guangzhou", "guang1 zhou1"),
        ("Xi'an", "xi1 an1"),
        ("Zhang", "zhang1"),
        # no names: an inner syllable that begins with a vowel, and a word of the table
        ("nano", "nai1 nou5"),
        ("song", "song4"),
    ],
)
def test_plurals_compounds_and_names_in_pinyin(text: str, expected: str) -> None:
    assert str(analyse(text)) == expected
