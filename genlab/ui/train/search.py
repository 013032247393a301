"""A search for good options, below the button of a single training: what varies, how, and by which score."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from genlab.errors import GenlabError
from genlab.evaluation.sheet import GOOD_END
from genlab.ui import navigation, shell, words
from genlab.ui.errors import ToldError
from genlab.ui.i18n import t
from genlab.ui.text import count, duration
from genlab.ui.train import options, search_watch

if TYPE_CHECKING:
    from genlab.models.options import OptionField
    from genlab.runs.search_plan import Plan
    from genlab.training.config import RunConfig

MOST_VARIED: Final = 4
MOST: Final = 200
TRIALS: Final = 8
POINTS: Final = 3
MOST_POINTS: Final = 20
WIDE: Final = 4.0
"""A number is tried from a quarter of its value to four times as much; one in decades, from a tenth to ten times."""

SCORES: Final = [name for name, end in GOOD_END.items() if end is not None and name != "label_accuracy"]
"""What can be searched by; the accuracy of labels is known only of models that are told them."""


class FormError(ToldError):
    """What is chosen makes no search; the message says why."""


def draw(config: RunConfig) -> None:
    """The form, in an expander that costs nothing while it is closed.

    Parameters
    ----------
    config
        What all trials have in common: the training that is chosen above.
    """
    from genlab.runs.quotas import check_long_work

    box = st.expander(t("train_search.title"), icon=":material/manage_search:", key="search-box", on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown(t("train_search.lead"))
        try:
            check_long_work()
            plan = _choose(config)
        except GenlabError as error:
            shell.show_error(error)
            st.button(t("train_search.start"), disabled=True, icon=":material/manage_search:")
        else:
            st.markdown(_takes(plan))
            if st.button(t("train_search.start"), icon=":material/manage_search:", key="search-start"):
                from genlab.runs import search_jobs

                navigation.go("train", **{search_watch.PARAM: search_jobs.begin(plan)})
        search_watch.earlier()


def _choose(config: RunConfig) -> Plan:
    """The search that the controls ask for; a GenlabError where they make none."""
    from genlab.runs.search_plan import Plan

    varied = _varied(config)
    left, middle, right = st.columns(3, gap="large", vertical_alignment="bottom")
    with left:
        method = _one_of("method", {key: t(f"train_search.methods.{key}") for key in ("bayes", "grid")})
    with middle:
        kind, low, high, usual = ("points", 2, MOST_POINTS, POINTS) if method == "grid" else ("trials", 1, MOST, TRIALS)
        number = int(
            st.number_input(
                t(f"train_search.{kind}"), low, high, usual, key=f"search-{kind}", help=t(f"train_search.{kind}_help")
            )
        )
    with right:
        score = _one_of("score", {name: t(f"compare.score.{name}") for name in SCORES})
    if not varied:
        raise FormError(t("train_search.nothing"))
    end = f"/{number}" if method == "grid" else ""
    texts = tuple(f"{field.name}={_values(field, config, end)}" for field in varied)
    lower = GOOD_END[score] == "low"
    if method == "bayes":
        return Plan(config, texts, "bayes", min(number, _different(config, texts)), score, lower, "quick")
    plan = Plan(config, texts, "grid", None, score, lower, "quick")
    if plan.wanted > MOST:
        raise FormError(t("train_search.too_many", n=count(plan.wanted), most=MOST))
    return plan


def _varied(config: RunConfig) -> list[OptionField]:
    """The options that are chosen to vary."""
    from genlab.models import MODELS
    from genlab.models.options import option_fields

    fields = {field.name: field for field in option_fields(MODELS[config.model].Options) if field.kind != "layers"}
    # Made here and not by the list, which asks for them outside of this session too, where no language is known.
    labels = {name: words.option_label(config.model, field) for name, field in fields.items()}
    chosen = st.multiselect(
        t("train_search.vary"), list(labels), _at_first(list(fields.values())), key=f"search-vary-{config.model}",
        format_func=labels.__getitem__, max_selections=MOST_VARIED, placeholder=t("train_search.vary_none"),
        help=t("train_search.vary_help"),
    )  # fmt: skip
    return [fields[name] for name in dict.fromkeys(chosen) if name in fields][:MOST_VARIED]


def _one_of(name: str, labels: dict[str, str]) -> str:
    """A choice between a few ids; what a browser sends else counts as the first."""
    chosen = st.selectbox(
        t(f"train_search.{name}"), list(labels), key=f"search-{name}", format_func=labels.__getitem__,
        help=t(f"train_search.{name}_help"),
    )  # fmt: skip
    return chosen if chosen in labels else next(iter(labels))


def _at_first(fields: list[OptionField]) -> list[str]:
    """What is varied where nobody has chosen: the learning rates, else the first number."""
    rates = [field.name for field in fields if field.log]
    numbers = [field.name for field in fields if field.basic and field.kind in ("int", "float")]
    return rates[:2] or numbers[:1]


def _different(config: RunConfig, texts: tuple[str, ...]) -> int:
    """How many different trials there are at most."""
    from genlab.runs.space import Span, parse_space

    space = parse_space(config.model, texts).values()
    return MOST if any(isinstance(values, Span) for values in space) else math.prod(map(len, space))


def _values(field: OptionField, config: RunConfig, end: str) -> str:
    """The controls of one option's range or choices, and what is chosen as a search's plan writes it.

    Parameters
    ----------
    end
        What follows a range.
    """
    label = words.option_label(config.model, field)
    about = words.option_help(config.model, field)
    if field.kind == "bool":
        st.markdown(t("train_search.both", option=shell.escape(label)))
        return "true,false"
    if field.kind == "choice":
        key = f"search-choices-{config.model}-{field.name}"
        told = {value: words.option_choice(field, value) for value in field.choices}
        choices = st.multiselect(label, field.choices, field.choices, key=key, help=about, format_func=told.__getitem__)
        if len(choices) < 2:
            raise FormError(t("train_search.one_choice", option=label))
        return ",".join(choices)
    low, high = _range(field, config.options.get(field.name, field.default), label, about)
    if low >= high:
        raise FormError(t("train_search.backwards", option=label))
    return f"{low!r}..{high!r}{end}"


def _range(field: OptionField, value: float, label: str, about: str) -> tuple[float, float]:
    ends = []
    for column, side, end in zip(st.columns(2), ("from", "to"), span(field, value), strict=True):
        told = t(f"train_search.{side}", option=label)
        key = f"search-{side}-{field.name}-{value:g}"  # another value above begins another range
        with column:
            ends.append(_number(field, told, end, key=key, help=about))
    return ends[0], ends[1]


def _number(field: OptionField, told: str, value: float, **more: Any) -> float:
    if field.kind == "int":
        low, high = (None if bound is None else int(bound) for bound in (field.low, field.high))
        return int(st.number_input(told, low, high, int(value), step=1, **more))
    step = options.step_of(field, value)
    return float(st.number_input(told, field.low, field.high, float(value), step=step, format="%g", **more))


def span(field: OptionField, value: float) -> tuple[float, float]:
    """Where a number is searched unless someone says otherwise: around its value, and within its bounds."""
    low = -math.inf if field.low is None else field.low
    high = math.inf if field.high is None else field.high
    if field.log:
        ends = (value / 10.0, value * 10.0)
    elif high - low <= 1.0:
        ends = (low, high)
    elif value == 0.0:
        ends = (0.0, 10.0 if math.isinf(high) else 10.0 ** round(math.log10(high) / 2.0))
    else:
        ends = (value / WIDE, value * WIDE)
    low, high = max(low, float(f"{ends[0]:.3g}")), min(high, float(f"{ends[1]:.3g}"))
    return (round(low), round(high)) if field.kind == "int" else (low, high)


def _takes(plan: Plan) -> str:
    """How long the search will take, in a sentence."""
    n, config = plan.wanted, plan.config
    if config.minutes is not None:
        each, total = duration(60 * config.minutes), duration(60 * config.minutes * n)
        return t("train_search.takes_minutes", n=n, each=each, total=total)
    steps = config.total_steps or 0
    return t("train_search.takes_steps", n=n, each=count(steps), total=count(steps * n))
