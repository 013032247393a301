"""The table and the figure that are made of the rows of the quality benchmark."""

from __future__ import annotations

import statistics
from pathlib import Path

from genlab.evaluation.extractor import Extractor
from genlab.evaluation.measured import Row
from genlab.models import MODELS
from genlab.models.presets import PRESETS
from genlab.plots.chart import STYLES

LOOKS = (5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0)
"""Seconds of training after which a model is looked at, up to its time, and at its end."""

SCORES = {
    "precision": "precision",
    "recall": "recall",
    "coverage": "coverage",
    "memorised": "closer to training",
    "label_accuracy": "right class",
}
"""Scores that the last look takes besides the FID, and what the table calls them."""

SHOWN = (20.0, 30.0, 60.0, 300.0)
"""Of the looks before the end, those that the table shows."""

HEADLINE = (
    *(("hybrid", 20), ("hybrid", 30), ("hybrid", 300)),
    *(("vae", 300), ("dcgan", 300), ("gan-classic", 600), ("plain-dcgan", 300), ("plain-gan", 600)),
)
"""What the figure shows of these, and the seconds it was given; of other data all."""


def title(name: str) -> str:
    """What an entrant is called."""
    if name in PRESETS:
        return MODELS[name].title if name in MODELS else PRESETS[name].title
    return f"plain {name.removeprefix('plain-').upper()} of the example scripts"


def table(rows: list[Row], data: str, extractor: Extractor) -> str:
    """The Markdown table: a line for each model and time given, medians over its seeds, best first."""
    entries = {(row.model, row.given) for row in rows}
    order = sorted(entries, key=lambda entry: median(ends(of(rows, *entry)), "fid"))
    heads = ["model", "trained for", "seeds", *(f"{at:g} s" for at in SHOWN), "at the end", *SCORES.values()]
    lines = [
        f"# Quality for time on {data}",
        "",
        "Made by `benchmarks/quality.py`, which tells what a second is here. FID: Fréchet distance of 10,000 drawn",
        f"pictures to the held-out ones on {extractor.name} features (SHA-256 {extractor.hash[:12]}), comparable",
        "within this table only. Medians over the seeds, and from the lowest to the highest where there are several.",
        "",
        f"![FID against seconds]({data}.svg)",
        "",
        f"| {' | '.join(heads)} |",
        "|" + "---|" * len(heads),
    ]
    for name, given in order:
        own = of(rows, name, given)
        last = ends(own)
        between = [[row for row in own if row not in last and nearest(row.seconds) == second] for second in SHOWN]
        cells = [
            title(name),
            f"{given} s",
            str(len({row.seed for row in own})),
            *(spread(looks, "fid") for looks in between),
            f"**{spread(last, 'fid')}**",
            *(spread(last, key, 3) for key in SCORES),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def of(rows: list[Row], name: str, given: int) -> list[Row]:
    """The rows of one line."""
    return [row for row in rows if (row.model, row.given) == (name, given)]


def ends(rows: list[Row]) -> list[Row]:
    """The last looks."""
    return [row for row in rows if row.is_last]


def median(rows: list[Row], key: str) -> float:
    """Of one column."""
    return float(statistics.median(getattr(row, key) for row in rows))


def spread(rows: list[Row], key: str, digits: int = 1) -> str:
    """Of one column the median, and lowest and highest where there are several."""
    values = [value for row in rows if (value := getattr(row, key)) is not None]
    if not values:
        return ""
    middle = f"{statistics.median(values):.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def draw(rows: list[Row], path: Path) -> None:
    """Write the curves of FID against seconds as SVG: medians over the seeds."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    paper = Figure(figsize=(8, 5), layout="constrained")
    axes = paper.add_subplot(xscale="log", yscale="log", xlabel="seconds of one core", ylabel="FID")
    entries = list(dict.fromkeys((row.model, row.given) for row in rows))
    shown = [entry for entry in HEADLINE if entry in entries] or entries
    for (name, given), style in zip(shown, STYLES, strict=False):
        own = of(rows, name, given)
        times = sorted({nearest(row.seconds) for row in own})
        at = [median([row for row in own if nearest(row.seconds) == second], "fid") for second in times]
        axes.plot(times, at, "o-", color=style.colour, label=f"{title(name)}, {given} s")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(alpha=0.3, which="both")
    axes.legend(frameon=False)
    with mpl.rc_context({"svg.hashsalt": "genlab"}):  # the same rows give the same file
        paper.savefig(path, metadata={"Date": None})


def nearest(seconds: float) -> float:
    """The time of a look that was meant."""
    return min(LOOKS, key=lambda at: abs(at - seconds))
