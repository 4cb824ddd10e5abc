"""The network: characters and what the lexicon says of them, to tags, readings, pauses and parts of speech.

Layout [batch, time, channel], so that nearly all arithmetic is MatMul. The tables from code points and reading codes to
rows of the embeddings are part of the graph: the engine hands over plain code points.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipes.reader.data import SPEECH
from py_engine.text.reader import CANDIDATES, PATTERN, SYLLABLES, TONES

FIRST_CODE_POINT, LAST_CODE_POINT = 0x2E80, 0xFFFF
TAGS = 4
# What may follow what: B M E S
LEGAL = torch.tensor([[0, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 1]], dtype=torch.bool)
FAR = -1e4


class Block(nn.Module):
    """Three places, ``dilation`` apart, through a hidden layer, and back."""

    def __init__(self, width: int, hidden: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(3 * width, hidden)
        self.outer = nn.Linear(hidden, width)
        self.dropout = nn.Dropout(dropout)
        self.dilation = dilation

    def forward(self, x: Tensor, keep: Tensor | None) -> Tensor:
        y = self.norm(x)
        if keep is not None:
            y = y * keep
        step = 2 * self.dilation
        padded = functional.pad(y, (0, 0, self.dilation, self.dilation))
        around = torch.cat((padded[:, :-step], y, padded[:, step:]), -1)
        return x + self.dropout(self.outer(functional.relu(self.inner(around))))


class Attention(nn.Module):
    """Every place looks at all others, by content alone."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, 3 * width)
        self.outer = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        self.heads = heads

    def forward(self, x: Tensor, keep: Tensor | None) -> Tensor:
        width = x.shape[-1]
        # one sentence is exported: its batch is a constant
        batch = 1 if keep is None else x.shape[0]
        split = self.inner(self.norm(x)).reshape(batch, -1, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4).unbind(0)
        scores = (query * (width // self.heads) ** -0.5) @ key.transpose(-1, -2)
        if keep is not None:
            scores = scores + (keep.transpose(1, 2)[:, None] - 1) * -FAR
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, -1, width)
        return x + self.dropout(self.outer(mixed))


class Phrases(nn.Module):
    """How well a phrase ends behind each place, from four places around it and three of what was made of them."""

    def __init__(self, width: int, hidden: int = 48, dropout: float = 0.2) -> None:
        super().__init__()
        self.near = nn.Linear(4 * width, hidden)
        self.wide = nn.Linear(3 * hidden, hidden)
        self.out = nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, keep: Tensor | None) -> Tensor:
        """[B,N,width] -> [B,N], 0 for even odds. ``keep`` as in `Reader.encode`."""
        near = functional.relu(self.near(_beside(self.dropout(_kept(x, keep)), 1, 2)))
        wide = functional.relu(self.wide(_beside(self.dropout(_kept(near, keep)), 1, 1)))
        return self.out(near + wide)[..., 0]


def _kept(x: Tensor, keep: Tensor | None) -> Tensor:
    return x if keep is None else x * keep


def _beside(x: Tensor, before: int, behind: int) -> Tensor:
    """Each place with so many of its neighbours, in order."""
    padded = functional.pad(x, (0, 0, before, behind))
    parts = [padded[:, at : at - before - behind] for at in range(before + behind)]
    return torch.cat((*parts, padded[:, before + behind :]), -1)


