"""The languages that this build reads: Mandarin, and English inside it where its table is there."""

from __future__ import annotations

from collections.abc import Iterable

from py_engine.errors import LanguageUnsupported
from py_engine.text import english

MANDARIN = ("zh", "cmn")
NAMES = {"zh": "中文（普通话）", "en": "English inside Mandarin"}


def supported() -> tuple[str, ...]:
    """Codes of the languages that this build has the tables of, ``zh`` first."""
    return ("zh", "en") if english.available() else ("zh",)


def check_languages(codes: Iterable[str] | None) -> tuple[str, ...]:
    """The languages of a call; None for all. Mandarin is always among them. Raises: LanguageUnsupported."""
    if codes is None:
        return supported()
    checked = tuple(dict.fromkeys(check_language(code) for code in codes))
    return checked if "zh" in checked else ("zh", *checked)


def check_language(code: str) -> str:
    """The supported code of a language tag like ``zh-CN`` (BCP 47). Raises: LanguageUnsupported, listing what is."""
    main = code.strip().lower().replace("_", "-").split("-")[0]
    main = "zh" if main in MANDARIN else main
    if main not in supported():
        known = ", ".join(supported())
        raise LanguageUnsupported(
            f"language is {code!r:.20}, supported are {known}.", f"Use one of {known}.",
            {"got": code[:20], "expected": list(supported())},
        )  # fmt: skip
    return main
