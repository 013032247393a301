"""Line charts, as plotly's figures and as SVG: every point where it belongs, and no name that is taken for markup."""

import math
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from genlab.plots.chart import STYLES, Chart, Line, Mark, thin
from genlab.plots.lines import lines
from genlab.plots.svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, number, svg, swatch, ticks
from tests.plots.test_scatter import contrast

SPACE = "{http://www.w3.org/2000/svg}"


def line(x: list[float], y: list[float], style: int = 0, name: str = "a") -> Line:
    return Line(name, np.array(x, float), np.array(y, float), STYLES[style])


def places(drawn: str) -> list[list[tuple[float, float]]]:
    """Where the points of each line of an SVG are."""
    found = []
    for group in ET.fromstring(drawn).findall(f"{SPACE}g"):
        points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", group.find(f"{SPACE}path").get("d"))
        found.append([(float(x), float(y)) for x, y in points])
    return found


def texts(drawn: str) -> list[str]:
    return [element.text for element in ET.fromstring(drawn).iter(f"{SPACE}text")]


@pytest.mark.parametrize("page", ["#ffffff", "#12151c"])
def test_every_run_stands_out_on_both_pages(page):
    assert all(contrast(style.colour, page) >= 3 for style in STYLES)


def test_runs_are_told_apart_without_colour():
    for part in ("colour", "symbol", "sign", "dash"):
        assert len({getattr(style, part) for style in STYLES}) == len(STYLES) == 8


def test_a_figure_holds_the_points_it_was_given():
    figure = lines(Chart("loss", "step", [line([1, 2, 5], [3, 2, 1]), line([2, 4], [7, 8], 3, "b")]), dark=True)
    first, second = figure.data
    assert_allclose(first.x, [1, 2, 5])
    assert_allclose(first.y, [3, 2, 1])
    assert (second.name, second.line.color, second.marker.symbol) == ("b", STYLES[3].colour, STYLES[3].symbol)
    assert first.line.dash == "solid"
    assert second.line.dash == "9px,3px,2px,3px"
    assert figure.layout.title.text == "loss"
    assert figure.layout.xaxis.title.text == "step"
    assert figure.layout.yaxis.type == "linear"


def test_charts_that_share_a_layout_keep_their_own_titles():
    one, other = (lines(Chart(title, "step", [line([1], [1])])) for title in ("one", "other"))
    assert (one.layout.title.text, other.layout.title.text) == ("one", "other")


def test_floor_and_best_are_drawn_after_the_lines():
    chart = Chart("FID", "s", [line([1, 9], [100, 4])], floors=[(0.5, "floor")], best=Mark(9, 4, "best: 4"))
    _, floor, best = lines(chart).data
    assert (list(floor.x), list(floor.y), floor.text[0]) == ([0, 9], [0.5, 0.5], "floor")
    assert (best.x[0], best.y[0], best.text[0]) == (9, 4, "best: 4")
    drawn = texts(svg(chart))
    assert "floor" in drawn
    assert "best: 4" in drawn


@pytest.mark.parametrize(
    ("y", "allowed", "log"),
    [([1, 20], True, False), ([1, 21], True, True), ([1, 21], False, False), ([0, 21], True, False),
     ([-1, 9], True, False)],
)  # fmt: skip
def test_values_far_apart_go_in_decades(y, allowed, log):
    chart = Chart("FID", "s", [line([1, 2], y)], may_be_log=allowed)
    assert chart.is_log is log
    assert lines(chart).layout.yaxis.type == ("log" if log else "linear")


def test_a_floor_far_below_asks_for_decades_too():
    assert Chart("FID", "s", [line([1, 2], [10, 12])], floors=[(0.2, "floor")], may_be_log=True).is_log


def test_names_are_never_markup():
    name = "<b>%{x}</b>&amp;\"'"
    chart = Chart(name, name, [line([1], [1], name=name)], floors=[(2, name)], best=Mark(1, 1, name))
    trace = lines(chart).data[0]
    assert "<b>" not in trace.hovertemplate
    assert "%{x}<" not in trace.hovertemplate.replace("<br>%{x", "")
    assert trace.name == "&lt;b>% {x}&lt;/b>&amp;amp;\"'"
    assert texts(svg(chart)).count(name) == 4


def test_svg_places_by_hand():
    """Two points of a line from (0, 0) to (10, 10): the frame leaves 4 per cent of that height on both sides."""
    ((start, end),) = places(svg(Chart("a", "b", [line([0, 10], [0, 10])])))
    share = 0.4 / 10.8  # of the margin of 0.04 * 10 in all that is shown, from -0.4 to 10.4
    inner = HEIGHT - TOP - BOTTOM
    assert_allclose(start, (LEFT, HEIGHT - BOTTOM - share * inner), atol=0.06)
    assert_allclose(end, (WIDTH - RIGHT, TOP + share * inner), atol=0.06)


def test_svg_decades_are_evenly_apart():
    ((a, b, c),) = places(svg(Chart("a", "b", [line([1, 2, 3], [1, 10, 100])], may_be_log=True)))
    assert_allclose(a[1] - b[1], b[1] - c[1], atol=0.11)


numbers = st.floats(-1.7e308, 1.7e308)


@given(st.lists(st.tuples(st.floats(0, 1e300), numbers), min_size=1, max_size=12), st.booleans())
def test_svg_keeps_every_finite_point_on_the_paper(points, log):
    drawn = svg(Chart("a", "b", [line([x for x, _ in points], [y for _, y in points])], may_be_log=log))
    (found,) = places(drawn)
    assert len(found) == len(points)
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in found)
    assert "nan" not in drawn
    assert "inf" not in drawn


@given(st.floats(-1e200, 1e200), st.floats(1e-200, 1e200))
def test_ticks_are_few_and_within(low, span):
    high = low + span
    if span < 1e-9 * abs(low):
        return
    found = ticks(low, high)
    assert 1 <= len(found) <= 7
    assert all(low - 1e-6 * span <= tick <= high + 1e-6 * span for tick in found)


@pytest.mark.parametrize(
    ("ends", "found"),
    [((0, 10), [0, 2, 4, 6, 8, 10]), ((-3, 7), [-2, 0, 2, 4, 6]), ((0, 0.4), [0, 0.1, 0.2, 0.3, 0.4])],
)
def test_ticks_by_hand(ends, found):
    assert_allclose(ticks(*ends), found)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (12000, "12,000"), (0.05, "0.05"), (2e6, "2e+06"), (-1500, "-1,500"), (1e-7, "1e-07")]
)
def test_numbers_beside_an_axis(value, text):
    assert number(value) == text


def test_a_swatch_is_an_svg_in_its_colour():
    for style in STYLES:
        assert style.colour in swatch(style)
        assert ET.fromstring(swatch(style)).tag == f"{SPACE}svg"


def test_a_short_line_is_not_thinned_and_a_long_one_keeps_its_mean():
    x, y = np.arange(400.0), np.ones(400)
    assert thin(x, y)[0] is x
    x = np.arange(1003.0)
    thinned, values = thin(x, x * 2, most=100)
    assert len(thinned) == len(values) == 100
    assert np.all(np.diff(thinned) > 0)
    assert_allclose(values, 2 * thinned)
    assert_allclose(thinned[0], 4.5)  # the mean of 0 to 9
    assert math.isclose(thinned[-1], 997.0, abs_tol=1.0)
