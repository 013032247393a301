"""A map as SVG."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from genlab.plots.cloud import Shades, cloud_svg
from genlab.plots.groups import Group
from genlab.plots.palette import SCALE_LIGHT, UNKNOWN_COLOUR

PLACES = np.array([[0, 0], [2, 0], [0, 1], [2, 1]], np.float32)
GROUPS = [
    Group("a < b", "#3f90da", "circle", False, np.array([0, 3])),
    Group("drawn", "#ffa90e", "diamond", True, np.array([1, 2])),
]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(**more: object) -> ET.Element:
    kwargs = {"title": "A & B", "note": "12 points"} | more
    return ET.fromstring(cloud_svg(PLACES, GROUPS, ("across", "up"), **kwargs))  # type: ignore[arg-type]


def test_every_point_is_a_mark_and_one_unit_is_as_long_up_as_across() -> None:
    root = drawn()
    uses = [(use.get("href"), float(use.get("x", 0)), float(use.get("y", 0))) for use in root.iter(f"{SVG}use")]
    assert [href for href, _, _ in uses] == ["#circle", "#circle", "#diamond", "#diamond"]
    (_, x0, y0), (_, x3, y3), (_, x1, y1), (_, x2, y2) = uses
    assert (x1, y1, x2, y2) == (x3, y0, x0, y3)
    assert x3 - x0 == pytest.approx(2 * (y0 - y3), abs=0.4)  # rounded to a tenth each
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"A & B", "12 points", "across", "up", "a < b (2)", "drawn (2)"} <= set(texts)
    assert {use.get("id") for use in root.find(f"{SVG}defs") or []} == {"circle", "diamond"}


def test_numbers_have_the_colours_of_a_scale_and_its_ends_are_written() -> None:
    values = np.array([0, 1, np.nan, 5], np.float32)
    root = drawn(shades=Shades("trust", values, 0, 1, ("0", "≥ 1")))
    paints = [(g.get("fill"), g.get("stroke"), len(list(g.iter(f"{SVG}use")))) for g in root.iter(f"{SVG}g")]
    assert paints == [
        (SCALE_LIGHT[0], None, 1), (SCALE_LIGHT[-1], None, 1), ("none", SCALE_LIGHT[-1], 1),
        ("none", UNKNOWN_COLOUR, 1),
    ]  # fmt: skip
    assert {"trust", "0", "≥ 1"} <= {text.text for text in root.iter(f"{SVG}text")}


def test_a_long_note_is_told_in_full_and_on_the_paper() -> None:
    note = " · ".join(f"neighbours kept {i}" for i in range(20))
    texts = [(float(text.get("y", 0)), text.text or "") for text in drawn(note=note).iter(f"{SVG}text")]
    lines = [text for y, text in texts if 24 < y < 88 and "kept" in text]
    assert len(lines) == 3
    assert " ".join(lines) == note
    assert all(len(line) < 150 for line in lines)


@pytest.mark.parametrize("places", [[[3, 4]], [[1, 1]] * 4, [[0, 5], [0, 6]], [[1e30, 0], [1e30, 1e30]]])
def test_odd_maps_are_drawn_within_the_paper(places: list) -> None:
    coords = np.array(places, np.float32)
    group = Group("all", "#3f90da", "circle", False, np.arange(len(coords)))
    root = ET.fromstring(cloud_svg(coords, [group], ("across", "up"), title="", note=""))
    for use in root.iter(f"{SVG}use"):
        assert 0 <= float(use.get("x", -1)) <= 960
        assert 0 <= float(use.get("y", -1)) <= 640
