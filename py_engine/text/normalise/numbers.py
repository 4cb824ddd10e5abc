"""Digits to hanzi: cardinals and digit strings."""

from __future__ import annotations

DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
MAX_CARDINAL_DIGITS = 16  # longer strings of digits are names, not amounts: read digit by digit


def digit_string(digits: str, one: str = "一") -> str:
    """Digit by digit; ``one`` is 幺 for telephone and room numbers."""
    return "".join(one if digit == "1" else DIGITS[int(digit)] for digit in digits)


def cardinal(digits: str) -> str:
    """10050 to 一万零五十. Tens that begin a number drop their 一 (十二)."""
    digits = digits.lstrip("0")
    if not digits:
        return "零"
    if len(digits) > MAX_CARDINAL_DIGITS:
        return digit_string(digits)
    spoken = _amount(digits)
    return spoken[1:] if spoken.startswith("一十") else spoken


def _amount(digits: str) -> str:
    """Counts in 亿 (10^8), then in 万 (10^4): 10^12 is 一万亿."""
    for zeros, unit in ((8, "亿"), (4, "万")):
        if len(digits) > zeros:
            head, tail = digits[:-zeros], digits[-zeros:]
            spoken = ("两" if head == "2" else _amount(head)) + unit
            rest = tail.lstrip("0")
            if not rest:
                return spoken
            # a gap is said: 10001 一万零一; 100010000 一亿零一万
            return spoken + ("零" if len(rest) < zeros else "") + _amount(rest)
    return _below_ten_thousand(digits)


def _below_ten_thousand(digits: str) -> str:
    spoken, gap = "", False
    for index, digit in enumerate(digits):
        place = len(digits) - 1 - index
        if digit == "0":
            gap = True
            continue
        spoken += ("零" if gap and spoken else "") + _digit_at(digit, place) + _PLACES[place]
        gap = False
    return spoken


def _digit_at(digit: str, place: int) -> str:
    """两千 but 二百 and 二十 (吕叔湘, 现代汉语八百词, 两/二)."""
    return "两" if digit == "2" and place == 3 else DIGITS[int(digit)]
