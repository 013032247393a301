"""A transformer that writes pictures: the codes of a VQ-VAE, one after the other, each looking back at all before it.

The autoencoder and its codebook are those of :mod:`genlab.models.vqvae`, trained in a first stage and then left as
they are. In the second a decoder-only transformer (Vaswani et al. 2017, "Attention Is All You Need", arXiv 1706.03762)
learns the codes in reading order by cross-entropy, as the first DALL-E did with pictures (Ramesh et al. 2021,
"Zero-Shot Text-to-Image Generation", arXiv 2102.12092; with a GAN in the decoder: Esser, Rombach & Ommer 2020, arXiv
2012.09841)::

    p(codes) = prod_i p(code_i | code_1 .. code_i-1)
    h_i = embedding[code_i-1] + position_i                        (a token of its own before the first)
    h  <- h + attention(norm(h)),  h <- h + perceptron(norm(h))    in each block
    attention_i = sum_j softmax_j(q_i . k_j / sqrt(size)) v_j      over j <= i, in each head

Shapes: tokens (N, L, width), L = side * side; keys and values (N, layers, 2, L, width). Latents, codes and pixels as in
the VQ-VAE: one standard normal number a code picks it by the quantile function of its distribution.

While a grid is written, the keys and values of the places before are kept, so that each place is computed once.

Departs from the papers: no text comes before the picture; norms come before their layers, as in Xiong et al. 2020,
arXiv 2002.04745; no weights decay, but a tenth of the codes are not shown in training, lest few pictures be learned by
heart; every code keeps a little probability, as in the VQ-VAE.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.models.base import Stage
from genlab.models.codes import FORGOTTEN, Memory, Predictor
from genlab.models.options import ModelError, option
from genlab.models.preset import Preset
from genlab.models.vqvae import VQVAE, CodesOptions

SPREAD = 0.02
"""Standard deviation of fresh weights, as in GPT-2."""


@dataclass(frozen=True)
class TransformerOptions(CodesOptions):
    """What a transformer over codes can be given."""

    first_stage: float = option(
        0.3, "Share of the autoencoder", "The transformer learns in the rest.", low=0.05, high=0.95, basic=True
    )
    blocks: int = option(2, "Blocks", "Layers of attention, each with a perceptron behind it.", low=1, high=24)
    token_size: int = option(64, "Token width", "Numbers that stand for a place inside.", low=8, high=1024)
    heads: int = option(2, "Heads", "Ways in which a layer looks back; divides the width of a token.", low=1, high=32)
    lr_prior: float = option(3e-3, "Transformer's rate", "Its learning rate.", low=1e-6, high=0.1, log=True)


class Transformer(VQVAE):
    """See the module's text. The attributes are those of :class:`VQVAE`; ``predictor`` is the transformer."""

    key = "transformer"
    title = "Transformer over codes"
    about = (
        "Writes each picture as a small grid of codes, then learns to write such grids code by code, looking back at "
        "all before, as GPT does with text. Pictures come only in the second part of the training."
    )
    family = "transformer"
    Options = TransformerOptions
    presets = (
        Preset(
            key="transformer",
            model="transformer",
            title="Transformer over the codes of a VQ-VAE",
            about=(
                "The idea of the first DALL·E, without the text and very much smaller. Wants some minutes of CPU; "
                "until the autoencoder has had its share, samples are random grids of codes."
            ),
        ),
    )

    options: TransformerOptions

    def fresh_predictor(self, options: Any) -> Predictor:
        if options.token_size % options.heads:
            raise ModelError(
                f"{options.heads} heads cannot share {options.token_size} numbers a token evenly. "
                "Choose a width that the number of heads divides."
            )
        return Decoder(self.side**2, options.codes, options.blocks, options.token_size, options.heads)

    def stages(self) -> list[Stage]:
        autoencoder, prior = super().stages()
        (writer,) = prior.players
        return [autoencoder, prior._replace(players=[writer._replace(lr=self.options.lr_prior)])]


