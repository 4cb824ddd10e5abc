"""What a public voice calls its sounds: ``tokens.txt``, ``lexicon.txt``, and Piper's configuration."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from py_engine.errors import LanguageUnsupported, VoiceFormat
from py_engine.text.lexicon import lexicon

Symbols = dict[str, tuple[int, ...]]
Tokens = tuple[str, ...]
# Of the single characters that share a reading, so many must be written alike for the lexicon to decide.
MAJORITY = 0.6


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise VoiceFormat(f"{path} cannot be read: {error}.", "Name the file that came with the model.") from error


def read_tokens(path: Path) -> Symbols:
    """``token id`` on each line; a line with the number alone is the space. Raises: VoiceFormat."""
    symbols: Symbols = {}
    for number, line in enumerate(_lines(path), 1):
        parts = line.split()
        if not parts:
            continue
        token = parts[0] if len(parts) == 2 else " "
        if len(parts) > 2 or not parts[-1].isdecimal():
            raise VoiceFormat(f"{path.name}, line {number} is {line!r:.80}, expected a token and its number.")
        symbols[token] = (int(parts[-1]),)
    return symbols


def read_lexicon(path: Path, symbols: Symbols) -> dict[str, Tokens]:
    """How syllables (``zhong1``) are written, learned from the characters that have only one reading."""
    votes: dict[str, Counter[Tokens]] = defaultdict(Counter)
    ours = lexicon()
    for line in _lines(path):
        word, *tokens = line.split() or [""]
        readings = ours.alternatives(word) if len(word) == 1 else ()
        if len(readings) == 1 and tokens and all(token in symbols for token in tokens):
            votes[str(readings[0])][tuple(tokens)] += 1
    found = {key: (*counter.most_common(1)[0], counter.total()) for key, counter in votes.items()}
    return {key: tokens for key, (tokens, count, total) in found.items() if count >= MAJORITY * total}


def read_config(path: Path) -> dict[str, Any]:
    """Piper's ``.onnx.json``. Raises: VoiceFormat, LanguageUnsupported for a voice that is not Mandarin."""
    try:
        config = json.loads("\n".join(_lines(path)))
        language = config.get("language", {}).get("code") or config.get("espeak", {}).get("voice", "")
        symbols, rate = config["phoneme_id_map"], config["audio"]["sample_rate"]
    except (ValueError, KeyError, AttributeError) as error:
        raise VoiceFormat(f"{path} is no configuration of a Piper voice: {error!r}.") from error
    if not isinstance(symbols, dict) or not isinstance(rate, int):
        raise VoiceFormat(f"{path} has a phoneme_id_map or sample_rate of another type than expected.")
    if language.replace("_", "-").split("-")[0] not in ("zh", "cmn"):
        raise LanguageUnsupported(f"{path.name} is for {language!r}, this engine reads Mandarin.", "Use another voice.")
    return dict(config)


def config_symbols(config: dict[str, Any]) -> Symbols:
    return {symbol: tuple(int(number) for number in ids) for symbol, ids in config["phoneme_id_map"].items()}


def read_overrides(path: Path | None) -> dict[str, Tokens]:
    """``phone<TAB>token token ...`` on each line, lines that begin with ``# `` are comments. Raises: VoiceFormat."""
    overrides: dict[str, Tokens] = {}
    for number, line in enumerate(_lines(path) if path else (), 1):
        if not line.strip() or line.startswith("# "):
            continue
        phone, separator, tokens = line.partition("\t")
        if not separator:
            raise VoiceFormat(f"{path}, line {number} is {line!r:.80}, expected a phone, a tab and its tokens.")
        overrides[phone.strip()] = tuple(tokens.split())
    return overrides
