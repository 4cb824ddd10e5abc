"""The interface every model runtime offers. This module imports neither onnxruntime nor anything of the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[Any]]
# Outputs with this prefix are inputs of the next run of a relay.
NEXT = "next_"


class Session(Protocol):
    """One loaded model."""

    async def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        """Every output of the model for these inputs, by name. Raises: RuntimeFailed."""

    def relay(self, first: Tensors) -> Relay:
        """Runs each of which goes on where the last one stopped; ``first``: inputs that the first starts from."""

    def release(self) -> None:
        """Free the model. Harmless when called twice; `run` afterwards raises RuntimeFailed."""


class Relay(Protocol):
    """Runs of one model in the order of their calls: outputs ``next_X`` of one are the inputs ``X`` of the next."""

    async def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        """Every other output, as `Session.run`. Raises: RuntimeFailed; the relay is of no use then."""

    def close(self) -> None:
        """Forget what is handed on. Harmless when called twice."""


class KeptRelay:
    """A `Relay` whose tensors stay in Python, for models that run where they are called."""

    def __init__(self, session: Session, first: Tensors) -> None:
        self._session, self._kept = session, dict(first)

    async def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        outputs = await self._session.run({**feeds, **self._kept})
        self._kept = {name.removeprefix(NEXT): outputs.pop(name) for name in list(outputs) if name.startswith(NEXT)}
        return outputs

    def close(self) -> None:
        self._kept.clear()


class Runtime(Protocol):
    """Something that can load ONNX models.

    concurrent: how many of its models run beside Python, so that Python can go on meanwhile, and beside each other; it
    may change, but not from or to none. Runs follow one another in the order of their calls, those of patient models
    after the others, except that relays go on beside each other.
    """

    @property
    def concurrent(self) -> int: ...

    async def load(self, name: str, model: bytes | memoryview, patient: bool = False) -> Session:
        """Load a serialised ONNX model; ``name`` appears in error messages only. ``patient``: its runs take
        long, and those of other models go before them. Raises: RuntimeFailed."""
