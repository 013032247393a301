"""cifar10: 60,000 photographs of 32x32 pixels in colour, in ten classes.

Taken from the archive's binary version, whose records are one label byte and 3,072 pixel bytes (red,
green, blue, each row by row). The better known "python version" holds pickles, which are never opened.
"""

import io
import tarfile

import numpy as np
import torch
from numpy.typing import NDArray

from genlab.data.download import Remote, RemoteFile, is_fetched, read
from genlab.data.pictures import DataError, Pictures
from genlab.data.source import Progress, Source, Split

SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32
RECORDS_A_BATCH = 10_000
FOLDER = "cifar-10-batches-bin"
BATCHES: dict[Split, tuple[str, ...]] = {
    "train": tuple(f"{FOLDER}/data_batch_{number}.bin" for number in range(1, 6)),
    "test": (f"{FOLDER}/test_batch.bin",),
}
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

REMOTE = Remote(
    name="cifar10",
    title="CIFAR-10",
    mirrors=(
        "https://www.cs.toronto.edu/~kriz",
        "https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/dataset/cifar10",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10",
    ),
    files=(
        RemoteFile(
            name="cifar-10-binary.tar.gz",
            nbytes=170_052_171,
            md5="c32a1d4ab5d03f1284b67883e8d87530",
            of="file",  # as the homepage lists it
            unpacked=200_000_000,
        ),
    ),
)


def parse_batches(archive: bytes, names: tuple[str, ...], records: int = RECORDS_A_BATCH) -> NDArray[np.uint8]:
    """The records of the batches ``names`` in an uncompressed tar, uint8 (len(names) * records, 3073).

    Nothing is ever unpacked to the disk, so no path in the archive can lead anywhere.

    Raises
    ------
    DataError
        When a batch is missing, is not a plain file, or has another size.
    """
    batches = []
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            for name in names:
                member = tar.getmember(name)
                stream = tar.extractfile(member) if member.isreg() else None
                if stream is None or member.size != records * RECORD:
                    raise DataError(f"CIFAR-10's archive holds another {name} than expected.")
                batches.append(np.frombuffer(stream.read(), dtype=np.uint8).reshape(records, RECORD))
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise DataError(f"CIFAR-10's archive cannot be read: {error}.") from error
    return np.concatenate(batches)


def load(split: Split, progress: Progress | None = None) -> Pictures:
    """uint8 (N, 3, 32, 32), in the order of the batches."""
    (archive,) = read(REMOTE, (REMOTE.files[0].name,), progress)
    table = parse_batches(archive, BATCHES[split])
    labels = torch.from_numpy(table[:, 0].astype(np.int64))
    if int(labels.max()) >= len(CLASSES):
        raise DataError("CIFAR-10's archive holds a label beyond 9.")
    # Copied, or the pictures would keep the label column, and with it the whole table, alive.
    images = torch.from_numpy(table[:, 1:].copy().reshape(-1, *SHAPE))
    return Pictures(REMOTE.name, images, labels, CLASSES)


SOURCE = Source(
    name=REMOTE.name,
    title=REMOTE.title,
    shape=SHAPE,
    n_train=50_000,
    n_test=10_000,
    n_classes=len(CLASSES),
    offline=False,
    download_mb=round(REMOTE.nbytes / 1e6, 1),
    about="60,000 small colour photographs of animals and vehicles.",
    homepage="https://www.cs.toronto.edu/~kriz/cifar.html",
    load=load,
    cached=lambda: is_fetched(REMOTE),
)
