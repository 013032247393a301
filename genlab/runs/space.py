"""What a search may choose from, and what it tries next: every point of a grid, or what Optuna's TPE proposes.

A space is written as a person types it, one option a text: ``lr_critic=1e-4..1e-2`` is a range,
``lr_critic=1e-4..1e-2/5`` five numbers evenly spread over it, and ``critic_norm=none,spectral`` a list. Options that
a slider moves in decades are spread and searched in decades.

TPE, the tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for hyper-parameter optimization"), models
where good and bad results lie in the space, and proposes where the ratio of the two densities is highest.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from genlab.errors import GenlabError
from genlab.models import model_class
from genlab.models.options import OptionField, option_fields, read_option

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study

MAX_POINTS = 1000
"""Of a range, and of a grid: more would not end."""
DIGITS = 6
"""Significant digits of proposed numbers: enough for any option, and still readable."""

STARTUP = 5
"""Trials drawn at random before TPE is asked. Optuna's own 10 would be most of a search of a dozen trials."""
TRIES = 30
"""Proposals that may repeat an earlier trial before others are drawn at random, and as many of those."""


class SearchError(GenlabError):
    """A search cannot be begun or gone on with; the message says why and what to do."""


class Span(NamedTuple):
    """A range of numbers, both ends included."""

    low: float
    high: float
    whole: bool
    log: bool

    def spread(self, points: int) -> tuple[float, ...]:
        """Numbers evenly spread from end to end, in decades where the option moves in decades."""
        shares = [index / (points - 1) for index in range(points)]
        return tuple(dict.fromkeys(self.fitted(self._at(share)) for share in shares))

    def _at(self, share: float) -> float:
        if self.log:
            return float(self.low ** (1.0 - share) * self.high**share)
        return self.low * (1.0 - share) + self.high * share

    def fitted(self, value: float) -> float:
        """The value with six digits, or as a whole number, and within the range."""
        tidy = round(value) if self.whole else float(f"{value:.{DIGITS}g}")
        return min(max(tidy, self.low), self.high)


Space = dict[str, Span | tuple[Any, ...]]
"""Options by name: a range, or the values to choose from."""


class Result(NamedTuple):
    """What came of one point of the space; the score is None where its training failed."""

    values: dict[str, Any]
    score: float | None


def parse_space(model: str, texts: Sequence[str]) -> Space:
    """The space of ``NAME=LOW..HIGH``, ``NAME=LOW..HIGH/POINTS`` and ``NAME=A,B,C``.

    Raises
    ------
    SearchError
        There is nothing to vary, an option is unknown or named twice, or a range or list makes no sense.
    genlab.models.ModelError
        There is no such model, or a value is of another type, out of range or an unknown choice.
    """
    fields = {field.name: field for field in option_fields(model_class(model).Options)}
    space: Space = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals or name not in fields:
            raise SearchError(
                f"--vary takes NAME=LOW..HIGH or NAME=A,B,C with one of: {', '.join(fields)}. It was {text!r}."
            )
        if name in space:
            raise SearchError(f"--vary names {name} twice; give all of its values at once.")
        space[name] = _span(fields[name], values) if ".." in values else _choices(fields[name], values)
    if not space:
        raise SearchError("A search needs something to vary: --vary NAME=LOW..HIGH or --vary NAME=A,B,C.")
    return space


def _choices(field: OptionField, text: str) -> tuple[Any, ...]:
    values = tuple(read_option(field, part) for part in text.split(","))
    if len(set(values)) < len(values):
        raise SearchError(f"--vary {field.name} lists a value twice: {text!r}.")
    if len(values) == 1:
        raise SearchError(f"--vary {field.name} leaves nothing to choose: use --set {field.name}={text} instead.")
    return values


