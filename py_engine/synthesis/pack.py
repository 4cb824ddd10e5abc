"""Voice packs, format 1: what ``voice.json`` says, and the check of the files beside it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from py_engine.errors import VoiceCorrupt, VoiceFormat
from py_engine.text.phones import PHONES

from .excitation import HOP_LENGTH, N_FFT, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
N_MELS = 80
MODELS = ("prosody", "acoustic", "vocoder")
# What the signal code of this engine is built for; a pack made for other values would sound wrong, not fail.
SIGNAL = {"sample_rate": SAMPLE_RATE, "hop_length": HOP_LENGTH, "n_fft": N_FFT, "n_mels": N_MELS}
REMEDY = "Use a voice pack made for this version of the engine, or update the engine."

T = TypeVar("T")


@dataclass(frozen=True)
class PackFile:
    """One file of a pack: relative POSIX path, size in bytes, SHA-256 in lower-case hexadecimal."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Speaker:
    """One voice of a pack. F0 statistics are of ln Hz; ``index`` is for the acoustic model."""

    id: str
    name: str
    index: int
    prosody_index: int
    log_f0_mean: float
    log_f0_std: float
    energy_mean: float
    energy_std: float
    duration_scale: float


@dataclass(frozen=True)
class Manifest:
    """The checked content of ``voice.json``. ``files`` has the keys of `MODELS`."""

    id: str
    name: str
    language: str
    license: str
    attribution: str
    default_speaker: str
    speakers: tuple[Speaker, ...]
    files: Mapping[str, PackFile]

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

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def read_manifest(data: Mapping[str, object]) -> Manifest:
    """Check and convert a parsed ``voice.json``. Raises: VoiceFormat, naming field, value and expectation."""
    name = data.get("id", "without an id")
    if data.get("format") != FORMAT:
        raise _wrong(f"voice {name} has format {data.get('format')!r}", f"this engine reads format {FORMAT}")
    for field, expected in SIGNAL.items():
        if data.get(field) != expected:
            raise _wrong(f"voice {name} has {field} {data.get(field)!r}", f"this engine works with {expected}")
    _check_phones(name, data.get("phones"))
    speakers = tuple(_speaker(item) for item in _field(data, "speakers", list))
    default = _field(data, "default_speaker", str)
    if default not in [speaker.id for speaker in speakers]:
        raise _wrong(f"default_speaker is {default!r}", f"expected one of {[speaker.id for speaker in speakers]}")
    files = _field(data, "files", dict)
    return Manifest(
        id=_field(data, "id", str),
        name=_field(data, "name", str),
        language=_field(data, "language", str),
        license=_text(data.get("license")),
        attribution=_text(data.get("attribution")),
        default_speaker=default,
        speakers=speakers,
        files={model: _file(_field(files, model, dict)) for model in MODELS},
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
            sample_rate=SAMPLE_RATE,
            license=manifest.license,
            attribution=manifest.attribution,
            default=speaker.id == manifest.default_speaker,
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


def _wrong(got: str, expected: str) -> VoiceFormat:
    return VoiceFormat(f"{got}; {expected}.", REMEDY)


def _field(data: Mapping[str, object], name: str, kind: type[T]) -> T:
    value = data.get(name)
    if not isinstance(value, kind):
        raise _wrong(f"the field {name} of the manifest is {value!r:.80}", f"expected {kind.__name__}")
    return value


def _number(data: Mapping[str, object], name: str) -> float:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(f"the field {name} of a speaker is {value!r:.80}", "expected a number")
    return float(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _speaker(item: object) -> Speaker:
    if not isinstance(item, dict):
        raise _wrong(f"a speaker is {item!r:.80}", "expected an object")
    return Speaker(
        id=_field(item, "id", str),
        name=_field(item, "name", str),
        index=_field(item, "index", int),
        prosody_index=_field(item, "prosody_index", int),
        log_f0_mean=_number(item, "log_f0_mean"),
        log_f0_std=_number(item, "log_f0_std"),
        energy_mean=_number(item, "energy_mean"),
        energy_std=_number(item, "energy_std"),
        duration_scale=_number(item, "duration_scale"),
    )


def _file(item: Mapping[str, object]) -> PackFile:
    path = _field(item, "path", str)
    parts = PurePosixPath(path).parts
    # The path is joined to a folder by the command line and the server: it must stay inside.
    if not parts or path.startswith("/") or ".." in parts or "\\" in path:
        raise _wrong(f"a file's path is {path!r}", "expected a relative path inside the pack")
    return PackFile(path, _field(item, "bytes", int), _field(item, "sha256", str).lower())


def _check_phones(name: object, phones: object) -> None:
    """The models know phones by number: one difference would make every later phone another sound."""
    if phones == PHONES:
        return
    if not isinstance(phones, dict):
        raise _wrong(f"voice {name} has phones {phones!r:.80}", "expected a table of symbol to id")
    differing = sorted(symbol for symbol in phones.keys() | PHONES.keys() if phones.get(symbol) != PHONES.get(symbol))
    shown = ", ".join(f"{s!r} is {phones.get(s)} in the pack, {PHONES.get(s)} in the engine" for s in differing[:3])
    raise _wrong(f"voice {name} was made for another phone table", f"{len(differing)} symbols differ: {shown}")
