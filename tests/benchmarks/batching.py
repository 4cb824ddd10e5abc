"""What a larger batch would bring: ``python -m tests.benchmarks.batching [--voice ID]``, as a Markdown table.

The packs' models take one utterance at a time. The decoder's graph, which does nearly all of the work, also runs with a
free batch axis once it is named so, which this does in memory; every utterance of a batch has the same length here, so
that nothing is lost on padding.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from scripts.packs import read_manifest
from scripts.paths import ROOT

BATCHES = (1, 2, 4, 8)
# Phones and frames: a word, a short sentence, a long one.
SIZES = ((12, 80), (30, 200), (60, 400))
REPEATS = 7

Feeds = dict[str, NDArray[np.generic]]


def session(voice: str) -> onnxruntime.InferenceSession:
    model = onnx.load(ROOT / "models" / voice / "decoder.onnx")
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    del model.graph.value_info[:]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def feeds(count: int, phones: int, frames: int, state: int) -> Feeds:
    draw = np.random.default_rng(0)
    return {
        "phones": draw.integers(1, 40, (count, phones)),
        "tones": draw.integers(0, 5, (count, phones)),
        "frame_phone": np.tile(np.arange(frames) * phones // frames, (count, 1)),
        "frame_position": draw.random((count, frames), np.float32),
        "log_f0": draw.normal(5.2, 0.1, (count, frames)).astype(np.float32),
        "voicing": np.ones((count, frames), np.float32),
        "energy": draw.standard_normal((count, frames)).astype(np.float32),
        "speaker": np.zeros(count, np.int64),
        "state": np.zeros((count, 1, state), np.float32),
        "end": np.ones(1, np.int64),
    }


def seconds(model: onnxruntime.InferenceSession, given: Feeds) -> float:
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        model.run(None, given)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def difference(model: onnxruntime.InferenceSession, given: Feeds) -> float:
    """Of the first utterance in its batch from itself alone, over its own spread: quantisation looks at the batch."""
    together = model.run(None, given)
    alone = model.run(None, {name: value[:1] for name, value in given.items()})
    return max(float(np.abs(a[:1] - b).max() / b.std()) for a, b in zip(together, alone, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--voice", default="qingsheng")
    voice = parser.parse_args().voice
    print("| phones, frames |" + "".join(f" batch {count}, ms each |" for count in BATCHES) + " largest change |")
    print("|---|" + "---|" * (len(BATCHES) + 1))
    state = read_manifest(ROOT / "models" / voice)["streaming"]["state"]
    model = session(voice)
    for phones, frames in SIZES:
        given = [feeds(count, phones, frames, state) for count in BATCHES]
        times = [1000 * seconds(model, each) / count for each, count in zip(given, BATCHES, strict=True)]
        cells = "".join(f" {each:.2f} |" for each in times)
        print(f"| {phones}, {frames} |{cells} {difference(model, given[-1]):.4f} σ |")


if __name__ == "__main__":
    main()