def _span(field: OptionField, text: str) -> Span | tuple[float, ...]:
    if field.kind not in ("int", "float"):
        raise SearchError(f"The option {field.name} is no number: list its values, as in {field.name}=A,B.")
    ends, slash, points = text.partition("/")
    low, _, high = ends.partition("..")
    span = Span(read_option(field, low), read_option(field, high), field.kind == "int", field.log)
    if span.low >= span.high:
        raise SearchError(f"The range of {field.name} must begin below its end; it was {ends!r}.")
    if not slash:
        return span
    if not (points.isascii() and points.isdigit() and len(points) <= 4 and 2 <= int(points) <= MAX_POINTS):
        raise SearchError(f"The range of {field.name} is cut into 2 to {MAX_POINTS} numbers, not {points!r}.")
    values = span.spread(int(points))
    if len(values) < int(points):
        raise SearchError(f"There are only {len(values)} different numbers in {field.name}={text}; ask for fewer.")
    return values


def grid(space: Space) -> list[dict[str, Any]]:
    """All points, the last option changing fastest.

    Raises
    ------
    SearchError
        A range is not cut into points, or there are more than a thousand.
    """
    lists = {}
    for name, values in space.items():
        if isinstance(values, Span):
            raise SearchError(
                f"A grid needs a number of points: --vary {name}={values.low:g}..{values.high:g}/5, or use --bayes."
            )
        lists[name] = values
    size = math.prod(map(len, lists.values()))
    if size > MAX_POINTS:
        raise SearchError(f"The grid has {size:,} points, more than {MAX_POINTS:,}: give fewer values, or use --bayes.")
    return [dict(zip(lists, point, strict=True)) for point in itertools.product(*lists.values())]


def propose(space: Space, results: Sequence[Result], seed: int, lower: bool) -> dict[str, Any] | None:
    """The next point to try, which is none of the earlier ones; None where no other is found.

    It depends on the arguments alone: a search that was killed and begun again tries the same points. A training that
    failed counts as worse than every score, so that its neighbourhood is avoided.

    Parameters
    ----------
    results
        Of all earlier points, in their order.
    seed
        Of the search.
    lower
        Whether low scores are good.
    """
    import numpy as np
    from optuna.samplers import BaseSampler, RandomSampler, TPESampler

    seeds = np.random.SeedSequence([seed, len(results)]).generate_state(2 * TRIES).tolist()
    for attempt, state in enumerate(seeds):
        sampler: BaseSampler = (
            TPESampler(seed=state, n_startup_trials=STARTUP) if attempt < TRIES else RandomSampler(seed=state)
        )
        distributions = {name: _distribution(values) for name, values in space.items()}
        drawn = _study(sampler, distributions, results, lower).ask(distributions).params
        values = {name: _fitted(space[name], value) for name, value in drawn.items()}
        if all(values != result.values for result in results):
            return values
    return None


def _study(
    sampler: Any, distributions: Mapping[str, BaseDistribution], results: Sequence[Result], lower: bool
) -> Study:
    import optuna

    # Its own handler would write to the terminal; handed up, its messages go where those of all others do.
    optuna.logging.disable_default_handler()
    optuna.logging.enable_propagation()
    study = optuna.create_study(sampler=sampler, direction="minimize" if lower else "maximize")
    for result in results:
        # TPE leaves failed trials out, and takes pruned ones, without a value, to be worse than all others.
        state = optuna.trial.TrialState.PRUNED if result.score is None else optuna.trial.TrialState.COMPLETE
        study.add_trial(
            optuna.trial.create_trial(
                state=state, value=result.score, params=result.values, distributions=dict(distributions)
            )
        )
    return study


def _distribution(values: Span | tuple[Any, ...]) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not isinstance(values, Span):
        return CategoricalDistribution(values)
    if values.whole:
        return IntDistribution(int(values.low), int(values.high), log=values.log)
    return FloatDistribution(values.low, values.high, log=values.log)


def _fitted(values: Span | tuple[Any, ...], value: Any) -> Any:
    return values.fitted(value) if isinstance(values, Span) else value
