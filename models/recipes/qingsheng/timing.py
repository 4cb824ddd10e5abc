"""The trees of `durations` inside the prosody network's own file: they say how long a syllable is, the network how
its phones share that. ``python -m models.recipes.qingsheng.timing --voice qingsheng`` puts them into a pack; `export`
does the same.

The graph gets nodes that count syllables out of the phones, gather what the trees know of each (the same columns as
`durations.features`), and scale the network's frames. Nothing of the engine knows of it. The trees are one
``TreeEnsemble`` (ai.onnx.ml 5), which onnxruntime-web has in its default build.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, helper, numpy_helper

from py_engine.text.phones import CODA, FINALS, INITIALS, PHONES
from scripts.packs import read_manifest, write_file, write_manifest

from .durations import CODES, CURLED, FAR, MANNERS, PLACES, READERS, Durations, Floats, Sounds, classes
from .items import load_items

# TreeEnsemble came with the fifth opset of ai.onnx.ml, and that with the tenth version of the format
TREE_OPSET, IR = 5, 10
OUTPUT, PLAIN, PREFIX = "duration", "network_duration", "timing_"
LEAST_OR_EQUAL, SUM, NO_TRANSFORM = 0, 1, 0
# ln: the mean of ln frames, which the trees learn, is that much below the pace of the readers and of the network
PACE = 0.065
# Up to so many syllables an utterance keeps the network's lengths, from so many on it has the trees': they learned from
# few that are shorter, the network from words
SHORT, LONG = 4, 7
# By timing: how much the trees count, and whose they are, from one side and the other of the mean
WEIGHTS = (0.0, 1.0, 1.0, 1.0)
SIDES = ((1, 1), (1, 1), (2, 2), (1, 2))
FAR_AWAY = 10_000.0


class Nodes:
    """Nodes to add to a graph, named in their order; making a session costs time for each, so they are few."""

    def __init__(self, graph: GraphProto) -> None:
        self._graph, self._count = graph, 0

    def __call__(self, kind: str, *inputs: str, out: str = "", domain: str = "", **attributes: Any) -> str:  # noqa: ANN401 -- as ONNX takes them
        self._count += 1
        name = out or f"{PREFIX}{self._count}"
        self._graph.node.append(helper.make_node(kind, list(inputs), [name], domain=domain, **attributes))
        return name

    def constant(self, values: Any, kind: type = np.float32) -> str:  # noqa: ANN401 -- whatever NumPy takes
        array = np.asarray(values, kind)
        name = PREFIX + hashlib.sha256(f"{array.dtype}{array.shape}".encode() + array.tobytes()).hexdigest()[:8]
        if all(tensor.name != name for tensor in self._graph.initializer):
            self._graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    def integers(self, values: Any) -> str:  # noqa: ANN401 -- whatever NumPy takes
        return self.constant(values, np.int64)

    def pick(self, name: str, *columns: int) -> str:
        """Columns of [1, R, C]."""
        return self("Gather", name, self.integers(columns), axis=2)

    def shifted(self, name: str, by: int) -> str:
        """[1, R, C] with each row ``by`` rows further down, zeros before."""
        return self("Pad", name, self.integers([0, by, 0, 0, -by, 0]))


class Syllables:
    """How the phones lie in syllables. A final ends what an initial may begin, erhua goes with the final before it.

    ``number`` [1, N] of each phone's syllable, below 0 for pauses; ``count`` of syllables; ``order`` [R, 1] numbers of
    the rows, one for each syllable and one behind them, so that nothing is ever empty; ``member`` [R, N] 1 where a
    phone belongs to a row; ``values`` [1, R, 10]: codes of initial and final, tone, level, six positions.
    """

    def __init__(self, n: Nodes) -> None:
        final = n("Gather", n.constant(by_phone(FINALS)), "phones")
        ends = n("CumSum", final, n.integers(1), exclusive=1)
        back = by_phone((CODA,)) + FAR_AWAY * (1 - by_phone((*INITIALS, *FINALS, CODA)))
        self.number = n("Sub", ends, n("Gather", n.constant(back), "phones"))
        self.count = n("ReduceSum", final, keepdims=0)
        order = n("Range", n.constant(0), n("Add", self.count, n.constant(1)), n.constant(1))
        self.order = n("Unsqueeze", order, n.integers([1]))
        self.member = n("Cast", n("Equal", self.order, self.number), to=onnx.TensorProto.FLOAT)
        codes = n("Gather", n.constant(np.stack([initial_codes(), final_codes()], 1)), "phones")
        marks = [n("Unsqueeze", name, n.integers([2])) for name in ("tones", "breaks")]
        said = n("Concat", n("Cast", n("Concat", *marks, axis=2), to=onnx.TensorProto.FLOAT), "positions", axis=2)
        # all phones of a syllable have the same of these: the final's count
        once = n("Mul", said, n("Unsqueeze", final, n.integers([2])))
        self.values = n("MatMul", self.member, n("Concat", codes, once, axis=2))


def by_phone(symbols: tuple[str, ...]) -> Floats:
    """1 for these symbols, by phone number."""
    return np.array([symbol in symbols for symbol in PHONES], float)


def initial_codes() -> Floats:
    return np.arange(len(PHONES)) * by_phone(INITIALS)


def final_codes() -> Floats:
    """What each phone adds to the code of its syllable's final."""
    return np.arange(len(PHONES)) * by_phone(FINALS) + CURLED * by_phone((CODA,))


