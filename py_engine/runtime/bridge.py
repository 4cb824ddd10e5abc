"""What the worker calls. Fetch each function once as a PyProxy and call it with plain values; never build source text.

Order of calls: register the JS module ``qingsheng_host`` (see `browser`), import this module, ``boot``, ``load_voice``.

    const bridge = pyodide.pyimport("py_engine.runtime.bridge");   // keep for the worker's life
    bridge.boot()                                   -> string, JSON {"engine": "0.1.0", "format": 1}
    await bridge.load_voice(manifestJson, files)    -> string, JSON list of VoiceInfo: the pack's speakers
    bridge.voices()                                 -> string, JSON list of VoiceInfo: every loaded speaker
    await bridge.load_model(name, manifestJson, bytes) -> undefined
    await bridge.infer(text, optionsJson)           -> string, JSON list: the emotion of each sentence
    bridge.start(jobId, text, optionsJson, from?)   -> undefined
    await bridge.next_chunk(jobId)                  -> {samples: Float32Array, meta: string} | undefined
    await bridge.explain(text, optionsJson)         -> string, JSON: tokens, words, syllables with the reason of each
    bridge.set_word(word, reading)                  -> undefined; an empty reading forgets the word
    bridge.words()                                  -> string, JSON object of the session's own words
    bridge.load_style(metaJson, source)             -> string, JSON {id, name, description, version, state, error}
    bridge.remove_style(id)                         -> undefined
    bridge.styles()                                 -> string, JSON list of the same
    bridge.cancel(jobId)                            -> undefined
    bridge.release_voice(id)                        -> undefined

Every function returns, instead of raising, ``{error: {code, message, remedy, detail}}`` (plain JS objects) when
something is wrong; test ``result?.error``. Codes: docs/architecture.md, "Errors". An exception that the engine did not
foresee comes back as ``runtime.failed`` with the Python traceback in ``detail.traceback``.

``boot()`` starts an engine without voices; called again it forgets the old one.
``load_voice``: ``manifestJson`` is the text of ``voice.json``; ``files`` a plain object from the paths that
``voice.json`` names to Uint8Array. Sizes and digests are checked here. Loading a pack again replaces it.
``VoiceInfo``: ``{id, name, speaker, language, sample_rate, license, attribution, default, controls}``; ``id`` is what
``options.voice`` takes: ``<pack>`` for a default speaker, ``<pack>/<speaker>`` for the others.
``load_model``: a model of the front end, ``emotion`` or ``reader``: the text of its ``<name>.json`` and a Uint8Array of
the file that it names; size and digest are checked. Until then, and without it, the engine works by its rules.
``infer``: ``[{text, start, stop, distribution: {neutral, joy, sadness, anger, fear, surprise}, valence, arousal,
intensity, parts?}]``, spans in UTF-16 offsets; ``parts`` has the same of narrator and quotations where a sentence has
both. ``model.missing`` before the model is loaded.
``start``: ``jobId`` an integer that no running job has. ``optionsJson``: ``{"voice"?: string, "speed"?: 0.5..2,
"pitch"?: -12..12, "markup"?: "auto" | "ssml" | "inline" | "none",
"lexicon"?: {word: reading}, "emoji"?: "skip" | "name", "languages"?: ["zh", "en"],
"emotion"?: "auto" | name | {name: weight}, "intensity"?: 0..1.2, "style"?: string | null}``; an unknown key is
``option.invalid``. ``from``: UTF-16 offset of the word to begin at, spoken as it is in the whole text; 0 where left
out. Nothing runs until ``next_chunk``, which reports a bad text.
``next_chunk``: one call at a time for one job; jobs may overlap, and the models then take turns. ``undefined`` means
that there is no more, also for a job that is unknown; after an error the job is over. ``samples`` is a copy outside
Python's heap: transfer its buffer. ``meta`` is JSON: ``{index, sentence, sample_rate, start, stop, last,
words: [{text, start, stop, begin_s, end_s, estimated}], phones: [{phone, begin_s, end_s}],
pitch: {step_s, hertz: [0 where unvoiced]}, marks: [{name, start, stop, at_s}],
notices: [{code, message, start, stop, text}], emotion: {distribution, valence, arousal, intensity} | null,
timings: {text, emotion, prosody, acoustic, vocoder, dsp}}``; a sentence may be several chunks. ``start`` and ``stop``
are UTF-16 offsets into the text (``text.slice(start, stop)``), ``*_s`` seconds from the chunk's first sample, timings
seconds of work for this chunk.
The chunk with ``last: true`` is the final one; ``next_chunk`` then gives ``undefined``.
``explain``: `py_engine.text.explain`, spans in UTF-16 offsets. ``set_word``: the session's lexicon (`UserLexicon`).
``load_style``: a style plugin (docs/styles.md) from the text of its module. ``metaJson``: the server's record of it, or
``{}``; ``id`` and ``sha256`` are checked where given. The same id again replaces it, from the next sentence on also for
running jobs; ``style.invalid`` leaves what was loaded before. ``name`` and ``description`` are ``{zh, en?}``; ``state``
is ``on``, or ``off`` with the ``error`` for which the style was switched off (notice ``style.failed``).
``cancel``: forgets the job. A ``next_chunk`` under way returns ``{error: {code: "cancelled", ...}}``, at latest after
the model that is running; one called later gives ``undefined``. Unknown jobs are ignored.
``release_voice``: frees the models of the whole pack, once the jobs that use it have ended.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from js import Object  # type: ignore[import-not-found]
from pyodide.ffi import to_js  # type: ignore[import-not-found]

from py_engine import __version__
from py_engine.errors import ModelCorrupt, OptionInvalid, QingshengError, RuntimeFailed, StyleInvalid, VoiceFormat
from py_engine.synthesis.pack import FORMAT
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.spans import Utf16Offsets
from py_engine.synthesis.values import Cancellation, Chunk, Options
from py_engine.text import explain as text_explain

from .browser import BrowserRuntime

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

P = ParamSpec("P")

log = logging.getLogger(__name__)


@dataclass
class _Job:
    offsets: Utf16Offsets
    chunks: AsyncGenerator[Chunk, None]
    cancellation: Cancellation
    running: bool = False


class _State:
    """The one engine of this worker and its jobs. Made by `boot`, so that importing has no effect."""

    engine: Engine | None = None
    jobs: dict[int, _Job]
    closing: set[asyncio.Future[None]]

    def __init__(self) -> None:
        self.jobs, self.closing = {}, set()


_state = _State()


class _JsFiles(Mapping[str, memoryview]):
    """A JS object of Uint8Array as a mapping that copies a file into Python's heap only while it is looked at."""

    def __init__(self, files: Any) -> None:  # noqa: ANN401 -- a JS object
        self._arrays = {str(path): array for path, array in files.object_entries()}

    def __getitem__(self, path: str) -> memoryview:
        return cast(memoryview, self._arrays[path].to_memoryview())

    def __contains__(self, path: object) -> bool:
        return path in self._arrays

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


