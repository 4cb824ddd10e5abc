"""Released weights -> checkpoints, to go on from: ``python -m models.recipes.qingsheng.unpack --work .work/voice``

Writes the checkpoint of each model's last stage, as the steps and ``export`` look for it, where there is none.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from .training import released, wide_vocoder

LAST = {"prosody": "prosody.pt", "acoustic": "acoustic_sharp.pt", "vocoder": "vocoder_quiet.pt"}


def unpack(weights: Path, work: Path) -> list[Path]:
    """The checkpoints that were written."""
    states = {name: released(weights, name) for name in LAST}
    narrow = {k: v for k, v in states["vocoder"].items() if not k.startswith("upper")}
    files = {LAST[name]: state for name, state in states.items()} | {LAST["vocoder"]: narrow}
    if len(narrow) < len(states["vocoder"]):
        files[wide_vocoder(work).name] = states["vocoder"]
    written = []
    for name, state in files.items():
        path = work / name
        if not path.exists():
            torch.save({"model": state}, path)
            written.append(path)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--weights", type=Path, default=Path("models/qingsheng/weights-fp16.npz"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    for path in unpack(options.weights, options.work):
        print(path)


if __name__ == "__main__":
    main()
