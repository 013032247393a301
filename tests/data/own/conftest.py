"""Making picture files, zips and arrays, good and bad."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def png_bytes(colour: object = 128, size: tuple[int, int] = (12, 10), mode: str = "L", kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind)  # type: ignore[arg-type]
    return out.getvalue()


def zip_bytes(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    out.seek(0)
    return out


def npz_bytes(**arrays: np.ndarray) -> io.BytesIO:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]
    out.seek(0)
    return out


@pytest.fixture
def png() -> Callable[..., bytes]:
    return png_bytes


@pytest.fixture
def zipped() -> Callable[..., io.BytesIO]:
    return zip_bytes


@pytest.fixture
def npz() -> Callable[..., io.BytesIO]:
    return npz_bytes


@pytest.fixture
def left(own_home: Path) -> Callable[[], list[str]]:
    """What lies under datasets/, hidden files too."""
    return lambda: sorted(str(path.relative_to(own_home)) for path in (own_home / "datasets").rglob("*"))
