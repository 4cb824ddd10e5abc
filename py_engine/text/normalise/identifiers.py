"""Names made of digits: telephone numbers, codes, serial numbers, versions, addresses."""

from __future__ import annotations

import re
from dataclasses import replace

from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import DIGITS, AnyPlace, Parts, Rule, after, before, digits, rule, spell
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping, word_set


@rule(r"(?<!\d)(?:(\+?86)[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)", "telephone.mobile", first=DIGITS + "+")
def mobile(found: re.Match[str]) -> Parts | None:
    """138 1234 5678, said in groups of 3, 4, 4 with 幺."""
    parts = [_called(found, group) for group in (2, 3, 4)]
    prefix = [Part("加", found.start(1), found.start(1) + 1)] if (found[1] or "").startswith("+") else []
    return [*prefix, *([_called(found, 1)] if found[1] else []), *parts]


@rule(
    r"(?<!\d)(?:\((0\d{2,3})\)|(0\d{2,3}|[48]00))[- ]?(\d{3,4})[- ]?(\d{4})(?:\s?[-转]\s?(\d{1,5}))?(?!\d|[.-]\d)",
    "telephone",
    first=DIGITS + "(",
)
def landline(found: re.Match[str]) -> Parts | None:
    """010-12345678, 400-800-1234, with an extension 010-12345678-801."""
    parts = [_called(found, 1 if found[1] else 2), _called(found, 3), _called(found, 4)]
    if found[5]:
        parts += [Part("转", found.end(4), found.start(5)), _called(found, 5)]
    return parts


@rule(r"(?<!\d)([48]00\d)[- ](\d{3})[- ](\d{3})(?!\d)", "telephone", needs="- ")
def hotline(found: re.Match[str]) -> Parts | None:
    """4006-700-700."""
    return [_called(found, group) for group in (1, 2, 3)]


@rule(r"(?<![0-9A-Za-z])0[xX][0-9A-Fa-f]{2,16}(?![0-9A-Za-z])", "code.hexadecimal", needs="xX")
def hexadecimal(found: re.Match[str]) -> Parts | None:
    """0x0000007E, digit by digit."""
    return spelt(found.group(), found.start())


@rule(
    r"(?:(?<=[\s,.!?、;:~哈啊太真铁了作击扣波拜])|\A)(?:6{3,8}|23{2,8}|886)(?=[\s,.!?、;:~啊呀哦哈]|\Z)"
    r"|(?<![\d.元价])(?:52[01]|1314)(?=快乐|节|情人节|告白|表白|当天|那天|的?红包|的?礼物)",
    "number.slang",
)
def slang(found: re.Match[str]) -> Parts | None:
    """666 for well done, 233 for laughter, 886 for good-bye, 520 for a declaration, digit by digit."""
    return [digits_part(found.group(), found.start(), "一")]


@rule(r"\+(\d{1,3})[- ]?((?:\(\d{1,4}\)|\d{2,4})(?:[- ]\d{2,4}){1,4})(?!\d)", "telephone.international", first="+")
def international(found: re.Match[str]) -> Parts | None:
    """+1-202-555-0143."""
    groups = [
        digits_part(piece.group(), found.start(2) + piece.start()) for piece in re.finditer(r"\d+", found[2])
    ]  # fmt: skip
    return [Part("加", found.start(), found.start() + 1), _called(found, 1), *groups]


@rule(r"\*\d{1,5}(?:\*\d{1,11})*#|#\d{2,11}[*#]", "telephone.code", first="*#")
def service(found: re.Match[str]) -> Parts | None:
    """*100#, #1203*, as it is keyed in; #618# is a topic."""
    if found.group()[0] == found.group()[-1] == "#" and not before(found, 3).rstrip().endswith(("按", "拨", "输入")):
        return None
    parts: Parts = []
    for piece in re.finditer(r"\*|[^*]+", found.group()):
        run, at = piece.group(), found.start() + piece.start()
        parts += [Part("星号", at, at + 1)] if run == "*" else spelt(run, at)
    return parts


def _called(found: re.Match[str], group: int) -> Part:
    return digits(found, group, digit_string(re.sub(r"\D", "", found[group]), "幺"))


def digits_part(text: str, start: int, one: str = "幺") -> Part:
    return Part(digit_string(text, one), start, start + len(text), "digits")


# A座1101, 2号楼303; but 6栋120米
_BUILDING = re.compile(r"[A-Za-z\d一二三四五六七八九十](?:座|栋|幢|号?楼|层|单元|弄)\Z")
_COUNTED = re.compile("[多余平米年人万亿个元]")


# 6552-9988转801
_EXTENSION = re.compile(r"(?:\d{4}|[请拨按])转\Z")

# Names of two programmes and numbers that everybody calls, where nothing measures
_QUANTITY = re.compile("[余多来几架班个万亿%]")
# -i:8080
_PORT = re.compile(r"(?:localhost|-[a-z]|host):\Z|(?:[Pp]ort|端口)[^\d]{0,8}\Z")
_KNOWN = re.compile("985|211|996|12306|12315|12320|12333|12348|12366|100(?:10|86)|955\\d\\d")
_MEASURED = re.compile("[个元人米块分秒年斤公克吨天日次名位万亿件套条岁度\\d]")
_PLACES = tuple("在到去来回住于进")
_AMOUNTS = ("共", "约", "达", "为", "有", "第", "超", "过", "近", "仅")


