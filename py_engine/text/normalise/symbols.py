"""Signs: of mathematics, names of single signs, superscripts, circled numbers."""

from __future__ import annotations

import re
import unicodedata

from py_engine.text.normalise.amounts import vulgar
from py_engine.text.normalise.numbers import cardinal
from py_engine.text.normalise.speech import DIGITS, Parts, Rule, after, before, rule, words
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWERS = {"2": "的平方"}
_ENDS = frozenset("年月日号时点分秒元天万亿周%℃人个米°块岁")


def _power(digits: str) -> str:
    negative = "负" if digits.startswith("-") else ""
    return f"的{negative}{cardinal(digits.lstrip('-'))}次方"


@rule(r"([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", "math.power", first="⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
def superscript(found: re.Match[str]) -> Parts | None:
    """2³ is 二的三次方, x² X的平方; elsewhere (a foot note) the number."""
    value = found[1].translate(_SUPERSCRIPTS)
    if not value.lstrip("-").isdigit():
        return None
    left = before(found, 1)
    if before(found, 3).endswith("sp"):
        # orbitals
        return [Part(cardinal(value), *found.span())]
    of_quantity = left >= "\u4e00" and _FORMULA.search(before(found, 24) + after(found, 8))
    if (left.isalnum() and left < "\u0080") or left == ")" or "α" <= left <= "ω" or of_quantity:
        return [Part(_POWERS.get(value, _power(value)), found.start(), found.end())]
    return [Part(cardinal(value.lstrip("-")), found.start(), found.end())]


@rule(r"([²³⁴-⁹]?)([⁺⁻])(?![⁰¹²³⁴⁵⁶⁷⁸⁹])", "chemistry.charge", first="²³⁴⁵⁶⁷⁸⁹⁺⁻")
def charge(found: re.Match[str]) -> Parts | None:
    """Ca²⁺: 二正."""
    number = cardinal(found[1].translate(_SUPERSCRIPTS)) if found[1] else ""
    return [Part(number + ("正" if found[2] == "⁺" else "负"), found.start(), found.end())]


@rule(r"\^(-?\d{1,6})", "math.power", first="^")
def caret(found: re.Match[str]) -> Parts | None:
    """10^6 is 十的六次方."""
    left = before(found, 1)
    if not (left == ")" or (left.isalnum() and left < "\u0080")):
        return None
    return [Part(_POWERS.get(found[1], _power(found[1])), found.start(), found.end())]


# A variable of a formula, or the number before it; words of several letters are none
_VARIABLE = r"(?:\d{0,3}[A-Za-z]|\d{1,4})"
_FORMULA = re.compile("[=<>≤≥≠≈|²³⁴√+×÷^]")


@rule(rf"[-−](?=[(π√α-ω]|{_VARIABLE}(?![A-Za-z]))", "math.minus", first="-−")
def minus(found: re.Match[str]) -> Parts | None:
    """The minus of x-y=2, of x=-b and of 5-(-3)."""
    left = before(found, 12)
    right = after(found, 12)
    if right[:1] not in tuple("π√") and not _FORMULA.search(left + right):
        return None
    if re.search(r"[=<>≤≥≠≈(|,_:]\s?\Z|\A\Z", left):
        return [Part("负", found.start(), found.end())]
    single = re.search(r"(?<![A-Za-z])\d{0,3}[A-Za-z]\s?\Z|[)²³⁴]\s?\Z", left)
    enclosed = after(found, 1) == "(" and left[-1:].isdigit()
    return [Part("减", found.start(), found.end())] if single or enclosed else None


@rule(rf"/(?={_VARIABLE}(?![A-Za-z]))", "math.over", first="/")
def over(found: re.Match[str]) -> Parts | None:
    """b/2a in a formula is b除以2a."""
    left = before(found, 12)
    single = re.search(r"(?<![A-Za-zμ])\d{0,3}[A-Za-z]\Z|\)\Z", left)
    of_function = re.search(r"(?<![A-Za-z])(?:sin|cos|tan|ln|lg)[a-z]\Z", left)
    return [Part("除以", found.start(), found.end())] if of_function or (single and _FORMULA.search(left)) else None


@rule(r"∠(\d{1,2})(?!\d)", "math.angle", first="∠")
def angle(found: re.Match[str]) -> Parts | None:
    """∠1: a name, whose 一 keeps its tone."""
    name = Part(cardinal(found[1]), *found.span(1), "digits")
    return [Part("角", found.start(), found.start(1)), name]


_UNIT_BELOW = "km|L|mL|ml|m³|μL|kg|g|s|h|min|cm²|m²"


@rule(rf"/({_UNIT_BELOW})(?![A-Za-z])", "measure.per", first="/")
def per_unit(found: re.Match[str]) -> Parts | None:
    """The litre of 12.5×10^9/L."""
    if not re.search(r"\^-?\d{1,2}\Z|[⁰¹²³⁴⁵⁶⁷⁸⁹″\"]\Z", before(found, 4)):
        return None
    return [Part("每" + mapping("units.tsv")[found[1]], *found.span())]


@rule(r"[₀₁₂₃₄₅₆₇₈₉]{2}(?![₀₁₂₃₄₅₆₇₈₉])", "chemistry.count", first="₀₁₂₃₄₅₆₇₈₉")
def subscript(found: re.Match[str]) -> Parts | None:
    """The 12 of C₆H₁₂O₆."""
    value = "".join([str(unicodedata.digit(char)) for char in found.group()])
    return [Part(cardinal(value), *found.span())]


_ROW = re.compile(r"(?:\n|\A)[ \t]*\|[^\n=<>≤≥≠+]{2,80}\Z")
_CELLS = re.compile(r"[^|\n]*\|[^|\n=<>≤≥≠+]+\|")


@rule(r"\|(?=[+\-−]?[A-Za-z\d][A-Za-z\d+\-−]{0,11}\|)", "math.absolute", first="|")
def absolute(found: re.Match[str]) -> Parts | None:
    """|x-3|: 绝对值 before it; |28|男| is a row of a table."""
    left = before(found, 80)
    if (left[-1:].isalnum() and left[-1] < "\u0080") or _ROW.search(left) or _CELLS.match(after(found, 80)):
        return None
    return [Part("绝对值", found.start(), found.end())]


@rule(r"(?<=\d)(?:……|…|\.{3,6})(?=\d)", "math.remainder", first="….")
def remainder(found: re.Match[str]) -> Parts | None:
    """65÷8=8……1 is 余一."""
    return [Part("余", found.start(), found.end())] if "÷" in before(found, 12) else None


# (-2) of (-2)³, of ÷(1/2) and of (-3)+5: what has one value needs no pause around it
_ENCLOSED = r"[-−+]?√?[0-9]{1,6}(?:[./][0-9]{1,6})?"
_OPERATED_AFTER = re.compile(r"\s?[²³⁴-⁹ⁿ^×÷+=(*]|\s?[-−/](?=[\d(√])")
_OPERATED_BEFORE = re.compile(r"[×÷+√*=(]\s?\Z|[\d)²³]\s?[-−/]\s?\Z")


@rule(r"(?<=[-+−×÷=*√·])\((?=\s?[-−+]?\d{0,3}[a-zπ√\d][^()]{1,24}\))", "math.bracket", first="(", needs="-+−×÷=*√·")
def opened_after(found: re.Match[str]) -> Parts | None:
    """The ( of a²+(y+2)²: no pause behind a sign, one at the )."""
    return [Part("", *found.span())] if before(found, 9)[:-1].strip() else None


@rule(r"[{}]", "math.bracket", first="{}")
def braced(found: re.Match[str]) -> Parts | None:
    """The braces of 数列{an}."""
    whole = before(found, 5) + found.group() + after(found, 5)
    return [Part("", *found.span())] if re.search(r"\{[a-z]_?n\}", whole) else None


@rule(rf"\((?={_ENCLOSED}\))", "math.bracket", first="(", needs=DIGITS)
def opened(found: re.Match[str]) -> Parts | None:
    """The ( of (-2)³."""
    closed = found.string.index(")", found.end())
    behind = found.string[closed + 1 : closed + 4]
    if not _OPERATED_AFTER.match(behind) and not _OPERATED_BEFORE.search(before(found, 4)):
        return None
    return [Part("", *found.span())]


_OPENED = re.compile(rf"\({_ENCLOSED}\Z", re.ASCII)


@rule(r"(?<=[0-9])\)", "math.bracket", first=")", needs=DIGITS)
def closed(found: re.Match[str]) -> Parts | None:
    """The ) of (-2)³."""
    left = before(found, 20)
    enclosed = _OPENED.search(left)
    if enclosed is None:
        return None
    operated = _OPERATED_AFTER.match(after(found, 3)) or _OPERATED_BEFORE.search(left[: enclosed.start()])
    return [Part("", *found.span())] if operated else None


# (a+b)², (x-1)³: two terms and what is made of both
_TERM = r"(?:\d{0,3}[A-Za-zα-ω][₀-₉]?|\d{1,4}|\d{0,3}[a-z]{1,2}[²³]?)"
_RAISED = r"(?:[²³⁴-⁹ⁿ]|\^-?\d)"
_SUM_OF_TWO = re.compile(rf"\({_TERM}\s?([+\-−])\s?{_TERM}\Z", re.ASCII)


@rule(rf"\((?={_TERM}\s?[+\-−]\s?{_TERM}\){_RAISED})", "math.bracket", first="(", needs="+-−")
def opened_sum(found: re.Match[str]) -> Parts | None:
    """The ( of (a+b)²."""
    return [Part("", *found.span())]


@rule(rf"\)(?={_RAISED})", "math.bracket", first=")", needs="²³⁴⁵⁶⁷⁸⁹ⁿ^")
def closed_sum(found: re.Match[str]) -> Parts | None:
    """The ) of (a+b)² is 的和, as in class."""
    enclosed = _SUM_OF_TWO.search(before(found, 16))
    return [words(found, 0, "的和" if enclosed[1] == "+" else "的差")] if enclosed else None


@rule("χ[²2]", "math.name", first="χ")
def chi_squared(found: re.Match[str]) -> Parts | None:
    """χ²=5.12 of statistics."""
    return [words(found, 0, "卡方")]


@rule("[×✕○]{2,12}", "sign.masked", first="×✕○")
def masked(found: re.Match[str]) -> Parts | None:
    """××公司, a name that is not told; of figures that are not shown 叉."""
    beside = before(found, 1) + after(found, 1)
    if re.search("[\\dA-Za-z]", before(found, 1)) or not beside:
        return [Part("叉" * len(found.group()), *found.span())]
    return [Part("某某", *found.span())]


# 应纳税额=收入总额-免税收入
_WORDED = re.compile("[\u4e00-\u9fff)]=[\u4e00-\u9fff(][^,。;!?\\n]{0,60}\\Z")


@rule("(?<=[\u4e00-\u9fff)])[-−](?=[\u4e00-\u9fff(])", "math.minus", first="-−")
def less(found: re.Match[str]) -> Parts | None:
    """The minus of a formula in words."""
    return [words(found, 0, "减")] if _WORDED.search(before(found, 70)) else None


@rule("(?<=[打画填“\"‘'])[√✓✔×✗✘](?=[”\"’',，。;；)）\\s]|\\Z)", "sign.mark", first="√✓✔×✗✘")
def ticked(found: re.Match[str]) -> Parts | None:
    """对的打“√”，错的打“×”."""
    return [words(found, 0, "对勾" if found.group() in "√✓✔" else "叉")]


@rule(r"(?<=[)a-z²³])·(?=[(a-z])", "math.times", first="·")
def dotted(found: re.Match[str]) -> Parts | None:
    """(3x²y)·(-2xy³)."""
    return [words(found, 0, "乘")] if _FORMULA.search(before(found, 12) + after(found, 12)) else None


@rule("&&|\\|\\|", "sign", first="&|")
def joined(found: re.Match[str]) -> Parts | None:
    """make && ./run.sh; || between words of a programme."""
    if not re.search(r"[A-Za-z0-9)\]]\s?\Z", before(found, 2)) or not re.match(r"\s?[A-Za-z0-9(.!]", after(found, 2)):
        return None
    return [words(found, 0, "并且" if found.group() == "&&" else "或者")]


# Cu(OH)₂, Al₂(SO₄)₃
_GROUP = r"[A-Z][A-Za-z₀-₉]{1,6}"


@rule(
    rf"(?<=[A-Za-z₀-₉])\((?={_GROUP}\)[₀-₉])|(?<=[A-Za-z₀-₉])\)(?=[₀-₉])",
    "math.bracket",
    first="()",
    needs="₀₁₂₃₄₅₆₇₈₉",
)
def of_group(found: re.Match[str]) -> Parts | None:
    """The brackets of Cu(OH)₂."""
    if found.group() == ")" and not re.search(rf"[A-Za-z₀-₉]\({_GROUP}\Z", before(found, 10)):
        return None
    return [Part("", *found.span())]


@rule(r"(?<=[A-Z]{2})%(?=\s?\d)", "percentage.name", first="%", needs="ABCDEFGHIJKLMNOPQRSTUVWXYZ")
def share(found: re.Match[str]) -> Parts | None:
    """NEUT% 88.6%, a share among findings."""
    return [words(found, 0, "百分比")]


NUMBER_SIGN = "number sign"


class NumberSign:
    """①, ⑾, ㈠, ½: the number that the sign stands for."""

    name, needs = NUMBER_SIGN, ""

    def begins(self, char: str) -> bool:
        return unicodedata.category(char) == "No"

    def match(self, text: str, at: int) -> Parts | None:
        char = text[at]
        if char < "\u00b2" or not self.begins(char):
            return None
        if "⁄" in unicodedata.normalize("NFKC", char):
            return [Part(vulgar(char), at, at + 1)]
        value = unicodedata.numeric(char, -1.0)
        return [Part(cardinal(str(int(value))), at, at + 1, "digits")] if value >= 0 and value == int(value) else None


@rule("[→↑↓]", "chemistry.sign", first="→↑↓")
def reaction(found: re.Match[str]) -> Parts | None:
    """2H₂+O₂→2H₂O; the arrows of a gas and of what settles are silent; 上升, 下降 elsewhere (↓3.5%)."""
    left, right = before(found, 16), after(found, 8)
    formula = re.search(r"[₀-₉A-Za-z]\s?\Z", left) and re.search("[₀-₉]", left + right)
    if found.group() == "→":
        return [words(found, 0, "生成")] if formula else None
    if formula and (re.search("[=→]", left) or re.search(r"[₀-₉]\s?\Z", left)):
        return [words(found, 0, "")]
    return (
        [words(found, 0, "上升" if found.group() == "↑" else "下降")]
        if re.search(r"[\d%A-Za-z]|^\(\)$", left[-1:] + right[:1])
        else None
    )


# #今日话题#: what is between the signs, near enough and with hanzi
_TOPIC = "[^#\\s,。;]{0,30}[\u4e00-\u9fff][^#\\s,。;]{0,30}"
_BEFORE_TOPIC, _AFTER_TOPIC = re.compile(f"(?<![A-Za-z0-9])#{_TOPIC}#"), re.compile(f"(?<![A-Za-z0-9])#{_TOPIC}\\Z")


@rule("#", "topic", first="#")
def topic(found: re.Match[str]) -> Parts | None:
    """The signs around a topic are not said."""
    if not _BEFORE_TOPIC.match(found.string, found.start()) and not _AFTER_TOPIC.search(before(found, 62)):
        return None
    return [Part("", found.start(), found.end())]


class Sign:
    """Signs with a name: + = & @ ..."""

    name, needs = "sign", ""

    def begins(self, char: str) -> bool:
        return char in mapping("signs.tsv")

    def match(self, text: str, at: int) -> Parts | None:
        spoken = mapping("signs.tsv").get(text[at])
        if spoken is None:
            return None
        if text[at] in "-−–~—":
            return self._between_numbers(text, at, spoken)
        if text[at] == "#" and (text[at + 1 : at + 2] == "号" or re.match("[A-Za-z]", text[max(0, at - 1) : at])):
            return [Part("井", at, at + 1)]
        if text[at] == "#" and at and text[at - 1].isdigit():
            return [Part("号", at, at + 1)]
        return [Part(spoken, at, at + 1)]

    def _between_numbers(self, text: str, at: int, spoken: str) -> Parts | None:
        """Between amounts that no rule took together (8:30-17:00, 3日-5日): 到; in a sum: 减."""
        left, right = text[max(0, at - 2) : at].rstrip()[-1:], text[at + 1 : at + 3].lstrip()[:1]
        signed = text[at] == "~" and right in "-−" and text[at + 2 : at + 3].isdigit()
        if left and left in "⁰¹²³⁴⁵⁶⁷⁸⁹" and right.isalnum() and right < "\u0080" and text[at] != "~":
            return [Part("减", at, at + 1)]
        if not (right.isdigit() or signed) or not (left.isdigit() or left in _ENDS):
            return None
        return [Part(spoken if "=" in text[at : at + 12] else "到", at, at + 1)]


RULES: tuple[Rule, ...] = (
    chi_squared,
    masked,
    share,
    ticked,
    dotted,
    joined,
    of_group,
    less,
    opened_sum,
    closed_sum,
    opened,
    opened_after,
    braced,
    closed,
    remainder,
    subscript,
    absolute,
    minus,
    angle,
    per_unit,
    over,
    charge,
    superscript,
    caret,
    reaction,
    NumberSign(),
    topic,
    Sign(),
)
