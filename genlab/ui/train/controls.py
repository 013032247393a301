"""What can be done with a run: pause, stop, resume, retune, rename, delete, train again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

import streamlit as st

from genlab.errors import GenlabError
from genlab.ui import carry, navigation, shelf, shell
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.runs.status import Status
    from genlab.runs.store import Run

FACTORS: Final = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Of the learning rates; a run keeps any other that was set from elsewhere."""

MAX_TITLE: Final = 80
Kind = Literal["primary", "secondary", "tertiary"]


def draw(run: Run, status: Status) -> None:
    """The buttons that make sense in this state, in one row."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if run.read_only:
            shelf.copy_button(run)
        else:
            _ends(run, status)
        if run.checkpoints():
            for key in ("samples", "latent"):
                if navigation.has(key):
                    navigation.link(key, t(f"train.do.{key}"), run=run.id)
        if status.is_live and not run.read_only:
            _learning_rate(run)
        if not never_began(run, status):  # which has a button for the same
            button("again", ":material/replay:", lambda: navigation.go("train", **as_query(run)), kind="tertiary")
        if not run.read_only:
            shelf.share(run)
        with st.popover(t("train.do.more"), icon=":material/more_horiz:", type="tertiary"):
            if not run.read_only:
                _rename(run)
            carry.take_away(run)
            if not run.read_only:
                _delete(run)


def _ends(run: Run, status: Status) -> None:
    from genlab.runs import control

    if status.state == "running":
        button("pause", ":material/pause:", lambda: control.pause(run), busy=t("train.do.pausing"))
    if status.is_live:
        button("stop", ":material/stop:", lambda: control.stop(run), busy=t("train.do.stopping"))
    if never_began(run, status):
        button("anew", ":material/tune:", lambda: navigation.go("train", **as_query(run)), kind="primary")
        button("retry", ":material/replay:", lambda: control.resume(run))
    elif status.can_resume:
        button("resume", ":material/play_arrow:", lambda: control.resume(run), kind="primary")


def never_began(run: Run, status: Status) -> bool:
    """Whether a training was refused before its first step, so that there is nothing to go on from."""
    return status.state == "failed" and not status.step and not run.checkpoints()


def button(name: str, icon: str, do: Callable[[], None], *, kind: Kind = "secondary", busy: str | None = None) -> None:
    """A button that does one thing to the run and draws the page anew; an error ends in its sentence."""
    if st.button(t(f"train.do.{name}"), icon=icon, type=kind, key=f"do-{name}"):
        do()
        if busy:
            st.toast(busy, icon=icon)
        else:
            st.rerun()


def as_query(run: Run) -> dict[str, str]:
    """The choices of a run as the address of the page that makes such a training."""
    from genlab.models.presets import PRESETS, presets_for
    from genlab.runs.gate import read_target

    config = run.config
    preset = PRESETS.get(config.preset) or presets_for(config.model)[0]
    query = {"data": config.data, "model": config.model, "preset": preset.key}
    if config.minutes is not None:
        query |= {"budget": "minutes", "minutes": f"{config.minutes:.10g}"}
    else:
        query |= {"budget": "steps", "steps": str(config.total_steps)}
    if config.batch_size != preset.batch_size:
        query[f"{preset.key}.batch_size"] = str(config.batch_size)
    target = read_target(run.path)
    if target is not None and target.score == "fid":
        query["target"] = f"{target.bound:g}"
    if config.seed:
        query["seed"] = str(config.seed)
    for name, value in _differing(preset.options, config.options, config.model).items():
        query[f"{preset.key}.{name}"] = str(value).lower() if isinstance(value, bool) else str(value)
    return query


def _differing(base: dict[str, Any], options: dict[str, Any], model: str) -> dict[str, Any]:
    from genlab.models import MODELS
    from genlab.models.options import option_fields

    standard = {field.name: field.default for field in option_fields(MODELS[model].Options)}
    before, after = {**standard, **base}, {**standard, **options}
    return {name: value for name, value in after.items() if value != before[name]}


def _learning_rate(run: Run) -> None:
    from genlab.runs import control
    from genlab.runs.orders import read_orders

    now = read_orders(run.path).lr_scale
    choices = sorted({*FACTORS, now})
    key = f"lr-{run.id}"
    st.session_state[key] = now

    @shell.guarded
    def change() -> None:
        control.set_lr_scale(run, st.session_state[key])

    with st.popover(t("train.do.lr_now", factor=f"{now:g}"), icon=":material/speed:"):
        st.select_slider(
            t("train.do.lr"), choices, key=key, on_change=change, help=t("train.do.lr_help"),
            format_func=lambda factor: f"×{factor:g}", width=320,
        )  # fmt: skip


def _rename(run: Run) -> None:
    from genlab.runs import control

    with st.form("rename", border=False):
        shown = run.title if run.title != run.id else ""
        title = st.text_input(t("train.do.name"), shown, max_chars=MAX_TITLE, placeholder=run.id)
        if st.form_submit_button(t("train.do.rename"), width="stretch"):
            control.rename(run, title)
            st.rerun()


def _delete(run: Run) -> None:
    from genlab.runs import control

    st.divider()
    sure = st.checkbox(t("train.do.delete_sure"), key=f"sure-{run.id}")
    if st.button(t("train.do.delete"), icon=":material/delete:", disabled=not sure, width="stretch"):
        try:
            with st.spinner(t("train.do.deleting")):
                control.delete(run)
        except GenlabError as error:
            shell.show_error(error)
        else:
            navigation.go("overview")
