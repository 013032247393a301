"""Whether the numbers of an experiment bear out what a claim predicts.

The rule: for each pair of arms the difference of their means, in the metric's good direction, with its 95 % interval
after Welch. A pair holds where the whole interval lies above the margin, is reversed where it lies below, and is open
otherwise. Where arms are compared by their spread, each value is first replaced by its distance from the median of its
arm (Brown and Forsythe 1974, doi 10.1080/01621459.1974.10482955). A training that failed counts as worse than any that
did not. The experiment supports the claim where all pairs hold, and refutes it where some are reversed and none holds.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from genlab.market.experiments import Experiment, Pair

Outcome = Literal["holds", "reversed", "open"]
Finding = Literal["supported", "partly", "mixed", "refuted", "open", "measured"]
CONFIDENCE = 0.95

Values = Mapping[str, Sequence[float | None]]
"""The metric by arm, one value a seed; None where a loss ceased to be a number."""


@dataclass(frozen=True)
class Compared:
    """A pair after the experiment.

    Attributes
    ----------
    difference, low, high
        By how much the first arm is better, on the experiment's scale, and the ends of the interval; None where a
        training failed or there are fewer than two seeds.
    """

    first: str
    second: str
    margin: float
    difference: float | None
    low: float | None
    high: float | None
    outcome: Outcome


@dataclass(frozen=True)
class Summary:
    """Mean and standard deviation of an arm's values, those of failed trainings left out; None where there are none."""

    mean: float | None
    spread: float | None
    failed: int


def summary(values: Sequence[float | None]) -> Summary:
    """What an arm came to."""
    kept = [value for value in values if value is not None]
    return Summary(
        mean=statistics.fmean(kept) if kept else None,
        spread=statistics.stdev(kept) if len(kept) > 1 else None,
        failed=len(values) - len(kept),
    )


def judge(experiment: Experiment, values: Values) -> tuple[tuple[Compared, ...], Finding]:
    """Each pair compared, and what the experiment says of its claim."""
    compared = tuple(_compare(experiment, pair, values) for pair in experiment.pairs)
    outcomes = [pair.outcome for pair in compared]
    if not outcomes:
        return compared, "measured"
    if "reversed" in outcomes:
        return compared, "mixed" if "holds" in outcomes else "refuted"
    if "holds" in outcomes:
        return compared, "partly" if "open" in outcomes else "supported"
    return compared, "open"


def reproduces(stored: Sequence[float | None], fresh: Sequence[float | None]) -> bool | None:
    """Whether fresh values agree with stored ones: their means differ by no more than two standard errors.

    None where there are fewer than two values on the stored side, which then has no spread.
    """
    before, now = summary(stored), summary(fresh)
    if before.mean is None or before.spread is None or now.mean is None:
        return None
    counts = len(stored) - before.failed, len(fresh) - now.failed
    error = before.spread * math.sqrt(1 / counts[0] + 1 / counts[1])
    return abs(before.mean - now.mean) <= 2 * error + 1e-9 * abs(before.mean)


def _compare(experiment: Experiment, pair: Pair, values: Values) -> Compared:
    first, second = values[pair.first], values[pair.second]
    lost = (sum(value is None for value in first), sum(value is None for value in second))
    if any(lost):
        outcome: Outcome = "open" if lost[0] == lost[1] else "holds" if lost[0] < lost[1] else "reversed"
        return Compared(pair.first, pair.second, pair.margin, None, None, None, outcome)
    if min(len(first), len(second)) < 2:
        return Compared(pair.first, pair.second, pair.margin, None, None, None, "open")
    a, b = (_prepared(experiment, [value for value in side if value is not None]) for side in (first, second))
    # A spread is better small, whatever is good of the values themselves.
    sign = 1.0 if experiment.high_is_good and experiment.statistic == "mean" else -1.0
    difference = sign * (statistics.fmean(a) - statistics.fmean(b))
    half = _half_width(a, b)
    low, high = difference - half, difference + half
    outcome = "holds" if low > pair.margin else "reversed" if high < pair.margin else "open"
    return Compared(pair.first, pair.second, pair.margin, difference, low, high, outcome)


def _prepared(experiment: Experiment, values: Sequence[float]) -> list[float]:
    scaled = [math.log(value) for value in values] if experiment.scale == "log" else list(values)
    if experiment.statistic == "mean":
        return scaled
    middle = statistics.median(scaled)
    return [abs(value - middle) for value in scaled]


def _half_width(a: Sequence[float], b: Sequence[float]) -> float:
    """Half of Welch's interval of the difference of two means."""
    from scipy.stats import t

    errors = [statistics.variance(side) / len(side) for side in (a, b)]
    total = sum(errors)
    if total == 0.0:
        return 0.0
    freedom = total**2 / sum(error**2 / (len(side) - 1) for error, side in zip(errors, (a, b), strict=True))
    return float(t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(total)
