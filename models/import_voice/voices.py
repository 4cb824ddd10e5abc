"""The two kinds of public voices, read and adapted: what a pack needs beside its name and licence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from py_engine.errors import VoiceFormat
from py_engine.synthesis.pack import MATCHA, VITS

from . import graph
from .conventions import choose_scheme, icefall, piper_scheme, token_table
from .graph import Graph
from .mapping import Known, Mapped
from .symbols import config_symbols, read_config, read_lexicon, read_overrides, read_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]
FRAMING = {"n_fft": 1024, "hop_length": 256, "win_length": 1024}


@dataclass
class Voice:
    """``manifest``: the fields of ``voice.json`` that follow from the files. ``graphs`` by their role."""

    manifest: Json
    graphs: dict[str, Graph]
    mapped: Mapped

    def set_durations(self, given: bool) -> None:
        self.manifest["durations"] = given


def read_matcha(
    acoustic: Path, vocoder: Path, tokens: Path, lexicon: Path | None, phones: Path | None, partial: bool, given: Json
) -> Voice:
    """``given``: ``sample_rate`` and scalars that the user set. Raises: VoiceFormat, PhoneUnmapped."""
    model, sound = graph.load(acoustic), graph.load(vocoder)
    if model.number("n_speakers", 1) != 1:
        raise VoiceFormat(f"{acoustic.name} has {model.metadata['n_speakers']} speakers, expected 1.")
    durations = graph.matcha_acoustic(model)
    framing = _framing(sound) if graph.vocoder(sound) == "spectra" else None
    symbols = read_tokens(tokens)
    pad = _pad(symbols, model)
    known = Known(
        symbols=symbols,
        scheme=choose_scheme(symbols),
        learned=read_lexicon(lexicon, symbols) if lexicon else {},
        overrides=read_overrides(phones),
    )
    table, mapped = token_table(known, icefall(symbols, pad, ends=bool(model.number("use_eos_bos", 0))), partial)
    manifest = {
        "kind": MATCHA,
        "sample_rate": _sample_rate(given, model, sound),
        "controls": ["speed"],
        "inference": _scalars({"noise_scale": 0.667, "length_scale": 1.0}, given),
        "durations": durations,
        "framing": framing,
        "tokens": table,
        "speakers": [{"id": "default", "name": "default", "index": 0}],
        "default_speaker": "default",
    }
    return Voice(manifest, {"acoustic": model, "vocoder": sound}, mapped)


def read_vits(model: Path, config: Path | None, phones: Path | None, partial: bool, given: Json) -> Voice:
    """``config``: by default beside the model, with ``.json`` behind. Raises as `read_matcha`, LanguageUnsupported."""
    settings = read_config(config or model.with_name(f"{model.name}.json"))
    speakers = _speakers(settings)
    adapted = graph.load(model)
    durations = graph.vits(adapted, several=len(speakers) > 1)
    symbols = config_symbols(settings)
    scheme, around = piper_scheme(settings.get("phoneme_type", "espeak"), symbols)
    table, mapped = token_table(Known(symbols, scheme, overrides=read_overrides(phones)), around, partial)
    usual = {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8}
    manifest = {
        "kind": VITS,
        "sample_rate": given.get("sample_rate") or settings["audio"]["sample_rate"],
        "controls": ["speed"],
        "inference": _scalars({**usual, **settings.get("inference", {})}, given, tuple(usual)),
        "durations": durations,
        "tokens": table,
        "speakers": speakers,
        "default_speaker": speakers[0]["id"],
    }
    return Voice(manifest, {"acoustic": adapted}, mapped)


def _pad(symbols: Mapping[str, tuple[int, ...]], model: Graph) -> str:
    number = model.number("pad_id")
    found = [token for token, ids in symbols.items() if ids == (number,)] if number is not None else ["_"]
    if not found or found[0] not in symbols:
        raise VoiceFormat(f"the tokens lack the pad that {model.path.name} asks for: {number if number else '_'}.")
    return found[0]


def _sample_rate(given: Json, acoustic: Graph, vocoder: Graph) -> int:
    """Of both models, which must agree where both say it."""
    if given.get("sample_rate"):
        return int(given["sample_rate"])
    rates = {model.path.name: rate for model in (acoustic, vocoder) if (rate := model.number("sample_rate"))}
    if not rates:
        raise VoiceFormat("neither model states its sample_rate.", "Pass --sample-rate.")
    if len(set(rates.values())) > 1:
        stated = " and ".join(f"{name} {rate} Hz" for name, rate in rates.items())
        raise VoiceFormat(f"the models disagree: {stated}.", "Take the vocoder that belongs to the acoustic model.")
    return next(iter(rates.values()))


def _framing(vocoder: Graph) -> Json:
    """The inverse STFT's shape. Raises: VoiceFormat for a window that is not Hann's."""
    kind = vocoder.metadata.get("window_type", "hann")
    if kind != "hann":
        raise VoiceFormat(f"{vocoder.path.name} asks for the window {kind!r}, expected 'hann'.")
    return {
        **{key: vocoder.number(key, default) for key, default in FRAMING.items()},
        "center": bool(vocoder.number("center", 1)),
        "normalized": bool(vocoder.number("normalized", 0)),
    }


def _scalars(usual: Mapping[str, float], given: Json, names: tuple[str, ...] | None = None) -> dict[str, float]:
    return {name: float(usual[name] if given.get(name) is None else given[name]) for name in names or usual}


def _speakers(settings: Json) -> list[Json]:
    count, names = settings.get("num_speakers") or 1, settings.get("speaker_id_map") or {}
    by_index = {index: name for name, index in names.items()} if count > 1 else {}
    named = [(by_index.get(index, f"speaker-{index}" if count > 1 else "default"), index) for index in range(count)]
    return [{"id": str(name), "name": str(name), "index": index} for name, index in named]
