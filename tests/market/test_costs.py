"""The account adds up: against numbers worked out by hand, and as it must behave whatever the assumptions."""

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.market.costs import Assumptions, CostError, account, tornado

# By hand: 3,600,000 pictures at 1,000 a second are an hour; an hour costs 0.17 + 100 W x 0.30 a kWh = 0.20; five
# trainings and two hours at 20 make 41. Half pass, so 2,000 are drawn, at 2,000 an hour: 0.20; judging each for 1.8 s
# is another hour of a person: 20. By hand a thousand take 3 minutes each: 50 hours, 1,000.
BY_HAND = Assumptions(
    train_images=3_600_000, train_speed=1000, runs=5, sample_speed=2000 / 3600, accepted=0.5, watts=100, kwh_price=0.30,
    machine_price=0.17, wage=20, setup_hours=2, review_seconds=1.8, human_minutes=3, monthly_items=100,
    upkeep_hours=0, slip_cost=0,
)  # fmt: skip

positive = st.floats(1e-3, 1e6)
share = st.floats(1e-3, 1)


def amount(most):
    """Nothing, or enough that products of amounts keep all their digits."""
    return st.just(0.0) | st.floats(1e-6, most)


anything = st.builds(
    Assumptions, train_images=positive, train_speed=positive, runs=st.floats(1, 100), sample_speed=positive,
    accepted=share, watts=amount(1e4), kwh_price=amount(10), machine_price=amount(100),
    wage=amount(1000), setup_hours=amount(1e4), review_seconds=amount(1e4),
    human_minutes=positive, monthly_items=positive, upkeep_hours=amount(1e4), slip_cost=amount(1000),
)  # fmt: skip


def test_the_account_is_what_it_is_by_hand():
    made = account(BY_HAND)
    assert made.run_hours == pytest.approx(1)
    assert made.run_kwh == pytest.approx(0.1)
    assert made.run_cost == pytest.approx(0.20)
    assert made.upfront == pytest.approx(41)
    assert made.drawn == pytest.approx(2000)
    assert made.thousand == pytest.approx(20.20)
    assert made.thousand_by_hand == pytest.approx(1000)
    assert made.saved == pytest.approx(0.9798)
    assert made.monthly == pytest.approx(97.98)
    assert made.items == pytest.approx(41.8453, abs=1e-4)
    assert made.months == pytest.approx(0.418453, abs=1e-6)


def test_upkeep_and_mistakes_are_taken_off_by_hand():
    # A loss of 0.18 an item makes a thousand cost 200.20 and saves 0.7998 an item, 79.98 a month; of that an hour of
    # upkeep at 20 leaves 59.98, and 41 are earned back in 0.6836 months.
    made = account(replace(BY_HAND, slip_cost=0.18, upkeep_hours=1))
    assert made.thousand == pytest.approx(200.20)
    assert made.saved == pytest.approx(0.7998)
    assert made.monthly == pytest.approx(59.98)
    assert made.months == pytest.approx(41 / 59.98)
    assert made.items == pytest.approx(4100 / 59.98)
    kept = account(replace(BY_HAND, upkeep_hours=5))  # 100 of upkeep eat up 97.98
    assert kept.saved > 0
    assert kept.monthly == pytest.approx(-2.02)
    assert kept.months == math.inf


def test_what_saves_nothing_never_pays_back():
    slow = account(replace(BY_HAND, human_minutes=0.06))  # a thousand by hand in an hour: 20, against 20.20
    assert slow.saved == pytest.approx(-0.0002)
    assert slow.items == slow.months == math.inf


@given(anything)
def test_the_parts_fit_together_whatever_is_assumed(given_):
    made = account(given_)
    assert made.upfront >= given_.runs * made.run_cost * (1 - 1e-9)
    assert made.drawn >= 1000
    assert made.saved * 1000 == pytest.approx(made.thousand_by_hand - made.thousand, rel=1e-6, abs=1e-6)
    if math.isfinite(made.months):
        assert made.months * made.monthly == pytest.approx(made.upfront, rel=1e-6)
    else:
        assert made.monthly <= 1e-300


@given(anything, st.floats(1.01, 10))
def test_a_stricter_gate_and_a_slower_machine_never_make_it_cheaper(given_, factor):
    made = account(given_)
    assert account(replace(given_, accepted=given_.accepted / factor)).thousand >= made.thousand
    assert account(replace(given_, train_speed=given_.train_speed / factor)).upfront >= made.upfront
    assert account(replace(given_, human_minutes=given_.human_minutes * factor)).saved >= made.saved


def test_the_tornado_puts_first_what_matters_most():
    bars = tornado(BY_HAND, {"kwh_price": (0.1, 0.6), "setup_hours": (1, 4), "human_minutes": (1.5, 6)})
    assert [bar.name for bar in bars] == ["human_minutes", "setup_hours", "kwh_price"]
    # By hand: 41 over 0.4798 and 1.9798 an item; 21 and 81 over 0.9798 an item; each at 100 items a month.
    assert (bars[0].at_low, bars[0].at_high) == pytest.approx((0.854523, 0.207092), abs=1e-6)
    assert bars[0].swing == pytest.approx(0.647431, abs=1e-6)
    assert (bars[1].at_low, bars[1].at_high) == pytest.approx((0.214330, 0.826699), abs=1e-6)


def test_a_bar_that_ends_where_nothing_is_earned_back_is_the_widest():
    bars = tornado(BY_HAND, {"setup_hours": (0, 1000), "human_minutes": (0.01, 3), "review_seconds": (1, 2)})
    assert bars[0].name == "human_minutes"
    assert bars[0].at_low == bars[0].swing == math.inf
    never = replace(BY_HAND, human_minutes=0.01)
    assert tornado(never, {"watts": (50, 200)})[0].swing == 0


@given(anything)
def test_an_assumption_that_does_not_move_moves_nothing(given_):
    ends = {field.name: (getattr(given_, field.name),) * 2 for field in fields(given_)}
    for bar in tornado(given_, ends, lambda made: made.thousand):
        assert bar.at_low == bar.at_high == account(given_).thousand
        assert bar.swing == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"train_speed": 0}, "train_speed is zero"),
        ({"accepted": 0}, "accepted is zero"),
        ({"accepted": 1.2}, "share"),
        ({"runs": 0.5}, "at least 1"),
        ({"wage": -1}, "not below zero"),
        ({"kwh_price": math.nan}, "not below zero"),
        ({"watts": math.inf}, "not below zero"),
    ],
)
def test_what_nothing_can_be_computed_from_is_refused(wrong, said):
    with pytest.raises(CostError, match=said):
        replace(BY_HAND, **wrong)


def test_a_range_the_wrong_way_round_is_refused():
    with pytest.raises(CostError, match="smaller number first"):
        tornado(BY_HAND, {"wage": (30, 10)})
