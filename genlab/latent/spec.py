"""What a map is made of: every choice is made before anything is computed, and names the result."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from genlab.errors import GenlabError

What = Literal["encoder", "features", "pixels"]
Method = Literal["pca", "tsne"]
Split = Literal["train", "test"]

MIN_POINTS = 10
MAX_POINTS = 60_000
DEFAULT_POINTS = 2_000
MIN_PERPLEXITY = 2.0
MAX_PERPLEXITY = 200.0
MIN_STEPS = 250
MAX_STEPS = 5_000
DEFAULT_STEPS = 750
MIN_EXAGGERATION = 1.0
MAX_EXAGGERATION = 50.0
DEFAULT_EXAGGERATION = 12.0
MAX_SEED = 2**31 - 1


class LatentError(GenlabError):
    """A map cannot be made as asked; the message says why and what can be done."""


@dataclass(frozen=True)
class Spec:
    """Everything that decides what a map looks like, besides the model and the pictures.

    Attributes
    ----------
    what
        What is projected: ``"encoder"`` means, the model's ``"features"``, or the ``"pixels"`` themselves.
    method
        ``"pca"`` or ``"tsne"``.
    dims
        Dimensions of the map, 2 or 3.
    n
        How many points to ask for, 10 to 60,000; fewer pictures in the data set give fewer points.
    seed
        Chooses the pictures and the latents, and starts t-SNE.
    split
        Which pictures: those the model was trained on, or those held out.
    perplexity
        t-SNE's: about how many neighbours each point minds, 2 to 200.
    steps
        t-SNE's: of gradient descent, 250 to 5,000; the first third is early exaggeration.
    exaggeration
        t-SNE's: how much stronger neighbours pull in that third, 1 to 50.

    PCA has none of the last three: they are 0 for it.

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
    perplexity: float = 30.0
    steps: int = DEFAULT_STEPS
    exaggeration: float = DEFAULT_EXAGGERATION

    def __post_init__(self) -> None:
        for name, allowed in (("what", What), ("method", Method), ("split", Split)):
            if getattr(self, name) not in get_args(allowed):
                raise LatentError(f"{name} must be one of {', '.join(get_args(allowed))}.")
        if self.dims not in (2, 3):
            raise LatentError("A map has 2 or 3 dimensions.")
        _check_whole("n", self.n, MIN_POINTS, MAX_POINTS)
        _check_whole("seed", self.seed, 0, MAX_SEED)
        if self.method == "pca":  # one map, one name: PCA ignores them
            object.__setattr__(self, "perplexity", 0.0)
            object.__setattr__(self, "steps", 0)
            object.__setattr__(self, "exaggeration", 0.0)
            return
        _check_whole("steps", self.steps, MIN_STEPS, MAX_STEPS)
        self._check_number("perplexity", MIN_PERPLEXITY, MAX_PERPLEXITY)
        self._check_number("exaggeration", MIN_EXAGGERATION, MAX_EXAGGERATION)

    def _check_number(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if not _is_number(value) or not low <= value <= high:
            raise LatentError(f"The {name} must lie between {low:g} and {high:g}.")
        object.__setattr__(self, name, float(value))

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
