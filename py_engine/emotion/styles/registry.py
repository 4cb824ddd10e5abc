"""The styles of a session: loaded, replaced and removed while the engine runs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from py_engine.errors import STYLE_FAILED, STYLE_UNKNOWN, Notice, StyleInvalid

from .plugin import Plugin, load_plugin, reason

if TYPE_CHECKING:
    from py_engine.prosody.delivery import Delivery

    from .interface import Context

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StyleInfo:
    """A loaded style. ``name`` and ``description`` by language; ``error`` why it is ``off``, else empty."""

    id: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    version: str
    state: Literal["on", "off"]
    error: str

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


class Styles:
    """Styles by id. One that fails is switched off and says why; loading it again switches it on."""

    def __init__(self) -> None:
        self._plugins: dict[str, Plugin] = {}
        self._errors: dict[str, str] = {}

    def load(self, meta: Mapping[str, object], source: str) -> StyleInfo:
        """Load a style, or replace that of the same id.

        Args: ``meta`` what the server lists (may be empty): its ``id`` and ``sha256``, where given, must be those of
        the ``source``. Raises: StyleInvalid; a style loaded before under this id then stays.
        """
        _check(meta, source)
        plugin = load_plugin(source)
        if meta.get("id", plugin.id) != plugin.id:
            raise StyleInvalid(
                f"the style says that it is {plugin.id!r}, the list says {meta['id']!r:.60}.",
                "Fetch the list of styles again.",
                {"id": plugin.id, "expected": meta["id"]},
            )
        self._plugins[plugin.id] = plugin
        self._errors.pop(plugin.id, None)
        log.info("loaded style %s %s", plugin.id, plugin.version)
        return self._info(plugin)

    def remove(self, id_: str) -> None:
        """Forget a style; one that is not there is none already."""
        self._plugins.pop(id_, None)
        self._errors.pop(id_, None)

    def list(self) -> list[StyleInfo]:
        """In the order of loading."""
        return [self._info(plugin) for plugin in self._plugins.values()]

    def memory(self, id_: str) -> dict[str, object]:
        """The style's own memory, of which it may keep what it likes; a passing one where there is no such style."""
        plugin = self._plugins.get(id_)
        return {} if plugin is None else plugin.memory

    def apply(
        self, id_: str, delivery: Delivery, context: Context, span: tuple[int, int]
    ) -> tuple[Delivery, tuple[Notice, ...]]:
        """The delivery in the style; unchanged, with a notice over the ``span`` of the sentence, where it fails.

        A style that fails is switched off, and later calls leave the delivery as it is.
        """
        plugin = self._plugins.get(id_)
        if plugin is None:
            message = f"style {id_!r} is not loaded; spoken without."
            return delivery, (Notice(STYLE_UNKNOWN, message, *span),)
        if id_ in self._errors:
            return delivery, (Notice(STYLE_FAILED, f"style {id_} is switched off: {self._errors[id_]}.", *span),)
        try:
            return plugin.apply(delivery, context), ()
        except (Exception, SystemExit) as error:  # whatever a plugin does, speech goes on
            self._errors[id_] = reason(error, id_)
            log.warning("style %s switched off: %s", id_, self._errors[id_])
            message = f"style {id_} failed and is switched off: {self._errors[id_]}."
            return delivery, (Notice(STYLE_FAILED, message, *span),)

    def _info(self, plugin: Plugin) -> StyleInfo:
        error = self._errors.get(plugin.id, "")
        state: Literal["on", "off"] = "off" if error else "on"
        return StyleInfo(plugin.id, plugin.name, plugin.description, plugin.version, state, error)


def _check(meta: Mapping[str, object], source: str) -> None:
    if not isinstance(source, str) or not isinstance(meta, Mapping):
        raise StyleInvalid("a style is loaded from an object and the text of its module.", "Pass both.")
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    if meta.get("sha256", digest) != digest:
        raise StyleInvalid(
            f"the style's digest is {digest[:16]}…, the list says {str(meta['sha256'])[:16]}….",
            "Fetch the list of styles and the style again.",
            {"id": meta.get("id"), "got": digest, "expected": meta["sha256"]},
        )
