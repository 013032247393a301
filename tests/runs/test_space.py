"""What a search chooses from, and what it tries next."""

import logging
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.errors import GenlabError
from genlab.models.options import ModelError
from genlab.runs.space import MAX_POINTS, Result, SearchError, Span, grid, parse_space, propose

RATE = Span(1e-4, 1e-2, whole=False, log=True)
RATES = st.floats(1e-6, 0.1, allow_subnormal=False)


# --- parsing ---


def test_ranges_and_lists_take_kind_and_scale_from_the_option() -> None:
    texts = [
        "lr_generator=1e-4..1e-2", "lr_critic=1e-4..1e-2/3", "r1_gamma=0..10", "latent=8..64", "r1_gamma_x=1",
    ]  # fmt: skip
    assert parse_space("gan", texts[:4]) == {
        "lr_generator": RATE,
        "lr_critic": (1e-4, 1e-3, 1e-2),
        "r1_gamma": Span(0.0, 10.0, whole=False, log=False),
        "latent": Span(8, 64, whole=True, log=False),
    }
    with pytest.raises(SearchError, match="r1_gamma_x=1"):
        parse_space("gan", texts)


def test_lists_of_every_kind() -> None:
    space = parse_space(
        "gan", ["critic_norm=none,spectral", "generator_norm=true,false", "critic_layers=64,128-64", "r1_gamma=0,1,10"]
    )
    assert space == {
        "critic_norm": ("none", "spectral"),
        "generator_norm": (True, False),
        "critic_layers": ("64", "128-64"),
        "r1_gamma": (0.0, 1.0, 10.0),
    }


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ([], "something to vary"),
        (["lr_generator"], "NAME=LOW..HIGH"),
        (["colour=1,2"], "with one of: latent"),
        (["lr_generator=1e-9..1e-2"], "between 1e-06 and 0.1"),
        (["lr_generator=1e-4..1"], "between 1e-06 and 0.1"),
        (["lr_generator=1e-4,7"], "between 1e-06 and 0.1"),
        (["lr_generator=.."], "is a number"),
        (["lr_generator=nan..1"], "is a number"),
        (["lr_generator="], "is a number"),
        (["lr_generator=1e-2..1e-4"], "begin below its end"),
        (["lr_generator=1e-2..1e-2"], "begin below its end"),
        (["lr_generator=1e-4..1e-2/1"], "cut into 2 to 1000"),
        (["lr_generator=1e-4..1e-2/"], "cut into 2 to 1000"),
        (["lr_generator=1e-4..1e-2/1001"], "cut into 2 to 1000"),
        (["latent=8..10/4"], "only 3 different numbers"),
        (["latent=8.5..10"], "is a number"),
        (["r1_gamma=1"], "use --set r1_gamma=1"),
        (["r1_gamma=1,1.0"], "lists a value twice"),
        (["r1_gamma=1,2", "r1_gamma=3,4"], "names r1_gamma twice"),
        (["critic_norm=none..spectral"], "is no number"),
        (["critic_norm=none,other"], "one of"),
        (["generator_norm=true,maybe"], "true or false"),
    ],
    ids=str,
)
def test_what_makes_no_space_is_one_sentence(texts: list[str], says: str) -> None:
    with pytest.raises(GenlabError, match=says):
        parse_space("gan", texts)


def test_an_unknown_model() -> None:
    with pytest.raises(ModelError, match="no model called"):
        parse_space("diffusion", ["a=1,2"])


@given(st.text(max_size=30))
def test_any_text_is_a_space_or_a_sentence(text: str) -> None:
    for name in ("lr_generator", "latent", "critic_norm", "generator_norm", "critic_layers"):
        try:
            space = parse_space("gan", [f"{name}={text}"])
        except GenlabError:
            continue
        assert list(space) == [name]


