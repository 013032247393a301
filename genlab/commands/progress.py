"""How far a computation is, on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genlab.latent.project import Phase, Progress

WORDS: dict[Phase, str] = {
    "waiting": "waiting for another map",
    "loading": "loading model and pictures",
    "encoding": "computing features",
    "neighbours": "finding neighbours",
    "layout": "arranging points",
    "judging": "comparing neighbours",
}


def bar() -> Progress | None:
    """A progress bar on the error stream; None where that is no terminal."""
    if not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    drawn = tqdm(total=1.0, bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}", leave=False)

    def tell(fraction: float, phase: Phase, _eta: float | None) -> None:
        drawn.set_description_str(WORDS[phase], refresh=False)
        drawn.update(fraction - drawn.n)

    return tell
