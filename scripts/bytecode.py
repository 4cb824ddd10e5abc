"""Runs in Pyodide (`bytecode.mjs`), at build time: Python for the browser as bytecode, without what nobody imports.

Compiling what a boot imports took the browser longer than all else. The archives that are written hold modules compiled
by the very Python that will run them (unchecked hash, PEP 552), stored, since whatever serves them compresses better
than the archive could. The standard library keeps what can be reached by imports: from NumPy, Pyodide and the engine by
any, from the library itself by those outside functions, and what this run has imported. NumPy keeps the packages that
the engine's imports reach.
"""

from __future__ import annotations

import ast
import io
import marshal
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import MAGIC_NUMBER, source_hash

Files = dict[str, bytes]

# What numpy/__init__.py loads on demand only, what serves its own build and tests, and headers.
NUMPY_LEFT_OUT = (
    "numpy/f2py/", "numpy/testing/", "numpy/random/", "numpy/ma/", "numpy/polynomial/", "numpy/_pyinstaller/",
    "numpy/doc/", "numpy/core/", "numpy/conftest.py", "numpy/matlib.py", "numpy/_core/include/", "numpy/_core/lib/",
    "numpy/_configtool.py", "numpy/linalg/lapack_lite.",
)  # fmt: skip
# They fill in docstrings and nothing else; half a megabyte of text.
DOCSTRINGS = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")
# Codecs that are looked up by name and not imported.
CODECS = ("utf_8", "ascii", "latin_1", "cp437", "utf_16", "utf_16_le", "utf_16_be", "utf_8_sig", "idna", "punycode")
# What may be asked for by style plugins and by errors on their way out.
ALWAYS = (
    "math",
    "random",
    "statistics",
    "fractions",
    "decimal",
    "bisect",
    "traceback",
    "linecache",
    "unicodedata",
    "_sysconfigdata__emscripten_wasm32-emscripten",
)
ROOTS = (
    "pyodide",
    "_pyodide",
    "asyncio",
    "encodings",
    "importlib",
    "importlib.metadata",
    "zipfile",
    "zipimport",
    "runpy",
)
# Flags of a pyc (PEP 552): it has the hash of its source, which is not to be checked.
HASHED_UNCHECKED = 0b01
STAMP = (1980, 1, 1, 0, 0, 0)


def read(archive: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/")}


def write(files: Mapping[str, bytes]) -> bytes:
    """Stored, in order of name, without times: the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, STAMP), files[name])
    return buffer.getvalue()


def compiled(source: bytes, name: str, optimize: int) -> bytes:
    """The bytecode of a module with the hash of its source, which nobody will check."""
    code = compile(source, name, "exec", dont_inherit=True, optimize=optimize)
    return MAGIC_NUMBER + HASHED_UNCHECKED.to_bytes(4, "little") + source_hash(source) + marshal.dumps(code)


def sourceless(files: Mapping[str, bytes], optimize: int) -> Files:
    made: Files = {}
    for name, content in files.items():
        if name.endswith(".py"):
            source = b"" if name in DOCSTRINGS else content
            made[f"{name}c"] = compiled(source, name, optimize)
        else:
            made[name] = content
    return made


def with_bytecode(files: Mapping[str, bytes]) -> Files:
    """The sources stay, for tracebacks with lines; Python finds the bytecode where it would have put it itself."""
    made = dict(files)
    for name, content in files.items():
        if name.endswith(".py"):
            folder, _, file = name.rpartition("/")
            cached = f"{folder}/__pycache__/{file[:-3]}.{sys.implementation.cache_tag}.pyc"
            made[cached] = compiled(content, name, 0)
    return made


def module_of(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported(tree: ast.AST, package: str, everywhere: bool) -> Iterator[str]:
    """Names that are imported, also those that may be attributes; ``everywhere``: inside functions too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            whole = ".".join([*base, node.module] if node.module else base)
            yield whole
            yield from (f"{whole}.{alias.name}" for alias in node.names)
        elif everywhere or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from imported(node, package, everywhere)


def reachable(library: Files, outside: Iterable[Files], loaded: Iterable[str]) -> set[str]:
    """Files of the library that its users' imports reach."""
    places = {module_of(name): name for name in library if name.endswith(".py")}
    waiting = [*ROOTS, *ALWAYS, *loaded, *(f"encodings.{name}" for name in CODECS)]
    for files in outside:
        for name, content in files.items():
            if name.endswith(".py"):
                waiting += imported(ast.parse(content), _package(name), everywhere=True)
    kept: set[str] = set()
    while waiting:
        module = waiting.pop()
        place = places.get(module)
        if "." in module:
            waiting.append(module.rpartition(".")[0])
        if place is None or place in kept:
            continue
        kept.add(place)
        own = module.split(".")[0] in ("pyodide", "_pyodide")
        waiting += imported(ast.parse(library[place]), _package(place), everywhere=own)
        if module in ("pyodide", "_pyodide"):
            waiting += [other for other in places if other.startswith(f"{module}.")]
    return kept


def _package(name: str) -> str:
    module = module_of(name)
    return module if name.endswith("/__init__.py") else module.rpartition(".")[0]


def trimmed_numpy(files: Files) -> Files:
    dropped = (".pyi", ".h", ".a", ".pc", ".pxd", ".ini", ".typed")
    return {
        name: content
        for name, content in files.items()
        if not name.startswith(NUMPY_LEFT_OUT) and not name.endswith(dropped) and "/tests/" not in name
        and (".dist-info/" not in name or name.endswith(("METADATA", "WHEEL")) or "/licenses/" in name)
    }  # fmt: skip


def trimmed_library(library: Files, outside: Iterable[Files], loaded: Iterable[str]) -> Files:
    kept = reachable(library, outside, loaded)
    return {name: content for name, content in library.items() if name in kept or not name.endswith(".py")}


def build(library: bytes, numpy: bytes, engine: bytes, loaded: Iterable[str]) -> tuple[bytes, bytes, bytes]:
    """The three archives: standard library, NumPy, engine."""
    numpy_files, engine_files = trimmed_numpy(read(numpy)), read(engine)
    library_files = trimmed_library(read(library), (numpy_files, engine_files), loaded)
    return (
        write(sourceless(library_files, 1)),
        write(sourceless(numpy_files, 2)),
        write(with_bytecode(engine_files)),
    )
