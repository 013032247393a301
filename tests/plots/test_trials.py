"""Scores of trials over an option: where the marks and the floor stand, and how the axes go."""

import numpy as np
import pytest

from genlab.plots.trials import Trials, against

NUMBERS = Trials(
    "Rate", "FID", [0.001, 0.002, 0.1], [20.0, 30.0, 500.0], ["Trial 2", "Trial 1", "<b>"], 0, (1.5, "Floor")
)


def test_every_trial_has_a_mark_and_the_best_a_star() -> None:
    marks, star, floor = against(NUMBERS).data
    assert list(marks.x) == [0.001, 0.002, 0.1]
    assert list(marks.y) == [20.0, 30.0, 500.0]
    assert list(marks.customdata) == ["Trial 2", "Trial 1", "&lt;b>"]
    assert (star.x, star.y) == ((0.001,), (20.0,))
    assert list(floor.y) == [1.5, 1.5]
    assert floor.text[0] == "Floor"


def test_axes_in_decades_bear_a_few_round_numbers() -> None:
    figure = against(Trials("Rate", "FID", [1e-4, 1e-3], [20.0, 30.0], ["a", "b"], 0, in_decades=True))
    assert figure.layout.xaxis.type == "log"
    assert list(figure.layout.xaxis.ticktext) == ["0.0001", "0.0002", "0.0005", "0.001"]
    assert figure.layout.yaxis.type is None
    wide = against(Trials("Rate", "FID", [1e-6, 1e-1], [20.0, 30.0], ["a", "b"], 0, in_decades=True)).layout.xaxis
    np.testing.assert_allclose(wide.tickvals, [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1])
    close = against(Trials("Rate", "FID", [3e-3, 3.1e-3], [20.0, 30.0], ["a", "b"], 0, in_decades=True)).layout.xaxis
    assert (close.type, close.tickvals) == ("log", None)


def test_scores_that_are_far_apart_go_in_decades_and_the_floor_counts() -> None:
    assert against(NUMBERS).layout.yaxis.type == "log"
    assert (
        against(Trials("R", "KID", [1.0, 2.0], [0.5, 100.0], ["a", "b"], 0, (-0.01, "Floor"))).layout.yaxis.type is None
    )


@pytest.mark.parametrize(("floor", "place"), [(0.1, "top right"), (0.9, "bottom right")])
def test_the_floors_name_stays_within(floor: float, place: str) -> None:
    figure = against(Trials("Norm", "Recall", ["none"], [0.5], ["a"], 0, (floor, "Floor"), choices=("batch", "none")))
    assert figure.data[2].textposition == place
    assert list(figure.layout.xaxis.categoryarray) == ["batch", "none"]
