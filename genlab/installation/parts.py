"""The parts of the lab: its port, its sign-in, what it downloads, what is shipped, and a worker."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import genlab
from genlab.errors import GenlabError
from genlab.installation.findings import Finding
from genlab.paths import atomic_write_json, cache_dir
from genlab.settings import settings

PORT = 8501
ANSWER_SECONDS = 5.0
WORKER_SECONDS = 180.0


def port() -> Finding:
    """Whether the port that Streamlit takes is free, or genlab's already."""
    import requests

    with socket.socket() as probe:
        probe.settimeout(ANSWER_SECONDS)
        if probe.connect_ex(("127.0.0.1", PORT)) != 0:
            return Finding("port", "ok", f"{PORT} is free.")
    try:
        ours = "live" in requests.get(f"http://127.0.0.1:{PORT}/health/live", timeout=ANSWER_SECONDS).json()
    except (requests.RequestException, ValueError, TypeError):
        ours = False
    if ours:
        return Finding("port", "ok", f"A genlab answers at {PORT}.")
    return Finding("port", "warn", f"Something else listens at {PORT}.", "Choose another: --server.port 8600")


def sign_in() -> Finding:
    """Whether people can sign in where they have to."""
    if settings().mode != "team":
        return Finding("sign-in", "ok", f"Nobody signs in in the mode {settings().mode}.")
    if importlib.util.find_spec("authlib") is None:
        return Finding("sign-in", "fail", "The package authlib is missing.", "Run: pip install authlib")
    places = (Path.cwd() / ".streamlit", Path.home() / ".streamlit")
    if not any((place / "secrets.toml").exists() for place in places):
        todo = "Write [auth] into .streamlit/secrets.toml, as docs/hosting.md says."
        return Finding("sign-in", "fail", "No provider is set.", todo)
    return Finding("sign-in", "ok", "A provider is set.")


def downloads() -> Finding:
    """Whether data sets are kept here, or can be fetched."""
    from genlab.data import idx
    from genlab.data.download import bases, is_fetched

    if is_fetched(idx.MNIST):
        return Finding("data", "ok", "MNIST is here.")
    try:
        cache_dir().mkdir(parents=True, exist_ok=True)
        addresses = [f"{base}/{idx.MNIST.files[0].name}" for base in bases(idx.MNIST)]
    except (OSError, GenlabError) as error:
        return Finding("data", "fail", str(error), "Set GENLAB_CACHE to a folder that can be written.")
    if any(map(_answers, addresses)):
        return Finding("data", "ok", "MNIST can be downloaded.")
    todo = "Check the network or set GENLAB_MIRROR; digits, mnist-5k and mnist-5k-colour work without."
    return Finding("data", "warn", "No mirror of MNIST answers.", todo)


def _answers(address: str) -> bool:
    import requests

    try:
        return requests.head(address, timeout=ANSWER_SECONDS, allow_redirects=True).status_code < 400
    except requests.RequestException:
        return False


def zoo() -> Finding:
    """Whether the shipped models can be read, weights and cards."""
    from genlab.runs.sampling import load_checkpoint
    from genlab.zoo.shipped import shipped

    try:
        names = []
        for each in shipped():
            load_checkpoint(each.run)
            names.append(each.run.id)
    except GenlabError as error:
        return Finding("zoo", "fail", f"{error}", "Install genlab anew: its files are damaged.")
    if not names:
        return Finding(
            "zoo", "warn", "No models come with this copy.", "Get genlab/zoo/runs, or: python -m genlab zoo build"
        )
    return Finding("zoo", "ok", f"{len(names)} models can be read.")


def worker() -> Finding:
    """Whether a worker process starts, trains two steps in a folder that is thrown away, and ends."""
    from genlab.runs.status import Status, write_status
    from genlab.runs.store import CONFIG_FILE, Run
    from genlab.training.config import RunConfig

    package = str(Path(genlab.__file__).parents[1])
    with tempfile.TemporaryDirectory(prefix="genlab-doctor-") as folder:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name != "GENLAB_ROOT" and not name.startswith("GENLAB_LIM")
        }
        # A cluster does not see the folder: this is about the process.
        environment |= {"GENLAB_SCORES": "off", "GENLAB_MODE": "single", "GENLAB_LAUNCHER": "local"}
        environment["GENLAB_HOME"] = folder
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
        config = RunConfig(data="digits", model="vae", preset="vae", steps=2, batch_size=16)
        run = Run(Path(folder) / "runs" / "00001-digits-vae")  # by hand: a number of the installation's would be gone
        run.path.mkdir(parents=True)
        atomic_write_json(run.path / CONFIG_FILE, {"config": config.to_dict(), "created": time.time()})
        write_status(run.path, Status("queued", total_steps=config.total_steps, queued_at=time.time()))
        try:
            done = subprocess.run(
                [sys.executable, "-m", "genlab", "worker", "--linger", "0"],
                env=environment, capture_output=True, text=True, timeout=WORKER_SECONDS, check=False, cwd=folder,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return Finding(
                "worker", "fail", f"It does not end: {type(error).__name__}.", "See whether the machine is busy."
            )
        state = run.status().state
    if state != "finished":
        last = (done.stderr.strip().splitlines() or ["It said nothing."])[-1]
        return Finding("worker", "fail", f"Its run is {state}: {last}", "Run: python -m genlab worker")
    return Finding("worker", "ok", "It started, trained and ended.")
