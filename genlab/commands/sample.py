"""``sample``: draw pictures from a run and write them to a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from genlab.errors import GenlabError
from genlab.paths import atomic_write_bytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


KINDS = (".png", ".npz", ".zip")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "sample",
        help="draw pictures from a run",
        description="Draw pictures from a run's checkpoint. The same seed gives the same pictures.",
    )
    parser.add_argument("id", metavar="RUN", help="its number or folder")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("pictures.png"),
        help="file to write: .png for a sheet, .npz for an array, .zip for single pictures (pictures.png)",
    )
    parser.add_argument("--n", type=int, default=64, help="how many (64)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the latents (0)")
    parser.add_argument("--truncation", type=float, default=1.0, help="below 1: safer, less varied (1)")
    parser.add_argument("--label", type=int, help="a class, for models that can be asked for one")
    parser.add_argument("--step", type=int, help="draw from the last checkpoint up to this step (the newest)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from genlab.commands.runs import find_run
    from genlab.runs.sampling import generate, load_checkpoint

    if arguments.out.suffix.lower() not in KINDS:
        raise GenlabError(f"--out ends in {', '.join(KINDS)}, which says what to write; it was {arguments.out}.")
    run = find_run(arguments.id)
    stored, step = load_checkpoint(run, arguments.step)
    pictures = generate(stored.model, arguments.n, arguments.seed, arguments.truncation, arguments.label)
    about = {
        "run": run.name,
        "step": step,
        "seed": arguments.seed,
        "truncation": arguments.truncation,
        "label": arguments.label,
    }
    data = _encoded(pictures.numpy(), arguments, about, stored.classes)
    try:
        atomic_write_bytes(arguments.out, data)
    except OSError as error:
        raise GenlabError(f"{arguments.out} cannot be written: {error.strerror or error}.") from error
    print(f"{arguments.n} pictures from step {step} of {run.name}: {arguments.out}")
    return 0


def _encoded(
    images: NDArray[np.uint8],
    arguments: argparse.Namespace,
    about: dict[str, object],
    classes: tuple[str, ...],
) -> bytes:
    from genlab.data.grid import png_bytes, tile
    from genlab.export.archive import npz_bytes, zip_bytes

    labels = None if arguments.label is None else [arguments.label] * len(images)
    kind = arguments.out.suffix.lower()
    if kind == ".png":
        return png_bytes(tile(images))
    if kind == ".npz":
        return npz_bytes(images, about, labels)
    return zip_bytes(images, about, labels, classes)
