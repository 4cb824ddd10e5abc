"""Readings and sandhi: written => pinyin; pypinyin as an oracle for words."""

from __future__ import annotations

import re

import pytest

from py_engine.text import alternatives, analyse, readings
from py_engine.text.phones import syllable_to_phones
from py_engine.text.readings import polyphone_rules
from py_engine.text.tables import rows
from tests.text.cases import cases, marked_reading, table


@pytest.mark.parametrize(("written", "expected"), cases("readings.txt"))
def test_written_to_pinyin(written: str, expected: str) -> None:
    assert str(analyse(written)) == expected


@pytest.mark.parametrize(("expected", "marked"), table("everyday.tsv"))
def test_everyday_sentences(expected: str, marked: str) -> None:
    assert marked_reading(marked, analyse) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("幸运儿", "xing4 yun4 er2"),
        ("正儿八经", "zheng4 er2 ba1 jing1"),
        ("孩儿", "hai2 er2"),
        ("女孩儿", "nv3 hair2"),
        ("孙女儿", "sun1 nvr3"),
        ("他媳妇儿", "ta1 xi2 fur5"),
    ],
)
def test_er_is_a_syllable_where_its_word_says_so(word: str, expected: str) -> None:
    assert str(analyse(word)) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("一百二十三", "yi4 bai3 er4 shi2 san1"), ("一千零一夜", "yi4 qian1 ling2 yi1 ye4")]
)
def test_numerals_in_hanzi(text: str, expected: str) -> None:
    assert str(analyse(text)) == expected


def test_lexical_tones_stay_beside_the_spoken_ones() -> None:
    syllables = analyse("老虎不是").utterances[0].syllables
    assert [syllable.tone for syllable in syllables] == [2, 3, 2, 4]
    assert [syllable.lexical_tone for syllable in syllables] == [3, 3, 4, 4]


def test_third_tones_do_not_reach_across_a_pause() -> None:
    assert str(analyse("你好，你好")) == "ni2 hao3 ni2 hao3"


def test_alternatives_begin_with_the_default() -> None:
    assert alternatives("好") == ("hao3", "hao4")
    assert alternatives("行")[0] == "xing2"
    assert "hang2" in alternatives("行")
    assert alternatives("A") == ()


def test_words_agree_with_pypinyin() -> None:
    """Where the lexicon differs from pypinyin on common words, it is by neutral tones, 一 and 不."""
    pypinyin = pytest.importorskip("pypinyin")
    words = (
        "中国 北京 学习 工作 世界 经济 社会 问题 发展 文化 历史 科学 技术 教育 环境 语言 国家 政府 人民 城市 "
        "银行 音乐 重要 长江 会计 处理 调查 空间 传统 还原 成长 行动 都市 率领 角度 降低 强调 便利 供应 数量 "
        "积累 藏族 弹性 朝代 转换"
    ).split()
    for word in words:
        oracle = pypinyin.lazy_pinyin(word, style=pypinyin.Style.TONE3, neutral_tone_with_five=True, v_to_u=False)
        ours = [f"{one.pinyin}{one.lexical_tone}" for one in analyse(word).utterances[0].syllables]
        assert ours == oracle, word


def test_every_rule_can_be_used_and_reads_each_character_of_its_word() -> None:
    words = {row[0] for row in rows("polyphones.tsv") if len(row) == 4}
    for word in words:
        for rule in polyphone_rules(word):
            assert len(rule.readings) == len(word), rule.reason
            assert all(syllable_to_phones(reading.pinyin) for reading in rule.readings), rule.reason


def test_patterns_are_compiled_for_what_is_met_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_one = re.compile

    def noted(pattern: str) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_one(pattern)

    readings._compiled_rules.cache_clear()
    monkeypatch.setattr(re, "compile", noted)
    analyse("他还没来")
    assert 0 < len(compiled) < len(rows("polyphones.tsv")) / 8
