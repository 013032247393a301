"""The deep belief network: restricted Boltzmann machines on top of each other, trained one after the other.

Hinton, Osindero & Teh 2006, "A fast learning algorithm for deep belief nets", Neural Computation 18. A restricted
Boltzmann machine gives binary units v (visible) and h (hidden) the energy ``-v.b - h.c - v.W.h``; with the hidden units
summed out, ``p(v) = exp(-F(v)) / Z`` with the free energy::

    F(v) = -v.b - sum_j log(1 + exp(c_j + (v.W)_j))

The gradient of ``-log p`` is the gradient of ``F(data) - F(v')`` with v' drawn from the model and held fixed.
Contrastive divergence (Hinton 2002, Neural Computation 14) draws v' by a few steps of Gibbs sampling: from the data, or
from chains that go on from batch to batch (Tieleman 2008, ICML: "persistent"). Each layer learns what the hidden units
of the layer below show, in a stage of its own; pixels in [0, 1] are taken as probabilities.

Samples come from Gibbs sampling in the top machine, then down by means. All noise comes from the latent z ~ N(0, I),
one number a unit of the top machine, so that a picture is a function of z: the first step takes ``u = Phi(z)``, and
each further one turns z by a fixed orthogonal map, which turns the phase of each of its frequencies. So the noise of
every step by itself is exact, but the steps' noises are functions of each other: uncorrelated but for some
1 / sqrt(size of z), not independent. And a finite number of Gibbs steps does not reach the model itself.

Shapes: v (N, visible), h (N, hidden), in {0, 1} or as probabilities; z (N, visible + hidden) of the top machine.

Departs from the paper: no fine-tuning by the wake-sleep algorithm, no labels in the top machine, and Adam.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genlab.data.pictures import Pictures, to_floats
from genlab.models.base import Batch, GenerativeModel, Metrics, Player, Shape, Stage
from genlab.models.options import option, parse_layers
from genlab.models.preset import Preset
from genlab.models.priors import NormalPrior

LOOKED_AT = 1024
"""Pictures that tell, before a layer begins, how often each of its units is on."""

RARE = 0.01
"""Units are taken to be on and off at least so often: a bias stays finite."""

CHAINS = 100
"""Persistent chains of a machine."""


@dataclass(frozen=True)
class DbnOptions:
    """What a deep belief network can be given."""

    layers: str = option(
        "128-128", "Layers", "Hidden units of each machine, from the pixels up.", layers=True, basic=True
    )
    chains: str = option(
        "persistent",
        "Chains",
        "Where the Gibbs sampling of the training starts: where it stopped at the last batch, or from the data.",
        choices=("persistent", "data"),
        basic=True,
    )
    gibbs_steps: int = option(1, "Gibbs steps", "Gibbs steps for each batch of the training.", low=1, high=100)
    sampling_steps: int = option(
        200, "Sampling steps", "Gibbs steps in the top machine before a picture is drawn.", low=1, high=2000
    )
    lr: float = option(5e-3, "Learning rate", "Learning rate.", low=1e-6, high=0.1, log=True, basic=True)


class DBN(GenerativeModel):
    """See the module's text.

    Attributes
    ----------
    machines
        From the pixels up.
    """

    key = "dbn"
    title = "Deep belief network"
    about = (
        "Layers of binary units, trained one by one: what began deep learning in 2006. The field moved on because "
        "training and drawing both need Gibbs sampling, which mixes slowly, and its likelihood cannot be computed."
    )
    family = "older"
    has_hidden = False
    sees = "units"
    no_graph = (
        "it draws by hundreds of steps of Gibbs sampling in double precision, in which one unit that rounding flips "
        "changes all that follow. Draw its pictures here."
    )
    Options = DbnOptions
    presets = (
        Preset(
            key="dbn",
            model="dbn",
            title="Deep belief network for small digits",
            about="Two layers of 128 binary units; made for 8x8 digits, on which it takes seconds.",
        ),
    )
    averaged = ()

    options: DbnOptions

    def __init__(self, shape: Shape, options: Any, n_classes: int = 0) -> None:
        super().__init__(shape, options, n_classes)
        sizes = [math.prod(shape), *parse_layers(options.layers)]
        self.machines = nn.ModuleList(RBM(visible, hidden) for visible, hidden in pairwise(sizes))
        self.prior = NormalPrior(sizes[-2] + sizes[-1])

    @property
    def needs_whole_batch(self) -> str:
        return "persistent chains" if self.options.chains == "persistent" else ""

    def stages(self) -> list[Stage]:
        return [self._stage(index) for index in range(len(self.machines))]

    def _stage(self, index: int) -> Stage:
        name, parameters = f"layer {index + 1}", list(self.machines[index].parameters())
        player = Player(name, parameters, partial(self.loss, index), self.options.lr, decay_from=0.5)
        return Stage(name, 1.0 / len(self.machines), [player], before=partial(self.begin, index))

    @torch.no_grad()
    def begin(self, index: int, pictures: Pictures) -> None:
        """Start a machine where its units are on as often as in the data, and its chains at the data."""
        shown = self.shown_to(index, to_floats(pictures.spread(LOOKED_AT).images))
        machine = self._machine(index)
        machine.visible_bias.copy_(torch.logit(shown.mean(0), RARE))
        machine.chains.copy_(shown[torch.arange(len(machine.chains), device=shown.device) % len(shown)])

    def loss(self, index: int, batch: Batch) -> tuple[Tensor, Metrics]:
        """Free energy of the data minus that of where the Gibbs sampling got: its gradient is that of CD."""
        machine = self._machine(index)
        with torch.autocast(batch.x.device.type, enabled=False):
            with torch.no_grad():
                data = self.shown_to(index, batch.x)
                if index:
                    data = (batch.uniform(*data.shape) < data).to(data.dtype)
                persistent = self.options.chains == "persistent"
                start = machine.chains if persistent else data
                noise = (batch.uniform(len(start), sum(machine.weight.shape)) for _ in range(self.options.gibbs_steps))
                model, _ = machine.gibbs(start, noise)
                if persistent:
                    machine.chains.copy_(model)
                again = F.binary_cross_entropy(machine.visible(machine.hidden(data)), data, reduction="none")
            loss = contrastive_divergence(machine, data, model)
        return loss, {"loss": loss.detach(), "reconstruction": again.sum(1).mean()}

    def shown_to(self, index: int, x: Tensor) -> Tensor:
        """Probabilities of the visible units of a machine, given pictures (N, C, H, W)."""
        units = 0.5 * (x.flatten(1) + 1.0)
        for below in range(index):
            units = self._machine(below).hidden(units)
        return units

    def _machine(self, index: int) -> RBM:
        machine = self.machines[index]
        assert isinstance(machine, RBM)
        return machine

    @torch.no_grad()
    def sample(self, z: Tensor) -> Tensor:
        # In double precision, which some accelerators lack: a unit that rounding flips would change all that follows.
        *below, top = [copy.deepcopy(self._machine(index)).cpu().double() for index in range(len(self.machines))]
        start = top.visible_bias.sigmoid().expand(len(z), -1)
        drawn, means = top.gibbs(start, turned(z.cpu().double(), self.options.sampling_steps))
        units = drawn if below else means
        for machine in reversed(below):
            units = machine.visible(units)
        return (2.0 * units - 1.0).float().to(z.device).view(-1, *self.shape)

    def features(self, x: Tensor) -> Tensor:
        """Probabilities of the topmost hidden units."""
        return self.shown_to(len(self.machines), x)


class RBM(nn.Module):
    """A restricted Boltzmann machine of binary units, and its persistent chains."""

    chains: Tensor  # (CHAINS, visible)

    def __init__(self, visible: int, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.01 * torch.randn(visible, hidden))
        self.visible_bias = nn.Parameter(torch.zeros(visible))
        self.hidden_bias = nn.Parameter(torch.zeros(hidden))
        self.register_buffer("chains", torch.zeros(CHAINS, visible))

    def hidden(self, v: Tensor) -> Tensor:
        """p(h = 1 | v): (N, visible) -> (N, hidden)."""
        return (v @ self.weight + self.hidden_bias).sigmoid()

    def visible(self, h: Tensor) -> Tensor:
        """p(v = 1 | h): (N, hidden) -> (N, visible)."""
        return (h @ self.weight.T + self.visible_bias).sigmoid()

    def free_energy(self, v: Tensor) -> Tensor:
        """F(v) of the module's text: (N, visible) -> (N,)."""
        return -v @ self.visible_bias - F.softplus(v @ self.weight + self.hidden_bias).sum(1)

    def gibbs(self, v: Tensor, noise: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
        """Visible units (N, visible) after a step of Gibbs sampling for each of `noise`, and their probabilities.

        Parameters
        ----------
        noise
            Numbers in [0, 1], (N, visible + hidden) each: a unit is on where its number is below its probability.
        """
        for for_visible, for_hidden in (uniform.split(self.weight.shape, 1) for uniform in noise):
            h = (for_hidden < self.hidden(v)).to(v.dtype)
            means = self.visible(h)
            v = (for_visible < means).to(v.dtype)
        return v, means


def contrastive_divergence(machine: RBM, data: Tensor, model: Tensor) -> Tensor:
    """Mean free energy of `data` (N, visible) minus that of the model's own units `model` (M, visible).

    Its value says nothing, but its gradient is that of contrastive divergence: the weight's, say, is
    ``E_model[v h] - E_data[v h]`` with h = p(h | v).
    """
    return machine.free_energy(data).mean() - machine.free_energy(model.detach()).mean()


def turned(z: Tensor, times: int) -> Iterator[Tensor]:
    """Numbers in [0, 1] (N, D) for each of `times` steps: Phi of normal z (N, D), turned further at each step.

    In step t the phase of frequency k is turned by t times an angle of its own, the same for every z. This is an
    orthogonal map of z, so each step's numbers are uniform and independent where z ~ N(0, I).
    """
    size = z.shape[1]
    angle = 2.0 * math.pi * torch.rand(size // 2 + 1, generator=torch.Generator().manual_seed(0), dtype=z.dtype)
    angle[0] = 0.0  # the mean has no phase, and neither has the highest frequency of an even length
    if size % 2 == 0:
        angle[-1] = 0.0
    spectrum = torch.fft.rfft(z)
    for step in range(times):
        turn = torch.polar(torch.ones_like(angle), step * angle)
        yield torch.special.ndtr(torch.fft.irfft(spectrum * turn, n=size))
