"""Memorisation: does the model draw its training pictures again?

Meehan et al. 2020 (arXiv 2004.05675), their test over the whole space: take the distance of each generated picture
to its nearest training picture, and the same of each held-out picture. The score is the share of pairs in which the
generated one is closer, ties counted half (the statistic of Mann and Whitney). Fresh pictures of the same kind give
one half; copies give 1.

What it does not tell: pictures that are all alike or blurred lie closer to some training picture than real ones
do, and give more than one half without being copies; nor does it find few copies among many honest pictures. Look
at the nearest neighbours (:func:`nearest_training`) before you believe it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from genlab.evaluation.neighbours import nearest


def nearest_training(queries: Tensor, training: Tensor) -> tuple[Tensor, Tensor]:
    """Distance and index, (N,) each, of the nearest of `training` (M, F) to each of `queries` (N, F)."""
    squared, indices = nearest(queries, training)
    return squared[:, 0].sqrt(), indices[:, 0]


def closer_share(generated: Tensor, held_out: Tensor) -> float:
    """Share of pairs in which a generated picture is closer to its neighbour than a held-out one, ties half.

    Parameters
    ----------
    generated, held_out
        Distances (N,) and (M,) of either to the nearest training picture.
    """
    ordered = held_out.sort().values
    further = len(ordered) - torch.searchsorted(ordered, generated, right=True)
    as_far_or_further = len(ordered) - torch.searchsorted(ordered, generated)
    return float(0.5 * (further + as_far_or_further).double().mean() / len(ordered))
