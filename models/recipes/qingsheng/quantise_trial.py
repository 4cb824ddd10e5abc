"""Which quantisation pays in the browser: one table. ``python -m models.recipes.qingsheng.quantise_trial``

Makes the ``variants`` from the float32 networks in ``--floats`` (or from the pack, by
``scripts.float_twin``), times them interleaved in Chromium and in native onnxruntime, both on one thread, and compares
their outputs with float32 on sentences that the ranges were not calibrated on.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import ArrayLike, NDArray
from onnxruntime.quantization.shape_inference import quant_pre_process  # type: ignore[import-untyped]

from models.recipes.melody import planned, predictor
from scripts import float_twin, packs

from .quantisation import Feeds
from .variants import VARIANTS

FLOAT = "float32"
MODELS = ("prosody", "acoustic", "vocoder")
# what the engine asks for in one go: phones, frames, frames of a chunk with its margins
LENGTHS = {"prosody": 40, "acoustic": 300, "vocoder": 364}
# calls per measurement, so that a measurement takes some tens of milliseconds
CALLS = {"prosody": 10, "acoustic": 1, "vocoder": 1}
CALIBRATION, JUDGED = 100, 20
LONGEST = 128
SENTENCES = Path("../shared/data/sentences/common-voice-wiki.zh-cn.txt")
PER_PHONE = {"phones", "tones", "breaks", "positions"}
HEADING = "profile of "
PROFILED = (FLOAT, "dynamic INT8, wide layers")
Outputs = dict[str, NDArray[Any]]


def session_of(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, feeds: Feeds) -> Outputs:
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds), strict=True))


def batch(values: ArrayLike, kind: type) -> NDArray[Any]:
    return np.asarray(values, kind)[None]


def rows_of(texts: list[str], floats: Path, speaker: dict[str, Any]) -> list[dict[str, Feeds]]:
    """Inputs of the three networks for each utterance of ``texts``."""
    acoustic = session_of(floats / "acoustic.onnx")
    rows = []
    for text in texts:
        for sentence, _, curves in planned(text, predictor(floats / "prosody.onnx"), speaker):
            p = sentence.phones
            known = {k: batch(getattr(p, k), np.int64) for k in ("phones", "tones")}
            prosody = {
                **known, "breaks": batch(p.breaks, np.int64), "positions": batch(p.positions, np.float32),
                "speaker": np.array([speaker["prosody_index"]]),
            }  # fmt: skip
            curve = {k: batch(getattr(curves, k), np.float32) for k in ("log_f0", "voicing")}
            spoken = {
                **known, **curve, "frame_phone": batch(curves.frame_phone, np.int64),
                "frame_position": batch(curves.frame_position, np.float32),
                "energy": batch(curves.energy, np.float32), "speaker": np.array([speaker["index"]]),
            }  # fmt: skip
            rows.append({
                "prosody": prosody, "acoustic": spoken, "vocoder": {**curve, **run(acoustic, spoken)}
            })  # fmt: skip
    return rows


def cut(name: str, feeds: Feeds, length: int) -> Feeds:
    """The first ``length`` phones (prosody) or frames (the others)."""
    along = PER_PHONE if name == "prosody" else set(feeds) - PER_PHONE
    return {k: v[:, :length] if k in along - {"speaker"} else v for k, v in feeds.items()}


def joined(name: str, rows: list[Feeds]) -> Feeds:
    """Utterances in one row, for the calibrators want all shapes alike; of each a beginning or an end, in turns."""
    parts: dict[str, list[NDArray[Any]]] = {key: [] for key in rows[0]}
    phones = 0
    for number, row in enumerate(rows):
        length = min(LONGEST, length_of(name, row))
        for key, value in row.items():
            along = value.ndim > 1 and (name == "prosody" or key not in PER_PHONE)
            piece = (value[:, :length] if number % 2 else value[:, -length:]) if along else value
            parts[key].append(piece + phones if key == "frame_phone" else piece)
        phones += row["phones"].shape[1] if "phones" in row else 0
    return {k: v[0] if v[0].ndim == 1 else np.concatenate(v, 1) for k, v in parts.items()}


def length_of(name: str, feeds: Feeds) -> int:
    return feeds["phones" if name == "prosody" else "log_f0"].shape[1]


def make(work: Path, floats: Path, rows: list[dict[str, Feeds]]) -> dict[str, dict[str, Path]]:
    """Model -> variant -> file; what is newer than the network is kept, what cannot be made is named and left out."""
    out: dict[str, dict[str, Path]] = {}
    for model in MODELS:
        folder = work / model
        folder.mkdir(parents=True, exist_ok=True)
        prepared = folder / "prepared.onnx"
        newest = (floats / f"{model}.onnx").stat().st_mtime
        quant_pre_process(str(floats / f"{model}.onnx"), str(prepared), skip_symbolic_shape=True)
        out[model] = {FLOAT: folder / "float32.onnx"}
        shutil.copyfile(floats / f"{model}.onnx", out[model][FLOAT])
        inputs = [joined(model, [row[model] for row in rows])]
        for name, variant in VARIANTS.items():
            target = folder / (re.sub(r"\W+", "-", name.lower()) + ".onnx")
            if target.exists() and target.stat().st_mtime > newest:
                out[model][name] = target
                continue
            try:
                variant(prepared, target, inputs)
                out[model][name] = target
            except Exception as error:
                print(f"{model}, {name}: not made: {error}", flush=True)
        print(f"{model}: {len(out[model])} variants", flush=True)
    return out


def native_ratios(files: dict[str, Path], feeds: Feeds, runs: int, calls: int) -> dict[str, float]:
    """Median time against float32's of the same round; the order turns from round to round."""
    sessions = {name: session_of(path) for name, path in files.items()}
    taken: dict[str, list[float]] = {name: [] for name in files}
    names = list(files)
    for turn in range(runs + 2):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            began = time.perf_counter()
            for _ in range(calls):
                sessions[name].run(None, feeds)
            taken[name].append(time.perf_counter() - began)
    reference = np.array(taken[FLOAT][2:])
    return {name: float(np.median(np.array(times[2:]) / reference)) for name, times in taken.items()}


