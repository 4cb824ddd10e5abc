"""The engine in threads of its own, so that the server goes on answering while it speaks."""

from __future__ import annotations

import asyncio
import json
import math
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from gateway.synthesis.heap import give_back_early, give_back_now
from py_engine.errors import Cancelled
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.credit import credit
from py_engine.synthesis.library import read_catalog, read_pack
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Cancellation, Chunk, Options

# The streams by which the time until one ends is judged.
REMEMBERED = 20
LONGEST_WAIT = 60
FRONT_MODELS = ("reader", "emotion")
FINISH_SECONDS = 2.0

T = TypeVar("T")


class Busy(Exception):
    """As many streams as there may be are under way. `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"busy for about {wait} s")
        self.wait = wait


class Studio:
    """One thread with one engine. Its streams take turns, chunk by chunk, so that a long text holds nobody up."""

    def __init__(self, models: Path, packs: int, front_models: bool = False) -> None:
        self.catalog = read_catalog(models)
        self.streams = 0
        self.most = packs
        self._front_models = FRONT_MODELS if front_models else ()
        self._engine = Engine(NativeRuntime(arena=False))
        self._packs: OrderedDict[str, None] = OrderedDict()
        #: Of the packs that were ever loaded here
        self.credits: dict[str, str] = {}
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Raises: VoiceCorrupt and whatever else keeps the default voice, or a front model, from being loaded."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="studio", daemon=True)
        self._thread.start()
        await asyncio.wrap_future(self._do(self._load_front_models()))
        await asyncio.wrap_future(self._do(self._prepare(None)))

    async def stop(self) -> None:
        await asyncio.wrap_future(self._do(self._finish()))
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        self._loop.close()

    async def stream(self, text: str, options: Options) -> AsyncIterator[Chunk]:
        """Chunks, each asked for while the one before is on its way, and no further ahead.

        Raises what `Engine.stream` raises. To be closed: that ends the work within a stage of the pipeline.
        """
        self.streams += 1
        cancellation = Cancellation()
        chunks: AsyncGenerator[Chunk, None] | None = None
        try:
            voice = await asyncio.wrap_future(self._do(self._prepare(options.voice)))
            chunks = self._engine.stream(text, replace(options, voice=voice), cancellation)
            asked = self._do(self._next(chunks))
            last = False
            while not last:
                chunk = await asyncio.wrap_future(asked)
                last = chunk.last
                if not last:
                    asked = self._do(self._next(chunks))
                yield chunk
        finally:
            self.streams -= 1
            cancellation.cancel()
            if chunks is not None:
                self._do(self._close(chunks))

    def _do(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _next(self, chunks: AsyncGenerator[Chunk, None]) -> Chunk:
        async with self._turn:
            chunk = await anext(chunks)
            give_back_now()
            return chunk

    async def _close(self, chunks: AsyncGenerator[Chunk, None]) -> None:
        async with self._turn:
            with suppress(Cancelled):
                await chunks.aclose()

    async def _load_front_models(self) -> None:
        """Those that the site has, in folders named by their digests as it serves them."""
        for name in self._front_models:
            for described in self.catalog.folder.glob(f"{name}/*/{name}.json"):
                manifest = json.loads(described.read_bytes())
                model = described.with_name(str(manifest["path"])).read_bytes()
                await self._engine.load_model(name, manifest, model)

    async def _finish(self) -> None:
        """Streams that are being closed come to their end; others are cancelled."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=FINISH_SECONDS)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_asyncgens()

    async def _prepare(self, voice: str | None) -> str:
        """The id of a voice whose pack is now loaded; the pack that was used longest ago may have to go."""
        entry = self.catalog.find(voice)
        async with self._turn:
            if entry.id not in self._packs:
                while len(self._packs) >= self.most:
                    self._engine.release_voice(self._packs.popitem(last=False)[0])
                manifest, files = read_pack(self.catalog.folder, entry)
                await self._engine.load_voice(manifest, files)
                self.credits[entry.id] = credit(manifest)
            self._packs[entry.id] = None
            self._packs.move_to_end(entry.id)
        return voice or entry.id


class Studios:
    """Some studios, each with at most `packs` voice packs, and at most `streams` streams in all of them together."""

    def __init__(self, models: Path, threads: int, streams: int, packs: int, front_models: bool = False) -> None:
        """Raises: VoiceNotFound, VoiceFormat where `models` is no folder of voices."""
        self.studios = [Studio(models, packs, front_models) for _ in range(threads)]
        self.most = streams
        self.under_way = 0
        self._seconds: deque[float] = deque(maxlen=REMEMBERED)

    @asynccontextmanager
    async def running(self, _app: object = None) -> AsyncIterator[None]:
        give_back_early()
        for studio in self.studios:
            await studio.start()
        try:
            yield
        finally:
            for studio in self.studios:
                await studio.stop()

    def enter(self) -> None:
        """Raises: Busy."""
        if self.under_way >= self.most:
            raise Busy(self.wait())
        self.under_way += 1

    def leave(self, seconds: float) -> None:
        self.under_way -= 1
        self._seconds.append(seconds)

    def wait(self) -> int:
        """Seconds until a place is likely to be free: of so many streams, one ends after that part of their time."""
        mean = sum(self._seconds) / len(self._seconds) if self._seconds else 1.0
        return min(max(math.ceil(mean / self.most), 1), LONGEST_WAIT)

    def credit(self, pack: str) -> str:
        """Whose voice it is; empty where that was never loaded or does not say."""
        return next((studio.credits[pack] for studio in self.studios if pack in studio.credits), "")

    def stream(self, text: str, options: Options) -> AsyncIterator[Chunk]:
        return min(self.studios, key=lambda studio: studio.streams).stream(text, options)
