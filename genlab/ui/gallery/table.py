"""What was measured, as a table: for the screen, and as CSV."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from csv import DictWriter
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import streamlit as st

from genlab.ui import shell
from genlab.ui.compare.protocols import HASH_SHOWN, score_text
from genlab.ui.compare.table import NOTHING, heading
from genlab.ui.gallery.entrants import PLAIN, SCORES, Entrant
from genlab.ui.i18n import language, t
from genlab.ui.text import count

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

    from genlab.evaluation.extractor import Extractor

TRAIN: Final = 60
"""Pixels of a column with an icon in it."""


def draw(entrants: Sequence[Entrant], data: str) -> None:
    """The table, how its numbers were measured, and the download."""
    st.subheader(t("models.table"), anchor=False)
    facts = frame(entrants)
    columns = {name: st.column_config.NumberColumn(heading(name), help=_help(name)) for name in SCORES}
    own = {
        name: st.column_config.Column(t(f"models.column.{name}"), help=_own_help(name)) for name in ("given", "seeds")
    }
    st.dataframe(
        styled(entrants, facts),
        hide_index=True,
        placeholder=NOTHING,
        height="content",
        column_config={
            "model": st.column_config.TextColumn(t("models.column.model"), pinned=True),
            "family": st.column_config.TextColumn(t("models.column.family")),
            "train": st.column_config.LinkColumn(
                t("models.column.train"), display_text=":material/play_arrow:", width=TRAIN
            ),
            **columns,
            **own,
        },
    )
    st.caption("  \n".join(map(shell.escape, notes(entrants, data))))
    st.download_button(
        t("models.csv"), data=lambda: csv(entrants, data), file_name=f"genlab-models-{data}.csv", mime="text/csv",
        icon=":material/download:", on_click="ignore", key="models_csv", help=t("models.csv_help"),
    )  # fmt: skip


def _help(score: str) -> str:
    return t(f"compare.score_help.{score}")


def _own_help(column: str) -> str:
    return t(f"models.column_help.{column}")


def frame(entrants: Sequence[Entrant]) -> pd.DataFrame:
    """A row an entrant, its numbers as numbers so that they sort: medians over the seeds."""
    import pandas as pd

    rows = [
        {
            "model": entrant.title,
            "train": train_address(entrant),
            "given": entrant.given,
            **{score: entrant.median(score) for score in SCORES},
            "seeds": entrant.seeds,
            "family": t(f"models.family.{entrant.family}") if entrant.family is not None else None,
        }
        for entrant in entrants
    ]
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def train_address(entrant: Entrant) -> str | None:
    """The Train page with this preset, as an address beside this page's; None for what is no preset."""
    preset = entrant.preset
    if preset is None:
        return None
    return f"train?{urlencode({'lang': language(), 'model': preset.model, 'preset': preset.key})}"


def styled(entrants: Sequence[Entrant], table: pd.DataFrame) -> Styler:
    """The table with its texts in place of its numbers, which still sort as numbers."""
    texts = {score: partial(score_text, score) for score in SCORES if score in table}
    style = table.style.format({"given": lambda given: t("common.unit.seconds", n=given), **texts}, na_rep=NOTHING)
    for i, entrant in enumerate(entrants):
        style = style.format(_always(spread(entrant)), subset=([i], ["fid"]))
    return style


def spread(entrant: Entrant) -> str:
    """The median of the FIDs, with the lowest and the highest where there are several."""
    texts = [score_text("fid", fid) for fid in entrant.ends("fid")]
    middle = score_text("fid", entrant.fid)
    return middle if len(texts) == 1 else f"{middle} ({texts[0]}–{texts[-1]})"


def _always(told: str) -> Callable[[object], str]:
    return lambda _: told


def notes(entrants: Sequence[Entrant], data: str) -> list[str]:
    """How the numbers were measured."""
    from genlab.data import find
    from genlab.evaluation.real import HELD_OUT_MAX
    from genlab.evaluation.score import SIZES

    extractor, source = _extractor(data), find(data)
    how = t(
        "models.measured_with", drawn=count(SIZES["full"]), real=count(min(source.n_test, HELD_OUT_MAX)),
        data=source.title, extractor=extractor.name, hash=extractor.hash[:HASH_SHOWN],
    )  # fmt: skip
    told = [how, t("models.second")]
    if any(entrant.seeds > 1 for entrant in entrants):
        told.append(t("models.several_seeds"))
    if any(entrant.model in PLAIN for entrant in entrants):
        told.append(t("models.plain_told"))
    return told


@st.cache_resource(max_entries=16, show_spinner=False)
def _extractor(data: str) -> Extractor:
    from genlab.evaluation.extractor import extractor_for

    return extractor_for(data)


def csv(entrants: Sequence[Entrant], data: str) -> bytes:
    """The table for other programs: plain numbers, names in English, and what they were measured with."""
    from genlab.evaluation.score import SIZES

    extractor = _extractor(data)
    rows: list[dict[str, Any]] = []
    for entrant in entrants:
        row: dict[str, Any] = {"data": data, "model": entrant.model, "seconds": entrant.given, "seeds": entrant.seeds}
        for score in SCORES:
            found = entrant.ends(score)
            lowest, highest = (found[0], found[-1]) if found else (None, None)
            row |= {score: entrant.median(score), f"{score}_lowest": lowest, f"{score}_highest": highest}
        rows.append(row | {"drawn": SIZES["full"], "extractor": extractor.name, "extractor_hash": extractor.hash})
    file = io.StringIO(newline="")
    writer = DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()
