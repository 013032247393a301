"""``export``: take a run away, as a zip that another genlab takes in, or its model as ONNX."""

from __future__ import annotations

import argparse
from pathlib import Path

from genlab.errors import GenlabError
from genlab.paths import atomic_write_bytes


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "export",
        help="take a run away as a zip, or its model as ONNX",
        description="Write a run to a zip, which 'python -m genlab import' takes in elsewhere. With --onnx, write what "
        "its model draws and encodes with as ONNX instead, checked against the model here, in a zip with a script that "
        "draws pictures without genlab.",
    )
    parser.add_argument("id", metavar="RUN", help="its number or folder")
    parser.add_argument("--onnx", action="store_true", help="the model as ONNX")
    parser.add_argument("--step", type=int, help="with --onnx: the last checkpoint up to this step (the newest)")
    parser.add_argument("--out", type=Path, help="file to write (RUN.zip, or RUN-onnx.zip)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from genlab.commands.runs import find_run

    run = find_run(arguments.id)
    out = arguments.out or Path(f"{run.name}-onnx.zip" if arguments.onnx else f"{run.name}.zip")
    if arguments.onnx:
        from genlab.export.onnx import exported
        from genlab.runs.sampling import load_checkpoint

        stored, step = load_checkpoint(run, arguments.step)
        made = exported(stored, {"run": run.name, "step": step})
        data, told = made.data, made.told
    else:
        from genlab.runs.pack import packed

        data = packed(run)
        told = "Take it in elsewhere with: python -m genlab import FILE"
    try:
        atomic_write_bytes(out, data)
    except OSError as error:
        raise GenlabError(f"{out} cannot be written: {error.strerror or error}.") from error
    print(f"{out}, {len(data) / 1e6:.1f} MB. {told}")
    return 0
