"""What a generative model costs and when it pays for itself: arithmetic on measured speeds and stated assumptions.

Speeds are measured (images a second of a run in this lab); prices, wages and powers are the reader's assumptions. Money
is in one currency throughout, whichever the reader thinks in. Time is in seconds, hours or months, as each name says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

from genlab.errors import GenlabError

SECONDS_AN_HOUR = 3600
MINUTES_AN_HOUR = 60
WATTS_A_KILOWATT = 1000
THOUSAND = 1000


class CostError(GenlabError):
    """An assumption that nothing can be computed from."""


@dataclass(frozen=True)
class Assumptions:
    """What goes into the account.

    Attributes
    ----------
    train_images
        Pictures shown in one training, each time counted; > 0.
    train_speed
        Pictures shown a second while training, measured; > 0.
    runs
        Trainings until one is good enough, failed ones counted; >= 1.
    sample_speed
        Pictures drawn a second, measured; > 0.
    accepted
        Share of drawn pictures that pass the quality gate; above 0, at most 1.
    watts
        Power that the machine draws while it works, in W; >= 0.
    kwh_price
        Price of electricity, money a kWh; >= 0.
    machine_price
        Rent or wear of the machine without electricity, money an hour; >= 0.
    wage
        What an hour of a person's work costs, money an hour; >= 0.
    setup_hours
        A person's hours until it works: data, code, trials; >= 0.
    review_seconds
        A person's seconds to judge one drawn picture, good or bad; >= 0.
    human_minutes
        A person's minutes to make one item by hand, the baseline; > 0.
    monthly_items
        Items needed a month; > 0.
    upkeep_hours
        A person's hours a month to keep it running: watching, mending, training anew; >= 0.
    slip_cost
        Loss by mistakes that the gate lets through, beyond those of a person, money an accepted item; >= 0.
    """

    train_images: float
    train_speed: float
    runs: float
    sample_speed: float
    accepted: float
    watts: float
    kwh_price: float
    machine_price: float
    wage: float
    setup_hours: float
    review_seconds: float
    human_minutes: float
    monthly_items: float
    upkeep_hours: float
    slip_cost: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not math.isfinite(value) or value < 0:
                raise CostError(f"{field.name} is {value}. Give a number that is not below zero.")
        for name in ("train_images", "train_speed", "sample_speed", "accepted", "human_minutes", "monthly_items"):
            if getattr(self, name) == 0:
                raise CostError(f"{name} is zero, and nothing can be divided by that. Give a number above zero.")
        if self.accepted > 1:
            raise CostError(f"accepted is {self.accepted}, but it is a share. Give a number up to 1.")
        if self.runs < 1:
            raise CostError(f"runs is {self.runs}, but there is no model without a training. Give at least 1.")


@dataclass(frozen=True)
class Account:
    """What comes out.

    Attributes
    ----------
    run_hours, run_kwh, run_cost
        Of one training: h, kWh, money.
    upfront
        Money spent before the first item: all trainings and the set-up.
    drawn
        Pictures drawn for a thousand accepted ones.
    thousand
        Money a thousand accepted pictures: machine, judging and loss by mistakes, without what was spent upfront.
    thousand_by_hand
        Money a thousand items made by a person.
    saved
        Money saved an item against the person; negative where the machine costs more.
    monthly
        Money saved a month, the upkeep taken off; negative where the machine costs more.
    months
        Until the upfront money is earned back; infinite where a month saves nothing.
    items
        Accepted items until then.
    """

    run_hours: float
    run_kwh: float
    run_cost: float
    upfront: float
    drawn: float
    thousand: float
    thousand_by_hand: float
    saved: float
    monthly: float
    months: float
    items: float


def account(given: Assumptions) -> Account:
    """The whole account of some assumptions."""
    hourly = given.machine_price + given.watts / WATTS_A_KILOWATT * given.kwh_price
    run_hours = given.train_images / given.train_speed / SECONDS_AN_HOUR
    upfront = given.runs * run_hours * hourly + given.setup_hours * given.wage
    drawn = THOUSAND / given.accepted
    drawing = drawn / given.sample_speed / SECONDS_AN_HOUR * hourly
    judging = drawn * given.review_seconds / SECONDS_AN_HOUR * given.wage
    thousand = drawing + judging + THOUSAND * given.slip_cost
    by_hand = THOUSAND * given.human_minutes / MINUTES_AN_HOUR * given.wage
    saved = (by_hand - thousand) / THOUSAND
    monthly = given.monthly_items * saved - given.upkeep_hours * given.wage
    months = upfront / monthly if monthly > 0 else math.inf
    return Account(
        run_hours=run_hours,
        run_kwh=run_hours * given.watts / WATTS_A_KILOWATT,
        run_cost=run_hours * hourly,
        upfront=upfront,
        drawn=drawn,
        thousand=thousand,
        thousand_by_hand=by_hand,
        saved=saved,
        monthly=monthly,
        months=months,
        items=months * given.monthly_items,
    )


@dataclass(frozen=True)
class Bar:
    """One bar of a tornado chart: the outcome with one assumption at its low and at its high end, the others as given.

    Attributes
    ----------
    name
        Of the field of :class:`Assumptions`.
    low, high
        The two ends that the assumption was set to.
    at_low, at_high
        The outcome there.
    """

    name: str
    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        """How far apart the outcomes are; infinite where just one of them is."""
        return 0.0 if self.at_low == self.at_high else abs(self.at_high - self.at_low)


def tornado(
    given: Assumptions,
    ranges: Mapping[str, tuple[float, float]],
    outcome: Callable[[Account], float] = lambda made: made.months,
) -> tuple[Bar, ...]:
    """Which assumption matters: each one alone at the ends of its range, the widest bar first.

    Parameters
    ----------
    ranges
        Low and high end by the name of the field; what is not named stays as given.
    outcome
        What is looked at; months to pay back by default.

    Raises
    ------
    CostError
        A range's ends are the wrong way round, or cannot be computed with.
    """
    bars = []
    for name, (low, high) in ranges.items():
        if low > high:
            raise CostError(f"The range of {name} goes from {low} down to {high}. Give the smaller number first.")
        ends = [outcome(account(replace(given, **{name: end}))) for end in (low, high)]
        bars.append(Bar(name, low, high, *ends))
    return tuple(sorted(bars, key=lambda bar: -bar.swing))
