"""``data``: list the data sets, fetch one, or take in pictures of one's own."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "data",
        help="list data sets, download one, import your own pictures",
        description="Without an action, list the data sets. Your own are called own:NAME.",
    )
    parser.add_argument("action", nargs="?", choices=["download", "import", "delete"], help="what to do")
    parser.add_argument("name", nargs="?", help="the data set; for import, the name to give it")
    parser.add_argument("path", nargs="?", type=Path, help="for import: a folder, a .zip, a .npz or a .npy")
    parser.add_argument("--size", type=int, default=32, help="for import: side of the pictures in pixels (32)")
    parser.add_argument("--channels", type=int, choices=[1, 3], default=3, help="for import: 1 grey, 3 colour (3)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from genlab.data import DataError

    if arguments.action is None:
        return _list()
    if arguments.name is None or (arguments.action == "import") != (arguments.path is not None):
        raise DataError("Name the data set, and for import what to read after it.")
    if arguments.action == "download":
        return _download(arguments.name)
    if arguments.action == "import":
        return _import(arguments)
    return _delete(arguments.name)


def _list() -> int:
    from genlab.data import available

    for source in available():
        channels, height, width = source.shape
        kind = "grey" if channels == 1 else "colour"
        where = "here" if source.cached() else f"{source.download_mb:.0f} MB to download"
        print(f"{source.name:<16} {source.n_train:>7} pictures, {height}x{width} {kind}, {where}")
    return 0


def _download(name: str) -> int:
    from tqdm import tqdm

    from genlab.data import load

    with tqdm(unit="B", unit_scale=True, desc=name) as bar:

        def progress(done: int, total: int, what: str) -> None:
            bar.total = total or None
            bar.set_description(what, refresh=False)
            bar.update(done - bar.n)

        pictures = load(name, "train", progress)
    print(f"{len(pictures)} pictures are ready.")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from genlab.data.own import import_pictures

    report = import_pictures(arguments.path, arguments.name, arguments.size, arguments.channels)
    for name, why in report.skipped:
        print(f"left out {name}: {why}")
    print(f"Train on them: python -m genlab train --data own:{arguments.name}")
    return 0


def _delete(name: str) -> int:
    from genlab.data.own import delete_own

    delete_own(name.removeprefix("own:"))
    return 0
