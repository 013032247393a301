"""One dress for all figures: no background of their own, ink that reads on the page's."""

from collections.abc import Sequence

import plotly.graph_objects as go

FONTS = "'Source Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"
EYE = (1.55, 1.55, 1.0)
"""Where one looks at a cloud from: far enough for the titles to be inside."""
_CLEAR = "rgba(0,0,0,0)"


def ink(dark: bool) -> tuple[str, str]:
    """Colours of text and of grid lines on a dark or a light page."""
    return ("#e6e9ef", "#303747") if dark else ("#31333f", "#dde2ec")


def dress(figure: go.Figure, *, dark: bool, axes: Sequence[str], height: int) -> go.Figure:
    """Give a figure (2-D or 3-D by the number of axis titles) its layout, and return it."""
    text, grid = ink(dark)
    plain = {"gridcolor": grid, "zerolinecolor": grid, "linecolor": grid, "tickfont": {"color": text}}
    titled = [{**plain, "title": {"text": title, "font": {"color": text, "size": 13}}} for title in axes]
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 32, "b": 8},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        font={"family": FONTS, "color": text, "size": 13},
        legend={  # below: above, it would lie under plotly's buttons
            "itemsizing": "constant",
            "font": {"color": text},
            "orientation": "h",
            "yanchor": "top",
            "y": -0.14 if len(axes) == 2 else 0.0,
            "xanchor": "left",
            "x": 0.0,
        },
        modebar={"bgcolor": _CLEAR, "color": text, "activecolor": text},
        hoverlabel={"namelength": -1},
        dragmode="lasso" if len(axes) == 2 else "turntable",
        uirevision="kept",  # zoom, hidden classes and the camera outlive a rerun
    )
    if len(axes) == 2:
        figure.update_xaxes({**titled[0], "automargin": True, "title_standoff": 8})
        figure.update_yaxes({**titled[1], "automargin": True, "title_standoff": 8})
    else:
        for axis in titled:
            axis["backgroundcolor"] = _CLEAR
        figure.update_scenes(
            **dict(zip(("xaxis", "yaxis", "zaxis"), titled, strict=True)),
            aspectmode="cube",
            camera={"eye": dict(zip("xyz", EYE, strict=True))},
        )
    return figure