class Code(AnyPlace):
    """Digits that name: after 电话, 密码 ..., before 室, 国道 ..., with leading zeros, or too long for an amount."""

    name = "code"
    _digits = re.compile(r"\d+(?!\.?\d|[%‰])", re.ASCII)
    # 1,299; but 95588，24小时
    _grouped = re.compile(r"\d{1,3},\d{3}(?!\d)", re.ASCII)

    def match(self, text: str, at: int) -> Parts | None:
        found = self._digits.match(text, at)
        if found is None or self._grouped.match(text, at):
            return None
        value = found.group()
        if len(value) in (3, 4) and value[-1] != "0" and _starts(found, "event"):
            return [digits_part(value, at, "一")]
        if len(value) == 2 and value[0] == "0" and after(found, 1) in (".", "、"):
            # 01. of a list
            return [digits_part(value, at, "一")]
        return _in_groups(found) if self._names(found, value) else None

    def _names(self, found: re.Match[str], value: str) -> bool:
        left, following, size = before(found, 8).rstrip(" :#是为改设成用"), after(found, 1), len(value)
        short = size in (3, 4)
        return bool(
            (size > 2 and left.endswith(tuple(word_set("codes.tsv", "before"))) and not _QUANTITY.match(following))
            # the code of a town or of a share
            or (size == 6 and (left.endswith("寄") or _posted(found) or (before(found, 1) + following) == "()"))
            or (3 < size < 6 and _PORT.search(before(found, 12)))
            or (size < 6 and _EXTENSION.search(left))
            or (_KNOWN.fullmatch(value) and not _MEASURED.match(following) and not left.endswith(_AMOUNTS))
            or (short and _BUILDING.search(left) and not _COUNTED.match(following))
            or (short and _starts(found, "after") and not _starts(found, "not after"))
            # 在301开会
            or (short and left[-1:] in _PLACES and _starts(found, "after in a room"))
            or (size > 1 and value[0] == "0")
            # abc@12345, 3301****1234
            or (size > 2 and (left.endswith(("@", "**")) or after(found, 2) == "**"))
            or (size >= 10 and not value.endswith("000"))
        )


def _posted(found: re.Match[str]) -> bool:
    """100871 北京市"""
    return after(found, 3).lstrip().startswith(tuple(word_set("codes.tsv", "province")))


def _starts(found: re.Match[str], row: str) -> bool:
    return after(found, 6).startswith(tuple(word_set("codes.tsv", row)))


def _in_groups(found: re.Match[str]) -> Parts:
    """Words of at most four digits, so that a long number has rhythm."""
    return _grouped(found.group(), found.start())


def _grouped(value: str, start: int) -> Parts:
    if len(value) <= 5:
        return [digits_part(value, start)]
    size = 4 if len(value) % 3 else 3
    return [digits_part(value[at : at + size], start + at) for at in range(0, len(value), size)]


@rule(r"(?<![\d.\-])\d+(?:(?:-\d+){2,}|-0\d+)(?![\d.\-])", "code.serial", needs="-")
def serial(found: re.Match[str]) -> Parts | None:
    """978-7-100-12345-6, digit by digit with 杠."""
    return spelt(found.group(), found.start())


_ADDRESS_BEFORE = re.compile(r"(?:IP|ip|地址|DNS|dns|ping|网关|掩码|服务器)[为是:\s]{0,2}\Z")


@rule(r"(?<![\d.])\d+(?:\.\d+){2,}(?::\d{1,5})?(?![\d.])", "version", needs=".")
def version(found: re.Match[str]) -> Parts | None:
    """1.2.3, 17.5.1, 192.168.0.1:8080: the first number of a version is an amount; 幺 only in addresses."""
    text, start = found.group(), found.start()
    if text.count(".") == 3:
        section = len(text) < 9 and not _ADDRESS_BEFORE.search(before(found, 8)) and len(set(text.split("."))) > 2
        return spelt(text, start, "一" if section else "幺")
    first = text.partition(".")[0]
    if len(first) != 2 or first[0] == "0":
        return spelt(text, start, "一")
    return [Part(cardinal(first), start, start + 2, "digits"), *spelt(text[2:], start + 2, "一")]


@rule(r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4})(?![\w:])|(?<![\w:])[0-9A-Fa-f:]*::[0-9A-Fa-f:]*\w",
      "address.ip", first=DIGITS + "ABCDEFabcdef:", needs=":")  # fmt: skip
def ip_version_6(found: re.Match[str]) -> Parts | None:
    """2001:db8::1; three groups of digits alone are a time or a ratio."""
    text = found.group()
    if "::" not in text and not re.search("[A-Fa-f]", text) and text.count(":") < 7:
        return None
    if "::" not in text and max(map(len, text.split(":"))) == 1:
        # a:b:c
        return None
    return spelt(text, found.start())


