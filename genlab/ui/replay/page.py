"""The Replay page: one cursor over the steps of a run moves its map, its pictures, its curves and its scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.latent.spec import LatentError
from genlab.ui import links, navigation, run_picker, shell, text
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.replay import downloads, player
from genlab.ui.replay import story as stories

if TYPE_CHECKING:
    from genlab.latent.film import Film
    from genlab.runs.derived import JobStatus
    from genlab.runs.films import Reel
    from genlab.runs.store import Run
    from genlab.ui.replay.story import Story

LIVE_SECONDS: Final = 1.0
DIGITS: Final = 12
"""Of a step that an address may name."""


def draw() -> None:
    """The page below its heading."""
    run = run_picker.pick()
    reel = _reel(run)
    status, film = (None, None) if reel is None else _film(reel)
    story = stories.read(run, film)
    if story.span == (0, 0) and not story.samples:
        st.info(t("replay.nothing"), icon=":material/hourglass_empty:")
        navigation.link("train", t("replay.watch"), run=run.id)
        return
    if reel is not None and status is not None and status.state != "done":
        _making(reel, status, film)
    shell.fragment(_player)(story, _key(story, reel, status), _note(run, reel, film, status))


def _reel(run: Run) -> Reel | None:
    """The film of the run as it is now; None where there is no checkpoint yet, or no pictures to make it of."""
    from genlab.data import DataError
    from genlab.runs.films import plan

    try:
        return plan(run) if run.checkpoints() else None
    except DataError:
        return None


def _film(reel: Reel) -> tuple[JobStatus, Film | None]:
    """Where the film stands, and the film; while it is not there the last one of this run, if there is one."""
    from genlab.runs.derived import JobStatus

    status = _begun(reel)
    if status.state != "done":
        return status, reel.newest()
    try:
        return status, _read(str(reel.result()), reel.key)
    except LatentError as error:
        return JobStatus("failed", why=str(error)), None


def _begun(reel: Reel) -> JobStatus:
    """Where the film stands; one that is cheap to have is begun without being asked for.

    While a run trains, it is begun at a click: training wants the processor.
    """
    from genlab.data import is_cached
    from genlab.runs import jobs
    from genlab.runs.derived import JobStatus

    status = reel.status()
    if status.state == "absent" and not reel.run.status().is_live and is_cached(reel.run.config.data):
        try:
            jobs.start(reel)
        except GenlabError as error:  # all else is there to be seen
            return JobStatus("failed", why=str(error))
        return reel.status()
    return status


@st.cache_resource(max_entries=4, show_spinner=False)
def _read(path: str, _key: str, /) -> Film:
    """A finished film, shared by all visitors and never changed; the key tells one content from another."""
    from pathlib import Path

    from genlab.latent.film import load

    return load(Path(path))


def _key(story: Story, reel: Reel | None, status: JobStatus | None) -> str:
    """Names what a story holds: another film, another snapshot or another curve point makes another one."""
    film = "-" if story.film is None else f"{len(story.film.frames)}.{story.film.frames[-1].weights[:12]}"
    if reel is not None and status is not None and status.state == "done":
        film = reel.key
    last = story.samples[-1][0] if story.samples else "-"
    return f"{text.in_key(story.run.id)}_{film}_{len(story.samples)}.{last}_{len(story.rows)}.{story.span[1]}"


def _note(run: Run, reel: Reel | None, film: Film | None, status: JobStatus | None) -> str:
    """Why the player has no map, in a sentence; empty where it has one."""
    if film is not None:
        return ""
    if reel is None:
        return t("replay.map.no_pictures" if run.checkpoints() else "replay.map.no_checkpoint")
    return t("replay.map.making" if status is not None and status.state == "running" else "replay.map.absent")


def _making(reel: Reel, status: JobStatus, film: Film | None) -> None:
    """A film that is not there yet: how far it is, or how it ended, and the button that makes it."""
    if status.state == "running":
        shell.fragment(run_every=LIVE_SECONDS)(_progress)(reel)
        return
    if status.state == "failed":
        st.error(shell.escape(said(status.why)), icon=":material/error:")
    elif status.state == "died":
        st.warning(t("replay.map.died"), icon=":material/warning:")
        if log := reel.log_tail():
            with st.expander(t("latent.log")):
                st.code(log, language=None)
    with st.container(horizontal=True, vertical_alignment="center"):
        told = t("replay.map.older", step=text.count(film.steps[-1])) if film is not None else t("replay.map.absent")
        st.caption(told, width="stretch")
        st.button(
            t("replay.map.update" if film is not None else "replay.map.compute"), icon=":material/movie:",
            key="replay_compute", on_click=_start, args=(reel,),
        )  # fmt: skip
    if error := st.session_state.pop("_replay_error", None):
        st.error(shell.escape(error), icon=":material/error:")


def _start(reel: Reel) -> None:
    from genlab.runs import jobs

    try:
        if reel.is_done():  # and damaged, or there were no button
            reel.forget()
        jobs.start(reel)
    except GenlabError as error:
        st.session_state["_replay_error"] = said(error)


def _progress(reel: Reel) -> None:
    status = reel.status()
    if status.state != "running":
        st.rerun()
    words = t("replay.map.progress", phase=t(f"latent.phase.{status.phase}"))
    if status.eta_seconds is not None:
        words += " · " + t("latent.eta", time=text.duration(status.eta_seconds))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(max(status.fraction, 0.0), 1.0), words)
        st.button(t("latent.stop"), icon=":material/stop:", key="replay_stop", on_click=_stop, args=(reel,))


def _stop(reel: Reel) -> None:
    from genlab.runs import jobs

    jobs.stop(reel)


def _player(story: Story, key: str, note: str) -> None:
    """The player, and what leads on from where its cursor rests; runs again by itself each time it comes to rest."""
    if not story.run.is_there:
        raise story.run.gone()
    first, last = story.span
    asked = links.get("step")
    step = checked_step(asked, first, last)
    if asked is not None and step is None:
        links.put("step", None)

    def rest(sent: object) -> None:
        at = checked_step(sent, first, last)
        if at is not None:
            links.put("step", None if at == last else str(at))

    player.draw(story, key, last if step is None else step, note, rest)
    _onward(story, last if step is None else step)


def checked_step(value: object, first: int, last: int) -> int | None:
    """A step that an address or a browser names, as far as it makes sense: whole, and one of the run's."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= DIGITS:
        value = int(value)
    return value if type(value) is int and first <= value <= last else None


def _onward(story: Story, step: int) -> None:
    """Where to go from this step, and what to take along."""
    run = story.run.id
    with st.container(horizontal=True, vertical_alignment="center", key="replay_onward"):
        if story.checkpoints:
            navigation.link("latent", t("replay.to_latent", step=text.count(step)), run=run, step=str(step))
        if story.samples:
            navigation.link("samples", t("replay.to_samples", step=text.count(step)), run=run, step=str(step))
    downloads.draw(story)
