"""Every value of some groups as a dot on one axis, with the mean of each group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

import plotly.graph_objects as go

from genlab.plots.palette import PETROFF_10
from genlab.plots.theme import dress, ink

ROW = 40
FRAME = 90
"""Height in pixels of a row, and of what stands around the rows."""
ROUND, ROUND_NEAR, MARGIN = (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8), 1.6
"""First digits of the ticks of a logarithmic axis, of one within a decade, and how far beyond the values ticks go, as
a factor."""
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
    if log:
        figure.update_xaxes(tickvals=decades([value for groups in sets.values() for row in groups for value in row]))
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(names))), ticktext=list(names), range=[len(names) - 0.5, -0.5],
        zeroline=False, showgrid=False,
    )  # fmt: skip
    return figure


def decades(values: Sequence[float]) -> list[float]:
    """Round numbers for a logarithmic axis that holds some values above 0; plotly's own stand too close when narrow."""
    if not values:
        return []
    low, high = min(values) / MARGIN, max(values) * MARGIN
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    digits = ROUND if max(values) > 10 * min(values) else ROUND_NEAR
    return [tick for power in powers for round_one in digits if low <= (tick := round_one * 10.0**power) <= high]
