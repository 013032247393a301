"""Live curves: specifications for ``st.echarts_chart``, which redraws without flicker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from genlab.runs.metrics import Row
from genlab.ui.i18n import own_words, t
from genlab.ui.live import thin

HEIGHT: Final = 240


def groups(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Which curves share a chart, in the order of drawing.

    What the players minimise comes first and together, since GANs are read by their balance. The rest of
    a player's numbers follow, those between 0 and 1 apart from those of any size.
    """
    names = dict.fromkeys(name for row in rows for name in row if "/" in name)
    shares = [name for name in names if _is_share(name, rows)]
    losses = [name for name in names if name.endswith("/loss") and name not in shares]
    parts = [name for name in names if name not in shares and name not in losses]
    found = {"losses": losses, "shares": shares, "parts": parts}
    return {key: chosen for key, chosen in found.items() if chosen}


def _is_share(name: str, rows: Sequence[Row]) -> bool:
    return name.endswith(" right") and all(0.0 <= row.get(name, 0.0) <= 1.0 for row in rows)


def draw(rows: Sequence[Row], *, key: str) -> None:
    """Draw all curves of a run, one chart a group."""
    thinned = thin(rows)
    for name, columns in groups(thinned).items():
        st.markdown(f"**{t(f'train.curves.{name}')}**")
        st.echarts_chart(spec(thinned, columns), height=HEIGHT, key=f"{key}-{name}", alt=t(f"train.curves.{name}"))


def spec(rows: Sequence[Row], columns: Sequence[str]) -> dict[str, Any]:
    """A line chart of some columns over the step."""
    import pandas as pd

    players = {column.partition("/")[0] for column in columns}
    labels = {column: curve_label(column, alone=len(players) == 1) for column in columns}
    table = pd.DataFrame(
        {"step": [row["step"] for row in rows]}
        | {label: [row.get(column) for row in rows] for column, label in labels.items()}
    ).astype("float64")
    return {
        "animation": False,
        "dataset": {"source": table},
        "grid": {"left": 8, "right": 16, "top": 34, "bottom": 4, "containLabel": True},
        "legend": {"top": 0, "left": 0, "itemWidth": 16, "itemHeight": 3, "icon": "roundRect"},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.4g"},
        "xAxis": {"type": "value", "min": "dataMin", "max": "dataMax", "splitLine": {"show": False}},
        "yAxis": {"type": "value", "scale": True, "splitNumber": 4},
        "series": [
            {
                "type": "line",
                "name": label,
                "encode": {"x": "step", "y": label},
                "showSymbol": len(rows) == 1,
                "symbolSize": 6,
                "lineStyle": {"width": 1.8},
                "connectNulls": True,
            }
            for label in labels.values()
        ],
    }


def curve_label(column: str, *, alone: bool = False) -> str:
    """A metric's name for a legend: "generator · loss", or "loss" where the player goes without saying."""
    player, _, name = column.partition("/")
    return _word(name) if alone else f"{_word(player)} · {_word(name)}"


def _word(name: str) -> str:
    return own_words("curves", name.replace(" ", "_"), name)
