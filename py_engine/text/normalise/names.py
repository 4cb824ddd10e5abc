"""Names of digits, letters and signs that look like amounts: aircraft, standards, codecs, formations, dotted names."""

from __future__ import annotations

import re

from py_engine.text.normalise.identifiers import digits_part, spelt
from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import (
    DIGITS,
    Parts,
    Rule,
    after,
    before,
    digits,
    number_parts,
    rule,
    spell,
    words,
)
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping


@rule(
    r"(?:(?<=[图表例题式])|(?<=[图表例题式]\())(\d{1,2})([-.])(\d{1,2})(?![\d\-.%])", "code.figure", needs="图表例题式"
)
def figure(found: re.Match[str]) -> Parts | None:
    """图1-2: the second figure of the first chapter."""
    sign = Part("杠" if found[2] == "-" else "点", found.start(2), found.end(2))
    first, last = (Part(cardinal(found[group]), *found.span(group), "digits") for group in (1, 3))
    return [first, sign, last]


_OUT_OF = re.compile(
    r"((?<![A-Za-z])(?:retry|attempt|step|epoch|page|batch)|页码|楼层|集数|排名|名次)[:：]?\s?\Z"
    r"|(评分|得分|打分|评价|豆瓣|GPA|绩点)[:：为是]?\s?\Z"
)


@rule(r"(?<![\d./])(\d{1,4}(?:\.\d)?)(/)(\d{1,4}(?:\.0)?)(?![\d/]|\.\d)", "number.out_of", needs="/")
def out_of(found: re.Match[str]) -> Parts | None:
    """页码3/12: 三共十二; 评分4.9/5: 四点九满分五."""
    named = _OUT_OF.search(before(found, 6))
    rated = "." in found[1] and found[3] in ("5", "10")
    if named is None and not rated:
        return None
    whole = "满分" if rated or (named is not None and named[2]) else "共"
    first = number_parts(found[1], *found.span(1))
    return [*first, words(found, 2, whole), *number_parts(found[3], *found.span(3), after(found, 2))]


# 787-900元
_NO_AIRCRAFT = re.compile(
    r"\s?(?:[元块万千百亿~～.+×]|人(?!机)|[个名条只件套本张辆台米克斤吨分天年]|平方|之间|范围|左右|不等)|[$¥￥约]\Z"
)


@rule(r"(?<![\d.\-])(7[0-8]7)(-)([1-9]00|[89]|10)(?![\d.\-%])", "code.aircraft", needs="-")
def aircraft(found: re.Match[str]) -> Parts | None:
    """737-800, digit by digit, the dash silent, where no amount is meant."""
    if _NO_AIRCRAFT.match(after(found, 3)) or _NO_AIRCRAFT.search(before(found, 1)):
        return None
    version = cardinal(found[3]) if len(found[3]) == 2 else digit_string(found[3])
    return [digits_part(found[1], found.start()), Part(version, found.start(2), found.end(), "digits")]


@rule(r"(?<![\d.\-])7[0-8]7(?=[ -]?MAX|客机|飞机|机型|梦想|货机)", "code.aircraft", needs="M客飞机梦货")
def family(found: re.Match[str]) -> Parts | None:
    """737 MAX, 787客机."""
    return [digits_part(found.group(), found.start())]


_PLAYED = re.compile(r"(?:排出|摆出|摆|采用|使用|变阵|改打|改踢|主打|踢|阵型[为是:]?)了?\s?\Z")


@rule(r"(?<![\d.\-])(?:\d(?:-\d){2,3}(?![\d.\-])|\d{3,4}(?=阵型|阵容站位))", "sport.formation", needs="-阵")
def formation(found: re.Match[str]) -> Parts | None:
    """3-5-2阵型, digit by digit."""
    if not re.match("的?(?:阵|站位|战术|打法)", after(found, 3)) and not _PLAYED.search(before(found, 8)):
        return None
    return [Part(digit_string(found.group().replace("-", "")), *found.span(), "digits")]


