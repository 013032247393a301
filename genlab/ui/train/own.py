"""Pictures of one's own: adding a set, and deleting one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import links, shell
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.text import count

if TYPE_CHECKING:
    from genlab.data import Source
    from genlab.data.own import ImportReport

SIZE: Final = 32
REPORT: Final = "_own_report"
"""Session key of what became of the last import."""
SHOWN: Final = 200


def add_button() -> None:
    """The way to a dialogue that takes a file, and what came of the last one."""
    if st.button(t("train.own.add"), icon=":material/add_photo_alternate:", type="tertiary", key="own-add"):
        st.dialog(t("train.own.title"))(_dialog)()
    report = st.session_state.get(REPORT)
    if report is not None and links.get("data") == report.name:
        _show_report(report)


def delete_button(source: Source) -> None:
    """Delete a set of one's own, after a second click."""
    with st.popover(t("train.own.delete"), icon=":material/delete:", type="tertiary"):
        st.markdown(t("train.own.delete_sure"))
        if st.button(t("train.own.delete_now"), type="primary", key="own-delete"):
            from genlab.data.own import delete_own

            delete_own(source.name.removeprefix("own:"))
            links.put("data", None)
            st.rerun()


@shell.guarded
def _dialog() -> None:
    from genlab.data.own import suggest_name
    from genlab.data.own.bounds import MAX_SIZE, MIN_SIZE

    st.markdown(t("train.own.what"))
    file = st.file_uploader(t("train.own.file"), type=["zip", "npz", "npy"])
    suggestion = suggest_name(file.name.rsplit(".", 1)[0]) if file is not None else ""
    name = st.text_input(
        t("train.own.name"), suggestion, max_chars=40, key=f"own-name-{suggestion}", help=t("train.own.name_help")
    )
    left, right = st.columns(2)
    size = left.number_input(t("train.own.size"), MIN_SIZE, MAX_SIZE, SIZE, step=4, help=t("train.own.size_help"))
    channels = right.segmented_control(
        t("train.own.channels"), ["grey", "colour"], default="grey", required=True,
        format_func=lambda key: t(f"train.own.{key}"),
    )  # fmt: skip
    if st.button(t("train.own.import"), type="primary", disabled=file is None, width="stretch", key="own-import"):
        assert file is not None  # the button is off without one
        _import(file, name, int(size), 3 if channels == "colour" else 1)


def _import(file: st.runtime.uploaded_file_manager.UploadedFile, name: str, size: int, channels: int) -> None:
    from genlab.data.own import import_pictures

    bar = st.progress(0.0, t("train.own.reading"))

    def progress(done: int, total: int, _what: str) -> None:
        if total and done % max(1, total // 50) == 0:
            told = t("train.own.progress", done=count(done), total=count(total))
            bar.progress(min(1.0, done / total), told)

    try:
        report = import_pictures(file, name, size, channels, filename=file.name, progress=progress)
    except GenlabError as error:
        bar.empty()
        shell.show_error(error)
        return
    st.session_state[REPORT] = report
    links.put("data", report.name)
    st.rerun()


def _show_report(report: ImportReport) -> None:
    st.success(t("train.own.done", n=count(len(report.pictures))), icon=":material/check:")
    for note in report.notes:
        st.warning(shell.escape(said(note)), icon=":material/info:")
    if report.skipped:
        with st.expander(t("train.own.skipped", n=count(len(report.skipped)))):
            lines = [_skipped(file, why) for file, why in report.skipped[:SHOWN]]
            if len(report.skipped) > SHOWN:
                lines.append(t("train.own.skipped_more", n=count(len(report.skipped) - SHOWN)))
            st.markdown("\n".join(lines))


def _skipped(file: str, why: str) -> str:
    name = shell.escape(file)
    return "- " + shell.escape(said(f"{file} {why}")).replace(name, f"**{name}**", 1)
