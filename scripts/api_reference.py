"""`docs/api/`: the reference of what a page may import, out of the sources' own declarations and comments.

``python -m scripts.api_reference`` writes it; with ``--check`` it says whether it is up to date. What the library's
entries export is followed to its declaration, whose comment and public shape are taken as they stand. The pages of the
server and of the Python engine are made by `server_reference` and `python_reference`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts import python_reference, server_reference
from scripts.paths import ROOT

WEB = ROOT / "web" / "src"
TARGET = ROOT / "docs" / "api"
# Entry, page of the reference, its title
ENTRIES = (
    (WEB / "index.ts", "qingsheng.md", "`qingsheng.js`: the engine in a page"),
    (WEB / "embed" / "player.ts", "player.md", "`qingsheng-player.js`: the element"),
    (WEB / "embed" / "speech.ts", "speech-synthesis.md", "`qingsheng-speech.js`: in place of `speechSynthesis`"),
)
OTHERS = {
    "server.md": ("The server's addresses", server_reference.page),
    "python.md": ("Python: the engine as a library", python_reference.page),
}
MADE = "<!-- Made by `python -m scripts.api_reference` from the sources. Do not edit. -->"

LIST = re.compile(r"^export\s+(?:type\s+)?\{(?P<names>[^}]*)\}\s+from\s+\"(?P<source>[^\"]+)\";", re.MULTILINE)
STAR = re.compile(r"^export\s+\*\s+from\s+\"(?P<source>[^\"]+)\";", re.MULTILINE)
OWN = re.compile(
    r"^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?"
    r"(?P<kind>interface|class|type|function|const)\s+(?P<name>\w+)",
    re.MULTILINE,
)
COMMENT = re.compile(r"/\*\*(?P<text>(?:[^*]|\*(?!/))*)\*/\s*\Z")
METHOD = re.compile(r"(?:static\s+)?(?:async\s+)?(?:\*\s*)?(?:get\s+|set\s+)?[\w.\[\]]+\s*(?:<[^(]*>)?\(")
BODIES = ("interface", "class", "function")
HIDDEN = re.compile(r"\s*(?:private|protected|#|override\s+(?:connected|disconnected|attribute))")


@dataclass(frozen=True)
class Declaration:
    kind: str
    name: str
    comment: str
    shape: str


def exported(file: Path) -> Iterator[tuple[Path, str]]:
    """The names that a module exports, each with the file that declares it."""
    source = file.read_text("utf-8")
    for found in LIST.finditer(source):
        target = (file.parent / found["source"]).resolve()
        for name in found["names"].split(","):
            if name.strip():
                yield target, name.strip().removeprefix("type ").strip()
    for found in STAR.finditer(source):
        yield from exported((file.parent / found["source"]).resolve())
    for found in OWN.finditer(source):
        yield file, found["name"]


def declaration(file: Path, name: str) -> Declaration:
    """Raises: LookupError."""
    source = file.read_text("utf-8")
    for found in OWN.finditer(source):
        if found["name"] == name:
            above = COMMENT.search(source[: found.start()])
            text = source[found.start() : end_of(source, found.start(), found["kind"])]
            return Declaration(found["kind"], name, plain(above["text"]) if above else "", shape(found["kind"], text))
    raise LookupError(f"{file.relative_to(ROOT)} declares no {name}")


def plain(comment: str) -> str:
    """A comment's lines without their stars."""
    lines = [re.sub(r"^\s*\*? ?", "", line) for line in comment.strip().splitlines()]
    return "\n".join(lines).strip()


def end_of(source: str, start: int, kind: str) -> int:
    """Where a declaration ends: at the brace that closes it, or at its semicolon."""
    depth = 0
    for at in range(start, len(source)):
        char = source[at]
        if char in "{([":
            depth += 1
        elif char in "})]":
            depth -= 1
            closes = char == "}" and depth == 0 and not braces_go_on(source, at)
            if closes and kind in BODIES:
                return at + 1
        elif char == ";" and depth == 0 and kind in ("type", "const"):
            return at + 1
    return len(source)


