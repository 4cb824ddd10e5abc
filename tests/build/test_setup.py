"""Stamps, the choice of Node, and NumPy's wheel: what set-up decides."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from scripts import imports, numpy_wheel, tools
from scripts.console import Failure
from scripts.stamps import Stamp, digest

NAME = "numpy-1-wasm32.whl"


def test_a_step_is_fresh_until_its_input_changes(tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / "a.txt").write_text("1")
    stamp = Stamp(tmp_path / "stamps" / "step", digest([source], "v1"))
    assert not stamp.fresh()
    with stamp.renewed():
        output.write_text("made")
    assert stamp.fresh([output])
    assert stamp.key == digest([source], "v1") != digest([source], "v2")
    (source / "a.txt").write_text("2")
    assert not Stamp(stamp.path, digest([source], "v1")).fresh([output])
    output.unlink()
    assert not stamp.fresh([output])


def test_a_failed_step_leaves_no_stamp(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "step", "key")
    with stamp.renewed():
        pass
    with pytest.raises(Failure), stamp.renewed():
        raise Failure("broken off")
    assert not stamp.fresh()


def test_renaming_and_bytecode(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1")
    before = digest([tmp_path])
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("compiled")
    assert digest([tmp_path]) == before
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert digest([tmp_path]) != before


@pytest.mark.parametrize(
    ("version", "good"),
    [("18.20.1", False), ("20.18.0", False), ("20.19.0", True), ("21.7.3", False), ("22.12.0", True), ("24.1.0", True)],
)
def test_which_node_is_taken(version: str, good: bool) -> None:
    assert tools.suits(version) is good


def test_imports_are_followed() -> None:
    names = {file.name for file in imports.sources_of("scripts.setup")}
    assert {"setup.py", "tools.py", "console.py", "paths.py", "numpy_wheel.py"} <= names
    assert "build.py" not in names


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """An npm package that names a wheel and its digest. Gives the wheel's content."""
    content = b"wheel"
    folder = tmp_path / "node_modules" / "pyodide"
    folder.mkdir(parents=True)
    entry = {"file_name": NAME, "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "pyodide-lock.json").write_text(json.dumps({"packages": {"numpy": entry}}))
    (folder / "package.json").write_text('{"version": "1.2.3"}')
    (folder / "pyodide.mjs").write_text("let base=`https://host.invalid/pyodide/v${U}/full/`;")
    monkeypatch.setattr(numpy_wheel, "NODE_MODULES", tmp_path / "node_modules")
    return content


def test_address_comes_from_the_package(packages: bytes) -> None:
    assert packages
    assert numpy_wheel.distribution() == "https://host.invalid/pyodide/v1.2.3/full/"


def test_wheel_is_fetched_once(packages: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_wheel, "from_distribution", lambda _name: packages)
    place = numpy_wheel.fetch()
    monkeypatch.setattr(numpy_wheel, "from_distribution", lambda _name: pytest.fail("fetched again"))
    assert numpy_wheel.fetch() == place
    assert (place.name, place.read_bytes()) == (NAME, packages)


def test_the_other_source_is_used_and_checked(packages: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_wheel, "from_distribution", lambda _name: b"an error page")
    monkeypatch.setattr(numpy_wheel, "from_carrier", lambda _name: packages)
    place = numpy_wheel.fetch()
    place.write_bytes(b"damaged")
    monkeypatch.setattr(numpy_wheel, "from_carrier", lambda _name: b"something else")
    with pytest.raises(Failure, match="SHA-256"):
        numpy_wheel.fetch()


def test_carrier_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr(f"{numpy_wheel.CARRIER_FOLDER}/{NAME}", b"wheel")

    def download(command: list[str], _cwd: Path) -> None:
        folder = command[command.index("--dest") + 1]
        (Path(folder) / "carrier.whl").write_bytes(archive.getvalue())

    monkeypatch.setattr(numpy_wheel, "run", download)
    assert numpy_wheel.from_carrier(NAME) == b"wheel"
