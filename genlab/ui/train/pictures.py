"""Step one of a training: which pictures, and a look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.ui import links, shell, words
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.text import count, megabytes
from genlab.ui.train import own, preview
from genlab.ui.train.fetching import Download, downloads

if TYPE_CHECKING:
    from genlab.data import Source

DEFAULT: Final = "mnist-5k"
DOWNLOAD_SECONDS: Final = 0.5


def choose() -> Source:
    """Let the user choose a data set, show its pictures, and return it."""
    from genlab.data import available

    sources = {source.name: source for source in available()}
    left, right = st.columns([2, 3], gap="large")
    with left:
        name = links.select(
            t("train.pictures.label"),
            list(sources),
            param="data",
            default=DEFAULT,
            text=lambda key: sources[key].title,
        )
        source = sources[name]
        st.caption(shell.escape(words.data_about(source)))
        st.markdown(shell.escape(facts(source)))
        own.add_button()
        if name.startswith("own:"):
            own.delete_button(source)
    with right:
        look(source)
    return source


def facts(source: Source) -> str:
    """A data set in figures."""
    channels, height, width = source.shape
    colour = t("train.pictures.colour" if channels == 3 else "train.pictures.grey")
    parts = [
        t("train.pictures.count", train=count(source.n_train), test=count(source.n_test)),
        f"{width}×{height} {colour}",
    ]
    if source.n_classes:
        parts.append(t("train.pictures.classes", n=source.n_classes))
    return " · ".join(parts)


def look(source: Source) -> None:
    """Some pictures of a set; where they have to be downloaded, the offer to do so."""
    if source.problem:
        st.error(shell.escape(said(source.problem)), icon=":material/error:")
        return
    if source.cached():
        st.image(
            preview.sheet(source.name, preview.stamp(source.name)),
            width="stretch",
            output_format="PNG",
            alt=t("train.pictures.alt", data=source.title),
        )
        return
    size = megabytes(source.download_mb)
    download = downloads().get(source.name)
    if download is not None and download.is_running:
        _watch(source, download)
        return
    if download is not None and download.progress().error:
        st.error(shell.escape(said(download.progress().error)), icon=":material/cloud_off:")
    st.info(t("train.pictures.not_here", size=size), icon=":material/cloud_download:")
    if st.button(t("train.pictures.download", size=size), icon=":material/download:"):
        downloads().start(source.name)
        st.rerun()


def _watch(source: Source, download: Download) -> None:
    def draw() -> None:
        if not download.is_running:
            st.rerun()
        progress = download.progress()
        total = progress.total or source.download_mb * 1e6
        share = min(1.0, progress.done / total) if total else 0.0
        told = t("train.pictures.downloading", done=megabytes(progress.done / 1e6), total=megabytes(total / 1e6))
        st.progress(share, told)

    shell.fragment(draw, run_every=DOWNLOAD_SECONDS)()
