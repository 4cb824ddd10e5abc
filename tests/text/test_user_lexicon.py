"""The user's own words."""

from __future__ import annotations

import pytest

from py_engine.errors import LexiconEntryInvalid
from py_engine.text import UserLexicon, analyse


def read(text: str, **entries: str) -> str:
    return str(analyse(text, user_lexicon=UserLexicon(entries)))


@pytest.mark.parametrize(
    ("text", "entries", "expected"),
    [
        ("仇先生", {"仇": "qiu2"}, "qiu2 xian1 sheng5"),
        ("重庆", {"重庆": "zhong4 qing4"}, "zhong4 qing4"),
        ("重慶", {"重庆": "zhong4 qing4"}, "zhong4 qing4"),
        ("我爱WHO", {"who": "hu2"}, "wo3 ai4 hu2"),
        ("WHOLE", {"who": "hu2"}, None),
        ("WHO说", {"WHO": "世界卫生组织"}, "shi4 jie4 wei4 sheng1 zu3 zhi1 shuo1"),
        ("3D打印", {"3D": "三维"}, "san1 wei2 da3 yin4"),
        ("13D", {"3D": "三维"}, None),
        ("花儿", {"花儿": "huar1"}, "huar1"),
        ("老虎", {"老虎": "lao3 hu3"}, "lao2 hu3"),
        ("一个", {"一": "yi1"}, "yi1 ge4"),
        ("长城汽车", {"长城": "chang2 cheng2", "长城汽车": "zhang3 cheng2 qi4 che1"}, "zhang3 cheng2 qi4 che1"),
        ("ＧＰＴ", {"GPT": "ji4 pi1 ti4"}, "ji4 pi1 ti4"),
    ],
)
def test_entries(text: str, entries: dict[str, str], expected: str | None) -> None:
    assert read(text, **entries) == (expected or str(analyse(text)))


def test_spans_and_reasons_are_kept() -> None:
    text = "去WHO和重庆。"
    analysis = analyse(text, user_lexicon=UserLexicon({"WHO": "世卫", "重庆": "zhong4 qing4"}))
    words = analysis.utterances[0].words
    assert [text[word.start : word.stop] for word in words] == ["去", "WHO", "和", "重庆"]
    assert [one.reason for one in words[3].syllables] == ["user lexicon: 重庆"] * 2
    assert [(one.start, one.stop) for one in words[3].syllables] == [(5, 6), (6, 7)]
    assert "user lexicon: WHO" in [token.rule for token in analysis.tokens]


def test_mark_up_goes_before_the_lexicon() -> None:
    assert read("重{zhong4}庆", 重庆="chong2 qing4") == "zhong4 qing4"


@pytest.mark.parametrize(
    ("word", "reading"),
    [
        ("", "hao3"), (" 好", "hao3"), ("，", "hao3"), ("好" * 33, "hao3"), ("好", ""), ("好", "hao"),
        ("好", "hao3 ma5"), ("重庆", "chong2"), ("好", "xyz1"), ("好", "好x"), ("好", "hao3" * 40),
    ],
)  # fmt: skip
def test_bad_entries_are_refused(word: str, reading: str) -> None:
    with pytest.raises(LexiconEntryInvalid) as caught:
        UserLexicon({word: reading})
    assert caught.value.code == "lexicon.invalid"
    assert caught.value.remedy


def test_entries_come_and_go() -> None:
    words = UserLexicon()
    words.add("单", "shan4")
    words.add("单位", "dan1 wei4")
    assert str(analyse("单单位", user_lexicon=words)) == "shan4 dan1 wei4"
    words.remove("单")
    assert list(words) == ["单位"]
    assert str(analyse("姓单", user_lexicon=words)) == str(analyse("姓单"))
    with pytest.raises(KeyError):
        words.remove("单")
