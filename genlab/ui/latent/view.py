"""Looking at a map: the points, what they are, how far to trust them, and the pictures behind a selection."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.ui import links, text, words
from genlab.ui.i18n import t
from genlab.ui.latent import walk

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

SHOWN: Final = 256
"""Pictures of a selection that are shown; more would not be looked at."""
LISTED: Final = 4_000
"""Characters of a typed list of points that are read."""
SHEET_SIDE: Final = 1_024


def draw(wanted: Map) -> None:
    """A finished map with all that can be done with it; runs again by itself when points are selected."""
    made = _load(wanted)
    left, right = st.columns([3, 2], gap="large")
    chart = f"latent_map_{wanted.key}"
    with left:
        _about(made)
        event = _map(made, chart)
        if len(made.explained):
            _variance(made)
    with right:
        chosen = _selection(made, event)
        walk.draw(wanted, made, chosen)


def _load(wanted: Map) -> Projection:
    return _read(str(wanted.file(".npz")), wanted.key)


@st.cache_resource(max_entries=4, show_spinner=False)
def _read(path: str, _key: str, /) -> Projection:
    """A finished map, shared by all visitors and never changed; the key tells one content from another."""
    from pathlib import Path

    from genlab.latent.result import load

    return load(Path(path))


def _about(made: Projection) -> None:
    what = "generated" if made.n_generated else "real"
    st.markdown(
        t(f"latent.about.{made.spec.what}_{what}", real=text.count(len(made) - made.n_generated),
          generated=text.count(made.n_generated), width=text.count(made.width))
    )  # fmt: skip
    pairs = [(t("latent.points"), text.count(len(made))), (t("latent.kept"), f"{made.kept:.0%}")]
    if len(made.explained):
        pairs.append((t("latent.variance"), f"{made.explained[: made.spec.dims].sum():.1%}"))
    pairs.append((t("latent.step"), text.count(made.step)))
    st.html(words.stats(pairs))
    st.caption(t(f"latent.read.{made.spec.method}"))


def _map(made: Projection, chart: str) -> dict[str, Any]:
    """The chart; what was selected in it, as the browser says."""
    from genlab.plots.scatter import Words, scatter

    dims = made.spec.dims
    labels = Words(
        axes=[_axis(made, i) for i in range(dims)], real=t("latent.real"), generated=t("latent.generated"),
        no_class=t("latent.no_class"), point=t("latent.point"),
    )  # fmt: skip
    figure = scatter(
        made.coords, made.labels, made.classes, made.generated, labels, dark=is_dark(), marked=walk.ends(made)
    )
    config = {"displaylogo": False, "scrollZoom": True, "modeBarButtonsToRemove": ["toImage"]}
    alt = t("latent.alt", n=len(made))
    if dims == 3:
        st.plotly_chart(figure, key=chart, theme=None, config=config, alt=alt)
        return {}
    st.caption(t("latent.how_to_select"))
    event = st.plotly_chart(
        figure, key=chart, theme=None, config=config, on_select="rerun",
        selection_mode=("points", "box", "lasso"), alt=alt,
    )  # fmt: skip
    return dict(event)


def _axis(made: Projection, i: int) -> str:
    if made.spec.method == "tsne":
        return f"t-SNE {i + 1}"
    return t("latent.component", i=i + 1, share=f"{made.explained[i]:.1%}")


def is_dark() -> bool:
    """Whether the visitor looks at a dark page."""
    return st.context.theme.type == "dark"


def _variance(made: Projection) -> None:
    from genlab.plots.variance import explained_variance

    with st.expander(t("latent.variance_chart", k=len(made.explained), share=f"{made.explained.sum():.0%}")):
        figure = explained_variance(
            made.explained, made.spec.dims, (t("latent.component_axis"), t("latent.share_axis")), dark=is_dark()
        )
        st.plotly_chart(figure, theme=None, config={"displayModeBar": False}, key="latent_variance")


def _selection(made: Projection, event: dict[str, Any]) -> list[int]:
    """What is selected, in the chart or by number, shown as pictures."""
    st.subheader(t("latent.selection"), anchor=False)
    typed = st.text_input(
        t("latent.by_number"), value=links.get("points") or "", key="latent_points", max_chars=LISTED,
        placeholder="0, 7, 20-40", help=t("latent.by_number_help", last=len(made) - 1), on_change=_typed,
    )  # fmt: skip
    by_number, wrong = parse_points(typed, len(made))
    if wrong:
        st.warning(t("latent.not_points", what=", ".join(wrong[:3]), last=len(made) - 1), icon=":material/warning:")
    chosen = list(dict.fromkeys([*selected_points(event, len(made)), *by_number]))
    if not chosen:
        st.caption(t(f"latent.nothing_selected_{made.spec.dims}"))
        return []
    rows = np.asarray(chosen[:SHOWN])
    st.caption(_tally(made, chosen))
    st.image(sheet(made.images[rows]), width="stretch", output_format="PNG", alt=t("latent.sheet_alt", n=len(rows)))
    return chosen


def _typed() -> None:
    links.put("points", st.session_state["latent_points"].strip() or None)


def sheet(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures in rows that stay readable beside the map: at least six a row, with a hair of space between."""
    from genlab.plots.grid import columns_for, fit_scale, tile

    columns = max(6, columns_for(len(images)))
    scale = fit_scale(images.shape[2], images.shape[3] * columns, SHEET_SIDE, most=4)
    return tile(images, columns if len(images) >= columns else None, scale=scale, gap=scale, paper=128)


def _tally(made: Projection, chosen: list[int]) -> str:
    """How many of which class, the most frequent first."""
    labels = made.labels[chosen]
    counts = [(int((labels == label).sum()), label) for label in np.unique(labels)]
    named = [
        f"{count} × {made.classes[label] if label >= 0 else t('latent.no_class')}"
        for count, label in sorted(counts, reverse=True)
    ]
    total = t("latent.selected", n=text.count(len(chosen)))
    more = " " + t("latent.first_shown", n=SHOWN) if len(chosen) > SHOWN else ""
    return f"{total}: {', '.join(named[:12])}.{more}" if any(labels >= 0) else f"{total}.{more}"


def selected_points(event: object, n: int) -> list[int]:
    """Rows selected in the chart, as far as what the browser sent makes sense: whole, from 0 to `n` - 1, once each."""
    selection = event.get("selection") if isinstance(event, dict) else None
    points = selection.get("points") if isinstance(selection, dict) else None
    rows: Iterable[Any] = points if isinstance(points, list) else ()
    found = (point.get("customdata") if isinstance(point, dict) else None for point in rows)
    single = (row[0] if isinstance(row, list) and len(row) == 1 else row for row in found)
    return list(dict.fromkeys(row for row in single if type(row) is int and 0 <= row < n))


def parse_points(typed: str, n: int) -> tuple[list[int], list[str]]:
    """A typed list such as ``"3, 10-12"`` as rows, and the parts that name none.

    Full-width commas and dashes do as well. Ranges are cut at the last row; each row comes once.
    """
    rows: dict[int, None] = {}
    wrong: list[str] = []
    for part in re.split(r"[\s,，、;；]+", re.sub(r"\s*[-–—~～]\s*", "-", typed[:LISTED].strip())):
        found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", part)
        if found is None or not int(found[1]) <= (last := int(found[2] or found[1])) or int(found[1]) >= n:
            wrong += [part] if part else []
            continue
        rows.update(dict.fromkeys(range(int(found[1]), min(last, n - 1) + 1)))
    return list(rows), wrong
