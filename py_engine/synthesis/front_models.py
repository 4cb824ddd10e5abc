"""Models of the front end, which come after the voice: without them the engine works by its rules."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from py_engine.emotion.model import EmotionModel
from py_engine.errors import ModelCorrupt, ModelUnknown
from py_engine.text import ReaderModel

if TYPE_CHECKING:
    from py_engine.runtime.base import Runtime, Session

log = logging.getLogger(__name__)

FORMAT = 1


class FrontModel(Protocol):
    """What is made of a manifest and a session."""

    def release(self) -> None: ...


FACTORIES: Mapping[str, Callable[[Mapping[str, object], Session], FrontModel]] = {
    "emotion": EmotionModel,
    "reader": ReaderModel,
}


class FrontModels:
    """The loaded ones by name."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._models: dict[str, FrontModel] = {}

    @property
    def emotion(self) -> EmotionModel | None:
        model = self._models.get("emotion")
        return model if isinstance(model, EmotionModel) else None

    @property
    def reader(self) -> ReaderModel | None:
        model = self._models.get("reader")
        return model if isinstance(model, ReaderModel) else None

    def names(self) -> list[str]:
        return list(self._models)

    async def load(self, name: str, manifest: Mapping[str, object], model: bytes | memoryview) -> None:
        """``manifest``: the parsed ``<name>.json``; ``model``: the file it names. One of that name is replaced.

        Raises: ModelUnknown, ModelCorrupt, RuntimeFailed; the one loaded before stays.
        """
        make = FACTORIES.get(name)
        if make is None:
            raise ModelUnknown(
                f"the engine knows no model {name!r}, expected one of {', '.join(FACTORIES)}.",
                "Load a site and an engine of one build.",
                {"got": name, "expected": list(FACTORIES)},
            )
        check(name, manifest, model)
        session = await self._runtime.load(name, model)
        try:
            made = make(manifest, session)
        except BaseException:
            session.release()
            raise
        previous = self._models.get(name)
        self._models[name] = made
        if previous is not None:
            previous.release()
        log.info("loaded model %s, %d bytes", name, len(model))


def check(name: str, manifest: Mapping[str, object], model: bytes | memoryview) -> None:
    """Raises: ModelCorrupt where format, size or digest differ from the manifest's, naming both values."""
    got = {"format": FORMAT, "bytes": len(model), "sha256": hashlib.sha256(model).hexdigest()}
    for key, value in got.items():
        if manifest.get(key) != value:
            raise ModelCorrupt(
                f"model {name} has {key} {value}, {name}.json says {manifest.get(key)!r:.80}.",
                "Fetch the model again.",
                {"model": name, "got": value, "expected": manifest.get(key)},
            )
