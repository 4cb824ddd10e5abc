"""Mark-up: SSML, pinyin in braces, spans into the text as given, errors with position and remedy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from py_engine.errors import LanguageUnsupported, MarkupError, OptionInvalid, QingshengError, TextEmpty, TextTooLong
from py_engine.text import Syllable, analyse
from py_engine.text.pinyin import numbered, parse_syllable, parse_syllables


def syllables(text: str, markup: str = "auto") -> list[Syllable]:
    return [one for utterance in analyse(text, markup).utterances for one in utterance.syllables]


def spoken(text: str) -> str:
    return str(analyse(f"<speak>{text}</speak>"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("重{chong2}庆", "chong2 qing4"),
        ("重庆{zhong4 qing4}", "zhong4 qing4"),
        ("重庆{zhòng qìng}", "zhong4 qing4"),
        ("姓单{shan4}", "xing4 shan4"),
        ("GIF{ji4 fu5}图", "ji4 fu5 tu2"),
        ("花儿{hua1 er2}", "hua1 er2"),
        ("花{huar1}", "huar1"),
        ("绿{lü4}", "lv4"),
        ("你{ni3}好", "ni2 hao3"),
        ("一{yi1}个", "yi1 ge4"),
        ("好{不是拼音}的", None),
        ("{chong2}庆", None),
        ("好{hao9}", None),
    ],
)
def test_pinyin_in_braces(written: str, expected: str | None) -> None:
    analysis = analyse(written)
    if expected is None:
        assert str(analysis) == str(analyse(written, "none"))
    else:
        assert str(analysis) == expected


def test_braces_can_be_switched_off_and_made_strict() -> None:
    assert str(analyse("重{chong2}庆", "none")).startswith("zhong4")
    with pytest.raises(MarkupError) as caught:
        analyse("好的，重{chong9}庆", "inline")
    assert caught.value.code == "markup.malformed"
    assert caught.value.detail["position"] == 4
    assert "重{chong2}庆" in caught.value.remedy
    assert analyse(r"好\{的\}", "inline").tokens[1].text == r"\{"
    with pytest.raises(OptionInvalid):
        analyse("好", "html")


def test_spans_are_of_the_text_as_given() -> None:
    text = '<speak>去<phoneme ph="chong2 qing4">重庆</phoneme>吃&amp;<sub alias="火锅">HG</sub>。</speak>'
    analysis = analyse(text)
    written = [text[word.start : word.stop] for word in analysis.utterances[0].words]
    assert written == ["去", "重庆", "吃", "&amp;", "HG"]
    assert "".join(token.text for token in analysis.tokens) == text
    assert [token.rule for token in analysis.tokens if "<" in token.text] == ["mark-up"] * 6
    assert ("HG", "sub", "火锅") in [(token.text, token.rule, token.spoken) for token in analysis.tokens]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('<say-as interpret-as="cardinal">110</say-as>', "yi4 bai3 yi1 shi2"),
        ('<say-as interpret-as="telephone">110</say-as>', "yao1 yao1 ling2"),
        ('<say-as interpret-as="digits">110</say-as>', "yi1 yi1 ling2"),
        ('<say-as interpret-as="ordinal">2</say-as>', "di4 er4"),
        ('<say-as interpret-as="date" format="mdy">5/1/2024</say-as>', "er4 ling2 er4 si4 nian2 wu3 yue4 yi1 ri4"),
        ('<say-as interpret-as="date">2024-05-01</say-as>', "er4 ling2 er4 si4 nian2 wu3 yue4 yi1 ri4"),
        ('<say-as interpret-as="time">3:05</say-as>', "san1 dian3 ling2 wu3 fen1"),
        ('<say-as interpret-as="characters">A1</say-as>', "ei1 yi1"),
        ('<say-as interpret-as="fraction">1/2</say-as>', "er4 fen1 zhi1 yi1"),
        ('<sub alias="世界卫生组织">WHO</sub>', "shi4 jie4 wei4 sheng1 zu3 zhi1"),
        ('<phoneme alphabet="pinyin" ph="shan4">单</phoneme>', "shan4"),
        ("A<!-- 注 -->B", "ei1 bi4"),
        ("<![CDATA[好]]>", "hao3"),
        ("重{chong2}庆", "chong2 qing4"),
        ("&#22909;", "hao3"),
        ('12<break strength="none"/>34', "shi2 er4 san1 shi2 si4"),
    ],
)
def test_elements(content: str, expected: str) -> None:
    assert spoken(content) == expected


def test_break_lengths() -> None:
    words = analyse('<speak>你好<break time="300ms"/>世界，<break strength="none"/>好</speak>').utterances[0].words
    assert [(word.pause, word.exact_pause) for word in words] == [(0.3, True), (0.0, False), (0.0, False)]
    utterances = analyse('<speak>你好<break time="1s"/>世界。<break time="2s"/>好<break time="1s"/></speak>').utterances
    assert [utterance.words[-1].pause for utterance in utterances] == [1.0, 2.0, 1.0]


def test_sentences_and_paragraphs() -> None:
    analysis = analyse("<speak>\n <p><s>一句</s>\n <s>两句</s></p>\n <p>三句</p>\n</speak>")
    assert [str(utterance) for utterance in analysis.utterances] == ["yi2 ju4", "liang3 ju4", "san1 ju4"]
    assert analysis.utterances[1].words[-1].pause == pytest.approx(0.7)


def test_styles_nest_and_end() -> None:
    text = (
        '<speak>甲<prosody rate="80%" pitch="+2st" volume="-6dB">乙<emphasis level="strong">丙</emphasis>'
        '<prosody rate="slow">丁</prosody></prosody><emotion name="happy" intensity="0.5">戊</emotion></speak>'
    )
    styles = [one.style for one in syllables(text)]
    assert [style.rate for style in styles] == pytest.approx([1, 0.8, 0.8, 0.6, 1])
    assert [style.pitch for style in styles] == [0, 2, 2, 2, 0]
    assert [style.volume for style in styles] == [0, -6, -6, -6, 0]
    assert [style.emphasis for style in styles] == ["", "", "strong", "", ""]
    assert (styles[-1].emotion, styles[-1].intensity) == ("happy", 0.5)


def test_marks_stand_between_syllables() -> None:
    text = '<speak><mark name="a"/>你<mark name="b"/>好<mark name="c"/>，<mark name="d"/>世界<mark name="e"/></speak>'
    marks = analyse(text).utterances[0].marks
    assert [(mark.name, mark.syllable, mark.after) for mark in marks] == [
        ("a", 0, False), ("b", 1, False), ("c", 2, True), ("d", 2, False), ("e", 4, True),
    ]  # fmt: skip
    assert text[marks[0].start : marks[0].stop] == '<mark name="a"/>'


@pytest.mark.parametrize(
    ("text", "code", "near"),
    [
        ("<speak>你好", "markup.malformed", "<speak>"),
        ("<speak>你好</p></speak>", "markup.malformed", "</p>"),
        ("<speak>a & b</speak>", "markup.malformed", "& b"),
        ("<speak>a < b</speak>", "markup.malformed", "< b"),
        ("<speak>&bomb;</speak>", "markup.malformed", "&bomb;"),
        ("<speak><!DOCTYPE a></speak>", "markup.malformed", "<!DOCTYPE"),
        ("<speak>好</speak>坏", "markup.malformed", "坏"),
        ("<speak><p x='1'>好</p></speak>", "markup.unknown", "1'"),
        ("<speak><b>好</b></speak>", "markup.unknown", "<b>"),
        ("<speak><sub alias='a'><p>好</p></sub></speak>", "markup.malformed", "<p>"),
        ("<speak><prosody rate='9'>好</prosody></speak>", "markup.value", "9'"),
        ("<speak><prosody pitch='120Hz'>好</prosody></speak>", "markup.value", "120Hz"),
        ("<speak><break time='1h'/>好</speak>", "markup.value", "1h"),
        ("<speak><break time='11s'/>好</speak>", "markup.value", "11s"),
        ("<speak><phoneme ph='xyz1'>好</phoneme></speak>", "markup.value", "xyz1"),
        ("<speak><phoneme ph='hao3'></phoneme></speak>", "markup.value", "<phoneme"),
        (f"<speak><phoneme ph='{'ha1 ' * 33}'>好</phoneme></speak>", "markup.value", "ha1 ha1"),
        ("<speak><mark/>好</speak>", "markup.value", "<mark"),
        ("<speak><say-as interpret-as='time'>好</say-as></speak>", "markup.value", "好"),
        ("<speak><say-as interpret-as='song'>好</say-as></speak>", "markup.value", "song"),
        ("<speak><emotion name='a' intensity='2'>好</emotion></speak>", "markup.value", "2'"),
        ("<speak a='1' a='2'>好</speak>", "markup.malformed", "a='2'"),
        ("<speak>" + "<p>" * 40 + "好", "markup.malformed", "<p>"),
    ],
)
def test_errors_say_where_and_what_to_do(text: str, code: str, near: str) -> None:
    with pytest.raises(MarkupError) as caught:
        analyse(text)
    error = caught.value
    assert error.code == code
    assert error.remedy
    position = error.detail["position"]
    assert isinstance(position, int)
    assert text[position:].startswith(near)


def test_line_and_column() -> None:
    with pytest.raises(MarkupError, match="Line 2, column 3"):
        analyse("<speak>\n好 <b>好</b></speak>")


def test_other_languages_are_refused_with_a_list() -> None:
    with pytest.raises(LanguageUnsupported) as caught:
        analyse('<speak xml:lang="fr-FR">好</speak>')
    assert caught.value.detail["expected"] == ["zh", "en"]
    assert analyse('<speak xml:lang="zh-CN">好<lang xml:lang="en">OK</lang></speak>').utterances


def test_text_that_only_looks_like_mark_up_is_read() -> None:
    assert str(analyse("<b>好</b>")) == str(analyse("<b>好</b>", "none"))
    assert analyse("a<b 且 b>c").utterances


def test_limits() -> None:
    with pytest.raises(TextTooLong):
        analyse("<speak>" + "好" * 5001 + "</speak>")
    with pytest.raises(TextTooLong):
        analyse("<speak>" + "<p></p>" * 10_000 + "好</speak>")
    alias = "好" * 2000
    with pytest.raises(TextTooLong):
        analyse("<speak>" + f'<sub alias="{alias}">x</sub>' * 3 + "</speak>")
    with pytest.raises(TextEmpty):
        analyse('<speak><mark name="a"/><break time="1s"/></speak>')


@pytest.mark.parametrize("cut", range(0, 121, 3))
def test_a_document_that_was_cut_off_fails_with_a_position(cut: int) -> None:
    text = (
        '<speak xml:lang="zh"><p>你好<break time="1s"/></p><prosody rate="slow">重{chong2}庆</prosody>&lt;'
        '<sub alias="一">1</sub></speak>'
    )
    with pytest.raises(QingshengError) as caught:
        analyse(text[:cut], "ssml")
    assert cut == 0 or "position" in caught.value.detail


def test_pinyin_spellings() -> None:
    assert numbered("lǜ") == "lv4"
    assert numbered("nü3") == "nv3"
    assert [str(one) for one in parse_syllables("chong2 qing4") or ()] == ["chong2", "qing4"]
    assert parse_syllable("chong") is None
    assert parse_syllable("xyz1") is None
    assert parse_syllable("de0") == parse_syllable("de5")
    assert parse_syllable("hǎo") == parse_syllable("hao3")


def test_no_library_for_xml_is_loaded() -> None:
    code = (
        "import sys, py_engine.text as text; text.analyse('<speak>好</speak>');"
        "print([name for name in sys.modules if 'xml' in name.split('.')[0]])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
