"""A model as ONNX, made by a process of its own: it takes seconds of a processor that a server's pages want."""

from __future__ import annotations

import io
import json
import subprocess
import tempfile
import zipfile
from pathlib import Path

from genlab.export.picture import ExportError
from genlab.runs.processes import spawn
from genlab.runs.store import Run

SECONDS = 600.0
SAID = "genlab: "
"""How a command's last word begins that tells why it failed."""


def exported_apart(run: Run, step: int) -> bytes:
    """The zip that ``python -m genlab export --onnx`` makes of a checkpoint.

    Raises
    ------
    ExportError
        The model cannot be exported; the message says why.
    """
    with tempfile.TemporaryDirectory(prefix="genlab-onnx-") as folder:
        out, log = Path(folder) / "model.zip", Path(folder) / "log"
        process = spawn(["export", run.id, "--onnx", "--step", str(step), "--out", str(out)], log)
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise ExportError("The export took longer than ten minutes and was ended. Try again later.") from None
        if code == 0:
            return out.read_bytes()
        lines = log.read_text("utf-8", errors="replace").splitlines()
    why = next((line.removeprefix(SAID) for line in reversed(lines) if line.startswith(SAID)), "")
    raise ExportError(why or "The export ended without a word: it was killed or ran out of memory. Try again later.")


def largest_difference(data: bytes) -> float:
    """How far the graphs in such a zip are from the model, as it was measured when they were made."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        checked = json.loads(archive.read("model.json"))["checked"]
    return float(max(checked["largest_difference"].values()))
