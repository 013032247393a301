"""How fast a place of a map is decoded: a real server asked over HTTP, as a browser asks it.

    python benchmarks/decode.py

Trains the VAE on the 1,797 digits (or what --data names) for a few steps in a folder of its own, makes its map, serves
it and asks for places and for lattices, each at another place: nothing comes from a cache. The first question, which
loads map and model, is told apart. Wants a quiet machine.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from genlab.latent.spec import Spec
from genlab.runs.derived import compute
from genlab.runs.maps import plan
from genlab.runs.session import Session
from genlab.runs.status import run_lock
from genlab.runs.store import create_run
from genlab.training.config import RunConfig
from tools.dashboard import served

WANTED_MS = 100.0
SIDE = 20
"""Cells a side of a lattice: as many as a map asks for."""


def ask(address: str, **query: float) -> float:
    """Milliseconds until the whole answer is there."""
    start = time.perf_counter()
    with urllib.request.urlopen(f"{address}?{urllib.parse.urlencode(query)}", timeout=60) as answer:  # noqa: S310
        answer.read()
    return 1_000 * (time.perf_counter() - start)


def report(what: str, times: list[float]) -> None:
    """A line of the table."""
    print(
        f"{what:<24}{statistics.median(times):>10.1f}{np.percentile(times, 95):>10.1f}{max(times):>10.1f}", flush=True
    )


def main() -> int:
    """Measure and print; 0 when a place is decoded as fast as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="digits", help="data set (default: %(default)s)")
    parser.add_argument("--preset", default="vae", help="of a model with an encoder (default: %(default)s)")
    parser.add_argument("--questions", type=int, default=200, help="for places (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENLAB_HOME"] = folder
        run = create_run(RunConfig(data=options.data, model=options.preset, preset=options.preset, steps=50))
        with run_lock(run.path):
            Session(run).train()
        wanted = plan(run, Spec("encoder", n=1_000))
        compute(wanted)
        with served(Path(folder)) as server:
            address = f"{server.url}/lab/maps/{run.id}/{wanted.key}"
            print(f"{options.preset} on {options.data}; milliseconds{'':<8}median       95 %       most")
            report("first place", [ask(f"{address}/at", x=0, y=0)])
            places = np.random.default_rng(0).normal(size=(options.questions, 2)).tolist()
            times = [ask(f"{address}/at", x=x, y=y) for x, y in places]
            report("place", times)
            corners = places[: max(5, options.questions // 10)]
            box = [{"left": x - 2, "right": x + 2, "bottom": y - 2, "top": y + 2} for x, y in corners]
            report(f"lattice of {SIDE} x {SIDE}", [ask(f"{address}/lattice", **b, across=SIDE, down=SIDE) for b in box])
    return int(statistics.median(times) >= WANTED_MS)


if __name__ == "__main__":
    sys.exit(main())
