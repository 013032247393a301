"""What ails a training, read from its curves, its scores and its settings; and one thing to try for each ailment.

Pure functions of what stands on disk. A verdict says what it rests on, and says nothing while there is too little to
go by. The bounds stand together below; they were set between small trainings that were made to fail and healthy ones,
of GANs, VAEs and hybrids on 8x8 digits and on MNIST. Most lie at a factor of two or more from either side.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from genlab.runs.metrics import DIVERGED
from genlab.runs.verdicts import Action, Ailment, Case, Curve, Verdict

POINTS_MIN, LOOKS_MIN, PROGRESS_MIN = 6, 4, 0.15
"""Values of a curve, of one that is measured now and then, and share of the budget before which all but a divergence
is kept back: every training begins badly."""
RECENT = 0.4
"""The last share of a curve, whose median is judged."""

ALWAYS_RIGHT = 0.95
"""Both shares of right judgements above it: a healthy critic had at most 0.88 of the harder kind, a strong one 0.99."""
NEVER_RIGHT = 0.1
"""Share of generated pictures seen through: healthy critics had 0.3 to 0.8, one with a hundredth of the rate 0."""
VANISHED = 0.005
"""Norm of the generator's gradient: 0.05 to 3 in healthy trainings, 0.001 and less with a saturated minimax loss."""
DIVERSITY_LOW, DIVERSITY_NONE = 0.35, 0.1
"""Diversity: 0.6 to 1.05 where a GAN was healthy, below 0.25 where it had collapsed."""
DIVERSITY_LOST = 0.8
"""Share of its own best below which diversity has fallen rather than not yet risen."""
CLASSES_MISSED = 3
"""Classes that a scored GAN does not draw; healthy ones missed none, a chance sample of a rare class one."""
LATENTS_USED = 0.1
"""Share of the latents in use: a third and more in healthy VAEs, none with a beta of 50."""
KL_RISES = 1.1
"""Factor by which the largest KL has lately grown where latents are only now coming into use."""
HEART_CRITIC = 0.6
"""(training - held-out) / (training - generated) of the critic's logits: up to 0.36 with 1,400 pictures, above 0.95
with 16; as in ADA (arXiv 2006.06676, eq. 1)."""
HEART_GAP, HEART_RISE = 0.2, 0.05
"""Held-out loss over the training one, and over its own lowest: at most 0.11 and 0.01 in healthy VAEs, 0.37 and 0.3
with 16 pictures."""
COPIES = 0.75
"""The score of memorisation: one half for real pictures, 0.02 to 0.41 for healthy models, 1 for copies."""
LOSS_HUGE, LOSS_HUGE_LINEAR = 30.0, 300.0
"""Of a GAN: below 1 in healthy games and 10 in lost ones, hundreds where rates were too high; Wasserstein's has no
scale of its own, and ten times as much is let pass."""
LOSS_GREW = 0.5
"""Share by which another loss lies above its lowest so far."""
STILL_FALLS = 0.015
"""Fall of the held-out loss over the last two fifths, fifth against fifth; 0.003 to 0.01 where a VAE was done."""
FID_FALLS = 0.05
"""Fall of the Frechet distance between the last two score sheets; its own noise is 0.02 to 0.03."""


CAUSES: dict[Ailment, frozenset[Ailment]] = {
    "critic_strong": frozenset({"vanishing", "overfitting"}),
    "collapse": frozenset({"critic_weak", "posterior"}),
    "improving": frozenset({"collapse", "vanishing", "critic_strong", "critic_weak", "posterior", "overfitting"}),
}
"""Beside which others an ailment is not told: it follows from them, or its remedy would not help."""


def diagnose(case: Case) -> list[Verdict]:
    """What ails a training; nothing where it is well or there is too little to tell.

    A training that diverges shows other signs too, which then mean nothing and are left out. So is what follows from
    another ailment that is told.
    """
    verdict = _divergence(case)
    if verdict is not None:
        return [verdict]
    if case.progress < PROGRESS_MIN:
        return []
    checks = [_collapse, _vanishing, _strong, _weak, _posterior, _overfitting, _improving]
    verdicts = [verdict for check in checks if (verdict := check(case)) is not None]
    found = {verdict.key for verdict in verdicts}
    return [verdict for verdict in verdicts if not found & CAUSES.get(verdict.key, frozenset())]


def _recent(curve: Curve) -> Curve:
    return curve[-max(2, round(RECENT * len(curve))) :]


def _median(curve: Curve) -> float:
    return statistics.median(value for _, value in curve)


def _onset(curve: Curve, ill: Callable[[float], bool]) -> int:
    """The step of the last value that was well, 0 where none was."""
    return max((step for step, value in curve if not ill(value)), default=0)


def _span(curve: Curve) -> tuple[int, int]:
    return curve[0][0], curve[-1][0]


