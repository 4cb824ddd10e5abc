"""`make build`: the site in `static/dist/`, from the engine's wheel, Vite's output, Pyodide and the voice packs.

Runs in the project's environment. Each part has a stamp; the site is put together beside the present one and
takes its place only when it is complete.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scripts import bytecode, catalog, compress, declarations, imports, manifest, numpy_wheel, packs, tools
from scripts.console import Failure, done, run, say, step
from scripts.lock import exclusive
from scripts.paths import BUILD, DIST, MODELS, NODE_MODULES, PYTHON, ROOT, STAMPS
from scripts.stamps import Stamp, digest, sha256

LEXICON = ROOT / "py_engine" / "data" / "lexicon.bin"
LEXICON_STAMP = LEXICON.with_suffix(".stamp")
COMPILER = "py_engine.text.compile_tables"
DICTIONARIES = ("pypinyin", "jieba")
WEB = [ROOT / name for name in ("web", "static/public", "vite.config.ts", "tsconfig.json", "package-lock.json")]
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
LIBRARY = "python_stdlib.zip"
LOCK = "pyodide-lock.json"
EXTENSION = ".so"
# Languages of a build, and the files that only one of them needs
LANGUAGES = ("zh", "en")
TABLES = {"en": ("py_engine/data/english.tsv", "py_engine/data/LICENSE.cmudict")}


def lexicon_key() -> str:
    inputs = [*imports.sources_of(COMPILER), ROOT / "py_engine" / "text" / "sources"]
    return digest(inputs, *(f"{name} {version(name)}" for name in DICTIONARIES))


def compile_tables() -> None:
    """The lexicon is committed with the digests of its inputs and of itself, since it takes long to make."""
    key = lexicon_key()
    if LEXICON.exists() and Stamp(LEXICON_STAMP, f"{key} {sha256(LEXICON)}").fresh():
        done("Lexicon", "unchanged")
        return
    with step("Lexicon (py_engine/data/lexicon.bin)"):
        LEXICON.parent.mkdir(exist_ok=True)
        run([PYTHON, "-m", COMPILER, "-o", LEXICON], ROOT, tools.environment())
        LEXICON_STAMP.write_text(f"{key} {sha256(LEXICON)}\n")


def engine_wheel(languages: Collection[str] = LANGUAGES) -> Path:
    """The engine as a wheel, without the tables of other languages; the same sources give the same bytes."""
    folder = BUILD / "wheel"
    left_out = [path for language, paths in TABLES.items() if language not in languages for path in paths]
    stamp = Stamp(STAMPS / "wheel", digest([ROOT / "py_engine", ROOT / "pyproject.toml", ROOT / "uv.lock"], *left_out))
    wheels = list(folder.glob("*.whl"))
    if len(wheels) == 1 and stamp.fresh():
        done("Engine wheel", "unchanged")
        return wheels[0]
    with step("Engine wheel"), stamp.renewed():
        shutil.rmtree(folder, ignore_errors=True)
        source = engine_source(left_out) if left_out else ROOT
        run([PYTHON, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], source, tools.environment())
    return next(folder.glob("*.whl"))


def engine_source(left_out: Collection[str]) -> Path:
    """A copy of what the wheel is made of, without some tables."""
    source = BUILD / "engine"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(ROOT / "py_engine", source / "py_engine", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy2(ROOT / name, source / name)
    for path in left_out:
        (source / path).unlink()
    return source


def web() -> Path:
    folder = BUILD / "web"
    stamp = Stamp(STAMPS / "web", digest(WEB))
    if stamp.fresh([folder / "index.html"]):
        done("Web", "unchanged")
        return folder
    with step("Web (Vite)"), stamp.renewed():
        run([NODE_MODULES / ".bin" / "vite", "build", "--logLevel", "warn"], ROOT, tools.environment())
    return folder


def types() -> Path:
    """The types of the library; a mistake in its sources ends the build here."""
    inputs = [ROOT / "web" / "src", declarations.CONFIG, ROOT / "tsconfig.json", ROOT / "package-lock.json"]
    stamp = Stamp(STAMPS / "types", digest([*inputs, ROOT / "scripts" / "declarations.py"]))
    if stamp.fresh([declarations.EMITTED]):
        done("Types", "unchanged")
        return declarations.EMITTED
    with step("Types (TypeScript)"), stamp.renewed():
        return declarations.emit()


def place(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


def python_parts(engine: Path, numpy: Path) -> Path:
    """A folder with Python's library, NumPy and the engine as bytecode for the browser (`scripts/bytecode.py`)."""
    folder = BUILD / "bytecode"
    library = NODE_MODULES / "pyodide" / LIBRARY
    scripts = [ROOT / "scripts" / name for name in ("bytecode.py", "bytecode.mjs")]
    stamp = Stamp(STAMPS / "bytecode", digest([engine, numpy, library, *scripts]))
    targets = [folder / path.name for path in (library, numpy, engine)]
    if stamp.fresh(targets):
        done("Bytecode", "unchanged")
        return folder
    with step("Bytecode (Python's library, NumPy, engine)"), stamp.renewed():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        command = ["node", scripts[1], scripts[0], library, numpy, engine, *targets]
        run([str(word) for word in command], ROOT, tools.environment())
    return folder


