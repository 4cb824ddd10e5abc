"""From source text to a style that can be applied, or a `StyleInvalid` that says why not.

A style is code and runs with all the rights of the page or process that loads it: this module guards the engine against
mistakes, not against malice.
"""

from __future__ import annotations

import ast
import re
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from py_engine.errors import StyleInvalid
from py_engine.prosody.delivery import Delivery, plain_delivery

from .deadline import NAME, Deadline, with_clock
from .interface import Context, Prosody, from_prosody, to_prosody

LARGEST = 64 << 10
ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LANGUAGES = frozenset(("zh", "en"))
# Seconds for one sentence. The work of a style is some additions, well under a millisecond; a quarter of a second is
# heard as a gap.
SLOWEST = 0.25
# Seconds for the module itself: what it imports comes out of an archive, on a phone too.
LOADING = 10.0
REMEDY = "Correct the module; docs/styles.md shows how a style is written."


@dataclass
class Plugin:
    """A loaded style. ``memory`` is handed to it with every sentence."""

    id: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    version: str
    run: Callable[[Prosody, Context], object]
    deadline: Deadline
    memory: dict[str, Any] = field(default_factory=dict)

    def apply(self, delivery: Delivery, context: Context) -> Delivery:
        """The delivery as the style wants it. Raises: whatever the style raises, TypeError, ValueError, StyleSlow."""
        with np.errstate(all="ignore"), warnings.catch_warnings(), self.deadline.within(SLOWEST, "apply"):
            warnings.simplefilter("ignore")
            made = self.run(to_prosody(delivery), context)
        return from_prosody(made, delivery)


def load_plugin(source: str) -> Plugin:
    """A style from the text of its module. Raises: StyleInvalid."""
    if len(source.encode("utf-8", "replace")) > LARGEST:
        raise StyleInvalid(f"the style is larger than {LARGEST} bytes.", REMEDY)
    meta = metadata(source)
    module = types.ModuleType(f"qingsheng_style_{meta['id'].replace('-', '_')}")
    deadline = Deadline()
    try:
        with deadline.within(LOADING, "the module"):
            _execute(source, module, deadline)
            plugin = Plugin(run=_function(module, "apply"), deadline=deadline, **meta)
            _check_name(module, meta["name"])
            plugin.description = meta["description"] or described(_function(module, "describe")())
        plugin.apply(*_sample())
    except StyleInvalid:
        raise
    except (Exception, SystemExit) as error:
        raise _invalid(meta["id"], error) from error
    plugin.memory.clear()
    return plugin


def metadata(source: str) -> dict[str, Any]:
    """Id, name, description and version out of the module's ``STYLE`` literal, without running it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(source).body
        values = [node.value for node in body if isinstance(node, ast.Assign | ast.AnnAssign) and _is_style(node)]
        found = ast.literal_eval(values[0]) if values and values[0] is not None else None
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise StyleInvalid(f"the style cannot be read: {error}.", REMEDY, {"line": line}) from error
    if not isinstance(found, dict):
        raise StyleInvalid("the module assigns no STYLE at its top level, expected a dictionary of literals.", REMEDY)
    id_, version = found.get("id"), found.get("version", "")
    if not isinstance(id_, str) or not ID.fullmatch(id_):
        raise StyleInvalid(f"the style's id is {id_!r:.60}, expected {ID.pattern}.", REMEDY)
    if isinstance(version, bool) or not isinstance(version, str | int | float):
        raise StyleInvalid(f"the style's version is {version!r:.60}, expected a text.", REMEDY, {"id": id_})
    try:
        name = described(found.get("name"))
        description = described(found["description"]) if found.get("description") else {}
    except TypeError as error:
        raise StyleInvalid(f"of the style {id_}: {error}.", REMEDY, {"id": id_}) from error
    return {"id": id_, "name": name, "description": description, "version": str(version)}


def described(value: object) -> dict[str, str]:
    """A text, or texts by language of which one is Chinese, by language. Raises: TypeError."""
    texts = value if isinstance(value, dict) else {"zh": value}
    if "zh" in texts and set(texts) <= LANGUAGES and all(isinstance(text, str) and text for text in texts.values()):
        return dict(texts)
    raise TypeError(f"got {value!r:.60}, expected a text or texts by language, like {{'zh': '新闻', 'en': 'News'}}")


def reason(error: BaseException, id_: str) -> str:
    """The error in one line, with the line of the style where it came up."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _file(id_)]
    where = f" (line {lines[-1]})" if lines else ""
    return f"{type(error).__name__}: {str(error)[:300]}{where}"


def _invalid(id_: str, error: BaseException) -> StyleInvalid:
    return StyleInvalid(f"the style {id_} does not work: {reason(error, id_)}.", REMEDY, {"id": id_})


def _file(id_: str) -> str:
    return f"<style {id_}>"


def _is_style(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id == "STYLE" for target in targets)


def _execute(source: str, module: types.ModuleType, deadline: Deadline) -> None:
    module.__dict__[NAME] = deadline
    # Dataclasses and the like look their module up while it runs.
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        code = compile(with_clock(ast.parse(source)), _file(metadata(source)["id"]), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 -- loading code is what a plugin is for
    except BaseException:
        if before is None:
            del sys.modules[module.__name__]
        else:
            sys.modules[module.__name__] = before
        raise


def _function(module: types.ModuleType, name: str) -> Callable[..., Any]:
    found = getattr(module, name, None)
    if not callable(found):
        raise TypeError(f"the module has no function {name}")
    return found  # type: ignore[no-any-return]


def _check_name(module: types.ModuleType, name: Mapping[str, str]) -> None:
    found = getattr(module, "name", None)
    if found not in name.values():
        raise ValueError(f"the module's name is {found!r:.60}, expected one of {', '.join(name.values())} as in STYLE")
    if not isinstance(_function(module, "describe")(), str | dict):
        raise TypeError("describe() returned no text")


def _sample() -> tuple[Delivery, Context]:
    """Two syllables, one of them quoted: what a style is tried on when it is loaded."""
    phones = ("sil", "n", "i", "sp", "h", "ao", "sil")
    owner = np.array((-1, 0, 0, -1, 1, 1, -1))
    context = Context(
        phones=phones, tones=np.array((0, 3, 3, 0, 3, 3, 0)), syllable=owner, word=owner,
        breaks=np.array((0, 3, 3, 0, 4, 4, 0)), quotation=np.array((0, 0, 0, 0, 1, 1, 1)), syllables=("ni3", "hao3"),
        text="你，“好”。", kind="statement", emotion=None, index=0,
        opens_paragraph=True, closes_paragraph=True, memory={},
    )  # fmt: skip
    return plain_delivery(len(phones)), context
