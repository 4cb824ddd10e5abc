"""Throws random and mutated strings at the front end: ``python -m tests.text.robustness --count 200000``.

For each: no exception but those that the contract names; tokens cover the string code point by code point, in order;
every letter, digit and hanzi of a token that is said lies under a syllable, what cannot be said has its notice, the
rest is silence by a rule that says so; every syllable has phones and lies inside its word, words in their utterance.
The time of long strings must grow with their length, not faster. The first failure is printed and ends the run.

Strings come in blocks of 10,000, each with a generator of its own: ``--begin`` goes on where a run was cut off, and
gives the strings that the whole run would have given.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from py_engine.errors import QingshengError
from py_engine.runtime.native import NativeRuntime
from py_engine.text import Analysis, Hints, ReaderModel, Source, analyse, read_source, to_phones

HERE = Path(__file__).parent
Model = Callable[[Source], Hints]
EXPECTED = frozenset({
    "text.empty", "text.too_long", "markup.malformed", "markup.unknown", "markup.value", "language.unsupported",
})  # fmt: skip
BLOCK = 10_000
# An entity of a sign that has no name is as silent as the sign
_INNER_MARKUP = re.compile(r"\{[^{}]*\}|<[^<>]*>|&(?:lt|gt|quot|apos);")
# Rules of tokens for which nothing is said
SILENT = frozenset({
    "pause", "space", "invisible", "mark-up", "sub", "topic", "sign.bracket", "math.bracket", "chemistry.sign",
    "layout.heading", "layout.quotation", "layout.item", "layout.link", "layout.sign", "layout.step",
})  # fmt: skip
FRAGMENTS = (
    "一不啊儿了过着的地得还行长重都为和只种干好看要发数教弹调朝藏传们子个点看看好不好银行重庆老虎五九",
    "0123456789", "0123456789.,:/-~%+ ", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ '-.",
    "，。！？；：、“”‘’（）《》【】…—～·", " \t\n\r\u3000\u00a0\u200b\ufeff", "年月日号时分秒元块℃°%‰¥$€£第点半",
    "ⅠⅡⅢⅣⅫ①②⑩½¾²³⁻π√≈≠≥×÷±∞", "😀👍🏽👨‍👩‍👧🇨🇳❤️1️⃣", "{}chong2 hao3\\", "<>&;/=\"'", "歡迎臺灣後面",
    "\ue000\ue001\ud800\udfff\x00\x07\U0010ffff", "ａｂｃ１２３％：", "\u0301\u0308\u202e\u064b", "𠮷㐂ㄅㄆかな한글àéç",
)  # fmt: skip
MARKUP = (
    "<speak>", "</speak>", "<p>", "</p>", "<s>", "</s>", '<break time="1s"/>', "<break/>", '<break strength="none"/>',
    '<prosody rate="slow" pitch="+2st">', "</prosody>", "<emphasis>", "</emphasis>", "</sub>",
    '<sub alias="世界。3个">',
    '<say-as interpret-as="telephone">', '<say-as interpret-as="date" format="ymd">', "</say-as>", '<mark name="a"/>',
    '<phoneme ph="chong2 qing4">', "</phoneme>", '<emotion name="happy">', "</emotion>", "<!-- x -->", "<![CDATA[好]]>",
    "&amp;", "&lt;", "&#22909;", '<lang xml:lang="en">', "</lang>", "重{chong2}庆", "{zhong4 qing4}",
)  # fmt: skip


def seeds() -> list[str]:
    """Written sides of the tables beside this file."""
    found = []
    for path in sorted(HERE.glob("*.tsv")):
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if not line.startswith("# ")]
        found += [row[1] if path.stem != "nemo_differences" else row[0] for row in rows if len(row) > 2]
    return found


class Strings:
    """Strings without end, the same for the same seed, from string number ``begin`` on."""

    def __init__(self, seed: int, begin: int = 0) -> None:
        self._seed = seed
        self._begin = begin
        self._random = random.Random()
        self._seeds = seeds()

    def __iter__(self) -> Iterator[str]:
        for block in count(self._begin // BLOCK):
            self._random.seed(f"{self._seed} {block}")
            skipped = self._begin - block * BLOCK
            for number in range(BLOCK):
                kind = self._random.choice((self._noise, self._mutated, self._joined, self._document, self._mixed))
                text = kind()
                if number >= skipped:
                    yield text

    def _noise(self) -> str:
        kinds = self._random.sample(FRAGMENTS, self._random.randint(1, 4))
        return "".join(self._random.choice(self._random.choice(kinds)) for _ in range(self._random.randint(0, 40)))

    def _mutated(self) -> str:
        chars = list(self._random.choice(self._seeds))
        for _ in range(self._random.randint(1, 4)):
            at = self._random.randint(0, len(chars))
            other = self._random.choice(self._random.choice(FRAGMENTS))
            action = self._random.randrange(4)
            if action == 0:
                chars.insert(at, other)
            elif action == 1:
                del chars[at : at + 1]
            elif action == 2:
                chars[at : at + 1] = [other]
            else:
                chars[at:at] = chars[max(0, at - 3) : at]
        return "".join(chars)

    def _mixed(self) -> str:
        """Chinese, English, numbers, emoji, mark-up and pinyin in braces by turns, a few characters of each."""
        pieces = []
        for _ in range(self._random.randint(1, 10)):
            if self._random.random() < 0.15:
                pieces.append(self._random.choice(MARKUP))
            else:
                kind = self._random.choice(FRAGMENTS)
                pieces.append("".join(self._random.choice(kind) for _ in range(self._random.randint(1, 6))))
        return "".join(pieces)

    def _joined(self) -> str:
        return "".join(self._random.choice(self._seeds) for _ in range(self._random.randint(2, 4)))

    def _document(self) -> str:
        pieces = [self._random.choice((*MARKUP, *self._random.sample(self._seeds, 3))) for _ in range(8)]
        inside = "".join(pieces[: self._random.randint(1, 8)])
        return f"<speak>{inside}</speak>" if self._random.random() < 0.8 else inside


def check(text: str, model: Model | None = None) -> str:
    """The code of the error that is due to the text, or empty; raises AssertionError where the contract is broken."""
    emoji = "name" if len(text) % 2 else "skip"
    languages = ("zh",) if len(text) % 5 == 0 else None
    try:
        hints = model and model(read_source(text, emoji=emoji, languages=languages))
        analysis = analyse(text, emoji=emoji, languages=languages, hints=hints)
    except QingshengError as error:
        if error.code not in EXPECTED:
            raise
        return error.code
    check_analysis(text, analysis)
    return ""


def check_analysis(text: str, analysis: Analysis) -> None:
    at = 0
    for token in analysis.tokens:
        assert token.start == at < token.stop, f"tokens leave {at} to {token.start} out"
        assert token.text == text[token.start : token.stop]
        at = token.stop
    assert at == len(text), f"tokens end at {at} of {len(text)}"
    assert all(0 <= one.start < one.stop <= len(text) for one in analysis.notices)
    check_accounts(text, analysis)
    previous = 0
    for utterance in analysis.utterances:
        assert 0 <= previous <= utterance.start < utterance.stop <= len(text)
        previous = utterance.start
        inside = utterance.start
        for word in utterance.words:
            assert inside <= word.start < word.stop <= utterance.stop, (word, utterance.start, utterance.stop)
            inside = word.start
            assert word.syllables
            for one in word.syllables:
                assert word.start <= one.start < one.stop <= word.stop
                assert 1 <= one.tone <= 5
        assert len(to_phones(utterance)) >= 3


def check_accounts(text: str, analysis: Analysis) -> None:
    """What a token says is under syllables, what is left out has a notice, and for the rest a rule asks for silence."""
    heard = bytearray(len(text))
    for utterance in analysis.utterances:
        for one in utterance.syllables:
            heard[one.start : one.stop] = b"\1" * (one.stop - one.start)
    # mark-up inside a token, as in a phoneme around 重{chong2}庆
    for found in _INNER_MARKUP.finditer(text):
        heard[found.start() : found.end()] = b"\1" * (found.end() - found.start())
    noticed = {(one.start, one.stop) for one in analysis.notices}
    for token in analysis.tokens:
        if token.rule == "unknown":
            assert (token.start, token.stop) in noticed, f"no notice for {token}"
        elif token.spoken:
            silent = [text[at] for at in range(token.start, token.stop) if not heard[at] and text[at].isalnum()]
            assert not silent, f"{silent} is not heard: {token}"
        else:
            assert token.rule in SILENT, f"nothing is said for {token}"


FACTOR = 8
# A ratio of times so many times the ratio of lengths is no longer noise
LINEAR = 2.5


def growth() -> list[tuple[str, float]]:
    """How many times longer a text that is `FACTOR` times longer takes, for texts that are hard in some way."""
    hard = (
        "好", "一", "1", "a", "A", "1-", "1:", "哈哈", "不", "九", "{", "<", "&", "3.", "2024年", "重{chong2}", "ab ",
        "😀", "http://a.", "a@", "1,000,", "$", "(", "”", "<p>",
    )  # fmt: skip
    report = []
    for piece in hard:
        short, long = (piece * (size // len(piece)) for size in (5000 // FACTOR - 1, 5000))
        times = []
        for text in (short, long):
            best = float("inf")
            for _ in range(3):
                began = time.process_time()
                check(text)
                best = min(best, time.process_time() - began)
            times.append(best)
        report.append((piece, times[1] / times[0]))
    return report


def loaded(folder: Path) -> Model:
    runner = asyncio.Runner()
    session = runner.run(NativeRuntime().load("reader", (folder / "reader.onnx").read_bytes()))
    reader = ReaderModel(json.loads((folder / "reader.json").read_text("utf-8")), session)
    return lambda source: runner.run(reader.hints(source))


def main() -> int:
    parser = argparse.ArgumentParser(description="Robustness of the front end.")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--begin", type=int, default=0, help="number of the first string (%(default)s)")
    parser.add_argument("--reader", type=Path, help="folder of a reader model, to read with its hints")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, strings {arguments.begin} to {arguments.begin + arguments.count}", flush=True)
    model = loaded(arguments.reader) if arguments.reader else None
    campaign(arguments.seed, arguments.begin, arguments.count, model)
    ratios = growth()
    for piece, ratio in ratios:
        print(f"  {FACTOR} times {piece!r}: {ratio:.1f} times as long")
    return int(max(ratio for _, ratio in ratios) > LINEAR * FACTOR)


def campaign(seed: int, begin: int, size: int, model: Model | None) -> None:
    outcomes: Counter[str] = Counter()
    characters = longest = 0
    began = time.process_time()
    for number, text in zip(range(begin, begin + size), Strings(seed, begin), strict=False):
        if number > begin and number % BLOCK == 0:
            print(f"{number} strings, {time.process_time() - began:.0f} s of processor time", flush=True)
        characters, longest = characters + len(text), max(longest, len(text))
        try:
            outcomes[check(text, model)] += 1
        except Exception as error:
            print(f"string {number} of seed {seed}: {text!r}\n{type(error).__name__}: {error}", file=sys.stderr)
            raise
    seconds = time.process_time() - began
    refused = {code: times for code, times in outcomes.items() if code}
    print(
        f"{size} strings, {characters} characters (at most {longest}), {seconds:.0f} s, no failure; "
        f"refused with a code: {refused}"
    )


if __name__ == "__main__":
    sys.exit(main())
