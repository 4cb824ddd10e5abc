"""The built documentation site: everything is in it, and nothing comes from elsewhere. `make docs` builds it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scripts.documentation import SITE
from scripts.server_reference import everything

# What a browser fetches for a page, as opposed to what a reader may follow.
FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "link": "href",
    "source": "src",
    "audio": "src",
    "video": "src",
}


@pytest.fixture(scope="module")
def pages() -> list[Path]:
    found = sorted(SITE.rglob("*.html"))
    if not found:
        pytest.skip("the documentation is not built (make docs)")
    return found


class Fetches(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get(FETCHED.get(tag, ""))
        if address and given.get("rel") not in ("canonical", "prev", "next", "alternate"):
            self.addresses.append(address)


def test_every_page_fetches_its_own_files_only(pages: list[Path]) -> None:
    for page in pages:
        reader = Fetches()
        reader.feed(page.read_text("utf-8"))
        for address in reader.addresses:
            assert not re.match(r"(?:[a-z]+:)?//", address), f"{page}: {address}"
            place = SITE if page.name == "404.html" else page.parent
            goal = address.partition("?")[0].partition("#")[0].lstrip("/" if page.name == "404.html" else "")
            assert (place / goal).is_file(), f"{page}: {address}"


def test_styles_fetch_nothing_from_elsewhere(pages: list[Path]) -> None:
    assert pages
    for style in SITE.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text("utf-8")), style


@pytest.mark.parametrize(
    ("page", "word"),
    [
        ("tutorial.html", "site/speak.js"),
        ("embedding.html", "qingsheng-player"),
        ("voices.html", "train_vocoder"),
        ("styles.html", "whisper"),
        ("deploy.html", "--workers"),
        ("architecture.html", "Voice pack"),
        ("normalisation.html", "Normalisation"),
        ("expression.html", "intensity"),
        ("performance.html", "Performance"),
        ("api/qingsheng.html", "PlaybackEvents"),
        ("api/server.html", "/api/styles/events"),
        ("api/python.html", "load_voice"),
        ("models/qingsheng.html", "CC BY-SA"),
        ("project/changelog.html", "0.1"),
    ],
)
def test_has_what_people_look_for(pages: list[Path], page: str, word: str) -> None:
    assert SITE / page in pages
    assert word in (SITE / page).read_text("utf-8")


def test_is_searched_and_carries_the_description_of_the_server(pages: list[Path]) -> None:
    assert pages
    index = json.loads((SITE / "search" / "search_index.json").read_text("utf-8"))
    assert any("轻声" in entry["title"] + entry["text"] for entry in index["docs"])
    assert json.loads((SITE / "api" / "openapi.json").read_text("utf-8")) == everything()