def braces_go_on(source: str, at: int) -> bool:
    """Whether this brace closes a type among a function's parameters, not its body."""
    return bool(re.match(r"\s*(?:[,)=|&]|:\s)", source[at + 1 :]))


def shape(kind: str, text: str) -> str:
    if kind == "function":
        return f"{head(text)};"
    if kind == "class":
        return "\n".join([text[: text.index("{") + 1], *public_members(text), "}"])
    if kind == "const" and "=" in text and len(text) > 200:
        return f"{text[: text.index('=')].rstrip()};"
    return text


def head(text: str) -> str:
    """A function without its body: all before the first brace outside its parameters that opens one."""
    depth = 0
    for at, char in enumerate(text):
        if char == "{" and depth == 0 and re.search(r"\)(?:\s*:(?:[^{};=]|=>)+)?\s*$", text[:at]):
            return text[:at].rstrip()
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(char, 0)
    return text.rstrip()


def members(text: str) -> Iterator[str]:
    """The members of a class, each with the comment above it."""
    body = text[text.index("{") + 1 : text.rindex("}")]
    depth, start, in_comment = 0, 0, False
    for at, char in enumerate(body):
        if body.startswith("/*", at):
            in_comment = True
        elif in_comment:
            in_comment = not body.startswith("*/", at - 1)
        elif char in "{([":
            depth += 1
        elif char in "})]":
            depth -= 1
            if char == "}" and depth == 0 and not re.match(r"\s*[;,)=\].|&]", body[at + 1 :]):
                yield body[start : at + 1]
                start = at + 1
        elif char == ";" and depth == 0:
            yield body[start : at + 1]
            start = at + 1


def public_members(text: str) -> Iterator[str]:
    for member in members(text):
        comment = re.match(r"\s*(/\*\*(?:[^*]|\*(?!/))*\*/)?", member)
        code = member[comment.end() :] if comment else member
        if HIDDEN.match(code) or not code.strip() or code.strip().startswith("constructor(private"):
            continue
        if comment and comment[1]:
            yield f"  {comment[1]}"
        yield f"  {signature(code.strip())}"


def signature(code: str) -> str:
    """A method without its body, a property without its value."""
    if METHOD.match(code):
        return f"{head(code)};"
    return f"{code.split(' = ', maxsplit=1)[0].rstrip(';')};"


def page(entry: Path, title: str) -> str:
    seen: set[str] = set()
    parts = [MADE, "", f"# {title}", ""]
    about = re.match(r"\s*/\*\*((?:[^*]|\*(?!/))*)\*/", entry.read_text("utf-8"))
    if about:
        parts += [plain(about[1]), ""]
    for file, name in exported(entry):
        if name in seen:
            continue
        seen.add(name)
        found = declaration(file, name)
        parts += [f"## {name}", ""]
        if found.comment:
            parts += [found.comment, ""]
        parts += ["```ts", found.shape, "```", ""]
    return "\n".join(parts).rstrip() + "\n"


def index() -> str:
    titles = [(name, title) for _, name, title in ENTRIES] + [(name, title) for name, (title, _) in OTHERS.items()]
    lines = [f"- [{title}]({name})" for name, title in titles]
    return "\n".join(
        [MADE, "", "# API reference", "", *lines, "", "How to embed: [embedding.md](../embedding.md).", ""]
    )


def pages() -> dict[str, str]:
    of_entries = {name: page(entry, title) for entry, name, title in ENTRIES}
    return {"README.md": index()} | of_entries | {name: make(MADE) for name, (_, make) in OTHERS.items()}


def stale() -> list[str]:
    """The pages that are not as the sources have them."""
    return [
        name
        for name, text in pages().items()
        if not (TARGET / name).is_file() or (TARGET / name).read_text("utf-8") != text
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Write docs/api from the sources.")
    parser.add_argument("--check", action="store_true", help="say whether it is up to date, and write nothing")
    if parser.parse_args().check:
        old = stale()
        print(f"Not up to date: {', '.join(old)}. Run python -m scripts.api_reference." if old else "Up to date.")
        return 1 if old else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (TARGET / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
