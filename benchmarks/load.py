"""Thirty visitors at one small server: how long they wait, how much memory they take, and what they cost a training.

    python benchmarks/load.py

One server in the mode ``demo`` over a home that is thrown away. A VAE trains twice with the same seed for the same time
in a worker process as the Train page starts it: alone, and while the visitors are there. Each of them has a cookie and
a connection of their own, opens a page every ten seconds by turns (Overview, Train, Samples, Train, Latent, ...) and
has what is live refreshed as a browser does; on Train they all watch the run that trains. They speak Streamlit's
protocol without a browser, so that 30 fit beside the server; what they take of the processor themselves is printed,
since the training lacks that too. Wants a quiet machine, and takes some four minutes.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import psutil

from benchmarks.watching import cpu_seconds, worker
from genlab.models.presets import preset
from genlab.paths import at_home
from genlab.runs.store import Run, create_run
from genlab.runs.visitors import enter, new_secret, note_live
from genlab.training.config import RunConfig
from tools.dashboard import Server, served
from tools.visiting import Page, Seen, Visitor

WANTED_MEDIAN_MS, WANTED_95_MS, WANTED_MB, WANTED_LOSS = 150.0, 600.0, 1000.0, 0.15
WARM_UP_SECONDS = 15.0
SETTLE_SECONDS = 8.0
"""After a training begins, before its speed counts."""
ARRIVE_SECONDS = 10.0
"""Within which all visitors arrive."""
LOOK_SECONDS = 0.5
START_SECONDS = 60.0


@dataclass
class Taken:
    """What processes took meanwhile: megabytes of the server, one a look, and shares of a core."""

    megabytes: list[float] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)


def settle_in(folder: Path) -> None:
    """Make this process one of the installation in `folder`, with limits that do not end the measurement."""
    os.environ.update(
        GENLAB_HOME=str(folder), GENLAB_MODE="demo", GENLAB_SCORES="off", GENLAB_LIMITS__MINUTES="60",
        GENLAB_LIMITS__MEGABYTES="10000", GENLAB_LIMITS__WAITING="10", GENLAB_LIMITS__VISITORS="10000",
    )  # fmt: skip


@contextmanager
def training(home: Path, seconds: float, data: str = "mnist-5k", key: str = "vae") -> Iterator[tuple[Run, int]]:
    """A training of so many seconds in a visitor's home, under way, and its process; at the end it is waited for."""
    entry = preset(key)
    with at_home(home):
        config = RunConfig(data, entry.model, entry.options, entry.key, entry.batch_size, minutes=seconds / 60)
        run = create_run(config)
        note_live()
    with worker() as pid:
        wait_for(lambda: not run.metrics().empty, "The training did not begin.")
        yield run, pid
        wait_for(lambda: run.status().state == "finished", f"The training {run.id} did not end.", 600.0)


