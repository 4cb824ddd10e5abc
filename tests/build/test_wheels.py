"""Wheels in the site: their extension modules have addresses of their own, everything else stays in the archive."""

from __future__ import annotations

import zipfile
from pathlib import Path

from scripts.build import place_wheel
from scripts.stamps import sha256


def test_extension_modules_lie_beside_the_archive(tmp_path: Path) -> None:
    wheel = tmp_path / "numpy-2-wasm32.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("numpy/version.pyc", b"code")
        archive.writestr("numpy/fft/_fft.cpython-314.so", b"\0asm")
    place_wheel(tmp_path / "site", wheel)
    folder = tmp_path / "site" / "wheels" / sha256(wheel)[:16]
    assert (folder / "numpy/fft/_fft.cpython-314.so.wasm").read_bytes() == b"\0asm"
    with zipfile.ZipFile(folder / wheel.name) as placed:
        assert placed.namelist() == ["numpy/version.pyc"]
        assert placed.getinfo("numpy/version.pyc").compress_type == zipfile.ZIP_STORED