def magnitudes(out: Outputs) -> NDArray[Any]:
    harmonic = np.hypot(out["harmonic_re"], out["harmonic_im"])
    return np.log(np.maximum(np.stack([harmonic, out["noise"]]), 1e-6))


def errors(model: str, real: Outputs, made: Outputs, deviation: float) -> list[float]:
    """Mean absolute differences. Prosody: ln duration, F0 in cents where voiced; else ln magnitude.

    ``deviation``: the speaker's standard deviation of ln F0.
    """
    if model == "prosody":
        cents = np.abs(real["f0"] - made["f0"]) * deviation * 1200 / np.log(2)
        return [np.abs(np.log(real["duration"] / made["duration"])).mean(), cents[real["voicing"] > 0.25].mean()]
    if model == "acoustic":
        return [np.abs(real["mel"] - made["mel"]).mean()]
    return [np.abs(magnitudes(real) - magnitudes(made)).mean()]


def judge(model: str, files: dict[str, Path], rows: list[Feeds], deviation: float) -> dict[str, list[float]]:
    reference = [run(session_of(files[FLOAT]), row) for row in rows]
    out = {}
    for name, path in files.items():
        session = session_of(path)
        found = [errors(model, real, run(session, row), deviation) for real, row in zip(reference, rows, strict=True)]
        out[name] = [float(x) for x in np.mean(found, 0)]
    return out


def browser_task(model: str, files: dict[str, Path], feeds: Feeds, work: Path, runs: int) -> dict[str, Any]:
    """What ``quantise_trial.mjs`` does for one model; tensors lie beside the models."""
    tensors = {}
    for name, value in feeds.items():
        path = work / model / f"{name}.bin"
        path.write_bytes(np.ascontiguousarray(value).tobytes())
        tensors[name] = {"type": value.dtype.name, "dims": value.shape, "path": str(path.relative_to(work))}
    paths = {name: str(path.relative_to(work)) for name, path in files.items()}
    return {"model": model, "variants": paths, "feeds": tensors, "runs": runs, "calls": CALLS[model]}


