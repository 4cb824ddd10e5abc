from __future__ import annotations

import io
import json
import wave

import pytest

from py_engine.synthesis.credit import append_credit, credit, credited_header
from scripts.paths import MODELS
from tests import riff


@pytest.mark.parametrize("pack", ["qingsheng", "qingsheng-lite"])
def test_the_voices_name_their_licence_and_their_readers(pack: str) -> None:
    manifest = json.loads((MODELS / pack / "voice.json").read_text("utf-8"))
    line = credit(manifest)
    assert line.startswith(f"Voice {pack}, CC-BY-SA-4.0; ")
    assert manifest["attribution"] in line


@pytest.mark.parametrize(
    ("manifest", "line"),
    [
        ({"id": "a", "license": "MIT", "attribution": "B"}, "Voice a, MIT; B"),
        ({"id": "a", "license": "MIT"}, "Voice a, MIT"),
        ({"id": "a", "license": "", "attribution": "B"}, ""),
        ({"id": "a"}, ""),
    ],
)
def test_what_it_says(manifest: dict[str, object], line: str) -> None:
    assert credit(manifest) == line


@pytest.mark.parametrize("line", ["Voice 轻, MIT", "Voice ab, MIT", ""])
def test_a_file_and_a_stream_carry_it_and_stay_readable(line: str) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(b"\1\2\3\4")
    append_credit(file, line)
    assert riff.copyright_of(file.getvalue()) == line
    with wave.open(io.BytesIO(file.getvalue())) as reader:
        assert reader.readframes(9) == b"\1\2\3\4"
    stream = credited_header(8000, line) + b"\1\2\3\4"
    assert riff.copyright_of(stream) == line
    assert riff.chunks(stream)[-1] == ("data", b"\1\2\3\4")