# Columns of `Syllables.values`
INITIAL, FINAL, TONE, LEVEL, PLACE = 0, 1, 2, 3, 4
WORD, CHARACTER = PLACE + 4, PLACE + 5
VALUES = 10
SHIFTS = ("own", "before", "behind", "before that", "behind that")
# Columns of the graph: the values of each shift, then these
TABLES = len(SHIFTS) * VALUES
SPEAKER = TABLES + 9
EDGES = SPEAKER + 1
REST = EDGES + 6
COLUMNS = REST + 4


def at(shift: str, column: int) -> int:
    """Where a column of `Syllables.values` stands, own or of another syllable."""
    return SHIFTS.index(shift) * VALUES + column


def order_of_features() -> list[int]:
    """Where each column of `durations.features`, and the reader behind them, stands in the graph's."""
    tables = range(TABLES, TABLES + 9)
    around = [at(shift, column) for column in (TONE, LEVEL) for shift in SHIFTS]
    common = [at("own", WORD), *(at(shift, CHARACTER) for shift in ("own", "before", "behind"))]
    places = [at("own", PLACE + column) for column in range(4)]
    return [*tables, *around, *common, *places, *range(EDGES, REST), *range(REST, REST + 4), SPEAKER]


def columns(n: Nodes, syllables: Syllables, sounds: Sounds) -> str:
    """All columns, that of the reader 0: [1, R, C]."""
    shifts = [syllables.values]
    for by, start in ((1, 0), (-1, 0), (1, 1), (-1, 2)):
        shifts.append(n.shifted(shifts[start], by))
    wide = n("Concat", *shifts, axis=2)
    edges = edge_columns(n, syllables)
    inside = n("Min", n.shifted(n.pick(edges, 3), 1), syllables.order)
    length = n("Sum", inside, n.pick(edges, 0), n.constant(1))
    real = n("Cast", n("Less", syllables.order, syllables.count), to=onnx.TensorProto.FLOAT)
    following = n.shifted(n("Mul", length, real), -1)
    sounds_of = (n.pick(wide, at(shift, INITIAL), at(shift, FINAL)) for shift in ("own", "before"))
    same = n("Cast", n("Equal", *sounds_of), to=onnx.TensorProto.FLOAT)
    again = n("ReduceMin", same, axes=[2])
    return n("Concat", wide, table_columns(n, wide, sounds), edges, inside, length, following, again, axis=2)


def edge_columns(n: Nodes, syllables: Syllables) -> str:
    """Syllables up to the next break of at least level 1, 2, 3, ahead, then back: [1, R, 6]."""
    away = n("Sub", n("Transpose", syllables.order), syllables.order)
    distance = n("Mul", away, n.constant([[[[1]]], [[[-1]]]]))
    level = n("Gather", syllables.values, n.integers(LEVEL), axis=2)
    edge = n("GreaterOrEqual", level, n.constant([[[1]], [[2]], [[3]]]))
    there = n("And", edge, n("GreaterOrEqual", distance, n.constant(0)))
    nearest = n("ReduceMin", n("Where", there, distance, n.constant(FAR)), axes=[3], keepdims=0)
    rows = n("Transpose", n("Min", nearest, n.constant(FAR)), perm=[2, 0, 1])
    return n("Reshape", rows, n.integers([1, -1, 6]))


def table_columns(n: Nodes, wide: str, sounds: Sounds) -> str:
    """What the tables say of the codes, and 0 in the end: [1, R, 10]."""
    around = [at(shift, code) for code in (INITIAL, FINAL) for shift in ("own", "before", "behind")]
    codes = n.pick(wide, *around, *(at(shift, INITIAL) for shift in ("own", "behind", "own", "own")))
    manner, nothing = classes(MANNERS), np.zeros(CODES)
    tables = [*sounds.tables, manner, manner, classes(PLACES), nothing]
    number = n("Add", codes, n.constant(np.arange(len(tables)) * CODES))
    return n("Gather", n.constant(np.concatenate(tables)), n("Cast", number, to=onnx.TensorProto.INT64))


