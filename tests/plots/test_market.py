"""The figures of the Market page: what goes where, and what is never drawn over something else."""

import math

import pytest

from genlab.plots.balance import Balance, Weighed, balance_figure
from genlab.plots.dots import decades, dots
from genlab.plots.field import Field, Spot
from genlab.plots.field_figure import field_figure
from genlab.plots.matrix import matrix
from genlab.plots.radar import radar
from genlab.plots.ratings import Rated, ratings, spread, wrapped
from genlab.plots.timeline import Dated, lanes, place, timeline_figure
from genlab.plots.tornado import Swing, tornado_figure
from genlab.plots.verdicts import Bar, verdict_bars

LEVELS = ("one", "two", "three", "four")


@pytest.mark.parametrize("dark", [False, True])
def test_a_balance_goes_both_ways_and_each_segment_is_a_thing_weighed(dark: bool) -> None:
    a, b, c = (Weighed(key, key.upper()) for key in "abc")
    told = Balance(("one", "two"), ((a,), ()), ((), (b, c)), ("no", "yes"), "n")
    left, left_counts, right, right_counts = balance_figure(told, dark=dark).data
    assert (left.name, list(left.customdata), list(left.y)) == ("no", ["a"], ["one"])
    assert (list(left.base), list(left.x)) == ([0], [-1])
    assert (right.name, list(right.customdata), list(right.hovertext)) == ("yes", ["b", "c"], ["B", "C"])
    assert (list(right.base), list(right.x), list(right.y)) == ([0, 1], [1, 1], ["two", "two"])
    assert [text.strip() for text in left_counts.text] == ["1", "0"]
    assert (list(left_counts.x), list(right_counts.x)) == ([-1, 0], [0, 2])


def test_entries_of_one_place_lie_apart_and_nearer_to_it_than_to_the_next() -> None:
    places = spread([Rated(str(n), "x", 2, 3, 1, 1) for n in range(16)])
    assert all(math.dist(place, (2, 3)) < 0.5 for place in places)
    assert min(math.dist(a, b) for i, a in enumerate(places) for b in places[:i]) > 0.09
    assert places[0] == (2, 3)


def test_a_map_of_ratings_keeps_keys_sizes_and_colours_together() -> None:
    entries = [Rated("a", "A", 1, 4, 2, 3), Rated("b", "B", 4, 1, 4, 1), Rated("c", "C", 2, 2, 1, 3)]
    figure = ratings(entries, ("x", "y"), LEVELS, (LEVELS, LEVELS))
    assert [trace.name for trace in figure.data] == list(LEVELS)
    assert [list(trace.customdata) for trace in figure.data] == [["b"], [], ["a", "c"], []]
    small, large = figure.data[2].marker.size[1], figure.data[0].marker.size[0]
    assert small < figure.data[2].marker.size[0] < large
    assert len({trace.marker.color for trace in figure.data}) == 4


def test_names_of_levels_are_broken_into_short_lines() -> None:
    assert wrapped("In products, with a person") == "In products,<br>with a<br>person"
    assert wrapped("\u8ba9\u505a\u4e0d\u5230\u7684\u4e8b") == "\u8ba9\u505a\u4e0d\u5230\u7684<br>\u4e8b"
    assert wrapped("Research") == "Research"


def test_bars_of_answers_have_each_part_once_and_frame_what_is_given() -> None:
    bars = [Bar("q", "aabb", LEVELS, 1), Bar("r", "bbbb", LEVELS, 3)]
    figure = verdict_bars(bars, {"a": "A", "b": "B"})
    parts = sorted((y, base) for trace in figure.data for y, base in zip(trace.y, trace.base, strict=True))
    assert parts == [(name, at + 0.5) for name in "qr" for at in range(4)]
    assert list(figure.data[0].customdata) == ["one", "two"]
    assert [(shape.x0 + shape.x1) / 2 for shape in figure.layout.shapes] == [2, 4]


def test_events_stand_in_their_row_at_their_month() -> None:
    figure = timeline_figure([Dated("a", "A", 2014, 6, 1), Dated("b", "B", 1960, 0, 0)], ("ideas", "pictures"))
    ideas, pictures = figure.data
    assert (list(ideas.x), list(ideas.customdata)) == ([pytest.approx(-49.5 * 0.12)], ["b"])
    assert (list(pictures.x), list(pictures.customdata)) == ([pytest.approx(4 + 5.5 / 12)], ["a"])
    assert list(figure.layout.yaxis.ticktext) == ["ideas", "pictures"]
    assert list(figure.layout.yaxis.tickvals) == [ideas.y[0], pictures.y[0]]
    assert ideas.y[0] < pictures.y[0]


