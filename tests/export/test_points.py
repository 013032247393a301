"""Points of a map as a table and as arrays."""

import csv
import io

import numpy as np
import pytest

from genlab.export.points import csv_bytes, npz_bytes
from genlab.latent.points import Points
from genlab.latent.result import Projection, project
from genlab.latent.spec import Spec


@pytest.fixture
def made() -> Projection:
    """Twelve points in the plane, two of them generated and without a class."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(12, 3)).astype(np.float32)
    points = Points(
        what="features", features=features, images=rng.integers(0, 256, (12, 1, 4, 4), dtype=np.uint8),
        labels=np.array([0, 1] * 5 + [-1, -1]), classes=("a,b", 'say "c"'), generated=np.arange(12) >= 10,
        latents=np.full((12, 2), np.nan, np.float32),
    )  # fmt: skip
    return project(Spec("features", n=12), points, step=3)


def test_a_table_names_rows_classes_and_places(made: Projection) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_bytes(made, [11, 1, 2]).decode())))
    assert [(row["row"], row["class"], row["generated"]) for row in rows] == [
        ("11", "", "1"), ("1", 'say "c"', "0"), ("2", "a,b", "0"),
    ]  # fmt: skip
    places = np.array([[row["x"], row["y"]] for row in rows]).astype(np.float32)
    np.testing.assert_array_equal(places, made.coords[[11, 1, 2]])  # nine digits are all a float32 has


def test_arrays_are_read_without_pickles(made: Projection) -> None:
    with np.load(io.BytesIO(npz_bytes(made, [11, 1])), allow_pickle=False) as file:
        assert file["rows"].tolist() == [11, 1]
        np.testing.assert_array_equal(file["images"], made.images[[11, 1]])
        np.testing.assert_array_equal(file["coords"], made.coords[[11, 1]])
        np.testing.assert_array_equal(file["latents"], made.latents[[11, 1]])
        assert [file["classes"][label] for label in file["labels"] if label >= 0] == ['say "c"']
        assert file["generated"].tolist() == [True, False]
