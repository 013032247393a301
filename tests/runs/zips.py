"""Zips of runs for tests: honest ones, and such as whoever means harm would make."""

import hashlib
import io
import json
import zipfile

import pytest

from genlab.paths import runs_dir
from genlab.runs.pack import MANIFEST, PackError
from genlab.runs.store import Run
from genlab.runs.unpack import unpack
from tests.helpers import BY_NAME, config

OPTIONS = BY_NAME["vae"].options
ASKED = config("vae", options=OPTIONS, steps=3)
MODEL = "checkpoints/000003/model.safetensors"
Files = dict[str, bytes]


def files_of(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}


def manifest(files: Files, **other: object) -> bytes:
    told = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    return json.dumps({"format": 1, "genlab": "0.1.0", "run": "00007-digits-vae", "files": told} | other).encode()


def zip_of(files: Files, about: bytes | None = None, **members: zipfile.ZipInfo) -> bytes:
    """A zip with a manifest that tells the truth, as whoever means harm would make it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(members.get(name, name), data)
        archive.writestr(MANIFEST, manifest(files) if about is None else about)
    return file.getvalue()


def taken_in(data: bytes) -> Run:
    return unpack(io.BytesIO(data))


def refused(data: bytes) -> str:
    """The sentence a zip is refused with; nothing of it is kept."""
    with pytest.raises(PackError) as caught:
        taken_in(data)
    assert left() == []
    assert str(caught.value).endswith(".")
    return str(caught.value)


def left() -> list[str]:
    """What stands in the folder of runs, but for the keeper of numbers."""
    found = runs_dir().iterdir() if runs_dir().exists() else ()
    return sorted(path.name for path in found if path.name not in (".number.lock", ".last-number", ".locks"))
