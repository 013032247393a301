"""What a VQ-VAE adds to what every model promises: codes, a codebook that follows, and a prior that can be inverted."""

import math

import pytest
import torch
from torch import Tensor

from genlab.data.pictures import to_floats
from genlab.models.base import Batch
from genlab.models.codes import DECAY, OFFSETS, SMOOTHING, Codebook
from genlab.models.vqvae import VQVAE
from tests.helpers import BY_NAME, CASES, FIT_ON, Case, advance, drawn, pictures, same, seeded, trainer

VQVAES = [case for case in CASES if case.model in {"vqvae", "transformer"}]
each_vqvae = pytest.mark.parametrize("case", VQVAES, ids=[case.name for case in VQVAES])


def intervals(model: VQVAE, codes: Tensor) -> Tensor:
    """Where the intervals of the codes of grids (N, L) meet: (N, L, K + 1)."""
    memory = model.predictor.memory(len(codes))
    return torch.stack([model.predictor.edges(codes, place, memory) for place in torch.arange(codes.shape[1])], 1)


def trained(case: Case, steps: int = 200) -> VQVAE:
    model = advance(trainer(case, pictures(n=48), steps=steps), steps).sampler(FIT_ON)
    assert isinstance(model, VQVAE)
    return model


def untrained(name: str = "vqvae") -> VQVAE:
    model = BY_NAME[name].build()
    assert isinstance(model, VQVAE)
    return model.eval()


@each_vqvae
@pytest.mark.parametrize("steps", [1, 60])
def test_what_is_encoded_is_drawn_as_its_reconstruction(case: Case, steps: int) -> None:
    model, x = trained(case, steps), to_floats(pictures(n=20, seed=3).images)
    with torch.no_grad():
        assert torch.equal(model.sample(model.encode(x)), model.reconstruct(x))


@each_vqvae
def test_every_grid_of_codes_has_a_latent_even_an_unlikely_one(case: Case) -> None:
    model = trained(case)
    codes = torch.randint(model.options.codes, (200, model.prior.size), generator=seeded())
    model.codes = lambda _x: codes
    with torch.no_grad():
        z = model.encode(torch.zeros(200, 1, 8, 8))
        assert torch.isfinite(z).all()
        assert torch.equal(model.sample(z), model.picture(codes))


@each_vqvae
def test_latents_of_the_prior_pick_codes_as_often_as_it_says(case: Case) -> None:
    model = trained(case)
    blank = torch.zeros(1, model.prior.size, dtype=torch.int64)
    wanted = intervals(model, blank)[0, 0].diff()
    model.picture = lambda codes: codes
    n = 20_000
    codes = model.sample(model.prior.draw(n, seeded()))
    shares = torch.bincount(codes[:, 0], minlength=model.options.codes) / n
    assert (shares - wanted).abs().max() < 5 * 0.5 / math.sqrt(n)
    assert wanted.max() < 0.99


@each_vqvae
def test_the_intervals_are_the_smoothed_softmax_of_the_logits(case: Case) -> None:
    model = untrained(case.name)
    codes = torch.randint(model.options.codes, (3, model.prior.size), generator=seeded())
    logits = model.predictor(codes, torch.ones)
    edges = intervals(model, codes)
    shares = (1 - SMOOTHING) * logits.softmax(2) + SMOOTHING / model.options.codes
    assert torch.allclose(edges.diff(dim=2), shares.double(), atol=1e-6)
    assert torch.equal(edges[..., 0], torch.zeros(3, model.prior.size).double())
    assert torch.equal(edges[..., -1], torch.ones(3, model.prior.size).double())


def test_a_place_is_told_of_neighbours_before_it_and_of_nothing_after() -> None:
    model = untrained()
    side = model.side
    codes = torch.randint(model.options.codes, (1, side * side), generator=seeded())
    before = model.predictor(codes, torch.ones)
    for place in range(side * side):
        changed = codes.clone()
        changed[0, place] = (changed[0, place] + 1) % model.options.codes
        after = model.predictor(changed, torch.ones)
        row, column = divmod(place, side)
        told = {
            (row + up) * side + column - right
            for up, right in OFFSETS
            if row + up < side and 0 <= column - right < side
        }
        differs = (after != before).any(2).squeeze(0).nonzero().flatten().tolist()
        assert set(differs) == told
        assert all(other > place for other in differs)


