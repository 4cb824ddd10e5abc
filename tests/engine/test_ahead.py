"""Models that run beside Python: what is done ahead, what is not, and that the sound is the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from py_engine.errors import Cancelled, RuntimeFailed
from py_engine.runtime.base import KeptRelay, Relay, Session, Tensors
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.ahead import DEPTH, Ahead
from py_engine.synthesis.excitation import BLOCK, ExcitationFilter
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.sentence import Sentence
from py_engine.synthesis.synthesiser import SharedClock, Stages
from py_engine.synthesis.utterances import Utterances
from py_engine.synthesis.values import Cancellation, Chunk, Options
from tests.packs.make_silent_pack import pack_files

TEXT = "今天天气很好，我们一起去公园看花，然后回家吃饭。明天也去，后天也去，一直去到秋天。再见。"


class Beside:
    """The native runtime, as if its models had ``concurrent`` threads of their own: runs follow one another, each some
    turns of the event loop long. ``log`` has the models in the order in which they were asked for."""

    def __init__(self, concurrent: int = 1) -> None:
        self.concurrent = concurrent
        self.log: list[str] = []
        self.running, self.failing = 0, ""
        self.relays: set[_Relay] = set()
        self._native, self._turn = NativeRuntime(), asyncio.Lock()

    async def load(self, name: str, model: bytes | memoryview, patient: bool = False) -> Session:  # noqa: ARG002
        # Of the event loop of this test.
        self._turn = asyncio.Lock()
        session = await self._native.load(name, model)
        return _Session(self, name.rpartition("/")[2].removesuffix(".onnx"), session)

    async def run(self, name: str, session: Session, feeds: Tensors) -> dict[str, NDArray[Any]]:
        self.log.append(name)
        async with self._turn:
            self.running += 1
            try:
                for _ in range(5):
                    await asyncio.sleep(0)
                if self.failing == name:
                    raise RuntimeFailed(f"{name} fails")
                return await session.run(feeds)
            finally:
                self.running -= 1


class _Session:
    def __init__(self, runtime: Beside, name: str, session: Session) -> None:
        self._runtime, self._name, self._session = runtime, name, session

    async def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        return await self._runtime.run(self._name, self._session, feeds)

    def relay(self, first: Tensors) -> Relay:
        relay = _Relay(self, first, self._runtime.relays)
        self._runtime.relays.add(relay)
        return relay

    def release(self) -> None:
        self._session.release()


class _Relay:
    """Runs in the order in which they were asked for, as the thread of the models does them."""

    def __init__(self, session: _Session, first: Tensors, known: set[_Relay]) -> None:
        self._kept, self._turn, self._known = KeptRelay(session, first), asyncio.Lock(), known

    async def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        async with self._turn:
            return await self._kept.run(feeds)

    def close(self) -> None:
        self._known.discard(self)
        self._kept.close()


async def engine(runtime: Any) -> Engine:  # noqa: ANN401 -- either runtime
    made = Engine(runtime)
    await made.load_voice(*pack_files())
    return made


def spoken(runtime: Any, work: Callable[[Engine], Awaitable[Any]]) -> Any:  # noqa: ANN401
    async def go() -> object:
        result = await work(await engine(runtime))
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        return result

    return asyncio.run(go())


async def rest(chunks: AsyncIterator[Chunk]) -> list[Chunk]:
    return [chunk async for chunk in chunks]


async def all_of(made: Engine) -> list[Chunk]:
    return await all_of_text(made, TEXT)


async def all_of_text(made: Engine, text: str) -> list[Chunk]:
    return await rest(made.stream(text, Options()))


@pytest.mark.parametrize("concurrent", [1, 2, 5])
def test_the_same_chunks_come_out(concurrent: int) -> None:
    plain, beside = spoken(NativeRuntime(), all_of), spoken(Beside(concurrent), all_of)
    assert len(plain) > 4
    for one, other in zip(plain, beside, strict=True):
        # The vocoder's runs are shorter there.
        np.testing.assert_allclose(other.samples, one.samples, atol=1e-3)
        assert (one.index, one.sentence, one.words, one.last) == (other.index, other.sentence, other.words, other.last)


@pytest.mark.parametrize(("concurrent", "performed"), [(1, 2), (2, 3), (5, 3)])
def test_nothing_of_the_next_utterance_is_asked_for_before_the_first_chunk(concurrent: int, performed: int) -> None:
    runtime = Beside(concurrent)

    async def first(made: Engine) -> tuple[list[str], list[str]]:
        chunks = made.stream(TEXT, Options())
        await anext(chunks)
        early = list(runtime.log)
        await anext(chunks)
        for _ in range(200):
            await asyncio.sleep(0)
        await chunks.aclose()
        return early, list(runtime.log)

    early, later = spoken(runtime, first)
    assert early[:2] == ["prosody", "decoder"]
    assert set(early[2:]) == {"decoder"}
    # As many as models can run at once are performed while this one is, of the three there are, and no more.
    assert later.count("prosody") == performed


def test_the_clock_divides_the_time() -> None:
    chunks = spoken(Beside(), all_of)
    assert all(set(chunk.timings) <= {"text", "emotion", "prosody", "decoder", "dsp"} for chunk in chunks)


def test_shares_of_a_common_clock_sum_to_the_time_that_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 1.0, 3.0, 7.0])
    monkeypatch.setattr("py_engine.synthesis.synthesiser.time.perf_counter", lambda: next(now))
    clock = SharedClock()
    first, second = clock.begin(), clock.begin()
    assert clock.end(first) == 1.0 + 2.0 / 2
    assert clock.end(second) == 2.0 / 2 + 4.0


def test_what_is_far_ahead_is_read_and_performed_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are read, and moods change, from beginning to end."""
    runtime, starts = Beside(3), []
    perform = Utterances.perform

    async def performed(self: Utterances, sentence: Sentence, stages: Stages) -> Any:  # noqa: ANN401
        starts.append(sentence.start)
        found = await perform(self, sentence, stages)
        starts.append(sentence.start)
        return found

    monkeypatch.setattr(Utterances, "perform", performed)
    text = "今天天气很好。" * 6
    chunks = spoken(runtime, lambda made: all_of_text(made, text))
    assert starts == [7 * number for number in range(6) for _ in range(2)]
    assert [chunk.sentence for chunk in chunks] == list(range(6))


