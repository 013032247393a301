"""``evaluate``: score a run's checkpoint and show each score beside its floor."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from genlab.evaluation.sheet import GOOD_END

if TYPE_CHECKING:
    from genlab.evaluation.sheet import Kind, ScoreSheet
    from genlab.runs.gate import Judgement

WORDS = {
    "fid": "Fréchet distance",
    "kid": "KID",
    "inception_score": "inception score",
    "precision": "precision",
    "recall": "recall",
    "density": "density",
    "coverage": "coverage",
    "balance": "class imbalance",
    "classes_missed": "classes missed",
    "label_accuracy": "label accuracy",
    "memorised": "closer to train than test is",
}
NEAR = {"density": "near 1", "memorised": "near 0.5"}
"""What is good of scores without a good end."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "evaluate",
        help="score a run: FID, KID, precision, recall and more",
        description="Draw pictures from a run's checkpoint, score them against the held-out pictures of its data set, "
        "show each score beside its floor (real training pictures in place of drawn ones), and keep all in the run's "
        "evaluation.jsonl.",
    )
    parser.add_argument("id", metavar="RUN", help="its number or folder")
    parser.add_argument("--step", type=int, help="the checkpoint of this step (the newest)")
    parser.add_argument("--n", type=int, help="pictures to draw, 20 to 10,000 (10,000; 2,000 with --quick)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the pictures (0)")
    parser.add_argument("--quick", action="store_true", help="a quick score, as those taken while training goes on")
    parser.add_argument(
        "--extractor",
        default="auto",
        help="what computes the features: auto (the data set's classifier, else random-conv), random-conv or inception",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from genlab.runs.scoring import scoring_slot

    with scoring_slot(lambda: print("waiting for another scoring to end", file=sys.stderr)):
        # Imported here, since torch is large: several may be waiting.
        from genlab.commands.runs import find_run
        from genlab.runs.evaluating import evaluate
        from genlab.runs.gate import judge, read_target
        from genlab.runs.scores import read_scores
        from genlab.training.device import be_nice

        run = find_run(arguments.id)
        be_nice()
        kind: Kind = "quick" if arguments.quick else "full"
        sheet = evaluate(run, arguments.step, kind, arguments.n, arguments.seed, arguments.extractor)
    print(table(sheet, run.id))
    if (target := read_target(run.path)) is not None:
        print(verdict(judge(target, read_scores(run.path), [step for step, _ in run.checkpoints()])))
    return 0


def verdict(judgement: Judgement) -> str:
    """Whether a run's target is met, in a sentence."""
    target = judgement.target
    wanted = f"{target.score} at {'most' if target.is_ceiling else 'least'} {target.bound:g}"
    if judgement.sheet is None:
        return f"The target, {wanted}, waits for a full score that has it."
    met = "is met" if judgement.passed else "is missed"
    return f"The target, {wanted}, {met}: {judgement.value:.4g} at step {judgement.sheet.step}."


def table(sheet: ScoreSheet, run_id: str) -> str:
    """A score sheet for people, with all that it was measured with."""
    lines = [
        f"{run_id}, step {sheet.step}: {sheet.n:,} pictures of seed {sheet.seed}",
        f"against {sheet.n_real:,} real pictures of the {sheet.split} split",
        f"features: {sheet.extractor}, SHA-256 {sheet.extractor_hash[:12]}",
        "",
        f"{'':30}{'score':>16}{'floor':>16}",
    ]
    for name, words in WORDS.items():
        if name in sheet.scores:
            end = GOOD_END[name]
            better = NEAR[name] if end is None else f"{end}er"
            shown = _text(name, sheet.scores)
            lines.append(f"{words:30}{shown:>16}{_text(name, sheet.floor):>16}  {better}")
    lines += ["", f"floor: real training pictures in place of drawn ones. {sheet.cost_seconds:.0f} s of CPU."]
    return "\n".join(lines)


def _text(name: str, scores: dict[str, float]) -> str:
    if name not in scores:
        return "-"
    if name == "kid":
        return f"{scores['kid']:.4f}±{scores['kid_error']:.4f}"
    return f"{scores[name]:.4g}"
