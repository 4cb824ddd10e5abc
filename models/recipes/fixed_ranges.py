"""Fixed ranges for a decoder's activations: ``python -m models.recipes.fixed_ranges --voice qingsheng``.

Dynamic quantisation takes the range of an activation from all frames of a run, so that the same frame comes out
differently in another run: an utterance made in parts differed from the same utterance made at once by -39 dB. With
ranges measured beforehand a frame depends on its receptive field only. The prosody model sees an utterance as a whole
and stays dynamic. Writes the decoder, its size and digest; `make voice-catalog` afterwards. A decoder that has fixed
ranges already is left as it is.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from py_engine.emotion.values import EMOTIONS
from py_engine.runtime.base import KeptRelay, Relay, Session, Tensors
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Options
from scripts.float_twin import Graph
from scripts.packs import read_manifest, write_file, write_manifest

Feeds = dict[str, NDArray[Any]]
Ranges = dict[str, tuple[float, float]]
ROLE = "decoder"
# Every initial and final, questions and exclamations, long and short.
TEXTS = (
    "春天来了，院子里的老梅树开了花，风一吹，花瓣轻轻落在石阶上，像是谁在悄悄说话。",
    "你吃饭了吗？还没有呢，等你一起去！",
    "哎呀，这可怎么办才好，钱包不见了！",
    "北京大学的女同学穿着绿色的雨衣，骑着自行车去图书馆查阅资料。",
    "他说：四十四只石狮子，十四是十四，四十是四十。",
    "请注意，前方道路施工，车辆慢行，右转弯请走辅路。",
    "昨天夜里下了一场大雪，早晨推开窗户，屋顶、树枝和远处的山坡全都白了。",
    "爸爸妈妈，哥哥姐姐，爷爷奶奶，全家人围着桌子包饺子，热热闹闹。",
    "嗯。",
    "熊猫宝宝翻了个跟头，把竹子扔得到处都是，逗得游客哈哈大笑。",
    "根据国家统计局公布的数据，去年全国粮食总产量达到六亿九千五百四十一万吨，比上年增长百分之一点三。",
    "月亮圆圆的，挂在天空，远远望去，恰似一只银盘；略略有云，却遮不住那清光。",
    "追悔莫及，欲哭无泪，他蹲在角落里，一句话也说不出来。",
    "快跑，快跑，火车马上就要开了！",
    "群众普遍认为，训练军犬需要耐心，也需要循序渐进的方法。",
    "耳朵、儿子、二月、而且，都有儿化的音；窗花儿、小鸟儿也是。",
)
SETTINGS: tuple[dict[str, Any], ...] = (
    *({"speed": speed, "pitch": pitch} for speed in (0.7, 1.0, 1.5) for pitch in (-8.0, 0.0, 8.0)),
    *({"emotion": emotion, "intensity": 1.2} for emotion in EMOTIONS),
)
# A value beyond what was measured is cut off there.
MARGIN = 1.1


class Listening(NativeRuntime):
    """A runtime that notes what one model of a pack is fed with."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.feeds: list[Feeds] = []
        self._path = path

    async def load(self, name: str, model: bytes | memoryview, patient: bool = False) -> Session:  # type: ignore[override]
        session = await super().load(name, model, patient)
        return _Heard(session, self.feeds) if name.endswith(f"/{self._path}") else session


class _Heard:
    def __init__(self, session: Session, feeds: list[Feeds]) -> None:
        self._session, self._feeds = session, feeds

    async def run(self, feeds: Tensors) -> dict[str, NDArray[Any]]:
        self._feeds.append(dict(feeds))
        return await self._session.run(feeds)

    def relay(self, first: Tensors) -> Relay:
        return KeptRelay(self, first)

    def release(self) -> None:
        self._session.release()


async def spoken_feeds(folder: Path, manifest: Mapping[str, Any]) -> list[Feeds]:
    """What the decoder is fed with when every speaker reads the texts in all settings."""
    runtime = Listening(manifest["files"][ROLE]["path"])
    engine = Engine(runtime)
    await engine.load_voice(
        manifest, {f["path"]: (folder / f["path"]).read_bytes() for f in manifest["files"].values()}
    )
    for voice in engine.voices():
        for number, text in enumerate(TEXTS):
            setting = SETTINGS[number % len(SETTINGS)]
            async for _ in engine.stream(text, Options(voice=voice.id, **setting)):
                pass
    return runtime.feeds