def ensemble(nodes: Nodes, teacher: Durations, inputs: str) -> str:
    """What the trees say of rows of columns, [R, C] -> [R, 1] ln frames, at the pace of the readers."""
    base = PACE + float(teacher.trees._baseline_prediction.item())
    parts: dict[str, list[Any]] = {
        k: [] for k in ("roots", "feature", "split", "yes", "no", "yes_leaf", "no_leaf", "leaf")
    }
    for step in teacher.trees._predictors:
        tree = step[0].nodes
        if len(tree) == 1:
            base += float(tree["value"][0])
            continue
        _add_tree(parts, tree)
    told = nodes(
        "TreeEnsemble", inputs, domain="ai.onnx.ml", n_targets=1, aggregate_function=SUM, post_transform=NO_TRANSFORM,
        tree_roots=parts["roots"], nodes_featureids=parts["feature"],
        nodes_modes=numpy_helper.from_array(np.full(len(parts["feature"]), LEAST_OR_EQUAL, np.uint8)),
        nodes_splits=numpy_helper.from_array(np.array(parts["split"], np.float32)),
        nodes_truenodeids=parts["yes"], nodes_trueleafs=parts["yes_leaf"],
        nodes_falsenodeids=parts["no"], nodes_falseleafs=parts["no_leaf"],
        leaf_targetids=[0] * len(parts["leaf"]),
        leaf_weights=numpy_helper.from_array(np.array(parts["leaf"], np.float32)),
    )  # fmt: skip
    return nodes("Add", told, nodes.constant(base))


def _add_tree(parts: dict[str, list[Any]], tree: NDArray[Any]) -> None:
    """One tree of scikit-learn behind those that are there."""
    places = order_of_features()
    number, forks, leaves = {}, len(parts["feature"]), len(parts["leaf"])
    for here, node in enumerate(tree):
        if node["is_leaf"]:
            number[here], leaves = leaves, leaves + 1
            parts["leaf"].append(float(node["value"]))
        else:
            number[here], forks = forks, forks + 1
    parts["roots"].append(number[0])
    for node in tree[tree["is_leaf"] == 0]:
        parts["feature"].append(places[int(node["feature_idx"])])
        parts["split"].append(float(node["num_threshold"]))
        for side, child in (("yes", node["left"]), ("no", node["right"])):
            parts[side].append(number[int(child)])
            parts[f"{side}_leaf"].append(int(tree[int(child)]["is_leaf"]))


def timed(model: ModelProto, teacher: Durations) -> ModelProto:
    """The prosody model with a ``duration`` that follows the trees in sentences; timing 0, that of single words, stays
    as it was. A model that has trees is left as it is.
    """
    graph = model.graph
    if any(node.op_type == "TreeEnsemble" for node in graph.node):
        return model
    for node in graph.node:
        node.input[:] = [PLAIN if name == OUTPUT else name for name in node.input]
        node.output[:] = [PLAIN if name == OUTPUT else name for name in node.output]
    n = Nodes(graph)
    syllables = Syllables(n)
    own = n("ReduceSum", n("Mul", syllables.member, PLAIN), n.integers([1]), keepdims=0)
    change = n("Sub", told_lengths(n, syllables, teacher), n("Log", n("Max", own, n.constant(1))))
    some = n("Div", n("Sub", syllables.count, n.constant(SHORT)), n.constant(LONG - SHORT))
    weight = n("Mul", n("Gather", n.constant(WEIGHTS), "speaker"), n("Clip", some, n.constant(0), n.constant(1)))
    factor = n("Exp", n("Mul", change, weight))
    number = n("Cast", n("Max", syllables.number, n.constant(0)), to=onnx.TensorProto.INT64)
    changed = n("Mul", PLAIN, n("Gather", factor, number))
    n("Where", n("GreaterOrEqual", syllables.number, n.constant(0)), changed, PLAIN, out=OUTPUT)
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", TREE_OPSET))
    model.ir_version = max(model.ir_version, IR)
    onnx.checker.check_model(model)
    return model


def told_lengths(n: Nodes, syllables: Syllables, teacher: Durations) -> str:
    """What the trees say, ln frames [R]: for a timing of one reader that one's, else the mean of both."""
    known = columns(n, syllables, teacher.sounds)
    sides = np.zeros((len(WEIGHTS), len(READERS), 1, COLUMNS))
    sides[..., 0, SPEAKER] = SIDES
    rows = n("Add", known, n("Gather", n.constant(sides), "speaker"))
    both = ensemble(n, teacher, n("Reshape", rows, n.integers([-1, COLUMNS])))
    return n("ReduceMean", n("Reshape", both, n.integers([len(READERS), -1])), axes=[0], keepdims=0)


def add_timing(folder: Path, floats: Path, teacher: Durations) -> None:
    """Put the trees into the pack in ``folder`` and into its float32 twin's prosody model in ``floats``."""
    manifest = read_manifest(folder)
    entry = manifest["files"]["prosody"]
    before = entry["bytes"]
    write_file(folder, entry, timed(onnx.load(str(folder / entry["path"])), teacher).SerializeToString())
    write_manifest(folder, manifest)
    twin = floats / entry["path"]
    twin.write_bytes(timed(onnx.load(str(twin)), teacher).SerializeToString())
    print(f"{entry['path']}: {before:,} bytes, with trees {entry['bytes']:,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--voice", default="qingsheng")
    options = parser.parse_args()
    corpus, items, _ = load_items(options.work)
    teacher = Durations([i for i in items if corpus.splits[i.number] == "train"])
    add_timing(options.models / options.voice, options.work / "float" / options.voice, teacher)


if __name__ == "__main__":
    main()
