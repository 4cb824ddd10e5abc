"""Writes ``py_engine/data/emoji.tsv``: ``python -m py_engine.text.sources.emoji_names emoji_zh.json``.

The input is a file of the package `emoji` (BSD), whose Chinese names come from Unicode CLDR (Unicode licence). Skin
tones and variation selectors are left out: the engine leaves them out before it looks a name up.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

TARGET = Path(__file__).parents[2] / "data" / "emoji.tsv"
HEADER = "# Names of emoji, from Unicode CLDR (Unicode licence) by way of the package emoji (BSD). emoji, name.\n"
_LEFT_OUT = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")
_SAID = re.compile("[A-Z\u4e00-\u9fff]+")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the table of emoji names.")
    parser.add_argument("names", type=Path)
    names = json.loads(parser.parse_args().names.read_text("utf-8"))
    table = {}
    for emoji, name in names.items():
        said = "".join(_SAID.findall(re.sub("_(浅|较浅|中等|中等-深|较深|深)?肤色", "", name)))
        if said and emoji == _LEFT_OUT.sub("", emoji):
            table[emoji] = said
    for emoji, name in names.items():
        plain = _LEFT_OUT.sub("", emoji)
        if plain and plain not in table and "肤色" not in name:
            table[plain] = "".join(_SAID.findall(name))
    rows = (f"{emoji}\t{name}\n" for emoji, name in sorted(table.items()) if name)
    TARGET.write_text(HEADER + "".join(rows), "utf-8")


if __name__ == "__main__":
    main()
