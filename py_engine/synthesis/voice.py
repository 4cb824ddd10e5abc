"""A loaded voice pack: its three models, called with the shapes of docs/architecture.md."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from py_engine.errors import RuntimeFailed, VoiceCorrupt
from py_engine.prosody.curves import Curves, ProsodyOutput

from .excitation import N_BINS
from .pack import MODELS, N_MELS, Manifest, Speaker, verify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from py_engine.runtime.base import Runtime, Session
    from py_engine.text import PhoneSequence

    from .excitation import Array

# Frames before and after a part that the vocoder may depend on: at least its receptive field on one side (six
# convolutions of kernel 7 reach 18 frames).
CONTEXT = 32

log = logging.getLogger(__name__)


class LoadedVoice:
    """Sessions of one pack. They are freed when the pack is retired and the last stream that uses it has ended."""

    def __init__(self, manifest: Manifest, sessions: Mapping[str, Session]) -> None:
        self.manifest = manifest
        self._sessions = sessions
        self._users = 0
        self._retired = False

    def __enter__(self) -> LoadedVoice:
        self._users += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._users -= 1
        self._free_if_unused()

    def retire(self) -> None:
        self._retired = True
        self._free_if_unused()

    def _free_if_unused(self) -> None:
        if self._retired and self._users == 0:
            for session in self._sessions.values():
                session.release()
            log.debug("released voice %s", self.manifest.id)

    async def prosody(self, phones: PhoneSequence, speaker: Speaker) -> ProsodyOutput:
        """Duration, F0, voicing and energy per phone."""
        count = len(phones)
        feeds = {
            "phones": _batch(phones.phones, np.int64),
            "tones": _batch(phones.tones, np.int64),
            "breaks": _batch(phones.breaks, np.int64),
            "positions": _batch(phones.positions, np.float32),
            "speaker": np.array([speaker.prosody_index], np.int64),
        }
        shapes = {"duration": (count,), "f0": (count, 5), "voicing": (count, 5), "energy": (count,)}
        outputs = await self._run("prosody", feeds, shapes)
        return ProsodyOutput(**{name: np.asarray(value, np.float64) for name, value in outputs.items()})

    async def acoustic(self, phones: PhoneSequence, curves: Curves, speaker: Speaker) -> Array:
        """Log mel magnitude ``[T, 80]``."""
        feeds = {
            "phones": _batch(phones.phones, np.int64),
            "tones": _batch(phones.tones, np.int64),
            "frame_phone": _batch(curves.frame_phone, np.int64),
            "frame_position": _batch(curves.frame_position, np.float32),
            "log_f0": _batch(curves.log_f0, np.float32),
            "voicing": _batch(curves.voicing, np.float32),
            "energy": _batch(curves.energy, np.float32),
            "speaker": np.array([speaker.index], np.int64),
        }
        return (await self._run("acoustic", feeds, {"mel": (len(curves.log_f0), N_MELS)}))["mel"]

    async def vocoder(self, mel: Array, curves: Curves, part: slice) -> tuple[Array, Array, Array]:
        """Filters of the frames ``part``: real and imaginary part for the pulses, magnitude for the noise.

        Returns: three of ``[B, 513]``. The model also sees `CONTEXT` frames on both sides, so that the parts join.
        """
        seen = slice(max(0, part.start - CONTEXT), min(len(mel), part.stop + CONTEXT))
        feeds = {
            "mel": _batch(mel[seen], np.float32),
            "log_f0": _batch(curves.log_f0[seen], np.float32),
            "voicing": _batch(curves.voicing[seen], np.float32),
        }
        names = ("harmonic_re", "harmonic_im", "noise")
        outputs = await self._run("vocoder", feeds, dict.fromkeys(names, (seen.stop - seen.start, N_BINS)))
        own = slice(part.start - seen.start, part.stop - seen.start)
        return outputs["harmonic_re"][own], outputs["harmonic_im"][own], outputs["noise"][own]

    async def _run(
        self, model: str, feeds: Mapping[str, NDArray[Any]], shapes: Mapping[str, tuple[int, ...]]
    ) -> dict[str, Array]:
        """Run a model and take the batch axis off its outputs. Raises: RuntimeFailed where they are not as agreed."""
        outputs = await self._sessions[model].run(feeds)
        found: dict[str, Array] = {}
        for name, shape in shapes.items():
            value = outputs.get(name)
            if value is None or value.shape != (1, *shape) or not np.isfinite(value).all():
                got = "nothing" if value is None else f"shape {value.shape}, finite: {bool(np.isfinite(value).all())}"
                raise RuntimeFailed(
                    f"the {model} model of {self.manifest.id} gave {got} for {name}, expected finite {(1, *shape)}.",
                    "The voice pack does not fit this engine; use another version of it.",
                )
            found[name] = value[0]
        return found


def _batch(values: NDArray[Any], kind: type[np.int64] | type[np.float32]) -> NDArray[Any]:
    return np.ascontiguousarray(values, kind)[np.newaxis]


async def load_voice(runtime: Runtime, manifest: Manifest, files: Mapping[str, bytes | memoryview]) -> LoadedVoice:
    """Verify each file and hand it to the runtime, one at a time so that only one need be in memory.

    Raises: VoiceCorrupt for a missing or wrong file, RuntimeFailed; then nothing stays loaded.
    """
    sessions: dict[str, Session] = {}
    try:
        for model in MODELS:
            file = manifest.files[model]
            if file.path not in files:
                raise VoiceCorrupt(
                    f"voice {manifest.id} lacks its file {file.path}.", "Fetch the voice again.", {"path": file.path}
                )
            data = files[file.path]
            verify(file, data)
            sessions[model] = await runtime.load(f"{manifest.id}/{file.path}", data)
    except BaseException:
        for session in sessions.values():
            session.release()
        raise
    return LoadedVoice(manifest, sessions)
