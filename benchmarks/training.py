"""Images a second: the loop of the well-known example scripts against ours, taking turns in one run.

    python benchmarks/training.py
    python benchmarks/training.py --only vae --rounds 9

Same network (checked to the parameter), batch, data, losses and optimiser settings on both sides, and no
moving average; see :mod:`benchmarks.plain` for the plain side. In each round plain, ours and ours in float32
train for the same while, one after the other, in an order that turns with the rounds; the ratios are medians
over the rounds of ratios within a round, which a busy machine disturbs least.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil
import torch

from benchmarks import plain
from genlab.data import Pictures, load
from genlab.models import build
from genlab.models.presets import preset
from genlab.training.config import PrecisionName, RunConfig
from genlab.training.device import choose_device, describe, synchronise
from genlab.training.precision import choose_precision
from genlab.training.trainer import Trainer

BATCH = 128
READ_EVERY = 20
"""Steps after which ours reads its losses, more often than the worker does."""


@dataclass(frozen=True)
class Case:
    """One network, and the ratio that is wanted of it."""

    key: str
    title: str
    wanted: float
    preset: str
    plain: Callable[[torch.Tensor, torch.Tensor, int, int], plain.PlainLoop]


CASES = [
    Case("vae", "VAE 784-400-20", 3.0, "vae-classic", plain.PlainVAE),
    Case("gan", "MLP GAN 100-128-256-512-1024-784", 2.4, "gan-classic", plain.PlainMLPGAN),
    Case("dcgan", "DCGAN, width 64, 28x28", 1.9, "dcgan-paper", plain.PlainDCGAN),
]


def our_loop(case: Case, pictures: Pictures, precision: PrecisionName) -> tuple[Trainer, str]:
    """A trainer of ours on the device it chooses, and why it has its precision."""
    entry = preset(case.preset)
    config = RunConfig(pictures.name, entry.model, entry.options, batch_size=BATCH, steps=10**6, precision=precision)
    device = choose_device("cpu")
    model = build(entry.model, pictures.shape, entry.options, len(pictures.classes))
    choice = choose_precision(model, pictures, config, device)
    return Trainer(model, pictures, config, device, choice.name), f"{choice.name}: {choice.why}"


def run_ours(trainer: Trainer, steps: int) -> None:
    for index in range(steps):
        trainer.step()
        if index % READ_EVERY == READ_EVERY - 1:
            trainer.take_metrics()
    synchronise(trainer.device)


def images_per_second(run: Callable[[int], None], steps: int) -> float:
    start = time.perf_counter()
    run(steps)
    return steps * BATCH / (time.perf_counter() - start)


def steps_for(run: Callable[[int], None], seconds: float) -> int:
    """Steps that take about `seconds`; warms up on the way."""
    run(5)
    probe = 10
    return max(5, int(images_per_second(run, probe) / BATCH * seconds))


def parameters(*networks: torch.nn.Module) -> int:
    return sum(parameter.numel() for network in networks for parameter in network.parameters())


def measure(case: Case, pictures: Pictures, rounds: int, seconds: float, workers: int) -> bool:
    """Print one case's figures; True when it reaches what is wanted."""
    assert pictures.labels is not None
    other = case.plain(pictures.images, pictures.labels, BATCH, workers)
    ours, why = our_loop(case, pictures, "auto")
    full, _ = our_loop(case, pictures, "fp32")
    counts = parameters(*other.networks), parameters(ours.model)
    if counts[0] != counts[1]:
        raise SystemExit(f"{case.title}: the networks differ, {counts[0]} parameters against {counts[1]}")
    sides: dict[str, Callable[[int], None]] = {
        "plain": other.steps,
        "ours": lambda steps: run_ours(ours, steps),
        "ours fp32": lambda steps: run_ours(full, steps),
    }
    steps = {name: steps_for(run, seconds) for name, run in sides.items()}
    rates: dict[str, list[float]] = {name: [] for name in sides}
    others = Others()
    for turn in range(rounds):
        names = list(sides)
        for name in names[turn % 3 :] + names[: turn % 3]:
            rates[name].append(images_per_second(sides[name], steps[name]))
    print(f"\n{case.title} ({counts[0]:,} parameters)\n  precision chosen: {why}")
    for name, values in rates.items():
        print(f"  {name:10} {statistics.median(values):9,.0f} images/s{ratio(values, rates['plain'])}")
    print(f"  meanwhile other processes took {others.share():.0%} of the processor")
    reached = statistics.median(quotients(rates["ours"], rates["plain"])) >= case.wanted
    print(f"  wanted: {case.wanted} times plain: {'reached' if reached else 'NOT reached'}")
    return reached


class Others:
    """How much of the processor everything else takes from now on: what a figure has to be read with."""

    def __init__(self) -> None:
        self.all, self.own = self._busy()
        self.start = time.perf_counter()

    @staticmethod
    def _busy() -> tuple[float, float]:
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        # Guests are counted in user time already.
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        return total - idle, sum(psutil.Process().cpu_times()[:2])

    def share(self) -> float:
        """0 to 1, of all cores."""
        everything, own = self._busy()
        seconds = (time.perf_counter() - self.start) * (os.cpu_count() or 1)
        return max(0.0, everything - self.all - (own - self.own)) / seconds


def quotients(values: list[float], base: list[float]) -> list[float]:
    return [value / under for value, under in zip(values, base, strict=True)]


def ratio(values: list[float], base: list[float]) -> str:
    if values is base:
        return ""
    found = sorted(quotients(values, base))
    return f"   {statistics.median(found):.2f} times plain (rounds: {found[0]:.2f} to {found[-1]:.2f})"


def main() -> int:
    """Measure and print; 0 when every ratio is reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=[case.key for case in CASES], help="one network instead of all three")
    parser.add_argument("--data", default="mnist-5k", help="a data set of 28x28 grey pictures (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=15, help="turns each side gets (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a turn (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=0, help="DataLoader workers of the plain side (default: 0)")
    parser.add_argument("--threads", type=int, help="torch's threads, for both sides (default: torch's own choice)")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    pictures = load(options.data)
    print(
        f"{describe(torch.device('cpu'))}, torch {torch.__version__}, Python {platform.python_version()}\n"
        f"{options.data}: {len(pictures):,} pictures, batch {BATCH}, {options.rounds} rounds of "
        f"{options.seconds:g} s a side"
    )
    cases = [case for case in CASES if options.only in (None, case.key)]
    with tempfile.TemporaryDirectory() as cache:
        # The choice of precision is measured anew here, not read from what an earlier run found.
        os.environ["GENLAB_CACHE"] = cache
        reached = [measure(case, pictures, options.rounds, options.seconds, options.workers) for case in cases]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
