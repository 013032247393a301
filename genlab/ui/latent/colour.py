"""What the colours of a map mean: classes, clusters, real or generated, or a number that each point has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from genlab.ui import links, numbers
from genlab.ui.i18n import t

if TYPE_CHECKING:
    from genlab.latent.result import Projection
    from genlab.plots.groups import Group

CLUSTERS: Final = 10
"""k-means looks for so many at first."""
NUMBERS: Final = ("density", "trust", "error", "confidence")
"""Colourings by a number; the map may have it or not."""
SHARES: Final = ("trust", "confidence")
"""Those whose scale goes from 0 to 1, whatever the points have of it."""
CUT: Final = 1.0
"""Per cent of the points that may lie beyond each end of a scale without ends of its own: outliers would use it up."""


@dataclass(frozen=True, eq=False)
class Scale:
    """Numbers that points are coloured by.

    Attributes
    ----------
    name
        What they are, in the reader's language.
    values
        float32 (N,); NaN where there is none.
    low, high
        The ends of the scale, ``low <= high``.
    cut
        Whether some numbers lie beyond the ends.
    """

    name: str
    values: NDArray[np.float32]
    low: float
    high: float
    cut: bool

    @property
    def ends(self) -> tuple[str, str]:
        """What stands at the ends of the colour bar."""
        signs = ("≤ ", "≥ ") if self.cut else ("", "")
        return f"{signs[0]}{self.low:.3g}", f"{signs[1]}{self.high:.3g}"


@dataclass(frozen=True, eq=False)
class Colours:
    """How points are coloured.

    Attributes
    ----------
    layer
        Names this colouring among those of a map.
    groups
        What the legend shows and hides; each point is in one.
    scale
        Colours by number, if that is what they are; groups have none of their own then.
    """

    layer: str
    groups: list[Group]
    scale: Scale | None = None


class Choice(NamedTuple):
    """A way of colouring, of any map that can be coloured so."""

    name: str
    clusters: int


class Runs(NamedTuple):
    """Whose points a map has: first so many of one run, then those of another.

    Attributes
    ----------
    hosts
        How many are the first one's.
    names
        What the two are called.
    """

    hosts: int
    names: tuple[str, str]


def choose(made: Projection, *, by_run: bool) -> Choice:
    """The choice of colours, kept in the address; by run where there are two."""
    from genlab.latent.clusters import MAX_CLUSTERS, MIN_CLUSTERS

    chosen = links.select(
        t("canvas.colour"), offers(made) + ["run"] * by_run, param="colour", default="class", horizontal=True,
        text=lambda name: t(f"canvas.colours.{name}"), help=t("canvas.colour_help"),
    )  # fmt: skip
    k = CLUSTERS
    if chosen == "cluster":
        with st.container(width=160):
            k = numbers.whole(
                t("canvas.clusters"), MIN_CLUSTERS, MAX_CLUSTERS, param="k", default=k, help=t("canvas.clusters_help")
            )
    return Choice(chosen, k)


def by(made: Projection, key: str, choice: Choice, runs: Runs | None = None) -> Colours:
    """The colours of a map, by class where it cannot be coloured as chosen.

    Parameters
    ----------
    key
        Names the map's content.
    runs
        Whose points it has, where there are two.
    """
    if choice.name == "run" and runs is not None:
        return _by_run(len(made), runs)
    name = choice.name if choice.name in offers(made) else "class"
    if name == "cluster":
        return _by_cluster(made, key, min(choice.clusters, len(made)))
    if name in NUMBERS:
        return Colours(name, _by_class(made).groups, _scale(made, name))
    return _by_kind(made) if name == "real" else _by_class(made)


def offers(made: Projection) -> list[str]:
    """What this map's points can be coloured by; numbers only in two dimensions, where there is a scale for them."""
    offered = ["class"]
    if len(made.features) or made.spec.what == "pixels":
        offered.append("cluster")
    if made.spec.dims == 2:
        offered += [name for name in NUMBERS if len(_numbers(made, name))]
    if 0 < made.n_generated < len(made):
        offered.append("real")
    return offered


def features_of(made: Projection) -> NDArray[np.float32]:
    """What was projected, float32 (N, F): kept with the map where it is narrow; of pixels, the pictures themselves."""
    if made.spec.what == "pixels":
        return made.images.reshape(len(made), -1).astype(np.float32)
    return made.features


def scaled(name: str, values: NDArray[np.float32], *, share: bool) -> Scale:
    """Numbers with a scale for them: from 0 to 1 where they are shares, else without the outermost per cent."""
    finite = values[np.isfinite(values)]
    if share or not len(finite):
        return Scale(name, values, 0.0, 1.0, cut=False)
    low, high = (float(end) for end in np.percentile(finite, (CUT, 100 - CUT)))
    return Scale(name, values, low, high, cut=low > finite.min() or high < finite.max())


def _scale(made: Projection, name: str) -> Scale:
    return scaled(t(f"canvas.colours.{name}"), _numbers(made, name), share=name in SHARES)


def _numbers(made: Projection, name: str) -> NDArray[np.float32]:
    return np.asarray(getattr(made, name, np.empty(0)), np.float32)


def _by_class(made: Projection) -> Colours:
    return Colours("class", _grouped(made, made.labels, made.classes))


def _by_kind(made: Projection) -> Colours:
    from genlab.plots.groups import Group
    from genlab.plots.palette import style

    kinds = enumerate((t("latent.real"), t("latent.generated")))
    drawn = [Group(name, *style(i), bool(i), np.flatnonzero(made.generated == bool(i))) for i, name in kinds]
    return Colours("real", drawn)


def _by_run(n: int, runs: Runs) -> Colours:
    from genlab.plots.groups import Group
    from genlab.plots.palette import style

    rows = np.split(np.arange(n), [runs.hosts])
    drawn = [Group(name, *style(i), bool(i), rows[i]) for i, name in enumerate(runs.names)]
    return Colours("run", drawn)


def _by_cluster(made: Projection, key: str, k: int) -> Colours:
    found = _clusters(key, k, made)
    names = [t("canvas.cluster", i=i + 1) for i in range(int(found.max()) + 1)]
    return Colours(f"cluster {k}", _grouped(made, found, names))


def _grouped(made: Projection, labels: NDArray[np.int64], names: Sequence[str]) -> list[Group]:
    from genlab.plots.groups import Words, groups

    kinds = Words(t("latent.real"), t("latent.generated"), t("latent.no_class"))
    return groups(labels, names, made.generated, kinds)


@st.cache_resource(max_entries=32, show_spinner=False)
def _clusters(key: str, k: int, _made: Projection) -> NDArray[np.int64]:  # noqa: ARG001  # the cache's key
    """The clusters of a map, found once for all visitors; the key tells one content from another."""
    from genlab.latent.clusters import clusters

    return clusters(features_of(_made), k, _made.spec.seed)
