"""One training by several processes, on several GPUs or machines: each plays its share of every batch.

torch's own ``DistributedDataParallel`` averages the gradients, and ``torchrun`` starts the processes, which are called
ranks. Lightning Fabric and accelerate set up the same two, but both wrap the model and expect one forward of it, where
a step here is several players, each with a loss over several networks: so the loss is what is wrapped, and nothing else
has to be installed.

All ranks go through the same pictures in the same order and draw the same random numbers, of which each takes its own
(every ``size``-th, from its own number on). Losses are means over pictures, and batch normalisation looks at the batch
of all (:mod:`genlab.training.batch_norm`), so a training is the same as that of one process with the same batch, but
for the order in which numbers are added up. What else looks at a whole batch is refused.

Rank 0 decides: it reads the orders, keeps the clock and writes the run's folder. Before each thing that all have to do
it says a word, with what they have to know for it; the others listen. Words are numbers: nothing is unpickled.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NamedTuple

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from genlab.errors import GenlabError
from genlab.models.base import Batch, GenerativeModel, Metrics, Player
from genlab.models.priors import Prior
from genlab.training.config import ConfigError


class RankLostError(GenlabError):
    """One of the processes of a training ended, so the others cannot go on."""


class Word(IntEnum):
    """What rank 0 tells the others to do."""

    BEGIN = 0  # step of the checkpoint to go on from or -1, CPU threads, number format
    STEP = 1  # seconds trained, factor on the learning rates
    METRICS = 2
    END = 3


class Said(NamedTuple):
    """A word, and up to three numbers."""

    word: Word
    numbers: tuple[float, float, float]


class Ranks:
    """A process among those that train together. Every rank has to call the methods in the same order.

    Attributes
    ----------
    rank, size
        Number of this process from 0, and how many there are.
    local_rank, local_size
        The same among those on this machine.
    """

    def __init__(self) -> None:
        self.rank, self.size = distributed.get_rank(), distributed.get_world_size()
        self.local_rank, self.local_size = int(os.environ["LOCAL_RANK"]), int(os.environ["LOCAL_WORLD_SIZE"])

    @property
    def leads(self) -> bool:
        """Whether this is rank 0."""
        return self.rank == 0

    def check(self, model: GenerativeModel, batch_size: int) -> None:
        """Refuse what cannot be shared out.

        Raises
        ------
        ConfigError
            The batch does not divide, or something about the model looks at a whole batch at once.
        """
        if batch_size % self.size:
            raise ConfigError(
                f"A batch of {batch_size} pictures cannot be shared out evenly among {self.size} processes. "
                f"Take a multiple of {self.size}."
            )
        if model.needs_whole_batch:
            raise ConfigError(
                f"What looks at a whole batch at once cannot be shared out among processes: {model.needs_whole_batch}. "
                "Choose otherwise, or train in one process."
            )

    def share(self, rows: Tensor) -> Tensor:
        """Of (N, ...) that concern the whole batch, those of this rank: (N / size, ...)."""
        return rows[self.rank :: self.size]

    def averaged(self, player: Player) -> nn.Module:
        """A player's loss, such that its gradients are averaged over the ranks as they are computed."""
        with telling_of_loss():  # it compares what the ranks have
            return DistributedDataParallel(_Loss(player))

    def means(self, values: list[Tensor]) -> list[float]:
        """Means over the ranks of some scalars."""
        if not values:
            return []
        together = torch.stack([value.double().cpu() for value in values])
        with telling_of_loss():
            distributed.all_reduce(together)
        return [float(value) for value in together / self.size]

    def say(self, word: Word, *numbers: float) -> None:
        """As rank 0: tell the others what to do next."""
        padded = [*map(float, numbers), 0.0, 0.0, 0.0][:3]
        with telling_of_loss():
            distributed.broadcast(torch.tensor([float(word), *padded], dtype=torch.float64), src=0)

    def hear(self) -> Said:
        """As another rank: wait for a word."""
        said = torch.zeros(4, dtype=torch.float64)
        with telling_of_loss():
            distributed.broadcast(said, src=0)
        word, *numbers = said.tolist()
        return Said(Word(int(word)), (numbers[0], numbers[1], numbers[2]))

    def text(self, text: str = "") -> str:
        """What rank 0 gives, on all ranks."""
        data = torch.tensor(list(text.encode()), dtype=torch.uint8)
        with telling_of_loss():
            length = torch.tensor([len(data)])
            distributed.broadcast(length, src=0)
            data = data if self.leads else torch.zeros(int(length), dtype=torch.uint8)
            distributed.broadcast(data, src=0)
        return bytes(data.tolist()).decode()


def launched() -> bool:
    """Whether ``torchrun`` started this process as one of several."""
    return "TORCHELASTIC_RUN_ID" in os.environ and int(os.environ["WORLD_SIZE"]) > 1


@contextmanager
def joined() -> Iterator[Ranks]:
    """Meet the other processes, and part from them at the end.

    Raises
    ------
    RankLostError
        One of them ended meanwhile.
    """
    with telling_of_loss():
        distributed.init_process_group()  # by gloo between CPUs, by NCCL between CUDA devices
    try:
        with warnings.catch_warnings():
            # Of kernels with one channel, which lie in the layout of the others; bringing a few over costs nothing.
            warnings.filterwarnings("ignore", "Grad strides do not match bucket view strides", UserWarning)
            yield Ranks()
    finally:
        distributed.destroy_process_group()


@contextmanager
def telling_of_loss() -> Iterator[None]:
    """Say in a sentence what torch reports in several ways: that another process is not there any more.

    Raises
    ------
    RankLostError
        That is so.
    """
    try:
        yield
    except RuntimeError as error:
        # Between CUDA devices torch has a class of its own for it, between CPUs the name of the library alone.
        if not isinstance(error, distributed.DistError) and "gloo" not in str(error):
            raise
        raise RankLostError(
            "Another process of this training ended or cannot be reached any more. Its last words tell why; "
            "the run can be resumed from its last checkpoint."
        ) from error


class ShareOfBatch(Batch):
    """One rank's pictures of a batch. Random numbers are drawn for all, and its own are given."""

    def __init__(self, ranks: Ranks, x: Tensor, y: Tensor | None, step: int, generator: torch.Generator) -> None:
        super().__init__(x, y, step, generator)
        self.ranks = ranks

    def normal(self, *shape: int) -> Tensor:
        return self.ranks.share(super().normal(shape[0] * self.ranks.size, *shape[1:]))

    def uniform(self, *shape: int) -> Tensor:
        return self.ranks.share(super().uniform(shape[0] * self.ranks.size, *shape[1:]))

    def latents(self, prior: Prior, label: Tensor | None = None) -> Tensor:
        uniform, normal = prior.numbers(len(self.x) * self.ranks.size, self.generator)
        return prior.latents(self.ranks.share(uniform), self.ranks.share(normal), label=label)


class _Loss(nn.Module):
    """A player as the module whose forward is its loss."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self.player = player
        self.parameters_played = nn.ParameterList(player.parameters)

    def forward(self, batch: Batch) -> tuple[Tensor, Metrics]:
        return self.player.loss(batch)
