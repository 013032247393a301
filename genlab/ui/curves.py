"""Live curves: specifications for ``st.echarts_chart``, which redraws without flicker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from genlab.runs.metrics import VITAL_SIGNS, Row
from genlab.ui.i18n import own_words, t
from genlab.ui.live import thin

Grouping = Callable[[Sequence[Row]], dict[str, list[str]]]

PANEL: Final = 220
"""Height of one group of curves, in pixels."""


def groups(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Which curves share a chart, in the order of drawing.

    What the players minimise comes first and together, since GANs are read by their balance; where a model plays and
    encodes, the nats of its encoder have a chart of their own. The rest of a player's numbers follow, those between 0
    and 1 apart from those of any size. Vital signs have charts of
    their own: see :func:`vital_groups`.
    """
    vital = {sign for signs in VITAL_SIGNS.values() for sign in signs}
    names = [name for name in _names(rows) if name.partition("/")[2] not in vital]
    shares = [name for name in names if _is_share(name, rows)]
    losses = [name for name in names if name.endswith("/loss") and name not in shares]
    coders = {name.partition("/")[0] for name in names if name.endswith("/reconstruction")}
    coding = [name for name in names if name.partition("/")[0] in coders]
    if set(losses) <= set(coding):
        coding = []  # nothing to keep them apart from
    losses = [name for name in losses if name not in coding]
    parts = [name for name in names if name not in shares and name not in losses and name not in coding]
    found = {"losses": losses, "shares": shares, "coding": coding, "parts": parts}
    return {key: chosen for key, chosen in found.items() if chosen}


def vital_groups(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Which vital signs share a chart, in the order of drawing."""
    names = _names(rows)
    found = {key: [name for name in names if name.partition("/")[2] in signs] for key, signs in VITAL_SIGNS.items()}
    return {key: chosen for key, chosen in found.items() if chosen}


def _names(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row if "/" in name))


def _is_share(name: str, rows: Sequence[Row]) -> bool:
    return name.endswith(" right") and all(0.0 <= row.get(name, 0.0) <= 1.0 for row in rows)


def draw(rows: Sequence[Row], *, key: str, grouped: Grouping = groups) -> None:
    """Draw curves of a run in one chart, a panel a group: a chart each would cost a watching browser thrice."""
    thinned = thin(rows)
    found = grouped(thinned)
    if found:
        st.echarts_chart(spec(thinned, found), height=PANEL * len(found), key=key, alt=t("train.curves.alt"))


def spec(rows: Sequence[Row], found: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Line charts over the step, one below the other, for ``st.echarts_chart``.

    Parameters
    ----------
    rows
        By increasing step.
    found
        The columns of each panel, by the name of the group.
    """
    import pandas as pd

    columns = [column for group in found.values() for column in group]
    table = pd.DataFrame({name: [row.get(name) for row in rows] for name in ("step", *columns)}, dtype="float64")
    spec: dict[str, Any] = {
        "animation": False,
        "dataset": {"source": table},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.4g"},
        "title": [], "legend": [], "grid": [], "xAxis": [], "yAxis": [], "series": [],
    }  # fmt: skip
    for panel, (group, names) in enumerate(found.items()):
        top = PANEL * panel
        labels = curve_labels(names)
        spec["title"].append({"text": t(f"train.curves.{group}"), "top": top, "left": 0, "textStyle": {"fontSize": 14}})
        spec["legend"].append(
            {"type": "scroll", "data": list(labels.values()), "top": top + 22, "left": 0, "right": 0, "itemWidth": 16,
             "itemHeight": 3, "icon": "roundRect"}
        )  # fmt: skip
        spec["grid"].append({"left": 44, "right": 14, "top": top + 52, "height": PANEL - 84})
        spec["xAxis"].append(
            {"type": "value", "gridIndex": panel, "min": "dataMin", "max": "dataMax", "splitLine": {"show": False}}
        )
        top_of_axis = {"max": 1.0} if group == "shares" else {}
        spec["yAxis"].append({"type": "value", "gridIndex": panel, "scale": True, "splitNumber": 4, **top_of_axis})
        spec["series"] += [
            {
                "type": "line",
                "name": label,
                "xAxisIndex": panel,
                "yAxisIndex": panel,
                "encode": {"x": "step", "y": name},
                "showSymbol": len(rows) == 1,
                "symbolSize": 6,
                "lineStyle": {"width": 1.8},
                "connectNulls": True,
            }
            for name, label in labels.items()
        ]
    return spec


def curve_labels(columns: Sequence[str]) -> dict[str, str]:
    """What a panel's legend says for each column: the player only where there are several."""
    alone = len({column.partition("/")[0] for column in columns}) == 1
    return {column: curve_label(column, alone=alone) for column in columns}


def curve_label(column: str, *, alone: bool = False) -> str:
    """A metric's name for a legend: "generator · loss", or "loss" where the player goes without saying."""
    player, _, name = column.partition("/")
    return _word(name) if alone else f"{_word(player)} · {_word(name)}"


def _word(name: str) -> str:
    return own_words("curves", name.replace(" ", "_"), name)
