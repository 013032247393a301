import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlab.data.split import split_indices


@given(st.lists(st.integers(0, 5), min_size=2, max_size=300), st.floats(0.01, 0.5), st.booleans())
def test_a_split_parts_everything_once_and_evenly(labels, share, labelled):
    classes = torch.tensor(labels)
    train, test = split_indices(classes if labelled else None, len(labels), share)
    assert sorted([*train.tolist(), *test.tolist()]) == list(range(len(labels)))
    assert len(train) >= 1
    assert len(test) == max(1, round(len(labels) * share))
    if labelled:
        for label in set(labels):
            expected = labels.count(label) * len(test) / len(labels)
            assert abs((classes[test] == label).sum().item() - expected) <= 1


def test_a_split_is_fixed_for_good():
    # These numbers must never change: runs and scores made before would mean something else.
    _, test = split_indices(torch.arange(20) % 2, 20, 0.2)
    assert test.tolist() == [10, 11, 16, 17]
    _, other = split_indices(torch.arange(20) % 2, 20, 0.2, seed=1)
    assert other.tolist() == [7, 10, 15, 18]


@pytest.mark.parametrize(("count", "share"), [(1, 0.1), (0, 0.1), (10, 0.0), (10, 0.6)])
def test_what_cannot_be_parted_is_refused(count, share):
    with pytest.raises(ValueError, match=r"parted|share"):
        split_indices(None, count, share)
