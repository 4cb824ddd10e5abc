"""The tables of a model card, out of what `models.recipes.evaluate` measured; the README has them too."""

from __future__ import annotations

from typing import Any

TITLES = {"words": "words (Yue Tan)", "sentences_f": "sentences (S0150)", "sentences_m": "sentences (S0252)"}
KINDS = ("real", "copy", "synthesis", "default")
BANDS = ("recordings", "copies", "citation form", "default voice")


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
    for key, title in TITLES.items():
        if opinions := metrics[key].get("distill_mos"):
            lines.append(row(f"Distill-MOS, {title}", opinions, ""))
    return "\n".join(lines) + "\n"


def unrecorded(part: dict[str, Any]) -> str:
    def line(kind: str) -> str:
        heard, all_same = part["tonal_syllable_error"][kind], part["syllable_error"][kind]
        text = f"{heard:.1f} % ({all_same:.1f} % without tone), DNSMOS overall {part['dnsmos'][kind]['ovr']:.3f}"
        return text + (f", Distill-MOS {part['distill_mos'][kind]:.2f}" if part.get("distill_mos") else "")

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
