"""ONNX graphs of public voices: their signature checked, their inputs and outputs named as the engine names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from py_engine.errors import VoiceFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What exporters call the inputs, the engine's own name first.
ACOUSTIC_INPUTS = (("x",), ("x_length", "x_lengths"), ("noise_scale", "temperature"), ("length_scale",))
VITS_INPUTS = (("input",), ("input_lengths",), ("scales",))
SPECTRA = ("mag", "x", "y")
PREFIX = "pack/"


@dataclass
class Graph:
    """A model being adapted, with the file that it came from."""

    path: Path
    model: onnx.ModelProto

    @property
    def inputs(self) -> list[str]:
        """Names, without the weights that old exporters list among the inputs."""
        weights = {tensor.name for tensor in self.model.graph.initializer}
        return [value.name for value in self.model.graph.input if value.name not in weights]

    @property
    def outputs(self) -> list[str]:
        return [value.name for value in self.model.graph.output]

    @property
    def metadata(self) -> dict[str, str]:
        return {entry.key: entry.value for entry in self.model.metadata_props}

    def number(self, key: str, default: int | None = None) -> int | None:
        """A whole number of the metadata. Raises: VoiceFormat where it is something else."""
        value = self.metadata.get(key)
        if value is None:
            return default
        if value in ("True", "False"):
            return int(value == "True")
        try:
            return int(value)
        except ValueError as error:
            raise VoiceFormat(f"{self.path.name} has the metadata {key} = {value!r}, expected a number.") from error


def load(path: Path) -> Graph:
    """Raises: VoiceFormat for a file that is missing or no ONNX model."""
    try:
        return Graph(path, onnx.load(str(path)))
    except Exception as error:  # protobuf's exceptions and OSError
        raise VoiceFormat(f"{path} cannot be read as an ONNX model: {error}.", "Name the .onnx file itself.") from error


def matcha_acoustic(graph: Graph) -> bool:
    """Adapt tokens to mel; returns whether the model gives durations. Raises: VoiceFormat for another signature."""
    _name_inputs(graph, ACOUSTIC_INPUTS)
    if len(graph.outputs) != 1:
        raise _signature(graph, "one output, the mel spectrum")
    _name_output(graph, graph.outputs[0], "mel")
    return expose_durations(graph)


def vocoder(graph: Graph) -> Literal["spectra", "samples"]:
    """Adapt mel to sound. Raises: VoiceFormat for another signature."""
    if len(graph.inputs) != 1 or len(graph.outputs) not in (1, 3):
        raise _signature(graph, "one input, the mel spectrum, and the outputs mag, x, y (Vocos) or samples (HiFi-GAN)")
    _rename_input(graph, graph.inputs[0], "mel")
    outputs = graph.outputs
    if len(outputs) == 1:
        _name_output(graph, outputs[0], "samples", flat=True)
        return "samples"
    # By name where the names say it; exporters agree on the order otherwise.
    ordered = SPECTRA if set(outputs) == set(SPECTRA) else outputs
    for name, target in zip(ordered, SPECTRA, strict=True):
        _name_output(graph, name, target)
    return "spectra"


def vits(graph: Graph, several: bool) -> bool:
    """Adapt tokens to samples; returns whether the model gives durations. Raises: VoiceFormat for another signature.

    A model that wants a speaker although it has but one always gets the first.
    """
    with_speaker = "sid" in graph.inputs
    _name_inputs(graph, (*VITS_INPUTS, ("sid",)) if with_speaker else VITS_INPUTS)
    if several and not with_speaker:
        raise _signature(graph, "an input sid, since its configuration lists several speakers")
    if with_speaker and not several:
        _fix_input(graph, PREFIX + "sid", np.zeros(1, np.int64))
    _name_output(graph, graph.outputs[0], "samples", flat=True)
    return expose_durations(graph)


def expose_durations(graph: Graph) -> bool:
    """Make the durations an output [1, L], where the graph has exactly one place that rounds them up.

    Both kinds compute ``ceil(exp(log duration))`` per token (Kim et al., "VITS", 2021); only the proportions are used.
    """
    ceilings = [node.output[0] for node in graph.model.graph.node if node.op_type == "Ceil"]
    if len(ceilings) != 1:
        return False
    _free_name(graph, "durations")
    own = f"{PREFIX}own_durations" if ceilings[0] == "durations" else ceilings[0]
    _add_output(graph, own, "durations", flat=True)
    return True


def drop_durations(graph: Graph) -> None:
    """Take the output away again, where a trial showed that it is something else."""
    kept = [value for value in graph.model.graph.output if value.name != "durations"]
    del graph.model.graph.output[:]
    graph.model.graph.output.extend(kept)


def _signature(graph: Graph, expected: str) -> VoiceFormat:
    return VoiceFormat(
        f"{graph.path.name} has the inputs {', '.join(graph.inputs)} and the outputs {', '.join(graph.outputs)}, "
        f"expected {expected}.",
        "See docs/import.md for the kinds of voices that fit.",
        {"inputs": graph.inputs, "outputs": graph.outputs},
    )


def _name_inputs(graph: Graph, accepted: Sequence[Sequence[str]]) -> None:
    given = graph.inputs
    chosen: Mapping[str, str] = {names[0]: name for names in accepted for name in names if name in given}
    if len(chosen) != len(accepted) or len(given) != len(accepted):
        raise _signature(graph, f"the inputs {', '.join(names[0] for names in accepted)}")
    for target, name in chosen.items():
        _rename_input(graph, name, target)


def _free_name(graph: Graph, name: str) -> None:
    """Give a tensor inside the graph another name, if it bears this one."""
    other = f"{PREFIX}own_{name}"
    for tensor in graph.model.graph.initializer:
        if tensor.name == name:
            tensor.name = other
    for node in graph.model.graph.node:
        node.output[:] = [other if item == name else item for item in node.output]
        _replace(node, name, other)


def _rename_input(graph: Graph, name: str, target: str) -> None:
    """The graph's nodes go on reading ``pack/<target>``, which a first node copies from the input ``target``."""
    if name != target:
        _free_name(graph, target)
    inside = PREFIX + target
    for node in graph.model.graph.node:
        _replace(node, name, inside)
    for value in graph.model.graph.input:
        if value.name == name:
            value.name = target
    graph.model.graph.node.insert(0, helper.make_node("Identity", [target], [inside]))