def wait_for(condition: Callable[[], bool], sentence: str, seconds: float = START_SECONDS) -> None:
    """Wait for what another process does; end the measurement with `sentence` where it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(sentence)
        time.sleep(0.2)


def speed(run: Run) -> float:
    """Images a second, without the moments in which it began."""
    rows = run.metrics()
    rows = rows[rows["seconds"] >= SETTLE_SECONDS]
    first, last = rows.iloc[0], rows.iloc[-1]
    return float((last["images"] - first["images"]) / (last["seconds"] - first["seconds"]))


def tour(live: Run, shown: Run) -> list[Page]:
    """Pages in turn: every other time the run that trains, else one that is there to be looked at."""
    watch = Page("train", {"run": live.id})
    others = [
        Page("overview"),
        *(Page(path, {"run": shown.id}) for path in ("samples", "latent", "replay")),
        Page("market"),
    ]
    return [page for other in others for page in (other, watch)]


async def visitor(server: Server, seen: Seen, home: Path) -> Visitor:
    """Somebody with a cookie, whose runs are those in `home`."""
    arrived = Visitor(server.url, seen)
    await arrived.arrive()
    own = enter(arrived.cookie)
    for name in ("runs", "derived"):
        (home / name).mkdir(exist_ok=True)
        (own / name).symlink_to(home / name)
    return arrived


async def warm_up(server: Server, home: Path, shown: Run) -> None:
    """Let one visitor see all pages: what is loaded and computed once is not what a visit costs."""
    seen = Seen()
    first = await visitor(server, seen, home)
    await first.stay(tour(shown, shown), 4.0)
    await first.leave()
    if seen.errors:
        raise SystemExit(f"Pages show errors to the first visitor already: {seen.errors[:3]}")


async def crowd(server: Server, home: Path, pages: list[Page], visitors: int, seconds: float, dwell: float) -> Seen:
    """Let all visitors look at pages for so long; each begins with another one."""
    seen = Seen()
    turns = round(seconds / dwell) + 1

    async def one(number: int) -> None:
        await asyncio.sleep(ARRIVE_SECONDS * number / visitors)
        tab = await visitor(server, seen, home)
        left = max(1, turns - round(ARRIVE_SECONDS * number / visitors / dwell))
        await tab.stay([pages[(number + turn) % len(pages)] for turn in range(left)], dwell)
        await tab.leave()

    await asyncio.gather(*(one(number) for number in range(visitors)))
    return seen


async def watched(pids: dict[str, int], taken: Taken) -> None:
    """Look at processes until cancelled."""
    own = psutil.Process()
    begun, before = time.perf_counter(), {name: cpu_seconds(pid) for name, pid in pids.items()}
    own_before = sum(own.cpu_times()[:2])
    while True:
        taken.megabytes.append(psutil.Process(pids["server"]).memory_info().rss / 1e6)
        passed = time.perf_counter() - begun
        if passed > LOOK_SECONDS:
            taken.shares = {name: (cpu_seconds(pid) - before[name]) / passed for name, pid in pids.items()}
            taken.shares["the visitors themselves"] = (sum(own.cpu_times()[:2]) - own_before) / passed
        await asyncio.sleep(LOOK_SECONDS)


async def measured(
    server: Server, home: Path, pages: list[Page], options: argparse.Namespace, pids: dict[str, int], taken: Taken
) -> Seen:
    """Let the visitors look at pages, and look at processes meanwhile."""
    looking = asyncio.create_task(watched(pids, taken))
    seen = await crowd(server, home, pages, options.visitors, options.seconds, options.dwell)
    looking.cancel()
    return seen


def milliseconds(values: list[float], share: float) -> float:
    """A quantile of seconds, in milliseconds."""
    return 1000.0 * float(np.quantile(values, share)) if values else float("nan")


def report(seen: Seen, taken: Taken, idle: float, visitors: int, speeds: tuple[float, float]) -> bool:
    """Print all figures; whether all are as wanted."""
    print(f"\n{'':<28}{'count':>8}{'median':>10}{'95 %':>10}{'most':>10}")
    both = seen.pages + seen.parts
    rows = {"opening a page": seen.pages, "refreshing a part": seen.parts, "all reruns": both}
    for name, values in {**rows, **{f"  of {page}": took for page, took in sorted(seen.by_page.items())}}.items():
        shares = "".join(f"{milliseconds(values, share):>7.0f} ms" for share in (0.5, 0.95, 1.0))
        print(f"{name:<28}{len(values):>8}{shares}")
    peak = max(taken.megabytes)
    middle = statistics.mean(taken.megabytes[len(taken.megabytes) // 2 :][:10])
    end = statistics.mean(taken.megabytes[-10:])
    print(f"server's memory: {idle:.0f} MB before, {peak:.0f} MB at most, {(peak - idle) / visitors:.1f} MB a session,")
    print(f"    {end - middle:+.0f} MB in the second half; {seen.bytes / 1e6:.0f} MB and {seen.pictures} pictures sent")
    print("shares of a core: " + ", ".join(f"{name} {share:.0%}" for name, share in taken.shares.items()))
    loss = 1.0 - speeds[1] / speeds[0]
    print(f"training: {speeds[0]:,.0f} images/s alone, {speeds[1]:,.0f} beside the visitors")
    for error in sorted(set(seen.errors))[:10]:
        print(f"error, {seen.errors.count(error)} times: {error}")
    held = [
        told("median rerun", milliseconds(both, 0.5), "ms", WANTED_MEDIAN_MS),
        told("95 % of reruns", milliseconds(both, 0.95), "ms", WANTED_95_MS),
        told("server's memory", peak, "MB", WANTED_MB),
        told("training's loss", 100 * loss, "%", 100 * WANTED_LOSS),
        told("errors", len(seen.errors), "", 1),
    ]
    return all(held)


def told(what: str, value: float, unit: str, wanted: float) -> bool:
    """A line of the table; whether the value is below what is wanted."""
    held = value < wanted
    print(f"{what:<20}{value:>8.1f} {unit:<3} wanted below {wanted:g}: {'reached' if held else 'NOT reached'}")
    return held


def main() -> int:
    """Measure and print; 0 when all is as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=30, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=90.0, help="of each training (default: %(default)s)")
    parser.add_argument("--dwell", type=float, default=10.0, help="seconds a page is looked at (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settle_in(Path(folder))
        with served(Path(folder)) as server:
            print(f"{options.visitors} visitors, a page every {options.dwell:g} s; trainings of {options.seconds:g} s")
            home = enter(new_secret())
            with training(home, WARM_UP_SECONDS) as (shown, _):
                pass
            asyncio.run(warm_up(server, home, shown))
            wait_for_jobs()
            idle = psutil.Process(server.pid).memory_info().rss / 1e6
            with training(home, options.seconds) as (alone, _):
                pass
            taken = Taken()
            with training(home, options.seconds) as (beside, pid):
                pids = {"server": server.pid, "training": pid}
                seen = asyncio.run(measured(server, home, tour(beside, shown), options, pids, taken))
            return 0 if report(seen, taken, idle, options.visitors, (speed(alone), speed(beside))) else 1


def wait_for_jobs() -> None:
    """Wait until nothing is computed for pages any more, such as the film of the run that is shown."""

    def at_rest() -> bool:
        words = [child.info["cmdline"] or [] for child in psutil.process_iter(["cmdline"])]
        return not any("genlab" in line and {"film", "project"} & set(line) for line in words)

    time.sleep(1.0)
    wait_for(at_rest, "A computation of a page did not end.", 120.0)


if __name__ == "__main__":
    sys.exit(main())
