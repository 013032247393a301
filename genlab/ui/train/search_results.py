"""What came of the trials of a search: the table, and the score over each option that was varied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from genlab.ui import links, shell, words
from genlab.ui.compare import protocols
from genlab.ui.errors import said
from genlab.ui.i18n import t
from genlab.ui.latent.sheets import is_dark
from genlab.ui.text import count

if TYPE_CHECKING:
    import pandas as pd

    from genlab.models.options import OptionField
    from genlab.runs.search import Search
    from genlab.runs.search_plan import Plan, Trial

BEST: Final = "★"
CHART: Final = {"displayModeBar": False}
MOST_FAILURES: Final = 20
PER_ROW: Final = {1: 2, 2: 2, 3: 3, 4: 2}
"""Charts side by side, by how many there are."""


def draw(search: Search) -> None:
    """The results so far, below a sentence on how they were measured."""
    ranked = search.ranked()
    scored = [trial for trial in ranked if trial.outcome == "scored"]
    if not ranked:
        return
    table, columns = _table(search.plan, ranked)
    st.subheader(t("train_search.results"), anchor=False)
    if scored:
        st.caption(shell.escape(_measured(search.plan, scored[0])))
        _charts(search.plan, scored)
        st.markdown(f"**{t('train_search.table')}**")
    else:
        st.info(t("train_search.none_scored"), icon=":material/straighten:")
    st.dataframe(table, hide_index=True, column_config=columns)
    _failures(search.plan, ranked[len(scored) :])


def number(trial: Trial) -> int:
    """Number of a trial's run."""
    return int(trial.run.split("-", 1)[0])


def score_text(plan: Plan, score: float | None) -> str:
    """A score as it is shown."""
    return protocols.score_text(plan.score, score) if score is not None else "–"


def values_text(plan: Plan, trial: Trial) -> str:
    """What a trial tries: "Generator's rate 0.001, Critic's normalisation spectral"."""
    fields = _fields(plan)
    return ", ".join(
        f"{words.option_label(plan.config.model, fields[name])} {_value(value)}"
        for name, value in trial.values.items()
        if name in fields
    )


def _fields(plan: Plan) -> dict[str, OptionField]:
    from genlab.models import MODELS
    from genlab.models.options import option_fields

    return {field.name: field for field in option_fields(MODELS[plan.config.model].Options)}


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return t("train_search.on" if value else "train_search.off")
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _measured(plan: Plan, best: Trial) -> str:
    """What the scores are, and what they were measured with."""
    from genlab.evaluation.score import SIZES

    better = t("train_search.lower" if plan.lower else "train_search.higher")
    told = t(
        "train_search.measured", score=t(f"compare.score.{plan.score}"), better=better, n=count(SIZES[plan.kind]),
        extractor=best.extractor, hash=best.extractor_hash[:12],
    )  # fmt: skip
    if best.floor is None:
        return told
    return t("train_search.floor_told", told=told, floor=score_text(plan, best.floor))


def _charts(plan: Plan, scored: Sequence[Trial]) -> None:
    from genlab.plots.trials import Trials, against

    fields = _fields(plan)
    score, best = t(f"compare.score.{plan.score}"), scored[0]
    varied = [name for name in plan.space if all(name in trial.values for trial in scored)]
    across = PER_ROW.get(len(varied), 3)
    floor = None if best.floor is None else (best.floor, t("train_search.floor"))
    for start in range(0, len(varied), across):
        for column, name in zip(st.columns(across), varied[start : start + across], strict=False):
            field = fields[name]
            option = words.option_label(plan.config.model, field)
            values = [trial.values[name] for trial in scored]
            trials = Trials(
                option=option,
                score=score,
                x=[_value(value) for value in values] if _choices(field) else values,
                y=[trial.score for trial in scored if trial.score is not None],
                names=[f"{t('train_search.column.trial')} {trial.number}" for trial in scored],
                best=0,
                floor=floor,
                in_decades=field.log,
                choices=_choices(field),
            )
            with column:
                st.plotly_chart(
                    against(trials, dark=is_dark()), key=f"search-chart-{name}", theme=None, config=CHART,
                    alt=t("train_search.chart_alt", score=score, option=option),
                )  # fmt: skip


def _choices(field: OptionField) -> tuple[str, ...]:
    """What can be chosen of an option, as it is shown; empty for a number."""
    return tuple(map(_value, (True, False))) if field.kind == "bool" else field.choices


def _table(plan: Plan, ranked: Sequence[Trial]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The trials, the best first, each with a link to its run; and how its columns are shown."""
    import pandas as pd

    fields = _fields(plan)
    varied = [name for name in plan.space if name in fields]
    language = links.get("lang")
    end = f"&lang={language}" if language else ""
    rows = [
        {
            "score": f"{BEST} {score_text(plan, trial.score)}" if place == 0 and trial.score is not None
            else score_text(plan, trial.score),
            **{name: trial.values.get(name) for name in varied},
            "trial": trial.number,
            "run": f"?run={trial.run}{end}" if trial.run else None,
        }
        for place, trial in enumerate(ranked)
    ]  # fmt: skip
    columns: dict[str, Any] = {"score": st.column_config.TextColumn(t(f"compare.score.{plan.score}"), pinned=True)}
    for name in varied:
        title = words.option_label(plan.config.model, fields[name])
        if fields[name].kind in ("int", "float"):
            columns[name] = st.column_config.NumberColumn(title, format="%.4g")
        else:
            columns[name] = st.column_config.TextColumn(title)
            for row in rows:
                row[name] = _value(row[name])
    columns["trial"] = st.column_config.NumberColumn(t("train_search.column.trial"), format="%d")
    columns["run"] = st.column_config.LinkColumn(t("train_search.column.run"), display_text=r"run=0*(\d+)")
    return pd.DataFrame(rows, columns=list(columns)), columns


def _failures(plan: Plan, failed: Sequence[Trial]) -> None:
    """Why trials failed, in their own sentences; the newest where there are many."""
    if failed:
        st.markdown(f"**{t('train_search.failures')}**")
        for trial in failed[-MOST_FAILURES:]:
            told = t("train_search.current", n=trial.number, values=values_text(plan, trial))
            st.caption(shell.escape(f"{told} · {said(trial.why)}"))
