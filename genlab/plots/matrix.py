"""Counts by two keys: a square a cell, coloured by its count, that can be clicked."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from genlab.plots.theme import dress, ink

ROW = 38
FRAME = 90
"""Height in pixels of a row, and of what stands around the rows."""
SIDE = 30
FEW, MANY = ("#dbe7f6", "#2f63b0"), ("#24324a", "#8fb8f0")
"""Colours of the lowest and the highest count, on light paper and on dark."""
APART = "|"
"""Between the two keys of a cell in the `customdata` of its mark."""


def matrix(
    rows: Mapping[str, str], columns: Mapping[str, str], counts: Mapping[tuple[str, str], int],
    chosen: tuple[str | None, str | None], *, dark: bool = False,
) -> go.Figure:  # fmt: skip
    """The counts as squares; the rows and columns in their order, from the top and from the left.

    Parameters
    ----------
    rows, columns
        Titles by key.
    counts
        By the keys of row and column; a cell without one, or with 0, stays empty.
    chosen
        Keys of the row and of the column that are framed; None for any.
    """
    low, high = FEW if not dark else MANY
    most = max([1, *counts.values()])
    text, _ = ink(dark)
    cells = [(row, column, n) for row in rows for column in columns if (n := counts.get((row, column), 0))]
    shares = [n / most for _, _, n in cells]
    framed = [
        chosen != (None, None) and chosen[0] in (None, row) and chosen[1] in (None, column) for row, column, _ in cells
    ]
    figure = go.Figure(
        go.Scatter(
            x=[columns[column] for _, column, _ in cells],
            y=[rows[row] for row, _, _ in cells],
            mode="markers+text",
            text=[str(n) for _, _, n in cells],
            textfont={"color": [_ink(share, dark) for share in shares], "size": 13},
            customdata=[f"{row}{APART}{column}" for row, column, _ in cells],
            marker={
                "symbol": "square",
                "size": SIDE,
                "color": shares,
                "colorscale": [[0, low], [1, high]],
                "cmin": 0,
                "cmax": 1,
                "line": {"width": [3 if one else 0 for one in framed], "color": text},
            },
            hovertemplate="%{y} · %{x}: %{text}<extra></extra>",
        )
    )
    dress(figure, dark=dark, axes=("", ""), height=ROW * len(rows) + FRAME)
    figure.update_xaxes(
        side="top", categoryorder="array", categoryarray=list(columns.values()), range=[-0.5, len(columns) - 0.5],
        tickangle=0, showgrid=False,
    )  # fmt: skip
    figure.update_yaxes(
        categoryorder="array", categoryarray=list(rows.values()), range=[len(rows) - 0.5, -0.5], showgrid=False
    )
    figure.update_layout(dragmode=False, clickmode="event+select", showlegend=False)
    return figure


def _ink(share: float, dark: bool) -> str:
    """What reads on a cell: dark cells and light ones change places between light and dark paper."""
    return "#10131a" if (share < 0.5) != dark else "#ffffff"
