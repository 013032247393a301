"""What the lab knows about a data set before it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from genlab.data.pictures import Pictures

Split = Literal["train", "test"]

Progress = Callable[[int, int, str], None]
"""Called as work goes on: done, total (0 = unknown) and what is being done. It may raise to cancel."""


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Source:
    """One data set: the facts a page shows, and how its pictures are had.

    Attributes
    ----------
    name : str
        The key, used in configurations and links.
    title : str
        The proper name.
    shape : tuple of int
        (C, H, W) of one picture.
    n_train, n_test, n_classes : int
        Pictures in either split, and classes (0 = unlabelled).
    offline : bool
        True when it never needs the network.
    download_mb : float
        Size of the whole download in megabytes (10^6 bytes); 0 when offline.
    about : str
        One English sentence.
    homepage : str
        Where its makers describe it; empty for the user's own pictures.
    load : callable
        ``load(split, progress) -> Pictures``; raises DataError.
    cached : callable
        True when loading needs no download now.
    problem : str
        Empty, or a sentence that says why this set cannot be loaded.
    """

    name: str
    title: str
    shape: tuple[int, int, int]
    n_train: int
    n_test: int
    n_classes: int
    offline: bool
    download_mb: float
    about: str
    homepage: str
    load: Callable[[Split, Progress | None], Pictures]
    cached: Callable[[], bool] = _always
    problem: str = ""
