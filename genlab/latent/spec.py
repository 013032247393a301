"""What a map is made of: every choice is made before anything is computed, and names the result."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from genlab.errors import GenlabError

What = Literal["encoder", "features", "z", "generator", "classifier", "pixels"]
Method = Literal["pca", "tsne", "umap", "axes", "plane"]
Quality = Literal["standard", "fast"]
Split = Literal["train", "test"]

MIN_POINTS = 10
MAX_POINTS = 60_000
DEFAULT_POINTS = 2_000
MIN_PERPLEXITY = 2.0
MAX_PERPLEXITY = 200.0
DEFAULT_PERPLEXITY = 30.0
MIN_EXAGGERATION = 1.0
MAX_EXAGGERATION = 50.0
DEFAULT_EXAGGERATION = 12.0
MIN_NEIGHBOURS = 2
MAX_NEIGHBOURS = 200
DEFAULT_NEIGHBOURS = 15
DEFAULT_MIN_DIST = 0.1
MAX_AGAIN = 9
MAX_SEED = 2**31 - 1


_USED: dict[str, tuple[str, ...]] = {
    "tsne": ("perplexity", "quality", "exaggeration", "again"),
    "umap": ("neighbours", "min_dist", "again"),
    "axes": ("axes",),
}
_NEUTRAL: dict[str, Any] = {
    "perplexity": 0.0, "quality": "standard", "exaggeration": 0.0, "neighbours": 0, "min_dist": 0.0, "axes": (),
    "again": 0,
}  # fmt: skip


class LatentError(GenlabError):
    """A map cannot be made as asked; the message says why and what can be done."""


@dataclass(frozen=True)
class Spec:
    """Everything that decides what a map looks like, besides the model and the pictures.

    Attributes
    ----------
    what
        What is projected; see :mod:`genlab.latent.points`.
    method
        ``"pca"``, ``"tsne"``, ``"umap"``, ``"axes"`` (from class to class) or ``"plane"`` (two latents as they are).
    dims
        Dimensions of the map, 2 or 3; ``"axes"`` and ``"plane"`` have 2.
    n
        How many points to ask for, 10 to 60,000; fewer pictures in the data set give fewer points.
    seed
        Chooses the pictures and the latents, and starts t-SNE.
    split
        Which pictures: those the model was trained on, or those held out.
    perplexity
        t-SNE's: about how many neighbours each point minds, 2 to 200.
    quality
        t-SNE's: ``"standard"``, or ``"fast"`` with fewer steps; see :data:`genlab.latent.tsne.DESCENTS`.
    exaggeration
        t-SNE's: how much stronger neighbours pull in its first steps, 1 to 50.
    neighbours
        UMAP's: how many each point is tied to, 2 to 200.
    min_dist
        UMAP's: how close the map lets points come, 0 to 1.
    axes
        Four classes by number, a, b, c and d: across goes from a to b, up from c to d.
    again
        t-SNE's and UMAP's: 0, or the number of another layout of the same points, 1 to 9, from other random numbers.

    What a method does not use is set to 0, ``()`` or ``"standard"``: one map, one name.

    Raises
    ------
    LatentError
        When a value is not one of those allowed.
    """

    what: What
    method: Method = "pca"
    dims: int = 2
    n: int = DEFAULT_POINTS
    seed: int = 0
    split: Split = "train"
    perplexity: float = DEFAULT_PERPLEXITY
    quality: Quality = "standard"
    exaggeration: float = DEFAULT_EXAGGERATION
    neighbours: int = DEFAULT_NEIGHBOURS
    min_dist: float = DEFAULT_MIN_DIST
    axes: tuple[int, ...] = ()
    again: int = 0

    def __post_init__(self) -> None:
        for name, allowed in (("what", What), ("method", Method), ("split", Split)):
            if getattr(self, name) not in get_args(allowed):
                raise LatentError(f"{name} must be one of {', '.join(get_args(allowed))}.")
        if self.dims not in (2, 3):
            raise LatentError("A map has 2 or 3 dimensions.")
        if self.dims == 3 and self.method in ("axes", "plane"):
            raise LatentError("A map along two axes has 2 dimensions.")
        if self.method == "plane" and self.what not in ("encoder", "z"):
            raise LatentError("Only latents can be mapped as they are: choose the encodings, or the latents drawn.")
        _check_whole("n", self.n, MIN_POINTS, MAX_POINTS)
        _check_whole("seed", self.seed, 0, MAX_SEED)
        for name, neutral in _NEUTRAL.items():
            if name not in _USED.get(self.method, ()):
                object.__setattr__(self, name, neutral)
        self._check_parameters()

    def _check_parameters(self) -> None:
        if self.method in ("tsne", "umap"):
            _check_whole("again", self.again, 0, MAX_AGAIN)
        if self.method == "tsne":
            self._check_number("perplexity", MIN_PERPLEXITY, MAX_PERPLEXITY)
            self._check_number("exaggeration", MIN_EXAGGERATION, MAX_EXAGGERATION)
            if self.quality not in get_args(Quality):
                raise LatentError(f"quality must be one of {', '.join(get_args(Quality))}.")
        elif self.method == "umap":
            _check_whole("neighbours", self.neighbours, MIN_NEIGHBOURS, MAX_NEIGHBOURS)
            self._check_number("min_dist", 0.0, 1.0)
        elif self.method == "axes":
            self._check_axes()

    def _check_number(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if not _is_number(value) or not low <= value <= high:
            raise LatentError(f"The {name} must lie between {low:g} and {high:g}.")
        object.__setattr__(self, name, float(value))

    def _check_axes(self) -> None:
        if not isinstance(self.axes, tuple | list) or len(self.axes) != 4:
            raise LatentError("Two axes take four classes: from and to across, from and to up.")
        for label in self.axes:
            _check_whole("A class", label, 0, MAX_SEED)
        object.__setattr__(self, "axes", tuple(self.axes))
        if self.axes[0] == self.axes[1] or self.axes[2] == self.axes[3]:
            raise LatentError("An axis leads from one class to another: choose two that differ.")

    def parameters(self) -> dict[str, Any]:
        """What this method can be told besides, by name."""
        return {name: getattr(self, name) for name in _USED.get(self.method, ())}

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Spec":
        """The spec that :meth:`to_dict` wrote down.

        Raises
        ------
        LatentError
            When a value is missing, unknown or not allowed.
        """
        try:
            return cls(**values)
        except TypeError as error:
            raise LatentError("This map's description is not complete. Compute the map again.") from error


def key(spec: Spec, ingredients: Mapping[str, str]) -> str:
    """A name for the map that `spec` makes of `ingredients`: 24 hexadecimal digits.

    Parameters
    ----------
    ingredients
        What else decides the result, as text: digests of weights and pictures, versions of libraries.
    """
    text = json.dumps([spec.to_dict(), dict(ingredients)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_whole(name: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise LatentError(f"{name} must be a whole number between {low:,} and {high:,}.")
