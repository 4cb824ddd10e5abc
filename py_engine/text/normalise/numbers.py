"""Digits to hanzi: cardinals, digit strings, decimals."""

from __future__ import annotations

DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿", "亿亿")
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
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)][::-1]
    spoken, gap = "", False
    for index, group in enumerate(groups):
        value = int(group)
        if not value:
            gap = True
            continue
        if spoken and (gap or value < 1000):
            spoken += "零"
        spoken += _below_ten_thousand(group.lstrip("0")) + _GROUPS[len(groups) - 1 - index]
        gap = False
    spoken = spoken.replace("万亿", "万", spoken.count("万亿") - 1) if spoken.count("万亿") > 1 else spoken
    return spoken[1:] if spoken.startswith("一十") else spoken


def _below_ten_thousand(digits: str) -> str:
    spoken, gap = "", False
    for index, digit in enumerate(digits):
        place = len(digits) - 1 - index
        if digit == "0":
            gap = True
            continue
        if gap and spoken:
            spoken += "零"
        gap = False
        spoken += _digit_at(digit, place) + _PLACES[place]
    return spoken


def _digit_at(digit: str, place: int) -> str:
    """两千 but 二百 and 二十 (吕叔湘, 现代汉语八百词, 两/二)."""
    return "两" if digit == "2" and place == 3 else DIGITS[int(digit)]


def number(text: str) -> str:
    """A number as written: optional sign, digits with thousands commas, decimals."""
    sign = {"-": "负", "−": "负", "+": "正"}.get(text[:1], "")
    whole, point, decimals = text.lstrip("+-−").replace(",", "").partition(".")
    spoken = cardinal(whole or "0")
    return sign + spoken + (f"点{digit_string(decimals)}" if point and decimals else "")