def place_pyodide(site: Path, library: Path) -> None:
    """Pyodide under its version, with a lock file that names only what the site has."""
    source = NODE_MODULES / "pyodide"
    folder = site / "pyodide" / json.loads((source / "package.json").read_text())["version"]
    for file in (*(source / name for name in PYODIDE), library):
        place(file, folder / file.name)
    lock = json.loads((source / LOCK).read_text())
    lock["packages"] = {"numpy": lock["packages"]["numpy"]}
    (folder / LOCK).write_text(json.dumps(lock, separators=(",", ":")))


def place_wheel(site: Path, wheel: Path) -> None:
    """Its extension modules beside it, each under an address of its own: browsers keep compiled code by address. The
    folder has its name from all of them."""
    files = bytecode.read(wheel.read_bytes())
    modules = {f"{name}.wasm": files.pop(name) for name in list(files) if name.endswith(EXTENSION)}
    placed = {wheel.name: bytecode.write(files), **modules}
    name = hashlib.sha256(b"".join(placed.values())).hexdigest()[:16]
    for path, content in placed.items():
        file = site / "wheels" / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def place_voices(site: Path) -> None:
    """Each pack in a folder named by the digest of its manifest, which has those of its files: it never changes."""
    target = site / "models"
    target.mkdir()
    renamed = {}
    for folder in catalog.packs(MODELS):
        digest_name = sha256(folder / packs.MANIFEST)[:16]
        for file in catalog.shipped(folder):
            path = f"{folder.name}/{digest_name}/{file.relative_to(folder).as_posix()}"
            renamed[file.relative_to(MODELS).as_posix()] = path
            place(file, target / path)
    catalogue = catalog.catalogue(MODELS)
    for described in catalog.described_files(catalogue):
        described["path"] = renamed[described["path"]]
    (target / catalog.NAME).write_text(catalog.as_text(catalogue), encoding="utf-8")


def place_models(site: Path) -> None:
    """Models of the front end, as the voices: in folders named by the digests of their manifests."""
    for folder in catalog.front_models(MODELS):
        files = catalog.front_model_files(folder)
        target = site / "models" / folder.name / sha256(files[0])[:16]
        for file in files:
            place(file, target / file.name)


def assemble(web_folder: Path, types_folder: Path, python: Path, best: bool) -> None:
    site = BUILD / "site"
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(web_folder, site, ignore=shutil.ignore_patterns(".vite"))
    declarations.place(types_folder, site)
    place_pyodide(site, python / LIBRARY)
    for wheel in sorted(python.glob("*.whl")):
        place_wheel(site, wheel)
    place_voices(site)
    place_models(site)
    compress.compress_all(site, best)
    vite = json.loads((web_folder / ".vite" / "manifest.json").read_text())
    summarise(manifest.write(site, manifest.page_files(vite)))
    exchange(site)


def exchange(site: Path) -> None:
    """Puts the complete site in the place of the old one; a server that runs sees one or the other."""
    old = BUILD / "old"
    shutil.rmtree(old, ignore_errors=True)
    if DIST.exists():
        DIST.rename(old)
    site.rename(DIST)
    shutil.rmtree(old, ignore_errors=True)


def summarise(built: Mapping[str, Any]) -> None:
    """What a first visit transfers, by group."""
    totals: Counter[str] = Counter()
    for file in built["files"]:
        totals[file["group"]] += min([file["bytes"], *file["encodings"].values()])
    for group, size in totals.items():
        say(f"  {group:<20} {size / 1e6:6.2f} MB as transferred")


def build(best: bool = False, languages: Collection[str] = LANGUAGES) -> None:
    """Everything from the sources to `static/dist/`, as far as it has changed."""
    with exclusive():
        build_parts(best, languages)


def build_parts(best: bool, languages: Collection[str]) -> None:
    compile_tables()
    python = python_parts(engine_wheel(languages), numpy_wheel.fetch())
    web_folder, types_folder = web(), types()
    inputs = [
        web_folder,
        types_folder,
        python,
        *(file for pack in catalog.packs(MODELS) for file in catalog.shipped(pack)),
    ]
    inputs += [file for folder in catalog.front_models(MODELS) for file in catalog.front_model_files(folder)]
    steps = [
        ROOT / "scripts" / name
        for name in (
            "build.py",
            "bytecode.py",
            "catalog.py",
            "compress.py",
            "declarations.py",
            "manifest.py",
            "packs.py",
        )
    ]
    own = [ROOT / "models" / catalog.NAME, NODE_MODULES / "pyodide" / "package.json"]
    stamp = Stamp(STAMPS / "site", digest([*inputs, *own, *steps], f"best={best}"))
    if stamp.fresh([DIST / manifest.NAME]):
        done("Site (static/dist)", "unchanged")
        return
    with step("Site (static/dist)"), stamp.renewed():
        assemble(web_folder, types_folder, python, best)


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("--best", action="store_true", help="strongest compression also for large files (minutes)")
    parser.add_argument(
        "--languages", nargs="+", choices=LANGUAGES, default=LANGUAGES, metavar="CODE",
        help=f"languages to carry tables for, out of {' '.join(LANGUAGES)}; Mandarin (zh) always is",
    )  # fmt: skip
    try:
        given = parser.parse_args()
        build(given.best, given.languages)
    except Failure as failure:
        say(f"Build failed: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
