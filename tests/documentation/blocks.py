"""The blocks of code of a Markdown file, and the commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.paths import ROOT

PAGES = "tutorial embedding voices styles deploy import index reader performance performance-gateway"
GUIDES = ("README.md", "CONTRIBUTING.md", "models/recipes/README.md", *(f"docs/{page}.md" for page in PAGES.split()))
FENCE = re.compile(
    r"^```(?P<language>\w*)(?: title=\"(?P<title>[^\"]*)\")?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    file: str
    language: str
    title: str
    text: str


def blocks(file: str, *languages: str) -> list[Block]:
    found = FENCE.finditer((ROOT / file).read_text("utf-8"))
    listed = [Block(file, each["language"], each["title"] or "", each["text"]) for each in found]
    return [block for block in listed if block.language in languages]


def titled(file: str, title: str) -> Block:
    (block,) = [each for each in blocks(file, "html", "js", "ts", "python", "sh") if each.title == title]
    return block


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of the guides' shell blocks: the file, and the words without variables, pipes and comments."""
    for file in GUIDES:
        for block in blocks(file, "sh"):
            for line in block.text.replace("\\\n", " ").splitlines():
                for part in re.split(r"\s(?:&&|\|)\s", line):
                    words = shlex.split(part, comments=True)
                    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                        words.pop(0)
                    if words:
                        yield file, words


def markdown() -> list[Path]:
    """Every page of the checkout that somebody reads."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "models").rglob("*.md")]
    # The template of a page in docs/, which is checked there.
    template = ROOT / "models" / "recipes" / "expression" / "report.md"
    return sorted({*found, *(ROOT / "py_engine").rglob("*.md")} - {template})
