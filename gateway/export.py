"""`python server.py export DIR`: the site for any static host, with the headers as such hosts read them."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gateway.embedding import shared_headers
from gateway.middleware import security_headers
from gateway.settings import DIST, embed_origin, separated
from gateway.site import IMMUTABLE, INDEX, MANIFEST, MEDIA_TYPES, SUFFIXES, Site, SiteFile, SiteNotBuilt
from gateway.styles import FOLDER as STYLES
from gateway.styles import StyleFolder

ETERNAL, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
# Marks a folder as one that an export may write over.
RECEIPT = ".qingsheng-export"
STYLE_LIST = "styles/index.json"
APACHE_ENCODINGS = ("br", "zstd", "gzip")


class NotExported(Exception):
    """The site cannot be written; the message says why."""


def folders(paths: Iterable[str]) -> list[str]:
    """The smallest folders of which every file may be kept for ever."""
    found = set()
    for path in paths:
        if IMMUTABLE.fullmatch(path):
            depth = 3 if path.startswith("models/") else 1
            found.add("/".join(path.split("/")[:depth]))
    return sorted(found)


def headers_file(security: Mapping[str, str], eternal: Iterable[str]) -> str:
    """`_headers`, as Netlify and Cloudflare Pages read it. Of two rules for one header both would be sent."""
    lines = ["/*", *(f"  {name}: {value}" for name, value in security.items())]
    for folder in eternal:
        lines += [f"/{folder}/*", f"  Cache-Control: {ETERNAL}"]
    return "\n".join(lines) + "\n"


def vercel(security: Mapping[str, str], eternal: Iterable[str]) -> str:
    rules = [{"source": "/(.*)", "headers": [{"key": name, "value": value} for name, value in security.items()]}]
    for folder in eternal:
        rules.append({"source": f"/{folder}/(.*)", "headers": [{"key": "Cache-Control", "value": ETERNAL}]})
    return json.dumps({"cleanUrls": False, "trailingSlash": False, "headers": rules}, indent=2) + "\n"


def netlify(_security: Mapping[str, str], _eternal: Iterable[str]) -> str:
    """The headers are in `_headers`; here only that nothing is to be built or changed."""
    return '[build]\npublish = "."\ncommand = ""\n\n[build.processing]\nskip_processing = true\n'


def apache(security: Mapping[str, str], eternal: Iterable[str]) -> str:
    """`.htaccess`: headers, media types, and the compressed copies for who accepts them."""
    lines = ["<IfModule mod_headers.c>"]
    lines += [f'  Header always set {name} "{value}"' for name, value in security.items()]
    lines += [f'  Header set Cache-Control "{ASK_AGAIN}"', "</IfModule>"]
    lines += [f"AddType {kind.partition(';')[0]} {suffix}" for suffix, kind in MEDIA_TYPES.items()]
    lines += ["Options -Indexes -MultiViews", "<IfModule mod_rewrite.c>", "  RewriteEngine On"]
    pattern = "|".join(eternal)
    if pattern:
        lines += [f"  RewriteRule ^({pattern})/ - [E=eternal:1]"]
    for encoding in APACHE_ENCODINGS:
        suffix = SUFFIXES[encoding]
        # A range is one of the file's own bytes.
        lines += [
            f"  RewriteCond %{{HTTP:Accept-Encoding}} \\b{encoding}\\b",
            '  RewriteCond %{HTTP:Range} =""',
            f"  RewriteCond %{{REQUEST_FILENAME}}{suffix} -f",
            f"  RewriteRule ^(.+)$ $1{suffix} [L]",
        ]
    lines += ["</IfModule>", "<IfModule mod_headers.c>"]
    for encoding in APACHE_ENCODINGS:
        suffix = SUFFIXES[encoding].removeprefix(".")
        lines += [f'  <FilesMatch "\\.{suffix}$">']
        lines += [f"    Header set Content-Encoding {encoding}", "    Header append Vary Accept-Encoding"]
        lines += ["    SetEnv no-gzip 1", "  </FilesMatch>"]
    for ending, kind in MEDIA_TYPES.items():
        copies = "|".join(SUFFIXES[encoding].removeprefix(".") for encoding in APACHE_ENCODINGS)
        lines += [f'  <FilesMatch "\\{ending}\\.({copies})$">', f'    ForceType "{kind}"', "  </FilesMatch>"]
    lines += [f'  Header set Cache-Control "{ETERNAL}" env=eternal']
    lines += [f'  Header set Cache-Control "{ETERNAL}" env=REDIRECT_eternal', "</IfModule>"]
    return "\n".join(lines) + "\n"


WRITERS = {"_headers": headers_file, "vercel.json": vercel, "netlify.toml": netlify, ".htaccess": apache}


def copy(file: SiteFile, target: Path, encodings: bool) -> None:
    """The file, checked against its digest, and its compressed copies, checked by size."""
    for encoding in (None, *(file.encodings if encodings else ())):
        place, size = file.content(encoding)
        content = place.read_bytes()
        if len(content) != size or (encoding is None and hashlib.sha256(content).hexdigest() != file.sha256):
            raise NotExported(f"{place} is not the file that {MANIFEST} lists. Run `make build`, then export again.")
        copied = target / file.path
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.with_name(copied.name + (SUFFIXES[encoding] if encoding else "")).write_bytes(content)


def clear(target: Path) -> None:
    """Only an empty folder, or one that an export made, is written over."""
    if target.exists() and any(target.iterdir()):
        if not (target / RECEIPT).is_file():
            raise NotExported(f"{target} holds something else than an export. Name an empty folder.")
        shutil.rmtree(target)
    target.mkdir(parents=True, exist_ok=True)
    (target / RECEIPT).write_text("Written by `python server.py export`; the next export replaces this folder.\n")


def write_styles(styles: Path, target: Path) -> list[str]:
    """The styles as the server lists them, and their modules; gives back their paths."""
    found = list(StyleFolder(styles).styles().values())
    (target / "styles").mkdir()
    for style in found:
        (target / style.path).write_bytes(style.content)
    listed = json.dumps({"styles": [style.record() for style in found]}, ensure_ascii=False, indent=2)
    (target / STYLE_LIST).write_text(listed + "\n", encoding="utf-8")
    return [STYLE_LIST, *(style.path for style in found)]


def export(
    site: Site,
    target: Path,
    isolation: bool = True,
    encodings: bool = True,
    styles: Path = STYLES,
    embed_origins: Sequence[str] = (),
) -> list[str]:
    """Writes the site and gives back its paths. Raises `NotExported`, leaving what is there alone or half written."""
    files = site.files()
    headers = {**security_headers(isolation, embed_origins), **shared_headers(embed_origins)}
    clear(target)
    for file in files:
        copy(file, target, encodings)
    paths = [*(file.path for file in files), *write_styles(styles, target)]
    eternal = folders(paths)
    for name, write in WRITERS.items():
        (target / name).write_text(write(headers, eternal), encoding="utf-8")
    # GitHub Pages would leave out what begins with an underscore.
    (target / ".nojekyll").touch()
    return paths


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="server.py export", description="Write the built site for a static host.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="empty, or an earlier export, which is replaced")
    parser.add_argument("--dist", type=Path, default=DIST, help="folder of the built site")
    parser.add_argument("--styles", type=Path, default=STYLES, help="folder of the style plugins")
    parser.add_argument(
        "--isolation",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="headers for cross-origin isolation, for hosts that can set headers",
    )
    parser.add_argument(
        "--embed-origins",
        type=separated(embed_origin),
        action="extend",
        default=[],
        metavar="ORIGIN",
        help="origins whose pages may frame the site and use its files, separated by commas, * for all",
    )
    parser.add_argument(
        "--copies",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="compressed copies, for hosts that do not compress themselves",
    )
    options = parser.parse_args(arguments)
    try:
        paths = export(
            Site(options.dist),
            options.folder,
            options.isolation,
            options.copies,
            options.styles,
            options.embed_origins,
        )
    except (NotExported, SiteNotBuilt, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(paths)} files in {options.folder}: serve it under any path; {INDEX} is the page.")
    return 0
