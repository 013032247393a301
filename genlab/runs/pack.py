"""A run as one zip, which :mod:`genlab.runs.unpack` takes in elsewhere.

::

    manifest.json   {"format": 1, "genlab": "0.1.0", "run": "00012-mnist-dcgan",
                     "files": {"config.json": {"size": 438, "sha256": "..."}, ...}}
    config.json, status.json, metrics.jsonl, samples/000200.png, checkpoints/000200/model.safetensors, ...

Everything that the run is goes along, and what a training goes on from: JSON, PNG and safetensors. Its log stays, which
tells of this machine, and so do maps and films, which are made again from the weights.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from genlab import __version__
from genlab.data.own.bounds import MIB
from genlab.errors import GenlabError
from genlab.runs.gate import TARGET_FILE
from genlab.runs.metrics import METRICS_FILE
from genlab.runs.orders import CONTROL_FILE
from genlab.runs.scores import SCORES_FILE
from genlab.runs.status import STATUS_FILE
from genlab.runs.store import CHECKPOINTS, CONFIG_FILE, SAMPLES, START_FILE, TITLE_FILE, Run
from genlab.training.checkpoint import MODEL_FILE, STATE_FILE, TENSORS_FILE

MANIFEST = "manifest.json"
FORMAT = 1
STEP = r"(?:\d{6}|[1-9]\d{6,11})"
"""As steps are written in names: each in one way."""


class PackError(GenlabError):
    """A zip cannot be taken in as a run; the message says why."""


class Kind(NamedTuple):
    """Files of one kind that a run may have: an expression for their names, and the most bytes of one."""

    names: str
    most: int


KINDS = {
    "json": Kind("|".join(map(re.escape, (CONFIG_FILE, STATUS_FILE, TARGET_FILE, TITLE_FILE, CONTROL_FILE))), MIB),
    "state": Kind(rf"{CHECKPOINTS}/{STEP}/{re.escape(STATE_FILE)}", MIB),
    "lines": Kind("|".join(map(re.escape, (METRICS_FILE, SCORES_FILE))), 128 * MIB),
    "picture": Kind(rf"{SAMPLES}/{STEP}\.png", 32 * MIB),
    "model": Kind(rf"{CHECKPOINTS}/{STEP}/{re.escape(MODEL_FILE)}", 256 * MIB),
    "tensors": Kind(rf"{re.escape(START_FILE)}|{CHECKPOINTS}/{STEP}/{re.escape(TENSORS_FILE)}", 1024 * MIB),
}

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold: same content, same bytes


def kind_of(name: str) -> str | None:
    """The kind of the file that a run has by this name; None where no run has such a file."""
    return next((kind for kind, (names, _) in KINDS.items() if re.fullmatch(names, name, re.ASCII)), None)


def packed(run: Run) -> bytes:
    """A run as a zip; also of a run that trains, as it is at this moment.

    Raises
    ------
    GenlabError
        It is damaged or gone.
    """
    _ = run.config, run.status()
    file, files = io.BytesIO(), {}
    with zipfile.ZipFile(file, "w") as archive:
        for name in _names(run):
            data = _read(run, name)
            if data is not None:
                files[name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                _add(archive, name, data)
        about = {"format": FORMAT, "genlab": __version__, "run": run.name, "files": files}
        _add(archive, MANIFEST, json.dumps(about, indent=2).encode())
    return file.getvalue()


def _names(run: Run) -> Iterator[str]:
    yield from (CONFIG_FILE, STATUS_FILE, TARGET_FILE, TITLE_FILE, CONTROL_FILE, START_FILE)
    # Curves and scores before the checkpoints that they belong to: a resumed run writes later ones anew.
    yield from (METRICS_FILE, SCORES_FILE)
    yield from (f"{SAMPLES}/{path.name}" for _, path in run.samples())
    for _, folder in run.checkpoints():
        if (folder / MODEL_FILE).exists():  # else it was thinned out at this moment
            yield from (f"{CHECKPOINTS}/{folder.name}/{file}" for file in (MODEL_FILE, TENSORS_FILE, STATE_FILE))


def _read(run: Run, name: str) -> bytes | None:
    try:
        data = run.read(name)
    except FileNotFoundError:  # most runs lack some, and a training thins out its pictures and checkpoints
        return None
    # The last line may be half written.
    return data[: data.rfind(b"\n") + 1] if name.endswith(".jsonl") else data


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.external_attr = 0o644 << 16
    # Weights and PNG gain nothing; zeros among them would look like a zip bomb.
    text = Path(name).suffix in (".json", ".jsonl")
    archive.writestr(info, data, zipfile.ZIP_DEFLATED if text else zipfile.ZIP_STORED)
