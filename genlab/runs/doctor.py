"""What ails a training, read from its curves, its scores and its settings; and one thing to try for each ailment.

Pure functions of what stands on disk. A verdict says what it rests on, and says nothing while there is too little to
go by. The bounds stand together in :mod:`genlab.runs.bounds`.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

from genlab.runs.bounds import (
    ALWAYS_RIGHT,
    CLASSES_MISSED,
    COPIES,
    DIVERSITY_LOST,
    DIVERSITY_LOW,
    DIVERSITY_NONE,
    FID_FALLS,
    HEART_CRITIC,
    HEART_GAP,
    HEART_RISE,
    KL_RISES,
    LATENTS_USED,
    LOOKS_MIN,
    LOSS_GREW,
    LOSS_HUGE,
    LOSS_HUGE_LINEAR,
    NEVER_RIGHT,
    POINTS_MIN,
    PROGRESS_MIN,
    RATE_MAX,
    RATE_MIN,
    RATES_APART,
    RECENT,
    STILL_FALLS,
    VANISHED,
)
from genlab.runs.metrics import DIVERGED
from genlab.runs.verdicts import Action, Ailment, Case, Curve, Verdict

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


def can_tell(case: Case) -> bool:
    """Whether enough was measured to say that nothing ails a training."""
    return case.progress >= PROGRESS_MIN and len(case.curve("samples/diversity")) >= LOOKS_MIN


def _recent(curve: Curve) -> Curve:
    return curve[-max(2, round(RECENT * len(curve))) :]


def _median(curve: Curve) -> float:
    return statistics.median(value for _, value in curve)


def _onset(curve: Curve, ill: Callable[[float], bool]) -> int:
    """The step of the last value that was well, 0 where none was; one that stands out from its neighbours is none."""
    values = [value for _, value in curve]
    inner = [statistics.median(three) for three in zip(values, values[1:], values[2:], strict=False)]
    middles = [values[0], *inner, values[-1]]
    return max((step for (step, _), middle in zip(curve, middles, strict=False) if not ill(middle)), default=0)


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
    slower = {name: max(RATE_MIN, value / 10.0) for name, value in case.options.items() if name.startswith("lr")}
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
    early = PROGRESS_MIN * case.rows[-1]["step"] / case.progress
    sheets = [s for s in case.sheets if {"classes_missed", "coverage"} <= set(s.scores) and s.step >= early]
    if sheets and sheets[-1].scores["classes_missed"] >= CLASSES_MISSED:
        step, scores = sheets[-1].step, sheets[-1].scores
        evidence = {"missed": scores["classes_missed"], "coverage": scores["coverage"]}
        onset = _onset([(s.step, s.scores["classes_missed"]) for s in sheets], lambda value: value >= CLASSES_MISSED)
        return Verdict("collapse", "serious", "score", evidence, (), (step, step), case.act(onset, **_gentler(case)))
    return None


def _gentler(case: Case) -> dict[str, Any]:
    """What keeps a critic from running away, the first that is left to do: equal rates, equal steps, a penalty."""
    o = case.options
    generator, critic = o["lr_generator"], o["lr_critic"]
    if max(generator, critic) > RATES_APART * min(generator, critic):
        middle = float(f"{math.sqrt(generator * critic):.2g}")
        return {"lr_generator": middle, "lr_critic": middle}
    if o["critic_steps"] > 1 and o["objective"] != "wasserstein":
        return {"critic_steps": 1}
    if o["r1_gamma"] < 1.0 and not o["gradient_penalty"]:
        return {"r1_gamma": 1.0}
    return {"lr_generator": max(RATE_MIN, 0.5 * generator), "lr_critic": max(RATE_MIN, 0.5 * critic)}


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
    faster = min(RATE_MAX, max(2.0 * o["lr_critic"], o["lr_generator"]))
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
    sheets = [sheet for sheet in case.sheets if "memorised" in sheet.scores and "memorised" in sheet.floor]
    if not sheets or sheets[-1].scores["memorised"] < COPIES:
        return None
    sheet, options = sheets[-1], _less_by_heart(case)
    evidence = {"share": sheet.scores["memorised"], "floor": sheet.floor["memorised"]}
    onset = _onset([(s.step, s.scores["memorised"]) for s in sheets], lambda value: value >= COPIES)
    action = case.act(onset, **options) if options else None
    return Verdict("overfitting", "warning", "score", evidence, (), (sheet.step, sheet.step), action)


def _less_by_heart(case: Case) -> dict[str, Any]:
    """What keeps a model from learning its pictures by heart; empty where none of its options does."""
    o = case.options
    if o.get("augment") == "none":
        return {"augment": "adaptive"}
    if "r1_gamma" in o:
        return {"r1_gamma": min(100.0, max(1.0, 10.0 * o["r1_gamma"]))}
    return _more_beta(case) if "beta" in o else {}


def _more_beta(case: Case) -> dict[str, Any]:
    return {"beta": min(100.0, max(0.5, 2.0 * case.options["beta"]))}


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
    action = Action(_more_beta(case), None)  # fresh: weights do not forget what they know by heart
    return Verdict("overfitting", "warning", "loss", evidence, names, _span(_recent(unseen)), action)


def _improving(case: Case) -> Verdict | None:
    if not case.ended:
        return None
    action = case.more()
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
