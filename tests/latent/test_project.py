"""t-SNE and UMAP: known answers, the same map twice, and honest progress."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.neighbors import NearestNeighbors

from genlab.latent import project
from genlab.latent.project import tsne, umap
from genlab.latent.spec import LatentError, Spec
from genlab.latent.tsne import DESCENTS


def blobs(n: int = 120, width: int = 6, seed: int = 0) -> np.ndarray:
    """Three far-apart clouds."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, width)) + 40.0 * (np.arange(n) % 3)[:, None]).astype(np.float32)


def asked(perplexity: float, dims: int = 2, seed: int = 0) -> Spec:
    return Spec("pixels", "tsne", dims, seed=seed, perplexity=perplexity, quality="fast")


def tied(neighbours: int, dims: int = 2, **values: float) -> Spec:
    return Spec("pixels", "umap", dims, neighbours=neighbours, **values)


@pytest.mark.parametrize("dims", [2, 3])
def test_tsne_twice_is_the_same_map_and_keeps_clouds_apart(dims: int):
    features = blobs()
    first, again = (tsne(features, asked(12, dims, 3)) for _ in range(2))
    assert first.shape == (120, dims)
    assert_array_equal(first, again)
    distance = np.linalg.norm(first[:, None] - first[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (distance.argmin(1) % 3 == np.arange(120) % 3).mean() > 0.9


def test_tsne_tells_how_far_it_is():
    told: list[tuple[float, str, float | None]] = []
    tsne(blobs(), asked(10), lambda *news: told.append(news))
    fractions = [fraction for fraction, _, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert all(0 <= left < 600 for _, _, left in told if left is not None)
    assert [phase for _, phase, _ in told][:2] == ["neighbours", "layout"]


def test_the_map_is_shown_while_it_forms_and_the_last_look_is_the_map():
    seen: list[tuple[int, np.ndarray, float]] = []
    made = tsne(blobs(), asked(10), watch=lambda *look: seen.append(look))
    assert [step for step, _, _ in seen] == list(range(0, DESCENTS["fast"].steps + 1, 10))
    assert_array_equal(seen[-1][1], made)
    assert seen[-1][2] < seen[0][2]


def test_it_takes_one_thread_and_gives_the_others_back():
    threads: list[int] = []
    torch.set_num_threads(2)
    try:
        tsne(blobs(), asked(10), watch=lambda *_: threads.append(torch.get_num_threads()))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert set(threads) == {1}


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (np.zeros((2, 5), np.float32), "too few"),
        (np.zeros((50, 1), np.float32), "too few"),
        (np.ones((50, 5), np.float32), "the same"),
        (np.full((50, 5), np.nan, np.float32), "not finite"),
    ],
)
def test_what_cannot_be_mapped_is_said(features: np.ndarray, said: str):
    with pytest.raises(LatentError, match=said):
        tsne(features, asked(5))
    with pytest.raises(LatentError, match=said):
        umap(features, tied(5))


def test_too_high_a_perplexity_names_the_highest():
    with pytest.raises(LatentError, match="below 40"):
        tsne(blobs(), asked(40))


@pytest.mark.parametrize("dims", [2, 3])
def test_umap_twice_is_the_same_map_and_keeps_clouds_apart(dims: int):
    features = blobs()
    first, again = (umap(features, tied(10, dims, seed=3)) for _ in range(2))
    assert first.shape == (120, dims)
    assert first.dtype == np.float32
    assert_array_equal(first, again)
    distance = np.linalg.norm(first[:, None] - first[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (distance.argmin(1) % 3 == np.arange(120) % 3).mean() > 0.9


def test_umap_tells_how_far_it_is(capfd: pytest.CaptureFixture[str]):
    told: list[tuple[float, str, float | None]] = []
    umap(blobs(), tied(10), lambda *news: told.append(news))
    assert [news[:2] for news in told[:2]] == [(0.0, "neighbours"), (0.0, "layout")]
    epochs = told[2:]
    assert all(phase == "layout" for _, phase, _ in epochs)
    assert [fraction for fraction, _, _ in epochs] == sorted(fraction for fraction, _, _ in epochs)
    assert epochs[-1] == (1.0, "layout", 0.0)
    assert capfd.readouterr() == ("", "")  # its bar is drawn nowhere else


def test_epochs_are_read_by_hand():
    told: list[float] = []
    bar = project._Epochs(lambda fraction, _phase, _left: told.append(fraction))
    for text in ("\r0/200", "\r50/200", "\r", "\n", "\r200/200 "):
        bar.write(text)
    assert told == [0.25, 1.0]


def test_umap_is_umap_learns(monkeypatch: pytest.MonkeyPatch):
    import umap as reference

    features = blobs()
    asked_for = {}
    real = reference.UMAP

    def noted(**options: object) -> object:
        asked_for.update(options)
        return real(**options)

    monkeypatch.setattr(reference, "UMAP", noted)
    umap(features, tied(9, min_dist=0.4))
    assert (asked_for["n_neighbors"], asked_for["min_dist"], asked_for["n_components"]) == (9, 0.4, 2)
    rows, distances = asked_for["precomputed_knn"]
    expected = NearestNeighbors(n_neighbors=9).fit(features).kneighbors(features)
    assert_array_equal(rows, expected[1])
    assert_allclose(distances, expected[0], atol=1e-3)


def test_another_layout_starts_from_other_numbers():
    for made in (lambda again: tsne(blobs(), Spec("z", "tsne", perplexity=10, quality="fast", again=again)),
                 lambda again: umap(blobs(), Spec("z", "umap", neighbours=10, again=again))):  # fmt: skip
        assert not np.array_equal(made(0), made(1))


def test_too_many_neighbours_are_told():
    with pytest.raises(LatentError, match="at most 119 neighbours"):
        umap(blobs(), tied(120))
