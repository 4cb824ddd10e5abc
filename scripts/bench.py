"""`make bench`: the built site measured in system Chromium, against its budgets, its float32 twin and its rivals.

Every figure is a median with its spread; what is compared comes from the same run, in turns: INT8 and float32, one
thread and all, the engine and its rivals (`tests/benchmarks/rivals.mjs`, `networks.py`). The table goes to standard
output and `.cache/bench/result.md`, the raw figures to `result.json` beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx

from scripts import catalog, float_twin, manifest
from scripts.console import Failure, say
from scripts.paths import DIST, MODELS, ROOT
from scripts.tools import environment
from tests.benchmarks import networks

RUNS = 5
WORK = ROOT / ".cache" / "bench"
LITE = "qingsheng-lite"
MB = 1_000_000


def default_pack(models: Path) -> Path:
    chosen = json.loads((models / catalog.NAME).read_text("utf-8")).get("default")
    if not chosen:
        raise Failure("there is no voice to measure: models/catalog.json names no default")
    return models / str(chosen)


def site_with(built: Path, site: Path, write_pack: Callable[[Path], object]) -> None:
    """The built site with the pack that ``write_pack`` puts into its models; everything else is linked."""
    shutil.rmtree(site, ignore_errors=True)
    ignored = shutil.ignore_patterns("models", manifest.NAME)
    shutil.copytree(built, site, ignore=ignored, copy_function=os.link)
    files = json.loads((built / manifest.NAME).read_text("utf-8"))["files"]
    pages = {str(f["path"]) for f in files if f["group"] == "page"}
    write_pack(site / "models")
    text = catalog.as_text(catalog.catalogue(site / "models"))
    (site / "models" / catalog.NAME).write_text(text, encoding="utf-8")
    manifest.write(site, pages)


def lite_rows(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The small voice, where there is one."""
    if "lite_1" not in figures:
        return []
    lite, full = (figures[k]["paragraph"]["real_time_factor"] for k in ("lite_1", "int8_1"))
    first = figures["lite_1"]["sentence"]["first_chunk_s"]
    return [
        (f"{LITE}: real-time factor, INT8, 1 thread", f"{lite:.3f}", ""),
        (f"{LITE}: time / time of the default voice, in turns", f"{lite / full:.2f}", ""),
        (f"{LITE}: first audio of a sentence, warm, 1 thread", f"{first * 1000:.0f} ms", ""),
        (f"{LITE}: model files", f"{figures['lite_bytes'] / MB:.2f} MB", "2 MB"),
    ]


def transfer(built: Path) -> dict[str, int]:
    """Bytes of a first visit, compressed as served, per group; other voices than the default come when chosen."""
    sizes: dict[str, int] = {}
    own = {"page", "runtime", f"voice:{default_pack(MODELS).name}"}
    for file in json.loads((built / manifest.NAME).read_text("utf-8"))["files"]:
        if file["group"] not in own:
            continue
        size = min([int(x) for x in file["encodings"].values()], default=int(file["bytes"]))
        sizes[str(file["group"])] = sizes.get(str(file["group"]), 0) + size
    return sizes


def run_browser(sites: dict[str, str], utterances: int) -> dict[str, Any]:
    folder = WORK / "networks"
    networks.write(folder)
    given = {"python": sys.executable, "sites": sites, "runs": RUNS, "networks": str(folder), "utterances": utterances}
    options = json.dumps(given)
    command = ["node", "tests/benchmarks/browser.mjs", options]
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failure("the measurement in the browser failed; its messages are above")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def arithmetic(pack: Path, seconds_of_product: float) -> dict[str, float]:
    """Multiply-accumulates of a second of speech (80 frames, 12 phones), and the time they take at the rate of one
    large float32 product in the same WebAssembly."""
    own = sum(
        networks.multiply_accumulates(onnx.load(str(pack / f"{name}.onnx")), {"T": 80, "N": 12, "K": 2})
        for name in ("prosody", "decoder")
    )
    rate = networks.PRODUCT**3 / seconds_of_product
    return {"multiply_accumulates": own, "per_second": rate, "limit": own / rate}


def spread(values: dict[str, float], form: str = "{:.3f}", factor: float = 1.0) -> str:
    told = {name: form.format(value * factor) for name, value in values.items()}
    return f"{told['median']} ({told['least']} to {told['most']})"


def arithmetic_told(limit: dict[str, float]) -> str:
    own, rate = limit["multiply_accumulates"] / 1e9, limit["per_second"] / 1e9
    return f"arithmetic limit: {own:.2f} G multiply-accumulates at {rate:.1f} G a second (float32)"


