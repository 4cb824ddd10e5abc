"""A loaded voice pack: its models, and the synthesiser that speaks with them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from py_engine.errors import VoiceCorrupt

from .models import Models
from .pack import MATCHA, MODELS, Manifest, TokenModel, verify
from .source_filter import SourceFilter
from .token_voices import Matcha, Vits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from py_engine.runtime.base import Runtime, Session

    from .synthesiser import Synthesiser

log = logging.getLogger(__name__)


class LoadedVoice:
    """One pack. Its models are freed when it is retired and the last stream that uses it has ended."""

    def __init__(self, manifest: Manifest, models: Models) -> None:
        self.manifest = manifest
        self.synthesiser = make_synthesiser(manifest, models)
        self._models = models
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
            self._models.release()
            log.debug("released voice %s", self.manifest.id)


def make_synthesiser(manifest: Manifest, models: Models) -> Synthesiser:
    """What speaks packs of this kind."""
    model = manifest.model
    if not isinstance(model, TokenModel):
        return SourceFilter(models, manifest.positions, manifest.signal, model)
    if manifest.kind == MATCHA:
        return Matcha(models, model, manifest.sample_rate)
    return Vits(models, model, manifest.sample_rate, several=len(manifest.speakers) > 1)


async def load_voice(runtime: Runtime, manifest: Manifest, files: Mapping[str, bytes | memoryview]) -> LoadedVoice:
    """Verify each file and hand it to the runtime, one at a time so that only one need be in memory.

    Raises: VoiceCorrupt for a missing or wrong file, RuntimeFailed; then nothing stays loaded.
    """
    sessions: dict[str, Session] = {}
    try:
        for model in MODELS[manifest.kind]:
            file = manifest.files[model]
            if file.path not in files:
                raise VoiceCorrupt(
                    f"voice {manifest.id} lacks its file {file.path}.", "Fetch the voice again.", {"path": file.path}
                )
            data = files[file.path]
            verify(file, data)
            # Prosody is over at once, and what takes long is asked for when it is there.
            sessions[model] = await runtime.load(f"{manifest.id}/{file.path}", data, model != "prosody")
    except BaseException:
        Models(manifest.id, sessions).release()
        raise
    return LoadedVoice(manifest, Models(manifest.id, sessions, runtime.concurrent > 0))
