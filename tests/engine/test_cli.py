from __future__ import annotations

import json
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from py_engine.__main__ import main
from py_engine.errors import VoiceCorrupt, VoiceFormat, VoiceNotFound
from py_engine.synthesis.library import read_catalog, read_pack
from tests import riff

ROOT = Path(__file__).resolve().parents[2]


def test_a_valid_wav_is_written(models_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, timings = tmp_path / "out.wav", tmp_path / "timings.json"
    arguments = ["今天天气真好。你好！", "-o", str(output), "--models", str(models_folder), "--timings", str(timings)]
    assert main(arguments) == 0
    with wave.open(str(output)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert 1000 < np.abs(samples).max() <= 0.97 * 32767 + 1
    report = json.loads(timings.read_text())
    assert report["audio_s"] == pytest.approx(len(samples) / 16000)
    assert len(report["chunks"]) == 2
    assert report["chunks"][0]["decoder"] > 0
    assert str(output) in capsys.readouterr().out


def test_text_comes_from_standard_input_when_left_out(models_folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "py_engine", "-o", str(tmp_path / "o.wav")]
    command += ["--models", str(models_folder), "--voice", "silent/high", "--speed", "1.5", "--pitch", "-2"]
    done = subprocess.run(command, input="你好。".encode(), capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    assert (tmp_path / "o.wav").stat().st_size > 5000


def test_a_stream_on_standard_output_has_the_samples_of_the_file(models_folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "py_engine", "今天天气真好。你好！", "--models", str(models_folder)]
    stream = subprocess.run([*command, "-o", "-"], capture_output=True, cwd=ROOT, check=True)
    subprocess.run([*command, "-o", str(tmp_path / "o.wav")], cwd=ROOT, check=True, capture_output=True)
    file = (tmp_path / "o.wav").read_bytes()
    assert stream.stdout[:4] == b"RIFF"
    # Without a length the samples come last.
    assert [name for name, _ in riff.chunks(stream.stdout)] == ["fmt ", "LIST", "data"]
    assert [name for name, _ in riff.chunks(file)] == ["fmt ", "data", "LIST"]
    assert dict(riff.chunks(stream.stdout)) == dict(riff.chunks(file))
    assert riff.copyright_of(file) == "Voice silent, CC0-1.0"
    assert b"s of speech" in stream.stderr


def test_a_stream_is_written_before_it_is_complete(models_folder: Path) -> None:
    command = [sys.executable, "-m", "py_engine", "-o", "-", "--models", str(models_folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("今天天气真好。".encode() * 500)
        process.stdin.close()
        assert process.stdout.read(1000)[:4] == b"RIFF"
        # The pipe holds less than all of it: the rest is still to be made, or waits.
        assert process.poll() is None
        process.kill()


def test_voices_are_listed(models_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-voices", "--models", str(models_folder)]) == 0
    assert "silent (default): Silent, zh-CN, CC0-1.0; speakers silent/low, silent/high" in capsys.readouterr().out


def test_explain_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain", "重庆3只"]) == 0
    shown = capsys.readouterr().out
    assert "'3' -> '三'  [number]" in shown
    assert "'重' chong2  [word 重庆]" in shown


def test_unknown_characters_are_noted(models_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["你好\u13a0", "-o", str(tmp_path / "o.wav"), "--models", str(models_folder)]) == 0
    assert "note: text.unknown_character" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["", "-o", "x.wav"], 1, "text.empty"),
        (["好" * 5001], 1, "text.too_long"),
        (["你好", "--voice", "loud"], 1, "voice.not_found"),
        (["你好", "--voice", "silent/loud"], 1, "voice.not_found"),
        (["你好", "--speed", "3"], 2, "option.invalid"),
        (["你好", "--models", "/nowhere"], 1, "voice.not_found"),
        (["你好", "-o", "/nowhere/out.wav"], 1, "/nowhere/out.wav"),
    ],
)
def test_an_error_is_one_line_with_its_code(
    models_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    code: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--models", str(models_folder), *arguments]) == status
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert code in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", VoiceFormat),
        ('{"format": 2}', VoiceFormat),
        ('{"format": 1}', VoiceFormat),
        ('{"format": 1, "default": null, "voices": [{}]}', VoiceFormat),
        ("[]", VoiceFormat),
    ],
)
def test_a_broken_catalogue_is_refused(tmp_path: Path, content: str, expected: type[Exception]) -> None:
    (tmp_path / "catalog.json").write_text(content)
    with pytest.raises(expected):
        read_catalog(tmp_path)


def test_an_empty_catalogue_has_no_voice_to_find(tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text('{"format": 1, "default": null, "voices": []}')
    with pytest.raises(VoiceNotFound, match="lists no voice"):
        read_catalog(tmp_path).find(None)


def test_a_pack_that_changed_under_its_catalogue_is_refused(models_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(models_folder, folder)
    catalog = read_catalog(folder)
    manifest = folder / "silent" / "voice.json"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    with pytest.raises(VoiceCorrupt, match=r"silent/voice\.json"):
        read_pack(folder, catalog.find("silent"))
    shutil.copy(models_folder / "silent" / "voice.json", manifest)
    (folder / "silent" / "decoder.onnx").unlink()
    with pytest.raises(VoiceCorrupt, match=r"decoder\.onnx cannot be read"):
        read_pack(folder, catalog.find(None))
