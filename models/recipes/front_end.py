"""How the recipes read a text: as the browser does, with the reader model beside the rules, or by the rules alone."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.sentence import Sentence, read_sentences
from py_engine.synthesis.values import Options

READER = Path("models/reader")
WITH_READER, BY_RULES = "reader", "rules"

Read = Callable[[str], Iterable[Sentence]]


def add_reader_options(parser: argparse.ArgumentParser) -> None:
    """``--reader`` and ``--rules``, for `chosen_reader`."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--reader", type=Path, help=f"folder of the reader model ({READER} if it is there)")
    group.add_argument("--rules", action="store_true", help="read texts by the rules alone")


def chosen_reader(options: argparse.Namespace) -> Path | None:
    """The folder of the reader model, None for the rules alone. Raises: SystemExit where the one asked for is not
    there."""
    wanted: Path | None = options.reader
    if options.rules:
        return None
    folder = wanted or READER
    if (folder / "reader.json").exists():
        return folder
    if wanted:
        raise SystemExit(f"{folder} has no reader.json; name the folder of a reader model, or --rules.")
    print(f"{folder} is not there: texts are read by the rules alone.", flush=True)
    return None


def load_reader(engine: Engine, folder: Path) -> None:
    """Have the engine read as it does in the browser. Raises: ModelCorrupt."""
    manifest = json.loads((folder / "reader.json").read_text("utf-8"))
    asyncio.run(engine.load_model("reader", manifest, (folder / str(manifest["path"])).read_bytes()))


def sentences_of(engine: Engine, text: str) -> list[Sentence]:
    """The utterances of a text as the engine will speak them, by rules alone where it has no reader model."""
    return list(read_sentences(text, hints=asyncio.run(engine.hints(text, Options()))))
