"""The map of a latent space in three dimensions: a trace a group, every point knowing its number."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from genlab.plots.groups import Group
from genlab.plots.theme import dress


def scatter(
    coords: NDArray[np.float32],
    drawn: Sequence[Group],
    axes: Sequence[str],
    *,
    point: str = "point",
    dark: bool = False,
    marked: Sequence[int] = (),
    hidden: Sequence[int] = (),
    camera: Sequence[float] | None = None,
    height: int = 560,
) -> go.Figure:
    """A scatter plot in three dimensions, a trace a group.

    Parameters
    ----------
    coords
        (N, 3).
    drawn
        What :func:`genlab.plots.groups.groups` made of the points.
    axes
        A title for each of the three axes.
    point
        Says in the hover label that the number that follows is the point's.
    dark
        Whether it stands on a dark page.
    marked
        Points drawn once more with a ring around them, such as the two ends of an interpolation.
    hidden
        Which of `drawn` only the legend shows, by number.
    camera
        Where one looks from: the eye's x, y and z, the centre's, and those of what is up; None for the usual.
    height
        In CSS pixels.

    Returns
    -------
    A figure in which each point's ``customdata`` is its row in `coords`.

    Raises
    ------
    ValueError
        When the arrays do not fit together.
    """
    n, dims = coords.shape
    if dims != 3 or len(axes) != dims:
        raise ValueError(f"coords must be (N, 3) with a title for each axis, not {coords.shape}")
    if sum(len(group.rows) for group in drawn) != n:
        raise ValueError("each of the coords must be in one of the groups")
    figure = go.Figure()
    for group in drawn:
        figure.add_trace(_trace(coords, group, point))
    if len(marked):
        figure.add_trace(_rings(coords, np.asarray(marked), dark))
    for i in hidden:
        figure.data[i].visible = "legendonly"
    dress(figure, dark=dark, axes=axes, height=height)
    if camera is not None:
        parts = zip(("eye", "center", "up"), (camera[i : i + 3] for i in (0, 3, 6)), strict=True)
        figure.update_scenes(camera={name: dict(zip("xyz", part, strict=True)) for name, part in parts})
    return figure


def _trace(coords: NDArray[np.float32], group: Group, point: str) -> go.Scatter3d:
    symbol = group.mark
    if group.generated and symbol not in ("x", "cross"):  # plotly has no open ones of these in 3-D
        symbol += "-open"
    marker = {
        "color": group.colour,
        "symbol": symbol,
        "size": 0.7 * _size(len(coords)),
        "opacity": 0.5 if group.generated else 0.85,
    }
    if group.generated:
        marker["line"] = {"width": 1.5, "color": group.colour}
    return go.Scatter3d(
        **dict(zip("xyz", coords[group.rows].T, strict=True)),
        mode="markers",
        name=group.name,
        marker=marker,
        customdata=group.rows,
        hovertemplate=f"{point} %{{customdata}} · {_plain(group.name)}<extra></extra>",
    )


def _rings(coords: NDArray[np.float32], rows: NDArray[np.intp], dark: bool) -> go.Scatter3d:
    ink = "#ffffff" if dark else "#111111"
    return go.Scatter3d(
        **dict(zip("xyz", coords[rows].T, strict=True)),
        mode="markers+text",
        text=[chr(ord("A") + i) for i in range(len(rows))],
        textposition="top center",
        textfont={"color": ink, "size": 16},
        marker={"symbol": "circle-open", "size": 10, "color": ink, "line": {"width": 2.5, "color": ink}},
        showlegend=False,
        hoverinfo="skip",
    )


def _size(n: int) -> float:
    """Marks shrink as there are more of them: 8 pixels for a few, 4 for ten thousand."""
    return float(np.clip(10.0 - np.log10(max(n, 1)) * 1.5, 4.0, 8.0))


def _plain(name: str) -> str:
    """A class name that plotly cannot take for a placeholder or for markup."""
    return name.replace("<", "&lt;").replace("%{", "% {")
