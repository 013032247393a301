"""A map on its way: points and colours alone, since nothing in it can be trusted or chosen yet."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from genlab.plots.palette import style
from genlab.plots.theme import dress


def forming_map(
    coords: NDArray[np.float32], labels: NDArray[np.int64], *, dark: bool = False, height: int = 480
) -> go.Figure:
    """A scatter plot over fixed axes, so that one drawn after the other looks like a film.

    Parameters
    ----------
    coords
        (M, 2), no point farther than 1 from the middle.
    labels
        (M,); -1 for points without a class.
    """
    colours = np.array([style(label)[0] for label in range(-1, int(labels.max(initial=-1)) + 1)])
    points = go.Scattergl(
        x=coords[:, 0],
        y=coords[:, 1],
        mode="markers",
        marker={"color": colours[labels + 1], "size": 4, "opacity": 0.85},
        hoverinfo="skip",
    )
    figure = dress(go.Figure(points), dark=dark, axes=("", ""), height=height)
    figure.update_xaxes(range=[-1.05, 1.05], visible=False)
    figure.update_yaxes(range=[-1.05, 1.05], visible=False, scaleanchor="x")
    return figure
