"""Command line: ``python -m models.import_voice matcha|vits ...``. What fits and what comes out: docs/import.md.

Exit status: 0 done, 1 an error (one line with its code on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from py_engine.errors import OptionInvalid, QingshengError

from .voices import Json, Voice, read_matcha, read_vits
from .writing import About, Built, build, write

MODELS = Path(__file__).resolve().parent.parent
SCALARS = ("noise_scale", "length_scale", "noise_w")


def pack_id(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", value):
        raise argparse.ArgumentTypeError(f"{value!r} is no folder name of small letters, digits, dots and dashes")
    return value


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m models.import_voice", description="Make a pack of a public voice.")
    kinds = result.add_subparsers(dest="kind", required=True)
    matcha = kinds.add_parser("matcha", help="acoustic model and vocoder, as icefall exports them")
    matcha.add_argument("--acoustic", type=Path, required=True, help="tokens to mel, ONNX")
    matcha.add_argument(
        "--vocoder", type=Path, required=True, help="mel to spectra (Vocos) or samples (HiFi-GAN), ONNX"
    )
    matcha.add_argument("--tokens", type=Path, required=True, help="tokens.txt")
    matcha.add_argument("--lexicon", type=Path, help="lexicon.txt; shows how syllables are written")
    vits = kinds.add_parser("vits", help="a Piper voice")
    vits.add_argument("--model", type=Path, required=True, help="tokens to samples, ONNX")
    vits.add_argument("--config", type=Path, help="its .onnx.json, looked for beside the model")
    for kind in (matcha, vits):
        kind.add_argument("--id", type=pack_id, required=True, help="the pack's id and folder")
        kind.add_argument("--name", help="what people see; the id if left out")
        kind.add_argument("--license", required=True, help="of the weights, as an SPDX identifier or in words")
        kind.add_argument("--attribution", default="", help="whom to credit")
        kind.add_argument("--models", type=Path, default=MODELS, help="folder of the packs (%(default)s)")
        kind.add_argument("--phones", type=Path, help="phone, tab, tokens: what the import cannot find out")
        kind.add_argument("--partial", action="store_true", help="take the nearest tone for what is missing")
        kind.add_argument("--replace", action="store_true", help="write over a pack of this id")
        kind.add_argument("--float", action="store_true", help="leave all weights in float32")
        kind.add_argument("--sample-rate", type=int, help="Hz, where the files do not say it")
        for scalar in SCALARS if kind is vits else SCALARS[:2]:
            kind.add_argument(f"--{scalar.replace('_', '-')}", type=float, help="instead of the voice's own")
    return result


def read(given: argparse.Namespace) -> Voice:
    settings: Json = {name: getattr(given, name, None) for name in ("sample_rate", *SCALARS)}
    if given.kind == "vits":
        return read_vits(given.model, given.config, given.phones, given.partial, settings)
    return read_matcha(
        given.acoustic, given.vocoder, given.tokens, given.lexicon, given.phones, given.partial, settings
    )


def report(voice: Voice, built: Built, folder: Path) -> None:
    for role, model in built.models.items():
        reason = f" ({model.note})" if model.note else ""
        print(f"{role}: {model.float_bytes:,} bytes, packed {len(model.data):,} as {model.precision}{reason}")
    manifest, mapped = built.manifest, voice.mapped
    print(f"phones: {len(mapped.syllables)} syllables with tone are mapped")
    if mapped.substitutes:
        print("substitutes: " + ", ".join(f"{ours} by {theirs}" for ours, theirs in mapped.substitutes.items()))
    if mapped.unmapped:
        print(f"unmapped: {', '.join(mapped.unmapped)}")
    timing = "given by the model" if manifest["durations"] else "estimated"
    seconds = len(built.trial.samples) / built.trial.sample_rate
    print(f"{folder}: {manifest['sample_rate']} Hz, word times {timing}; spoke {seconds:.2f} s")
    print("Add it to the catalogue: make voice-catalog")


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    try:
        if (given.models / given.id).exists() and not given.replace:
            raise OptionInvalid(f"there is a pack {given.id} in {given.models}.", "Pass --replace, or another --id.")
        voice = read(given)
        about = About(given.id, given.name or given.id, given.license, given.attribution)
        built = build(voice, about, quantised=not given.float)
        report(voice, built, write(built, given.models))
    except (QingshengError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
