"""A dashboard of one's own for a while: a server on a free port, a home of its own, and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, BrowserType, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BOOT_SECONDS, END_SECONDS = 120.0, 60.0

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
FLAT = ["--disable-gpu"]
WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
"""What plotly's large scatter plots need to be drawn without a graphics card."""


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    url: str
    pid: int


@contextmanager
def served(home: Path, root: Path = ROOT) -> Iterator[Server]:
    """Serve the dashboard of the checkout `root` over the runs in `home` until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    environment = {**os.environ, "GENLAB_HOME": str(home)}
    with open(home / "server.log", "wb") as log:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        finally:
            process.kill()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - the URL is our own
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The dashboard did not start; its log is server.log in the home that was given.")


@contextmanager
def browser(webgl: bool = False) -> Iterator[Browser]:
    """A headless Chromium of one's own, until the block ends."""
    with sync_playwright() as playwright, launched(playwright.chromium, webgl) as chromium:
        yield chromium


@contextmanager
def launched(kind: BrowserType, webgl: bool = False) -> Iterator[Browser]:
    """One of a playwright that runs: $GENLAB_CHROMIUM, else an installed one, else Playwright's."""
    path = os.environ.get("GENLAB_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    chromium = kind.launch(executable_path=path, args=ARGUMENTS + (WEBGL if webgl else FLAT))
    try:
        yield chromium
    finally:
        chromium.close()


def children_seconds() -> float:
    """Processor time of all processes that this one has started and that still run, and of theirs."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total
