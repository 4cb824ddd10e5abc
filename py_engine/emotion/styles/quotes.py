"""Who speaks: narration, or one of the quotations of a text."""

from __future__ import annotations

import re

PAIRS = {"“": "”", "「": "」", "『": "』", "‘": "’"}
TAG = re.compile(r"<[^<>]*>")
STRAIGHT = '"'
# A quotation ends with its paragraph if nothing closed it: a forgotten mark must not swallow the rest of the book.
PARAGRAPH = "\n"


def quotations(text: str) -> list[int]:
    """For each code point 0 in narration, else the number of its outermost quotation, from 1.

    Straight quotation marks open and close in turn, but not within tags.
    """
    tags = {place for tag in TAG.finditer(text) for place in range(*tag.span())}
    numbers, count, waiting = [], 0, ""
    for place, character in enumerate(text):
        inside = bool(waiting)
        if waiting and character in (waiting, PARAGRAPH):
            waiting = ""
        elif not waiting and place not in tags and (character in PAIRS or character == STRAIGHT):
            waiting, inside = PAIRS.get(character, STRAIGHT), True
            count += 1
        numbers.append(count if inside else 0)
    return numbers