class Reader(nn.Module):
    def __init__(
        self, vocabulary: list[int], syllables: list[int], width: int = 128, character: int = 96, pair: int = 24,
        pairs: int = 16_384, reading: int = 32, hidden: int = 224, dropout: float = 0.15,
        dilations: tuple[int, ...] = (1, 1, 0, 2, 4, 0, 1),
    ) -> None:  # fmt: skip
        """``vocabulary``: code points, the commonest first. ``syllables``: codes (without tone) that occur."""
        super().__init__()
        rows = torch.zeros(LAST_CODE_POINT - FIRST_CODE_POINT + 1, dtype=torch.int16)
        rows[torch.tensor(vocabulary) - FIRST_CODE_POINT] = torch.arange(2, len(vocabulary) + 2, dtype=torch.int16)
        self.register_buffer("character_rows", rows)
        table = torch.zeros(SYLLABLES, dtype=torch.int16)
        table[torch.tensor(syllables)] = torch.arange(1, len(syllables) + 1, dtype=torch.int16)
        self.register_buffer("syllable_rows", table)
        self.pairs = pairs
        # row 0: a hidden character, 1: one that is not in the vocabulary
        self.character = nn.Embedding(len(vocabulary) + 2, character)
        self.pair = nn.Embedding(pairs, pair)
        self.reading = nn.Embedding((len(syllables) + 1) * TONES, reading)
        nn.init.normal_(self.character.weight, std=0.1)
        nn.init.normal_(self.pair.weight, std=0.1)
        nn.init.normal_(self.reading.weight, std=0.1)
        self.into = nn.Linear(character + 2 * pair + reading + PATTERN, width)
        self.dropout = nn.Dropout(dropout)
        # a dilation of 0 stands for attention
        self.layers = nn.ModuleList(
            Block(width, hidden, step, dropout) if step else Attention(width, 4, dropout) for step in dilations
        )
        self.norm = nn.LayerNorm(width)
        self.tags = nn.Linear(width, TAGS)
        # Parts of speech: they teach the encoder, and are not exported.
        self.speech = nn.Linear(width, len(SPEECH))
        # Where commas stood that were left out: this teaches the encoder too.
        self.commas = nn.Linear(width, 1)
        self.phrases = Phrases(width)
        self.wanted = nn.Linear(width, width)
        self.answer = nn.Linear(width, reading)
        self.hidden_character = nn.Linear(width, character)
        self.transitions = nn.Parameter(torch.zeros(TAGS, TAGS))
        # what speaks for a candidate by its place in the dictionary alone
        self.place = nn.Parameter(torch.zeros(CANDIDATES))
        # which characters labelled sentences have taught; of the others the model says nothing once it is exported
        self.register_buffer("taught", torch.ones(len(vocabulary) + 2))

    def rows(self, characters: Tensor) -> Tensor:
        """Code points to rows of the embedding."""
        inside = characters.clamp(FIRST_CODE_POINT, LAST_CODE_POINT) - FIRST_CODE_POINT
        return self.character_rows[inside].long().clamp(min=1)

    def reading_rows(self, codes: Tensor) -> Tensor:
        return self.syllable_rows[torch.div(codes, TONES, rounding_mode="floor")].long() * TONES + codes % TONES

    def encode(self, rows: Tensor, pattern: Tensor, known: Tensor, keep: Tensor | None) -> Tensor:
        """``rows`` of the characters; ``keep`` [B,N,1] is 0 where a batch is padded, None for a single sentence."""
        follower = functional.pad(rows[:, 1:], (0, 1))
        numbers = (rows * 5003 + follower) % self.pairs
        right = self.pair(numbers)
        left = functional.pad(right[:, :-1], (0, 0, 1, 0))
        x = torch.cat((self.character(rows), left, right, self.reading(self.reading_rows(known)), pattern), -1)
        x = self.dropout(self.into(x))
        for layer in self.layers:
            x = layer(x, keep)
        return self.norm(x)

    def reading_scores(self, x: Tensor, candidates: Tensor) -> Tensor:
        """[..., C] scores of the candidates, very low where there is none."""
        answer = self.answer(functional.relu(self.wanted(x)))
        scores = (self.reading(self.reading_rows(candidates)) @ answer[..., None])[..., 0] * 4
        return scores + self.place + (candidates == 0) * FAR

    def forward(self, characters: Tensor, pattern: Tensor, known: Tensor, candidates: Tensor) -> tuple[Tensor, ...]:
        """What is exported; the outputs are described in `py_engine.text.reader`."""
        rows = self.rows(characters)
        x = self.encode(rows, pattern, known, None)
        readings = self.reading_scores(x, candidates) * self.taught[rows][..., None]
        # an output that is a constant would not pass through quantisation
        pauses = self.phrases(x, None)
        steps = self.legal_transitions() + pauses[:, :1, None] * 0
        return self.tags(x), steps, readings, pauses

    def legal_transitions(self) -> Tensor:
        return torch.where(LEGAL, self.transitions, torch.full_like(self.transitions, FAR))

    def tagging_loss(self, scores: Tensor, tags: Tensor, keep: Tensor) -> Tensor:
        """Negative log likelihood of the tags by the linear chain, per sentence. keep: [B,N] bool, a prefix each."""
        steps = self.legal_transitions()
        total = scores[:, 0] + torch.tensor([0.0, FAR, FAR, 0.0])
        right = scores.gather(-1, tags[..., None])[..., 0]
        follows = steps[tags[:, :-1], tags[:, 1:]]
        gold = right[:, 0] + ((right[:, 1:] + follows) * keep[:, 1:]).sum(1)
        for at in range(1, scores.shape[1]):
            further = torch.logsumexp(total[:, :, None] + steps, 1) + scores[:, at]
            total = torch.where(keep[:, at : at + 1], further, total)
        return torch.logsumexp(total + torch.tensor([FAR, FAR, 0.0, 0.0]), 1) - gold
