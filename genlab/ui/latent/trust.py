"""What stands below a map: how it was made, what its axes mean, and how far it can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import shell, text, words
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.latent import loading
from genlab.ui.latent.sheets import is_dark

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from genlab.latent.result import Projection
    from genlab.runs.maps import Map

LIVE_SECONDS: Final = 1.0
STOCHASTIC: Final = ("tsne", "umap")


def draw(wanted: Map, made: Projection) -> None:
    """The panel."""
    stats(made)
    whole = made.spec.method == "pca" and len(made.explained) <= made.spec.dims
    st.caption(t("latent_maps.read.whole" if whole else f"latent_maps.read.{made.spec.method}"))
    with st.expander(t("latent_trust.about"), icon=":material/info:"):
        _explanations(made)
        if made.spec.method in STOCHASTIC:
            live = wanted.again().status().state == "running"
            shell.fragment(run_every=LIVE_SECONDS if live else None)(_stability)(wanted, made, live)
    if len(made.explained):
        _variance(wanted, made)


def stats(made: Projection) -> None:
    """How a map was made and what it keeps, in numbers."""
    st.html(words.stats(facts(made)))


def axes(made: Projection) -> list[str]:
    """What each axis of a map means."""
    spec = made.spec
    if spec.method in STOCHASTIC:
        return [f"{t(f'latent_maps.methods.{spec.method}')} {i + 1}" for i in range(spec.dims)]
    if spec.method == "plane":
        return [t("latent_trust.latent", i=i + 1) for i in range(spec.dims)]
    if spec.method == "axes":
        a, b, c, d = (made.classes[label] for label in spec.axes)
        return [t("latent_trust.towards", a=a, b=b), t("latent_trust.towards", a=c, b=d)]
    return [t("latent_trust.component", i=i + 1, share=f"{made.explained[i]:.1%}") for i in range(spec.dims)]


def facts(made: Projection) -> list[tuple[str, str]]:
    """How a map was made and what it keeps: names and values."""
    told = [
        ("method", t(f"latent_maps.methods.{made.spec.method}")),
        ("points", text.count(len(made))),
        ("step", text.count(made.step)),
        ("kept", f"{made.kept:.0%}"),
        ("trustworthiness", f"{made.trustworthiness:.3f}"),
        ("continuity", f"{made.continuity:.3f}"),
    ]
    if len(made.explained):
        told.append(("variance", f"{made.explained[: made.spec.dims].sum():.1%}"))
    for name, value in made.spec.parameters().items():
        if name == "quality":
            told.append((name, t(f"latent_maps.qualities.{value}")))
        elif name not in ("axes", "again"):
            told.append((name, f"{value:g}"))
    return [(t(f"latent_trust.{name}"), value) for name, value in told]


def _explanations(made: Projection) -> None:
    from genlab.latent.trust import JUDGED, K

    if made.spec.dims == 2:
        across, up = (shell.escape(axis) for axis in axes(made))
        st.markdown(t("latent_trust.axes_mean", across=across, up=up))
    others = max(len(made) - 1, 1)
    st.markdown(t("latent_trust.measures", chance=f"{min(1.0, K / others):.1%}"))
    if len(made) > JUDGED:
        st.caption(t("latent_trust.sampled", n=text.count(JUDGED)))


def _stability(wanted: Map, made: Projection, live: bool) -> None:
    """A second layout of the same points, made when asked for, and how far it agrees with this one.

    Parameters
    ----------
    live
        Whether it runs again by itself, which ends when the second layout is there.
    """
    from genlab.latent.trust import stability
    from genlab.runs import jobs

    st.markdown(f"**{t('latent_trust.stability')}** {t('latent_trust.stability_why')}")
    second = wanted.again()
    status = second.status()
    if live and status.state != "running":
        st.rerun()
    if status.state == "done":
        share = stability(made.coords, loading.load(second).coords)
        st.markdown(t("latent_trust.stable", share=f"{share:.0%}"))
    elif status.state == "running":
        st.progress(status.fraction, t("latent_trust.measuring", percent=f"{status.fraction:.0%}"))
        st.button(t("latent.stop"), icon=":material/stop:", key="latent_again_stop", on_click=jobs.stop, args=(second,))
    else:
        if status.state == "failed":
            st.warning(t("latent_trust.failed", why=shell.escape(said(status.why))), icon=":material/warning:")
        if st.button(t("latent_trust.measure"), icon=":material/casino:", key="latent_again"):
            jobs.start(second)
            st.rerun()


def _variance(wanted: Map, made: Projection) -> None:
    """The chart, drawn only while it is open: the browser loads plotly for it, for which the map would wait."""
    title = t("latent.variance_chart", k=len(made.explained), share=f"{made.explained.sum():.0%}")
    box = st.expander(title, key="latent_variance_box", on_change="rerun")
    if not box.open:
        return
    with box:
        axes = (t("latent.component_axis"), t("latent.share_axis"))
        figure = _variance_chart(wanted.key, axes, is_dark(), made)
        st.plotly_chart(figure, theme=None, config={"displayModeBar": False}, key="latent_variance")


@st.cache_resource(max_entries=32, show_spinner=False)
def _variance_chart(key: str, axes: tuple[str, str], dark: bool, _made: Projection) -> Figure:  # noqa: ARG001  # the key
    """The chart of a map's variance, made once: plotly takes longer over it than a click may take in all."""
    from genlab.plots.variance import explained_variance

    return explained_variance(_made.explained, _made.spec.dims, axes, dark=dark)