def test_years_stand_wider_apart_where_most_happens_and_in_their_order() -> None:
    assert [place(year) for year in (1910, 2010, 2020)] == [pytest.approx(-12), 0, 10]
    years = [place(year) for year in (1948, 2009.9, 2010, 2010.1, 2026)]
    assert years == sorted(years)


def test_events_of_one_time_lie_in_lanes_of_their_own() -> None:
    assert lanes([0.0, 0.1, 5.0, 0.2, 1.2]) == [0, 1, 0, 2, 0]
    assert lanes([]) == []


def test_a_tornado_starts_at_the_outcome_and_never_is_beyond_all_else() -> None:
    low, high = tornado_figure([Swing("a", 1.0, 6.0), Swing("b", math.inf, 2.0)], 3.0, ("l", "h"), "x", "never").data
    assert low.base == high.base == 3.0
    assert [low.base + length for length in low.x] == pytest.approx([1.0, 6.0 * 1.15])
    assert [high.base + length for length in high.x] == pytest.approx([6.0, 2.0])
    assert list(low.customdata) == ["1", "never"]


def test_a_field_shows_all_names_and_ones_own() -> None:
    spots = [Spot(1, 2, ("a", "b")), Spot(3, 3, ("c",))]
    figure = field_figure(Field("t", "x", "y", 0.6, 4.4, 2.5, ("p", "q", "r", "s"), spots, Spot(2, 4, ("mine",))))
    others, own = figure.data
    assert list(others.text) == ["a<br>b", "c"]
    assert (own.x[0], own.y[0], own.text[0]) == (2, 4, "mine")
    assert [(note.text, note.x, note.y) for note in figure.layout.annotations] == [
        ("<b>p</b>", 4.4, 4.4), ("<b>q</b>", 0.6, 4.4), ("<b>r</b>", 4.4, 0.6), ("<b>s</b>", 0.6, 0.6),
    ]  # fmt: skip


class TestDots:
    def test_every_value_and_each_mean_is_drawn_in_its_row(self):
        figure = dots(["a", "b"], {"stored": [[1, 3], [5]], "own": [[2], []]}, "x", log=False)
        stored, means, own, own_means = figure.data
        assert list(stored.x) == [1, 3, 5]
        assert [round(y) for y in stored.y] == [0, 0, 1]
        assert list(means.x) == [2, 5]
        assert (list(own.x), list(own_means.x)) == ([2], [2])
        assert stored.y[0] != own.y[0]
        assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first row is at the top

    def test_one_set_needs_no_legend_and_may_go_by_decades(self):
        figure = dots(["a"], {"stored": [[1.0, 100.0]]}, "x", log=True)
        assert figure.layout.xaxis.type == "log"
        assert list(figure.layout.xaxis.tickvals) == [1, 2, 5, 10, 20, 50, 100]
        assert not figure.layout.showlegend

    def test_values_within_a_decade_have_ticks_between_them(self):
        assert [tick for tick in decades([240.0, 720.0]) if 240 < tick < 720] == [300, 400, 500, 600]


class TestMatrix:
    def test_cells_bear_their_keys_and_counts_and_the_chosen_one_a_frame(self):
        rows, columns = {"r": "Row", "s": "Other"}, {"c": "Column", "d": "Second"}
        figure = matrix(rows, columns, {("r", "c"): 3, ("s", "d"): 6, ("s", "c"): 0}, ("r", "c"))
        (cells,) = figure.data
        assert list(cells.customdata) == ["r|c", "s|d"]
        assert list(cells.text) == ["3", "6"]
        assert list(cells.marker.color) == [0.5, 1.0]
        assert list(cells.marker.line.width) == [3, 0]
        assert list(matrix(rows, columns, {("r", "c"): 3}, (None, None)).data[0].marker.line.width) == [0]
        assert not list(matrix(rows, columns, {}, (None, None)).data[0].x or ())


class TestRadar:
    def test_a_line_is_closed_and_what_is_missing_is_a_gap(self):
        figure = radar(["a", "b", "c"], {"one": [(1.0, "x"), None, (0.5, "y")]})
        (line,) = figure.data
        assert list(line.r) == [1.0, None, 0.5, 1.0]
        assert list(line.theta) == ["a", "b", "c", "a"]
        assert line.connectgaps is False
