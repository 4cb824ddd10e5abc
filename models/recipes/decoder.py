"""Acoustic model and vocoder as one graph that goes on where it stopped, so that no frame is computed twice.

`joined` puts the two networks into one graph, from phones and their curves to filters. `carrying` rewrites that graph
for runs that follow one another. Convolutions that reach r frames to either side could be run part by part with the
frames of all layers' reach on both sides of each part, computed there and thrown away. Here each layer keeps the last
2r frames of what it was given, which are an input of the next run: it gives the frames up to r before the last one that
it was given, and the network those up to its lookahead, the sum of all r. What goes round the layers is held back
likewise. The runs give, frame by frame, what one run over everything gives: at first each layer's memory holds the r
frames of zeros that pad an utterance, and in the last run r of them follow.

Inputs of the graph, with N phones, T frames that come in and U that come out:

    phones, tones [1, N]             of the frames, and ``phones`` more on either side as far as there are any
    frame_phone [1, T]               number of each frame's phone among these
    frame_position, log_f0, voicing, energy [1, T], speaker [1]
    state [1, K, W]                  zeros with K = 1 in the first run, later the run before's `next_state` with K = 2
    end [1]                          1 in the last run, 0 before

Outputs are the vocoder's ``harmonic_re``, ``harmonic_im`` and ``noise`` [1, U, bins], and ``next_state``. U is T, less
the lookahead in the first run and more by it in the last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, compose, helper, numpy_helper
from onnx.utils import Extractor

from py_engine.runtime.base import NEXT
from py_engine.synthesis.excitation import Array
from py_engine.synthesis.pack import N_MELS

OUTPUTS = ("harmonic_re", "harmonic_im", "noise")
MEL, STATE, END = "mel", "state", "end"
NEXT_STATE = NEXT + STATE
# What makes a value one of frames, not of phones.
FRAMES = ("frame_phone", "frame_position", "log_f0", "voicing", "energy", MEL)
LATE = "late_"
# Values between the acoustic model and the vocoder.
SEAMS = (MEL, f"{LATE}log_f0", f"{LATE}voicing")
MOST = int(np.iinfo(np.int64).max)


def joined(acoustic: ModelProto, vocoder: ModelProto) -> tuple[ModelProto, dict[str, int]]:
    """One graph of both, and by how many frames its values of these names lag behind what they are copies of."""
    first, second = (_own(model, prefix) for model, prefix in ((acoustic, "a_"), (vocoder, "v_")))
    reach, rest = (sum(map(_reach, _layers(part.graph))) for part in (first, second))
    # Until the vocoder's first frame the acoustic model needs more frames, and until its last layer it does itself.
    late = {"log_f0": reach, "voicing": reach, MEL: rest}
    through = _needed(second.graph, _layers(second.graph))
    for node in second.graph.node:
        held = {"log_f0", "voicing"} | (set() if node.output[0] in through else {MEL})
        node.input[:] = [LATE + name if name in held else name for name in node.input]
    copies = [helper.make_node("Identity", [name], [LATE + name]) for name in late]
    graph = helper.make_graph(
        [*first.graph.node, *copies, *second.graph.node], "decoder", list(first.graph.input),
        list(second.graph.output), [*first.graph.initializer, *second.graph.initializer],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=acoustic.opset_import, ir_version=acoustic.ir_version)
    onnx.checker.check_model(model)
    return model, {LATE + name: frames for name, frames in late.items()}


def carrying(model: ModelProto, late: dict[str, int]) -> tuple[ModelProto, dict[str, int]]:
    """The graph for runs that follow one another, and what a manifest says of it. ``late``: as `joined` gives it.

    Raises: ValueError where the graph is of another kind.
    """
    carried = ModelProto()
    carried.CopyFrom(model)
    graph = carried.graph
    layers, widths, lines = _layers(graph), _widths(graph), []
    phones = sum(_reach(node) for node in graph.node if node.op_type == "Conv") - sum(map(_reach, layers))
    before: dict[str, list[NodeProto]] = {}
    for layer in layers:
        transpose = _maker(graph, layer.input[0])
        if transpose.op_type != "Transpose":
            raise ValueError(f"{transpose.op_type} before a convolution, expected Transpose")
        line = Line(len(lines), transpose.input[0], _reach(layer), widths[layer.input[1]])
        for node in graph.node:
            node.input[:] = [line.inner if name == line.source else name for name in node.input]
        transpose.input[:] = [line.whole]
        next(item for item in layer.attribute if item.name == "pads").ints[:] = [0, 0]
        before[transpose.output[0]] = line.nodes()
        lines.append(line)
    for name, frames in late.items():
        copy = _maker(graph, name)
        line = Line(len(lines), copy.input[0], frames, N_MELS if name == LATE + MEL else 0)
        copy.input[:] = [line.inner]
        before[name] = line.nodes()
        lines.append(line)
    nodes = [*_start(graph, lines), *(one for node in graph.node for one in [*before.get(node.output[0], []), node])]
    del graph.node[:]
    graph.node.extend([*nodes, helper.make_node("Concat", [line.kept for line in lines], [NEXT_STATE], axis=2)])
    columns = sum(line.columns for line in lines)
    _describe(graph, columns)
    onnx.checker.check_model(carried)
    return carried, {"lookahead": sum(map(_reach, layers)), "phones": phones, "state": columns}


class VocoderAlone:
    """The vocoder in a pack's decoder, for whole utterances."""

    def __init__(self, decoder: ModelProto) -> None:
        told = ModelProto()
        told.CopyFrom(decoder)
        shapes = ([1, "T", N_MELS], [1, "T"], [1, "T"])
        told.graph.value_info.extend(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in zip(SEAMS, shapes, strict=True)
        )
        alone = Extractor(told).extract_model([*SEAMS, STATE, END], list(OUTPUTS))
        self._session = onnxruntime.InferenceSession(alone.SerializeToString(), providers=["CPUExecutionProvider"])
        (state,) = (value for value in decoder.graph.input if value.name == STATE)
        self._columns = state.type.tensor_type.shape.dim[2].dim_value

    def __call__(self, mel: Array, log_f0: Array, voicing: Array) -> tuple[Array, Array, Array]:
        """Mel ``[T, 80]``, ln Hz and voicing ``[T]`` to filters ``[T, bins]``: `OUTPUTS`."""
        seams = {name: values[np.newaxis] for name, values in zip(SEAMS, (mel, log_f0, voicing), strict=True)}
        start = {STATE: np.zeros((1, 1, self._columns), np.float32), END: np.ones(1, np.int64)}
        re, im, noise = (values[0] for values in self._session.run(list(OUTPUTS), {**seams, **start}))
        return re, im, noise


