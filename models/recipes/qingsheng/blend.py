"""A network between two checkpoints of the same training, by the mean of their averaged weights.

``python -m models.recipes.qingsheng.blend FIRST SECOND OUT --share 0.55`` gives the second that share. Networks that
went on from the same weights lie in one basin, where the mean is as good as either or better (Wortsman et al. 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def blend(first: Path, second: Path, out: Path, share: float) -> None:
    """Write a checkpoint that ``load_trained`` reads; it holds weights alone."""
    one, two = (torch.load(path, weights_only=False)["average"] for path in (first, second))
    mean = {name: torch.lerp(one[name], two[name], share) for name in one}
    torch.save({"model": mean, "average": mean}, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("first", "second", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--share", type=float, required=True)
    options = parser.parse_args()
    blend(options.first, options.second, options.out, options.share)


if __name__ == "__main__":
    main()