class Decoder(Predictor):
    """A decoder-only transformer over grids of `places` codes."""

    def __init__(self, places: int, codes: int, blocks: int, size: int, heads: int) -> None:
        super().__init__(codes)
        self.embedding = nn.Embedding(codes + 1, size)  # the last stands before the first, and for one not shown
        self.positions = nn.Parameter(SPREAD * torch.randn(places, size))
        self.blocks = nn.ModuleList(Block(size, heads, SPREAD / math.sqrt(2 * blocks)) for _ in range(blocks))
        self.norm = nn.LayerNorm(size)
        self.outward = nn.Linear(size, codes)
        nn.init.normal_(self.embedding.weight, std=SPREAD)

    def forward(self, codes: Tensor, uniform: Callable[..., Tensor]) -> Tensor:
        before = F.pad(codes[:, :-1], (1, 0), value=self.codes)
        h = self.embedding(before.masked_fill(uniform(*before.shape) < FORGOTTEN, self.codes)) + self.positions
        for block in self.blocks:
            h = block(h)
        logits: Tensor = self.outward(self.norm(h))
        return logits

    def memory(self, n: int) -> Memory:
        return (self.positions.new_zeros(n, len(self.blocks), 2, *self.positions.shape),)

    def logits(self, codes: Tensor, place: Tensor, memory: Memory) -> Tensor:
        (kept,) = memory
        before = F.pad(codes, (1, 0), value=self.codes).index_select(1, place.view(1))
        h = self.embedding(before) + self.positions[place.view(1)]
        for block, of_block in zip(cast(list[Block], self.blocks), kept.unbind(1), strict=True):
            h = block.next(h, place, of_block)
        logits: Tensor = self.outward(self.norm(h)).squeeze(1)
        return logits


class Block(nn.Module):
    """Attention to what came before, then a perceptron at each place.

    Fresh weights of the layers that add to the tokens have a spread of their own, `adding`.
    """

    def __init__(self, size: int, heads: int, adding: float) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm, self.norm = nn.LayerNorm(size), nn.LayerNorm(size)
        self.inward = nn.Linear(size, 3 * size)  # queries, keys and values
        self.outward = nn.Linear(size, size)
        wider, back = nn.Linear(size, 4 * size), nn.Linear(4 * size, size)
        self.perceptron = nn.Sequential(wider, nn.GELU(), back)
        for layer, spread in ((self.inward, SPREAD), (wider, SPREAD), (self.outward, adding), (back, adding)):
            nn.init.normal_(layer.weight, std=spread)

    def forward(self, h: Tensor) -> Tensor:
        """Tokens (N, L, size), each from itself and those before it."""
        q, k, v = (self._split(part) for part in self.inward(self.attention_norm(h)).chunk(3, dim=2))
        return self._outward(h, F.scaled_dot_product_attention(q, k, v, is_causal=True))

    def next(self, h: Tensor, place: Tensor, kept: Tensor) -> Tensor:
        """The token (N, 1, size) at a place (), from the keys and values (N, 2, L, size) kept of those before it.

        Its own are put beside them.
        """
        q, k, v = self.inward(self.attention_norm(h)).chunk(3, dim=2)
        kept.index_copy_(2, place.view(1), torch.stack((k, v), 1))
        seen = torch.arange(kept.shape[2], device=h.device) <= place
        keys, values = (self._split(part) for part in kept.unbind(1))
        return self._outward(h, F.scaled_dot_product_attention(self._split(q), keys, values, attn_mask=seen[None]))

    def _split(self, tokens: Tensor) -> Tensor:
        """(N, L, size) -> (N, heads, L, size / heads)."""
        split: Tensor = tokens.unflatten(2, (self.heads, -1)).transpose(1, 2)
        return split

    def _outward(self, h: Tensor, attended: Tensor) -> Tensor:
        h = h + self.outward(attended.transpose(1, 2).flatten(2))
        out: Tensor = h + self.perceptron(self.norm(h))
        return out
