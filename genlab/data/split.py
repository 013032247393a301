"""Which pictures are held out for testing when a data set's makers did not say."""

import numpy as np
from torch import Tensor, from_numpy

from genlab.data.pictures import Pictures
from genlab.data.source import Split


def split_indices(labels: Tensor | None, count: int, share: float, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Part ``count`` pictures into training and test, the same way on every machine.

    The pictures are shuffled, put in order of their class, and every k-th is held out: each class
    gives its share to within one picture, and the total is ``share * count``, rounded.

    Parameters
    ----------
    labels : Tensor or None
        int64 (count,), or None to part without regard to classes.
    count : int
        How many pictures, at least 2.
    share : float
        The test split's part of them, in (0, 0.5]. It gets at least one picture.
    seed : int
        Of the shuffle.

    Returns
    -------
    train, test : Tensor
        int64 indices, each ascending; disjoint, and together all of ``range(count)``.
    """
    if count < 2:
        raise ValueError(f"{count} picture(s) cannot be parted in two")
    if not 0 < share <= 0.5:
        raise ValueError(f"share must be in (0, 0.5], not {share}")
    # RandomState, whose stream NumPy has frozen for good: the split must outlive NumPy's releases.
    order = np.random.RandomState(seed).permutation(count)
    if labels is not None:
        order = order[np.argsort(labels.numpy()[order], kind="stable")]
    held_out = max(1, round(count * share))
    positions = ((np.arange(held_out) + 0.5) * count / held_out).astype(np.int64)
    is_test = np.zeros(count, dtype=bool)
    is_test[order[positions]] = True
    return from_numpy(np.flatnonzero(~is_test)), from_numpy(np.flatnonzero(is_test))


def take(pictures: Pictures, split: Split, share: float) -> Pictures:
    """The training or the test part of ``pictures``, stratified by class where there are classes."""
    train, test = split_indices(pictures.labels, len(pictures), share)
    return pictures.subset(train if split == "train" else test)
