"""Wheels in the site: their extension modules have addresses of their own, everything else stays in the archive."""

from __future__ import annotations

import zipfile
from pathlib import Path

from scripts.build import place_wheel


def placed(folder: Path, module: bytes) -> Path:
    """The folder of a wheel in a site, with one module of Python and one extension module."""
    wheel = folder / "numpy-2-wasm32.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("numpy/version.pyc", b"code")
        archive.writestr("numpy/fft/_fft.cpython-314.so", module)
    place_wheel(folder / "site", wheel)
    return next(iter((folder / "site" / "wheels").iterdir()))


def test_extension_modules_lie_beside_the_archive(tmp_path: Path) -> None:
    folder = placed(tmp_path, b"\0asm")
    assert (folder / "numpy/fft/_fft.cpython-314.so.wasm").read_bytes() == b"\0asm"
    with zipfile.ZipFile(folder / "numpy-2-wasm32.whl") as archive:
        assert archive.namelist() == ["numpy/version.pyc"]
        assert archive.getinfo("numpy/version.pyc").compress_type == zipfile.ZIP_STORED


def test_the_folder_changes_with_a_module(tmp_path: Path) -> None:
    names = []
    for module in (b"\0asm", b"\0asm2"):
        folder = tmp_path / str(len(module))
        folder.mkdir()
        names.append(placed(folder, module).name)
    assert names[0] != names[1]
