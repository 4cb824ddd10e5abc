"""Voice packs, format 1: what ``voice.json`` says, and the check of the files beside it.

``kind`` says which models a pack holds and so which `Synthesiser` speaks it; without it a pack is of the first kind.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from py_engine.errors import VoiceCorrupt
from py_engine.text.phones import PHONES

from . import fields
from .excitation import NARROW, WIDE, Signal
from .fields import wrong
from .stft import Framing
from .tokens import TokenTable, read_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
N_MELS = 80
SOURCE_FILTER, MATCHA, VITS = "source-filter", "matcha", "vits"
MODELS = {
    SOURCE_FILTER: ("prosody", "decoder"),
    MATCHA: ("acoustic", "vocoder"),
    VITS: ("acoustic",),
}
CONTROLS = ("speed", "pitch")
# Position features of the prosody model: place and lengths only, or how common word and character are as well.
POSITIONS = (4, 6)
# What the signal code of this engine is built for; a pack made for other values would sound wrong, not fail.
SIGNALS = {signal.sample_rate: signal for signal in (NARROW, WIDE)}
# What every browser's AudioContext takes (Web Audio API, "sampleRate").
SAMPLE_RATES = (8_000, 96_000)


@dataclass(frozen=True)
class PackFile:
    """One file of a pack: relative POSIX path, size in bytes, SHA-256 in lower-case hexadecimal."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Speaker:
    """One voice of a pack. ``index`` is for the acoustic model, all below it for source-filter voices only; F0
    statistics are of ln Hz."""

    id: str
    name: str
    index: int
    prosody_index: int = 0
    log_f0_mean: float = 0.0
    log_f0_std: float = 1.0
    energy_mean: float = 0.0
    energy_std: float = 1.0
    duration_scale: float = 1.0


@dataclass(frozen=True)
class TokenModel:
    """What a voice with symbols of its own needs beside its models.

    ``inference``: the scalars that its models take, by name. ``framing``: of a vocoder that gives spectra, None for
    one that gives samples. ``durations``: whether the acoustic model also gives each token's share of the length.
    """

    tokens: TokenTable
    inference: Mapping[str, float]
    framing: Framing | None
    durations: bool


@dataclass(frozen=True)
class Streaming:
    """How a decoder goes on from run to run. A frame comes out when it was given ``lookahead`` more; beside the frames'
    own phones it looks at ``phones`` on either side; ``state``: columns of what one run hands on to the next."""

    lookahead: int
    phones: int
    state: int


@dataclass(frozen=True)
class Manifest:
    """The checked content of ``voice.json``. ``files`` has the keys of ``MODELS[kind]``; ``controls`` are the options
    that the voice follows; ``model`` what is particular to the kind; ``positions``, how many position features the
    prosody model takes, and ``signal`` are of source-filter voices."""

    id: str
    kind: str
    name: str
    language: str
    license: str
    attribution: str
    sample_rate: int
    controls: tuple[str, ...]
    default_speaker: str
    speakers: tuple[Speaker, ...]
    files: Mapping[str, PackFile]
    model: Streaming | TokenModel = field(repr=False)
    positions: int = POSITIONS[0]
    signal: Signal = NARROW

    def voice_id(self, speaker: Speaker) -> str:
        return self.id if speaker.id == self.default_speaker else f"{self.id}/{speaker.id}"


@dataclass(frozen=True)
class VoiceInfo:
    """What a caller may choose: ``id`` is the value of ``Options.voice``."""

    id: str
    name: str
    speaker: str
    language: str
    sample_rate: int
    license: str
    attribution: str
    default: bool
    controls: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def read_manifest(data: Mapping[str, object]) -> Manifest:
    """Check and convert a parsed ``voice.json``. Raises: VoiceFormat, naming field, value and expectation."""
    name = data.get("id", "without an id")
    if data.get("format") != FORMAT:
        raise wrong(f"voice {name} has format {data.get('format')!r}", f"this engine reads format {FORMAT}")
    kind = data.get("kind", SOURCE_FILTER)
    if kind not in MODELS:
        raise wrong(f"voice {name} is of kind {kind!r}", f"this engine speaks the kinds {', '.join(MODELS)}")
    signal = NARROW
    if kind == SOURCE_FILTER:
        signal = _signal(name, data)
        _check_phones(name, data.get("phones"))
    speakers = tuple(_speaker(item, kind) for item in fields.field(data, "speakers", list))
    default = fields.field(data, "default_speaker", str)
    if default not in [speaker.id for speaker in speakers]:
        raise wrong(f"default_speaker is {default!r}", f"expected one of {[speaker.id for speaker in speakers]}")
    files = fields.field(data, "files", dict)
    return Manifest(
        id=fields.field(data, "id", str),
        kind=kind,
        name=fields.field(data, "name", str),
        language=fields.field(data, "language", str),
        license=fields.text(data.get("license")),
        attribution=fields.text(data.get("attribution")),
        sample_rate=_sample_rate(name, data),
        controls=_controls(data.get("controls", list(CONTROLS))),
        default_speaker=default,
        speakers=speakers,
        files={model: _file(fields.field(files, model, dict)) for model in MODELS[kind]},
        positions=_positions(name, data.get("positions", POSITIONS[0])),
        signal=signal,
        model=_streaming(data) if kind == SOURCE_FILTER else _token_model(data, kind),
    )


def voice_infos(manifest: Manifest) -> list[VoiceInfo]:
    """One entry per speaker, the default first."""
    ordered = sorted(manifest.speakers, key=lambda speaker: speaker.id != manifest.default_speaker)
    return [
        VoiceInfo(
            id=manifest.voice_id(speaker),
            name=manifest.name,
            speaker=speaker.name,
            language=manifest.language,
            sample_rate=manifest.sample_rate,
            license=manifest.license,
            attribution=manifest.attribution,
            default=speaker.id == manifest.default_speaker,
            controls=manifest.controls,
        )
        for speaker in ordered
    ]


