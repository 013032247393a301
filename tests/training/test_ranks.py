"""A training by two processes is the training of one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from genlab.models import GenerativeModel
from genlab.models.base import Batch
from genlab.models.priors import NormalPrior
from genlab.training.config import ConfigError
from genlab.training.ranks import RankLostError, Ranks, ShareOfBatch, telling_of_loss
from genlab.training.trainer import Trainer
from tests.helpers import BY_NAME, CASES, CPU, Case, config, each_case, pictures, seeded, trainer
from tests.training.ranks_main import STEPS, named

DRIVER = Path(__file__).with_name("ranks_main.py")
SHARED_OUT = [case for case in CASES if not case.build().needs_whole_batch]
HALVED = ["vae:bf16", "dcgan:bf16", "hybrid:bf16", "vae:fp16", "dcgan:fp16"]


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which two processes, started by torchrun, left what came of all cases."""
    folder = tmp_path_factory.mktemp("together")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    names = [*(case.name for case in SHARED_OUT), *HALVED]
    environment = {**os.environ, "GENLAB_HOME": str(folder)}
    done = subprocess.run(
        [*command, str(DRIVER), str(folder), *names],
        env=environment, timeout=240, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def without_effect(model: GenerativeModel) -> Iterator[str]:
    """Names of biases that batch normalisation takes away again, and of the means that it takes away.

    Their gradient is zero but for the rounding, of which Adam makes steps as large as any.
    """
    for name, module in model.named_modules():
        children = list(module.named_children()) if isinstance(module, nn.Sequential) else []
        flat = [(f"{name}.{key}", child) for key, child in children if type(child).__name__ != "ToMaps"]
        for (before, layer), (after, norm) in pairwise(flat):
            if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d) and getattr(layer, "bias", None) is not None:
                yield from (f"{before}.bias", f"{after}.running_mean")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", SHARED_OUT, ids=[case.name for case in SHARED_OUT])
def test_two_processes_train_as_one(case: Case, together: Path) -> None:
    alone = trainer(case, steps=STEPS)
    spared = set(without_effect(alone.model))
    losses = []
    for _ in range(STEPS):
        alone.step()
        losses.append(alone.take_metrics())
    wanted = dict(alone.model.state_dict())
    if alone.average is not None:
        wanted |= {f"average.{name}": tensor for name, tensor in alone.average.modules.state_dict().items()}
    assert json.loads((together / f"{case.name}.json").read_text()) == [
        pytest.approx(step, rel=1e-5, abs=1e-5) for step in losses
    ]
    first, second = (load_file(together / f"{case.name}-{rank}.safetensors") for rank in (0, 1))
    assert first.keys() == second.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert torch.equal(first[name], second[name]), name
        if name.removeprefix("average.") not in spared:
            torch.testing.assert_close(first[name], tensor, rtol=1e-5, atol=1e-5, msg=name)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", HALVED)
def test_two_processes_train_in_half_precision(name: str, together: Path) -> None:
    case, precision = named(name)
    data, asked = pictures(), config(case.model, options=case.options, steps=STEPS)
    alone = Trainer(case.build(data.shape), data, asked, CPU, precision)
    metrics = json.loads((together / f"{name}.json").read_text())
    for step in metrics:
        alone.step()
        wanted = {key: value for key, value in alone.take_metrics().items() if key.endswith("loss")}
        # In fp16 either may skip a step that overflows, and the other not.
        near = 0.02 if precision == "bf16" else 0.1
        assert {key: step[key] for key in wanted} == pytest.approx(wanted, rel=near, abs=near)
    first, second = (load_file(together / f"{name}-{rank}.safetensors") for rank in (0, 1))
    assert all(torch.equal(tensor, second[key]) for key, tensor in first.items())


@each_case
def test_what_looks_at_a_whole_batch_is_told(case: Case) -> None:
    told = case.build().needs_whole_batch
    persistent = case.model == "dbn" and case.options.get("chains", "persistent") == "persistent"
    looking = {"batch_features", "feature_matching", "adaptive_rates"} & case.options.keys()
    adaptive = case.options.get("augment") == "adaptive"
    assert bool(told) == (bool(looking) or adaptive or persistent or case.model in {"vqvae", "transformer"})


def one_of(size: int, rank: int) -> Ranks:
    ranks = Ranks.__new__(Ranks)
    ranks.rank, ranks.size = rank, size
    return ranks


@pytest.mark.parametrize(
    ("name", "batch_size", "says"),
    [
        ("vae", 16, r"A batch of 16 pictures cannot be shared out evenly among 3 processes. Take a multiple of 3."),
        ("vqvae", 18, "cannot be shared out among processes: codebook. Choose otherwise"),
        ("gan auxiliary", 18, "batch features"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(name: str, batch_size: int, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        one_of(3, 0).check(BY_NAME[name].build(), batch_size)


def test_a_process_that_is_lost_while_a_stage_begins_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_: nn.Module) -> None:
        raise RuntimeError("[/third_party/gloo/transport/tcp/pair.cc:553] Connection closed by peer")

    monkeypatch.setattr("genlab.training.ranks.DistributedDataParallel", lost)
    with pytest.raises(RankLostError):
        one_of(2, 0).averaged(BY_NAME["vae"].build().stages()[0].players[0])


@pytest.mark.parametrize("size", [2, 3])
def test_shares_put_together_are_the_batch(size: int) -> None:
    whole = torch.arange(12.0).view(12, 1, 1, 1)

    def draws(batch: Batch) -> list[Tensor]:
        return [batch.x, batch.normal(len(batch.x), 5), batch.uniform(len(batch.x)), batch.latents(NormalPrior(4))]

    wanted = draws(Batch(whole, None, 0, seeded()))
    found = []
    for rank in range(size):
        ranks = one_of(size, rank)
        found.append(draws(ShareOfBatch(ranks, ranks.share(whole), None, 0, seeded())))
    for index, tensor in enumerate(wanted):
        together = torch.empty_like(tensor)
        for rank in range(size):
            together[rank::size] = found[rank][index]
        assert torch.equal(together, tensor)


@pytest.mark.parametrize(
    ("raised", "ends"),
    [
        (RuntimeError("[/third_party/gloo/transport/tcp/pair.cc:547] Connection closed by peer"), RankLostError),
        (torch.distributed.DistNetworkError("lost"), RankLostError),
        (RuntimeError("shapes do not fit"), RuntimeError),
    ],
)
def test_a_lost_process_is_told_from_a_fault(raised: Exception, ends: type[Exception]) -> None:
    def fail() -> Any:
        raise raised

    with pytest.raises(ends), telling_of_loss():
        fail()
