"""Trainings made to fail, each in its own way, and healthy ones: the doctor tells them apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import torch

from genlab.data import load
from genlab.evaluation.sheet import ScoreSheet
from genlab.models import build
from genlab.models.options import parse_options
from genlab.runs import recorder
from genlab.runs.bounds import POINTS_MIN
from genlab.runs.doctor import diagnose
from genlab.runs.metrics import Row
from genlab.runs.recorder import Recorder
from genlab.runs.store import create_run
from genlab.runs.verdicts import Action, Case, Verdict
from genlab.training.config import RunConfig
from genlab.training.trainer import Trainer
from tests.helpers import CPU, advance, config

POINTS = 20

GAN = {"latent": 16, "generator_layers": "128", "critic_layers": "128", "lr_generator": 2e-3, "lr_critic": 2e-3}
FREE = {**GAN, "r1_gamma": 0.0}
UNBOUND = {**GAN, "objective": "wasserstein", "r1_gamma": 1e-3, "generator_norm": False}
WINNING = {**FREE, "lr_generator": 1e-4, "lr_critic": 1e-2, "critic_steps": 5}
VAE = {"latent": 8, "components": 10, "width": 8, "encoder_layers": "64", "decoder_layers": "64"}
HYBRID = {"latent": 8, "components": 10, "width": 8, "encoder_layers": "64"}


@dataclass(frozen=True)
class Patient:
    """A small training on 8x8 digits."""

    model: str
    options: dict[str, Any]
    steps: int = 400
    pictures: int = 10_000
    seed: int = 0
    config: RunConfig = field(init=False)

    def __post_init__(self) -> None:
        asked = config(self.model, options=self.options, steps=self.steps, batch_size=32, seed=self.seed)
        object.__setattr__(self, "config", asked)

    def rows(self) -> list[Row]:
        """Its curve points, as a recorder writes them."""
        data = load("digits").spread(self.pictures)
        torch.manual_seed(self.seed)
        model = build(self.model, data.shape, self.options, len(data.classes))
        training = Trainer(model, data, self.config, CPU, "fp32")
        writer = Recorder(create_run(self.config), training, held_out=load("digits", "test"))
        rows = []
        for _ in range(POINTS):
            advance(training, self.steps // POINTS)
            rows.append(writer.log())
        return rows


@pytest.fixture(autouse=True)
def always_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "VITALS_SHARE", 1e9)


def told(case: Case) -> dict[str, Verdict]:
    return {verdict.key: verdict for verdict in diagnose(case)}


ILL = {
    "collapse": Patient("gan", {**GAN, "lr_generator": 0.1, "lr_critic": 1e-3, "beta1": 0.9, "generator_norm": False}),
    "critic_strong": Patient("gan", WINNING),
    "vanishing": Patient("gan", {**WINNING, "objective": "minimax"}),
    "critic_weak": Patient("gan", {**GAN, "lr_critic": 1e-5}),
    "posterior": Patient("vae", {**VAE, "beta": 50.0}),
    "overfitting": Patient("gan", GAN, 600, pictures=16),
    "divergence": Patient("gan", {**UNBOUND, "lr_generator": 0.1, "lr_critic": 0.1}),
}

REMEDIES = {
    "collapse": {"lr_generator": 0.01, "lr_critic": 0.01},
    "critic_strong": {"lr_generator": 1e-3, "lr_critic": 1e-3},
    "vanishing": {"objective": "non-saturating"},
    "critic_weak": {"lr_critic": 2e-3},
    "posterior": {"beta": 1.0},
    "overfitting": {"augment": "adaptive"},
    "divergence": {"lr_generator": 0.01, "lr_critic": 0.01},
}


@pytest.mark.parametrize("key", ILL)
def test_what_was_made_to_fail_is_diagnosed(key: str) -> None:
    patient = ILL[key]
    rows = patient.rows()
    steps = [int(row["step"]) for row in rows]
    found = told(Case(rows, patient.config, checkpoints=steps))
    assert key in found
    assert set(found) <= {key, "critic_strong", "vanishing"}
    verdict = found[key]
    assert verdict.severity in ("serious", "warning")
    assert all(any(name in row for row in rows) for name in verdict.curves)
    assert verdict.steps[1] == patient.steps
    assert steps[0] <= verdict.steps[0] < verdict.steps[1]
    assert verdict.action.options == pytest.approx(REMEDIES[key])
    parse_options(type(build(patient.model, (1, 8, 8), patient.options, 10)).Options,
                  {**patient.options, **verdict.action.options})  # fmt: skip
    assert not diagnose(Case(rows[:2], patient.config))  # too little to tell


@pytest.mark.parametrize("key", ["collapse", "critic_strong", "critic_weak", "posterior", "divergence"])
def test_the_remedy_cures(key: str) -> None:
    ill = ILL[key]
    patient = replace(ill, options={**ill.options, **REMEDIES[key]})
    assert diagnose(Case(patient.rows(), patient.config)) == []


def test_a_vae_that_learns_a_handful_by_heart_is_diagnosed() -> None:
    patient = Patient("vae", {**VAE, "decoder": "mlp", "beta": 0.0}, pictures=16)
    verdict = told(Case(patient.rows(), patient.config))["overfitting"]
    assert verdict.sign == "loss"
    assert verdict.evidence["held_out"] > 1.2 * verdict.evidence["training"]
    assert verdict.action == Action({"beta": 0.5}, None)


HEALTHY = {
    "gan": Patient("gan", GAN, 600),
    "gan free": Patient("gan", FREE, 600),
    "wasserstein": Patient("gan", {**FREE, "objective": "wasserstein", "gradient_penalty": 10.0}),
    "hinge": Patient("gan", {**FREE, "objective": "hinge", "critic_norm": "spectral"}),
    "minimax": Patient("gan", {**GAN, "objective": "minimax"}),
    "dcgan": Patient("dcgan", {"latent": 16, "width": 8, "lr_generator": 2e-3, "lr_critic": 2e-3}, 500, seed=1),
    "vae": Patient("vae", VAE, 600),
    "vae textbook": Patient("vae", {**VAE, "latent": 20, "beta": 1.0, "prior": "normal", "decoder": "mlp"}, 600),
    "hybrid": Patient("hybrid", HYBRID, 600),
}


@pytest.mark.parametrize("patient", HEALTHY.values(), ids=HEALTHY)
def test_nothing_bad_is_told_of_a_healthy_training_at_any_moment(patient: Patient) -> None:
    rows = patient.rows()
    for n in range(1, POINTS + 1):
        found = diagnose(Case(rows[:n], patient.config, ended=n == POINTS))
        assert [verdict for verdict in found if verdict.severity != "hint"] == []


def test_a_vae_cut_short_is_still_improving() -> None:
    patient = Patient("vae", {**VAE, "decay_from": 1.0}, 200)
    rows = patient.rows()
    assert diagnose(Case(rows, patient.config, checkpoints=[100, 200])) == []  # it goes on anyway
    (verdict,) = diagnose(Case(rows, patient.config, checkpoints=[100, 200], ended=True))
    assert (verdict.key, verdict.severity, verdict.action) == ("improving", "hint", Action({}, 200))
    assert verdict.evidence["now"] < 0.985 * verdict.evidence["before"]


def curves(n: int = 10, **columns: Any) -> list[Row]:
    """Rows of a long training; a column is a number or a list of them."""
    return [
        {"step": 10 * (i + 1), "seconds": i + 1.0}
        | {name.replace("__", "/").replace("_", " "): v[i] if isinstance(v, list) else v for name, v in columns.items()}
        for i in range(n)
    ]


def gan(rows: Sequence[Row], sheets: Sequence[ScoreSheet] = (), **options: Any) -> Case:
    return Case(rows, config("gan", options=options, steps=100), sheets, checkpoints=[20, 50, 90])


SHEET = ScoreSheet(50, "quick", "digits", "ab", 2000, 359, "test", 0, {"coverage": 0.9, "classes_missed": 0})


def test_a_training_that_stopped_being_numbers_branches_well_before() -> None:
    rows = [*curves(10), {"step": 104, "seconds": 10.4, "diverged": 1.0}]
    (verdict,) = diagnose(gan(rows, lr_critic=0.05))
    assert (verdict.key, verdict.sign, verdict.evidence["step"]) == ("divergence", "numbers", 104)
    assert verdict.action.step == 50
    assert verdict.action.options == pytest.approx({"lr_generator": 1e-4, "lr_critic": 5e-3})


def test_the_branch_is_the_last_checkpoint_before_the_sign_began() -> None:
    good, bad = [0.7] * 5, [0.99] * 10
    (verdict,) = diagnose(gan(curves(15, critic__real_right=good + bad, critic__fake_right=good + bad)))
    assert verdict.action.step == 50
    outlier = [*bad[:7], 0.7, *bad[8:]]
    (verdict,) = diagnose(gan(curves(critic__real_right=outlier, critic__fake_right=bad)))
    assert verdict.action.step is None


def test_a_critic_that_is_right_of_one_kind_only_is_not_strong() -> None:
    assert diagnose(gan(curves(critic__real_right=1.0, critic__fake_right=0.6))) == []


def test_wasserstein_critics_are_not_judged_by_their_sign() -> None:
    for right in (0.0, 1.0):
        rows = curves(critic__real_right=right, critic__fake_right=right)
        assert diagnose(gan(rows)) != []
        assert diagnose(gan(rows, objective="wasserstein", gradient_penalty=10.0)) == []


def test_diversity_that_still_rises_is_no_collapse() -> None:
    rising = [0.03 * (i + 1) for i in range(10)]
    assert diagnose(gan(curves(samples__diversity=rising))) == []
    assert diagnose(gan(curves(samples__diversity=rising[::-1])))[0].key == "collapse"


def test_missed_classes_are_a_collapse_in_the_scores() -> None:
    rows, missing = curves(), replace(SHEET, step=90, scores={"coverage": 0.1, "classes_missed": 7})
    assert diagnose(gan(rows, [SHEET])) == []
    assert diagnose(gan(rows, [missing, replace(SHEET, step=95)])) == []  # it has come back
    (verdict,) = diagnose(gan(rows, [SHEET, missing]))
    assert (verdict.key, verdict.sign, verdict.evidence) == ("collapse", "score", {"missed": 7, "coverage": 0.1})
    assert verdict.action.step == 50


def test_classes_missed_before_anything_was_learned_are_no_collapse() -> None:
    early = replace(SHEET, step=10, scores={"coverage": 0.01, "classes_missed": 9})
    assert diagnose(gan(curves(), [early])) == []
    assert [verdict.key for verdict in diagnose(gan(curves(), [replace(early, step=20)]))] == ["collapse"]


def test_copies_are_told_by_their_score() -> None:
    copying = replace(SHEET, scores={"memorised": 0.97}, floor={"memorised": 0.51})
    assert diagnose(gan(curves(), [replace(copying, scores={"memorised": 0.4})])) == []
    (verdict,) = diagnose(gan(curves(), [copying]))
    assert (verdict.key, verdict.evidence) == ("overfitting", {"share": 0.97, "floor": 0.51})
    assert diagnose(gan(curves(), [copying], augment="fixed"))[0].action.options == {"r1_gamma": 10.0}
    (without,) = diagnose(Case(curves(), config("vqvae", steps=100), [copying]))
    assert without.action is None


def test_a_falling_frechet_distance_is_still_improving() -> None:
    first, last = replace(SHEET, scores={"fid": 10.0}), replace(SHEET, step=100, scores={"fid": 9.0})
    case = replace(gan(curves(), [first, last]), ended=True)
    (verdict,) = diagnose(case)
    assert (verdict.key, verdict.sign, verdict.action) == ("improving", "score", Action({}, 90))
    for other in (replace(last, scores={"fid": 9.6}), replace(last, n=10_000)):
        assert diagnose(replace(case, sheets=[first, other])) == []


def test_nothing_is_told_early() -> None:
    always = curves(critic__real_right=1.0, critic__fake_right=1.0)
    assert diagnose(gan(always[: POINTS_MIN - 1])) == []
    assert diagnose(Case(always, config("gan", steps=1000))) == []  # a tenth of it
    assert diagnose(Case(always, config("gan", minutes=0.5)))[0].key == "critic_strong"
    assert diagnose(Case([], config("gan"))) == []


def test_one_step_after_another_against_a_strong_critic() -> None:
    rows = curves(critic__real_right=1.0, critic__fake_right=1.0)

    def remedy(**options: Any) -> dict[str, Any]:
        return diagnose(gan(rows, **options))[0].action.options

    assert remedy(lr_generator=1e-4, lr_critic=1e-2, r1_gamma=0.0) == {"lr_generator": 1e-3, "lr_critic": 1e-3}
    assert remedy(r1_gamma=0.0, critic_steps=3) == {"critic_steps": 1}
    assert remedy(r1_gamma=0.0) == {"r1_gamma": 1.0}
    assert remedy(lr_generator=1e-6, lr_critic=1e-6) == {"lr_generator": 1e-6, "lr_critic": 1e-6}
    assert remedy(lr_generator=0.004, lr_critic=0.002) == {"lr_generator": 0.002, "lr_critic": 0.001}