def test_the_gradient_goes_straight_through_the_codes() -> None:
    model, x = untrained(), to_floats(pictures(n=4).images)
    read: dict[str, Tensor] = {}
    model.decoder.register_forward_pre_hook(lambda _module, inputs: read.update(decoder=inputs[0]))
    vectors = model.vectors(x).detach().requires_grad_()
    model.vectors = lambda _x: vectors
    loss, metrics = model.autoencoder_loss(Batch(x, None, 0, seeded()))
    quantised = read["decoder"].detach()
    into_encoder, into_decoder = torch.autograd.grad(loss, [vectors, read["decoder"]])
    pull = 2 * model.options.commitment * (vectors - quantised) / len(x)
    assert torch.allclose(into_encoder, into_decoder + pull, atol=1e-5)
    assert metrics["commitment"].item() == pytest.approx((vectors - quantised).square().sum().item() / len(x), rel=1e-5)
    assert any(torch.allclose(quantised[0, 0], vector, atol=1e-6) for vector in model.codebook.vectors)


def test_the_codebook_follows_as_a_moving_average() -> None:
    book = Codebook(2, 1)
    book.vectors.copy_(torch.tensor([[0.0], [10.0]]))
    book.counts.copy_(torch.tensor([2.0, 2.0]))
    book.sums.copy_(torch.tensor([[0.0], [20.0]]))
    chosen = book.follow(torch.tensor([[1.0], [2.0], [9.0], [3.0]]), seeded())
    assert chosen.tolist() == [0, 0, 1, 0]
    counts = [DECAY * 2 + (1 - DECAY) * 3, DECAY * 2 + (1 - DECAY) * 1]
    sums = [(1 - DECAY) * 6.0, DECAY * 20 + (1 - DECAY) * 9]
    assert torch.allclose(book.counts, torch.tensor(counts))
    assert torch.allclose(book.vectors.flatten(), torch.tensor([sums[0] / counts[0], sums[1] / counts[1]]))


def test_a_code_out_of_use_is_given_a_vector_of_the_batch() -> None:
    book = Codebook(3, 2)
    vectors = torch.randn(30, 2, generator=seeded())
    book.vectors.copy_(torch.tensor([[0.0, 0.0], [1.0, 1.0], [900.0, 900.0]]))
    book.counts.copy_(torch.tensor([10.0, 10.0, 0.01]))
    book.sums.copy_(book.counts[:, None] * book.vectors)
    state = {name: tensor.clone() for name, tensor in book.state_dict().items()}
    book._restart(vectors, seeded(1))
    assert torch.equal(book.vectors[:2], state["vectors"][:2])
    assert any(torch.equal(book.vectors[2], vector) for vector in vectors)
    again = Codebook(3, 2)
    again.load_state_dict(state)
    again._restart(vectors, seeded(1))
    assert same(again.state_dict(), book.state_dict())


def test_the_second_stage_leaves_the_autoencoder_as_it_is() -> None:
    training = advance(trainer(BY_NAME["vqvae"], steps=20), 10)
    before = {name: tensor.clone() for name, tensor in training.model.state_dict().items()}
    advance(training, 10)
    assert training.stage == "prior"
    after = training.model.state_dict()
    changed = {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}
    assert changed
    assert all(name.startswith("predictor.") for name in changed)


@each_vqvae
def test_a_trained_vqvae_knows_the_codes_and_draws_what_it_was_shown(case: Case) -> None:
    data = pictures(n=48)
    training = trainer(case, data, steps=400)
    advance(training, 1)
    first = training.take_metrics()["autoencoder/reconstruction"]
    advance(training, 199)
    training.take_metrics()
    advance(training, 195)
    training.take_metrics()
    advance(training, 5)
    assert training.take_metrics()["prior/loss"] < 0.7 * math.log(training.model.options.codes)
    real = to_floats(data.images)
    model = training.sampler(FIT_ON)
    assert isinstance(model, VQVAE)
    with torch.no_grad():
        error = (model.picture(model.codes(real)) - real).square().mean()
    assert error < 0.25 * real.var()
    assert first > 0
    distance = torch.cdist(drawn(model, 64).flatten(1), real.flatten(1)).min(1).values.median()
    before = torch.cdist(drawn(case.build()).flatten(1), real.flatten(1)).min(1).values.median()
    assert distance < 0.6 * before
