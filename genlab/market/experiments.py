"""Claims that this lab can test: what is trained, what is measured, and what the claim says will come of it.

An experiment has arms, each trained once a seed. The claim predicts for pairs of arms which is better in one metric.
How a result is judged stands in :mod:`genlab.market.judging`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from genlab.evaluation.sheet import GOOD_END
from genlab.market.claims import claims
from genlab.market.loading import KEY, Text, check_fields, one_of, read, text

if TYPE_CHECKING:
    from genlab.training.config import RunConfig

Kind = Literal["scores", "sharpness", "cost", "membership", "augmentation"]
Flaw = Literal["", "noisy", "blurred", "one-sided"]
Statistic = Literal["mean", "spread"]
Scale = Literal["linear", "log"]

METRICS: dict[str, tuple[Kind, Literal["low", "high"]]] = {
    **{name: ("scores", end) for name, end in GOOD_END.items() if end is not None},
    "sharpness": ("sharpness", "high"),
    "cpu_seconds": ("cost", "low"),
    "membership": ("membership", "high"),
    "accuracy": ("augmentation", "high"),
}
"""What can be measured of an arm: how it is come by, and the end that a pair's first arm is to be nearer to."""

REQUIRED = ("claim", "metric", "data", "seeds", "arms", "question_en", "question_zh", "expects_en", "expects_zh")
OPTIONAL = ("statistic", "scale", "pairs")
ARM_REQUIRED, ARM_OPTIONAL = ("en", "zh"), ("preset", "options", "images", "seconds", "n", "flaw")
PAIR_REQUIRED, PAIR_OPTIONAL = ("first", "second"), ("margin",)
SEEDS_MAX = 20


@dataclass(frozen=True)
class Arm:
    """One way of training.

    Attributes
    ----------
    preset
        What is trained; empty only in an experiment on augmentation, where nothing is generated.
    options
        What differs from the preset.
    images, seconds
        The budget: pictures shown, or seconds of training. One of them, where there is a preset.
    n
        Training pictures, drawn evenly from the classes; None for all of them.
    flaw
        What is done to them first.
    """

    key: str
    title: Text
    preset: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    images: int | None = None
    seconds: float | None = None
    n: int | None = None
    flaw: Flaw = ""


@dataclass(frozen=True)
class Pair:
    """What the claim predicts: in the metric, `first` beats `second` by more than `margin`, which may be below zero."""

    first: str
    second: str
    margin: float = 0.0


@dataclass(frozen=True)
class Experiment:
    """A test of a claim.

    Attributes
    ----------
    claim
        The claim's key.
    question, expects
        What is asked, and what published work lets one expect.
    metric
        A key of METRICS.
    data
        The data set whose held-out pictures are compared with, and from which smaller sets are drawn.
    seeds
        How many, from 0 on.
    statistic
        Whether arms are compared by their means, or by how much seeds differ from their median.
    scale
        Whether differences are taken of values or of their logarithms.
    pairs
        The claim's predictions; none where something is measured without a prediction.
    """

    key: str
    claim: str
    question: Text
    expects: Text
    metric: str
    data: str
    seeds: int
    arms: tuple[Arm, ...]
    pairs: tuple[Pair, ...]
    statistic: Statistic
    scale: Scale

    @property
    def kind(self) -> Kind:
        """How the metric is come by."""
        return METRICS[self.metric][0]

    @property
    def high_is_good(self) -> bool:
        """Which end of the metric is the better one."""
        return METRICS[self.metric][1] == "high"

    @property
    def fingerprint(self) -> str:
        """Changes with whatever changes the numbers: a result with another one is of another experiment."""
        arms = [{name: value for name, value in asdict(arm).items() if name != "title"} for arm in self.arms]
        told = {"metric": self.metric, "data": self.data, "arms": arms}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


@cache
def experiments() -> dict[str, Experiment]:
    """All experiments by key.

    Raises
    ------
    ValueError
        The data are not whole: a fault of this package.
    """
    return {key: experiment_of(key, fields) for key, fields in read("experiments").items()}


def experiment_of(key: str, fields: Mapping[str, Any]) -> Experiment:
    """An experiment from the fields of its table.

    Raises
    ------
    ValueError
        A field is missing, unknown or out of range.
    """
    check_fields(key, fields, REQUIRED, OPTIONAL)
    metric = one_of(key, fields, "metric", METRICS)
    arms = tuple(_arm(key, name, arm, METRICS[metric][0]) for name, arm in fields["arms"].items())
    pairs = tuple(_pair(key, pair, [arm.key for arm in arms]) for pair in fields.get("pairs", ()))
    seeds = fields["seeds"]
    if not KEY.fullmatch(key) or not arms or not isinstance(seeds, int) or not 2 <= seeds <= SEEDS_MAX:
        raise ValueError(f"the experiment {key!r} needs a key, arms and 2 to {SEEDS_MAX} seeds")
    return Experiment(
        key=key,
        claim=one_of(key, fields, "claim", claims()),
        question=text(key, fields, "question_"),
        expects=text(key, fields, "expects_"),
        metric=metric,
        data=fields["data"],
        seeds=seeds,
        arms=arms,
        pairs=pairs,
        statistic=cast(Statistic, one_of(key, {"statistic": "mean", **fields}, "statistic", get_args(Statistic))),
        scale=cast(Scale, one_of(key, {"scale": "linear", **fields}, "scale", get_args(Scale))),
    )


def _arm(experiment: str, key: str, fields: Mapping[str, Any], kind: Kind) -> Arm:
    name = f"{experiment}: {key}"
    check_fields(name, fields, ARM_REQUIRED, ARM_OPTIONAL)
    budgets = [fields[budget] for budget in ("images", "seconds") if budget in fields]
    trains = "preset" in fields
    if len(budgets) != trains or not all(budget > 0 for budget in budgets) or not (trains or kind == "augmentation"):
        raise ValueError(f"the arm {name!r} needs a preset and one budget, images or seconds")
    return Arm(
        key=key,
        title=text(name, fields),
        preset=fields.get("preset", ""),
        options=fields.get("options", {}),
        images=fields.get("images"),
        seconds=fields.get("seconds"),
        n=fields.get("n"),
        flaw=cast(Flaw, one_of(name, {"flaw": "", **fields}, "flaw", get_args(Flaw))),
    )


def _pair(experiment: str, fields: Mapping[str, Any], arms: list[str]) -> Pair:
    check_fields(experiment, fields, PAIR_REQUIRED, PAIR_OPTIONAL)
    if fields["first"] == fields["second"]:
        raise ValueError(f"the experiment {experiment!r} pairs an arm with itself: {fields}")
    return Pair(
        one_of(experiment, fields, "first", arms),
        one_of(experiment, fields, "second", arms),
        float(fields.get("margin", 0.0)),
    )


def config_of(arm: Arm, data: str, seed: int) -> RunConfig:
    """The training of an arm, on the data set of that key.

    Raises
    ------
    genlab.errors.GenlabError
        The preset or one of the options is unknown or out of range.
    """
    from genlab.models.presets import preset
    from genlab.training.config import RunConfig

    chosen = preset(arm.preset)
    return RunConfig(
        data=data,
        model=chosen.model,
        options={**chosen.options, **arm.options},
        preset=chosen.key,
        batch_size=chosen.batch_size,
        seed=seed,
        images=arm.images,
        minutes=None if arm.seconds is None else arm.seconds / 60,
        precision="fp32",
    )
