"""What scoring costs the training beside which it goes on.

    python benchmarks/scoring.py

One training runs in a worker process as the Train page starts it. In turn, its newest checkpoint is scored over and
over, each time in a process of its own and at the priority that a worker gives it, and it is not; images a second are
read from the run's own curves. The slowdown is the median over pairs of neighbouring segments, in an order that turns,
so that drift of the machine falls out.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.watching import last_point, quartile, wait_for_curves, worker
from genlab.models.presets import preset
from genlab.runs.scoring import give_way
from genlab.runs.store import Run, create_run
from genlab.training.config import RunConfig
from tools.dashboard import ROOT

WANTED = 0.05
SETTLE_SECONDS = 4.0


class Scorings:
    """Scores the newest checkpoint of a run again and again, in a thread that waits for one process after the other."""

    def __init__(self, run: Run) -> None:
        self.run, self.done, self._over = run, 0, threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def go_on(self) -> None:
        while not self._over.is_set():
            command = [sys.executable, "-m", "genlab", "evaluate", self.run.id, "--quick"]
            quiet = subprocess.DEVNULL
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
            give_way(self._process.pid)
            self.done += self._process.wait() == 0

    def stop(self) -> None:
        self._over.set()
        if self._process is not None:
            self._process.terminate()


@contextmanager
def scoring(run: Run) -> Iterator[None]:
    """Meanwhile the run is scored without a pause."""
    scorings = Scorings(run)
    thread = threading.Thread(target=scorings.go_on)
    thread.start()
    try:
        yield
    finally:
        scorings.stop()
        thread.join()


def rate(run: Run, seconds: float) -> float:
    """Images a second over so many seconds, after some that do not count."""
    time.sleep(SETTLE_SECONDS)
    images, began = last_point(run)
    time.sleep(seconds)
    images_then, ended = last_point(run)
    return (images_then - images) / (ended - began)


def main() -> int:
    """Measure and print; 0 when the cost is as low as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist-5k", help="default: %(default)s")
    parser.add_argument("--preset", default="hybrid", help="what trains (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=8, help="pairs of segments (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=12.0, help="length of a segment (default: %(default)s)")
    options = parser.parse_args()
    entry = preset(options.preset)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"GENLAB_HOME": folder, "GENLAB_SCORES": "off"}  # the scorings are this script's own
        # The share of the start is a stage of its own with a speed of its own: all is measured in the first.
        minutes = 20.0 + 4 * options.pairs * (options.seconds + SETTLE_SECONDS) / 60
        config = RunConfig(options.data, entry.model, entry.options, entry.key, entry.batch_size, minutes=minutes)
        run = create_run(config)
        with worker():
            wait_for_curves(run)
            while not run.checkpoints():
                time.sleep(0.5)
            slowdowns = []
            for pair in range(options.pairs):
                rates = {}
                for scored in (False, True) if pair % 2 == 0 else (True, False):
                    if scored:
                        with scoring(run):
                            rates[True] = rate(run, options.seconds)
                    else:
                        rates[False] = rate(run, options.seconds)
                slowdowns.append(1.0 - rates[True] / rates[False])
                print(f"  {rates[False]:9,.0f} images/s, {rates[True]:9,.0f} while it is scored", flush=True)
    slowdown = median(slowdowns)
    print(
        f"  slowed down by {slowdown:.1%} while it is scored (median of {len(slowdowns)} pairs; half of them between "
        f"{quartile(slowdowns, 0):.1%} and {quartile(slowdowns, 2):.1%})"
    )
    reached = slowdown < WANTED
    print(f"  wanted: below {WANTED:.0%}: {'reached' if reached else 'NOT reached'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
