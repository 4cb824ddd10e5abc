"""The languages that the server lists are those of the engine."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from gateway.languages import languages


def test_languages() -> None:
    client = TestClient(Starlette(routes=[Route("/api/languages", languages)]))
    answer = client.get("/api/languages")
    assert answer.status_code == 200
    assert answer.json() == {
        "languages": [{"code": "zh", "name": "中文（普通话）"}, {"code": "en", "name": "English inside Mandarin"}]
    }
