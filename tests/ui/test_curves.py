"""Curves on the screen: thinned, and grouped into charts."""

import pytest

from genlab.ui.curves import groups, vital_groups
from genlab.ui.live import thin


def test_thinned_curves_stay_where_they_were() -> None:
    rows = [{"step": step, "a/loss": float(step % 7)} for step in range(1, 1001)]
    thinned = thin(rows, 400)
    assert len(thinned) == 250
    assert [row["step"] for row in thinned] == list(range(4, 1001, 4))
    assert thinned[0]["a/loss"] == pytest.approx((1 + 2 + 3 + 4) / 4)
    assert thin(rows[:999], 400)[:249] == thinned[:249]
    assert thin(rows[:300], 400) == rows[:300]


def test_curves_are_grouped_by_what_they_mean() -> None:
    rows = [
        {"step": 1, "generator/loss": 1.0, "critic/loss": 2.0, "critic/real right": 0.7},
        {"step": 2, "generator/loss": 1.0, "critic/loss": 2.0, "critic/real right": 0.7, "critic/R1": 9.0},
    ]
    assert groups(rows) == {
        "losses": ["generator/loss", "critic/loss"],
        "shares": ["critic/real right"],
        "parts": ["critic/R1"],
    }


def test_vital_signs_have_charts_of_their_own() -> None:
    rows = [
        {"step": 1, "critic/loss": 2.0, "critic/gradient norm": 1.0, "generator/gradient norm": 1.0},
        {"step": 2, "critic/loss": 2.0, "critic/spectral norm": 1.5, "samples/diversity": 0.7},
    ]
    assert groups(rows) == {"losses": ["critic/loss"]}
    assert vital_groups(rows) == {
        "norms": ["critic/gradient norm", "generator/gradient norm", "critic/spectral norm"],
        "diversity": ["samples/diversity"],
    }


def test_a_model_that_plays_and_encodes_keeps_both_apart() -> None:
    first = {"step": 1, "autoencoder/loss": 200.0, "autoencoder/reconstruction": 180.0, "autoencoder/KL": 20.0}
    second = {"step": 2, "critic/loss": 1.0, "critic/R1": 0.1, "encoder/loss": 90.0, "encoder/reconstruction": 80.0}
    assert groups([first, second]) == {
        "losses": ["critic/loss"],
        "coding": [
            "autoencoder/loss",
            "autoencoder/reconstruction",
            "autoencoder/KL",
            "encoder/loss",
            "encoder/reconstruction",
        ],
        "parts": ["critic/R1"],
    }
    assert groups([first]) == {
        "losses": ["autoencoder/loss"],
        "parts": ["autoencoder/reconstruction", "autoencoder/KL"],
    }
