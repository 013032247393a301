"""Pictures from checkpoints."""

import pytest
import torch

from genlab.models import ModelError
from genlab.models.storage import WeightsError
from genlab.runs.sampling import CHUNK, generate, load_checkpoint
from genlab.runs.store import RunError, create_run
from genlab.training.checkpoint import MODEL_FILE
from tests.helpers import BY_NAME, FIT_ON, advance, config, train_run, trainer


@pytest.fixture(scope="module", params=["vae per-class", "dcgan", "gan"])
def model(request: pytest.FixtureRequest) -> torch.nn.Module:
    return advance(trainer(BY_NAME[request.param]), 5).sampler(FIT_ON)


def test_the_same_arguments_give_the_same_pictures(model: torch.nn.Module) -> None:
    first = generate(model, 10, 5)
    assert first.dtype == torch.uint8
    assert first.shape == (10, 1, 8, 8)
    assert torch.equal(generate(model, 10, 5), first)
    seeds = [generate(model, 3, seed).numpy().tobytes() for seed in (0, 1, 65536, 2**31 - 1)]
    assert len(set(seeds)) == 4


def test_more_pictures_begin_with_those_of_fewer(model: torch.nn.Module) -> None:
    most = generate(model, 2 * CHUNK + 3, 1)
    for n in (1, 7, CHUNK - 1, CHUNK, CHUNK + 1):
        assert torch.equal(generate(model, n, 1), most[:n]), n
    assert not torch.equal(most[:CHUNK], most[CHUNK : 2 * CHUNK])


def test_truncation_makes_pictures_alike(model: torch.nn.Module) -> None:
    label = 0 if model.prior.n_classes else None
    centres = generate(model, 5, 0, 0.0, label)
    assert (centres == centres[0]).all()
    assert (
        generate(model, 64, 0, 0.3, label).float().std(0).mean()
        < generate(model, 64, 0, 1.5, label).float().std(0).mean()
    )


@pytest.mark.parametrize(
    ("n", "seed", "truncation", "says"),
    [(0, 0, 1.0, "Between 1 and"), (10_001, 0, 1.0, "Between 1 and"), (1, -1, 1.0, "A seed"), (1, 2**31, 1.0, "A seed"),
     (1, 0, -0.1, "truncation"), (1, 0, 2.1, "truncation"), (1, 0, float("nan"), "truncation")],
)  # fmt: skip
def test_what_is_out_of_range_is_refused(n: int, seed: int, truncation: float, says: str) -> None:
    with pytest.raises(RunError, match=says):
        generate(BY_NAME["gan"].build(), n, seed, truncation)


def test_a_class_is_refused_where_there_is_none() -> None:
    with pytest.raises(ModelError, match="knows no classes"):
        generate(BY_NAME["gan"].build().eval(), 1, 0, label=1)


def test_checkpoints_are_chosen_by_step() -> None:
    run = create_run(config(steps=4))
    with pytest.raises(RunError, match="no checkpoint yet"):
        load_checkpoint(run)
    train_run(run=run)
    (run.path / "checkpoints" / "000004").rename(run.path / "checkpoints" / "000002")
    assert load_checkpoint(run)[1] == 2
    assert load_checkpoint(run, 3)[1] == 2
    with pytest.raises(RunError, match="no checkpoint yet"):
        load_checkpoint(run, 1)
    (run.path / "checkpoints" / "000002" / MODEL_FILE).write_bytes(b"")
    with pytest.raises(WeightsError, match="is damaged"):
        load_checkpoint(run)
