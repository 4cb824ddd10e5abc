"""Step 11: the model card from the measured figures. ``python -m models.recipes.qingsheng.card --models models``"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

HEAD = """# Qingsheng 轻声, voice `qingsheng`

Mandarin (zh-CN), 16 kHz mono, four speakers out of one pack:

| voice id | what |
|---|---|
| `qingsheng` | 悦: Yue Tan's timbre, with sentence timing and melody learned from a reader and moved into her range |
| `qingsheng/yue-word` | 悦 in citation form, as the words were recorded: slow and clear |
| `qingsheng/reader-f`, `qingsheng/reader-m` | the two readers |

Three INT8 networks, {size:.1f} MB in all: prosody ({prosody:.1f} MB: duration, F0, voicing, energy per phone),
acoustic ({acoustic:.1f} MB: log mel) and vocoder ({vocoder:.1f} MB: filters for pulses and noise).
`weights-fp16.npz` holds the float weights for whoever trains on; it is not served. How it was made: `models/recipes/`.

## Trained on
- Audio-cmn / Shtooka `cmn-caen-tan`: 8,396 words, speaker Yue Tan, recorded at PLIDAM-INALCO. CC BY-SA.
- AISHELL-1, 700 sentences of the speakers S0150 and S0252 (utterances W0121 and up). Apache-2.0. The copy came
  through a public sample; that these ids belong to AISHELL-1 is inferred from their range.

Licence of this voice: CC BY-SA 4.0. Name both sources when you pass it on.

## Measured
Held out by a hash of the text before anything was trained: 4 % of the words, 6 % of the sentences. Tonal-syllable error
is that of a small recogniser trained on real recordings of the training part only, never used in training the voice;
DNSMOS is P.835 overall. *Copy* is the vocoder on real features; *synthesis* is the same speaker from text; *default* is
the voice `qingsheng` reading the same texts.

"""

TAIL = """
## Limits
- The recogniser knows Yue Tan from words only, so the default voice in sentences is a case that it never met; its error
  there is partly its own.
- Pauses come from punctuation; questions have no melody of their own yet; there is one, neutral, emotion.
- Low third tones creak in the recordings; here they are smooth, at phrase ends sometimes whispery.
- Erhua was learned from 46 words; English is spelled with Mandarin sounds.
- A synthetic voice: say so where people could take it for a person.
"""

TITLES = {"words": "words (Yue Tan)", "sentences_f": "sentences (S0150)", "sentences_m": "sentences (S0252)"}
KINDS = ("real", "copy", "synthesis", "default")


def row(title: str, values: dict[str, Any], unit: str) -> str:
    return f"| {title} | {' | '.join(f'{values[k]:.{1 if unit else 2}f}{unit}' for k in KINDS)} |"


def figures(metrics: dict[str, Any]) -> str:
    lines = [f"| | {' | '.join(KINDS)} |", "|---|---|---|---|---|"]
    for key, title in TITLES.items():
        part = metrics[key]
        lines.append(row(f"tonal-syllable error, {part['recordings']} {title}", part["tonal_syllable_error"], " %"))
    for key, title in TITLES.items():
        lines.append(row(f"syllable error without tone, {title}", metrics[key]["syllable_error"], " %"))
    for key, title in TITLES.items():
        overall = {k: v["ovr"] for k, v in metrics[key]["dnsmos"].items()}
        lines.append(row(f"DNSMOS overall, 20 {title}", overall, ""))
    copies = ", ".join(f"{metrics[k]['pesq_copy']:.2f} on {t}" for k, t in TITLES.items())
    return "\n".join(lines) + f"\n\nWide-band PESQ of copy synthesis: {copies}.\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("models"))
    folder = parser.parse_args().models / "qingsheng"
    manifest = json.loads((folder / "voice.json").read_text("utf-8"))
    sizes = {name: file["bytes"] / 1e6 for name, file in manifest["files"].items()}
    text = HEAD.format(size=sum(sizes.values()), **sizes) + figures(manifest["metrics"]) + TAIL
    (folder / "MODEL_CARD.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