def _replace(node: NodeProto, name: str, target: str) -> None:
    """Rename what a node reads, in the branches of If and the bodies of Loop too."""
    for index, read in enumerate(node.input):
        if read == name:
            node.input[index] = target
    for attribute in node.attribute:
        for inner in (*attribute.graphs, attribute.g):
            for nested in inner.node:
                _replace(nested, name, target)
            for output in inner.output:
                if output.name == name:
                    output.name = target


def _fix_input(graph: Graph, inside: str, value: np.ndarray) -> None:
    """Replace the copy of an input by a constant, and take the input away."""
    nodes = graph.model.graph.node
    copy = next(node for node in nodes if node.op_type == "Identity" and list(node.output) == [inside])
    kept = [item for item in graph.model.graph.input if item.name != copy.input[0]]
    nodes.remove(copy)
    nodes.insert(0, helper.make_node("Constant", [], [inside], value=numpy_helper.from_array(value)))
    del graph.model.graph.input[:]
    graph.model.graph.input.extend(kept)


def _name_output(graph: Graph, name: str, target: str, flat: bool = False) -> None:
    """Give an output its engine's name; ``flat`` makes it [1, n]."""
    kept: list[ValueInfoProto] = [value for value in graph.model.graph.output if value.name != name]
    _free_name(graph, target)
    source = f"{PREFIX}own_{target}" if name == target else name
    del graph.model.graph.output[:]
    graph.model.graph.output.extend(kept)
    _add_output(graph, source, target, flat)


def _add_output(graph: Graph, source: str, target: str, flat: bool) -> None:
    nodes = graph.model.graph.node
    if flat:
        shape = f"{PREFIX}{target}_shape"
        nodes.append(helper.make_node("Constant", [], [shape], value=numpy_helper.from_array(np.array([1, -1]))))
        nodes.append(helper.make_node("Reshape", [source, shape], [target]))
    else:
        nodes.append(helper.make_node("Identity", [source], [target]))
    dims: list[str | int] = [1, f"{target}_n"] if flat else [1, f"{target}_c", f"{target}_t"]
    graph.model.graph.output.append(helper.make_tensor_value_info(target, TensorProto.FLOAT, dims))
