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
MAX_POINTS = 10_000
DEFAULT_POINTS = 2_000
MIN_PERPLEXITY = 2.0
MAX_PERPLEXITY = 200.0
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
        How many points to ask for, 10 to 10,000; fewer pictures in the data set give fewer points.
    seed
        Chooses the pictures and the latents, and starts t-SNE.
    split
        Which pictures: those the model was trained on, or those held out.
    perplexity
        t-SNE's: about how many neighbours each point minds, 2 to 200. Always 0 for PCA, which has none.

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

    def __post_init__(self) -> None:
        for name, allowed in (("what", What), ("method", Method), ("split", Split)):
            if getattr(self, name) not in get_args(allowed):
                raise LatentError(f"{name} must be one of {', '.join(get_args(allowed))}.")
        if self.dims not in (2, 3):
            raise LatentError("A map has 2 or 3 dimensions.")
        _check_whole("n", self.n, MIN_POINTS, MAX_POINTS)
        _check_whole("seed", self.seed, 0, MAX_SEED)
        if self.method == "pca":
            object.__setattr__(self, "perplexity", 0.0)  # one map, one name: PCA ignores it
            return
        if not _is_number(self.perplexity) or not MIN_PERPLEXITY <= self.perplexity <= MAX_PERPLEXITY:
            raise LatentError(f"The perplexity must lie between {MIN_PERPLEXITY:g} and {MAX_PERPLEXITY:g}.")
        object.__setattr__(self, "perplexity", float(self.perplexity))

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
