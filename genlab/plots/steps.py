"""How far it is from each picture of a walk to the next."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress


def steps(distances: NDArray[np.float64], axes: tuple[str, str], *, dark: bool = False, height: int = 200) -> go.Figure:
    """A line through the steps, each standing at the number of the picture it leads to.

    Parameters
    ----------
    distances
        (M - 1,), not negative.
    axes
        Titles of the two axes: the picture, and the distance.
    """
    line = go.Scatter(
        x=np.arange(2, len(distances) + 2),
        y=distances,
        mode="lines+markers",
        line={"color": PETROFF_10[0], "width": 2},
        marker={"size": 6},
        hovertemplate="%{x}: %{y:.3g}<extra></extra>",
    )
    figure = dress(go.Figure(line), dark=dark, axes=axes, height=height)
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(dragmode=False)
    return figure
