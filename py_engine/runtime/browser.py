"""onnxruntime-web, through the JS module ``qingsheng_host`` that the worker registers before importing this module.

The host offers four functions and a property:

    createSession(name: string, bytes: Uint8Array, patient: boolean): Promise<number>    a handle
    run(handle: number, feeds: {[name]: Tensor}, relay?: number): Promise<{[name]: Tensor}>  every output
    forget(relay: number): void
    release(handle: number): void
    concurrent: number       of runs that go on beside Python and each other, those of patient models last
    // Tensor: {type: "float32" | "int64" | "int32" | "uint8" | "bool", dims: number[], data: TypedArray}
    // int64 data is a BigInt64Array, bool and uint8 a Uint8Array

Of runs with the same number ``relay`` the outputs ``next_X`` stay with the host: they are the inputs ``X`` of the next
one, until the relay is forgotten. All arrays handed to the host are copies outside Python's heap: the host may keep or
transfer them.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import nullcontext
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import qingsheng_host  # type: ignore[import-not-found]
from js import Object  # type: ignore[import-not-found]
from pyodide.ffi import to_js  # type: ignore[import-not-found]

from py_engine.errors import RuntimeFailed

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from numpy.typing import NDArray

    from .base import Tensors

log = logging.getLogger(__name__)


class JsTensors(Protocol):
    """The host's object of tensors, seen from Python."""

    def to_py(self) -> dict[str, dict[str, Any]]: ...


TYPES = ("float32", "int64", "int32", "uint8", "bool")
_NAMES = {np.dtype(name): name for name in TYPES}
_FROM_ENTRIES = Object.fromEntries


def to_object(feeds: Tensors) -> object:
    """Tensors by name as a plain JS object, in one crossing and with one copy of each.

    Raises: RuntimeFailed for an element type the host lacks.
    """
    tensors = {}
    for name, array in feeds.items():
        kind = _NAMES.get(array.dtype)
        if kind is None:
            raise RuntimeFailed(f"a model input has type {array.dtype.name}, expected one of {', '.join(TYPES)}")
        # A flat, contiguous buffer becomes one typed array; a nested one would become an Array of arrays.
        flat = np.ascontiguousarray(array).reshape(-1)
        tensors[name] = {"type": kind, "dims": array.shape, "data": flat.view(np.uint8) if kind == "bool" else flat}
    return to_js(tensors, dict_converter=_FROM_ENTRIES)


def from_object(results: JsTensors) -> dict[str, NDArray[Any]]:
    """The host's tensors as NumPy arrays, in one crossing and with one copy of each. Raises: RuntimeFailed."""
    arrays = {}
    for name, tensor in results.to_py().items():
        kind = tensor["type"]
        if kind not in TYPES:
            raise RuntimeFailed(f"a model output has type {kind}, expected one of {', '.join(TYPES)}")
        # an empty buffer has no address to view
        data = np.frombuffer(tensor["data"], kind) if 0 not in tensor["dims"] else np.empty(0, kind)
        arrays[name] = data.reshape(tensor["dims"])
    return arrays


class BrowserSession:
    """A model in onnxruntime-web, by the host's handle."""

    def __init__(self, name: str, handle: int, turn: AbstractAsyncContextManager[object]) -> None:
        self._name, self._handle, self._turn = name, handle, turn
        self._released = False

    async def run(self, feeds: Tensors, *relay: int) -> dict[str, NDArray[Any]]:
        async with self._turn:
            if self._released:
                raise RuntimeFailed(f"the model {self._name} has been released", "Load the voice again.")
            return await self._run(feeds, *relay)

    async def _run(self, feeds: Tensors, *relay: int) -> dict[str, NDArray[Any]]:
        # References to JS objects end with the Python objects that hold them, so no name may outlive its use: the
        # inputs have none, and the results go with this frame.
        try:
            return from_object(await qingsheng_host.run(self._handle, to_object(feeds), *relay))
        except RuntimeFailed:
            raise
        except Exception as error:  # JsException, and what a broken host may cause
            raise RuntimeFailed(f"running {self._name} failed: {error}", "Reload the page.") from error

    def relay(self, first: Tensors) -> BrowserRelay:
        return BrowserRelay(self, first)

    def release(self) -> None:
        if not self._released:
            self._released = True
            qingsheng_host.release(self._handle)


class BrowserRelay:
    """What is handed on never comes to Python, so that a run can be asked for while the one before it is under way."""

    _numbers = count(1)

    def __init__(self, session: BrowserSession, first: Tensors) -> None:
        self._session, self._first = session, first
        self._number = next(self._numbers)

    async def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        first, self._first = self._first, {}
        return await self._session.run({**feeds, **first}, self._number)

    def close(self) -> None:
        qingsheng_host.forget(self._number)


class BrowserRuntime:
    """Loads models through the host. onnxruntime-web has one thread of control, so the sessions take turns: here, or in
    the host's queue where it has a thread of its own."""

    def __init__(self) -> None:
        self._turn: AbstractAsyncContextManager[object] = nullcontext() if self.concurrent else asyncio.Lock()

    @property
    def concurrent(self) -> int:
        return int(getattr(qingsheng_host, "concurrent", 0))

    async def load(self, name: str, model: bytes | memoryview, patient: bool = False) -> BrowserSession:
        try:
            handle = await qingsheng_host.createSession(name, to_js(model), patient)
        except Exception as error:  # JsException, and what a broken host may cause
            raise RuntimeFailed(f"{name} cannot be loaded: {error}", "Reload the page.") from error
        log.debug("loaded %s, %d bytes", name, len(model))
        return BrowserSession(name, int(handle), self._turn)
