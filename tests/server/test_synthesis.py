"""`POST /api/tts`, with the generated test voice: what is sent, how it is sent, and how it ends."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import socket
import struct
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from starlette.testclient import TestClient

from gateway.settings import DIST, Settings
from gateway.synthesis.studio import Busy, Studio, Studios
from py_engine.errors import VoiceNotFound
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.library import read_catalog, read_pack
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Chunk, Options
from server import create_app
from tests import riff
from tests.server.running import ask, connect, parse, run_server, serving

TEXT = "你好，世界。今天天气很好！"
# Far more than the buffers between server and client hold.
LONG = "今天天气很好，我们出去走走。" * 350
LOCAL = ("127.0.0.1", 50000)
LIMIT_BYTES = 128_000_000


@pytest.fixture
def client(speaking_site: Path) -> Iterator[TestClient]:
    app = create_app(Settings(dist=speaking_site, synthesis=True, synthesis_characters=5000))
    with TestClient(app, client=LOCAL) as client:
        yield client


@pytest.fixture
def port(speaking_site: Path) -> Iterator[int]:
    with serving("--dist", str(speaking_site), "--synthesis", "--synthesis-streams", "1") as port:
        yield port


def spoken(models: Path, text: str, options: Options) -> list[Chunk]:
    """What the engine itself says."""

    async def go() -> list[Chunk]:
        engine, catalog = Engine(NativeRuntime()), read_catalog(models)
        await engine.load_voice(*read_pack(models, catalog.find(None)))
        return [chunk async for chunk in engine.stream(text, options)]

    return asyncio.run(go())


def expected(models: Path, text: str = TEXT, options: Options | None = None) -> NDArray[np.int16]:
    chunks = spoken(models, text, options or Options())
    samples = np.concatenate([chunk.samples for chunk in chunks])
    whole: NDArray[np.int16] = np.rint(samples * 32767).astype("<i2")
    return whole


def test_nothing_is_spoken_unless_asked_for(site: Path) -> None:
    client = TestClient(create_app(Settings(dist=site)))
    assert client.post("/api/tts", json={"text": TEXT}).status_code == 404


def test_wav_is_what_the_engine_says(client: TestClient, models: Path) -> None:
    answer = client.post("/api/tts", json={"text": TEXT})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert "content-length" not in answer.headers
    assert struct.unpack("<4sI4s", answer.content[:12]) == (b"RIFF", riff.UNKNOWN, b"WAVE")
    # With its length filled in, it is a file that the standard library reads.
    assert riff.copyright_of(answer.content) == "Voice silent, CC0-1.0"
    name, body = riff.chunks(answer.content)[-1]
    assert name == "data"
    whole = io.BytesIO(answer.content[: -len(body) - 4] + struct.pack("<I", len(body)) + body)
    with wave.open(whole) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        frames = file.readframes(file.getnframes())
    assert np.array_equal(np.frombuffer(frames, "<i2"), expected(models))


def test_pcm_follows_the_options(client: TestClient, models: Path) -> None:
    order = {"text": TEXT, "format": "pcm", "options": {"speed": 1.5, "pitch": 3}}
    answer = client.post("/api/tts", json=order)
    assert answer.headers["content-type"].startswith("audio/pcm; rate=16000;")
    assert answer.headers["qingsheng-sample-rate"] == "16000"
    samples = np.frombuffer(answer.content, "<i2")
    assert np.array_equal(samples, expected(models, options=Options(speed=1.5, pitch=3)))
    assert not np.array_equal(samples[:1000], expected(models)[:1000])


def test_lines_carry_sound_and_timings(client: TestClient, models: Path) -> None:
    text = '<speak>你好，<mark name="here"/>世界。今天ꙮ天气很好！</speak>'
    answer = client.post("/api/tts", json={"text": text, "format": "ndjson"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    chunks = spoken(models, text, Options())
    assert [line["index"] for line in lines] == list(range(len(chunks)))
    assert [line["last"] for line in lines] == [False] * (len(chunks) - 1) + [True]
    sound = b"".join(base64.b64decode(line["audio"]) for line in lines)
    assert np.array_equal(np.frombuffer(sound, "<i2"), expected(models, text))
    words = [word for line in lines for word in line["words"]]
    assert [text[word["start"] : word["stop"]] for word in words] == [word["text"] for word in words]
    times = [word[name] for word in words for name in ("begin_s", "end_s")]
    assert times == [round(seconds, 6) for seconds in times]
    assert [mark["name"] for line in lines for mark in line["marks"]] == ["here"]
    assert [notice["code"] for line in lines for notice in line["notices"]] == ["text.unknown_character"]


@pytest.mark.parametrize("text", ["你好\ud800", '<speak><mark name="\ud800"/>你好</speak>'])
def test_half_a_character_breaks_no_stream(client: TestClient, text: str) -> None:
    body = json.dumps({"text": text, "format": "ndjson"})
    answer = client.post("/api/tts", content=body, headers={"Content-Type": "application/json"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[-1]["last"]
    said = [notice["text"] for notice in lines[0]["notices"]] + [mark["name"] for mark in lines[0]["marks"]]
    assert said == ["\ud800"]


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({}, 400, "api.bad_request"),
        ([], 400, "api.bad_request"),
        ({"text": 1}, 400, "api.bad_request"),
        ({"text": TEXT, "voice": "silent"}, 400, "api.bad_request"),
        ({"text": TEXT, "format": "mp3"}, 400, "api.bad_request"),
        ({"text": TEXT, "format": ["wav"]}, 400, "api.bad_request"),
        ({"text": TEXT, "options": []}, 400, "option.invalid"),
        ({"text": TEXT, "options": {"speed": 9}}, 400, "option.invalid"),
        ({"text": TEXT, "options": {"voice": []}}, 400, "option.invalid"),
        ({"text": TEXT, "options": {"unknown": 1}}, 400, "option.invalid"),
        ({"text": TEXT, "options": {"style": "service"}}, 400, "option.invalid"),
        ({"text": TEXT, "options": {"voice": "nobody"}}, 404, "voice.not_found"),
        ({"text": TEXT, "options": {"voice": "silent/nobody"}}, 404, "voice.not_found"),
        ({"text": ""}, 400, "text.empty"),
        ({"text": "字" * 5001}, 400, "text.too_long"),
        ({"text": "<speak>你好"}, 400, "markup.malformed"),
    ],
)
def test_bad_orders_have_codes(client: TestClient, order: object, status: int, code: str) -> None:
    answer = client.post("/api/tts", json=order)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    # And the next order finds a voice and a place.
    assert client.post("/api/tts", json={"text": "好。"}).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 30_000, b'{"text": "\\ud800"}'])
def test_bodies_that_are_none(client: TestClient, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    assert client.post("/api/tts", content=body, headers=headers).status_code == 400


def test_only_json_which_no_other_site_can_send(client: TestClient) -> None:
    answer = client.post("/api/tts", content=b'{"text": "x"}', headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_streams_are_counted(client: TestClient) -> None:
    client.post("/api/tts", json={"text": TEXT})
    client.post("/api/tts", json={"text": TEXT, "options": {"voice": "nobody"}})
    text = client.get("/metrics").text
    assert 'synthesis_streams_total{model="silent",outcome="finished"} 1.0' in text
    assert 'synthesis_streams_total{model="other",outcome="failed"} 1.0' in text
    assert 'synthesis_error_total{code="voice.not_found"} 1.0' in text
    assert 'synthesis_duration_seconds_count{model="silent",part="first_chunk"} 1.0' in text
    audio = re.search(r'synthesis_audio_seconds_total\{model="silent"\} ([0-9.]+)', text)
    assert audio
    assert float(audio.group(1)) > 1
    assert "nobody" not in text


def send_order(port: int, order: object) -> socket.socket:
    body = json.dumps(order).encode()
    connection = connect(port)
    head = f"POST /api/tts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    connection.sendall(head.encode() + b"\r\n\r\n" + body)
    return connection


def wait_for(port: int, pattern: str) -> None:
    for _ in range(600):
        if re.search(pattern, ask(port, "/metrics").body.decode()):
            return
    raise AssertionError(pattern)


def test_a_stream_waits_for_its_reader_and_others_are_answered(port: int) -> None:
    with send_order(port, {"text": LONG, "format": "ndjson"}) as connection:
        head = connection.recv(1 << 12)
        assert head.startswith(b"HTTP/1.1 200")
        assert b"transfer-encoding: chunked" in head.lower()
        # The stream is under way, has the only place, and will not end as long as nobody reads it.
        assert ask(port, "/healthz").status == 200
        with send_order(port, {"text": TEXT}) as second:
            answer = parse(second.recv(1 << 16))
        assert answer.status == 503
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert b'outcome="finished"' not in ask(port, "/metrics").body
    wait_for(port, r'outcome="stopped"\} 1\.0')
    with send_order(port, {"text": TEXT}) as third:
        assert parse(third.recv(1 << 16)).status == 200
    wait_for(port, r'outcome="refused"\} 1\.0')


def test_who_leaves_before_the_first_sound_frees_the_place(port: int) -> None:
    for _ in range(5):
        connection = send_order(port, {"text": LONG})
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        wait_for(port, r"api_tts")
    for _ in range(200):
        with send_order(port, {"text": TEXT}) as connection:
            if connection.recv(12).endswith(b"200"):
                return
    raise AssertionError("the place is still taken")


def in_studio(models: Path, work: Callable[[Studio], object]) -> None:
    async def go() -> None:
        studio = Studio(models, packs=1)
        await studio.start()
        try:
            await work(studio)  # type: ignore[misc]
        finally:
            await studio.stop()

    asyncio.run(go())


def test_no_more_than_one_chunk_is_made_ahead(models: Path) -> None:
    made: list[int] = []

    async def work(studio: Studio) -> None:
        plain = studio._next

        async def counting(chunks: object) -> Chunk:
            chunk = await plain(chunks)  # type: ignore[arg-type]
            made.append(chunk.index)
            return chunk

        studio._next = counting  # type: ignore[method-assign]
        stream = studio.stream(LONG, Options())
        assert (await anext(stream)).index == 0
        # Whatever else is asked of the studio meanwhile goes through, so that it has had its chance.
        for _ in range(10):
            assert [chunk.last async for chunk in studio.stream("好。", Options())] == [True]
        assert made.count(0) == 11
        assert [index for index in made if index > 1] == []
        await stream.aclose()  # type: ignore[attr-defined]
        assert studio.streams == 0

    in_studio(models, work)


def test_streams_take_turns(models: Path) -> None:
    order: list[str] = []

    async def work(studio: Studio) -> None:
        async def read(name: str, text: str) -> None:
            async for chunk in studio.stream(text, Options()):
                order.append(f"{name}{chunk.index}")

        await asyncio.gather(read("a", "一。二。三。四。五。六。七。八。"), read("b", "七。八。"))

    in_studio(models, work)
    assert order.index("b1") < order.index("a7")


def test_places_and_packs_are_bounded(models: Path) -> None:
    studios = Studios(models, threads=2, streams=3, packs=1)
    for _ in range(3):
        studios.enter()
    with pytest.raises(Busy) as busy:
        studios.enter()
    assert busy.value.wait == 1
    for _ in range(3):
        studios.leave(1000)
    assert studios.wait() == 60
    studios.enter()
    with pytest.raises(VoiceNotFound):
        Studios(models / "silent", 1, 1, 1)


def test_a_site_without_voices_is_said_at_the_start(site: Path) -> None:
    (site / "models" / "catalog.json").unlink()
    with run_server("--port", "0", "--dist", str(site), "--synthesis") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "catalog.json" in errors
    assert "Traceback" not in errors


def high_water(pid: int) -> int:
    """The largest resident set of a process so far, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found.group(1)) * 1024


def test_the_whole_server_stays_within_its_memory_while_it_speaks() -> None:
    """The released voice, the models of the front end, 2,000 characters and three more streams beside them."""
    if not (DIST / "build.json").exists():
        pytest.skip("the site is not built")
    # What is read last waits for what is read first, however slow the machine.
    arguments = ["--port", "0", "--synthesis", "--synthesis-models", "--memory", "0", "--stall-seconds", "600"]
    with run_server(*arguments) as process:
        assert process.stdout
        port = int(re.findall(r":([0-9]+)/", process.stdout.readline())[0])
        orders = [{"text": LONG[:2000], "format": "pcm"}] + [{"text": TEXT * 20, "format": "ndjson"}] * 3
        connections = [send_order(port, order) for order in orders]
        for connection in connections:
            with connection:
                end = b""
                while not end.endswith(b"\r\n0\r\n\r\n"):
                    piece = connection.recv(1 << 18)
                    assert piece, "the stream was cut off"
                    end = (end + piece)[-7:]
        peak = high_water(process.pid)
    assert peak < LIMIT_BYTES, f"{peak / 1e6:.1f} MB"
