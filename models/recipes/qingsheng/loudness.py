"""How much louder or softer than the recording, band by band, a listener would hear it: a loss after PESQ.

The perceptual model is that of ITU-T P.862 (2001; Rix et al. 2001, Beerends et al. 2002) with the wide-band input of
P.862.2 (2007): frames of 32 ms, power in bands of equal width in Bark (Zwicker and Terhardt 1980), hearing threshold
(Terhardt 1979), loudness after Zwicker with exponent 0.23, differences less what the softer of both masks, and what was
added weighing more than what is missing. Left out, since crops of a vocoder need neither: alignment in time and
compensation of a filter that all of an utterance has in common. Everything here is differentiable, written from the
published formulas with analytic bands and thresholds in place of the standard's tables; it is a loss, not the measure.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .audio import SAMPLE_RATE

SIZE, HOP, BANDS = 512, 256, 49
# sound pressure: a sine of this amplitude has 40 dB (P.862), where recordings have 16 bits and mean power 1e7
REFERENCE_AMPLITUDE, REFERENCE_LEVEL = 29.54, 40.0
# of the corpus's recordings, whose louder half has an RMS of 0.08, to that mean power
FULL_SCALE = 51_000.0
EXPONENT = 0.23
MASKED = 0.25
# syllables: 20 frames of 16 ms, half overlapping
SPAN, STRIDE, SPAN_POWER = 20, 10, 6
LOUDEST_DISTURBANCE = 45.0
SYMMETRIC, ASYMMETRIC = 0.1, 0.0309


def bark(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Critical-band rate (Zwicker and Terhardt 1980)."""
    return np.asarray(13 * np.arctan(7.6e-4 * hertz) + 3.5 * np.arctan((hertz / 7500) ** 2))


def threshold(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least audible power, dB re 20 uPa (Terhardt 1979)."""
    k = np.maximum(hertz, 20.0) / 1000
    return np.asarray(3.64 * k**-0.8 - 6.5 * np.exp(-0.6 * (k - 3.3) ** 2) + 1e-3 * k**4)


def input_gain(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power gain of the wide-band input filter (P.862.2): a high pass of second order."""
    z = np.exp(-2j * np.pi * hertz / SAMPLE_RATE)
    response = 2.6657628 * (1 - z) ** 2 / (1 - 1.8890331 * z + 0.89487434 * z**2)
    return np.asarray(np.abs(response) ** 2)


@lru_cache(maxsize=1)
def bands() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Bins to band power [257, 49], threshold power [49], exponent [49], width in Bark [49]."""
    step = SAMPLE_RATE / SIZE
    bins = np.arange(SIZE // 2 + 1) * step
    edges = np.linspace(0.0, bark(np.array(SAMPLE_RATE / 2)), BANDS + 1)
    low, high = bark(np.maximum(bins - step / 2, 0.0)), bark(np.minimum(bins + step / 2, SAMPLE_RATE / 2))
    shared = np.minimum(high[:, None], edges[1:]) - np.maximum(low[:, None], edges[:-1])
    share = np.maximum(shared, 0.0) / (high - low)[:, None]
    window = np.hanning(SIZE + 1)[:-1]
    power_of_tone = REFERENCE_AMPLITUDE**2 * SIZE * np.sum(window**2) / 4
    share *= input_gain(bins)[:, None] * 10 ** (REFERENCE_LEVEL / 10) / power_of_tone
    centres = (edges[:-1] + edges[1:]) / 2
    hertz = np.interp(centres, bark(np.arange(8001.0)), np.arange(8001.0))
    # louder growth below 4 Bark
    exponent = EXPONENT * np.clip(6 / (centres + 2), 1.0, 2.0) ** 0.15
    values = share, 10 ** (threshold(hertz) / 10), exponent, np.diff(edges)
    return tuple(torch.tensor(x, dtype=torch.float32) for x in values)  # type: ignore[return-value]


def band_power(samples: Tensor) -> Tensor:
    """[B, n] in -1..1 -> power in bands [B, frames, 49]."""
    parts = torch.stft(
        samples * FULL_SCALE, SIZE, HOP, window=torch.hann_window(SIZE), center=False, return_complex=True
    )
    return torch.view_as_real(parts).square().sum(-1).transpose(1, 2) @ bands()[0]


def loudness(power: Tensor) -> Tensor:
    """Sone per Bark: [..., 49] -> [..., 49]. A tone of 1 kHz and 40 dB has about one sone in all."""
    _, least, exponent, _ = bands()
    growth = (0.5 + 0.5 * power / least) ** exponent - 1
    return 0.1866 * (least / 0.5) ** exponent * torch.relu(growth)


def audible(power: Tensor) -> Tensor:
    """Power above the hearing threshold: [..., 49] -> [...]."""
    return torch.where(power > bands()[1], power, 0.0).sum(-1)


def levelled(made: Tensor, real: Tensor) -> Tensor:
    """``made`` at the level of ``real``, a frame behind by a fifth (P.862): a level that drifts is hardly heard."""
    gain = (audible(real) + 5e3) / (audible(made) + 5e3)
    before = torch.cat([gain[:, :1], gain[:, :-1]], 1)
    return made * (0.2 * before + 0.8 * gain).clamp(3e-4, 5.0).unsqueeze(-1)


def root(values: Tensor, power: int, least: float = 1e-2) -> Tensor:
    """The mean's root over the last axis, with a slope at zero."""
    return (values**power).mean(-1).add(least**power) ** (1 / power) - least


def disturbances(made: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """Symmetric and asymmetric disturbance of every frame: [B, n] x 2 -> [B, frames] x 2."""
    goal, power = band_power(real), band_power(made)
    power = levelled(power, goal)
    a, b = loudness(power), loudness(goal)
    difference = a - b
    heard = torch.sign(difference) * torch.relu(difference.abs() - MASKED * torch.minimum(a, b))
    width = bands()[3]
    symmetric = root(heard.abs() * width, 2) * BANDS**0.5 * width.sum() ** 0.5
    factor = ((power + 50) / (goal + 50)) ** 1.2
    factor = torch.where(factor < 3, 0.0, factor.clamp(max=12.0))
    asymmetric = (heard.abs() * factor * width).sum(-1)
    weight = ((audible(goal) + 1e5) / 1e7) ** 0.04
    return (symmetric / weight).clamp(max=LOUDEST_DISTURBANCE), (asymmetric / weight).clamp(max=LOUDEST_DISTURBANCE)


def over_time(disturbance: Tensor) -> Tensor:
    """The worst frames of a syllable count most, syllables by their squares: [B, frames] -> [B]."""
    return root(root(disturbance.unfold(1, SPAN, STRIDE), SPAN_POWER), 2)


def loudness_loss(made: Tensor, real: Tensor) -> Tensor:
    """What PESQ would take from 4.5, roughly: [B, n] x 2 in -1..1, at least 5,376 samples -> scalar."""
    symmetric, asymmetric = (over_time(x) for x in disturbances(made, real))
    return (SYMMETRIC * symmetric + ASYMMETRIC * asymmetric).mean()
