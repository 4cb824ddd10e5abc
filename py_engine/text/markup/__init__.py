"""Mark-up: an SSML subset and pinyin in braces, into a `Script` whose spans refer to the text as it was given."""

from __future__ import annotations

import re

from py_engine.errors import OptionInvalid
from py_engine.text.markup.inline import read_inline
from py_engine.text.script import Script, plain_script

MODES = ("auto", "ssml", "inline", "none")
_SSML = re.compile(r"\ufeff?\s*(?:<\?xml[^>]*>\s*)?<speak[\s/>]")


def read_markup(text: str, mode: str = "auto") -> Script:
    """``auto``: SSML where the text begins with ``<speak``; pinyin in braces where it is valid. ``ssml``, ``inline``:
    one of them, strictly. ``none``: the text as it stands.

    Raises: OptionInvalid for another mode; MarkupError, MarkupUnknown, MarkupValue, LanguageUnsupported.
    """
    if mode not in MODES:
        raise OptionInvalid(
            f"markup is {mode!r:.40}, expected one of {', '.join(MODES)}.", "Correct the option.",
            {"option": "markup", "got": str(mode)[:40], "expected": list(MODES)},
        )  # fmt: skip
    if mode == "ssml" or (mode == "auto" and _SSML.match(text)):
        from py_engine.text.markup.ssml import read_ssml

        return read_ssml(text).script()
    if mode == "inline" or (mode == "auto" and "{" in text):
        return read_inline(text, strict=mode == "inline").script()
    return plain_script(text)
