"""The order of pictures."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlab.training.order import Order
from tests.helpers import CPU

SIZES = st.integers(1, 40)
SEEDS = st.integers(0, 2**31 - 1)


@given(size=SIZES, seed=SEEDS, batches=st.lists(st.integers(1, 90), min_size=1, max_size=6))
def test_every_picture_comes_once_an_epoch(size: int, seed: int, batches: list[int]) -> None:
    order = Order(size, seed, CPU)
    seen = torch.cat([order.next(n) for n in batches])
    assert len(seen) == sum(batches)
    for epoch in range(len(seen) // size):
        assert sorted(seen[epoch * size : (epoch + 1) * size].tolist()) == list(range(size))
    rest = seen[len(seen) // size * size :].tolist()
    assert len(set(rest)) == len(rest)
    assert (order.epoch, order.position) == divmod(len(seen), size)


@given(size=SIZES, seed=SEEDS, before=st.lists(st.integers(1, 50), max_size=4), n=st.integers(1, 90))
def test_seeking_equals_walking(size: int, seed: int, before: list[int], n: int) -> None:
    walked, sought = Order(size, seed, CPU), Order(size, seed, CPU)
    for count in before:
        walked.next(count)
    sought.seek(walked.epoch, walked.position)
    assert torch.equal(walked.next(n), sought.next(n))


@given(size=SIZES, seed=SEEDS, cuts=st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_the_stream_does_not_depend_on_how_it_is_cut(size: int, seed: int, cuts: list[int]) -> None:
    cut, whole = Order(size, seed, CPU), Order(size, seed, CPU)
    assert torch.equal(torch.cat([cut.next(n) for n in cuts]), whole.next(sum(cuts)))


def test_epochs_and_seeds_differ() -> None:
    order = Order(100, 0, CPU)
    assert not torch.equal(order.next(100), order.next(100))
    assert not torch.equal(Order(100, 0, CPU).next(100), Order(100, 1, CPU).next(100))


def test_the_order_draws_nothing_from_the_global_generator() -> None:
    before = torch.get_rng_state()
    Order(10, 0, CPU).next(35)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("epoch", "position"), [(-1, 0), (0, -1), (0, 10), (3, 11), (0, 10**12)])
def test_a_place_that_does_not_exist_is_refused(epoch: int, position: int) -> None:
    with pytest.raises(ValueError, match="there is no picture"):
        Order(10, 0, CPU).seek(epoch, position)