def _plain(value: object) -> object:
    """A plain JS object from dictionaries and lists."""
    return to_js(value, dict_converter=Object.fromEntries)


def _error(error: Exception) -> object:
    if not isinstance(error, QingshengError):
        log.error("unforeseen", exc_info=error)
        lines = "".join(traceback.format_exception(error))
        message = f"{type(error).__name__}: {error}"
        error = RuntimeFailed(message, "Please report this, with the text that was spoken.", {"traceback": lines})
    return _plain({"error": json.loads(json.dumps(error.as_dict(), default=str))})


def _guarded(function: Callable[P, object]) -> Callable[P, object]:
    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> object:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # the boundary to JS: everything becomes a value
            return _error(error)

    return guarded


def _guarded_async(function: Callable[P, Awaitable[object]]) -> Callable[P, Awaitable[object]]:
    @wraps(function)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> object:
        try:
            return await function(*args, **kwargs)
        except Exception as error:  # see _guarded
            return _error(error)

    return guarded


def _engine() -> Engine:
    if _state.engine is None:
        raise RuntimeFailed("the engine has not been started.", "Call boot() first.")
    return _state.engine


@_guarded
def boot() -> object:
    """Start the engine."""
    for job_id in list(_state.jobs):
        cancel(job_id)
    _state.engine = Engine(BrowserRuntime())
    return json.dumps({"engine": __version__, "format": FORMAT})


