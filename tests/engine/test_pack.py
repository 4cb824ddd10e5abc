from __future__ import annotations

import asyncio
import copy
import hashlib
from typing import Any

import pytest

from py_engine.errors import LanguageUnsupported, RuntimeFailed, VoiceCorrupt, VoiceFormat, VoiceNotFound
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.pack import read_manifest
from py_engine.synthesis.pipeline import Engine
from tests.engine.conftest import Pack
from tests.packs.make_silent_pack import pack_files


@pytest.fixture
def manifest(silent_pack: Pack) -> dict[str, Any]:
    return copy.deepcopy(silent_pack[0])


def load(manifest: dict[str, Any], files: dict[str, bytes]) -> Engine:
    engine = Engine(NativeRuntime())
    asyncio.run(engine.load_voice(manifest, files))
    return engine


def test_the_generator_is_deterministic() -> None:
    assert pack_files() == pack_files()


def test_the_pack_is_read(manifest: dict[str, Any]) -> None:
    read = read_manifest(manifest)
    assert read.id == "silent"
    assert [speaker.id for speaker in read.speakers] == ["low", "high"]
    assert read.files["prosody"].path == "prosody.onnx"


def test_each_speaker_is_a_voice_default_first(silent_pack: Pack, manifest: dict[str, Any]) -> None:
    manifest["default_speaker"] = "high"
    infos = load(manifest, silent_pack[1]).voices()
    assert [(info.id, info.speaker, info.default) for info in infos] == [
        ("silent", "High", True),
        ("silent/low", "Low", False),
    ]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("format", 2, "format 2; this engine reads format 1"),
        ("format", None, "format None"),
        ("sample_rate", 22050, "22050; this engine works with 16000 or 24000"),
        ("hop_length", 256, "256; this engine works with 200"),
        ("n_fft", 1024, "512"),
        ("n_mels", 100, "100"),
        ("id", 5, "id of the manifest is 5"),
        ("default_speaker", "nobody", "'nobody'; expected one of \\['low', 'high'\\]"),
        ("speakers", {}, "speakers"),
        ("speakers", ["low"], "a speaker is 'low'"),
        ("files", {}, "prosody"),
        ("phones", None, "phones None"),
        ("streaming", None, "streaming"),
        ("streaming", {"lookahead": 2, "phones": 1, "state": 0}, "state of the manifest is 0"),
        ("streaming", {"lookahead": 2, "state": 4}, "phones of the manifest is None"),
    ],
)
def test_a_wrong_field_is_named_with_value_and_expectation(
    manifest: dict[str, Any], field: str, value: object, said: str
) -> None:
    manifest[field] = value
    with pytest.raises(VoiceFormat, match=said) as caught:
        read_manifest(manifest)
    assert caught.value.code == "voice.format"
    assert caught.value.remedy


def test_a_different_phone_table_is_refused(manifest: dict[str, Any]) -> None:
    manifest["phones"]["a"], manifest["phones"]["o"] = manifest["phones"]["o"], manifest["phones"]["a"]
    with pytest.raises(VoiceFormat, match="2 symbols differ: 'a' is"):
        read_manifest(manifest)


@pytest.mark.parametrize("number", [None, "1", True])
def test_speaker_numbers_are_numbers(manifest: dict[str, Any], number: object) -> None:
    manifest["speakers"][0]["log_f0_mean"] = number
    with pytest.raises(VoiceFormat, match="log_f0_mean"):
        read_manifest(manifest)


@pytest.mark.parametrize("path", ["../secret.onnx", "/etc/passwd", "a/../../b", "", "a\\b"])
def test_paths_stay_inside_the_pack(manifest: dict[str, Any], path: str) -> None:
    manifest["files"]["decoder"]["path"] = path
    with pytest.raises(VoiceFormat, match="relative path"):
        read_manifest(manifest)


def test_a_wrong_size_names_both(manifest: dict[str, Any], silent_pack: Pack) -> None:
    files = {**silent_pack[1], "decoder.onnx": silent_pack[1]["decoder.onnx"][:-1]}
    size = len(files["decoder.onnx"])
    with pytest.raises(VoiceCorrupt, match=f"bytes {size}, its manifest says {size + 1}") as caught:
        load(manifest, files)
    assert caught.value.detail["got"] == size


def test_a_wrong_digest_names_both(manifest: dict[str, Any], silent_pack: Pack) -> None:
    content = bytearray(silent_pack[1]["decoder.onnx"])
    content[100] ^= 1
    with pytest.raises(VoiceCorrupt) as caught:
        load(manifest, {**silent_pack[1], "decoder.onnx": bytes(content)})
    assert hashlib.sha256(content).hexdigest() in caught.value.message
    assert manifest["files"]["decoder"]["sha256"] in caught.value.message


def test_a_missing_file_is_named(manifest: dict[str, Any]) -> None:
    with pytest.raises(VoiceCorrupt, match=r"lacks its file prosody\.onnx"):
        load(manifest, {})


def test_a_file_that_is_no_model_is_refused(manifest: dict[str, Any], silent_pack: Pack) -> None:
    content = b"<!doctype html>"
    manifest["files"]["prosody"].update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(RuntimeFailed, match=r"silent/prosody\.onnx"):
        load(manifest, {**silent_pack[1], "prosody.onnx": content})


def test_another_language_is_refused(manifest: dict[str, Any], silent_pack: Pack) -> None:
    manifest["language"] = "en-GB"
    with pytest.raises(LanguageUnsupported, match="en-GB"):
        load(manifest, silent_pack[1])


def test_a_failed_load_keeps_what_was_there(engine: Engine, manifest: dict[str, Any]) -> None:
    with pytest.raises(VoiceCorrupt):
        asyncio.run(engine.load_voice(manifest, {}))
    assert [info.id for info in engine.voices()] == ["silent", "silent/high"]


def test_loading_again_replaces(engine: Engine, silent_pack: Pack) -> None:
    asyncio.run(engine.load_voice(*silent_pack))
    assert len(engine.voices()) == 2


def test_release_forgets_the_whole_pack(engine: Engine) -> None:
    engine.release_voice("silent/high")
    assert engine.voices() == []
    with pytest.raises(VoiceNotFound, match="no voice is loaded"):
        engine.release_voice("silent")
