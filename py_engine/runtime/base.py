"""The interface every model runtime offers. This module imports neither onnxruntime nor anything of the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[Any]]


class Session(Protocol):
    """One loaded model."""

    async def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        """Every output of the model for these inputs, by name. Raises: RuntimeFailed."""

    def release(self) -> None:
        """Free the model. Harmless when called twice; `run` afterwards raises RuntimeFailed."""


class Runtime(Protocol):
    """Something that can load ONNX models.

    concurrent: its models run beside Python, so that Python can go on meanwhile; runs follow one another in the order
    of their calls, those of patient models after the others.
    """

    concurrent: bool

    async def load(self, name: str, model: bytes | memoryview, patient: bool = False) -> Session:
        """Load a serialised ONNX model; ``name`` appears in error messages only. ``patient``: its runs take
        long, and those of other models go before them. Raises: RuntimeFailed."""
