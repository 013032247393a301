"""How much of the variance each principal component keeps."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from genlab.plots.palette import PETROFF_10, UNKNOWN_COLOUR
from genlab.plots.theme import dress


def explained_variance(
    explained: NDArray[np.float64],
    shown: int,
    axes: tuple[str, str],
    *,
    dark: bool = False,
    height: int = 220,
) -> go.Figure:
    """Bars: the share of the variance along each component, those that are the map's axes in colour.

    Parameters
    ----------
    explained
        (K,), shares in [0, 1].
    shown
        How many of them, from the first, the map shows.
    axes
        Titles of the two axes: the component, and its share.
    """
    number = np.arange(1, len(explained) + 1)
    colours = [PETROFF_10[0] if i < shown else UNKNOWN_COLOUR for i in range(len(explained))]
    bars = go.Bar(
        x=number,
        y=explained,
        marker={"color": colours},
        hovertemplate="%{x}: %{y:.1%}<extra></extra>",
    )
    figure = dress(go.Figure(bars), dark=dark, axes=axes, height=height)
    figure.update_xaxes(dtick=1)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_layout(dragmode=False)
    return figure
