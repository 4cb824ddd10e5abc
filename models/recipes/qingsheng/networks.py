"""The networks. Layout is [batch, time, channel] throughout, so that nearly all arithmetic is MatMul (see INT8)."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from py_engine.synthesis.excitation import NARROW, WIDE, Signal
from py_engine.text.phones import PHONES

from .audio import N_FFT, N_MELS, mel_filters

N_BINS = NARROW.n_bins
# The upper band of a wide vocoder: gains at these frequencies, in Hz, interpolated onto the bins from there on. It
# begins where the filters that resampled the recordings to 16 kHz begin to close.
UPPER_POINTS = tuple(range(7_500, 10_001, 250))
UPPER_BIN = 240
# what the filters see of a unit-RMS excitation, against the area-normalised mel magnitude (fitted, then learned)
ENVELOPE_BIAS = -0.3
POSITIONS = 6
# of the prosody model: three speakers, and any reader
TIMINGS = 4


class Depthwise(nn.Module):
    """Depthwise convolution over time on [B, T, C]."""

    def __init__(self, width: int, kernel: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, width, kernel, padding=dilation * (kernel // 2), dilation=dilation, groups=width)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.transpose(1, 2)).transpose(1, 2)


class ConvNeXt(nn.Module):
    """Depthwise convolution, normalisation, two pointwise layers, scaled residual (Liu et al. 2022, made 1-D)."""

    def __init__(self, width: int, hidden: int, kernel: int = 7, dilation: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.depthwise = Depthwise(width, kernel, dilation)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)
        self.scale = nn.Parameter(torch.full((width,), 0.1))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        y = self.depthwise(x if mask is None else x * mask)
        y = self.down(torch.relu(self.up(self.norm(y))))
        return x + self.dropout(y * self.scale)


def envelope_matrix() -> Tensor:
    """[N_MELS, N_BINS]: linear interpolation of log mel onto the filters' bins."""
    filters = mel_filters()
    centres = filters.argmax(1).astype(np.float64)
    centres = np.maximum.accumulate(centres + np.arange(N_MELS) * 1e-3)
    places = np.arange(N_BINS) * (N_FFT / NARROW.n_fft)
    rows = [np.interp(places, centres, np.eye(N_MELS)[m]) for m in range(N_MELS)]
    return torch.tensor(np.stack(rows), dtype=torch.float32)


def upper_matrix() -> Tensor:
    """[11, 81]: linear interpolation of the gains at `UPPER_POINTS` onto the bins from 7.5 to 10 kHz."""
    hertz = np.arange(UPPER_BIN, WIDE.n_bins) * (WIDE.sample_rate / WIDE.n_fft)
    rows = [np.interp(hertz, UPPER_POINTS, row) for row in np.eye(len(UPPER_POINTS))]
    return torch.tensor(np.stack(rows), dtype=torch.float32)