@dataclass(frozen=True)
class Line:
    """A value of which the last frames are kept: ``reach`` to either side; ``width`` channels, 0 where it has none."""

    number: int
    source: str
    reach: int
    width: int

    @property
    def columns(self) -> int:
        """Of the state: those of ``reach`` frames."""
        return self.reach * max(self.width, 1)

    @property
    def zeros(self) -> str:
        return f"zeros_{self.reach}_{self.width}"

    @property
    def memory(self) -> str:
        return f"memory_{self.number}"

    @property
    def whole(self) -> str:
        return f"whole_{self.number}"

    @property
    def inner(self) -> str:
        return f"inner_{self.number}"

    @property
    def kept(self) -> str:
        return f"kept_{self.number}"

    def nodes(self) -> list[NodeProto]:
        """From what is in the memory and what comes in to what is known on both sides and what is kept."""
        r, last = self.reach, f"last_{self.number}"
        return [
            helper.make_node("Concat", [self.memory, self.source, self.zeros], [self.whole], axis=1),
            helper.make_node("Slice", [self.whole, _whole(r), _whole(-r), _whole(1)], [self.inner]),
            helper.make_node("Slice", [self.whole, _whole(-2 * r), _whole(MOST), _whole(1)], [last]),
            helper.make_node("Reshape", [last, _whole(0, 2, -1)], [self.kept]),
        ]


