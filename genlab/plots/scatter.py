"""The map of a latent space: a trace a class, real and generated apart, every point knowing its number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from genlab.plots.palette import style
from genlab.plots.theme import dress

_OPEN_IN_2D = "-open"


@dataclass(frozen=True)
class Words:
    """The words in a map, in the reader's language.

    Attributes
    ----------
    axes
        A title for each axis; one a dimension.
    real, generated
        What the two kinds of points are called.
    no_class
        What points without a class are called.
    point
        Says in the hover label that the number that follows is the point's.
    """

    axes: Sequence[str]
    real: str = "real"
    generated: str = "generated"
    no_class: str = "no class"
    point: str = "point"


def scatter(
    coords: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: Sequence[str],
    generated: NDArray[np.bool_],
    words: Words,
    *,
    dark: bool = False,
    marked: Sequence[int] = (),
    chosen: Sequence[int] = (),
    height: int = 560,
) -> go.Figure:
    """A 2-D (WebGL) or 3-D scatter plot.

    Parameters
    ----------
    coords
        (N, 2) or (N, 3).
    labels
        (N,); -1 for points without a class.
    classes
        A name for each label.
    generated
        (N,): these points get an open mark and traces of their own.
    words
        All the text in the figure.
    dark
        Whether it stands on a dark page.
    marked
        Points drawn once more with a ring around them, such as the two ends of an interpolation.
    chosen
        Selected points: in 2-D the others fade. None selected fades none.
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
    if dims not in (2, 3) or len(words.axes) != dims:
        raise ValueError(f"coords must be (N, 2) or (N, 3) with a title for each axis, not {coords.shape}")
    if not len(labels) == len(generated) == n:
        raise ValueError("coords, labels and generated must be of one length")
    figure = go.Figure()
    for name, colour, symbol, rows in _groups(labels, classes, generated, words):
        trace = _trace(coords, rows, name, colour, symbol, words, n)
        if len(chosen) and dims == 2:
            trace.selectedpoints = np.flatnonzero(np.isin(rows, chosen))
            trace.unselected = {"marker": {"opacity": 0.12}}
        figure.add_trace(trace)
    if len(marked):
        figure.add_trace(_rings(coords, np.asarray(marked), dark))
    return dress(figure, dark=dark, axes=words.axes, height=height)


def _groups(
    labels: NDArray[np.int64], classes: Sequence[str], generated: NDArray[np.bool_], words: Words
) -> Iterator[tuple[str, str, str, NDArray[np.intp]]]:
    """Name, colour, mark and rows of each trace: real classes in order, then generated ones."""
    both = bool(generated.any()) and not bool(generated.all())
    for made in (False, True):
        for label in range(-1, len(classes)):
            rows = np.flatnonzero((labels == label) & (generated == made))
            if not len(rows):
                continue
            colour, symbol = style(label)
            kind = words.generated if made else words.real
            if label < 0:
                name = kind if both or made else words.no_class
            else:
                name = f"{classes[label]} ({kind})" if made else classes[label]
            yield name, colour, symbol + _OPEN_IN_2D if made else symbol, rows


def _trace(
    coords: NDArray[np.float32],
    rows: NDArray[np.intp],
    name: str,
    colour: str,
    symbol: str,
    words: Words,
    total: int,
) -> go.Scattergl | go.Scatter3d:
    flat = coords.shape[1] == 2
    marker = {
        "color": colour,
        "symbol": symbol if flat or not symbol.startswith(("x", "cross")) else symbol.removesuffix("-open"),
        "size": _size(total) if flat else 0.7 * _size(total),
        "opacity": 0.5 if symbol.endswith("-open") else 0.85,
    }
    if symbol.endswith("-open"):
        marker["line"] = {"width": 1.5, "color": colour}
    place = dict(zip("xyz", coords[rows].T, strict=False))
    return (go.Scattergl if flat else go.Scatter3d)(
        **place,
        mode="markers",
        name=name,
        marker=marker,
        customdata=rows,
        hovertemplate=f"{words.point} %{{customdata}} · {_plain(name)}<extra></extra>",
    )


def _rings(coords: NDArray[np.float32], rows: NDArray[np.intp], dark: bool) -> go.Scattergl | go.Scatter3d:
    flat = coords.shape[1] == 2
    ink = "#ffffff" if dark else "#111111"
    return (go.Scattergl if flat else go.Scatter3d)(
        **dict(zip("xyz", coords[rows].T, strict=False)),
        mode="markers+text",
        text=[chr(ord("A") + i) for i in range(len(rows))],
        textposition="top center",
        textfont={"color": ink, "size": 16},
        marker={
            "symbol": "circle-open",
            "size": 16 if flat else 10,
            "color": ink,
            "line": {"width": 2.5, "color": ink},
        },
        showlegend=False,
        hoverinfo="skip",
    )


def _size(n: int) -> float:
    """Marks shrink as there are more of them: 8 pixels for a few, 4 for ten thousand."""
    return float(np.clip(10.0 - np.log10(max(n, 1)) * 1.5, 4.0, 8.0))


def _plain(name: str) -> str:
    """A class name that plotly cannot take for a placeholder or for markup."""
    return name.replace("<", "&lt;").replace("%{", "% {")
