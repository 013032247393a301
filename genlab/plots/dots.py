"""Every value of some groups as a dot on one axis, with the mean of each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

import plotly.graph_objects as go

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress, ink

ROW = 40
FRAME = 90
"""Height in pixels of a row, and of what stands around the rows."""
SHIFT = 0.16
"""How far the sets of values stand from the middle of a row, in rows."""


def dots(
    names: Sequence[str], sets: Mapping[str, Sequence[Sequence[float]]], axis: str, *, log: bool, dark: bool = False
) -> go.Figure:
    """A row a group, from the top; its values as dots, their mean as a stroke.

    Parameters
    ----------
    names
        Of the groups.
    sets
        Of at most two sets, by name: the values of each group, none where there are none.
    axis
        Title of the axis of values.
    log
        Whether that axis moves in decades; all values have to be above 0 then.
    """
    figure = go.Figure()
    text, _ = ink(dark)
    shifts = (0.0,) if len(sets) == 1 else (-SHIFT, SHIFT)
    for (name, groups), shift, colour in zip(sets.items(), shifts, PETROFF_10, strict=False):
        points = [(value, row + shift, names[row]) for row, values in enumerate(groups) for value in values]
        figure.add_scatter(
            x=[x for x, _, _ in points], y=[y for _, y, _ in points], mode="markers", name=name,
            marker={"size": 9, "color": colour, "opacity": 0.75, "line": {"width": 1, "color": text}},
            text=[told for _, _, told in points], hovertemplate=f"%{{text}}: %{{x:.4g}}<extra>{name}</extra>",
        )  # fmt: skip
        means = [(fmean(values), row + shift) for row, values in enumerate(groups) if values]
        figure.add_scatter(
            x=[x for x, _ in means], y=[y for _, y in means], mode="markers", showlegend=False, hoverinfo="skip",
            marker={"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": text}},
        )  # fmt: skip
    dress(figure, dark=dark, axes=(axis, ""), height=ROW * len(names) + FRAME + 30 * (len(sets) > 1))
    figure.update_layout(dragmode=False, showlegend=len(sets) > 1)
    figure.update_layout(legend={"y": 1.02, "yanchor": "bottom"})
    figure.update_xaxes(type="log" if log else "linear", nticks=6, zeroline=False)
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(names))), ticktext=list(names), range=[len(names) - 0.5, -0.5],
        zeroline=False, showgrid=False,
    )  # fmt: skip
    return figure
