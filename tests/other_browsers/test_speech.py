"""The real page with the released voice in Firefox and WebKit; skipped where they are not installed (`browsers`)."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from scripts.paths import DIST
from tests.server.running import first_line, run_server

from .browsers import BROWSERS, RATE, Sink, lacking, sink
from .material import assert_speech, block_times, level, pitches, write_book
from .webdriver import Page

TEXT = "今天天气真好，我们一起去公园散步吧。"
SYLLABLES = 16
READY = "return document.body.dataset.app === 'ready'"
FAILURE = "const panel = document.querySelector('#failure'); return panel && !panel.hidden ? panel.innerText : ''"
NOW = """
return [document.body.dataset.app, document.querySelector("#reading-text mark")?.textContent ?? ""]
"""
LINES = """
const text = document.querySelector("#reading-text");
const boxes = [...text.querySelectorAll("ruby")].map((ruby) => ruby.getBoundingClientRect());
return [text.getBoundingClientRect().right, boxes.map(({ top, right }) => [top, right])];
"""
SPEAK_TWICE = """
const [text] = args;
const { Qingsheng } = await import(new URL("qingsheng.js", document.baseURI).href);
const tts = await Qingsheng.load();
const said = async () => {
  let words = "", samples = 0, power = 0;
  for await (const chunk of tts.stream(text)) {
    words += chunk.words.map(({ text }) => text).join("");
    samples += chunk.samples.length;
    for (const sample of chunk.samples) power += sample * sample;
  }
  return { words, samples, power };
};
try {
  // Waits for the models of the front end, with which a text is said otherwise.
  await tts.infer(text);
  return [await said(), await said()];
} finally {
  await tts.dispose();
}
"""
SPEAK = """
const [text] = args;
const { Qingsheng } = await import(new URL("qingsheng.js", document.baseURI).href);
const tts = await Qingsheng.load();
try {
  const parts = [], words = [];
  let rate = 0;
  for await (const chunk of tts.stream(text)) {
    parts.push(new Uint8Array(chunk.samples.buffer));
    words.push(...chunk.words.map(({ text }) => text));
    rate = chunk.sampleRate;
  }
  const wire = parts.map((part) => btoa(Array.from(part, (byte) => String.fromCharCode(byte)).join("")));
  return { rate, words, parts: wire };
} finally {
  await tts.dispose();
}
"""


# Files that the page makes are kept for the test as they are handed out.
KEEP_FILES = """
window.made = [];
const plain = URL.createObjectURL.bind(URL);
URL.createObjectURL = (blob) => { window.made.push(blob); return plain(blob); };
"""
MADE = """
const bytes = new Uint8Array(await window.made.pop().arrayBuffer());
return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
"""
WRITE = """
document.querySelector("#view-write").click();
const field = document.querySelector("#text");
field.value = arguments[0];
field.dispatchEvent(new Event("input", { bubbles: true }));
"""
CHOOSE = """
const [place, value] = arguments;
const field = document.querySelector(place);
field.value = value;
field.dispatchEvent(new Event("change", { bubbles: true }));
"""
QUIET = """
STYLE = {"id": "quiet", "name": "轻", "description": "轻", "version": "1"}
name = STYLE["name"]


def describe():
    return STYLE["description"]


def apply(prosody, context):
    prosody.decibels -= 12
    return prosody
"""
# Most of what a page does is the same in both, and is looked at once.
once = pytest.mark.parametrize("place", ["isolated"], indirect=True)


@dataclass(frozen=True)
class Place:
    """A browser's page, and whether the server isolates it."""

    page: Page
    isolated: bool
    sink: Sink | None
    server: subprocess.Popen[str]
    url: str


@pytest.fixture(scope="module", params=list(BROWSERS))
def browser(request: pytest.FixtureRequest) -> Iterator[tuple[Page, Sink | None]]:
    name = request.param
    if missing := lacking(name):
        pytest.skip(f"{name} cannot run here: no {missing}")
    if not (DIST / "build.json").exists():
        pytest.skip("the site was not built")
    with sink() as found, BROWSERS[name](found.environment if found else {}) as page:
        yield page, found


@pytest.fixture(scope="module", params=["isolated", "plain"])
def place(request: pytest.FixtureRequest, browser: tuple[Page, Sink | None]) -> Iterator[Place]:
    page, own = browser
    isolated = request.param == "isolated"
    with run_server("--port", "0", "--dist", str(DIST), *(() if isolated else ("--no-isolation",))) as server:
        found = re.search(r"http://\S+", first_line(server))
        assert found, "the server printed no address"
        page.go(found.group())
        page.until(READY, 120)
        yield Place(page, isolated, own, server, found.group())


def test_the_engine_makes_speech(place: Place) -> None:
    spoken = place.page.awaited(SPEAK, TEXT)
    samples = np.concatenate([np.frombuffer(base64.b64decode(part), np.float32) for part in spoken["parts"]])
    rate = spoken["rate"]
    assert "".join(spoken["words"]) == re.sub(r"\W", "", TEXT)
    assert 0.12 * SYLLABLES < len(samples) / rate < 0.5 * SYLLABLES
    assert_speech(samples, rate)


def test_a_long_text_is_the_same_with_a_second_thread_of_models(place: Place) -> None:
    """The thread starts while the text is made for the first time, where the page has threads."""
    one, other = place.page.awaited(SPEAK_TWICE, TEXT * 24)
    assert one["words"] == re.sub(r"\W", "", TEXT * 24)
    assert other.pop("words") == one.pop("words")
    assert other == pytest.approx(one, rel=1e-3)


def test_the_page_is_isolated_as_its_headers_say(place: Place) -> None:
    assert place.page.run("return crossOriginIsolated") is place.isolated


