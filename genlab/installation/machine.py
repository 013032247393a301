"""The machine and what is installed on it: Python, packages, torch and its devices, threads, clock."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
import time
from pathlib import Path

import genlab
from genlab.installation.findings import Finding
from genlab.installation.readiness import probe
from genlab.paths import root

OLDEST = (3, 11)
MATMUL_SIDE = 1024
MATMUL_SECONDS = 1.0
MOST_WRONG = 1e-3
"""Of a product of matrices, relative to its largest element: half precision on a card does no worse."""
SKEW_SECONDS = 2.0


def python() -> Finding:
    """Whether Python is new enough."""
    told = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST:
        return Finding("Python", "fail", told, f"Install Python {OLDEST[0]}.{OLDEST[1]} or newer.")
    return Finding("Python", "ok", told)


def packages() -> Finding:
    """Whether what is installed is what ``requirements.txt`` pins."""
    file = Path(genlab.__file__).parents[1] / "requirements.txt"
    if not file.exists():
        return Finding("packages", "warn", "requirements.txt is not beside genlab: nothing to compare with.")
    pins = re.findall(r"^([\w.-]+)==([\w.]+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    missing, others = [], []
    for name, wanted in pins:
        try:
            found = importlib.metadata.version(name).split("+")[0]
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if found != wanted:
            others.append(f"{name} {found} for {wanted}")
    todo = "Run: pip install -r requirements.txt"
    if missing:
        return Finding("packages", "fail", f"Missing: {', '.join(missing)}.", todo)
    if others:
        return Finding("packages", "warn", f"Other versions than genlab was tested with: {', '.join(others)}.", todo)
    return Finding("packages", "ok", f"All {len(pins)} are the pinned versions.")


def torch_works() -> list[Finding]:
    """Which build of torch this is, and for each device how fast, and how rightly, it multiplies matrices."""
    import torch

    found = [torch.device("cpu")]
    found += [torch.device("cuda", number) for number in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(torch.device("mps"))
    return [Finding("torch", "ok", f"{torch.__version__}; devices: {len(found)}"), *map(_multiplies, map(str, found))]


def _multiplies(name: str) -> Finding:
    import torch

    from genlab.training.device import describe, synchronise

    device = torch.device(name)
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, MATMUL_SIDE, MATMUL_SIDE, generator=generator)
    exact = a[:8].double() @ b.double()
    try:
        on, at = a.to(device), b.to(device)
        wrong = float(((on @ at)[:8].cpu().double() - exact).abs().max() / exact.abs().max())
        synchronise(device)
        done, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < MATMUL_SECONDS:
            on @ at
            synchronise(device)
            done += 1
        speed = 2 * MATMUL_SIDE**3 * done / (time.perf_counter() - begun) / 1e9
        told = f"{describe(device)}: {speed:,.0f} GFLOP/s"
    except (RuntimeError, AssertionError) as error:  # a driver too old, a card too new for this build, no memory
        first = (str(error).splitlines() or ["no reason is given"])[0]
        return Finding(name, "fail", f"It cannot compute: {first}", "Install the build of torch for this driver.")
    if not wrong < MOST_WRONG:
        return Finding(name, "fail", f"{told}, but its results are wrong by {wrong:.1e}.", "Do not train on it.")
    return Finding(name, "ok", told)


def threads() -> Finding:
    """Whether trainings and pages have cores of their own."""
    from genlab.runs.worker import slots
    from genlab.training.device import default_threads

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = slots()
    told = f"cores: {cores}; trainings at a time: {workers}; threads of each: {default_threads(workers)}"
    if cores < 2 or workers >= cores:
        return Finding(
            "threads", "warn", told, "Pages wait while runs train: set GENLAB_WORKERS lower, or take more cores."
        )
    return Finding("threads", "ok", told)


def clock() -> Finding:
    """Whether the disk's clock is this machine's: ages of runs and of workspaces are read from files."""
    try:
        root().mkdir(parents=True, exist_ok=True)
        with probe(root()) as file:
            before = time.time()
            file.write_bytes(b"")
            skew = file.stat().st_mtime - before
    except OSError:
        return Finding("clock", "warn", "The folder cannot be written, so its clock cannot be read.")
    if abs(skew) > SKEW_SECONDS:
        return Finding(
            "clock", "warn", f"The disk's clock is off by {skew:+.0f} s.", "Let all machines keep time by NTP."
        )
    return Finding("clock", "ok", time.strftime("%Y-%m-%d %H:%M:%S %z"))