@rule(
    r"(?<![A-Za-z])((?:GBZ?|GJB|HJ|YY|QB|JGJ|CJJ|SL|DL|NY|SN|ISO|IEC|EN)(?:/(?:TS|[TZIEC]{1,3}))?)[ -]?"
    r"([0-9]{2,6})((?:[.-]\d{1,2}(?!\d))*)(?:[-—–:](\d{4}))?(?![\d.])",
    "code.standard",
    needs=DIGITS,
)
def standard(found: re.Match[str]) -> Parts | None:
    """GB/T 18204.1-2013, ISO 9001:2015: letters by name, digits one by one."""
    if not found[4] and "/" not in found[1] and found[1] not in ("GB", "ISO", "IEC"):
        return None
    # 16 GB 3200 is a size
    if found[1] == "GB" and before(found, 2).strip()[-1:].isdigit():
        return None
    parts = spelt(found[1].replace("/", " "), found.start())
    parts.append(digits(found, 2, digit_string(found[2])))
    for piece in re.finditer(r"\d+", found[3]):
        at = found.start(3) + piece.start()
        parts += [Part("点", at - 1, at), Part(digit_string(piece.group()), at, at + len(piece.group()), "digits")]
    if found[4]:
        parts.append(Part("杠" + digit_string(found[4]), found.start(4) - 1, found.end(4), "digits"))
    return parts


@rule(r"(?<![A-Za-z0-9.])([GHXV])\.(\d{2,4})(?![\d.])", "code.codec", needs=".")
def codec(found: re.Match[str]) -> Parts | None:
    """H.264, G.711, X.509: recommendations of the ITU, digit by digit."""
    letter = spell(found[1], found.start(), mapping("letters.tsv"))
    point = Part("点", found.end(1), found.start(2))
    return [letter, point, digits(found, 2, digit_string(found[2]))]


@rule(
    r"(?<![\w.)\]])\.(?=[A-Za-z][A-Za-z0-9_])|(?<=[a-z0-9_)])\.(?=[a-z_]{2}|[A-Z][a-z]{1,20}[A-Z])"
    r"|(?<=[a-z]{2}|[A-Z]{2})\.(?=\d)",
    "file.dot",
    first=".",
)
def dot(found: re.Match[str]) -> Parts | None:
    """The dots of .env.example, .NET, np.array and beta.2."""
    return [Part("点", *found.span())]


@rule(
    r"\*(?=\s?[A-Z]{2}(?![A-Za-z]))|(?<=[A-Za-z] )\*(?= [A-Za-z])|\*(?=号?(?:表示|为必填|必填|标|处|代表|键))",
    "sign.star",
    first="*",
)
def star(found: re.Match[str]) -> Parts | None:
    """*ST of shares, SELECT * FROM, *表示必填项."""
    return [words(found, 0, "星号" if re.match("表|为|必|标|处|代|键", after(found, 1)) else "星")]


@rule(r"(?<![\d.\-])(360|480|540|720|1080|1440|2160)(?=[pP](?![A-Za-z0-9]))", "number.lines", needs="pP")
def lines(found: re.Match[str]) -> Parts | None:
    """1080P, digit by digit."""
    return [digits_part(found.group(), found.start(), "一")]


@rule(
    r"(?:(?<=\n)|\A|(?<=回复)|(?<=[@^]))(\d{1,4})([LlFf])(?=:|\s?[\d一二三四五六七八九十]{1,3}楼)",
    "code.floor",
    needs="LlFf",
)
def floor(found: re.Match[str]) -> Parts | None:
    """2L at the head of a line, 回复3L: the floors of a forum or a house."""
    return [words(found, 1, cardinal(found[1])), words(found, 2, "楼")]


_IN_HOUSE = re.compile(
    r"(?:商场|大厦|广场|百货|中心|写字楼|天街|[万吾]达|城|家住|我住|上到|乘电梯到?|楼主|楼主[和跟与]|同意|回复|支持|赞同|谢谢|感谢|沙发[,、])\s?\Z"
)
_ON_FLOOR = re.compile(
    "说|正解|板凳|地板|楼主|的?(?:兄弟|哥们|老哥|大佬|朋友|那位|同学|层主)|你[说是]|是对的|是正解|有|亲子|餐饮|女装|男装|童装|服务台|卫生间|母婴室|电梯|专柜|店|层|的店|影院"
)


@rule(r"(?<![\d.])([1-9]\d?)(L)(?![A-Za-z0-9])", "code.floor", needs="L")
def floor_of_house(found: re.Match[str]) -> Parts | None:
    """商场2L, 3L亲子区, 2L说得对; but 装2L."""
    if after(found, 3).startswith(("装", "的水", "的油", "容量")):
        return None
    if not _IN_HOUSE.search(before(found, 5)) and not _ON_FLOOR.match(after(found, 3)):
        return None
    return [words(found, 1, cardinal(found[1])), words(found, 2, "楼")]


