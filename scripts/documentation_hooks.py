"""What the documentation site has beyond `docs/`: model cards and recipes where they are kept, and the OpenAPI file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import jieba

from scripts import server_reference
from scripts.paths import ROOT

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

# Page of the site, and the file of the checkout that it shows
ELSEWHERE = {
    "models/recipes.md": "models/recipes/README.md",
    "models/recipes-emotion.md": "models/recipes/emotion/README.md",
    "models/qingsheng.md": "models/qingsheng/MODEL_CARD.md",
    "models/qingsheng-lite.md": "models/qingsheng-lite/MODEL_CARD.md",
    "models/reader.md": "models/reader/MODEL_CARD.md",
    "models/emotion.md": "models/emotion/MODEL_CARD.md",
    "project/changelog.md": "CHANGELOG.md",
    "project/contributing.md": "CONTRIBUTING.md",
    "logo.svg": "static/public/icon.svg",
}
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s#]+)(#[^)\s]*)?\)")


def on_startup(**_given: object) -> None:
    # It segments the Chinese words of the search index, and says at length that it does.
    jieba.setLogLevel("ERROR")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    from mkdocs.structure.files import File

    for page, source in ELSEWHERE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    return files


def source_of(page: str) -> Path:
    """The file of the checkout behind a page of the site."""
    return ROOT / ELSEWHERE.get(page, f"docs/{page}")


def page_of(source: Path) -> str | None:
    """The page of the site that shows a file of the checkout."""
    for page, shown in ELSEWHERE.items():
        if source == ROOT / shown:
            return page
    docs = ROOT / "docs"
    return source.relative_to(docs).as_posix() if source.is_relative_to(docs) and source.is_file() else None


def on_page_markdown(markdown: str, page: Page, **_given: object) -> str:
    """Links are written for the checkout: they lead to the page of a file, or, where it has none, name the file."""
    here = page.file.src_uri
    source = source_of(here)

    def led(found: re.Match[str]) -> str:
        mark, text, target, anchor = found.groups()
        goal = (source.parent / target).resolve()
        shown = page_of(goal)
        if shown is None:
            if not goal.exists():
                raise FileNotFoundError(f"{source.relative_to(ROOT)} links to {target}, which does not exist")
            return f"{text} (`{goal.relative_to(ROOT)}`)"
        up = "../" * here.count("/")
        return f"{mark}[{text}]({up}{shown}{anchor or ''})"

    return LINK.sub(led, markdown)


def on_post_build(config: MkDocsConfig) -> None:
    text = json.dumps(server_reference.everything(), ensure_ascii=False, indent=2)
    (Path(config.site_dir) / "api" / "openapi.json").write_text(text + "\n", encoding="utf-8")
