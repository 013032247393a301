"""What a page sees of a map while it forms."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from genlab.latent import forming
from genlab.latent.forming import keep_in, latest
from genlab.latent.points import collect
from tests.latent.models import Critic, pictures

POINTS = collect(Critic(), pictures(), "features", 24, 0)


def test_the_latest_layout_replaces_the_one_before_once_in_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map.forming"
    coords = np.random.default_rng(0).normal(size=(24, 3)).astype(np.float32)
    watch = keep_in(path, POINTS)
    assert latest(path) is None
    watch(0, coords, 3.0)
    watch(10, 2 * coords, 2.0)  # too soon after the first to be looked at
    kept = latest(path)
    assert kept is not None
    assert (kept.step, kept.kl) == (0, 3.0)
    assert_array_equal(kept.labels, POINTS.labels)
    assert np.linalg.norm(kept.coords, axis=1).max() == pytest.approx(1.0)
    assert_allclose(kept.coords[:, 0] * coords[0, 0], coords[:, 0] * kept.coords[0, 0], rtol=1e-5)
    monkeypatch.setattr(forming, "SECONDS", 0.0)
    watch(20, 5 * coords, 1.0)
    again = latest(path)
    assert again is not None
    assert again.step == 20
    assert_allclose(again.coords, kept.coords, rtol=1e-5)  # larger, and drawn as large


def test_of_many_points_some_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forming, "MOST", 7)
    keep_in(tmp_path / "map.forming", POINTS)(0, np.ones((24, 2), np.float32), 1.0)
    kept = latest(tmp_path / "map.forming")
    assert kept is not None
    assert kept.coords.shape == (7, 2)
    assert_array_equal(kept.labels, POINTS.labels[[0, 3, 7, 11, 15, 19, 23]])


def test_a_deleted_run_does_not_come_back(tmp_path: Path) -> None:
    keep_in(tmp_path / "gone" / "map.forming", POINTS)(0, np.ones((24, 2), np.float32), 1.0)
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04"])
def test_a_damaged_file_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "map.forming").write_bytes(content)
    assert latest(tmp_path / "map.forming") is None
