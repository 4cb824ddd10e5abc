"""Command line: ``python -m py_engine "今天天气真好。" -o out.wav``.

Exit status: 0 done, 1 an error (one line with its code on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from pathlib import Path

from py_engine.emotion.values import AUTO, EMOTIONS
from py_engine.errors import OptionInvalid, QingshengError
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.credit import append_credit, credit, credited_header
from py_engine.synthesis.library import Catalog, read_catalog, read_models, read_pack
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Chunk, Options
from py_engine.synthesis.wav import pcm16
from py_engine.text import Hints
from py_engine.text.explain import lines
from py_engine.text.markup import MODES

STREAM = "-"
MODELS = Path(__file__).resolve().parent.parent / "models"


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m py_engine", description="Speak Mandarin text into a WAV file.")
    result.add_argument("text", nargs="?", help="what to say; read from standard input where it is left out")
    result.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("out.wav"),
        help="16-bit WAV file (%(default)s); - streams to standard output",
    )
    result.add_argument("--voice", help="voice id, <pack> or <pack>/<speaker>; the catalogue's default if left out")
    result.add_argument("--speed", type=float, default=1.0, help="0.5 to 2 (%(default)s)")
    result.add_argument("--pitch", type=float, default=0.0, help="semitones, -12 to 12 (%(default)s)")
    result.add_argument("--emotion", choices=(AUTO, *EMOTIONS), default=AUTO, help="(%(default)s: what the text says)")
    result.add_argument("--intensity", type=float, default=1.0, help="of the emotion, 0 to 1.2 (%(default)s)")
    result.add_argument("--markup", choices=MODES, default="auto", help="how to read mark-up (%(default)s)")
    result.add_argument("--explain", action="store_true", help="print how the text is read, and why, and end")
    result.add_argument("--models", type=Path, default=MODELS, help="folder with catalog.json (%(default)s)")
    result.add_argument("--list-voices", action="store_true", help="list the voices and end")
    result.add_argument("--timings", type=Path, help="write the seconds of work per stage as JSON")
    result.add_argument("--verbose", action="store_true", help="log to standard error")
    return result


def list_voices(catalog: Catalog) -> None:
    for entry in catalog.voices:
        mark = " (default)" if entry.id == catalog.default else ""
        speakers = ", ".join(f"{entry.id}/{speaker}" for speaker in entry.speakers)
        print(f"{entry.id}{mark}: {entry.name}, {entry.language}, {entry.license}; speakers {speakers}")


async def load_models(engine: Engine, folder: Path) -> None:
    """The models of the front end that are installed."""
    for name, manifest, model in read_models(folder):
        await engine.load_model(name, manifest, model)


async def hints_of(text: str, markup: str, folder: Path) -> Hints | None:
    engine = Engine(NativeRuntime())
    await load_models(engine, folder)
    return await engine.hints(text, Options(markup=markup))


async def speak(text: str, options: Options, catalog: Catalog, output: Path) -> dict[str, object]:
    """Write the WAV file, or stream, chunk by chunk; return what was measured."""
    engine = Engine(NativeRuntime())
    began = time.perf_counter()
    entry = catalog.find(options.voice)
    manifest, files = read_pack(catalog.folder, entry)
    await engine.load_voice(manifest, files)
    await load_models(engine, catalog.folder)
    loaded = time.perf_counter()
    stages: list[dict[str, object]] = []
    first = 0.0
    chosen = options if options.voice else replace(options, voice=entry.id)
    async with aclosing(engine.stream(text, chosen)) as chunks:
        # The file is opened only once there is something to say.
        opening = await anext(chunks)
        first = time.perf_counter() - loaded
        with opened(output, opening.sample_rate, credit(manifest)) as write:
            stages.append(_write(write, opening))
            async for chunk in chunks:
                stages.append(_write(write, chunk))
            seconds = sum(float(str(stage["audio_s"])) for stage in stages)
    work = time.perf_counter() - loaded
    return {
        "load_s": loaded - began,
        "first_chunk_s": first,
        "work_s": work,
        "audio_s": seconds,
        "real_time_factor": work / seconds,
        "chunks": stages,
    }


@contextmanager
def opened(output: Path, sample_rate: int, copyright_line: str) -> Iterator[Callable[[bytes], object]]:
    """What takes samples: a WAV file, or for ``-`` standard output, at once and without a length in its header."""
    if str(output) == STREAM:
        sys.stdout.buffer.write(credited_header(sample_rate, copyright_line))
        yield lambda samples: (sys.stdout.buffer.write(samples), sys.stdout.buffer.flush())
        return
    with output.open("wb") as raw:
        with wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(sample_rate)
            yield file.writeframes
        append_credit(raw, copyright_line)


def _write(write: Callable[[bytes], object], chunk: Chunk) -> dict[str, object]:
    for notice in chunk.notices:
        print(f"note: {notice.code}: {notice.message}", file=sys.stderr)
    write(pcm16(chunk.samples))
    return {"audio_s": len(chunk.samples) / chunk.sample_rate, **chunk.timings}


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    if given.verbose:
        logging.basicConfig(level=logging.DEBUG, format="%(relativeCreated)6d ms %(name)s: %(message)s")
    try:
        if given.explain:
            text = sys.stdin.read() if given.text is None else given.text
            print(*lines(text, given.markup, hints=asyncio.run(hints_of(text, given.markup, given.models))), sep="\n")
            return 0
        catalog = read_catalog(given.models)
        if given.list_voices:
            list_voices(catalog)
            return 0
        options = Options(
            given.voice, given.speed, given.pitch, given.markup, emotion=given.emotion, intensity=given.intensity
        )
        text = sys.stdin.read() if given.text is None else given.text
        report = asyncio.run(speak(text, options, catalog, given.output))
        if given.timings:
            given.timings.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    except QingshengError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, OptionInvalid) else 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    told = sys.stderr if str(given.output) == STREAM else sys.stdout
    print(f"{given.output}: {report['audio_s']:.2f} s of speech in {report['work_s']:.2f} s", file=told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