class Vocoder(nn.Module):
    """Frame-rate filters for a pulse train and for noise: mel, F0, voicing -> complex and real filters per frame.

    ``upper``: width of the layer that guesses the band from 7.5 to 10 kHz, of which the mel says little; 0 without it.
    """

    def __init__(self, width: int = 256, hidden: int = 512, blocks: int = 6, upper: int = 0) -> None:
        super().__init__()
        self.inlet = nn.Linear(N_MELS + 2, width)
        self.blocks = nn.ModuleList(ConvNeXt(width, hidden) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.outlet = nn.Linear(width, 3 * N_BINS)
        nn.init.normal_(self.outlet.weight, std=0.01)
        nn.init.zeros_(self.outlet.bias)
        self.register_buffer("envelope", envelope_matrix(), persistent=False)
        self.bins = N_BINS
        self.upper: nn.Module | None = None
        if upper:
            self.upper = nn.Sequential(nn.Linear(width, upper), nn.ReLU(), nn.Linear(upper, 2 * len(UPPER_POINTS)))
            self.register_buffer("upper_envelope", upper_matrix(), persistent=False)

    def seen(self, mel: Tensor, log_f0: Tensor, voicing: Tensor) -> Tensor:
        """What the last layer sees: [B, T, width]."""
        pitch = ((log_f0 - 5.2) * 2.0).unsqueeze(-1)
        x = self.inlet(torch.cat([mel * 0.4 + 1.6, pitch, voicing.unsqueeze(-1)], -1))
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.norm(x)
        return out

    def raw(self, mel: Tensor, log_f0: Tensor, voicing: Tensor) -> Tensor:
        """ln gain and phase of the pulses' filter, ln gain of the noise's, over the mel envelope: [B, T, 3 x 257]."""
        out: Tensor = self.outlet(self.seen(mel, log_f0, voicing))
        return out

    def forward(self, mel: Tensor, log_f0: Tensor, voicing: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """mel [B, T, 80], log_f0 [B, T] (ln Hz), voicing [B, T] -> three of [B, T, 257], with ``upper`` [B, T, 321]."""
        seen = self.seen(mel, log_f0, voicing)
        re, im, noise = self.filters(mel, self.outlet(seen))
        if self.upper is None:
            return re, im, noise
        pulses, hiss = self.upper_filters(mel, seen)
        if self.bins > UPPER_BIN:
            re, im, noise = (part[..., :UPPER_BIN] for part in (re, im, noise))
        return torch.cat([re, pulses], -1), nn.functional.pad(im, (0, pulses.shape[-1])), torch.cat([noise, hiss], -1)

    def pruned(self) -> Vocoder:
        """The same without what is computed for nothing: bins that the upper band takes the place of."""
        out = copy.deepcopy(self)
        if self.upper is None:
            return out
        kept = [part * N_BINS + n for part in range(3) for n in range(UPPER_BIN)]
        out.bins, out.envelope = UPPER_BIN, self.envelope[:, :UPPER_BIN].clone()
        out.outlet = nn.Linear(self.outlet.in_features, len(kept))
        out.outlet.weight.data, out.outlet.bias.data = self.outlet.weight.data[kept], self.outlet.bias.data[kept]
        return out

    def upper_filters(self, mel: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Magnitudes for pulses and noise above 7.5 kHz, over the uppermost band of ``mel``: [B, T, 81] twice."""
        assert self.upper is not None
        gains = (self.upper(seen) + (mel[..., -1:] + ENVELOPE_BIAS)).unflatten(-1, (2, len(UPPER_POINTS)))
        pulses, hiss = torch.exp(torch.clamp(gains @ self.upper_envelope, -14.0, 6.0)).unbind(-2)
        return pulses, hiss

    def filters(self, mel: Tensor, raw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What ``raw`` says, put on the envelope of ``mel``."""
        gain, phase, noise = raw.split(self.bins, -1)
        base = mel @ self.envelope + ENVELOPE_BIAS
        magnitude = torch.exp(torch.clamp(base + gain, -14.0, 6.0))
        return (
            magnitude * torch.cos(phase),
            magnitude * torch.sin(phase),
            torch.exp(torch.clamp(base + noise, -14.0, 6.0)),
        )


def pulse_train(f0: Tensor, voicing: Tensor, phase: Tensor, signal: Signal = NARROW) -> Tensor:
    """Band-limited pulses, [B, T] Hz -> [B, T * hop]; mirrors ``py_engine.synthesis.excitation``."""
    frames = f0.shape[1]
    n = frames * signal.hop_length

    def spread(x: Tensor) -> Tensor:
        return nn.functional.interpolate(x.unsqueeze(1), size=n, mode="linear", align_corners=False).squeeze(1)

    hertz, gate = spread(f0), spread(voicing)
    turns = torch.cumsum(hertz.double() / signal.sample_rate, 1) + phase.double().unsqueeze(1)
    phi = (2 * torch.pi * (turns - turns.round())).float()
    count = torch.floor(signal.sample_rate / 2 / hertz)
    half = torch.sin(phi / 2)
    safe = torch.where(half.abs() < 1e-4, torch.full_like(half, 1e-4), half)
    total = torch.where(half.abs() < 1e-4, count, torch.sin((count + 0.5) * phi) / (2 * safe) - 0.5)
    return gate * total * torch.sqrt(2.0 / torch.floor(NARROW.sample_rate / 2 / hertz))


def shape_excitation(
    filters: tuple[Tensor, Tensor, Tensor], pulses: Tensor, noise: Tensor, signal: Signal = NARROW
) -> Tensor:
    """Filter both excitations frame by frame and overlap-add: [B, T, bins] x 3, [B, n], [B, n] -> [B, n]."""
    re, im, rough = filters
    n, hop, size, margin = pulses.shape[1], signal.hop_length, signal.n_fft, signal.margin
    window = torch.hann_window(size)

    def spectrum(x: Tensor) -> Tensor:
        frames = nn.functional.pad(x, (margin, margin)).unfold(1, size, hop)
        return torch.fft.rfft(frames * window, dim=-1)[..., : signal.n_bins]

    shaped = spectrum(pulses) * torch.complex(re, im) + spectrum(noise * signal.noise_gain) * rough
    frames = torch.fft.irfft(shaped, size, dim=-1) * window

    def overlap(x: Tensor) -> Tensor:
        return nn.functional.fold(x.transpose(1, 2), (1, n + 2 * margin), (1, size), stride=(1, hop)).flatten(1)

    weight = overlap((window**2).expand(1, frames.shape[1], size))
    return (overlap(frames) / weight.clamp_min(1e-3))[:, margin : margin + n]


class Acoustic(nn.Module):
    """Phones spread over frames, F0, voicing and energy given, to log mel (FastSpeech 2, made convolutional)."""

    def __init__(
        self, phones: int, speakers: int, width: int = 256, hidden: int = 512, inner: int = 192,
        dilations: tuple[int, ...] = (1, 1, 2, 1, 2, 1),
    ) -> None:  # fmt: skip
        super().__init__()
        self.phone = nn.Embedding(phones, inner)
        self.tone = nn.Embedding(6, inner)
        self.encoder = nn.ModuleList(ConvNeXt(inner, 2 * inner, 5, dropout=0.1) for _ in range(3))
        self.spread = nn.Linear(inner, width)
        self.frame = nn.Linear(7, width)
        self.speaker = nn.Embedding(speakers, width)
        self.decoder = nn.ModuleList(ConvNeXt(width, hidden, 7, dilation, 0.05) for dilation in dilations)
        self.norm = nn.LayerNorm(width)
        self.outlet = nn.Linear(width, N_MELS)
        for table in (self.phone, self.tone, self.speaker):
            nn.init.normal_(table.weight, std=0.3)

    def forward(
        self, phones: Tensor, tones: Tensor, frame_phone: Tensor, frame_position: Tensor,
        log_f0: Tensor, voicing: Tensor, energy: Tensor, speaker: Tensor,
    ) -> Tensor:  # fmt: skip
        """Phones [B, N], frames [B, T], speaker [B] -> mel [B, T, 80]; see docs/architecture.md for each input."""
        return self.outlet(self.hidden(
            phones, tones, frame_phone, frame_position, log_f0, voicing, energy, speaker
        )) * 2.0 - 4.0  # fmt: skip

    def hidden(
        self, phones: Tensor, tones: Tensor, frame_phone: Tensor, frame_position: Tensor,
        log_f0: Tensor, voicing: Tensor, energy: Tensor, speaker: Tensor,
    ) -> Tensor:  # fmt: skip
        """What the last layer sees: [B, T, width]."""
        x = self.phone(phones) + self.tone(tones)
        for block in self.encoder:
            x = block(x)
        x = self.spread(x)
        index = frame_phone.unsqueeze(-1).expand(-1, -1, x.shape[-1])
        x = torch.gather(x, 1, index)
        pitch = (log_f0 - 5.2) * 2.0
        fold = frame_position * torch.pi
        known = [frame_position * 2 - 1, torch.sin(fold), torch.cos(2 * fold), pitch, pitch * voicing, voicing, energy]
        x = x + self.frame(torch.stack(known, -1)) + self.speaker(speaker).unsqueeze(1)
        for block in self.decoder:
            x = block(x)
        return self.norm(x)


class Prosody(nn.Module):
    """Duration, F0 at five points, voicing at the same points, and energy, for every phone."""

    def __init__(self, phones: int, speakers: int, width: int = 192) -> None:
        super().__init__()
        self.phone = nn.Embedding(phones, width)
        self.tone = nn.Embedding(6, width)
        self.breaks = nn.Embedding(5, width)
        self.speaker = nn.Embedding(speakers, width)
        self.positions = nn.Linear(POSITIONS, width)
        dilations = (1, 2, 1, 4, 1, 8)
        self.blocks = nn.ModuleList(ConvNeXt(width, 2 * width, 5, dilation, dropout=0.3) for dilation in dilations)
        self.forget = nn.Dropout(0.15)
        self.norm = nn.LayerNorm(width)
        self.outlet = nn.Linear(width, 12)
        for table in (self.phone, self.tone, self.breaks, self.speaker):
            nn.init.normal_(table.weight, std=0.3)

    def raw(
        self, phones: Tensor, tones: Tensor, breaks: Tensor, positions: Tensor, speaker: Tensor, mask: Tensor | None
    ) -> Tensor:
        x = self.phone(phones) + self.tone(tones) + self.breaks(breaks) + self.positions(positions)
        x = self.forget(x + self.speaker(speaker).unsqueeze(1))
        for block in self.blocks:
            x = block(x, mask)
        return self.outlet(self.norm(x))

    def forward(
        self, phones: Tensor, tones: Tensor, breaks: Tensor, positions: Tensor, speaker: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """[B, N] x 3, [B, N, 6], [B] -> duration [B, N] frames, f0 [B, N, 5], voicing [B, N, 5], energy [B, N]."""
        out = self.raw(phones, tones, breaks, positions, speaker, None)
        return torch.exp(out[..., 0]), out[..., 1:6], torch.sigmoid(out[..., 6:11]), out[..., 11]


# "" is the full voice
SIZES: dict[str, dict[str, dict[str, Any]]] = {
    "": {"prosody": {}, "acoustic": {}, "vocoder": {}},
    "lite": {
        "prosody": {"width": 96},
        "acoustic": {"width": 160, "hidden": 320, "inner": 128, "dilations": (1, 2, 1, 2, 1)},
        "vocoder": {"width": 160, "hidden": 320, "blocks": 5},
    },
}


# Width of the layer for the band above 7.5 kHz (`widen_vocoder`).
UPPER = {"": 96, "lite": 96}


def build_wide(size: str = "") -> Vocoder:
    """An untrained vocoder with a band above 8 kHz."""
    return Vocoder(**SIZES[size]["vocoder"], upper=UPPER[size])


def build(name: str, size: str = "") -> nn.Module:
    """An untrained network of the given size: ``prosody``, ``acoustic`` or ``vocoder``, without a band above 8 kHz."""
    if name == "vocoder":
        return Vocoder(**SIZES[size][name])
    if name == "prosody":
        return Prosody(len(PHONES), TIMINGS, **SIZES[size][name])
    return Acoustic(len(PHONES), 3, **SIZES[size][name])
