"""Files of a run that came in a zip, opened as what their names say they are.

What can be opened is believed no further: a small file of numbers must not become a large table in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from genlab.runs.pack import PackError

MAX_LINE_BYTES = 1 << 16
MAX_LINES = 1_000_000
MAX_VALUES = 5_000_000
"""Lines by names that stand in any of them, which make a table: days of training."""
MAX_TENSORS = 10_000
MAX_PICTURE_SIDE = 8_192


def read_json(path: Path) -> Any:
    """What a file of JSON holds.

    Raises
    ------
    PackError
        It is none.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise PackError(f"{path.name} is no JSON.") from error


def _lines(path: Path) -> None:
    """See that they make no table too large, and that none fails in another way than one that was cut.

    Those are left out by readers.
    """
    names: set[str] = set()
    with open(path, "rb") as file:
        for count, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), 1):
            row = _row(path, line)
            names.update(row if isinstance(row, dict) else ())
            if len(line) > MAX_LINE_BYTES or count > MAX_LINES or count * len(names) > MAX_VALUES:
                raise PackError(f"{path.name} holds more than any run has.")


def _row(path: Path, line: bytes) -> Any:
    try:
        return json.loads(line)
    except RecursionError as error:
        raise PackError(f"{path.name} is no JSON.") from error
    except ValueError:
        return None


def _picture(path: Path) -> None:
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as picture:
            if max(picture.size) > MAX_PICTURE_SIDE:
                raise PackError(f"{path.name} has more than {MAX_PICTURE_SIDE:,} pixels a side.")
            picture.load()
    except PackError:
        raise
    except Exception as error:  # Pillow's readers let all sorts out of a damaged file
        raise PackError(f"{path.name} is no PNG that can be read.") from error


def _tensors(path: Path) -> None:
    try:
        with safe_open(path, framework="pt") as file:  # checks its header against its length
            if len(file.keys()) > MAX_TENSORS:
                raise PackError(f"{path.name} holds more than any run has.")
    except (SafetensorError, OSError) as error:
        raise PackError(f"{path.name} is no safetensors file.") from error


OPENED_AS: dict[str, Callable[[Path], object]] = {
    "json": read_json,
    "state": read_json,
    "lines": _lines,
    "picture": _picture,
    "model": _tensors,
    "tensors": _tensors,
}
"""How each kind of file is opened, to see that it can be."""