def measured_ranges(model: ModelProto, rows: list[Feeds]) -> Ranges:
    """The least and the greatest value of each tensor that is quantised."""
    names = [node.input[0] for node in model.graph.node if node.op_type == "DynamicQuantizeLinear"]
    probed = ModelProto()
    probed.CopyFrom(model)
    for name in names:
        for kind, operator in (("least", "ReduceMin"), ("most", "ReduceMax")):
            probed.graph.node.append(helper.make_node(operator, [name], [f"{name}_{kind}"], keepdims=0))
            probed.graph.output.append(helper.make_tensor_value_info(f"{name}_{kind}", TensorProto.FLOAT, []))
    session = onnxruntime.InferenceSession(probed.SerializeToString(), providers=["CPUExecutionProvider"])
    wanted = [f"{name}_{kind}" for kind in ("least", "most") for name in names]
    values = np.array([session.run(wanted, row) for row in rows])
    least, most = values[:, : len(names)].min(0), values[:, len(names) :].max(0)
    return {name: (float(least[at]), float(most[at])) for at, name in enumerate(names)}


def scale_and_zero(least: float, most: float) -> tuple[np.float32, np.uint8]:
    """Of the whole numbers 0..255 over the range, which holds zero (ONNX, QuantizeLinear)."""
    low, high = min(0.0, least * MARGIN), max(0.0, most * MARGIN)
    scale = max(high - low, 1e-6) / 255
    return np.float32(scale), np.uint8(round(-low / scale))


def with_fixed_ranges(model: ModelProto, ranges: Ranges) -> ModelProto:
    """DynamicQuantizeLinear, MatMulInteger, Cast and two Mul become QuantizeLinear, DequantizeLinear and MatMul, which
    the runtime fuses into one integer product."""
    graph = Graph(model.graph)
    swapped: dict[str, list[NodeProto]] = {}
    dead: set[str] = set()
    for product in [node for node in model.graph.node if node.op_type == "MatMulInteger"]:
        (cast,) = graph.users(product.output[0])
        (scaled,) = graph.users(cast.output[0])
        scales = graph.maker[next(name for name in scaled.input if name != cast.output[0])]
        weight_scale = next(name for name in scales.input if name in graph.values)
        source = graph.maker[product.input[0]]
        model.graph.initializer.extend(_constants(source.input[0], ranges))
        swapped[scaled.output[0]] = list(_static_product(product, source.input[0], weight_scale, scaled.output[0]))
        dead |= {product.output[0], cast.output[0], scales.output[0], *source.output}
    nodes = [new for node in model.graph.node for new in swapped.get(node.output[0], [node])]
    nodes = [node for node in nodes if node.output[0] not in dead]
    used = {name for node in nodes for name in node.input}
    kept = {tensor.name: tensor for tensor in model.graph.initializer if tensor.name in used}
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(kept.values())
    onnx.checker.check_model(model)
    return model


def _constants(name: str, ranges: Ranges) -> Iterator[TensorProto]:
    scale, zero = scale_and_zero(*ranges[name])
    yield numpy_helper.from_array(np.array(scale), f"{name}_fixed_scale")
    yield numpy_helper.from_array(np.array(zero), f"{name}_fixed_zero")


def _static_product(product: NodeProto, source: str, weight_scale: str, output: str) -> Iterator[NodeProto]:
    fixed = [f"{source}_fixed_scale", f"{source}_fixed_zero"]
    weight, zero = product.input[1], product.input[3]
    # Each product has its own pair: the runtime's pattern wants a value with one user.
    whole, back = f"{output}_whole", f"{output}_back"
    yield helper.make_node("QuantizeLinear", [source, *fixed], [whole])
    yield helper.make_node("DequantizeLinear", [whole, *fixed], [back])
    yield helper.make_node("DequantizeLinear", [weight, weight_scale, zero], [f"{weight}_back"], axis=1)
    yield helper.make_node("MatMul", [back, f"{weight}_back"], [output], f"{output}_fixed")


def fix(folder: Path) -> bool:
    """Whether the decoder of the pack was changed."""
    manifest = read_manifest(folder)
    entry = manifest["files"][ROLE]
    model = onnx.load(str(folder / entry["path"]))
    if not any(node.op_type == "DynamicQuantizeLinear" for node in model.graph.node):
        return False
    rows = asyncio.run(spoken_feeds(folder, manifest))
    write_file(folder, entry, with_fixed_ranges(model, measured_ranges(model, rows)).SerializeToString())
    write_manifest(folder, manifest)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--voice", required=True)
    options = parser.parse_args()
    changed = fix(options.models / options.voice)
    print("fixed ranges written" if changed else "the decoder has fixed ranges already")


if __name__ == "__main__":
    main()
