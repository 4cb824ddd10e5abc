"""Links between the pages of the checkout lead to files and headings that exist."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from scripts.paths import ROOT
from tests.documentation.blocks import FENCE, markdown

LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(?P<text>.+?)\s*$", re.MULTILINE)


def slug(heading: str) -> str:
    """As the site and the usual viewers make the anchor of a heading."""
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = unicodedata.normalize("NFC", text).lower().strip()
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", text))


def anchors(page: Path) -> set[str]:
    return {slug(found["text"]) for found in HEADING.finditer(FENCE.sub("", page.read_text("utf-8")))}


@pytest.mark.parametrize("page", markdown(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text("utf-8")))
    for found in LINK.finditer(text):
        target, _, anchor = found["target"].partition("#")
        if target.startswith(("https://", "mailto:")):
            continue
        assert not target.startswith(("http:", "/")), found.group()
        goal = (page.parent / target).resolve() if target else page
        assert goal.is_relative_to(ROOT), found.group()
        assert goal.exists(), found.group()
        if anchor:
            assert anchor in anchors(goal), found.group()


def test_anchors_are_made_as_the_site_makes_them() -> None:
    assert slug("Without a server: `export`") == "without-a-server-export"
    assert slug("6. In a program") == "6-in-a-program"
