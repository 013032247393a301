"""The player: a component that moves map, snapshots, curves and scores by one cursor of time.

The story goes to the browser once, as bytes, by a mount that shows nothing; the mount that shows the player gets words
and the step. Both are one component, so that they share the module in which stories are kept. While it plays,
nothing is asked of Python; once the cursor rests, its step is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from genlab.ui import text
from genlab.ui.i18n import t
from genlab.ui.latent.about import placed_by
from genlab.ui.replay import story as stories
from genlab.ui.replay.packing import pack

if TYPE_CHECKING:
    from genlab.latent.film import Film
    from genlab.runs.store import Run
    from genlab.ui.replay.story import Story

ASSETS: Final = Path(__file__).parents[1] / "assets" / "replay"
SCRIPTS: Final = ("unpack", "clock", "timeline", "travel", "hover", "chart", "panels", "replay")
"""One module in parts: joined in this order, since a component's script is a single one."""
WORDS: Final = (
    "play", "pause", "speed", "cursor", "at", "of", "images", "seconds", "checkpoint", "keys", "step_axis",
    "map", "samples", "curves", "scores", "no_samples", "no_curves", "no_scores", "no_score_yet",
    "single", "before", "frame", "between", "held", "snapshot", "best", "floor", "sheet_alike", "point",
    "more", "samples_about", "groups",
    "map_alt", "samples_alt", "curves_alt", "scores_alt",
)  # fmt: skip
TICKS: Final = ("snapshot", "checkpoint", "score")


def source() -> str:
    """The component's script."""
    return "\n".join((ASSETS / f"{name}.js").read_text("utf-8") for name in SCRIPTS)


_component = st.components.v2.component(
    "genlab_replay",
    html=(ASSETS / "replay.html").read_text("utf-8"),
    css=(ASSETS / "replay.css").read_text("utf-8"),
    js=source(),
)


def draw(story: Story, key: str, step: int, map_note: str, on_rest: Callable[[object], None]) -> None:
    """Show the player.

    Parameters
    ----------
    story
        What it plays.
    key
        Names the story's content; one that the browser has seen is not sent again.
    step
        Where the cursor stands.
    map_note
        Why there is no map, where there is none.
    on_rest
        Gets whatever the browser sends as the step at which the cursor rests: nothing about it is checked yet.
    """
    name = f"replay_{text.in_key(story.run.id)}"

    def rested() -> None:
        on_rest(st.session_state[name].get("rested"))

    with st.container(gap=None):
        _component(key=f"replay_story_{key}", data=_packed(key, story))
        _component(key=name, data=described(story, key, step, map_note), on_rested_change=rested)


@st.cache_resource(max_entries=4, show_spinner=False)
def _packed(key: str, _story: Story) -> bytes:
    """The bytes of a story, made once for all visitors; the key tells one content from another."""
    return pack(key, _story)


def described(story: Story, key: str, step: int, map_note: str) -> dict[str, Any]:
    """What the player says and how it draws it, in the reader's language."""
    brief, about = ("", "") if story.film is None else _told(story.film, story.run)
    return {
        "key": key,
        "step": step,
        "groups": [] if story.film is None else [_group(group) for group in stories.groups(story.film)],
        "brief": brief,
        "about": about,
        "mapNote": map_note,
        "curves": stories.described_curves(story.rows),
        "scores": stories.described_scores(story.sheets),
        "verdicts": stories.described_verdicts(story.verdicts),
        "words": {
            **{word: t(f"replay.player.{word}") for word in WORDS},
            "legend": {tick: t(f"replay.player.legend.{tick}") for tick in TICKS},
        },
    }


def _group(group: Any) -> dict[str, Any]:
    return {
        "name": group.name, "colour": group.colour, "open": group.generated, "count": text.count(len(group.rows)),
    }  # fmt: skip


def _told(film: Film, run: Run) -> tuple[str, str]:
    """What the points are and how they were placed and aligned: in a line, and at length."""
    numbers = {"real": len(film.images), "generated": film.n_generated, "width": film.width}
    counts = {name: text.count(number) for name, number in numbers.items()}
    what, method = film.spec.what, film.spec.method
    brief = t(f"replay.brief.{method}", what=t(f"replay.brief.{what}", **counts), frames=len(film.frames))
    source = placed_by(run, what, film.width)
    about = [t(f"replay.about.{what}", **counts, source=source), t(f"replay.about.{method}", seed=film.spec.seed)]
    if film.left_out:
        about.append(t("replay.about.left_out", steps=", ".join(text.count(step) for step, _ in film.left_out)))
    return brief, " ".join(about)
