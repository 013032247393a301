"""The loop: it plays the players of the current stage in turn, and knows no algorithm by name."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from genlab.data.pictures import Pictures, to_floats
from genlab.errors import GenlabError
from genlab.models.base import Batch, GenerativeModel, Metrics, Player
from genlab.training.batch_norm import share_statistics
from genlab.training.config import RunConfig
from genlab.training.device import fused_adam, place
from genlab.training.ema import MovingAverage
from genlab.training.order import Order
from genlab.training.ranks import Ranks, ShareOfBatch

PRECISIONS = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


class DivergedError(GenlabError):
    """A loss is no longer a number; training further would only spoil what is there."""


class Trainer:
    """Trains a model on pictures, step by step.

    Parameters
    ----------
    model
        With fresh weights; it is moved to `device`.
    pictures
        The training pictures; they are moved to `device` whole.
    config
        Batch size, seed and budget.
    precision
        ``"fp32"``, ``"bf16"`` or ``"fp16"``: already chosen, see :mod:`genlab.training.precision`.
    ranks
        This process among others that train the same together; None where there is no other.

    Attributes
    ----------
    step_count
        Steps done.
    seconds
        Time spent training, kept by whoever drives the loop; a budget in minutes is counted by it.
    lr_scale
        Factor on every learning rate; may be changed at any time.
    """

    def __init__(
        self,
        model: GenerativeModel,
        pictures: Pictures,
        config: RunConfig,
        device: torch.device,
        precision: str,
        ranks: Ranks | None = None,
    ) -> None:
        self.config = config
        self.ranks = ranks
        self.device = device
        self.precision = precision
        self.pictures = pictures.to(device)
        if ranks is not None:
            ranks.check(model, config.batch_size)
            share_statistics(model)
        place(model, device)
        self.model = model
        self.step_count = 0
        self.seconds = 0.0
        self.lr_scale = 1.0
        self.order = Order(len(pictures), config.seed, device)
        self.generator = torch.Generator(device).manual_seed(config.seed)
        self.stages = model.stages()
        self.average = MovingAverage(model, model.averaged, model.ema_halflife) if model.ema_halflife else None
        self._sampler: GenerativeModel | None = None
        self._sums: dict[str, tuple[Tensor, int]] = {}
        self.stage_index = -1
        self._enter_stage(0)

    @property
    def progress(self) -> float:
        """Share of the budget that is spent, 0 to 1."""
        if self.config.total_steps is not None:
            return min(1.0, self.step_count / self.config.total_steps)
        assert self.config.minutes is not None  # RunConfig holds exactly one budget
        return min(1.0, self.seconds / (60.0 * self.config.minutes))

    @property
    def images(self) -> int:
        """Pictures shown so far, each time counted."""
        return self.step_count * self.config.batch_size

    def step(self) -> None:
        """Play each player once (or not at all, by its ``plays``) on the next batch."""
        progress = self.progress
        while self.stage_index + 1 < len(self.stages) and progress >= self._stage_end(self.stage_index):
            self._enter_stage(self.stage_index + 1)
        batch = self._next_batch()
        rate = self.lr_scale
        batch.progress = stage_progress = self._stage_progress(progress)
        for player in self.players:
            if player.plays(self.step_count):
                own = 1.0 if player.rate is None else player.rate()
                self._play(player, batch, rate * own * _decay(player.decay_from, stage_progress))
        self.step_count += 1
        if self.average is not None:
            self.average.update(self.config.batch_size, self.images)

    def _play(self, player: Player, batch: Batch, lr_factor: float) -> None:
        optimiser = self.optimisers[player.name]
        scaler = self.scalers[player.name]
        with self._only(player):
            with torch.autocast(self.device.type, PRECISIONS[self.precision], enabled=self.precision != "fp32"):
                loss, metrics = self.losses[player.name](batch)
            optimiser.zero_grad()
            scaler.scale(loss).backward()
            optimiser.param_groups[0]["lr"] = player.lr * lr_factor
            scaler.step(optimiser)
            scaler.update()
        self._record(player.name, metrics)

    @contextmanager
    def _only(self, player: Player) -> Iterator[None]:
        """Freeze the other players' parameters: no gradient is computed that nobody uses."""
        others = [other for other in self.players if other is not player]
        for other in others:
            for parameter in other.parameters:
                parameter.requires_grad_(False)
        for parameter in player.parameters:  # some may be shared with another player
            parameter.requires_grad_(True)
        try:
            yield
        finally:
            for other in others:
                for parameter in other.parameters:
                    parameter.requires_grad_(True)

    def _next_batch(self) -> Batch:
        indices = self.order.next(self.config.batch_size)
        if self.ranks is not None:
            indices = self.ranks.share(indices)
        # index_select copies whole rows, where indexing by brackets goes pixel by pixel.
        x = to_floats(self.pictures.images.index_select(0, indices)).contiguous(memory_format=torch.channels_last)
        labels = self.pictures.labels
        y = None if labels is None else labels.index_select(0, indices)
        if self.ranks is not None:
            return ShareOfBatch(self.ranks, x, y, self.step_count, self.generator)
        return Batch(x, y, self.step_count, self.generator)

    def _stage_end(self, index: int) -> float:
        return sum(stage.share for stage in self.stages[: index + 1])

    def _stage_progress(self, progress: float) -> float:
        share = self.stages[self.stage_index].share
        return (progress - (self._stage_end(self.stage_index) - share)) / share

    def _enter_stage(self, index: int) -> None:
        before = self.stages[index].before
        if before is not None:
            before(self.pictures)
        self.resume_stage(index)

    def resume_stage(self, index: int) -> None:
        """Set up the players of a stage without what the stage does before it begins."""
        self.stage_index = index
        self.players = self.stages[index].players
        averaged = None if self.ranks is None else self.ranks.averaged
        self.losses: dict[str, Callable[[Batch], tuple[Tensor, Metrics]]] = {
            player.name: player.loss if averaged is None else averaged(player) for player in self.players
        }
        fused = fused_adam(self.device)
        self.optimisers = {
            player.name: torch.optim.Adam(player.parameters, lr=player.lr, betas=player.betas, fused=fused)
            for player in self.players
        }
        self.scalers = {
            player.name: torch.amp.GradScaler(self.device.type, enabled=self.precision == "fp16")
            for player in self.players
        }
        self.model.train()

    @property
    def stage(self) -> str:
        """Name of the current stage."""
        return self.stages[self.stage_index].name

    def _record(self, player: str, metrics: dict[str, Tensor]) -> None:
        for name, value in metrics.items():
            total, count = self._sums.get(f"{player}/{name}", (0.0, 0))
            self._sums[f"{player}/{name}"] = (total + value, count + 1)

    def take_metrics(self) -> dict[str, float]:
        """Means of the players' metrics since the last call; waits for the device.

        Raises
        ------
        DivergedError
            One of them is not a finite number.
        """
        sums, self._sums = self._sums, {}
        if self.ranks is None:
            means = {name: float(total) / count for name, (total, count) in sums.items()}
        else:
            shared = self.ranks.means([total / count for total, count in sums.values()])
            means = dict(zip(sums, shared, strict=True))
        bad = next((name for name, value in means.items() if not math.isfinite(value)), None)
        if bad is not None:
            player, _, metric = bad.partition("/")
            raise self._diverged(f"The {player}'s {metric}")
        return means

    def _diverged(self, what: str) -> DivergedError:
        return DivergedError(
            f"{what} stopped being a finite number before step {self.step_count}, so the training was ended. Lower the "
            "learning rate, or keep a stabiliser such as R1 on; fp32 helps where half precision overflows."
        )

    def _check_finite(self) -> None:
        """A loss tells of broken weights one step late: too late for a checkpoint made after that step."""
        tensors = [tensor for tensor in self.model.state_dict().values() if tensor.is_floating_point()]
        if not math.isfinite(torch.nn.utils.get_total_norm(tensors, norm_type=math.inf)):
            raise self._diverged("A weight")

    @torch.no_grad()
    def sampler(self, fit_on: int) -> GenerativeModel:
        """The model that draws and encodes: averaged weights, evaluation mode, and its prior fitted.

        The model is the same object at each call, brought up to date; training does not notice.

        Parameters
        ----------
        fit_on
            How many training pictures a fitted prior is fitted to, at most.

        Raises
        ------
        DivergedError
            A weight is not a finite number: neither pictures nor a checkpoint can come of it.
        """
        if self._sampler is None:
            self._sampler = copy.deepcopy(self.model).eval().requires_grad_(False)
        self._check_finite()
        self._sampler.load_state_dict(self.model.state_dict())
        if self.average is not None:
            for name, module in self.average.modules.items():
                getattr(self._sampler, name).load_state_dict(module.state_dict())
        self._sampler.fit_prior(self.pictures.spread(fit_on))
        return self._sampler


def _decay(start: float, progress: float) -> float:
    """Factor on a learning rate: 1 up to `start`, then a straight line to 0 at the end of the stage."""
    return 1.0 if progress <= start else max(0.0, (1.0 - progress) / (1.0 - start))
