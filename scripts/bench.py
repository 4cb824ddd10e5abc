"""`make bench`: the built site measured in system Chromium, against its budgets and against its float32 twin.

Every figure is a median; the ratio of INT8 to float32 comes from the same run, the same page and the same text.
The table goes to standard output, the raw figures to `.cache/bench/result.json`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts import catalog, float_twin, manifest
from scripts.console import Failure, say
from scripts.paths import DIST, MODELS, ROOT
from scripts.tools import environment

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
        (f"{LITE}: time / time of the default voice", f"{lite / full:.2f}", ""),
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


def run_browser(sites: dict[str, str]) -> dict[str, Any]:
    options = json.dumps({"python": sys.executable, "sites": sites, "runs": RUNS})
    command = ["node", "tests/benchmarks/browser.mjs", options]
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failure("the measurement in the browser failed; its messages are above")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Rows of: what, measured, budget."""
    one, full, floats = (figures[k] for k in ("int8_1", "int8_all", "float32_1"))
    rtf = {k: v["paragraph"]["real_time_factor"] for k, v in (("1", one), ("all", full), ("f", floats))}
    stages = ", ".join(f"{k} {v:.2f}" for k, v in one["boot"]["stages"].items())
    sizes = figures["transfer"]
    return [
        ("first visit, to ready", f"{figures['visits']['first_s']:.2f} s", ""),
        ("second visit, server stopped, to ready", f"{figures['visits']['offline_s']:.2f} s", "3 s"),
        ("engine load without cache", f"{one['boot']['seconds']:.2f} s ({stages})", ""),
        ("first audio of a sentence, warm, 1 thread", f"{one['sentence']['first_chunk_s'] * 1000:.0f} ms", "300 ms"),
        ("real-time factor, INT8, 1 thread", f"{rtf['1']:.3f}", "0.10"),
        ("real-time factor, INT8, all threads", f"{rtf['all']:.3f}", ""),
        ("real-time factor, float32, 1 thread", f"{rtf['f']:.3f}", ""),
        ("INT8 time / float32 time", f"{rtf['1'] / rtf['f']:.2f}", "1"),
        ("memory, idle", f"{figures['memory']['idle'] / MB:.1f} MB", ""),
        ("memory, peak while speaking 2,000 characters", f"{figures['memory']['peak'] / MB:.1f} MB", "128 MB"),
        ("first visit, compressed transfer", f"{sum(sizes.values()) / MB:.2f} MB", "22 MB"),
        *((f"  of it {group}", f"{size / MB:.2f} MB", "") for group, size in sorted(sizes.items())),
        *lite_rows(figures),
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
    WORK.mkdir(parents=True, exist_ok=True)
    site, small = WORK / "float32", WORK / "lite"
    pack = default_pack(MODELS)
    site_with(DIST, site, lambda models: float_twin.convert(pack, models))
    sites = {"int8": str(DIST), "float32": str(site)}
    if (MODELS / LITE).exists():
        site_with(DIST, small, lambda models: copy_pack(MODELS / LITE, models))
        sites["lite"] = str(small)
    say("measuring in Chromium, a few minutes")
    figures = run_browser(sites)
    figures["transfer"] = transfer(DIST)
    figures["int8_bytes"], figures["float32_bytes"] = model_bytes(pack), model_bytes(site / "models" / pack.name)
    figures["lite_bytes"] = model_bytes(MODELS / LITE)
    (WORK / "result.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(f"\nChromium {figures['chromium']}, {os.cpu_count()} processors, {RUNS} runs, medians\n")
    print("| what | measured | budget |\n|---|---|---|")
    for row in table(figures):
        print(f"| {' | '.join(row)} |")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"bench: {failure}")