def in_browser(work: Path, tasks: list[dict[str, Any]], profile: bool = False) -> dict[str, Any]:
    options = json.dumps({"root": str(work.resolve()), "tasks": tasks, "reference": FLOAT, "profile": profile})
    script = str(Path(__file__).with_suffix(".mjs"))
    done = subprocess.run(["node", script, options], stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def by_operator(lines: list[str]) -> Iterator[str]:
    """A line for each variant: milliseconds of a run and number of nodes by operator, medians over the runs."""
    heading, nodes = "", defaultdict[tuple[str, str], list[int]](list)
    for line in [*lines, HEADING]:
        if line.startswith(HEADING):
            total: dict[str, list[float]] = defaultdict(list)
            for (operator, _), taken in nodes.items():
                total[operator].append(float(np.median(taken)) / 1000)
            ordered = sorted(total.items(), key=lambda item: -sum(item[1]))
            if nodes:
                yield f"{heading}: " + ", ".join(f"{k} {sum(v):.2f} ({len(v)})" for k, v in ordered)
            heading = line.removeprefix(HEADING)
            nodes.clear()
        elif '"cat" : "Node"' in line:
            event = json.loads(line.rstrip(","))
            nodes[event["args"]["op_name"], event["name"]].append(event["dur"])


def ratios(values: dict[str, Any], name: str) -> str:
    return " / ".join(f"{values[m][name]:.2f}" if name in values[m] else "-" for m in MODELS)


def table(files: dict[str, dict[str, Path]], measured: dict[str, dict[str, Any]]) -> list[str]:
    lines = [
        "| variant | kB: prosody / acoustic / vocoder | Chromium | native | load | duration | cents | mel | vocoder |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in (FLOAT, *VARIANTS):
        if not any(name in files[m] for m in MODELS):
            continue
        sizes = [f"{files[m][name].stat().st_size / 1000:,.0f}" if name in files[m] else "-" for m in MODELS]
        wrong = [x for m in MODELS for x in measured["errors"][m].get(name, [np.nan] * (1 + (m == "prosody")))]
        figures = [f"{x:.{1 if n == 1 else 4}f}" for n, x in enumerate(wrong)]
        times = [ratios(measured[k], name) for k in ("browser", "native")]
        loads = [sum(measured["load"][m].get(n, np.nan) for m in MODELS) for n in (name, FLOAT)]
        times.append(f"{loads[0] / loads[1]:.2f}")
        lines.append(f"| {' | '.join([name, ' / '.join(sizes), *times, *figures])} |")
    return lines


def print_profile(work: Path, files: dict[str, dict[str, Path]], feeds: dict[str, Feeds]) -> None:
    tasks = [browser_task(m, {n: files[m][n] for n in PROFILED}, feeds[m], work, 10) for m in MODELS]
    found = in_browser(work, tasks, profile=True)
    for model in MODELS:
        print(*(f"{model}, {line}" for line in by_operator(found[model]["lines"])), sep="\n")


def compare(
    options: argparse.Namespace, files: dict[str, dict[str, Path]], feeds: dict[str, Feeds],
    unknown: list[dict[str, Feeds]], deviation: float,
) -> None:  # fmt: skip
    """Measure everything and print the table."""
    tasks, native, wrong = [], {}, {}
    for model in MODELS:
        wrong[model] = judge(model, files[model], [r[model] for r in unknown], deviation)
        native[model] = native_ratios(files[model], feeds[model], options.runs, CALLS[model])
        tasks.append(browser_task(model, files[model], feeds[model], options.work, options.runs))
        print(f"{model}: native done", flush=True)
    browser = in_browser(options.work, tasks)
    measured = {"errors": wrong, "native": native, "browser": {m: browser[m]["ratio"] for m in MODELS}}
    measured["load"] = {m: browser[m]["load"] for m in MODELS}
    (options.work / "result.json").write_text(json.dumps({**measured, "details": browser}, indent=1), "utf-8")
    print("\n".join(table(files, measured)))
    absolute = ", ".join(f"{m} {browser[m]['milliseconds']:.1f}" for m in MODELS)
    print(f"\nTimes against float32, in the order of the sizes. float32 in Chromium, ms: {absolute}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/quantise"))
    parser.add_argument("--floats", type=Path, default=Path(".work/voice/float/qingsheng"))
    parser.add_argument("--pack", type=Path, default=Path("models/qingsheng"))
    parser.add_argument("--sentences", type=Path, default=SENTENCES)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--profile", action="store_true", help="only print the time of each operator in Chromium")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    floats = options.floats
    if not floats.exists():
        float_twin.convert(options.pack, options.work)
        floats = options.work / options.pack.name
    speakers = packs.read_manifest(options.pack)["speakers"]
    texts = [t for t in options.sentences.read_text("utf-8").splitlines() if len(t) >= 8]
    step = len(texts) // (CALIBRATION + JUDGED)
    rows = rows_of(texts[::step], floats, speakers[0])
    known, unknown = rows[:CALIBRATION], rows[CALIBRATION:]
    files = make(options.work, floats, known)
    feeds = {
        m: next(cut(m, r[m], length) for r in rows if length_of(m, r[m]) >= length) for m, length in LENGTHS.items()
    }
    if options.profile:
        print_profile(options.work, files, feeds)
    else:
        compare(options, files, feeds, unknown, float(speakers[0]["log_f0_std"]))


if __name__ == "__main__":
    main()
