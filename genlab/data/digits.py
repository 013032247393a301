"""digits: the 1,797 handwritten digits of 8x8 pixels that come with scikit-learn."""

import numpy as np
import torch

from genlab.data.pictures import Pictures
from genlab.data.source import Progress, Source, Split
from genlab.data.split import take

TEST_SHARE = 0.2
CLASSES = tuple("0123456789")


def load(split: Split, _progress: Progress | None = None) -> Pictures:
    """uint8 (N, 1, 8, 8). The original has 17 grey levels, 0..16; they are spread over 0..255."""
    from sklearn.datasets import load_digits  # slow to import

    raw = load_digits()
    images = np.rint(raw.images * (255 / 16)).astype(np.uint8)[:, None]
    labels = torch.from_numpy(raw.target.astype(np.int64))
    return take(Pictures("digits", torch.from_numpy(images), labels, CLASSES), split, TEST_SHARE)


SOURCE = Source(
    name="digits",
    title="Digits 8x8",
    shape=(1, 8, 8),
    n_train=1438,
    n_test=359,
    n_classes=10,
    offline=True,
    download_mb=0.0,
    about="1,797 tiny handwritten digits from scikit-learn, a fixed fifth of each class kept for testing.",
    homepage="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
    load=load,
)
