"""Generates ``py_engine/data/lexicon.bin``: ``python -m py_engine.text.compile_tables -o py_engine/data/lexicon.bin``.

Build time only: needs `pypinyin` (MIT; readings) and `jieba` (MIT; words and frequencies) from the package index, and
the tables in ``sources/``. The same inputs give the same bytes. `lexicon.py` describes the file.
"""

from __future__ import annotations

import argparse
import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from py_engine.text import lexicon, trie_builder
from py_engine.text.source_readings import SOURCES, WordReader, character_readings, rows

MIN_FREQUENCY = (
    10  # jieba lists 240,000 more words below this, mostly rare names: larger tables, no better segmentation
)
PHRASE_FREQUENCY = 2  # of phrases that only pypinyin lists: idioms and sayings
NAME_FREQUENCY = 20  # of names that only our own table lists: enough to win against their characters


def jieba_dictionary(path: Path | None) -> Path:
    if path is not None:
        return path
    import jieba

    return Path(jieba.__file__).with_name("dict.txt")


def in_range(word: str) -> bool:
    return all(lexicon.CODE_FIRST <= ord(char) <= lexicon.CODE_LAST for char in word)


def word_frequencies(path: Path, phrases: Iterable[str], extra: Mapping[str, int]) -> dict[str, int]:
    """Words of the lexicon with counts per about 60 million: jieba's, pypinyin's phrases, our own."""
    counts: dict[str, int] = {}
    for line in path.read_text("utf-8").splitlines():
        fields = line.split()
        if len(fields) >= 2 and int(fields[1]) >= MIN_FREQUENCY and in_range(fields[0]):
            counts[fields[0]] = int(fields[1])
    for name, _ in rows("names.tsv"):
        counts.setdefault(name, NAME_FREQUENCY)
    for phrase in phrases:
        if len(phrase) > 1 and in_range(phrase):
            counts.setdefault(phrase, PHRASE_FREQUENCY)
    counts.update(extra)
    return {word: count for word, count in counts.items() if count > 0}


class Readings:
    """Numbers syllables and sets of readings."""

    def __init__(self, syllables: Iterable[str]) -> None:
        self.syllables = sorted(set(syllables))
        self._numbers = {syllable: number for number, syllable in enumerate(self.syllables)}

    def value(self, reading: str) -> int:
        return self._numbers[reading[:-1]] << 3 | int(reading[-1])


def quantise(count: int, total: int) -> int:
    return min(255, max(1, round(255 + log(count / total) / lexicon.LOG_STEP)))


def trie_sections(counts: Mapping[str, int]) -> dict[str, NDArray[np.generic]]:
    frequency = Counter(char for word in counts for char in word)
    alphabet = {
        char: code for code, (char, _) in enumerate(sorted(frequency.items(), key=lambda kv: (-kv[1], kv[0])), 1)
    }
    code = np.zeros(lexicon.CODE_LAST - lexicon.CODE_FIRST + 1, np.uint16)
    for char, number in alphabet.items():
        code[ord(char) - lexicon.CODE_FIRST] = number
    total = sum(counts.values())
    coded = {tuple(alphabet[char] for char in word): quantise(count, total) for word, count in sorted(counts.items())}
    base, check, freq = trie_builder.build(coded, len(alphabet))
    padded = np.zeros(len(base), np.uint8)
    padded[: len(freq)] = freq
    return {"code": code, "base": base, "chek": check, "freq": padded}


def override_sections(
    words: Iterable[str], reader: WordReader, trie: lexicon.Lexicon, numbers: Readings
) -> dict[str, NDArray[np.generic]]:
    """Readings of the words that are not simply their characters' defaults, or that our own table gives, which the
    reader model then does not question; equal readings are stored once."""
    offsets: dict[tuple[int, ...], int] = {}
    data: list[int] = []
    entries = []
    for word in sorted(words):
        readings = reader.read(word)
        if readings == reader.defaults(word) and not reader.is_own(word):
            continue
        values = tuple(numbers.value(reading) for reading in readings)
        if values not in offsets:
            offsets[values] = len(data)
            data += values
        entries.append((trie.find(word), offsets[values]))
    entries.sort()
    states, starts = zip(*entries, strict=True)
    return {"ovrs": np.array(states, np.uint32), "ovro": np.array(starts, np.uint32), "ovrd": np.array(data, np.uint16)}


