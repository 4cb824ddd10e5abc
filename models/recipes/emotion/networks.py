"""Characters and tones to emotion: a pre-norm Transformer encoder with a table of hashed runs beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from py_engine.emotion.features import MAX_LINE
from py_engine.emotion.values import EMOTIONS

TONES, SEGMENTS, PLACES = 6, 3, MAX_LINE + 2
TOKEN_SHARE = 0.8


@dataclass(frozen=True)
class Size:
    width: int
    layers: int
    heads: int
    inner: int
    buckets: int


TEACHER = Size(width=192, layers=3, heads=4, inner=576, buckets=1 << 15)
STUDENT = Size(width=128, layers=2, heads=4, inner=256, buckets=1 << 15)


class Block(nn.Module):
    def __init__(self, size: Size, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = size.heads, dropout
        self.before_attention, self.before_inner = nn.LayerNorm(size.width), nn.LayerNorm(size.width)
        self.query_key_value = nn.Linear(size.width, 3 * size.width)
        self.join = nn.Linear(size.width, size.width)
        self.widen, self.narrow = nn.Linear(size.width, size.inner), nn.Linear(size.inner, size.width)

    def forward(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """x [B, L, D], hidden [B, 1, 1, L] added to the scores; the new x, and the scores [B, H, L, L] as they were."""
        batch, length, width = x.shape
        parts = self.query_key_value(self.before_attention(x)).reshape(batch, length, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        scores = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads)
        weights = functional.dropout(torch.softmax(scores + hidden, -1), self.dropout, self.training)
        mixed = (weights @ value).transpose(1, 2).reshape(batch, length, width)
        x = x + functional.dropout(self.join(mixed), self.dropout, self.training)
        inner = self.narrow(functional.gelu(self.widen(self.before_inner(x)), approximate="tanh"))
        return x + functional.dropout(inner, self.dropout, self.training), scores


class Encoder(nn.Module):
    """``share`` is the learned weight of the token beside its tone."""

    def __init__(self, symbols: int, size: Size, dropout: float = 0.1) -> None:
        super().__init__()
        self.dropout = dropout
        self.token, self.tone = nn.Embedding(symbols, size.width), nn.Embedding(TONES, size.width)
        self.segment, self.place = nn.Embedding(SEGMENTS, size.width), nn.Embedding(PLACES, size.width)
        self.balance = nn.Parameter(torch.tensor(math.log(TOKEN_SHARE / (1 - TOKEN_SHARE))))
        self.fused, self.last = nn.LayerNorm(size.width), nn.LayerNorm(size.width)
        self.blocks = nn.ModuleList(Block(size, dropout) for _ in range(size.layers))
        for table in (self.token, self.tone, self.segment, self.place):
            nn.init.normal_(table.weight, std=0.05)
        for block in self.blocks:
            for layer in (block.query_key_value, block.join, block.widen, block.narrow):
                nn.init.normal_(layer.weight, std=0.04)
                nn.init.zeros_(layer.bias)

    @property
    def share(self) -> Tensor:
        return torch.sigmoid(self.balance)

    def forward(self, symbols: Tensor, tones: Tensor, segments: Tensor, places: Tensor) -> tuple[Tensor, list[Tensor]]:
        """i64 [B, L] each, symbol 0 is padding; x [B, L, D] and each block's attention scores."""
        fused = self.share * self.token(symbols) + (1 - self.share) * self.tone(tones)
        x = self.fused(fused + self.segment(segments) + self.place(places))
        x = functional.dropout(x, self.dropout, self.training)
        hidden = torch.where(symbols == 0, -1e4, 0.0)[:, None, None, :]
        scores = []
        for block in self.blocks:
            x, score = block(x, hidden)
            scores.append(score)
        return self.last(x), scores


class EmotionNet(nn.Module):
    """Logits over `EMOTIONS`, valence -1..1, intensity 0..1.

    ``forget``: dropout before the heads and of runs; ``alone``: how often a line is shown without its runs.
    """

    def __init__(self, symbols: int, size: Size, dropout: float = 0.1, forget: float = 0.3, alone: float = 0.4) -> None:
        super().__init__()
        self.encoder = Encoder(symbols, size, dropout)
        self.pool = nn.Linear(size.width, 1)
        self.head = nn.Linear(2 * size.width, len(EMOTIONS) + 2)
        self.runs = nn.Embedding(size.buckets, len(EMOTIONS) + 2, padding_idx=0)
        self.forget, self.alone = forget, alone
        nn.init.zeros_(self.runs.weight)
        nn.init.normal_(self.head.weight, std=0.02)

    def forward(
        self, symbols: Tensor, tones: Tensor, segments: Tensor, places: Tensor, runs: Tensor
    ) -> dict[str, Tensor]:
        """As `py_engine.emotion.features.Inputs`, with a batch axis; ``runs`` i64 [B, R], 0 is padding."""
        x, scores = self.encoder(symbols, tones, segments, places)
        outside = torch.where((symbols == 0) | (segments != 0), -1e4, 0.0)
        weights = torch.softmax(self.pool(x).squeeze(-1) + outside, -1)
        pooled = torch.cat((x[:, 0], (weights[..., None] * x).sum(1)), -1)
        deep = self.head(functional.dropout(pooled, self.forget, self.training))
        kept = (runs > 0).float()
        rows = functional.dropout(self.runs(runs), self.forget, self.training)
        wide = rows.sum(1) / kept.sum(1, keepdim=True).clamp(min=1).sqrt()
        if self.training:
            # Now and then the encoder has to do without: the table knows the training lines by heart.
            wide = wide * (torch.rand(len(wide), 1) > self.alone)
        out = deep + wide
        return {
            "logits": out[:, :6], "valence": torch.tanh(out[:, 6]), "intensity": torch.sigmoid(out[:, 7]),
            "pooled": pooled, "hidden": x, "scores": scores,
        }  # fmt: skip