def test_a_person_hears_the_words_that_are_marked(place: Place) -> None:
    if place.sink is None:
        pytest.skip("browsers without a sound device hold their sound back, and here is no PulseAudio")
    page = place.page
    marked: list[str] = []
    with place.sink.recorded() as heard:
        page.click("#speak")
        end = time.monotonic() + 40
        while time.monotonic() < end:
            state, now = page.run(NOW)
            if now and marked[-1:] != [now]:
                marked.append(now)
            if marked and state == "ready":
                break
            time.sleep(0.05)
    assert page.run(FAILURE) == ""
    assert page.run(READY), "it did not come to its end"
    assert len(marked) > 5, marked
    loud = np.flatnonzero(np.abs(heard[0]) > 0.01)
    assert_speech(heard[0][loud[0] : loud[-1]], RATE)


def test_the_text_with_pinyin_is_broken_into_lines(place: Place) -> None:
    """Firefox breaks no line beside a ruby inside ``nowrap``."""
    page = place.page
    page.click("#view-read")
    page.until("return document.querySelectorAll('#reading-text ruby').length > 20", 20)
    edge, boxes = page.run(LINES)
    assert max(right for _, right in boxes) <= edge + 1
    assert len({round(top) for top, _ in boxes}) > 1


@once
def test_a_word_is_picked_by_keyboard(place: Place) -> None:
    page = place.page
    picked = "return document.querySelector('#correction:popover-open h2')?.textContent ?? ''"
    page.click("#view-read")
    page.until("return document.querySelector('#reading-text ruby')", 20)
    page.click("#reading-text ruby")
    first = page.until(picked, 5)
    page.press("Escape")
    page.until("return !document.querySelector('#correction:popover-open')", 5)
    page.press("ArrowRight")
    page.press("Enter")
    assert page.until(picked, 5) != first
    page.press("Escape")


@once
def test_voice_and_style_change_in_mid_speech(place: Place, tmp_path: Path) -> None:
    if place.sink is None:
        pytest.skip("nothing can be recorded here")
    page = place.page
    style = tmp_path / "quiet.py"
    style.write_text(QUIET, "utf-8")
    page.run(WRITE, "今天天气真好，我们去公园。风轻轻地吹。花都开了。大家都很高兴，一直玩到天黑。")
    with place.sink.recorded() as heard:
        page.click("#speak")
        page.until("return document.querySelector('#reading-text mark')", 20)
        page.run(CHOOSE, "#voice", "qingsheng/reader-m")
        page.send("#style-file", str(style))
        page.until("return document.querySelector('#style').value === 'quiet'", 20)
        page.until(READY, 40)
    page.run(CHOOSE, "#style", "")
    page.run(CHOOSE, "#voice", "qingsheng")
    assert page.run(FAILURE) == ""
    loud = np.flatnonzero(np.abs(heard[0]) > 0.005)
    first, last = (heard[0][at : at + RATE] for at in (loud[0], loud[-1] - RATE))
    assert level(last) < 0.5 * level(first)
    assert np.nanmedian(pitches(last, RATE)) < 0.85 * np.nanmedian(pitches(first, RATE))


@once
def test_sound_files_hold_what_is_read(place: Place) -> None:
    page = place.page
    page.run(WRITE, TEXT)
    page.run(KEEP_FILES)
    files = {}
    for name in ("wav", "opus"):
        page.click("#save")
        page.click(f"#save-{name}")
        page.until("return window.made.length", 40)
        files[name] = base64.b64decode(page.awaited(MADE))
        page.until("return document.querySelector('#saving').hidden", 10)
    with wave.open(BytesIO(files["wav"])) as sound:
        assert sound.getframerate() == RATE
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16) / 2**15
    assert_speech(samples.astype(np.float32), RATE)
    times = block_times(files["opus"])
    # 20 ms each, the last of them where the sound ends.
    assert np.diff(times).tolist() == [20] * (len(times) - 1)
    assert times[-1] < len(samples) / RATE * 1000 + 40
    assert times[-1] + 20 > len(samples) / RATE * 1000
    if ffmpeg := shutil.which("ffmpeg"):
        command = (ffmpeg, "-v", "error", "-i", "-", "-f", "f32le", "-ac", "1", "-ar", str(RATE), "-")
        done = subprocess.run(command, input=files["opus"], capture_output=True, check=True)
        decoded = np.frombuffer(done.stdout, np.float32)[: len(samples)]
        assert len(decoded) == len(samples)
        assert np.corrcoef(decoded, samples)[0, 1] > 0.95


@once
def test_a_book_is_there_again_after_a_reload(place: Place, tmp_path: Path) -> None:
    """Also where a browser keeps no files, as in WebKit's private windows and under automation."""
    page = place.page
    book = tmp_path / "山里.epub"
    write_book(book, {"上山": "早上出发。", "下山": "太阳落山了。"})
    page.send("#book-file", str(book))
    page.until("return document.querySelector('#reading-text').textContent.includes('发')", 10)
    page.click("#chapter-next")
    page.until("return document.querySelector('#chapter').selectedIndex === 1", 10)
    page.until("return localStorage.getItem('qingsheng.book')", 10)
    page.reload()
    page.until("return document.querySelector('#chapter').selectedIndex === 1", 20)
    assert page.run("return document.querySelector('#book-title').textContent") == "山里的一天"
    page.click("#book-close")


def test_it_speaks_without_the_server(place: Place) -> None:
    """The last test of a place: its server is gone then."""
    page = place.page
    page.until("return document.querySelector('#offline').dataset.state === 'ready'", 60)
    place.server.kill()
    place.server.wait()
    page.go(place.url)
    page.until(READY, 120)
    spoken = page.awaited(SPEAK, "你好，世界。")
    assert spoken["words"] == ["你好", "世界"]
