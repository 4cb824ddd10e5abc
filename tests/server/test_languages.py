"""The languages that the server lists are those that the site's engine has tables for."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from gateway.languages import Languages
from gateway.site import Site
from scripts import manifest

ZH = {"code": "zh", "name": "中文（普通话）"}
EN = {"code": "en", "name": "English inside Mandarin"}


def ask(folder: Path) -> dict[str, Any]:
    manifest.write(folder, set())
    client = TestClient(Starlette(routes=[Route("/api/languages", Languages(Site(folder)).answer)]))
    answer = client.get("/api/languages")
    assert answer.status_code == 200
    listed: dict[str, Any] = answer.json()
    return listed


@pytest.mark.parametrize(
    ("tables", "expected"), [(["english.tsv"], [ZH, EN]), (["signs.tsv"], [ZH])], ids=["with English", "without"]
)
def test_languages_of_the_wheel(tmp_path: Path, tables: list[str], expected: list[dict[str, str]]) -> None:
    folder = tmp_path / "wheels" / "0123456789abcdef"
    folder.mkdir(parents=True)
    with ZipFile(folder / "py_engine-0.1.0-py3-none-any.whl", "w") as wheel:
        for name in tables:
            wheel.writestr(f"py_engine/data/{name}", "")
    assert ask(tmp_path) == {"languages": expected}


def test_without_an_engine_the_servers_own_counts(tmp_path: Path) -> None:
    assert ask(tmp_path) == {"languages": [ZH, EN]}