@rule(r"(?<![\d.\-])\d{3,4}(?=[B-FHQRSUXYZ](?![A-Za-z0-9]))", "code.dive", needs="BCDEFHQRSUXYZ")
def lettered(found: re.Match[str]) -> Parts | None:
    """The 407 of the dive 407C: digits before a letter that is no unit."""
    return [digits_part(found.group(), found.start(), "一")]


@rule(
    r"(?<![\d./])(\d{1,3})/(\d{1,3})(?:\s?([kM]?Hz|kg)|(?=[ABCY](?![A-Za-z])|(?:系列|代|款|英寸|寸|码|号线|年级|级|班|机型)(?!\d)))",
    "number.either",
    needs="/",
)
def either(found: re.Match[str]) -> Parts | None:
    """小米13/14系列, 50/60Hz: one or the other; 165/55kg, 165/88A; but 1/4英寸, 1/2kg."""
    if found[3] == "kg" and 100 <= int(found[1]) < 200:
        # the stroke divides them
        return [words(found, 1, cardinal(found[1]))]
    of_body = found[3] == "kg" or after(found, 1) in ("A", "B", "C", "Y")
    if of_body and not int(found[2]) < int(found[1]) < 200:
        return None
    if after(found, 2).startswith(("寸", "英寸")) and min(int(found[1]), int(found[2])) < 10:
        return None
    unit = [words(found, 3, mapping("units.tsv")[found[3]])] if found[3] else []
    return [words(found, 1, cardinal(found[1])), words(found, 2, cardinal(found[2])), *unit]


@rule(r"<(?=[A-Za-z][A-Za-z_\- ]{0,20}>)|(?<=[A-Za-z])>", "sign.bracket", first="<>")
def bracket(found: re.Match[str]) -> Parts | None:
    """The silent signs of <token>."""
    if found.group() == ">" and not re.search(r"(?<![A-Za-z0-9])<[A-Za-z][A-Za-z_\- ]{0,20}\Z", before(found, 23)):
        return None
    return None if before(found, 1).isalnum() and found.group() == "<" else [Part("", *found.span())]


@rule(r"\\(?=[A-Za-z.*+?$^()\[\]{}|])", "sign.backslash", first="\\")
def backslash(found: re.Match[str]) -> Parts | None:
    r"""\d of a regular expression, C:\Users."""
    return [Part("反斜杠", *found.span())]


@rule(r"(?<=[\u4e00-\u9fff→])\+(?=\d)", "sign.plus", first="+")
def added(found: re.Match[str]) -> Parts | None:
    """主摄+1200万, 攻击力+85→+90; but 涨幅为+3%, 显+2价."""
    valence = re.match(r"\d价", after(found, 2))
    return None if valence or before(found, 1) in tuple("为是达约在温幅率差值比") else [words(found, 0, "加")]


@rule(r"(?<=\()\+(\d{1,5})/(?=[\u4e00-\u9fff])", "number.plus", first="+")
def for_each(found: re.Match[str]) -> Parts | None:
    """280(+140/级)."""
    number = number_parts(found[1], *found.span(1))
    return [Part("加", found.start(), found.start(1)), *number, Part("每", found.end() - 1, found.end())]


@rule(r"(?<=区间)(\[)(-?\d{1,6}),\s?(-?\d{1,6})([\])])", "math.interval", first="[")
def interval(found: re.Match[str]) -> Parts | None:
    """在区间[0,3]上."""
    first, last = (number_parts(found[group], *found.span(group)) for group in (2, 3))
    opened = Part("", *found.span(1))
    return [opened, *first, Part("到", found.end(2), found.start(3)), *last, Part("", *found.span(4))]


