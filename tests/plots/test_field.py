"""The field puts its spots where they belong, and escapes what it is told."""

import re
import xml.etree.ElementTree as ET

import pytest

from genlab.plots.field import EDGE, SIDE, SMALLEST, Field, Spot, field_svg

SPOTS = (Spot(1, 1, ("a",)), Spot(4, 4, ("b", "c", "d", "e")))


def _field():
    return Field("t", "x & y", "z", 1, 4, 2.5, ("A", "B", "C", "D"), SPOTS, Spot(2.5, 4, ("<me>",)))


def test_spots_stand_at_their_places_and_grow_by_area():
    drawn = field_svg(_field())
    circles = re.findall(r'cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', drawn)
    assert [tuple(map(float, circle)) for circle in circles] == [
        (EDGE, EDGE + SIDE, SMALLEST),
        (EDGE + SIDE, EDGE, 2 * SMALLEST),  # four at one place: four times the area
        (pytest.approx(EDGE + SIDE / 2), EDGE, 2 * SMALLEST),
    ]


def test_it_is_well_formed_and_tells_what_it_was_told():
    root = ET.fromstring(field_svg(_field()))
    told = [text for node in root.iter() if (text := node.text)]
    assert {"x & y →", "z →", "A", "B", "C", "D", "a", "b, c, d, e", "<me>"} <= set(told)
