"""The model card, plots and samples from the measured figures.

``python -m models.recipes.qingsheng.card --models models --voice qingsheng`` after ``models.recipes.evaluate`` and a
second ``export``, which puts the figures into ``voice.json``.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import soundfile

from models.recipes.evaluate import load_engine, speak_whole
from scripts.packs import read_manifest

HEADS = {
    "qingsheng": """# Qingsheng 轻声, voice `qingsheng`

Mandarin (zh-CN), 24 kHz mono (sound up to 10 kHz), four speakers out of one pack:""",
    "qingsheng-lite": """# Qingsheng 轻声, voice `qingsheng-lite`

The small one: for weak phones and slow lines. Distilled from `qingsheng`, a third of its size. Mandarin (zh-CN),
24 kHz mono (sound up to 10 kHz), four speakers out of one pack:""",
}

HEAD = """

| voice id | what |
|---|---|
| `{id}` | 悦: Yue Tan's timbre, with the sentence timing and melody of any reader, moved into her range |
| `{id}/yue-word` | 悦 in citation form, as the words were recorded: slow and clear |
| `{id}/reader-f`, `{id}/reader-m` | the two readers |

INT8 networks, {size:.1f} MB in all: prosody ({prosody:.1f} MB: duration, F0, voicing, energy per phone) and the decoder
({decoder:.1f} MB: an acoustic model to log mel and a vocoder to filters for pulses and noise, one graph).{timing}
`weights-fp16.npz` holds the float weights for whoever trains on; it is not served. How it was made: `models/recipes/`.

## Trained on
- Audio-cmn / Shtooka `cmn-caen-tan`: 8,396 words, speaker Yue Tan, recorded at PLIDAM-INALCO. CC BY-SA.
- AISHELL-1, 700 sentences of the speakers S0150 and S0252 (utterances W0121 and up). Apache-2.0. The copy came
  through a public sample; that these ids belong to AISHELL-1 is inferred from their range.
- Text only: 3,000 Common Voice sentences (CC0), for which boosted trees, trained on the sentences above, told the
  lengths of syllables.
{more}
Licence of this voice: CC BY-SA 4.0. Name both sources when you pass it on.

## Measured
Held out by a hash of the text before anything was trained: 4 % of the words, 6 % of the sentences, and 200 Common Voice
sentences that nobody recorded. Tonal-syllable error is that of a small recogniser trained on real recordings of the
training part only, never used in training the voice; DNSMOS is P.835 overall, 20 items each, 100 of the unrecorded.
*Copy* is the vocoder on real features; *synthesis* is the same speaker from text; *default* is the voice `{id}` reading
the same texts.

"""

TIMING = {
    "qingsheng": "\nBoosted trees in the prosody model's file say how long a syllable of a sentence is.",
    "qingsheng-lite": "",
}
MORE = {
    "qingsheng": "",
    "qingsheng-lite": "- What `qingsheng` makes of 3,000 Common Voice sentences (text: CC0) "
    "and of 3,000 of the words.\n",
}

TAIL = """
## Limits
- The recogniser knows Yue Tan from words only, so the default voice in sentences is a case that it never met; its error
  there is partly its own.
- Inside a sentence without punctuation the voice does not pause, while the readers sometimes do; durations of single
  syllables follow the readers only in part (r in the table).
- Questions, exclamations and emotions have their melody by rule, after published measurements, not by example
  (`docs/expression.md`).
