"""Networks with random weights, of the size of public voices, and the arithmetic of our own: for `make bench`.

``piper``: the inference path of a Piper voice of medium quality (VITS, Kim et al. 2021): prior encoder, four inverse
coupling layers, HiFi-GAN generator of 256 channels to 22,050 Hz, upsampling by 8, 8 and 4. ``matcha``: the decoder of
Matcha-TTS (Mehta et al. 2024) as residual convolutions and feed-forward layers at its width, once for each of two
steps, and Vocos (Siuzdak 2023): eight ConvNeXt layers of width 512, hop 256 at 22,050 Hz. Attention is left out of
both, which favours them. Only their speed means anything. ``product``: one large matrix product, the rate that
arithmetic can reach.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from scripts import float_twin

SAMPLE_RATE, HOP = 22_050, 256
PRODUCT = 768
PRODUCTS = ("MatMul", "MatMulInteger", "Conv", "ConvTranspose")
Weights = NDArray[np.float32]


class Graph:
    """A chain of layers on one value of shape [1, channels, time], or [1, time, channels] for `dense`."""

    def __init__(self, channels: int) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []
        self.value, self._first = "x", channels
        self._random = np.random.default_rng(0)

    def constant(self, values: NDArray[np.generic]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def weights(self, *shape: int) -> str:
        scale = 1.0 / np.sqrt(np.prod(shape[1:]))
        return self.constant((self._random.standard_normal(shape) * scale).astype(np.float32))

    def apply(self, operator: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401 -- what onnx takes
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def conv(self, value: str, inside: int, outside: int, kernel: int, dilation: int = 1, groups: int = 1) -> str:
        pad = dilation * (kernel - 1) // 2
        weight, bias = self.weights(outside, inside // groups, kernel), self.weights(outside)
        return self.apply(
            "Conv", value, weight, bias, kernel_shape=[kernel], dilations=[dilation], pads=[pad, pad], group=groups
        )

    def dense(self, value: str, inside: int, outside: int) -> str:
        return self.apply("Add", self.apply("MatMul", value, self.weights(inside, outside)), self.weights(outside))

    def model(self, rank: str = "channels") -> ModelProto:
        shape: list[str | int | None] = [1, self._first, "T"] if rank == "channels" else [1, "T", self._first]
        last = self.apply("Identity", self.value)
        graph = helper.make_graph(
            self.nodes, "bench",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["A", "B", "C"])], self.constants,
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def leaky(graph: Graph, value: str) -> str:
    return graph.apply("LeakyRelu", value, alpha=0.1)


def hifigan(graph: Graph, value: str, inside: int) -> str:
    """The generator of a medium Piper voice: resblocks of kind 2, kernels 3, 5 and 7."""
    width = 256
    value = graph.conv(value, inside, width, 7)
    for stride, kernel in ((8, 16), (8, 16), (4, 8)):
        weight, bias = graph.weights(width, width // 2, kernel), graph.weights(width // 2)
        pad = (kernel - stride) // 2
        value = graph.apply(
            "ConvTranspose", leaky(graph, value), weight, bias, kernel_shape=[kernel], strides=[stride], pads=[pad, pad]
        )
        width //= 2
        blocks = []
        for size, dilations in ((3, (1, 2)), (5, (2, 6)), (7, (3, 12))):
            block = value
            for dilation in dilations:
                block = graph.apply("Add", block, graph.conv(leaky(graph, block), width, width, size, dilation))
            blocks.append(block)
        value = graph.apply("Sum", *blocks)
    return graph.apply("Tanh", graph.conv(leaky(graph, value), width, 1, 7))


def piper() -> ModelProto:
    graph = Graph(192)
    value = "x"
    for _ in range(6):
        hidden = graph.apply("Relu", graph.conv(value, 192, 768, 3))
        value = graph.apply("Add", value, graph.conv(hidden, 768, 192, 3))
    for _ in range(4):
        state = graph.conv(value, 192, 192, 1)
        for _ in range(4):
            gate = graph.conv(state, 192, 384, 5)
            left, right = graph.conv(graph.apply("Tanh", gate), 384, 192, 1), graph.conv(gate, 384, 192, 1)
            state = graph.apply("Add", state, graph.apply("Mul", left, graph.apply("Sigmoid", right)))
        value = graph.apply("Add", value, state)
    graph.value = hifigan(graph, value, 192)
    return graph.model()


def matcha(steps: int = 2) -> ModelProto:
    graph = Graph(80)
    value = graph.conv("x", 80, 256, 1)
    weights = [(graph.weights(256, 256, 3), graph.weights(256, 256, 3)) for _ in range(6)]
    dense = [(graph.weights(1024, 256, 1), graph.weights(256, 1024, 1)) for _ in range(6)]
    for _ in range(steps):
        for (first, second), (up, down) in zip(weights, dense, strict=True):
            hidden = graph.apply("Conv", value, first, kernel_shape=[3], pads=[1, 1])
            hidden = graph.apply("Conv", graph.apply("Relu", hidden), second, kernel_shape=[3], pads=[1, 1])
            value = graph.apply("Add", value, hidden)
            wide = graph.apply("Relu", graph.apply("Conv", value, up, kernel_shape=[1]))
            value = graph.apply("Add", value, graph.apply("Conv", wide, down, kernel_shape=[1]))
    value = graph.apply("Transpose", graph.conv(value, 256, 512, 7), perm=[0, 2, 1])
    for _ in range(8):
        turned = graph.apply("Transpose", value, perm=[0, 2, 1])
        block = graph.apply("Transpose", graph.conv(turned, 512, 512, 7, groups=512), perm=[0, 2, 1])
        block = graph.apply("Relu", graph.dense(block, 512, 1536))
        value = graph.apply("Add", value, graph.dense(block, 1536, 512))
    graph.value = graph.dense(value, 512, 1026)
    return graph.model()


def product() -> ModelProto:
    graph = Graph(PRODUCT)
    graph.value = graph.apply("MatMul", "x", graph.weights(PRODUCT, PRODUCT))
    return graph.model("time")


NETWORKS: dict[str, Callable[[], ModelProto]] = {"piper": piper, "matcha": matcha, "product": product}


def multiply_accumulates(model: ModelProto, sizes: dict[str, int]) -> int:
    """Of the products and convolutions of a graph whose free dimensions have these sizes, by one run of it."""
    probed = ModelProto()
    probed.CopyFrom(model)
    products = [node for node in model.graph.node if node.op_type in PRODUCTS]
    wanted = sorted({name for node in products for name in (node.input[0], node.output[0])})
    known = {value.name for value in [*model.graph.input, *model.graph.initializer]}
    probed.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted if name not in known)
    session = onnxruntime.InferenceSession(probed.SerializeToString(), providers=["CPUExecutionProvider"])
    feeds = {value.name: _zeros(value, sizes) for value in model.graph.input}
    names = [output.name for output in session.get_outputs()]
    shapes = {name: list(value.shape) for name, value in zip(names, session.run(names, feeds), strict=True)}
    shapes |= {name: list(value.shape) for name, value in feeds.items()}
    shapes |= {name: list(values.shape) for name, values in float_twin.Graph(model.graph).values.items()}
    return sum(_products(node, shapes) for node in products)


def _zeros(value: onnx.ValueInfoProto, sizes: dict[str, int]) -> NDArray[np.generic]:
    tensor = value.type.tensor_type
    shape = [sizes[axis.dim_param] if axis.dim_param else axis.dim_value for axis in tensor.shape.dim]
    return np.zeros(shape, helper.tensor_dtype_to_np_dtype(tensor.elem_type))


def _products(node: onnx.NodeProto, shapes: dict[str, list[int]]) -> int:
    if node.op_type in ("MatMul", "MatMulInteger"):
        return int(np.prod(shapes[node.output[0]])) * shapes[node.input[0]][-1]
    sides = shapes[node.output[0]] if node.op_type == "Conv" else shapes[node.input[0]]
    return int(np.prod(sides)) * int(np.prod(shapes[node.input[1]][1:]))


def write(folder: Path) -> dict[str, int]:
    """The networks into a folder. Returns: the bytes of each."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name, make in NETWORKS.items():
        data = make().SerializeToString()
        (folder / f"{name}.onnx").write_bytes(data)
        sizes[name] = len(data)
    return sizes
