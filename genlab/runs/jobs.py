"""Maps that take long are made by a process of their own, which any page can watch, and stop.

Pages start ``python -m genlab project``; a person may type the same. What the two share is files only: no
process number is ever trusted, since the system gives it away again. A job is alive while it
holds the map's lock, and it is stopped by a file that it looks for.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from filelock import Timeout

from genlab.errors import GenlabError
from genlab.latent.project import Phase, Progress
from genlab.latent.result import Projection
from genlab.paths import atomic_write_bytes
from genlab.runs.maps import Map, MapStatus, make
from genlab.runs.processes import interrupted_when, spawn


class StoppedError(GenlabError):
    """The computation ended because someone asked for it."""


def start(wanted: Map) -> None:
    """Begin to make a map in a process of its own; nothing happens where it is there or being made.

    Raises
    ------
    GenlabError
        The process cannot be started, or its files cannot be written.
    """
    if wanted.status().state in ("done", "running"):
        return
    spec = wanted.spec
    arguments = [
        "project", wanted.run.id, "--step", str(wanted.step),
        "--what", spec.what, "--method", spec.method, "--dims", str(spec.dims), "--n", str(spec.n),
        "--seed", str(spec.seed), "--split", spec.split,
    ]  # fmt: skip
    if spec.method == "tsne":
        arguments += ["--perplexity", repr(spec.perplexity)]
    try:
        wanted.lock()  # makes the folder
        wanted.file(".stop").unlink(missing_ok=True)
        wanted.file(".log").unlink(missing_ok=True)
        wanted.write(MapStatus("running", phase="waiting"))
        process = spawn(arguments, wanted.file(".log"))
    except OSError as error:
        raise GenlabError(f"The computation cannot be started: {error.strerror}.") from error
    # The dead must be collected by whoever started them, and nobody else waits for this one.
    threading.Thread(target=process.wait, name="genlab-map", daemon=True).start()


def stop(wanted: Map) -> None:
    """Ask the process that makes a map to end; it does within a second or so, and leaves no half map."""
    if wanted.status().state == "running":
        atomic_write_bytes(wanted.file(".stop"), b"")


def run_job(wanted: Map, progress: Progress | None = None) -> Projection:
    """Make a map and tell in its progress file how far it is; for the main thread of a process.

    Waits where another process is making the same map, and takes over what that one leaves.

    Parameters
    ----------
    progress
        Told the same, for a progress bar.

    Raises
    ------
    StoppedError
        Someone asked for an end, here or from a page.
    GenlabError
        The map cannot be made; the message says why.
    """

    def tell(fraction: float, phase: Phase, eta: float | None) -> None:
        wanted.write(MapStatus("running", fraction, phase, eta))
        if progress is not None:
            progress(fraction, phase, eta)

    with _stoppable(wanted), _locked(wanted, progress):
        if wanted.is_done():
            return wanted.load()
        try:
            made = make(wanted, tell)
        except KeyboardInterrupt:
            _write_end(wanted, MapStatus("stopped"))
            raise
        except GenlabError as error:
            _write_end(wanted, MapStatus("failed", why=str(error)))
            raise
        except BaseException as error:
            why = f"A fault in the program ended it: {type(error).__name__}: {error}"
            _write_end(wanted, MapStatus("failed", why=why))
            raise
        wanted.file(".progress.json").unlink(missing_ok=True)
        return made


def _write_end(wanted: Map, status: MapStatus) -> None:
    with contextlib.suppress(OSError, GenlabError):  # a full disk, or the run is gone: there is nowhere to tell it
        wanted.write(status)


@contextlib.contextmanager
def _locked(wanted: Map, progress: Progress | None) -> Iterator[None]:
    lock = wanted.lock()
    try:
        lock.acquire(timeout=1.0)  # longer than a page needs to see whether it is held
    except Timeout:
        if progress is not None:
            progress(0.0, "waiting", None)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _stoppable(wanted: Map) -> Iterator[None]:
    """Meanwhile the map's stop file, or the loss of its run, interrupts the main thread as Ctrl-C does."""
    try:
        with interrupted_when(lambda: wanted.file(".stop").exists() or not wanted.run.path.is_dir()):
            yield
    except KeyboardInterrupt:
        raise StoppedError("Stopped. Nothing was kept of this map; compute it again when you like.") from None
    finally:
        wanted.file(".stop").unlink(missing_ok=True)