def character_sections(characters: Mapping[str, list[str]], numbers: Readings) -> dict[str, NDArray[np.generic]]:
    set_numbers: dict[tuple[int, ...], int] = {}
    bmp = np.zeros(lexicon.BMP_LAST - lexicon.BMP_FIRST + 1, np.uint16)
    other = []
    for char, readings in sorted(characters.items()):
        values = tuple(numbers.value(reading) for reading in readings)
        number = set_numbers.setdefault(values, len(set_numbers) + 1)
        if lexicon.BMP_FIRST <= ord(char) <= lexicon.BMP_LAST:
            bmp[ord(char) - lexicon.BMP_FIRST] = number
        else:
            other.append((ord(char), number))
    starts = [0]
    data: list[int] = []
    for values in set_numbers:
        starts.append(len(data))
        data += values
    starts.append(len(data))
    return {
        "bmps": bmp,
        "astc": np.array([point for point, _ in other], np.uint32),
        "asts": np.array([number for _, number in other], np.uint16),
        "seto": np.array(starts, np.uint16),
        "setd": np.array(data, np.uint16),
    }


def simplified_section() -> dict[str, NDArray[np.generic]]:
    table = np.zeros(lexicon.CODE_LAST - lexicon.CODE_FIRST + 1, np.uint16)
    for traditional, simple in rows("simplified.tsv"):
        table[ord(traditional) - lexicon.CODE_FIRST] = ord(simple)
    return {"simp": table}


def sources_digest() -> bytes:
    """SHA-256 over the tables in ``sources/``, so that a test sees at once that the lexicon is older than they are."""
    digest = sha256()
    for path in sorted(SOURCES.glob("*.tsv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


def pack(sections: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Lay the sections out behind the header, each at a multiple of 8."""
    offset = lexicon.HEADER.size + len(sections) * lexicon.SECTION.size
    table, body = [], []
    for name, array in sections.items():
        padding = -offset % 8
        raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
        body.append(b"\0" * padding + raw)
        table.append(struct.pack("<4sII", name.encode(), offset + padding, len(raw)))
        offset += padding + len(raw)
    head = lexicon.HEADER.pack(lexicon.MAGIC, lexicon.VERSION, len(sections))
    return head + b"".join(table) + b"".join(body)


def compile_lexicon(dictionary: Path) -> bytes:
    characters = character_readings()
    reader = WordReader(characters)
    counts = word_frequencies(dictionary, reader.phrases, reader.extra_counts)
    reader.use_counts(counts)
    numbers = Readings(reading[:-1] for readings in characters.values() for reading in readings)
    numbers = Readings([*numbers.syllables, "r"])
    syllables = np.frombuffer("\n".join(numbers.syllables).encode(), np.uint8)
    empty: dict[str, NDArray[np.generic]] = {
        "ovrs": np.zeros(0, np.uint32),
        "ovro": np.zeros(0, np.uint32),
        "ovrd": np.zeros(0, np.uint16),
    }
    trie = trie_sections(counts)
    fixed: dict[str, NDArray[np.generic]] = {
        **character_sections(characters, numbers),
        **simplified_section(),
        "srcd": np.frombuffer(sources_digest(), np.uint8),
        "syls": syllables,
    }
    draft = lexicon.Lexicon(pack({**trie, **empty, **fixed}))
    return pack({**trie, **override_sections(counts, reader, draft, numbers), **fixed})


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile words and readings into the engine's lexicon.")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parents[1] / "data" / "lexicon.bin")
    parser.add_argument("--jieba-dict", type=Path, help="word list 'word count tag'; default: the jieba package's own")
    arguments = parser.parse_args()
    data = compile_lexicon(jieba_dictionary(arguments.jieba_dict))
    arguments.output.write_bytes(data)
    print(f"{arguments.output}: {len(data)} bytes")


if __name__ == "__main__":
    main()
