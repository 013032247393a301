"""Files of one JSON object a line, appended by one process and read by others at any moment."""

from __future__ import annotations

import json
import sys
from io import SEEK_END
from pathlib import Path
from typing import Any


def append_line(path: Path, values: dict[str, Any]) -> None:
    """Add one line, or nothing. A line that a dying process left half-written is closed first.

    Raises
    ------
    OSError
        As the operating system reports it; the file is as it was.
    """
    line = json.dumps(values, allow_nan=False).encode() + b"\n"
    with open(path, "ab+", buffering=0) as file:
        end = file.seek(0, SEEK_END)
        if end:
            file.seek(-1, SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        try:
            while line:
                line = line[file.write(line) :]
        except BaseException:
            file.truncate(end)
            raise


def is_number(value: object) -> bool:
    """Whether a value from a file is a number that a float can hold."""
    # A bound and not isfinite, which fails for whole numbers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
