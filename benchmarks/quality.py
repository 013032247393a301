"""Quality for time: each model trains on a data set for the same processor time and is scored on the way.

    python benchmarks/quality.py --minutes 5
    python benchmarks/quality.py --minutes 5 --only hybrid plain-gan --seeds 0 1 2

Each trains on one thread, as the lab does on two cores, and its time is that of the processor: what a core of its own
takes, whatever else runs beside it. Looking does not count. A look draws 10,000 pictures and takes their Fréchet
distance to the held-out pictures on the features of the data set's classifier; the last one takes all scores.
`plain-*` are the loops of the well-known example scripts (:mod:`benchmarks.plain`), as they come.

Each training that ends adds its rows and a picture to :mod:`genlab.evaluation.measured`; one whose rows are there
already is not trained again, so the table may be made in several sittings, and by several processes at once. Then
``docs/quality/<data>.md`` and ``.svg`` are made anew of all rows. ``make quality`` does all that the documentation has.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from torch import Tensor
from tqdm import tqdm

from benchmarks import plain
from benchmarks.quality_table import LOOKS, SCORES, draw, table
from genlab.data import Pictures, load, to_bytes
from genlab.data.grid import gap_for, png_bytes, tile
from genlab.evaluation.extractor import Extractor, extractor_for
from genlab.evaluation.frechet import frechet_distance
from genlab.evaluation.measured import Row, append, picture_file, read
from genlab.evaluation.score import score
from genlab.models import build
from genlab.models.preset import Preset
from genlab.models.presets import PRESETS
from genlab.runs.recorder import GRID_PAPER
from genlab.runs.sampling import generate
from genlab.training.config import RunConfig
from genlab.training.device import choose_device
from genlab.training.precision import choose_precision
from genlab.training.trainer import Trainer

SAMPLES = 10_000
FIT_ON = 20_000
BATCH = 128
"""Of the plain loops; ours take their presets'."""

SHOWN = 64
"""Pictures of each that are kept."""

READ_EVERY = 20
"""Steps after which ours reads its losses, more often than the worker does."""

DOCS = Path(__file__).resolve().parent.parent / "docs" / "quality"
PLAIN: dict[str, type[plain.PlainGAN]] = {"plain-gan": plain.PlainMLPGAN, "plain-dcgan": plain.PlainDCGAN}
"""The loops of the example scripts, for 28x28 pixels."""


class Look(NamedTuple):
    """A training at a moment: how to draw uint8 pictures (n, C, H, W), of a class where one can be asked for."""

    seconds: float
    images: int
    draw: Callable[[int], Tensor]
    last: bool
    n_classes: int = 0
    draw_class: Callable[[int, int], Tensor] | None = None


