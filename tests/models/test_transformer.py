"""What the transformer over codes adds to the VQ-VAE: attention to what came before, and a memory of it."""

import pytest
import torch
from torch import Tensor, nn

from genlab.models import build
from genlab.models.base import Batch
from genlab.models.options import ModelError
from genlab.models.transformer import Block, Decoder, Transformer
from tests.helpers import BY_NAME, seeded

PLACES, CODES = 9, 7


def decoder(seed: int = 0) -> Decoder:
    """Three blocks of four heads, with weights large enough for every code before a place to count."""
    torch.manual_seed(seed)
    made = Decoder(PLACES, CODES, 3, 16, 4)
    for parameter in made.parameters():
        nn.init.normal_(parameter, std=0.3)
    return made.eval()


def grids(n: int) -> Tensor:
    return torch.randint(CODES, (n, PLACES), generator=seeded())


def test_a_block_is_that_of_torch() -> None:
    torch.manual_seed(0)
    block = Block(16, 4, 0.02)
    torchs = nn.TransformerEncoderLayer(16, 4, 64, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
    theirs = {
        "self_attn.in_proj_weight": block.inward.weight,
        "self_attn.in_proj_bias": block.inward.bias,
        "self_attn.out_proj.weight": block.outward.weight,
        "self_attn.out_proj.bias": block.outward.bias,
        **{f"linear1.{key}": value for key, value in block.perceptron[0].state_dict().items()},
        **{f"linear2.{key}": value for key, value in block.perceptron[2].state_dict().items()},
        **{f"norm1.{key}": value for key, value in block.attention_norm.state_dict().items()},
        **{f"norm2.{key}": value for key, value in block.norm.state_dict().items()},
    }
    torchs.load_state_dict(theirs)
    h = torch.randn(5, PLACES, 16, generator=seeded())
    causal = nn.Transformer.generate_square_subsequent_mask(PLACES)
    assert torch.allclose(block(h), torchs(h, src_mask=causal, is_causal=True), atol=1e-5)


@torch.no_grad()
def test_a_place_looks_back_at_every_code_before_it_and_at_none_after() -> None:
    model, codes = decoder(), grids(1)
    before = model(codes, torch.ones)
    for place in range(PLACES):
        changed = codes.clone()
        changed[0, place] = (changed[0, place] + 1) % CODES
        differs = (model(changed, torch.ones) != before).any(2).squeeze(0).nonzero().flatten().tolist()
        assert differs == list(range(place + 1, PLACES))


@torch.no_grad()
def test_what_is_written_place_by_place_is_what_was_learned_at_once() -> None:
    model, codes = decoder(), grids(6)
    memory = model.memory(6)
    unwritten = torch.full_like(codes, CODES)
    for place in range(PLACES):
        here = torch.tensor(place)
        logits = model.logits(unwritten, here, memory)
        assert torch.allclose(logits, model(codes, torch.ones)[:, place], atol=1e-4)
        unwritten[:, place] = codes[:, place]


def test_it_learns_a_rule_that_reaches_further_than_the_neighbourhood() -> None:
    """Grids of 4 x 4 whose last row repeats the first, all else chance: the other predictor sees two rows up."""
    case = BY_NAME["transformer"]
    torch.manual_seed(0)
    model = build("transformer", (1, 8, 8), case.options)
    assert isinstance(model, Transformer)

    def drawn(seed: int) -> Tensor:
        grid = torch.randint(model.options.codes, (128, 16), generator=seeded(seed))
        grid[:, 12:] = grid[:, :4]
        return grid

    adam = torch.optim.Adam(model.predictor.parameters(), lr=0.01)
    for step in range(400):
        model.codes = lambda _x, step=step: drawn(step)
        loss, _ = model.prior_loss(Batch(torch.zeros(128, 1, 8, 8), None, 0, seeded()))
        adam.zero_grad()
        loss.backward()
        adam.step()
    fresh = drawn(10_000)
    with torch.no_grad():
        right = (model.predictor(fresh, torch.ones).argmax(2) == fresh).float().mean(0)
    assert right[12:].min() > 0.95
    assert right[:12].max() < 0.3


def test_heads_that_do_not_divide_a_token_are_told() -> None:
    with pytest.raises(ModelError, match="3 heads cannot share 64 numbers a token evenly"):
        build("transformer", (1, 8, 8), {"heads": 3})
