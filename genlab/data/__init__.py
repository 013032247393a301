"""Real pictures: the data sets the lab knows, and the user's own.

>>> pictures = load("digits", "test")
>>> tuple(pictures.images.shape)
(359, 1, 8, 8)
"""

from genlab.data import cifar10, digits, idx, mnist5k, mnist5k_colour
from genlab.data.own.store import PREFIX, own_source, own_sources
from genlab.data.pictures import DataError, Pictures, to_bytes, to_floats
from genlab.data.source import Progress, Source, Split

__all__ = [
    "SOURCES",
    "DataError",
    "Pictures",
    "Progress",
    "Source",
    "Split",
    "available",
    "find",
    "is_cached",
    "load",
    "to_bytes",
    "to_floats",
]

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (digits.SOURCE, mnist5k.SOURCE, mnist5k_colour.SOURCE, *idx.SOURCES, cifar10.SOURCE)
}


def find(name: str) -> Source:
    """The data set called ``name``: a key of SOURCES, or ``"own:<name>"`` for pictures of one's own.

    Raises
    ------
    DataError
        When there is none of that name.
    """
    if name in SOURCES:
        return SOURCES[name]
    if name.startswith(PREFIX):
        return own_source(name.removeprefix(PREFIX))
    raise DataError(f"There is no data set {name!r}. Choose one of {', '.join(SOURCES)}.")


def load(name: str, split: Split = "train", progress: Progress | None = None) -> Pictures:
    """The pictures of one split, downloaded first if they have to be.

    Parameters
    ----------
    name : str
        A key of SOURCES, or ``"own:<name>"``.
    split : {"train", "test"}
        Which part; what is held out is the same on every machine.
    progress : callable, optional
        Told the bytes downloaded, the bytes in all, and which file; it may raise to cancel.

    Raises
    ------
    DataError
        When there is no such set, or it cannot be fetched or read.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split is 'train' or 'test', not {split!r}")
    return find(name).load(split, progress)


def available() -> list[Source]:
    """Every data set there is: the registry in its order, then one's own by name (see Source.problem)."""
    return [*SOURCES.values(), *own_sources()]


def is_cached(name: str) -> bool:
    """True when loading ``name`` needs no download; DataError when there is no such set."""
    return find(name).cached()
