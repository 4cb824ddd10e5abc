"""The model card, plots and samples from the measured figures.

``python -m models.recipes.qingsheng.card --models models --voice qingsheng`` after ``models.recipes.evaluate``; the
figures go into ``voice.json`` as well.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import soundfile

from models.recipes.evaluate import load_engine, speak_whole
from models.recipes.front_end import BY_RULES, WITH_READER, add_reader_options, chosen_reader
from scripts.packs import read_manifest, write_manifest

from .export import figures
from .tables import TITLES, copies, melodies, quality, unrecorded, upper_band

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
sentences that nobody recorded. {read}
Tonal-syllable error is that of a small recogniser trained on real recordings of the training part only, never used in
training the voice; DNSMOS is P.835 overall and Distill-MOS a mean opinion from 1 to 5, both of 20
items each and of 100 of the unrecorded.
*Copy* is the vocoder on real features; *synthesis* is the same speaker from text; *default* is the voice `{id}` reading
the same texts.

"""

READ = {
    WITH_READER: "Texts are read as in the browser, with the reader model (words, readings, phrase breaks, breaths).",
    BY_RULES: "Texts are read by the front end's rules alone, as before the reader model has come.",
}
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
- Inside a sentence without punctuation the voice seldom pauses, and elsewhere than the readers, who often do; durations
  of single syllables follow the readers only in part (r in the table).
- Questions, exclamations and emotions have their melody by rule, after published measurements, not by example
  (`docs/expression.md`).
- The readers were recorded up to 8 kHz: their voices borrow what stands above it from Yue Tan's.
- Low third tones creak in the recordings; here they are smooth, at phrase ends sometimes whispery.
- Erhua was learned from 46 words; English is read with Mandarin sounds.
- A synthetic voice: say so where people could take it for a person.
"""

SAMPLES = {
    "statement": "轻声在浏览器里说话，不用网络，也不把文字送到别处。",
    "question": "明天下午三点半，你有时间一起喝杯咖啡吗？",
    "exclamation": "太好了！我们终于等到这一天了！",
    "numbers": "2026年11月21日，气温零下5℃，门票每张￥38.50。",
    "story": "从前有一座山，山上有一座庙，庙里有一位老和尚，正在给小和尚讲故事。",
}


def pictures(work: Path, docs: Path, voice: str) -> str:
    """Copy the plots beside the documentation and link them."""
    folder = docs / voice
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["\n## Tone contours", "Grey as recorded, red as planned; deviations from the speaker's mean.\n"]
    for key, title in TITLES.items():
        shutil.copy(work / "listen" / voice / f"{key}.png", folder / f"tones-{key}.png")
        lines.append(f"![{title}](../../docs/voices/{voice}/tones-{key}.png)\n")
    return "\n".join(lines)


def samples(models: Path, docs: Path, voice: str, reader: Path | None) -> str:
    """A few seconds each, Opus."""
    engine = load_engine(models / voice, reader=reader)
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
    add_reader_options(parser)
    options = parser.parse_args()
    voice, folder = options.voice, options.models / options.voice
    manifest = read_manifest(folder)
    manifest["metrics"] = figures(options.work, voice) or manifest["metrics"]
    write_manifest(folder, manifest)
    sizes = {name: file["bytes"] / 1e6 for name, file in manifest["files"].items()}
    words = {"id": voice, "more": MORE[voice], "timing": TIMING[voice]}
    metrics = manifest["metrics"]
    # figures that do not say how texts were read are older than the choice
    words["read"] = READ[metrics.get("read", BY_RULES)]
    head = HEADS[voice] + HEAD.format(size=sum(sizes.values()), **words, **sizes)
    heard = [quality(metrics), unrecorded(metrics["unrecorded"]), copies(metrics), upper_band(metrics["words"])]
    text = head + "\n".join([*heard, melodies(metrics)]) + pictures(options.work, options.docs, voice)
    text += samples(options.models, options.docs, voice, chosen_reader(options)) + TAIL
    (folder / "MODEL_CARD.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
