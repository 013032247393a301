"""Which points of a map are drawn alike: real classes and generated ones, each with a name, a colour and a mark."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genlab.plots.palette import style


@dataclass(frozen=True)
class Words:
    """What kinds of points are called, in the reader's language."""

    real: str = "real"
    generated: str = "generated"
    no_class: str = "no class"


class Group(NamedTuple):
    """Points that are drawn alike.

    Attributes
    ----------
    name
        What the legend calls them.
    colour, mark
        As :func:`genlab.plots.palette.style` gives them.
    generated
        Generated points get an open mark.
    rows
        Their numbers, ascending.
    """

    name: str
    colour: str
    mark: str
    generated: bool
    rows: NDArray[np.intp]


def groups(
    labels: NDArray[np.int64], classes: Sequence[str], generated: NDArray[np.bool_], words: Words
) -> list[Group]:
    """Real classes in order, then generated ones, both with no class last; each point is in one, and none is empty.

    So generated points that come to others later are a group more at the end, if any.

    Parameters
    ----------
    labels
        (N,); -1 for points without a class.
    classes
        A name for each label.
    generated
        (N,).
    words
        What kinds of points are called.
    """
    both = bool(generated.any()) and not bool(generated.all())
    found = []
    for made in (False, True):
        for label in (*range(len(classes)), -1):
            rows = np.flatnonzero((labels == label) & (generated == made))
            if not len(rows):
                continue
            kind = words.generated if made else words.real
            if label < 0:
                name = kind if both or made else words.no_class
            else:
                name = f"{classes[label]} ({kind})" if made else classes[label]
            found.append(Group(name, *style(label), made, rows))
    return found