@_guarded_async
async def load_voice(manifest_json: str, files: Any) -> object:  # noqa: ANN401 -- a JS object
    """Load a pack from the text of its manifest and its files."""
    try:
        manifest = json.loads(manifest_json)
    except ValueError as error:
        raise VoiceFormat(f"the voice's manifest is not JSON: {error}.", "Fetch the voice again.") from error
    if not isinstance(manifest, dict):
        raise VoiceFormat(f"the voice's manifest is {manifest!r:.80}, expected an object.", "Fetch the voice again.")
    await _engine().load_voice(manifest, _JsFiles(files))
    pack = manifest["id"]
    return _voice_list(pack)


@_guarded_async
async def load_model(name: str, manifest_json: str, model: Any) -> object:  # noqa: ANN401 -- a Uint8Array
    """Load a model of the front end."""
    try:
        manifest = json.loads(manifest_json)
    except ValueError as error:
        raise ModelCorrupt(f"{name}.json is not JSON: {error}.", "Fetch the model again.") from error
    if not isinstance(manifest, dict):
        raise ModelCorrupt(f"{name}.json is {manifest!r:.80}, expected an object.", "Fetch the model again.")
    await _engine().load_model(name, manifest, model.to_memoryview())
    return None


@_guarded_async
async def infer(text: str, options_json: str) -> object:
    """The emotion of each sentence."""
    found = await _engine().infer(text, Options.from_mapping(_parsed(options_json)))
    values = [inference.as_dict() for inference in found]
    return json.dumps(_in_utf16(values, Utf16Offsets(text)), ensure_ascii=False)


@_guarded
def voices() -> object:
    """Every loaded speaker."""
    return _voice_list(None)


def _voice_list(pack: str | None) -> str:
    infos = [info for info in _engine().voices() if pack is None or info.id.split("/")[0] == pack]
    return json.dumps([info.as_dict() for info in infos])


def _parsed(options_json: str) -> object:
    try:
        return json.loads(options_json)
    except ValueError as error:
        raise OptionInvalid(f"the options are not JSON: {error}.", "Pass a JSON object.") from error


@_guarded
def start(job_id: int, text: str, options_json: str, begin: int = 0) -> object:
    """Note down a job; its work is done by `next_chunk`."""
    if job_id in _state.jobs:
        raise OptionInvalid(f"job {job_id} is running already.", "Use a new number for each job.")
    cancellation, offsets = Cancellation(), Utf16Offsets(text)
    options = Options.from_mapping(_parsed(options_json))
    chunks = _engine().stream(text, options, cancellation, offsets.code_point(begin))
    _state.jobs[job_id] = _Job(offsets, chunks, cancellation)
    return None


@_guarded
def set_word(word: str, reading: str) -> object:
    """Add a word to the session's lexicon or change it; forget it where the reading is empty."""
    lexicon = _engine().lexicon
    if reading.strip():
        lexicon.add(word, reading)
    elif word in lexicon:
        lexicon.remove(word)
    return None


@_guarded
def words() -> object:
    """The session's own words."""
    return json.dumps(dict(_engine().lexicon), ensure_ascii=False)


@_guarded
def load_style(meta_json: str, source: str) -> object:
    """Load a style plugin, or replace that of the same id."""
    meta = _parsed(meta_json)
    if not isinstance(meta, dict):
        raise StyleInvalid(f"the style's record is {meta!r:.80}, expected an object.", "Pass {} if there is none.")
    return json.dumps(_engine().styles.load(meta, source).as_dict(), ensure_ascii=False)


