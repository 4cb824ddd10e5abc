"""onnxruntime on the host. The only module of the package that imports it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import onnxruntime  # type: ignore[import-untyped]

from py_engine.errors import RuntimeFailed

from .base import KeptRelay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .base import Relay, Tensors

log = logging.getLogger(__name__)


class NativeSession:
    """A model in onnxruntime. `run` blocks the calling thread: an utterance takes some tens of milliseconds."""

    def __init__(self, name: str, session: onnxruntime.InferenceSession) -> None:
        self._name = name
        self._session: onnxruntime.InferenceSession | None = session
        self._outputs = [output.name for output in session.get_outputs()]

    async def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        if self._session is None:
            raise RuntimeFailed(f"the model {self._name} has been released", "Load the voice again.")
        try:
            values = self._session.run(self._outputs, dict(feeds))
        except Exception as error:  # onnxruntime's exceptions share no base class but Exception
            raise RuntimeFailed(f"running {self._name} failed: {error}", "Check the voice pack.") from error
        return dict(zip(self._outputs, values, strict=True))

    def relay(self, first: Tensors) -> Relay:
        return KeptRelay(self, first)

    def release(self) -> None:
        self._session = None


class NativeRuntime:
    """Loads models with all graph optimisations, on ``threads`` threads (1 by default: see the real-time budget).

    ``arena``: keep memory between runs, which is faster; without, each run gives its memory back.
    """

    concurrent = 0

    def __init__(self, threads: int = 1, arena: bool = True) -> None:
        self._options = onnxruntime.SessionOptions()
        self._options.intra_op_num_threads = threads
        self._options.inter_op_num_threads = 1
        self._options.enable_cpu_mem_arena = arena
        self._options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self._options.log_severity_level = 3

    async def load(self, name: str, model: bytes | memoryview, patient: bool = False) -> NativeSession:  # noqa: ARG002 -- all are awaited
        try:
            session = onnxruntime.InferenceSession(bytes(model), self._options, providers=["CPUExecutionProvider"])
        except Exception as error:  # see NativeSession.run
            raise RuntimeFailed(f"{name} cannot be loaded: {error}", "Check the voice pack.") from error
        # The file's bytes, kept for `set_providers`, which nobody calls: as much again as the model itself.
        session._model_bytes = None
        log.debug("loaded %s, %d bytes", name, len(model))
        return NativeSession(name, session)
