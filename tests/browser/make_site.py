"""The built site with the generated test voices in place of the real ones: ``python -m tests.browser.make_site OUT``.

Everything but the voices is hard-linked from ``static/dist``. ``--mark TEXT`` makes another version of the site: the
text goes into ``index.html`` as a comment, which changes the page's digest and with it the build's version.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path

from scripts import catalog, manifest, packs
from scripts.paths import DIST
from tests.packs import make_silent_pack
from tests.packs.make_public_voices import matcha_pack


def page_paths(built: Path) -> set[str]:
    """What the real build holds to be the page's own files."""
    files = json.loads((built / manifest.NAME).read_text("utf-8"))["files"]
    return {str(file["path"]) for file in files if file["group"] == "page"}


def copy_without_voices(built: Path, site: Path) -> None:
    ignored = shutil.ignore_patterns("models", manifest.NAME)
    shutil.copytree(built, site, ignore=ignored, copy_function=os.link)


def mark(site: Path, text: str) -> None:
    """A new file, not a change of the linked one; its compressed copies would be stale."""
    page = site / "index.html"
    content = page.read_text("utf-8")
    for stale in site.glob("index.html*"):
        stale.unlink()
    page.write_text(content.replace("</body>", f"<!-- {text} --></body>"), encoding="utf-8")


def write_voices(models: Path) -> None:
    """``silent``, the default, and ``matcha``, which is of another kind and sample rate."""
    make_silent_pack.write(models)
    pack, files = matcha_pack("vocos", True, 24_000)
    folder = models / str(pack["id"])
    folder.mkdir()
    for path, content in files.items():
        (folder / path).write_bytes(content)
    (folder / packs.MANIFEST).write_text(json.dumps(pack), encoding="utf-8")
    (models / catalog.NAME).write_text(catalog.as_text(catalog.catalogue(models)), encoding="utf-8")


def make(site: Path, built: Path = DIST, text: str = "") -> None:
    shutil.rmtree(site, ignore_errors=True)
    site.parent.mkdir(parents=True, exist_ok=True)
    copy_without_voices(built, site)
    write_voices(site / "models")
    if text:
        mark(site, text)
    manifest.write(site, page_paths(built))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a site with the test voice.")
    parser.add_argument("site", type=Path)
    parser.add_argument("--mark", default="", help="text that makes it another version")
    options = parser.parse_args()
    make(options.site, text=options.mark)
    print(options.site)


if __name__ == "__main__":
    main()
