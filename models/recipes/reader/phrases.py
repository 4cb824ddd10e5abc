"""Where a phrase may end, learnt from trees: ``python -m models.recipes.reader.phrases --data DIR``.

No free corpus labels the prosodic phrases of Mandarin, but the trees of GSD say what belongs together: between a
subject and what is said of it a phrase may end, between an adverb and its verb or inside a compound it may not.
`looseness` puts that in numbers. A small head learns them, and sentences judged by a person (``phrases.txt``), from
what the released network makes of the characters on both sides. The network itself is not touched: words and readings
stay bit by bit.

The head is put into ``models/reader/reader.onnx``, in place of the one that was there; the odds of a comma, which the
network learnt by itself, have a small share in what comes out as ``pauses``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from models.recipes.reader.judged import Judged, judged
from models.recipes.reader.network import Reader
from models.recipes.reader.trees import COMMA, INSIDE, Word, looseness, trees
from py_engine.text.lexicon import lexicon
from py_engine.text.normalise import Normaliser
from py_engine.text.reader import Inputs, sentence_inputs
from py_engine.text.sentences import Sentence, split_sentences
from scripts.packs import described

JUDGED = Path(__file__).with_name("phrases.txt")
FOLDER = Path("models/reader")
WIDTH, HIDDEN = 128, 48
# Places that are looked at: one before the boundary's left character, and two behind it
FIRST_PLACE, PLACES = -1, 4
# Of the odds of a comma in what comes out
COMMAS = 0.12
BATCH, TREE_ROUNDS, JUDGED_ROUNDS = 24, 8, 10
# Of the trees beside the judged sentences
BESIDE = 0.7
CLAUSE_MARKS, LIST_MARK = "，,；;：:。", "、"
LIST = 0.3
# A boundary that teaches nothing
UNKNOWN = float("nan")


@dataclass(frozen=True)
class Row:
    """What the network makes of a sentence [N, WIDTH], and how loose the boundary behind each character is [N]."""

    encoded: NDArray[np.float32]
    loose: NDArray[np.float32]


def released(folder: Path = FOLDER) -> Reader:
    with np.load(folder / "weights-fp16.npz") as arrays:
        weights = {
            name: torch.from_numpy(arrays[name]).float() if arrays[name].dtype == np.float16
            else torch.from_numpy(arrays[name])
            for name in arrays.files if not name.startswith("phrases.")
        }  # fmt: skip
    characters, syllables = len(weights["character.weight"]) - 2, len(weights["reading.weight"]) // 6 - 1
    model = Reader(list(range(0x4E00, 0x4E00 + characters)), list(range(1, syllables + 1)))
    model.load_state_dict(weights)
    return model.eval()


def rows(model: Reader, text: str, loose: Callable[[int, int], float]) -> Iterator[Row]:
    """``loose``: of the boundary between the character that ends and the one that begins at these places."""
    for sentence in split_sentences(Normaliser(text, lexicon()).items()):
        inputs = sentence_inputs(sentence, lexicon())
        target = np.full(len(inputs.characters), UNKNOWN, np.float32)
        for row, stop, start in boundaries(sentence, inputs):
            target[row] = loose(stop, start)
        feeds = {name: torch.from_numpy(value) for name, value in inputs.feeds().items() if name != "candidates"}
        with torch.no_grad():
            encoded = model.encode(model.rows(feeds["characters"]), feeds["pattern"], feeds["known"], None)[0]
        yield Row(encoded.numpy(), target)


def boundaries(sentence: Sentence, inputs: Inputs) -> Iterator[tuple[int, int, int]]:
    """The row of the left character, where it ends and where the right one begins."""
    for phrase, places in zip(sentence.phrases, inputs.places, strict=True):
        for row, left, right in zip(places, phrase.units, phrase.units[1:], strict=False):
            yield row, left.stop, right.start


def tree_rows(model: Reader, words: Sequence[Word], bare: bool) -> Iterator[Row]:
    """``bare``: without the marks inside, so that the head sees where a writer put them."""
    text, starts = "", {}
    for number, word in enumerate(words):
        if not (bare and word.is_mark and number < len(words) - 1):
            starts[len(text)] = number
            text += word.text
    run = run_of(words)

    def loose(stop: int, start: int) -> float:
        number = starts.get(start, 0)
        if stop != start:
            return UNKNOWN
        if start not in starts:
            return INSIDE
        if number == 0 or words[number].is_mark:
            return UNKNOWN
        if words[number - 1].is_mark:
            mark = words[number - 1].text
            return COMMA if mark in CLAUSE_MARKS else LIST if mark == LIST_MARK else UNKNOWN
        return looseness(words, number, *run[number])

    yield from rows(model, text, loose)


def run_of(words: Sequence[Word]) -> dict[int, tuple[int, int]]:
    """Per word the half-open run between two marks that it stands in."""
    found: dict[int, tuple[int, int]] = {}
    start = 0
    for stop in range(len(words) + 1):
        if stop == len(words) or words[stop].is_mark:
            found |= dict.fromkeys(range(start, stop), (start, stop))
            start = stop + 1
    return found


def judged_rows(model: Reader, cases: Iterable[Judged]) -> Iterator[Row]:
    for case in cases:

        def loose(stop: int, _: int, own: Judged = case) -> float:
            return 1.0 if stop in own.good else 0.0 if stop in own.harmless else -1.0

        yield from rows(model, case.text, loose)


class Head(nn.Module):
    """Four places, then three of what was made of them, to one number per boundary. Rows [T, WIDTH] end to end."""

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__()
        self.near = nn.Linear(PLACES * WIDTH, HIDDEN)
        self.wide = nn.Linear(3 * HIDDEN, HIDDEN)
        self.out = nn.Linear(HIDDEN, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        near = functional.relu(self.near(shifted(self.dropout(x), FIRST_PLACE, PLACES)))
        wide = near + functional.relu(self.wide(shifted(self.dropout(near), -1, 3)))
        return self.out(wide)[:, 0]


def shifted(x: Tensor, first: int, count: int) -> Tensor:
    """Each row beside its neighbours, from ``first`` on."""
    padded = functional.pad(x, (0, 0, -first, first + count - 1))
    return torch.cat([padded[at : at + len(x)] for at in range(count)], -1)


def loss(head: Head, chosen: Sequence[Row]) -> Tensor:
    """Cross entropy over boundaries of sentences that are laid end to end, with nothing between them."""
    gap = np.zeros((3, WIDTH), np.float32)
    encoded = torch.from_numpy(np.concatenate([part for row in chosen for part in (row.encoded, gap)]))
    nothing = np.full(3, UNKNOWN, np.float32)
    target = torch.from_numpy(np.concatenate([part for row in chosen for part in (row.loose, nothing)]))
    known = ~torch.isnan(target)
    return functional.binary_cross_entropy_with_logits(head(encoded)[known], (target[known] + 1) / 2)


def train(trees_: Sequence[Row], sentences: Sequence[Row], seed: int = 0) -> Head:
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    head = Head()
    steps = TREE_ROUNDS * (len(trees_) // BATCH)
    optimiser = torch.optim.AdamW(head.parameters(), lr=2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps)
    for _ in range(TREE_ROUNDS):
        order = random.permutation(len(trees_))
        for at in range(len(trees_) // BATCH):
            update(optimiser, loss(head, [trees_[i] for i in order[at * BATCH : (at + 1) * BATCH]]))
            schedule.step()
    optimiser = torch.optim.AdamW(head.parameters(), lr=5e-4, weight_decay=1e-3)
    for _ in range(JUDGED_ROUNDS):
        order = random.permutation(len(sentences))
        for at in range(0, len(sentences), BATCH):
            own = loss(head, [sentences[i] for i in order[at : at + BATCH]])
            other = loss(head, [trees_[i] for i in random.integers(0, len(trees_), BATCH)])
            update(optimiser, own + BESIDE * other)
    return head.eval()


def update(optimiser: torch.optim.Optimizer, value: Tensor) -> None:
    optimiser.zero_grad()
    value.backward()
    optimiser.step()


def graft(model: onnx.ModelProto, head: Head) -> None:
    """The head behind the network's last norm, in INT8 by column (widened when the session is made)."""
    graph = model.graph
    # what was grafted before goes; the network's own output becomes an inner one
    kept = [one for one in graph.node if not any(name.startswith("phrases.") for name in (*one.input, *one.output))]
    for one in kept:
        if "pauses" in one.output:
            one.output[0] = "commas"
    constants = [one for one in graph.initializer if not one.name.startswith("phrases.")]
    last = next(node.input[0] for node in kept if node.output[0] == "/pauses/MatMul_output_0")
    nodes: list[NodeProto] = []

    def constant(name: str, value: NDArray[np.generic]) -> str:
        constants.append(numpy_helper.from_array(value, f"phrases.{name}"))
        return f"phrases.{name}"

    def node(operator: str, inputs: Sequence[str], name: str, **attributes: int) -> str:
        nodes.append(helper.make_node(operator, list(inputs), [f"phrases.{name}"], **attributes))
        return f"phrases.{name}"

    def beside(x: str, first: int, count: int, name: str) -> str:
        edges = constant(f"{name}.edges", np.array([0, -first, 0, 0, first + count - 1, 0], np.int64))
        padded = node("Pad", [x, edges], f"{name}.padded")
        parts = []
        for at in range(count):
            # up to as many from the end as the padding goes on
            behind = at - (count - 1)
            limits = [
                constant(f"{name}.{side}{at}", np.array([value], np.int64))
                for side, value in (("from", at), ("to", behind or np.iinfo(np.int64).max))
            ]
            parts.append(
                node("Slice", [padded, *limits, constant(f"{name}.axis{at}", np.array([1], np.int64))], f"{name}.{at}")
            )
        return node("Concat", parts, f"{name}.beside", axis=-1)

    def product(x: str, layer: nn.Linear, name: str) -> str:
        weights = layer.weight.detach().numpy().T
        scales = np.maximum(np.abs(weights).max(0, keepdims=True), 1e-6) / 127
        whole = constant(f"{name}.whole", np.rint(weights / scales).astype(np.int8))
        floats = node("Cast", [whole], f"{name}.floats", to=onnx.TensorProto.FLOAT)
        scaled = node("Mul", [floats, constant(f"{name}.scales", scales.astype(np.float32))], f"{name}.weights")
        bias = constant(f"{name}.bias", layer.bias.detach().numpy())
        return node("Add", [node("MatMul", [x, scaled], f"{name}.product"), bias], f"{name}.sum")

    near = node("Relu", [product(beside(last, FIRST_PLACE, PLACES, "near"), head.near, "near")], "near.relu")
    further = node("Relu", [product(beside(near, -1, 3, "wide"), head.wide, "wide")], "wide.relu")
    loose = product(node("Add", [near, further], "both"), head.out, "out")
    flat = node("Squeeze", [loose, constant("last", np.array([-1], np.int64))], "loose")
    share = node("Mul", ["commas", constant("share", np.array(COMMAS, np.float32))], "commas")
    nodes.append(helper.make_node("Add", [flat, share], ["pauses"]))
    del graph.node[:], graph.initializer[:]
    graph.node.extend([*kept, *nodes])
    graph.initializer.extend(constants)
    onnx.checker.check_model(model)


def keep(head: Head, folder: Path) -> None:
    with np.load(folder / "weights-fp16.npz") as arrays:
        weights = {name: arrays[name] for name in arrays.files if not name.startswith("phrases.")}
    weights |= {f"phrases.{name}": value.half().numpy() for name, value in head.state_dict().items()}
    np.savez_compressed(folder / "weights-fp16.npz", **weights)  # type: ignore[arg-type]
    known = folder / "reader.json"
    manifest = json.loads(known.read_text("utf-8"))
    manifest |= described("reader.onnx", (folder / "reader.onnx").read_bytes())
    known.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--looked-at", type=Path, default=Path("tests/text/breaks.txt"), help="odd sentences of it")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = released(options.folder)
    treebank = list(trees(options.data / "segmentation/ud-gsd-simplified-train.conll"))
    by_tree = [row for words in treebank for bare in (False, True) for row in tree_rows(model, words, bare)]
    cases = [*judged(JUDGED), *list(judged(options.looked_at))[::2]]
    head = train(by_tree, list(judged_rows(model, cases)))
    path = options.folder / "reader.onnx"
    network = onnx.load(str(path))
    graft(network, head)
    onnx.save(network, str(path))
    keep(head, options.folder)
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