_TLD = "com|cn|net|org|gov|edu|io|ai|app|dev|info|me|tv|cc|top|xyz|jp|uk|de|fr|us|hk|tw"


# Web and mail addresses
ADDRESS = (
    r"(?:https?://|ftp://|www\.)[\w.\-/:%?=&#~+]*[\w/]|[A-Za-z0-9][\w.+\-]{0,63}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"
    rf"|(?<![\w.])[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.(?:{_TLD})(?![\w])(?:/[\w.\-/%?=&#~+]*[\w/])?"
)


@rule(ADDRESS, "address", needs=".:")
def address(found: re.Match[str]) -> Parts | None:
    """Web and mail addresses, spelt; only ASCII, hanzi end them."""
    return spelt(found.group().rstrip(".,:;?!"), found.start()) or None


@rule(
    r"(?<![A-Za-z0-9_])(?=[A-Za-z_]*\d)[A-Za-z][A-Za-z0-9]{0,40}(?:_[A-Za-z0-9]{1,40}){1,8}(?![A-Za-z0-9_])",
    "code.name",
    needs="_",
)
def user_name(found: re.Match[str]) -> Parts | None:
    """abc_123, letter by letter and digit by digit."""
    return spelt(found.group(), found.start())


@rule(
    r"(?<![A-Za-z0-9])(?:\d{4,6}\.(?:SH|SZ|HK|BJ|SS|US|TW|T)|[A-Z]{2,5}\.(?:US|HK)|(?=[0-9-]*[A-Z])[A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5}){2,5}"
    r"|\d{5,}(?=[0-9A-Z]*[A-Z])[A-Z0-9]{4,16})(?![A-Za-z0-9])",
    "code.mixed",
    needs="ABCDEFGHIJKLMNOPQRSTUVWXYZ",
)
def mixed(found: re.Match[str]) -> Parts | None:
    """600519.SH, 8A3F-77K2-09QX, 91110108MA01ABCD2X: letters by name, digits one by one."""
    return spelt(found.group(), found.start())


# What a spelt name is said in: letters together, digits by four at most
_ALIKE = re.compile("[A-Za-z]+|[0-9]{1,4}|.", re.DOTALL)


def spelt(text: str, start: int, one: str = "幺") -> Parts:
    """Letters by name, digits one by one, signs by name, hanzi as they are; what has no name is left out."""
    parts: Parts = []
    signs, letters = mapping("address_signs.tsv"), mapping("letters.tsv")
    for piece in _ALIKE.finditer(text):
        run, at = piece.group(), start + piece.start()
        if "0" <= run[0] <= "9":
            parts.append(digits_part(run, at, one))
        elif run in signs:
            parts.append(Part(signs[run], at, at + 1))
        elif run[0].upper() in letters:
            parts.append(spell(run, at, letters))
        elif "\u4e00" <= run <= "\u9fff":
            parts.append(Part(run, at, at + 1))
    return parts


@rule(r"-(\d{1,3})(?![\d.%℃°度])", "code.series", first="-")
def series(found: re.Match[str]) -> Parts | None:
    """歼-20, 东风-41: the dash after the name of a series is silent."""
    if not before(found, 3).endswith(tuple(word_set("contexts_of_numbers.tsv", "before series"))):
        return None
    return [Part(cardinal(found[1]), *found.span(), "digits")]


_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


@rule(
    rf"(?<=[{_PROVINCES}])[A-Z][·• ]?(?=[A-Z0-9]{{0,5}}[0-9])"
    r"(?:[A-Z0-9]{5,6}(?![A-Za-z0-9])|[A-Z0-9]{4}(?=[警学挂港澳试]))",
    "code.plate",
    needs=DIGITS,
)
def plate(found: re.Match[str]) -> Parts | None:
    """The number of a car, 京A·12345, letter by letter and digit by digit."""
    return spelt(found.group(), found.start())


@rule(r"(?<=《)\d{4}(?=[》(])", "title", needs="《")
def title(found: re.Match[str]) -> Parts | None:
    """《1984》: a year for a title."""
    return [digits_part(found.group(), found.start(), "一")]


@rule(r"[Nn][Oo]\.\s?(\d+)", "ordinal", needs=".")
def numero(found: re.Match[str]) -> Parts | None:
    """No.1 is 第一; No. 61876123 a number of a file."""
    if len(found[1]) > 4:
        parts = _grouped(found[1], found.start(1))
        if before(found, 3).rstrip(":： ").endswith("号"):
            return [replace(parts[0], start=found.start()), *parts[1:]]
        return [Part("编号", found.start(), found.start(1)), *parts]
    return [Part("第" + cardinal(found[1]), found.start(), found.end())]


ADDRESSES: tuple[Rule, ...] = (address, ip_version_6)
LETTERS: tuple[Rule, ...] = (mixed, user_name, numero, plate)
NUMBERS: tuple[Rule, ...] = (title, mixed, hexadecimal, mobile, hotline, landline, slang)
CODES: tuple[Rule, ...] = (version, Code(), serial)
