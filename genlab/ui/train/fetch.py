"""``python -m genlab.ui.train.fetch NAME FILE``: download a data set and tell in FILE how far it is."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path

from genlab.data import load
from genlab.errors import GenlabError
from genlab.paths import atomic_write_json

SECONDS = 0.25
"""Between two words about the progress."""

log = logging.getLogger("genlab.ui.fetch")


def main(name: str, file: Path) -> int:
    """Fetch; 0 where the pictures are here now, 1 where `file` says why they are not."""
    told = 0.0

    def tell(done: int, total: int, error: str = "") -> None:
        atomic_write_json(file, {"done": done, "total": total, "error": error})

    def progress(done: int, total: int, _what: str) -> None:
        nonlocal told
        if time.monotonic() - told >= SECONDS:
            told = time.monotonic()
            tell(done, total)

    try:
        load(name, "train", progress)
    except GenlabError as error:
        tell(0, 0, str(error))
        return 1
    except Exception as error:  # the page must hear of it, whatever it is
        log.exception("The download of %s failed", name)
        tell(0, 0, f"The download failed: {type(error).__name__}: {error}.")
        return 1
    file.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
