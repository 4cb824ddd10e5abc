"""Runs in Pyodide beside `tensors.mjs`, whose host gives back what it gets."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from py_engine.errors import RuntimeFailed
from py_engine.runtime.browser import BrowserRuntime

FEEDS: dict[str, NDArray[Any]] = {
    "floats": np.array([[0.5, -1.25], [3.0, 1e-20]], np.float32),
    "longs": np.array([[2**53 + 1, -7]], np.int64),
    "turned": np.arange(6, dtype=np.int32).reshape(2, 3).T,
    "bytes": np.array([0, 255], np.uint8),
    "bools": np.array([[True], [False], [True]]),
    "lasting": np.frombuffer(b"\1\2\3\4", np.uint8),
    "empty": np.zeros((1, 0, 3), np.float32),
    "one": np.array(7, np.int64),
}


async def report() -> str:
    session = await BrowserRuntime().load("echo", b"")
    back = await session.run(FEEDS)
    same = {
        name: back[name].dtype == value.dtype and np.array_equal(back[name], value) for name, value in FEEDS.items()
    }
    shapes = {name: list(value.shape) for name, value in back.items()}
    back["floats"][0, 0] = 9
    return json.dumps({
        "same": same, "shapes": shapes, "own": float(FEEDS["floats"][0, 0]),
        "refused": [await refused({"x": np.zeros(2, np.float64)}), await refused({"wanted": np.zeros(2, np.float32)})],
    })  # fmt: skip


async def refused(feeds: dict[str, NDArray[Any]]) -> str:
    try:
        await (await BrowserRuntime().load("echo", b"")).run(feeds)
    except RuntimeFailed as error:
        return str(error)
    return ""
