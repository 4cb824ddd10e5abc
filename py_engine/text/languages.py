"""The languages that this build reads: Mandarin, and English inside it where its table is there."""

from __future__ import annotations

from py_engine.errors import LanguageUnsupported

MANDARIN = ("zh", "cmn")
NAMES = {"zh": "中文（普通话）", "en": "English inside Mandarin"}


def supported() -> tuple[str, ...]:
    """Codes of the languages, ``zh`` first."""
    return ("zh", "en")


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
