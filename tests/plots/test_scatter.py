"""Figures hold exactly the points they were given, and each point knows its number."""

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from genlab.plots.groups import Words, groups
from genlab.plots.palette import PETROFF_10, UNKNOWN_COLOUR, style
from genlab.plots.scatter import scatter
from genlab.plots.theme import ink
from genlab.plots.variance import explained_variance

AXES = ("first", "second", "third")


def figure(labels: list[int], generated: list[bool], classes: int = 12, **options) -> go.Figure:
    n = len(labels)
    coords = np.arange(n * 3, dtype=np.float32).reshape(n, 3)
    names = [f"class {i}" for i in range(classes)]
    return scatter(coords, groups(np.array(labels), names, np.array(generated), Words()), AXES, **options)


@given(st.lists(st.tuples(st.integers(-1, 11), st.booleans()), min_size=1, max_size=40))
def test_every_point_is_drawn_once_where_it_belongs(points):
    labels, generated = [p[0] for p in points], [p[1] for p in points]
    drawn = {}
    for trace in figure(labels, generated).data:
        places = np.stack([trace[axis] for axis in "xyz"], axis=1)
        for row, place in zip(trace.customdata, places, strict=True):
            assert int(row) not in drawn
            drawn[int(row)] = place.tolist()
    assert drawn == {i: [3.0 * i, 3.0 * i + 1, 3.0 * i + 2] for i in range(len(points))}


def test_a_trace_a_class_in_order_then_the_generated():
    names = [trace.name for trace in figure([1, 0, -1, 0], [False, False, True, False]).data]
    assert names == ["class 0", "class 1", "generated"]


def test_names_tell_real_from_generated_and_labelled_from_not():
    assert [t.name for t in figure([-1, -1], [False, True]).data] == ["real", "generated"]
    assert [t.name for t in figure([-1, -1], [False, False]).data] == ["no class"]
    assert [t.name for t in figure([2, 2], [False, True]).data] == ["class 2", "class 2 (generated)"]


def test_generated_points_have_open_marks_and_plotly_takes_all_of_them():
    drawn = figure(list(range(-1, 50)) * 2, [False] * 51 + [True] * 51, classes=50)
    symbols = [trace.marker.symbol for trace in drawn.data]
    assert not any(s.endswith("-open") for s in symbols[:51])
    assert all(s.endswith("-open") or s in ("x", "cross") for s in symbols[51:])


def test_the_first_fifty_classes_all_look_different():
    assert len({style(label) for label in range(50)}) == 50
    assert style(-1) == (UNKNOWN_COLOUR, "circle")
    assert style(0)[0] == PETROFF_10[0] == style(10)[0]


def contrast(colour: str, other: str) -> float:
    """WCAG contrast ratio of two ``#rrggbb`` colours."""

    def luminance(text: str) -> float:
        parts = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(colour), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("dark", "page"), [(False, "#ffffff"), (True, "#0e1117")])
def test_ink_reads_and_marks_show_on_both_pages(dark, page):
    assert contrast(ink(dark)[0], page) > 7
    assert all(contrast(colour, page) > 1.4 for colour in (*PETROFF_10, UNKNOWN_COLOUR))


def test_marked_points_get_rings_with_letters():
    rings = figure([0, 0, 0], [False] * 3, marked=[2, 0]).data[-1]
    assert rings.text == ("A", "B")
    assert_allclose(rings.x, [6, 0])
    assert rings.showlegend is False


def test_a_class_name_is_never_markup_in_a_label():
    named = groups(np.array([0]), ["<b>%{x}"], np.array([False]), Words())
    drawn = scatter(np.zeros((1, 3), np.float32), named, AXES).data[0]
    assert "<b>" not in drawn.hovertemplate
    assert "%{x}" not in drawn.hovertemplate


def test_arrays_that_do_not_fit_are_refused():
    one = groups(np.zeros(1, int), ["a"], np.zeros(1, bool), Words())
    with pytest.raises(ValueError, match="title for each axis"):
        scatter(np.zeros((1, 2), np.float32), one, AXES)
    with pytest.raises(ValueError, match="one of the groups"):
        scatter(np.zeros((3, 3), np.float32), one, AXES)


def test_explained_variance_colours_the_axes_of_the_map():
    drawn = explained_variance(np.array([0.5, 0.3, 0.1]), 2, ("component", "share"), dark=True)
    assert list(drawn.data[0].y) == [0.5, 0.3, 0.1]
    assert list(drawn.data[0].marker.color) == [PETROFF_10[0], PETROFF_10[0], UNKNOWN_COLOUR]
    assert drawn.layout.font.color == ink(True)[0]
