import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlab.data.pictures import Pictures, to_bytes, to_floats


def some(n=4, labelled=True):
    images = torch.arange(n * 12, dtype=torch.uint8).reshape(n, 1, 3, 4)
    return Pictures("some", images, torch.arange(n) % 2 if labelled else None, ("a", "b") if labelled else ())


def test_every_byte_survives_the_round_trip():
    every = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_bytes(to_floats(every)), every)
    assert torch.equal(to_bytes(to_floats(every).to(torch.float64)), every)


def test_the_ends_of_the_range():
    assert to_floats(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1.0, 1.0]
    assert to_bytes(torch.tensor([-7.0, -1.0, 0.0, 1.0, 9.0, float("inf")])).tolist() == [
        0,
        0,
        128,
        255,
        255,
        255,
    ]


@given(st.floats(-4, 4, width=32))
def test_bytes_are_the_nearest_level(value):
    level = to_bytes(torch.tensor([value])).item()
    assert abs(level - min(max((value + 1) * 127.5, 0), 255)) <= 0.5 + 1e-4


def test_conversions_leave_their_input_alone():
    floats = torch.tensor([0.5])
    to_bytes(floats)
    assert floats.item() == 0.5


def test_length_shape_subset_and_device():
    pictures = some()
    assert len(pictures) == 4
    assert pictures.shape == (1, 3, 4)
    assert pictures.to("cpu") is pictures
    chosen = pictures.subset([3, 0])
    assert torch.equal(chosen.images, pictures.images[[3, 0]])
    assert chosen.labels is not None
    assert chosen.labels.tolist() == [1, 0]
    assert chosen.classes == ("a", "b")
    assert some(labelled=False).subset(torch.tensor([1])).labels is None


def test_moving_takes_the_labels_along():
    moved = some().to("meta")
    assert moved.images.device.type == "meta"
    assert moved.labels is not None
    assert moved.labels.device.type == "meta"


@pytest.mark.parametrize(
    ("images", "labels", "classes"),
    [
        (torch.zeros(2, 1, 4, 4), None, ()),
        (torch.zeros(2, 4, 4, dtype=torch.uint8), None, ()),
        (torch.zeros(2, 2, 4, 4, dtype=torch.uint8), None, ()),
        (torch.zeros(0, 1, 4, 4, dtype=torch.uint8), None, ()),
        (torch.zeros(2, 1, 4, 4, dtype=torch.uint8), None, ("a",)),
        (torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64), ("a",)),
        (torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.zeros(2, dtype=torch.int32), ("a",)),
        (torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.tensor([0, 1]), ("a",)),
        (torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.tensor([0, -1]), ("a",)),
    ],
)
def test_parts_that_do_not_fit_are_refused(images, labels, classes):
    with pytest.raises(ValueError, match=r"images|labels|classes"):
        Pictures("bad", images, labels, classes)


@pytest.mark.parametrize(("size", "most", "wanted"), [(10, 3, [0, 4, 9]), (10, 1, [0]), (7, 6, [0, 1, 2, 3, 4, 6])])
def test_a_few_are_spread_over_the_whole_set(size, most, wanted):
    images = torch.arange(size, dtype=torch.uint8).view(-1, 1, 1, 1)
    few = Pictures("some", images, torch.arange(size) % 2, ("a", "b")).spread(most)
    assert few.images.flatten().tolist() == wanted
    assert few.labels.tolist() == [index % 2 for index in wanted]


def test_few_pictures_are_left_as_they_are():
    pictures = Pictures("some", torch.zeros(4, 1, 2, 2, dtype=torch.uint8), None)
    assert pictures.spread(4) is pictures