@given(RATES, RATES, st.integers(2, 50))
def test_points_of_a_range_rise_from_end_to_end(one: float, other: float, points: int) -> None:
    low, high = sorted((one, other))
    try:
        (values,) = parse_space("gan", [f"lr_generator={low!r}..{high!r}/{points}"]).values()
    except SearchError:
        assert high / low < 1.001  # too close together for so many numbers of six digits
        return
    assert isinstance(values, tuple)
    assert len(values) == points
    assert list(values) == sorted(values)
    assert all(low <= value <= high for value in values)
    assert values[0] == pytest.approx(low, rel=1e-5)
    assert values[-1] == pytest.approx(high, rel=1e-5)
    # Evenly in decades: the middle of an odd number is the geometric mean.
    if points % 2:
        assert values[points // 2] == pytest.approx(math.sqrt(low * high), rel=1e-5)


# --- a grid ---


def test_a_grid_is_the_product_of_the_lists() -> None:
    points = grid(parse_space("gan", ["r1_gamma=0,1,10", "critic_norm=none,spectral"]))
    assert [(point["r1_gamma"], point["critic_norm"]) for point in points] == [
        (0.0, "none"), (0.0, "spectral"), (1.0, "none"), (1.0, "spectral"), (10.0, "none"), (10.0, "spectral"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["lr_generator=1e-4..1e-2"], "needs a number of points"),
        (["lr_generator=1e-4..1e-2/40", "r1_gamma=0..10/30"], "1,200 points, more than 1,000"),
    ],
)
def test_what_makes_no_grid(texts: list[str], says: str) -> None:
    with pytest.raises(SearchError, match=says):
        grid(parse_space("gan", texts))


# --- proposals ---


def tried(texts: list[str], score: object, n: int, lower: bool = True, seed: int = 0) -> list[Result]:
    """The first points of a search whose scores a function tells."""
    space, results = parse_space("gan", texts), list[Result]()
    while len(results) < n and (values := propose(space, results, seed, lower)) is not None:
        results.append(Result(values, score(values)))  # type: ignore[operator]
    return results


def off(values: dict[str, float]) -> float:
    """Decades from the best rate, 3e-3."""
    return abs(math.log10(values["lr_generator"] / 3e-3))


@pytest.mark.parametrize("lower", [True, False])
def test_proposals_close_in_on_the_better_end(lower: bool) -> None:
    """At random, a rate is (3.48^2 + 1.52^2) / 2 / 5 = 1.44 decades off on average; TPE goes on looking around."""
    sign = 1.0 if lower else -1.0
    searches = [
        tried(["lr_generator=1e-6..1e-1"], lambda values: sign * off(values), 25, lower, seed) for seed in range(4)
    ]
    late = [off(result.values) for results in searches for result in results[-10:]]
    assert sum(late) / len(late) < 1.0
    assert all(min(off(result.values) for result in results) < 0.2 for results in searches)


def test_proposals_stay_within_the_space_and_can_be_typed() -> None:
    results = tried(["lr_generator=1e-4..1e-2", "latent=8..10", "critic_norm=none,spectral"], off, 12)
    for result in results:
        assert 1e-4 <= result.values["lr_generator"] <= 1e-2
        assert result.values["lr_generator"] == float(f"{result.values['lr_generator']:.6g}")
        assert isinstance(result.values["latent"], int)
        assert result.values["latent"] in (8, 9, 10)
        assert result.values["critic_norm"] in ("none", "spectral")


def test_ranges_in_decades_are_drawn_in_decades() -> None:
    rates = [propose({"lr": Span(1e-6, 1e-1, False, True)}, [], seed, True) for seed in range(40)]
    below = sum(values is not None and values["lr"] < math.sqrt(1e-6 * 1e-1) for values in rates)
    assert 10 <= below <= 30  # one half of them; drawn evenly, 0.3 % would be


def test_proposals_depend_on_seed_and_results_alone() -> None:
    texts = ["lr_generator=1e-4..1e-2"]
    results = tried(texts, off, 8)
    assert results == tried(texts, off, 8)
    assert results != tried(texts, off, 8, seed=1)
    assert propose(parse_space("gan", texts), results[:6], 0, True) == results[6].values


def test_nothing_is_tried_twice_and_the_end_is_seen() -> None:
    results = tried(["r1_gamma=0,1,10", "critic_norm=none,spectral"], lambda values: values["r1_gamma"], MAX_POINTS)
    assert len(results) == 6
    assert len({tuple(result.values.values()) for result in results}) == 6


def test_failures_are_avoided() -> None:
    def score(values: dict[str, float]) -> float | None:
        return None if values["lr_generator"] > 1e-3 else 1.0

    results = tried(["lr_generator=1e-4..1e-2"], score, 30)
    assert any(result.score is None for result in results[:8])
    assert sum(result.score is None for result in results[-10:]) <= 3  # drawn at random, half of them would be


def test_optuna_writes_nothing_to_the_terminal(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "optuna"):
        propose({"lr": RATE}, [], 0, True)
    assert capfd.readouterr() == ("", "")
    assert any("study" in record.message for record in caplog.records)
