"""The import of public voices, on generated models of their signatures."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from models.import_voice import schemes
from models.import_voice.__main__ import main
from models.import_voice.mapping import Known, map_phones, required
from models.import_voice.symbols import Symbols, read_lexicon, read_overrides, read_tokens
from py_engine.errors import PhoneUnmapped
from py_engine.synthesis.library import CatalogVoice, read_pack
from py_engine.synthesis.pack import PackFile
from scripts import catalog
from tests.packs import make_public_voices as make
from tests.packs.make_silent_pack import described

PARTS = sorted({phone for key in required() for way in schemes.parts(*key) for phone in (unit.phone for unit in way)})
PIECES = ["_", "^", "$", "，", "。", "？", "Ø", "1", "2", "3", "4", "5"]


def numbered(tokens: Sequence[str]) -> Symbols:
    return {token: (number,) for number, token in enumerate(tokens)}


def whole_tokens() -> list[str]:
    """As pypinyin writes them: no digit for the neutral tone."""
    return [token.removesuffix("5") for token in make.whole_syllables()]


@pytest.fixture
def matcha(tmp_path: Path) -> list[str]:
    """Arguments that import a voice with whole syllables and Vocos into ``tmp_path/models``."""
    tokens = [*dict.fromkeys([*whole_tokens(), ".", "?"])]
    make.save(make.matcha(len(tokens)), tmp_path / "model-steps-3.onnx")
    make.save(make.vocos(), tmp_path / "vocos.onnx")
    make.save_tokens(tokens, tmp_path / "tokens.txt")
    return [
        "matcha", "--acoustic", str(tmp_path / "model-steps-3.onnx"), "--vocoder", str(tmp_path / "vocos.onnx"),
        "--tokens", str(tmp_path / "tokens.txt"), "--id", "baker", "--license", "CC0-1.0",
        "--models", str(tmp_path / "models"),
    ]  # fmt: skip


@pytest.fixture
def vits(tmp_path: Path) -> list[str]:
    symbols = make.piper_symbols()
    make.save(make.vits(len(symbols)), tmp_path / "zh_CN-voice.onnx")
    make.save_config(make.piper_config(symbols), tmp_path / "zh_CN-voice.onnx.json")
    model, models = str(tmp_path / "zh_CN-voice.onnx"), str(tmp_path / "models")
    return ["vits", "--model", model, "--id", "hua", "--license", "CC0-1.0", "--models", models]


def manifest_of(tmp_path: Path, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((tmp_path / "models" / name / "voice.json").read_text("utf-8"))
    return read


def test_a_matcha_voice_becomes_a_pack(matcha: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(matcha) == 0
    manifest = manifest_of(tmp_path, "baker")
    assert (manifest["kind"], manifest["sample_rate"], manifest["controls"]) == ("matcha", 22050, ["speed"])
    assert manifest["framing"] == {
        "n_fft": 1024, "hop_length": 256, "win_length": 1024, "center": True, "normalized": False,
    }  # fmt: skip
    assert manifest["durations"] is True
    tokens = read_tokens(tmp_path / "tokens.txt")
    assert manifest["tokens"]["syllables"]["zhong1"] == list(tokens["zhong1"])
    assert manifest["tokens"]["syllables"]["de5"] == list(tokens["de"])
    assert manifest["tokens"]["marks"]["question"] == list(tokens["?"])
    assert manifest["unmapped"] == []
    output = capsys.readouterr().out
    assert "acoustic: " in output
    assert output.count("as INT8") == 2
    assert "word times given by the model" in output


def test_the_pack_is_listed_and_read_like_any_other(matcha: list[str], tmp_path: Path) -> None:
    assert main(matcha) == 0
    models = tmp_path / "models"
    voices: Any = catalog.catalogue(models)["voices"]
    (entry,) = voices
    path = models / "baker" / "voice.json"
    listed = described("baker/voice.json", path.read_bytes())
    voice = CatalogVoice(
        entry["id"], entry["name"], entry["language"], entry["license"],
        PackFile("baker/voice.json", path.stat().st_size, str(listed["sha256"])), ("default",),
    )  # fmt: skip
    manifest, files = read_pack(models, voice)
    assert manifest["id"] == "baker"
    assert set(files) == {"acoustic.onnx", "vocoder.onnx"}


def test_int8_is_kept_only_where_it_is_smaller(
    matcha: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make.save(make.hifigan(), tmp_path / "vocos.onnx")
    assert main(matcha) == 0
    assert "vocoder: " in (output := capsys.readouterr().out)
    assert "as float32 (INT8 would take" in output
    assert manifest_of(tmp_path, "baker")["framing"] is None
    assert main([*matcha, "--replace", "--float"]) == 0
    assert capsys.readouterr().out.count("as float32 (asked for)") == 2


def test_a_pack_is_not_written_over_unasked(
    matcha: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models" / "baker").mkdir(parents=True)
    assert main(matcha) == 1
    assert "option.invalid: there is a pack baker" in capsys.readouterr().err


def test_word_times_are_estimated_where_the_graph_shows_no_durations(matcha: list[str], tmp_path: Path) -> None:
    count = len(read_tokens(tmp_path / "tokens.txt"))
    make.save(make.matcha(count, gives_durations=False), tmp_path / "model-steps-3.onnx")
    assert main(matcha) == 0
    assert manifest_of(tmp_path, "baker")["durations"] is False


def test_a_rounding_that_is_not_of_durations_is_not_taken_for_one(matcha: list[str], tmp_path: Path) -> None:
    path = tmp_path / "model-steps-3.onnx"
    proto = make.matcha(len(read_tokens(tmp_path / "tokens.txt")), gives_durations=False)
    proto.graph.node.append(helper.make_node("Ceil", ["mel"], ["rounded"]))
    make.save(proto, path)
    assert main(matcha) == 0
    assert manifest_of(tmp_path, "baker")["durations"] is False
    packed = onnx.load(str(tmp_path / "models" / "baker" / "acoustic.onnx"))
    assert [output.name for output in packed.graph.output] == ["mel"]


def test_names_inside_a_graph_do_not_matter(matcha: list[str], tmp_path: Path) -> None:
    proto = make.vocos()
    # The vocoder's own tensors bear the names that the engine gives to inputs and outputs.
    for node in proto.graph.node:
        for names in (node.input, node.output):
            names[:] = [{"rows": "mel", "phase": "samples", "log_mag": "durations"}.get(name, name) for name in names]
    make.save(proto, tmp_path / "vocos.onnx")
    assert main(matcha) == 0
    path = tmp_path / "model-steps-3.onnx"
    acoustic = make.matcha(len(read_tokens(tmp_path / "tokens.txt")))
    for node in acoustic.graph.node:
        for names in (node.input, node.output):
            names[:] = ["durations" if name == "whole" else name for name in names]
    make.save(acoustic, path)
    assert main([*matcha, "--replace"]) == 0
    assert manifest_of(tmp_path, "baker")["durations"] is True


def test_unmapped_phones_are_listed_with_a_stable_code(
    matcha: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = {"zhong1", "zhong2", "zhong3", "zhong4", "zhong", "hua4"}
    tokens = [f"-{token}" if token in gone else token for token in read_tokens(tmp_path / "tokens.txt")]
    make.save_tokens(tokens, tmp_path / "tokens.txt")
    assert main(matcha) == 1
    error = capsys.readouterr().err
    assert "voice.phone_unmapped: 6 phones" in error
    assert "hua4, zhong1, zhong2, zhong3, zhong4, zhong5." in error
    assert not (tmp_path / "models" / "baker").exists()
    assert main([*matcha, "--partial"]) == 0
    manifest = manifest_of(tmp_path, "baker")
    assert manifest["substitutes"]["hua4"] == "hua1"
    assert "zhong1" not in manifest["tokens"]["syllables"]
    assert manifest["unmapped"] == ["hua4", "zhong1", "zhong2", "zhong3", "zhong4", "zhong5"]


def test_what_the_import_cannot_find_out_can_be_told(matcha: list[str], tmp_path: Path) -> None:
    tokens = ["-hua4" if name == "hua4" else name for name in read_tokens(tmp_path / "tokens.txt")]
    make.save_tokens(tokens, tmp_path / "tokens.txt")
    (tmp_path / "phones.tsv").write_text("# ours\ttheirs\nhua4\t-hua4\nsp\t\n", "utf-8")
    assert main([*matcha, "--phones", str(tmp_path / "phones.tsv")]) == 0
    table = manifest_of(tmp_path, "baker")["tokens"]
    assert table["syllables"]["hua4"] == [tokens.index("-hua4")]
    assert table["pause"] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sample_rate": 16000}, "the models disagree: model-steps-3.onnx 16000 Hz and vocos.onnx 22050 Hz"),
        ({"n_speakers": 4}, "4 speakers, expected 1"),
        ({"pad_id": 99999}, "99999"),
        ({"sample_rate": "fast"}, "sample_rate = 'fast'"),
    ],
)
def test_metadata_that_does_not_fit_is_named(
    matcha: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object], said: str
) -> None:
    count = len(read_tokens(tmp_path / "tokens.txt"))
    make.save(make.matcha(count, True, **changes), tmp_path / "model-steps-3.onnx")
    assert main(matcha) == 1
    assert said in capsys.readouterr().err


def test_another_signature_is_named(matcha: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make.save(make.vits(50), tmp_path / "model-steps-3.onnx")
    assert main(matcha) == 1
    assert "has the inputs input, input_lengths, scales and the outputs output, expected" in capsys.readouterr().err
    (tmp_path / "model-steps-3.onnx").write_bytes(b"<!doctype html>")
    assert main(matcha) == 1
    assert "cannot be read as an ONNX model" in capsys.readouterr().err


def test_a_vocoder_for_another_mel_is_found_out_by_the_trial(
    matcha: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proto = make.vocos()
    for name in ("magnitudes", "phases"):
        weights = next(tensor for tensor in proto.graph.initializer if tensor.name == name)
        weights.CopyFrom(helper.make_tensor(name, TensorProto.FLOAT, (100, 513), [0.0] * 51300))
    proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 100
    make.save(proto, tmp_path / "vocos.onnx")
    assert main(matcha) == 1
    assert "runtime.failed" in capsys.readouterr().err
    assert not (tmp_path / "models").exists()


def test_a_piper_voice_becomes_a_pack(vits: list[str], tmp_path: Path) -> None:
    assert main(vits) == 0
    manifest = manifest_of(tmp_path, "hua")
    assert (manifest["kind"], manifest["inference"]["noise_w"]) == ("vits", 0.8)
    symbols = make.piper_symbols()
    written = [symbols.index(char) for char in unicodedata.normalize("NFD", "ts.ˈonɡ5")]
    assert manifest["tokens"]["syllables"]["zhong1"] == written
    assert manifest["tokens"]["begin"] == [1, 0]
    assert manifest["tokens"]["pad_after"] == "token"


def test_a_piper_voice_of_pinyin_pads_by_syllable(vits: list[str], tmp_path: Path) -> None:
    pieces = {unit.phone for key in required() for way in schemes.pieces(*key) for unit in way}
    symbols = [*dict.fromkeys([*PIECES, *sorted(pieces)])]
    make.save(make.vits(len(symbols), speakers=2), tmp_path / "zh_CN-voice.onnx")
    config = make.piper_config(symbols, speakers=2, phoneme_type="pinyin")
    make.save_config(config, tmp_path / "zh_CN-voice.onnx.json")
    assert main(vits) == 0
    manifest = manifest_of(tmp_path, "hua")
    table = manifest["tokens"]
    assert table["pad_after"] == "unit"
    assert table["syllables"]["yuan2"] == [symbols.index(symbol) for symbol in ("y", "uan", "2")]
    assert table["syllables"]["an1"] == [symbols.index(symbol) for symbol in ("Ø", "an", "1")]
    # No initial is taken for a syllabic nasal.
    assert table["syllables"]["n2"] == table["syllables"]["en2"]
    assert [speaker["id"] for speaker in manifest["speakers"]] == ["person0", "person1"]


def test_a_speaker_that_a_single_voice_wants_is_the_first(vits: list[str], tmp_path: Path) -> None:
    make.save(make.vits(len(make.piper_symbols()), with_sid=True), tmp_path / "zh_CN-voice.onnx")
    assert main(vits) == 0
    packed = onnx.load(str(tmp_path / "models" / "hua" / "acoustic.onnx"))
    assert [value.name for value in packed.graph.input] == ["input", "input_lengths", "scales"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"language": {"code": "en_GB"}}, "language.unsupported"),
        ({"phoneme_type": "text"}, "voice.format"),
        ({"phoneme_id_map": {"_": [0], "^": [1]}}, "voice.format"),
        ({"phoneme_id_map": {"_": [0], "^": [1], "$": [2], " ": [3]}}, "voice.phone_unmapped"),
        ({"audio": {}}, "voice.format"),
    ],
)
def test_configurations_that_do_not_fit_have_stable_codes(
    vits: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object], code: str
) -> None:
    config = make.piper_config(make.piper_symbols(), 22050, 1, **changes)
    make.save_config(config, tmp_path / "zh_CN-voice.onnx.json")
    assert main(vits) == 1
    assert capsys.readouterr().err.startswith(f"error: {code}: ")


def test_initials_and_finals_are_found_however_they_are_spelled() -> None:
    respelled = [phone.replace("iou", "iu").replace("uei", "ui").replace("uen", "un") for phone in PARTS]
    mapped = map_phones(Known(numbered(respelled), schemes.parts), partial=False)
    assert mapped.syllables["zhong1"] == ("zh", "ong1")
    assert mapped.syllables["liu2"] == ("l", "iu2")
    assert mapped.syllables["shi4"] == ("sh", "iii4")


def test_the_espeak_table_covers_every_syllable() -> None:
    mapped = map_phones(Known(numbered(make.piper_symbols()), schemes.espeak), partial=False)
    assert "".join(mapped.syllables["ren2"]) == "ʐˈəɜn"
    assert "".join(mapped.syllables["shuo1"]) == "s.wˈo5"
    assert mapped.substitutes == {"rr": "er5"}


def test_a_lexicon_shows_how_syllables_are_written(tmp_path: Path) -> None:
    symbols = numbered(["_", "ZH", "ONG", "t1", "zhong1"])
    (tmp_path / "lexicon.txt").write_text("钟 ZH ONG t1\n忠 ZH ONG t1\n钟表 ZH ONG t1 t1\n盅 zhong1\n行 t1\n", "utf-8")
    assert read_lexicon(tmp_path / "lexicon.txt", symbols) == {"zhong1": ("ZH", "ONG", "t1")}


def test_an_override_must_name_tokens_of_the_voice(tmp_path: Path) -> None:
    (tmp_path / "phones.tsv").write_text("a1\tnothing\n", "utf-8")
    known = Known(numbered(["a1"]), schemes.whole, overrides=read_overrides(tmp_path / "phones.tsv"))
    with pytest.raises(PhoneUnmapped, match="no token 'nothing'"):
        map_phones(known, partial=True)