- The readers were recorded up to 8 kHz: their voices borrow what stands above it from Yue Tan's.
- Low third tones creak in the recordings; here they are smooth, at phrase ends sometimes whispery.
- Erhua was learned from 46 words; English is read with Mandarin sounds.
- A synthetic voice: say so where people could take it for a person.
"""

TITLES = {"words": "words (Yue Tan)", "sentences_f": "sentences (S0150)", "sentences_m": "sentences (S0252)"}
KINDS = ("real", "copy", "synthesis", "default")
BANDS = ("recordings", "copies", "citation form", "default voice")
SAMPLES = {
    "statement": "轻声在浏览器里说话，不用网络，也不把文字送到别处。",
    "question": "明天下午三点半，你有时间一起喝杯咖啡吗？",
    "exclamation": "太好了！我们终于等到这一天了！",
    "numbers": "2026年11月21日，气温零下5℃，门票每张￥38.50。",
    "story": "从前有一座山，山上有一座庙，庙里有一位老和尚，正在给小和尚讲故事。",
}


def row(title: str, values: dict[str, Any], unit: str) -> str:
    return f"| {title} | {' | '.join(f'{values[k]:.{1 if unit else 2}f}{unit}' for k in KINDS)} |"


def quality(metrics: dict[str, Any]) -> str:
    lines = [f"| | {' | '.join(KINDS)} |", "|---|---|---|---|---|"]
    for key, title in TITLES.items():
        part = metrics[key]
        lines.append(row(f"tonal-syllable error, {part['recordings']} {title}", part["tonal_syllable_error"], " %"))
    for key, title in TITLES.items():
        lines.append(row(f"syllable error without tone, {title}", metrics[key]["syllable_error"], " %"))
    for key, title in TITLES.items():
        lines.append(row(f"DNSMOS overall, {title}", {k: v["ovr"] for k, v in metrics[key]["dnsmos"].items()}, ""))
    return "\n".join(lines) + "\n"


def unrecorded(part: dict[str, Any]) -> str:
    def line(kind: str) -> str:
        heard, all_same = part["tonal_syllable_error"][kind], part["syllable_error"][kind]
        return f"{heard:.1f} % ({all_same:.1f} % without tone), DNSMOS overall {part['dnsmos'][kind]['ovr']:.3f}"

    text = f"{part['sentences']} Common Voice sentences, default voice: tonal-syllable error {line('default')}"
    return text + (f"; its float32 twin: {line('float32')}.\n" if "float32" in part["dnsmos"] else ".\n")


def copies(metrics: dict[str, Any]) -> str:
    lines = ["| copy synthesis | wide-band PESQ | voicing F1 | F0 error, median |", "|---|---|---|---|"]
    for key, title in TITLES.items():
        m = metrics[key]
        lines.append(f"| {title} | {m['pesq_copy']:.2f} | {m['voicing_f1']:.3f} | {m['f0_cents_median']:.1f} cents |")
    return "\n".join(lines) + "\n"


def upper_band(words: dict[str, Any]) -> str:
    """What the other instruments do not hear, of the words: the sentences were recorded up to 8 kHz."""
    if "upper_band_error_db" not in words:
        return ""
    levels = words["upper_band_level_db"]
    told = ", ".join(f"{name} {levels[kind]:.1f}" for kind, name in zip(KINDS, BANDS, strict=True))
    return (
        "The other figures are of what sounds below 8 kHz. From 8 to 10 kHz, in held-out words: the level of a copy is "
        f"right to {words['upper_band_error_db']:.1f} dB (mean over frames of 16 ms); against 4 to 8 kHz, {told} dB.\n"
    )


def melodies(metrics: dict[str, Any]) -> str:
    columns = ("timing and melody, planned against recorded", "duration r", "log F0 r", "F0 spread",
               "pauses: F1 (made / real)", "declination made / real", "last syllable made / real")  # fmt: skip
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for key, title in TITLES.items():
        for kind, who in (("prosody", "same speaker"), ("prosody_default", "default")):
            if key == "words" and kind == "prosody_default":
                continue
            m = metrics[key][kind]
            cells = [f"{title}, {who}", m["duration_r"], m["log_f0_r"], m["f0_spread_ratio"]]
            cells.append(f"{m['pause_f1']} ({m['pauses_made']} / {m['pauses_real']})")
            for name in ("declination", "final_lengthening"):
                known = f"{name}_made" in m
                cells.append(f"{m[f'{name}_made']:.2f} / {m[f'{name}_real']:.2f}" if known else "–")
            lines.append(f"| {' | '.join(str(c) for c in cells)} |")
    return "\n".join(lines) + "\n"


def pictures(work: Path, docs: Path, voice: str) -> str:
    """Copy the plots beside the documentation and link them."""
    folder = docs / voice
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["\n## Tone contours", "Grey as recorded, red as planned; deviations from the speaker's mean.\n"]
    for key, title in TITLES.items():
        shutil.copy(work / "listen" / voice / f"{key}.png", folder / f"tones-{key}.png")
        lines.append(f"![{title}](../../docs/voices/{voice}/tones-{key}.png)\n")
    return "\n".join(lines)


def samples(models: Path, docs: Path, voice: str) -> str:
    """A few seconds each, Opus."""
    engine = load_engine(models / voice)
    lines = ["\n## Samples"]
    for name, text in SAMPLES.items():
        path = docs / voice / f"{name}.opus"
        soundfile.write(path, *speak_whole(engine, text, voice), format="OGG", subtype="OPUS")
        lines.append(f"- [{text}](../../docs/voices/{voice}/{name}.opus)")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--docs", type=Path, default=Path("docs/voices"))
    parser.add_argument("--voice", choices=tuple(HEADS), default="qingsheng")
    options = parser.parse_args()
    voice, folder = options.voice, options.models / options.voice
    manifest = read_manifest(folder)
    sizes = {name: file["bytes"] / 1e6 for name, file in manifest["files"].items()}
    words = {"id": voice, "more": MORE[voice], "timing": TIMING[voice]}
    head = HEADS[voice] + HEAD.format(size=sum(sizes.values()), **words, **sizes)
    metrics = manifest["metrics"]
    heard = [quality(metrics), unrecorded(metrics["unrecorded"]), copies(metrics), upper_band(metrics["words"])]
    text = head + "\n".join([*heard, melodies(metrics)]) + pictures(options.work, options.docs, voice)
    text += samples(options.models, options.docs, voice) + TAIL
    (folder / "MODEL_CARD.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
