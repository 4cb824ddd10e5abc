"""`docs/api/python.md`: what a program in Python uses of the engine, out of its signatures and docstrings."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

from scripts.paths import ROOT

# Module, and of it what is shown, in this order
MODULES: dict[str, tuple[str, ...]] = {
    "py_engine.synthesis.pipeline": ("Engine",),
    "py_engine.synthesis.values": (
        "Options",
        "Chunk",
        "WordTiming",
        "PhoneTiming",
        "Pitch",
        "MarkTiming",
        "Cancellation",
    ),
    "py_engine.synthesis.library": ("read_catalog", "read_pack", "read_models", "Catalog", "CatalogVoice"),
    "py_engine.synthesis.wav": ("pcm16", "stream_header"),
    "py_engine.runtime.native": ("NativeRuntime",),
    "py_engine.emotion.values": ("Emotion",),
    "py_engine.text": ("analyse", "explain", "Analysis", "UserLexicon"),
    "py_engine.errors": ("QingshengError", "Notice"),
}
INTRODUCTION = """\
The engine as a library. It needs NumPy and onnxruntime and runs from the checkout; a first program is in the
[tutorial](../tutorial.md#7-in-a-program).
"""

Shown = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def source_of(module: str) -> Path:
    place = ROOT.joinpath(*module.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def find(module: str, name: str) -> Shown:
    """The declaration of a name, followed through imports. Raises: LookupError."""
    tree = ast.parse(source_of(module).read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, Shown) and node.name == name:
            return node
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("py_engine"):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return find(node.module, alias.name)
    raise LookupError(f"{module} declares no {name}")


def function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    given = ast.unparse(node.args)
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{kind} {node.name}({given}){result}"


def members(node: ast.ClassDef) -> Iterator[ast.stmt]:
    for each in node.body:
        name = getattr(each, "name", getattr(getattr(each, "target", None), "id", ""))
        if (name and not name.startswith("_")) or name == "__init__":
            yield each


def shape(node: Shown) -> str:
    """The declaration without bodies and without docstrings."""
    if not isinstance(node, ast.ClassDef):
        return function(node)
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    lines = [
        *(f"@{ast.unparse(each)}" for each in node.decorator_list),
        f"class {node.name}{f'({bases})' * bool(bases)}:",
    ]
    for member in members(node):
        if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
            lines += [f"    @{ast.unparse(each)}" for each in member.decorator_list]
            lines.append(f"    {function(member)}")
        elif isinstance(member, ast.AnnAssign):
            lines.append(f"    {ast.unparse(member)}")
    return "\n".join(lines)


def documented(node: Shown) -> Iterator[str]:
    """The docstring, then those of the public methods."""
    if text := ast.get_docstring(node):
        yield text
    for member in members(node) if isinstance(node, ast.ClassDef) else ():
        told = ast.get_docstring(member) if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef) else None
        if told:
            yield f"- `{member.name}`: " + textwrap.indent(told, "  ").strip()  # type: ignore[attr-defined]


def page(made: str) -> str:
    parts = [made, "", "# Python: the engine as a library", "", INTRODUCTION]
    for module, names in MODULES.items():
        for name in names:
            node = find(module, name)
            parts += [f"## {name}", "", f"`from {module} import {name}`", "", "```python", shape(node), "```", ""]
            parts += [line for text in documented(node) for line in (text, "")]
    return "\n".join(parts).rstrip() + "\n"
