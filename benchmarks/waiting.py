"""What a queue costs those who look at it: milliseconds to read its order, and to tell the last one's place.

    python benchmarks/waiting.py

One run each of 1 to 1000 visitors waits, in a home that is thrown away. Takes some seconds.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from genlab.paths import at_home
from genlab.runs.store import create_run
from genlab.runs.visitors import enter, new_secret, note_live
from genlab.runs.waiting import place, queued
from genlab.training.config import RunConfig

VISITORS = (1, 10, 100, 1000)
ROUNDS = 7
CONFIG = RunConfig(data="digits", model="vae", minutes=1.0)


def milliseconds(work: Callable[[], object]) -> float:
    """Median of some rounds, after one that does not count."""
    work()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(1000.0 * (time.perf_counter() - start))
    return statistics.median(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(GENLAB_HOME=folder, GENLAB_MODE="demo", GENLAB_LIMITS__VISITORS=str(VISITORS[-1]))
        there = 0
        for wanted in VISITORS:
            for _ in range(wanted - there):
                with at_home(enter(new_secret())):
                    create_run(CONFIG)
                    note_live()
            there = wanted
            last = queued()[-1]
            order, told = milliseconds(queued), milliseconds(partial(place, last, 1))
            print(f"{there:>5} waiting: order {order:7.1f} ms, place {told:7.1f} ms")


if __name__ == "__main__":
    main()