def _divergence(case: Case) -> Verdict | None:
    if case.rows and DIVERGED in case.rows[-1]:
        step = int(case.rows[-1]["step"])
        return _diverged(case, "numbers", {"step": step}, ("diverged",), (step, step))
    linear = case.options.get("objective") == "wasserstein"
    bound = LOSS_HUGE_LINEAR if linear else LOSS_HUGE
    for name in dict.fromkeys(name for row in case.rows for name in row if name.endswith("/loss")):
        curve = case.curve(name)
        if len(curve) < POINTS_MIN:
            continue
        recent, game = _recent(curve), name in ("generator/loss", "critic/loss")
        now, low = _median(recent), min(value for _, value in curve)
        if (game and abs(now) > bound) or (name == "autoencoder/loss" and now > low + LOSS_GREW * abs(low)):
            evidence = {"value": now, "low": low}
            return _diverged(case, "loss", evidence, (name,), _span(recent))
    return None


def _diverged(
    case: Case, sign: str, evidence: dict[str, float], curves: tuple[str, ...], steps: tuple[int, int]
) -> Verdict:
    slower = {name: value / 10.0 for name, value in case.options.items() if name.startswith("lr")}
    # Weights are spoilt some time before it shows.
    return Verdict("divergence", "serious", sign, evidence, curves, steps, case.act(steps[0] // 2, **slower))


def _collapse(case: Case) -> Verdict | None:
    if "lr_critic" not in case.options:
        return None
    curve = case.curve("samples/diversity")
    if len(curve) >= LOOKS_MIN:
        recent = _recent(curve)
        now, best = _median(recent), max(value for _, value in curve)
        fallen = recent[-1][1] < DIVERSITY_LOST * best or now < DIVERSITY_NONE
        if now < DIVERSITY_LOW and fallen:
            onset = _onset(curve, lambda value: value < DIVERSITY_LOW)
            action = case.act(onset, **_gentler(case))
            evidence = {"value": now, "best": best}
            return Verdict("collapse", "serious", "diversity", evidence, ("samples/diversity",), _span(recent), action)
    missed = [sheet for sheet in case.sheets if sheet.scores.get("classes_missed", 0) >= CLASSES_MISSED]
    if missed and missed[-1] is case.sheets[-1]:
        step, scores = missed[-1].step, missed[-1].scores
        evidence = {"missed": scores["classes_missed"], "coverage": scores.get("coverage", 0.0)}
        onset = max((sheet.step for sheet in case.sheets if sheet not in missed), default=0)
        return Verdict("collapse", "serious", "score", evidence, (), (step, step), case.act(onset, **_gentler(case)))
    return None


def _gentler(case: Case) -> dict[str, Any]:
    """What keeps a critic from running away: a penalty on its slope, then fewer and smaller steps."""
    o = case.options
    if o["r1_gamma"] < 1.0 and not o["gradient_penalty"]:
        return {"r1_gamma": 1.0}
    if o["critic_steps"] > 1 and o["objective"] != "wasserstein":
        return {"critic_steps": 1}
    return {"lr_critic": 0.5 * min(o["lr_critic"], o["lr_generator"]), "lr_generator": 0.5 * o["lr_generator"]}


def _judgements(case: Case) -> Curve:
    """How often a critic is right about the kind that it knows worse; none where its sign means nothing."""
    if case.options.get("objective") == "wasserstein":
        return []
    curve = case.curve("critic/real right", "critic/fake right")
    return curve if len(curve) >= POINTS_MIN else []


def _vanishing(case: Case) -> Verdict | None:
    right, gradient = _judgements(case), case.curve("generator/gradient norm")
    if not right or len(gradient) < POINTS_MIN:
        return None
    sure, norm = _median(_recent(right)), _median(_recent(gradient))
    if sure < ALWAYS_RIGHT or norm > VANISHED:
        return None
    options = {"objective": "non-saturating"} if case.options["objective"] == "minimax" else _gentler(case)
    return Verdict(
        "vanishing", "serious", "gradient", {"norm": norm, "right": sure},
        ("generator/gradient norm", "critic/real right", "critic/fake right"), _span(_recent(gradient)),
        case.act(_onset(gradient, lambda value: value < VANISHED), **options),
    )  # fmt: skip


def _strong(case: Case) -> Verdict | None:
    right = _judgements(case)
    if not right or _median(_recent(right)) < ALWAYS_RIGHT:
        return None
    return Verdict(
        "critic_strong", "warning", "right", {"right": _median(_recent(right))},
        ("critic/real right", "critic/fake right"), _span(_recent(right)),
        case.act(_onset(right, lambda value: value > ALWAYS_RIGHT), **_gentler(case)),
    )  # fmt: skip


def _weak(case: Case) -> Verdict | None:
    right = case.curve("critic/fake right")
    if not _judgements(case) or _median(_recent(right)) > NEVER_RIGHT:
        return None
    o = case.options
    faster = min(0.1, max(2.0 * o["lr_critic"], o["lr_generator"]))
    return Verdict(
        "critic_weak", "warning", "right", {"right": _median(_recent(right))}, ("critic/fake right",),
        _span(_recent(right)), case.act(_onset(right, lambda value: value < NEVER_RIGHT), lr_critic=faster),
    )  # fmt: skip


def _posterior(case: Case) -> Verdict | None:
    used, largest = case.curve("encoder/latents in use"), case.curve("encoder/largest KL")
    few = LATENTS_USED * case.options.get("latent", 0)
    if len(used) < LOOKS_MIN or _median(_recent(used)) > few:
        return None
    if largest[-1][1] > KL_RISES * min(value for _, value in largest):
        return None
    beta = case.options["beta"]
    return Verdict(
        "posterior", "serious", "latents",
        {"used": _median(_recent(used)), "latents": case.options["latent"], "kl": largest[-1][1]},
        ("encoder/latents in use", "encoder/largest KL"), _span(_recent(used)),
        case.act(_onset(used, lambda value: value <= few), beta=1.0 if beta > 2.0 else 0.25 * beta),
    )  # fmt: skip


def _overfitting(case: Case) -> Verdict | None:
    return _copies(case) or _heart_of_critic(case) or _heart_of_coder(case)


def _copies(case: Case) -> Verdict | None:
    told = [sheet for sheet in case.sheets if "memorised" in sheet.scores]
    if not told or told[-1].scores["memorised"] < COPIES:
        return None
    sheet, fresh = told[-1], [sheet.step for sheet in told if sheet.scores["memorised"] < COPIES]
    evidence = {"share": sheet.scores["memorised"], "floor": sheet.floor.get("memorised", 0.5)}
    options = _less_by_heart(case)
    action = Action(options, case.before(max(fresh, default=0))) if options else None
    return Verdict("overfitting", "warning", "score", evidence, (), (sheet.step, sheet.step), action)


def _less_by_heart(case: Case) -> dict[str, Any]:
    """What keeps a model from learning its pictures by heart; empty where none of its options does."""
    o = case.options
    if o.get("augment") == "none":
        return {"augment": "adaptive"}
    if "r1_gamma" in o:
        return {"r1_gamma": min(100.0, max(1.0, 10.0 * o["r1_gamma"]))}
    return {"beta": min(100.0, max(0.5, 2.0 * o["beta"]))} if "beta" in o else {}


def _heart_of_critic(case: Case) -> Verdict | None:
    names = ("critic/training logit", "critic/held-out logit", "critic/generated logit")
    logits = (case.curve(name) for name in names)
    curve = [
        (step, (seen - unseen) / (seen - drawn))
        for (step, seen), (_, unseen), (_, drawn) in zip(*logits, strict=True)
        if seen > drawn
    ]
    if len(curve) < LOOKS_MIN or _median(_recent(curve)) < HEART_CRITIC:
        return None
    action = case.act(_onset(curve, lambda value: value > HEART_CRITIC), **_less_by_heart(case))
    evidence = {"share": _median(_recent(curve))}
    return Verdict("overfitting", "warning", "critic", evidence, names, _span(_recent(curve)), action)


def _heart_of_coder(case: Case) -> Verdict | None:
    names = ("autoencoder/training loss", "autoencoder/held-out loss")
    seen, unseen = case.curve(names[0]), case.curve(names[1])
    if len(unseen) < LOOKS_MIN:
        return None
    here, there = _median(_recent(seen)), _median(_recent(unseen))
    at, low = min(unseen, key=lambda point: point[1])
    gap, rise = (there - here) / abs(here), (there - low) / abs(low)
    if gap < HEART_GAP and min(gap, rise) < HEART_RISE:  # a loss that rises for both is no sign of this
        return None
    evidence = {"training": here, "held_out": there, "low": low, "low_step": at}
    # Fresh: weights that know the pictures by heart do not forget them for a beta.
    action = Action({"beta": min(100.0, max(0.5, 2.0 * case.options["beta"]))}, None)
    return Verdict("overfitting", "warning", "loss", evidence, names, _span(_recent(unseen)), action)


def _improving(case: Case) -> Verdict | None:
    if not case.ended:
        return None
    action = Action({}, max(case.checkpoints, default=None))
    sheets = [sheet for sheet in case.sheets if "fid" in sheet.scores]
    if len(sheets) > 1:
        before, last = sheets[-2:]
        alike = (before.extractor_hash, before.n, before.n_real) == (last.extractor_hash, last.n, last.n_real)
        if alike and last.scores["fid"] < (1.0 - FID_FALLS) * before.scores["fid"]:
            evidence = {"before": before.scores["fid"], "now": last.scores["fid"]}
            return Verdict("improving", "hint", "score", evidence, (), (before.step, last.step), action)
    curve = case.curve("autoencoder/held-out loss")
    if len(curve) < LOOKS_MIN or curve[-1][0] < case.rows[-1]["step"]:  # what came after it is judged otherwise
        return None
    fifth = max(1, len(curve) // 5)
    before_last, now = _median(curve[-2 * fifth : -fifth]), _median(curve[-fifth:])
    if now > before_last - STILL_FALLS * abs(before_last):
        return None
    evidence = {"before": before_last, "now": now}
    steps = _span(curve[-2 * fifth :])
    return Verdict("improving", "hint", "loss", evidence, ("autoencoder/held-out loss",), steps, action)