def rival_rows(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Seconds of work for a second of sound, one thread, one run."""
    rivals, limit = figures["rivals"], figures["arithmetic"]
    names = {
        "qingsheng": "this engine, INT8, text to sound",
        "mespeak": "mespeak 2.0.2, Mandarin (formants)",
        "piper": "random network of the size of a medium Piper voice",
        "matcha": "random network of the size of Matcha (2 steps) and Vocos",
    }
    rows = [(f"work per second of sound: {told}", spread(rivals[name]), "") for name, told in names.items()]
    grow = figures["soak"]
    count = grow["utterances"]
    return [
        *rows,
        (
            arithmetic_told(limit),
            f"{limit['limit']:.3f}",
            "",
        ),
        (f"memory over {count} utterances, the first ones", growth(grow["first"]), ""),
        (f"memory over {count} after {grow['before']}", growth(grow["last"]), "0"),
        ("memory, greatest of them", f"{grow['most'] / MB:.1f} MB", "128 MB"),
        ("memory, ten changes between two voices, last less first", changed(figures["changes"]["taken"]), "0"),
    ]


def gain(one: dict[str, Any], other: dict[str, Any], text: str) -> str:
    """How often the other has done it when the one has."""
    return f"{one[text]['real_time_factor'] / other[text]['real_time_factor']:.2f}"


def growth(line: dict[str, float]) -> str:
    return f"{line['slope'] / 1000:+.2f} kB an utterance, deviation {line['deviation'] / 1000:.2f}"


def changed(taken: list[int]) -> str:
    """The same voice after ten changes, and how large it was."""
    return f"{(taken[-1] - taken[0]) / MB:+.1f} MB of {taken[0] / MB:.1f}"


def table(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Rows of: what, measured, budget."""
    one, full, floats = (figures[k] for k in ("int8_1", "int8_all", "float32_1"))
    rtf = {k: v["paragraph"]["real_time_factor"] for k, v in (("1", one), ("all", full), ("f", floats))}
    stages = ", ".join(f"{k} {v:.2f}" for k, v in one["boot"]["stages"].items())
    sizes = figures["transfer"]
    return [
        ("first visit, to ready", f"{figures['visits']['first_s']:.2f} s", ""),
        ("second visit, server stopped, to ready", f"{figures['visits']['second_s']:.2f} s", "3 s"),
        ("visits after it, likewise", f"{spread(figures['visits']['later'], '{:.2f}')} s", "3 s"),
        ("engine load without cache", f"{one['boot']['seconds']:.2f} s ({stages})", ""),
        ("first audio of a sentence, warm, 1 thread", f"{one['sentence']['first_chunk_s'] * 1000:.0f} ms", "300 ms"),
        ("real-time factor, INT8, 1 thread", f"{rtf['1']:.3f}", "0.10"),
        ("real-time factor, INT8, all threads", f"{rtf['all']:.3f}", ""),
        ("one thread / all threads, paragraph, in turns", gain(one, full, "paragraph"), "1.5"),
        ("one thread / all threads, page of nine sentences, in turns", gain(one, full, "page"), "1.5"),
        ("one thread / all threads, three pages, in turns", gain(one, full, "chapter"), "1.5"),
        (
            "two matrix products at once / one after the other, in the same minutes",
            spread(figures["second_core"], "{:.2f}"),
            "",
        ),
        ("real-time factor, float32, 1 thread", f"{rtf['f']:.3f}", ""),
        ("INT8 time / float32 time, in turns", f"{rtf['1'] / rtf['f']:.2f}", "1"),
        ("memory, idle", f"{figures['memory']['idle'] / MB:.1f} MB", ""),
        ("memory, peak while speaking 2,000 characters", f"{figures['memory']['peak'] / MB:.1f} MB", "128 MB"),
        ("the same on all threads, as fast as it can", f"{figures['memory_all']['peak'] / MB:.1f} MB", "128 MB"),
        ("first visit, compressed transfer", f"{sum(sizes.values()) / MB:.2f} MB", "22 MB"),
        *((f"  of it {group}", f"{size / MB:.2f} MB", "") for group, size in sorted(sizes.items())),
        *lite_rows(figures),
        *rival_rows(figures),
        (
            "model files, INT8 / float32",
            f"{figures['int8_bytes'] / MB:.2f} / {figures['float32_bytes'] / MB:.2f} MB",
            "6 MB",
        ),
    ]


def model_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.onnx"))


def copy_pack(folder: Path, models: Path) -> None:
    shutil.copytree(folder, models / folder.name, ignore=shutil.ignore_patterns("*.npz", "*.md"))


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure speed and memory in the browser.")
    parser.add_argument("--utterances", type=int, default=300, help="of each half of the memory's long run")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    site, small = WORK / "float32", WORK / "lite"
    pack = default_pack(MODELS)
    site_with(DIST, site, lambda models: float_twin.convert(pack, models))
    sites = {"int8": str(DIST), "float32": str(site)}
    if (MODELS / LITE).exists():
        site_with(DIST, small, lambda models: copy_pack(MODELS / LITE, models))
        sites["lite"] = str(small)
    say("measuring in Chromium, a few minutes")
    figures = run_browser(sites, options.utterances)
    figures["arithmetic"] = arithmetic(pack, figures["rivals"]["product"]["median"])
    figures["transfer"] = transfer(DIST)
    figures["int8_bytes"], figures["float32_bytes"] = model_bytes(pack), model_bytes(site / "models" / pack.name)
    figures["lite_bytes"] = model_bytes(MODELS / LITE)
    (WORK / "result.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    lines = [
        f"Chromium {figures['chromium']}, {os.cpu_count()} processors, {RUNS} runs, medians (least to most)",
        "",
        "| what | measured | budget |",
        "|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in table(figures)),
    ]
    (WORK / "result.md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n" + "\n".join(lines))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"bench: {failure}")