@_guarded
def remove_style(id: str) -> object:  # noqa: A002 -- the name in the contract
    """Forget a style plugin."""
    _engine().styles.remove(id)
    return None


@_guarded
def styles() -> object:
    """The loaded style plugins."""
    return json.dumps([info.as_dict() for info in _engine().styles.list()], ensure_ascii=False)


@_guarded_async
async def explain(text: str, options_json: str) -> object:
    """How a text is read, and why."""
    options, engine = Options.from_mapping(_parsed(options_json)), _engine()
    hints = await engine.hints(text, options)
    values = text_explain(
        text, options.markup, engine.words(options), emoji=options.emoji, languages=options.languages, hints=hints
    )
    offsets = Utf16Offsets(text)
    return json.dumps(_in_utf16(values, offsets), ensure_ascii=False)


def _in_utf16(value: object, offsets: Utf16Offsets) -> object:
    if isinstance(value, Mapping):
        return {
            key: offsets(item) if key in ("start", "stop") else _in_utf16(item, offsets) for key, item in value.items()
        }
    return [_in_utf16(item, offsets) for item in value] if isinstance(value, list) else value


@_guarded_async
async def next_chunk(job_id: int) -> object:
    """Make the next chunk of a job."""
    job = _state.jobs.get(job_id)
    if job is None:
        return None
    if job.running:
        raise OptionInvalid(f"next_chunk of job {job_id} is under way.", "Await it before the next call.")
    job.running = True
    try:
        chunk = await anext(job.chunks, None)
    except BaseException:
        _forget(job_id, job)
        raise
    finally:
        job.running = False
    if chunk is None:
        _forget(job_id, job)
        return None
    # `to_js` of a dictionary leaves the typed array made before as it is.
    return _plain({"samples": to_js(chunk.samples), "meta": json.dumps(_meta(chunk, job.offsets))})


def _forget(job_id: int, job: _Job) -> None:
    # The number may have been given to another job after a cancel.
    if _state.jobs.get(job_id) is job:
        del _state.jobs[job_id]


def _meta(chunk: Chunk, offsets: Utf16Offsets) -> dict[str, object]:
    """The chunk without its samples, spans in UTF-16 code units."""

    def spanned(value: object) -> dict[str, object]:
        fields = asdict(cast(Any, value))
        return {**fields, "start": offsets(fields["start"]), "stop": offsets(fields["stop"])}

    return {
        "index": chunk.index,
        "sample_rate": chunk.sample_rate,
        "start": offsets(chunk.start),
        "stop": offsets(chunk.stop),
        "last": chunk.last,
        "words": [spanned(word) for word in chunk.words],
        "marks": [spanned(mark) for mark in chunk.marks],
        "notices": [spanned(notice) for notice in chunk.notices],
        "sentence": chunk.sentence,
        "phones": [{"phone": one.phone, "begin_s": one.begin_s, "end_s": one.end_s} for one in chunk.phones],
        "pitch": {"step_s": chunk.pitch.step_s, "hertz": chunk.pitch.hertz},
        "timings": dict(chunk.timings),
        "emotion": chunk.emotion and chunk.emotion.as_dict(),
    }


@_guarded
def cancel(job_id: int) -> object:
    """Forget a job."""
    job = _state.jobs.pop(job_id, None)
    if job is None:
        return None
    job.cancellation.cancel()
    if not job.running:
        # Lets go of the voice now; a running job does so itself when it meets the flag.
        closing = asyncio.ensure_future(_close(job.chunks))
        _state.closing.add(closing)
        closing.add_done_callback(_state.closing.discard)
    return None


async def _close(chunks: AsyncGenerator[Chunk, None]) -> None:
    await chunks.aclose()


@_guarded
def release_voice(id: str) -> object:  # noqa: A002 -- the name in the contract
    """Free a pack's models."""
    _engine().release_voice(id)
    return None