class Clock:
    """Seconds of processor time since it was made; stands still while `paused`."""

    def __init__(self) -> None:
        self._since = time.process_time()

    def seconds(self) -> float:
        return time.process_time() - self._since

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens meanwhile does not count."""
        began = time.process_time()
        yield
        self._since += time.process_time() - began


def train_ours(entry: Preset, data: Pictures, seed: int, minutes: float) -> Iterator[Look]:
    """Train a preset and stop at each look."""
    config = RunConfig(
        data.name, entry.model, entry.options, entry.key, entry.batch_size, seed, minutes=minutes, device="cpu"
    )
    device = choose_device(config.device)
    torch.manual_seed(seed)
    model = build(entry.model, data.shape, entry.options, len(data.classes))
    trainer = Trainer(model, data, config, device, choose_precision(model, data, config, device).name)

    def look(last: bool) -> Look:
        drawn = trainer.sampler(FIT_ON)
        return Look(
            trainer.seconds,
            trainer.images,
            lambda n: generate(drawn, n, 0),
            last,
            drawn.prior.n_classes,
            lambda n, label: generate(drawn, n, 0, label=label),
        )

    looks, clock = [at for at in LOOKS if at < 60 * minutes], Clock()
    while trainer.progress < 1.0:
        trainer.step()
        trainer.seconds = clock.seconds()
        if trainer.step_count % READ_EVERY == 0:
            trainer.take_metrics()
        if looks and trainer.seconds >= looks[0]:
            looks.pop(0)
            with clock.paused():
                yield look(last=False)
    yield look(last=True)


def train_plain(name: str, data: Pictures, seed: int, minutes: float) -> Iterator[Look]:
    """The same for a loop of the example scripts."""
    assert data.labels is not None
    torch.manual_seed(seed)
    loop = PLAIN[name](data.images, data.labels, BATCH, 0)
    end = 60 * minutes
    clock, steps = Clock(), 0
    for at in [*(at for at in LOOKS if at < end), end]:
        while clock.seconds() < at:
            loop.steps(1)
            steps += 1
        with clock.paused():
            yield Look(clock.seconds(), steps * BATCH, partial(draw_plain, loop), at == end)


@torch.no_grad()
def draw_plain(loop: plain.PlainGAN, n: int) -> Tensor:
    """Pictures of a plain loop's generator, by its running statistics, as ours are drawn."""
    loop.generator.eval()
    generator = torch.Generator().manual_seed(0)
    parts = [loop.generator(torch.randn(500, 100, generator=generator)) for _ in range(-(-n // 500))]
    loop.generator.train()
    return to_bytes(torch.cat(parts)[:n])


def measure(name: str, data: str, seed: int, minutes: float, extractor: Extractor) -> list[Row]:
    """Train one entrant and look at it on the way."""
    pictures, given = load(data, "train"), round(60 * minutes)
    held_out = extractor(load(data, "test").images[:SAMPLES]).features
    by_us = PRESETS.get(name)
    looks = train_plain(name, pictures, seed, minutes) if by_us is None else train_ours(by_us, pictures, seed, minutes)
    rows = []
    for look in looks:
        drawn = look.draw(SAMPLES)
        fid = frechet_distance(extractor(drawn).features, held_out)
        kept = all_scores(look, drawn, data, extractor) if look.last else {}
        if look.last and seed == 0:
            shown = drawn[:SHOWN].numpy()
            picture = png_bytes(tile(shown, gap=gap_for(shown), paper=GRID_PAPER))
            picture_file(data, name, given).write_bytes(picture)
        rows.append(Row(name, seed, given, round(look.seconds, 1), look.images, round(fid, 3), **kept))
        tqdm.write(f"{name:16} seed {seed}  {look.seconds:6.1f} s  FID {fid:8.2f}")
    return rows


def all_scores(look: Look, drawn: Tensor, data: str, extractor: Extractor) -> dict[str, float]:
    """The other scores of the table, as far as the model has them."""
    by_class = None
    if look.n_classes and look.draw_class is not None:
        by_class = {label: look.draw_class(SAMPLES // look.n_classes, label) for label in range(look.n_classes)}
    scores = score(drawn, data, extractor, step=0, seed=0, kind="full", by_class=by_class).scores
    return {key: round(scores[key], 4) for key in SCORES if key in scores}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--minutes", type=float, default=5.0, help="each one's time (5)")
    parser.add_argument(
        "--only", nargs="*", help="presets, plain-gan, plain-dcgan; by default each model's first preset"
    )
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    defaults = [key for key, entry in PRESETS.items() if key == entry.model]
    extractor = extractor_for(arguments.data)
    given = round(60 * arguments.minutes)
    done = {(row.model, row.seed) for row in read(arguments.data) if row.given == given}
    entrants = [(name, seed) for seed in arguments.seeds for name in arguments.only or [*defaults, *PLAIN]]
    for name, seed in tqdm([entry for entry in entrants if entry not in done]):
        append(arguments.data, measure(name, arguments.data, seed, arguments.minutes, extractor))
    DOCS.mkdir(parents=True, exist_ok=True)
    path, rows = DOCS / f"{arguments.data}.md", read(arguments.data)
    path.write_text(table(rows, arguments.data, extractor), encoding="utf-8")
    draw(rows, path.with_suffix(".svg"))
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