@rule(
    r"(?=[^\])\n]{1,24}∞)([\[(])([-−]?)(∞|\d{1,6}(?:\.\d{1,4})?|[a-z]),\s?([+\-−]?)(∞|\d{1,6}(?:\.\d{1,4})?|[a-z])([\])])",
    "math.interval",
    first="([",
    needs="∞",
)
def unbounded(found: re.Match[str]) -> Parts | None:
    """(-∞,1], [1,+∞)."""
    if "∞" not in (found[3], found[5]):
        return None
    said: Parts = [Part("", *found.span(1))]
    for sign, group in ((2, 3), (4, 5)):
        start, stop = found.start(sign), found.end(group)
        if found[group] == "∞":
            said.append(Part("负无穷" if found[sign] in ("-", "−") else "正无穷", start, stop))
        elif found[group].isalpha():
            said.append(spell(found[group], found.start(group), mapping("letters.tsv")))
        else:
            said += number_parts(found[sign] + found[group], start, stop)
        if group == 3:
            said.append(Part("到", stop, found.start(4)))
    return [*said, Part("", *found.span(6))]


@rule(r"(?<![\d.\-])\d{4}-0\d{2}(?![\d.\-])", "code.serial", needs="-")
def numbered(found: re.Match[str]) -> Parts | None:
    """公告编号:2024-015."""
    return spelt(found.group(), found.start())


@rule(r"\+(\d{1,6})(?=积分|经验|金币|分(?!之)|点|人气|活跃)", "number.plus", first="+")
def gained(found: re.Match[str]) -> Parts | None:
    """+100积分 on a line of its own."""
    if before(found, 1).strip():
        return None
    return [Part("加", found.start(), found.start(1)), *number_parts(found[1], *found.span(1), after(found, 2))]


@rule(r"(?<![A-Za-z])ZL ?(\d{12,13})\.(\d|X)(?!\d)", "code.patent", needs="Z")
def patent(found: re.Match[str]) -> Parts | None:
    """ZL202310123456.7, digit by digit."""
    return spelt(found.group(), found.start())


@rule(r"(?<!\d)\d{4}(?: \d{4}){2,4}(?: \d{1,4})?(?!\d)", "code.account", needs=" ")
def account(found: re.Match[str]) -> Parts | None:
    """6222 0200 1234 5678 901: groups of a card, digit by digit."""
    return [digits_part(one.group(), found.start() + one.start()) for one in re.finditer(r"\d+", found.group())]


_SHORTENED = re.compile(
    r"(?<![A-Za-z])(?:[Ll]v|[Vv]ol|[Vv]er|[Cc]h|[Ff]ig|[Ss]ec|[Ee]q|[Ee]p|LV|EP|VOL|pp?|[Oo]p|K|BWV|[Nn]o|[Aa]rt|Nr)\.\Z"
)
_ABBREVIATED = re.compile(
    r"(?<![A-Za-z])(?:al|etc|vs|cf|e\.g|i\.e|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|St|[Jj]r|[Ee]d|Inc|Ltd|Corp)\.\Z"
)


@rule(r"\.(?=\s?\d|\s?[,)A-Za-z\u4e00-\u9fff])", "sign.bracket", first=".")
def shortened(found: re.Match[str]) -> Parts | None:
    """The silent dot of Lv.6, Vol.3, et al.,"""
    pattern = _SHORTENED if after(found, 2).lstrip()[:1].isdigit() else _ABBREVIATED
    return [Part("", *found.span())] if pattern.search(before(found, 5) + ".") else None


@rule(r"(?<![A-Za-z])([a-z]):(?=[a-z](?![A-Za-z0-9]))", "ratio", needs=":")
def ratio(found: re.Match[str]) -> Parts | None:
    """a∶b."""
    return [spell(found[1], found.start(), mapping("letters.tsv")), Part("比", found.end(1), found.end())]


@rule(r"\+1(?=[\s,.!~;。]|\Z)", "number.plus_one", first="+")
def plus_one(found: re.Match[str]) -> Parts | None:
    """+1 under somebody's words, 小林:+1."""
    if before(found, 2).strip(" ")[-1:].strip(":"):
        return None
    return [Part("加", *found.span()), Part("一", found.end() - 1, found.end(), "digits")]


DIGIT_NAMES: tuple[Rule, ...] = (
    account,
    numbered,
    floor,
    floor_of_house,
    figure,
    out_of,
    aircraft,
    family,
    formation,
    lines,
    lettered,
    either,
)
LETTER_NAMES: tuple[Rule, ...] = (patent, standard, codec, ratio)
SIGNS: tuple[Rule, ...] = (
    shortened,
    dot,
    star,
    bracket,
    backslash,
    for_each,
    interval,
    unbounded,
    gained,
    added,
    plus_one,
)