def verify(file: PackFile, data: bytes | memoryview) -> None:
    """Compare size and SHA-256 with the manifest's. Raises: VoiceCorrupt, naming both values."""
    if len(data) != file.size:
        _corrupt(file, "bytes", len(data), file.size)
    digest = hashlib.sha256(data).hexdigest()
    if digest != file.sha256:
        _corrupt(file, "sha256", digest, file.sha256)


def _corrupt(file: PackFile, field: str, got: object, expected: object) -> None:
    raise VoiceCorrupt(
        f"{file.path} has {field} {got}, its manifest says {expected}.",
        "Fetch the file again; if the error stays, the pack on the server is damaged or half updated.",
        {"path": file.path, "field": field, "got": got, "expected": expected},
    )


def _signal(name: object, data: Mapping[str, object]) -> Signal:
    signal = SIGNALS.get(fields.count(data, "sample_rate"))
    if signal is None:
        rates = " or ".join(map(str, SIGNALS))
        raise wrong(f"voice {name} has sample_rate {data.get('sample_rate')!r}", f"this engine works with {rates}")
    # Bins are as many as the frames' spectrum has, where the pack does not say.
    given = {"n_bins": signal.n_fft // 2 + 1, **data}
    expected = {"hop_length": signal.hop_length, "n_fft": signal.n_fft, "n_bins": signal.n_bins, "n_mels": N_MELS}
    for key, value in expected.items():
        if given.get(key) != value:
            raise wrong(f"voice {name} has {key} {given.get(key)!r}", f"this engine works with {value}")
    return signal


def _streaming(data: Mapping[str, object]) -> Streaming:
    given = fields.field(data, "streaming", dict)
    return Streaming(**{name: fields.count(given, name) for name in ("lookahead", "phones", "state")})


def _sample_rate(name: object, data: Mapping[str, object]) -> int:
    rate, (low, high) = fields.count(data, "sample_rate"), SAMPLE_RATES
    if not low <= rate <= high:
        raise wrong(f"voice {name} has sample_rate {rate}", f"expected {low} to {high}")
    return rate


def _positions(name: object, value: object) -> int:
    if value not in POSITIONS or isinstance(value, bool):
        raise wrong(f"voice {name} has positions {value!r:.80}", f"expected one of {', '.join(map(str, POSITIONS))}")
    return int(value)


def _controls(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(item in CONTROLS for item in value):
        raise wrong(f"controls are {value!r:.80}", f"expected a list out of {', '.join(CONTROLS)}")
    return tuple(value)


def _speaker(item: object, kind: str) -> Speaker:
    if not isinstance(item, dict):
        raise wrong(f"a speaker is {item!r:.80}", "expected an object")
    speaker = Speaker(fields.field(item, "id", str), fields.field(item, "name", str), fields.field(item, "index", int))
    if kind != SOURCE_FILTER:
        return speaker
    return Speaker(
        id=speaker.id,
        name=speaker.name,
        index=speaker.index,
        prosody_index=fields.field(item, "prosody_index", int),
        log_f0_mean=fields.number(item, "log_f0_mean"),
        log_f0_std=fields.number(item, "log_f0_std"),
        energy_mean=fields.number(item, "energy_mean"),
        energy_std=fields.number(item, "energy_std"),
        duration_scale=fields.number(item, "duration_scale"),
    )


def _token_model(data: Mapping[str, object], kind: str) -> TokenModel:
    scalars = ("noise_scale", "length_scale") if kind == MATCHA else ("noise_scale", "length_scale", "noise_w")
    inference = fields.field(data, "inference", dict)
    return TokenModel(
        tokens=read_tokens(fields.field(data, "tokens", dict)),
        inference={name: fields.number(inference, name) for name in scalars},
        framing=_framing(data.get("framing")) if kind == MATCHA else None,
        durations=fields.field(data, "durations", bool),
    )


def _framing(value: object) -> Framing | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise wrong(f"framing is {value!r:.80}", "expected an object")
    framing = Framing(
        n_fft=fields.count(value, "n_fft"),
        hop_length=fields.count(value, "hop_length"),
        win_length=fields.count(value, "win_length"),
        center=fields.field(value, "center", bool),
        normalized=fields.field(value, "normalized", bool),
    )
    if not framing.hop_length <= framing.win_length <= framing.n_fft:
        raise wrong(f"framing is {framing}", "expected hop_length <= win_length <= n_fft")
    return framing


def _file(item: Mapping[str, object]) -> PackFile:
    path = fields.field(item, "path", str)
    parts = PurePosixPath(path).parts
    # The path is joined to a folder by the command line and the server: it must stay inside.
    if not parts or path.startswith("/") or ".." in parts or "\\" in path:
        raise wrong(f"a file's path is {path!r}", "expected a relative path inside the pack")
    return PackFile(path, fields.field(item, "bytes", int), fields.field(item, "sha256", str).lower())


def _check_phones(name: object, phones: object) -> None:
    """The models know phones by number: one difference would make every later phone another sound."""
    if phones == PHONES:
        return
    if not isinstance(phones, dict):
        raise wrong(f"voice {name} has phones {phones!r:.80}", "expected a table of symbol to id")
    differing = sorted(symbol for symbol in phones.keys() | PHONES.keys() if phones.get(symbol) != PHONES.get(symbol))
    shown = ", ".join(f"{s!r} is {phones.get(s)} in the pack, {PHONES.get(s)} in the engine" for s in differing[:3])
    raise wrong(f"voice {name} was made for another phone table", f"{len(differing)} symbols differ: {shown}")
