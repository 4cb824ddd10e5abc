"""The models of one pack: sessions by role, and the check that outputs are as agreed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from py_engine.errors import RuntimeFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from py_engine.runtime.base import Relay, Session

    from .excitation import Array

Shape = tuple["int | None", ...]


class Models:
    """Sessions of the pack ``id`` by role; ``concurrent`` as in `Runtime`."""

    def __init__(self, id: str, sessions: Mapping[str, Session], concurrent: bool = False) -> None:  # noqa: A002 -- of the pack
        self._id, self._sessions, self.concurrent = id, sessions, concurrent

    def release(self) -> None:
        for session in self._sessions.values():
            session.release()

    async def run(self, model: str, feeds: Mapping[str, NDArray[Any]], shapes: Mapping[str, Shape]) -> dict[str, Array]:
        """Run a model and take the batch axis off the outputs named in ``shapes``; None there is any length.

        Raises: RuntimeFailed where an output is missing, of another shape or not finite.
        """
        return self._checked(model, await self._sessions[model].run(feeds), shapes)

    def relay(self, model: str, first: Mapping[str, NDArray[Any]]) -> ModelRelay:
        """Runs of a model that go on where the last one stopped, as `Session.relay`."""
        return ModelRelay(self._sessions[model].relay(first), partial(self._checked, model))

    def _checked(
        self, model: str, outputs: Mapping[str, NDArray[Any]], shapes: Mapping[str, Shape]
    ) -> dict[str, Array]:
        found: dict[str, Array] = {}
        for name, shape in shapes.items():
            value = outputs.get(name)
            if value is None or not _fits(value.shape, (1, *shape)) or not np.isfinite(value).all():
                got = "nothing" if value is None else f"shape {value.shape}, finite: {bool(np.isfinite(value).all())}"
                raise RuntimeFailed(
                    f"the {model} model of {self._id} gave {got} for {name}, expected finite {(1, *shape)}.",
                    "The voice pack does not fit this engine; use another version of it.",
                )
            found[name] = value[0]
        return found


class ModelRelay:
    """A `Relay` whose outputs are checked as those of `Models.run`."""

    def __init__(
        self, relay: Relay, check: Callable[[Mapping[str, NDArray[Any]], Mapping[str, Shape]], dict[str, Array]]
    ) -> None:
        self._relay, self._check = relay, check

    async def run(self, feeds: Mapping[str, NDArray[Any]], shapes: Mapping[str, Shape]) -> dict[str, Array]:
        """As `Models.run`."""
        return self._check(await self._relay.run(feeds), shapes)

    def close(self) -> None:
        self._relay.close()


def _fits(got: tuple[int, ...], expected: Shape) -> bool:
    return len(got) == len(expected) and all(want in (None, size) for size, want in zip(got, expected, strict=True))


def batch(values: NDArray[Any], kind: type[np.int64] | type[np.float32]) -> NDArray[Any]:
    return np.ascontiguousarray(values, kind)[np.newaxis]
