"""The real page with the released voice in Firefox and WebKit; skipped where they are not installed (`browsers`)."""

from __future__ import annotations

import base64
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from scripts.paths import DIST
from tests.server.running import first_line, run_server

from .browsers import BROWSERS, RATE, Sink, lacking, sink
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


def assert_speech(samples: NDArray[np.float32], rate: int) -> None:
    assert 0.02 < float(np.sqrt(np.mean(samples**2))) < 0.4
    assert float(np.abs(samples).max()) < 1
    pitch = pitches(samples, rate)
    assert np.mean(np.isfinite(pitch)) > 0.35
    assert 150 < float(np.nanmedian(pitch)) < 350


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


def pitches(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Hz of each frame of 40 ms by its autocorrelation, NaN where it is not voiced."""
    frame = rate // 25
    lags = np.arange(rate // 500, rate // 60)
    out = []
    for start in range(0, len(samples) - frame, frame):
        own = samples[start : start + frame].astype(np.float64)
        if np.sqrt(np.mean(own**2)) < 0.005:
            out.append(np.nan)
            continue
        scores = np.array(
            [own[:-n] @ own[n:] / np.sqrt((own[:-n] @ own[:-n]) * (own[n:] @ own[n:]) + 1e-12) for n in lags]
        )
        best = int(np.argmax(scores > 0.9 * scores.max()))
        while best + 1 < len(scores) and scores[best + 1] > scores[best]:
            best += 1
        out.append(rate / lags[best] if scores.max() > 0.6 else np.nan)
    return np.array(out)
