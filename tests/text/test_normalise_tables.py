"""Normalisation over all classes: `normalisation.tsv`; NeMo's cases where the data is at hand; emoji."""

from __future__ import annotations

from pathlib import Path

import pytest

from py_engine.errors import UNKNOWN_CHARACTER
from py_engine.text import analyse
from py_engine.text.lexicon import lexicon
from py_engine.text.normalise import Normaliser, fold
from py_engine.text.spoken import Unit
from tests.text.cases import table

NEMO = Path(__file__).resolve().parents[3] / "shared" / "data" / "normalization" / "nemo"
CASES = [(written, spoken) for _, written, spoken in table("normalisation.tsv")]


def plain(text: str) -> str:
    """Letters are said alike in either case, and spaces are silent."""
    return fold(text).replace(" ", "").casefold()


def spoken(text: str, emoji: str = "skip") -> str:
    items = Normaliser(text, lexicon(), emoji).items()
    folded = fold(text)
    return plain("".join(item.char if isinstance(item, Unit) else folded[item.start : item.stop] for item in items))


@pytest.mark.parametrize(("written", "expected"), CASES)
def test_written_to_spoken(written: str, expected: str) -> None:
    assert spoken(written) == plain(expected)


@pytest.mark.parametrize(("written", "expected"), CASES)
def test_tokens_cover_what_is_written(written: str, expected: str) -> None:
    normaliser = Normaliser(written, lexicon())
    list(normaliser.items())
    assert "".join(token.text for token in normaliser.tokens) == written
    assert all(token.rule for token in normaliser.tokens)
    assert not normaliser.notices, expected


def test_the_table_is_large_and_has_every_class() -> None:
    classes = {row[0] for row in table("normalisation.tsv")}
    assert len(CASES) >= 400
    assert len(classes) >= 20


def test_nemo() -> None:
    """All cases of NVIDIA/NeMo-text-processing (Apache-2.0), bar the conventions listed in `nemo_differences.tsv`."""
    if not NEMO.exists():
        pytest.skip(f"needs {NEMO}")
    ours = {written: own for written, _, own, _ in table("nemo_differences.tsv")}
    lines = [line for path in sorted(NEMO.glob("test*.txt")) for line in path.read_text("utf-8").splitlines()]
    pairs = [line.split("~", 1) for line in lines if "~" in line]
    assert len(pairs) >= 360
    for written, expected in pairs:
        assert spoken(written) == plain(ours.get(written, expected)), written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("好😂", "好笑哭了"),
        ("👍👍👍", "拇指向上"),
        ("👨‍👩‍👧", "家庭男人女人女孩"),
        ("👍🏽", "拇指向上"),
        ("🇨🇳", "中国"),
        ("❤️", "红心"),
        ("1️⃣", "一"),
    ],
)
def test_emoji_are_named(text: str, expected: str) -> None:
    assert spoken(text, "name").replace("\ufe0f", "").replace("\u20e3", "") == expected


def test_emoji_are_skipped_with_one_notice_each() -> None:
    analysis = analyse("好👨‍👩‍👧吧👍🏽")
    assert [(one.code, one.start, one.stop) for one in analysis.notices] == [
        (UNKNOWN_CHARACTER, 1, 6), (UNKNOWN_CHARACTER, 7, 9),
    ]  # fmt: skip
    assert str(analyse("好👍", emoji="name")) == "hao3 mu2 zhi3 xiang4 shang4"
