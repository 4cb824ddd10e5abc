"""`load_model` and `infer` of the bridge, in the real Pyodide with the real onnxruntime-web, under Node.

`node tests/emotion/infer_check.mjs . <numpy wheel>` by hand measures the time of a sentence.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.emotion.shipped import needs_model
from tests.engine.test_bridge import NODE, ROOT, WHEELS, code
from tests.engine.test_bridge import pytestmark as needs_node

pytestmark = [needs_node, needs_model]


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    command = [str(NODE), str(ROOT / "tests/emotion/infer_check.mjs"), str(ROOT), str(WHEELS[-1])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=480, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


def test_what_is_wrong_is_said_and_nothing_loaded(report: dict[str, Any]) -> None:
    assert code(report["early"]) == "model.missing"
    assert code(report["unknown"]) == "model.unknown"
    assert code(report["notJson"]) == code(report["short"]) == "model.corrupt"
    assert report["loaded"] == "undefined"
    assert code(report["empty"]) == "text.empty"
    assert code(report["option"]) == "option.invalid"


def test_sentences_with_utf16_spans(report: dict[str, Any]) -> None:
    text = report["text"].encode("utf-16-le")
    assert len(report["inferred"]) == 3
    for sentence in report["inferred"]:
        for part in (sentence, *sentence.get("parts", [])):
            assert text[2 * part["start"] : 2 * part["stop"]].decode("utf-16-le") == part["text"]
            assert sum(part["distribution"].values()) == pytest.approx(1)
    joy, weekday, mixed = report["inferred"]
    assert max(joy["distribution"], key=joy["distribution"].get) == "joy"
    assert strength(joy) > strength(weekday)
    assert [part["text"] for part in mixed["parts"]] == ["她说：", "你怎么能这样！"]


def strength(sentence: dict[str, Any]) -> float:
    return float((1 - sentence["distribution"]["neutral"]) * sentence["intensity"])


def test_estimates_are_kept(report: dict[str, Any]) -> None:
    assert report["again"]
    assert report["runs"] == report["runsAgain"] == 4