def _own(model: ModelProto, prefix: str) -> ModelProto:
    """A copy whose inner names begin with ``prefix``, its nodes without names."""
    own = compose.add_prefix(model, prefix, rename_nodes=False, rename_inputs=False, rename_outputs=False)
    for node in own.graph.node:
        node.name = ""
    return own


def _layers(graph: GraphProto) -> list[NodeProto]:
    """The convolutions over frames."""
    found, layers = set(FRAMES), []
    for node in graph.node:
        if found & set(node.input):
            found |= set(node.output)
            layers += [node] if node.op_type == "Conv" else []
    return layers


def _reach(layer: NodeProto) -> int:
    fields = {item.name: list(item.ints) for item in layer.attribute}
    (kernel,), (dilation,) = fields["kernel_shape"], fields.get("dilations", [1])
    reach = dilation * (kernel // 2)
    if fields["pads"] not in ([reach, reach], [0, 0]):
        raise ValueError(f"a convolution that reaches {reach} frames has pads {fields['pads']}")
    return int(reach)


def _widths(graph: GraphProto) -> dict[str, int]:
    """First dimensions of the constants, also of those that are stored in half precision."""
    widths = {tensor.name: tensor.dims[0] for tensor in graph.initializer if tensor.dims}
    return widths | {
        node.output[0]: widths[node.input[0]] for node in graph.node if node.input and node.input[0] in widths
    }


def _maker(graph: GraphProto, name: str) -> NodeProto:
    return next(node for node in graph.node if name in node.output)


def _needed(graph: GraphProto, nodes: Iterable[NodeProto]) -> set[str]:
    """First outputs of all that the nodes need, themselves included."""
    makers = {output: maker for maker in graph.node for output in maker.output}
    found, ahead = set(), list(nodes)
    while ahead:
        node = ahead.pop()
        if node.output[0] not in found:
            found.add(node.output[0])
            ahead += [makers[name] for name in node.input if name in makers]
    return found


def _whole(*values: int) -> str:
    """Name of a constant of whole numbers, which `_start` makes."""
    return "whole_numbers_" + "_".join(map(str, values))


def _start(graph: GraphProto, lines: list[Line]) -> list[NodeProto]:
    """Each line's memory out of the state, and the zeros behind the last frame."""
    columns = [line.columns for line in lines]
    shares = [f"share_{line.number}" for line in lines]
    nodes = [helper.make_node("Split", [STATE, _whole(*columns)], shares, axis=2)]
    constants = {(*columns,), (0, 2, -1), (1,), (MOST,)}
    for line, share in zip(lines, shares, strict=True):
        shape = (0, -1, line.width) if line.width else (0, -1)
        nodes.append(helper.make_node("Reshape", [share, _whole(*shape)], [line.memory]))
        constants |= {shape, (line.reach,), (-line.reach,), (-2 * line.reach,)}
    nodes.append(helper.make_node("Shape", [STATE], ["utterances"], end=1))
    zero = numpy_helper.from_array(np.zeros(1, np.float32))
    for name, reach, width in sorted({(line.zeros, line.reach, line.width) for line in lines}):
        shape = ["utterances", f"{name}_rows", *([_whole(width)] if width else [])]
        nodes += [
            helper.make_node("Mul", [END, _whole(reach)], [f"{name}_rows"]),
            helper.make_node("Concat", shape, [f"{name}_shape"], axis=0),
            helper.make_node("ConstantOfShape", [f"{name}_shape"], [name], value=zero),
        ]
        constants |= {(width,)} if width else set()
    graph.initializer.extend(
        numpy_helper.from_array(np.array(values, np.int64), _whole(*values)) for values in sorted(constants)
    )
    return nodes


def _describe(graph: GraphProto, columns: int) -> None:
    """Inputs and outputs."""
    graph.input.extend(
        [
            helper.make_tensor_value_info(STATE, TensorProto.FLOAT, [1, "K", columns]),
            helper.make_tensor_value_info(END, TensorProto.INT64, [1]),
        ]
    )
    for output in graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = "U"
    graph.output.append(helper.make_tensor_value_info(NEXT_STATE, TensorProto.FLOAT, [1, 2, columns]))
    del graph.value_info[:]
