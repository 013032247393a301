"""The diagnosis on a run's page: what it says, and what a click on its remedy starts."""

import json
from pathlib import Path

import pytest

from genlab.runs import branching
from genlab.runs.metrics import append_metrics
from genlab.runs.provenance import Origin
from genlab.runs.store import list_runs, open_run
from genlab.runs.verdicts import Action, Ailment, Verdict
from genlab.ui.i18n import catalogue
from genlab.ui.train import health
from tests.ui.test_train import shown

GAN, VAE = "00002-digits-gan", "00001-digits-vae"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branching, "ensure_workers", lambda: None)
    monkeypatch.setattr("genlab.runs.worker.ensure_workers", lambda: None)


def rewrite(runs: Path, **columns: float) -> None:
    """Give the run of a GAN, which took 3 steps, curves of 10 points."""
    folder = runs / GAN
    config = json.loads((folder / "config.json").read_text())
    config["config"]["steps"] = 10
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "metrics.jsonl").unlink()
    for step in range(1, 11):
        append_metrics(folder, {"step": step, "seconds": float(step), "critic/loss": 1.0, **columns})


STRONG = {"critic/real right": 1.0, "critic/fake right": 0.991}


@pytest.mark.parametrize(
    ("lang", "title", "sentence", "button"),
    [
        ("en", "Critic too strong", "99.1%", "Try Generator's rate 0.0005 and Critic's rate 0.0005, from step 3"),
        ("zh", "判别器过强", "99.1%", "从第 3 步开始"),
    ],
)
def test_a_verdict_shows_its_evidence_and_its_remedy(
    open_page, runs: Path, lang: str, title: str, sentence: str, button: str
) -> None:
    rewrite(runs, **STRONG)
    # Right from the fourth step on only, so that there is a checkpoint from before.
    lines = (runs / GAN / "metrics.jsonl").read_text().splitlines()
    early = [json.dumps({**json.loads(line), "critic/fake right": 0.5}) for line in lines[:3]]
    (runs / GAN / "metrics.jsonl").write_text("\n".join([*early, *lines[3:]]) + "\n")
    app = open_page("train", lang=lang, run=GAN)
    assert not app.exception
    assert title in shown(app)
    assert sentence in shown(app)
    (label,) = [one.label for one in app.button if one.key == "try-critic_strong"]
    assert button in label


def test_a_click_starts_the_branch_and_goes_there(open_page, runs: Path) -> None:
    rewrite(runs, **STRONG)
    app = open_page("train", run=GAN)
    next(one for one in app.button if one.key == "try-critic_strong").click().run()
    assert not app.exception
    made = list_runs()[0]
    assert made.origin == Origin(GAN, None)  # the critic was too strong from the start
    assert made.config.options == {"lr_critic": 5e-4, "lr_generator": 5e-4}
    assert made.status().state == "queued"
    assert app.query_params["run"] == made.id
    assert "A branch of" in shown(app)
    assert "fresh weights" in shown(app)


def test_a_branch_says_where_its_weights_are_from(open_page, runs: Path) -> None:
    made = branching.branch(open_run(GAN), Action({}, 3))
    assert "with its weights of step 3" in shown(open_page("train", run=made.id))
    assert "第 3 步的权重" in shown(open_page("train", lang="zh", run=made.id))


@pytest.mark.parametrize(("lang", "word"), [("en", "Nothing is wrong"), ("zh", "没有问题")])
def test_a_healthy_run_is_told_to_be_well_once_there_is_enough(open_page, runs: Path, lang: str, word: str) -> None:
    assert word not in shown(open_page("train", lang=lang, run=VAE))  # a single point
    rewrite(runs, **{"critic/real right": 0.6, "critic/fake right": 0.7, "samples/diversity": 0.9})
    app = open_page("train", lang=lang, run=GAN)
    assert word in shown(app)
    assert not [one for one in app.button if (one.key or "").startswith("try-")]


EVIDENCE = {
    "divergence.numbers": {"step": 104},
    "divergence.loss": {"value": 310.2, "low": 11.9},
    "collapse.diversity": {"value": 0.1, "best": 0.5},
    "collapse.score": {"missed": 7, "coverage": 0.1},
    "vanishing.gradient": {"norm": 1e-4, "right": 0.999},
    "critic_strong.right": {"right": 0.999},
    "critic_weak.right": {"right": 0.01},
    "posterior.latents": {"used": 0.0, "latents": 8, "kl": 1e-4},
    "overfitting.critic": {"share": 1.1},
    "overfitting.loss": {"training": 19.8, "held_out": 26.8, "low": 26.7, "low_step": 360},
    "overfitting.score": {"share": 0.97, "floor": 0.51},
    "improving.score": {"before": 10.0, "now": 9.0},
    "improving.loss": {"before": 30.0, "now": 29.0},
}


@pytest.mark.parametrize("key", EVIDENCE)
def test_every_verdict_has_its_sentence(key: str) -> None:
    ailment, _, sign = key.partition(".")
    verdict = Verdict(ailment, "warning", sign, EVIDENCE[key], (), (1200, 2000), Action({}, None))  # type: ignore[arg-type]
    assert "{" not in health.evidence(verdict)


def test_no_ailment_and_no_sign_lacks_its_words() -> None:
    prefix = "train.health."
    told = {key.removeprefix(prefix) for key in catalogue("en") if key.startswith(prefix) and key.count(".") == 3}
    assert told == set(EVIDENCE) | {f"{ailment}.title" for ailment in Ailment.__args__}


def test_remedies_in_words() -> None:
    class Like:
        class config:  # noqa: N801
            model = "gan"

    def told(step: int | None, **options: object) -> str:
        return health.remedy(Like, Action(options, step))  # type: ignore[arg-type]

    assert told(2000, r1_gamma=10.0) == "Try R1 penalty 10, from step 2,000"
    assert told(None, augment="adaptive") == "Try Augmentation adaptive, from the beginning"
    assert told(90) == "Train as long again, from step 90"
