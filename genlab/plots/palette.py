"""Colours and marks that classes are told apart by, on light and on dark, with any kind of colour vision."""

import numpy as np
from numpy.typing import NDArray

PETROFF_10 = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
"""Ten colours found by a search for distance under common kinds of colour blindness and for looks
(Petroff 2021, "Accessible Color Sequences for Data Visualization", arXiv 2107.02270)."""

SYMBOLS = ("circle", "diamond", "square", "cross", "x")
"""The eleventh class begins the colours anew with another mark; all five exist in 2-D and in 3-D."""

UNKNOWN_COLOUR = "#8a8f98"
"""For points without a class: a grey that reads on white and on near-black."""

VIRIDIS = (
    "#440154",
    "#482878",
    "#3e4989",
    "#31688e",
    "#26828e",
    "#1f9e89",
    "#35b779",
    "#6ece58",
    "#b5de2b",
    "#fde725",
)
"""Matplotlib's viridis at even steps: perceptually even, and told apart with any kind of colour vision."""
SCALE_LIGHT = VIRIDIS[:9]
"""For numbers on light paper, low to high: without the yellow that would not be seen there."""
SCALE_DARK = VIRIDIS[2:]
"""For numbers on dark paper: without the two darkest steps."""


def style(label: int) -> tuple[str, str]:
    """Colour (``#rrggbb``) and plotly mark of a class; of -1, which is no class, a grey circle.

    The first 50 classes are all different; after that the styles come round again.
    """
    if label < 0:
        return UNKNOWN_COLOUR, SYMBOLS[0]
    return PETROFF_10[label % 10], SYMBOLS[label // 10 % len(SYMBOLS)]


def rgb(labels: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The colours of classes (N,) as red, green and blue: uint8 (N, 3)."""
    kinds, which = np.unique(labels, return_inverse=True)
    return np.array([tuple(bytes.fromhex(style(kind)[0][1:])) for kind in kinds], np.uint8)[which]
