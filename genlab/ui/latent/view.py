"""Looking at a map: the points, what they are, how far to trust them, and the pictures behind a selection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from genlab.ui import links, shell, text, words
from genlab.ui.i18n import t
from genlab.ui.latent import canvas, walk
from genlab.ui.latent.overlay import Overlay
from genlab.ui.latent.selection import LISTED, checked_rows, parse_points
from genlab.ui.latent.sheets import is_dark, sheet

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.plots.groups import Group
    from genlab.runs.maps import Map

SHOWN: Final = 256
"""Pictures of a selection that are shown; more would not be looked at."""
DRAWN: Final = "_latent_drawn"
"""Session key: the map that points were last selected in, and which points."""
TYPED: Final = "latent_points"
"""Session key of the field for point numbers."""
TABS: Final = ("selection", "walk")


def draw(wanted: Map) -> None:
    """A finished map with all that can be done with it; runs again by itself when points are selected."""
    made = _load(wanted)
    chosen, wrong = _chosen(wanted.key, len(made))
    left, right = st.columns([3, 2], gap="large")
    with right:
        tab, panel = links.tabs(TABS, param="tab", text=lambda key: t(f"latent_tabs.{key}"))
        with panel:
            overlay = _panel(tab, wanted, made, chosen, wrong)
    with left:
        _about(made)
        _map(made, wanted.key, walk.ends(made, chosen) if tab == "walk" else [], chosen, overlay)
        st.caption(t(f"latent.read.{made.spec.method}"))
        if len(made.explained):
            _variance(made)


def _panel(tab: str, wanted: Map, made: Projection, chosen: list[int], wrong: list[str]) -> Overlay:
    """Fill the open tab; what it wants drawn over the map."""
    if tab == "walk":
        return walk.draw(wanted, made, chosen)
    _selection(made, chosen, wrong)
    return Overlay()


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


def _map(made: Projection, key: str, marked: Sequence[int], chosen: Sequence[int], overlay: Overlay) -> None:
    from genlab.plots.groups import Words, groups

    names = Words(t("latent.real"), t("latent.generated"), t("latent.no_class"))
    drawn = groups(made.labels, made.classes, made.generated, names)
    axes = [_axis(made, i) for i in range(made.spec.dims)]
    if made.spec.dims == 3:
        _figure(made, key, drawn, axes, marked)
        return

    def select(sent: object) -> None:
        st.session_state[DRAWN] = (key, checked_rows(sent, len(made)))

    st.caption(t("latent.how_to_select"))
    canvas.draw(
        made, key, drawn, axes, marked=marked, chosen=chosen, overlay=overlay, on_select=select, on_clear=_clear
    )


def _figure(made: Projection, key: str, drawn: Sequence[Group], axes: Sequence[str], marked: Sequence[int]) -> None:
    from genlab.plots.scatter import scatter

    figure = scatter(made.coords, drawn, axes, point=t("latent.point"), dark=is_dark(), marked=marked)
    config = {"displaylogo": False, "scrollZoom": True, "modeBarButtonsToRemove": ["toImage"]}
    st.plotly_chart(figure, key=f"latent_map_{key}", theme=None, config=config, alt=t("latent.alt", n=len(made)))


def _axis(made: Projection, i: int) -> str:
    if made.spec.method == "tsne":
        return f"t-SNE {i + 1}"
    return t("latent.component", i=i + 1, share=f"{made.explained[i]:.1%}")


def _variance(made: Projection) -> None:
    from genlab.plots.variance import explained_variance

    with st.expander(t("latent.variance_chart", k=len(made.explained), share=f"{made.explained.sum():.0%}")):
        figure = explained_variance(
            made.explained, made.spec.dims, (t("latent.component_axis"), t("latent.share_axis")), dark=is_dark()
        )
        st.plotly_chart(figure, theme=None, config={"displayModeBar": False}, key="latent_variance")


def _chosen(key: str, n: int) -> tuple[list[int], list[str]]:
    """The points selected in the map or by number, once each, and what was typed that names none."""
    typed = st.session_state.setdefault(TYPED, links.get("points") or "")
    by_number, wrong = parse_points(str(typed), n)
    of, drawn = st.session_state.get(DRAWN, ("", []))
    return list(dict.fromkeys([*(drawn if of == key else []), *by_number])), wrong


def _selection(made: Projection, chosen: list[int], wrong: list[str]) -> None:
    """The pictures of the selected points, and the field that selects by number."""
    st.text_input(
        t("latent.by_number"), key=TYPED, max_chars=LISTED, placeholder="0, 7, 20-40",
        help=t("latent.by_number_help", last=len(made) - 1), on_change=_typed,
    )  # fmt: skip
    if wrong:
        named = ", ".join(shell.escape(part[:20]) for part in wrong[:3])
        st.warning(t("latent.not_points", what=named, last=len(made) - 1), icon=":material/warning:")
    if not chosen:
        st.caption(t(f"latent.nothing_selected_{made.spec.dims}"))
        return
    rows = np.asarray(chosen[:SHOWN])
    st.caption(_tally(made, chosen))
    st.button(t("latent.clear"), icon=":material/deselect:", key="latent_clear", on_click=_clear, type="tertiary")
    st.image(sheet(made.images[rows]), width="stretch", output_format="PNG", alt=t("latent.sheet_alt", n=len(rows)))


def _clear() -> None:
    st.session_state.pop(DRAWN, None)
    st.session_state[TYPED] = ""
    links.put("points", None)


def _typed() -> None:
    links.put("points", str(st.session_state[TYPED]).strip() or None)


def _tally(made: Projection, chosen: list[int]) -> str:
    """How many of which kind, the most frequent first."""
    kinds = Counter(walk.kind(row, made) for row in chosen)
    named = [f"{count} × {shell.escape(kind)}" for kind, count in kinds.most_common(12)]
    more = " " + t("latent.first_shown", n=SHOWN) if len(chosen) > SHOWN else ""
    return f"{t('latent.selected', n=text.count(len(chosen)))}: {', '.join(named)}.{more}"