def test_more_threads_may_come_while_it_speaks() -> None:
    runtime = Beside()

    async def go(made: Engine) -> list[Chunk]:
        chunks = []
        async for chunk in made.stream(TEXT, Options()):
            chunks.append(chunk)
            runtime.concurrent = 2 if len(chunks) < 4 else 1
        return chunks

    assert [chunk.sentence for chunk in spoken(runtime, go)] == [chunk.sentence for chunk in spoken(Beside(), all_of)]
    assert not runtime.relays


@pytest.mark.parametrize("concurrent", [1, 2])
@pytest.mark.parametrize("model", ["prosody", "decoder"])
def test_failures_come_out_where_they_belong(model: str, concurrent: int) -> None:
    runtime = Beside(concurrent)

    async def go(made: Engine) -> None:
        chunks = made.stream(TEXT, Options())
        assert (await anext(chunks)).index == 0
        runtime.failing = model
        with pytest.raises(RuntimeFailed, match=f"{model} fails"):
            await rest(chunks)

    spoken(runtime, go)
    runtime.failing = ""
    assert spoken(runtime, all_of)[-1].last
    assert not runtime.relays


@pytest.mark.parametrize("concurrent", [1, 2])
def test_cancellation_and_closing_leave_nothing_behind(concurrent: int) -> None:
    runtime = Beside(concurrent)

    async def go(made: Engine) -> None:
        cancellation = Cancellation()
        chunks = made.stream(TEXT, Options(), cancellation)
        await anext(chunks)
        cancellation.cancel()
        with pytest.raises(Cancelled):
            await rest(chunks)
        closed = made.stream(TEXT, Options())
        await anext(closed)
        await anext(closed)
        await closed.aclose()
        for _ in range(20):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert runtime.running == 0
        assert not runtime.relays
        made.release_voice("silent")

    spoken(runtime, go)


def test_the_next_sentence_is_read_while_the_models_make_the_first_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    runtime = Beside()
    read, perform = Utterances.read, Utterances.perform

    def told(self: Utterances, stages: Stages) -> Any:  # noqa: ANN401 -- a coroutine
        log.append("read, models at work" if runtime.running else "read")
        return read(self, stages)

    def performed(self: Utterances, sentence: Sentence, stages: Stages) -> Any:  # noqa: ANN401 -- a coroutine
        log.append("performed")
        return perform(self, sentence, stages)

    monkeypatch.setattr(Utterances, "read", told)
    monkeypatch.setattr(Utterances, "perform", performed)

    async def go(made: Engine) -> None:
        chunks = made.stream(TEXT, Options())
        first = asyncio.ensure_future(anext(chunks))
        first.add_done_callback(lambda _: log.append("handed over"))
        await first
        for _ in range(50):
            await asyncio.sleep(0)
        await chunks.aclose()

    spoken(runtime, go)
    assert log == ["read", "performed", "read, models at work", "handed over", "performed"]


def test_a_long_part_keeps_no_model_waiting() -> None:
    """The next sentence's models are asked for between the blocks of this one's part, not behind all of them."""
    runtime, blocks = Beside(), []
    text = "今天天气很好，我们一起去公园看花，" * 2 + "然后回家。" + "再见。"

    async def go(made: Engine) -> None:
        add = ExcitationFilter.add

        def counted(self: ExcitationFilter, *filters: NDArray[np.float32]) -> None:
            blocks.append((len(filters[0]), runtime.log.count("prosody")))
            add(self, *filters)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ExcitationFilter, "add", counted)
            await all_of_text(made, text)

    spoken(runtime, go)
    assert max(frames for frames, _ in blocks) == BLOCK
    # Asked for by the last block of the first sentence but one.
    asked = [count for _, count in blocks]
    assert asked[0] == 1
    assert asked.index(2) < len(asked) - 2


def test_some_things_are_done_ahead_and_what_is_not_wanted_ends() -> None:
    async def go(concurrent: bool) -> list[str]:
        log: list[str] = []

        async def work(item: int) -> int:
            log.append(f"begin {item}")
            await asyncio.sleep(0)
            log.append(f"end {item}")
            return item

        ahead = Ahead(work, range(DEPTH + 3), concurrent)
        assert await ahead.next() == 0
        log.append("used 0")
        assert await ahead.next() == 1
        ahead.close()
        for _ in range(5):
            await asyncio.sleep(0)
        return log

    assert asyncio.run(go(False)) == ["begin 0", "end 0", "used 0", "begin 1", "end 1"]
    beside = asyncio.run(go(True))
    assert beside[:DEPTH] == [f"begin {n}" for n in range(DEPTH)]
    # One more for each that was taken, and no more after the end.
    assert beside.index("used 0") > beside.index(f"begin {DEPTH}") - 1
    assert f"begin {DEPTH + 1}" in beside
    assert f"begin {DEPTH + 2}" not in beside
