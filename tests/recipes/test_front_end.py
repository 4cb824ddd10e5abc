"""The recipes read texts as the browser does."""

from __future__ import annotations

import argparse
import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.recipes import front_end
from models.recipes.front_end import READER, add_reader_options, chosen_reader, load_reader, sentences_of
from models.recipes.melody import spoken
from py_engine.errors import ModelCorrupt
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.sentence import Sentence
from py_engine.synthesis.values import Options

# Rules and model cut it otherwise, and only the model lets it breathe
TEXT = "我们学校的篮球队以两分之差输给了隔壁中学的篮球队，大家都觉得有点可惜。"
LONG = "他在那次会议上详细介绍了公司未来三年的发展计划但是没有人提出任何问题也没有人鼓掌"
SPEAKER = {"prosody_index": 3, "log_f0_mean": 5.4, "log_f0_std": 0.2, "duration_scale": 1.0}


def engine(reader: Path | None) -> Engine:
    made = Engine(NativeRuntime())
    if reader:
        load_reader(made, reader)
    return made


def in_the_product(of: Engine, text: str) -> list[Sentence]:
    async def collect() -> list[Sentence]:
        return [sentence async for _, sentence in of._sentences(text, Options(), 0)]

    return asyncio.run(collect())


def levels(sentences: list[Sentence]) -> list[list[int]]:
    return [sentence.phones.breaks.tolist() for sentence in sentences]


@pytest.mark.parametrize("reader", [READER, None])
@pytest.mark.parametrize("text", [TEXT, LONG])
def test_texts_are_read_as_the_engine_reads_them(text: str, reader: Path | None) -> None:
    of = engine(reader)
    read, product = sentences_of(of, text), in_the_product(of, text)
    assert levels(read) == levels(product)
    assert [x.phones.symbols for x in read] == [x.phones.symbols for x in product]
    assert [x.pause_after for x in read] == [x.pause_after for x in product]


def test_the_reader_model_changes_the_plan() -> None:
    seen: list[list[int]] = []

    def predict(phones: NDArray[Any], _tones: object, breaks: NDArray[Any], *_rest: object) -> list[NDArray[Any]]:
        seen.append(breaks[0].tolist())
        points = (*phones.shape, 5)
        return [np.ones(phones.shape), np.zeros(points), np.ones(points), np.zeros(phones.shape)]

    for reader in (READER, None):
        spoken(TEXT, predict, SPEAKER, partial(sentences_of, engine(reader)))
    spoken(TEXT, predict, SPEAKER)
    half = len(seen) // 3
    with_model, by_rules, by_default = (seen[at * half : (at + 1) * half] for at in range(3))
    assert by_rules == by_default
    assert with_model != by_rules


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_reader_options(parser)
    return parser.parse_args(words)


def test_the_shipped_reader_model_is_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chosen_reader(parsed()) == READER
    assert chosen_reader(parsed("--rules")) is None
    assert chosen_reader(parsed("--reader", str(READER))) == READER
    with pytest.raises(SystemExit, match="--rules"):
        chosen_reader(parsed("--reader", str(tmp_path)))
    assert not capsys.readouterr().out
    monkeypatch.setattr(front_end, "READER", tmp_path)
    assert chosen_reader(parsed()) is None
    assert "rules alone" in capsys.readouterr().out


def test_a_reader_model_that_is_not_its_manifests_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reader.json").write_bytes((READER / "reader.json").read_bytes())
    (tmp_path / "reader.onnx").write_bytes((READER / "reader.onnx").read_bytes()[:-1])
    with pytest.raises(ModelCorrupt, match="bytes"):
        load_reader(engine(None), tmp_path)
