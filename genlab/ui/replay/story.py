"""What a run went through: all that moves with the cursor, gathered from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from genlab.ui import curves, live, text
from genlab.ui.compare.gather import one_line
from genlab.ui.compare.protocols import HASH_SHOWN, score_text
from genlab.ui.i18n import t
from genlab.ui.train import health

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from genlab.evaluation.sheet import ScoreSheet
    from genlab.latent.film import Film
    from genlab.plots.groups import Group
    from genlab.runs.metrics import Row
    from genlab.runs.store import Run
    from genlab.runs.verdicts import Verdict

MOST_SAMPLES: Final = 48
"""Snapshots of a run that are sent; more would not be told apart while they pass."""
SAMPLE_BYTES: Final = 6_000_000
"""Of all snapshots together, about: large ones come in smaller numbers."""


@dataclass(frozen=True)
class Story:
    """A run as it is replayed.

    Attributes
    ----------
    run
        Whose.
    rows
        The curve points, thinned, by step.
    samples
        Step and PNG of snapshots, by step.
    checkpoints
        Steps, ascending.
    film
        Its maps; None while there are none.
    sheets
        The scores, by step.
    verdicts
        What the doctor finds.
    """

    run: Run
    rows: Sequence[Row]
    samples: Sequence[tuple[int, Path]]
    checkpoints: Sequence[int]
    film: Film | None
    sheets: Sequence[ScoreSheet]
    verdicts: Sequence[Verdict]

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last step that anything is known of; both 0 where nothing is."""
        steps = [step for step, _ in self.samples] + list(self.checkpoints) + [int(row["step"]) for row in self.rows]
        return min(steps, default=0), max(steps, default=0)


def read(run: Run, film: Film | None) -> Story:
    """Gather a run's story.

    Raises
    ------
    genlab.runs.store.RunError
        The run was deleted.
    """
    from genlab.latent.film import chosen_steps
    from genlab.runs.doctor import diagnose

    case = health.case(run, run.status())
    samples = dict(run.samples())
    most = MOST_SAMPLES
    if samples:
        largest = max((_size(path) for path in samples.values()), default=1)
        most = max(2, min(most, SAMPLE_BYTES // max(largest, 1)))
    kept = [(step, samples[step]) for step in chosen_steps(list(samples), most)] if samples else []
    steps = [step for step, _ in run.checkpoints()]
    return Story(run, live.thin(case.rows), kept, steps, film, case.sheets, diagnose(case))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def groups(film: Film) -> list[Group]:
    """Which points of a film are drawn alike."""
    import numpy as np

    from genlab.plots.groups import Words
    from genlab.plots.groups import groups as grouped

    names = Words(t("latent.real"), t("latent.generated"), t("latent.no_class"))
    return grouped(film.every_label, film.classes, np.arange(len(film)) >= len(film.images), names)


def losses(rows: Sequence[Row]) -> dict[str, list[str]]:
    """The losses of a run, those that share a scale in one chart."""
    found = {key: [name for name in names if name.endswith("/loss")] for key, names in curves.groups(rows).items()}
    return {key: names for key, names in found.items() if names}


def described_curves(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each chart of losses: its title and its lines, for the browser."""
    from genlab.plots.palette import style

    charts = []
    for key, names in losses(rows).items():
        labels = curves.curve_labels(names)
        lines = [{"column": name, "name": labels[name], "colour": style(i)[0]} for i, name in enumerate(names)]
        charts.append({"title": t(f"train.curves.{key}"), "lines": lines})
    return charts


def described_scores(sheets: Sequence[ScoreSheet]) -> dict[str, Any] | None:
    """The scores for the browser: the one that is drawn, and every sheet with its values in words; None without any."""
    from genlab.evaluation.sheet import GOOD_END

    having = [sheet for sheet in sheets if any(name in sheet.scores for name in GOOD_END)]
    if not having:
        return None
    main = next(name for name in GOOD_END if any(name in sheet.scores for sheet in having))
    best = {id(sheet) for sheet in _best(having, main)}
    return {
        "name": t(f"compare.score.{main}"),
        "help": t(f"compare.score_help.{main}"),
        "sheets": [{**_described(sheet, main), "best": id(sheet) in best} for sheet in having],
    }


def _described(sheet: ScoreSheet, main: str) -> dict[str, Any]:
    from genlab.evaluation.sheet import GOOD_END

    others = [name for name in GOOD_END if name in sheet.scores and name != main]
    how = t(
        "replay.scores.how", extractor=one_line(sheet.extractor), hash=one_line(sheet.extractor_hash[:HASH_SHOWN]),
        n=text.count(sheet.n), real=text.count(sheet.n_real), split=t(f"compare.splits.{sheet.split}"),
        seed=sheet.seed, kind=t(f"replay.scores.{sheet.kind}"),
    )  # fmt: skip
    return {
        "step": sheet.step,
        "value": sheet.scores.get(main),
        "shown": score_text(main, sheet.scores[main]) if main in sheet.scores else "–",
        "floor": sheet.floor.get(main),
        "floored": score_text(main, sheet.floor[main]) if main in sheet.floor else "–",
        "others": [[t(f"compare.score.{name}"), score_text(name, sheet.scores[name])] for name in others],
        "how": how,
        "alike": "-".join(map(str, _protocol(sheet))),
    }


def _protocol(sheet: ScoreSheet) -> tuple[object, ...]:
    """What two sheets must have in common for their scores to be compared."""
    return sheet.extractor_hash, sheet.n, sheet.n_real, sheet.split


def _best(sheets: Sequence[ScoreSheet], main: str) -> list[ScoreSheet]:
    """Of the sheets that were made alike, the one with the best score, where there are several."""
    from genlab.evaluation.sheet import GOOD_END

    choose = max if GOOD_END[main] == "high" else min
    found = []
    for protocol in dict.fromkeys(map(_protocol, sheets)):
        alike = [sheet for sheet in sheets if _protocol(sheet) == protocol and main in sheet.scores]
        if len(alike) > 1:
            found.append(choose(alike, key=lambda sheet: sheet.scores[main]))
    return found


def described_verdicts(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """What the doctor finds, for the browser."""
    return [
        {
            "first": verdict.steps[0],
            "last": verdict.steps[1],
            "severity": verdict.severity,
            "title": t(f"train.health.{verdict.key}.title"),
            "told": health.evidence(verdict),
        }
        for verdict in verdicts
    ]
