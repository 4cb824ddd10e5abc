"""What `front_end.mjs` times in Pyodide. Nothing of the front end is imported before `tables`."""

from __future__ import annotations

import functools
import gc
import json
import time
import tracemalloc
from typing import Any

TEXT = "今天天气真好，我们一起去公园里散步聊天吧。"  # 20 characters
LONG = "他在重庆的银行里工作了十年，为了孩子才决定还是回到长江边的老家去教书。" * 130
_state: dict[str, Any] = {}
_CACHE = type(functools.lru_cache(maxsize=2)(len))


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def yardstick() -> float:
    """Milliseconds of a fixed loop of 10,000 steps: how fast Python is on this machine just now."""
    began, number = time.perf_counter(), 0
    for step in range(10_000):
        number = (number * 31 + step) % 1009
    return _ms(began)


def forget() -> None:
    """What the front end remembers of characters and words; tables stay."""
    for one in gc.get_objects():
        if type(one).__name__ == "Memo":
            one.clear()
        elif isinstance(one, _CACHE) and (one.cache_parameters()["maxsize"] or 1) > 1:
            one.cache_clear()


def bring() -> None:
    import py_engine.text  # noqa: F401


def tables() -> None:
    from py_engine.text.lexicon import lexicon

    lexicon()


def rules() -> None:
    from py_engine.text import analyse

    analyse(TEXT)


async def load(manifest: str, model: Any) -> None:  # noqa: ANN401 -- a Uint8Array
    from py_engine.runtime.browser import BrowserRuntime
    from py_engine.text import ReaderModel

    session = await BrowserRuntime().load("reader", model.to_memoryview())
    _state["reader"] = ReaderModel(json.loads(manifest), session)


async def with_model(text: str = TEXT) -> None:
    from py_engine.text import analyse, read_source

    analyse(text, hints=await _state["reader"].hints(read_source(text)))


async def parts(rounds: int) -> str:
    """Least milliseconds of each step."""
    from py_engine.text import analyse, read_source
    from py_engine.text.lexicon import lexicon
    from py_engine.text.reader import read_outputs, sentence_inputs

    session, best = _state["reader"]._session, dict.fromkeys(("source", "inputs", "session", "outputs", "rest"), 1e9)
    for _ in range(rounds):
        marks = [time.perf_counter()]
        source = read_source(TEXT)
        marks.append(time.perf_counter())
        inputs = sentence_inputs(source.sentences[0], lexicon())
        marks.append(time.perf_counter())
        outputs = await session.run(inputs.feeds())
        marks.append(time.perf_counter())
        read_outputs(source.sentences[0], inputs, outputs, lexicon(), _state["reader"]._opinions)
        marks.append(time.perf_counter())
        analyse(TEXT, hints=None)
        marks.append(time.perf_counter())
        for name, start, stop in zip(best, marks, marks[1:], strict=False):
            best[name] = min(best[name], (stop - start) * 1000)
    return json.dumps(best)


async def long_text() -> str:
    """Milliseconds of a text of nearly the allowed length."""
    from py_engine.text import analyse, read_source

    text = LONG[:4900]
    analyse(text)
    began = time.perf_counter()
    analyse(text)
    rules_alone = _ms(began)
    began = time.perf_counter()
    analyse(text, hints=await _state["reader"].hints(read_source(text)))
    return json.dumps({"characters": len(text), "rules_ms": rules_alone, "with_model_ms": _ms(began)})


async def heap() -> str:
    """Bytes of Python's heap that the front end holds: everything is imported and read anew under `tracemalloc`."""
    import sys

    kept = _state.pop("reader")
    for name in [name for name in sys.modules if name.startswith("py_engine.text")]:
        del sys.modules[name]
    gc.collect()
    tracemalloc.start()
    from py_engine.text import ReaderModel, analyse, read_source

    reader = ReaderModel({"pattern": 13, "candidates": 8}, kept._session)
    analyse(TEXT, hints=await reader.hints(read_source(TEXT)))
    gc.collect()
    held, peak = tracemalloc.get_traced_memory()
    long_peak = await _peak(LONG[:4900], reader)
    # each character once: what is remembered of characters is at its bound
    rare = ["".join(map(chr, range(point, point + 20))) for point in range(0x4E00, 0x4E00 + 4660, 20)]
    rare_peak = await _peak("。".join(rare), reader)
    tracemalloc.stop()
    return json.dumps({"held": held, "peak": peak, "peak_of_long_text": long_peak, "peak_of_rare_text": rare_peak})


async def _peak(text: str, reader: Any) -> int:  # noqa: ANN401 -- a ReaderModel, imported anew
    """Bytes at most while a text is read some sentences at a time, as the engine does."""
    from py_engine.text import analyse_part, read_source

    tracemalloc.reset_peak()
    source = read_source(text)
    for first in range(0, len(source.sentences), 4):
        analyse_part(source, first, first + 4, await reader.hints(source, first, first + 4))
    return tracemalloc.get_traced_memory()[1]
