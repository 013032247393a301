"""The three data sets in MNIST's own format, IDX: mnist, fashion-mnist and kmnist (70,000 of 28x28).

An IDX file is a big-endian header (two zero bytes, a type code, the number of dimensions, then each
dimension as a 32-bit integer) followed by the values.
"""

import math
import struct
from functools import partial
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from genlab.data.download import Remote, RemoteFile, is_fetched, read
from genlab.data.pictures import DataError, Pictures
from genlab.data.source import Progress, Source, Split

UINT8 = 8  # IDX's code for unsigned bytes
SIDE = 28
COUNTS: dict[Split, int] = {"train": 60_000, "test": 10_000}
PREFIX: dict[Split, str] = {"train": "train", "test": "t10k"}
IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"


def parse_idx(content: bytes, shape: tuple[int, ...], what: str) -> NDArray[np.uint8]:
    """The array in ``content``, which must be unsigned bytes of exactly ``shape``.

    Raises
    ------
    DataError
        When the header names another type or shape, or the values are too few or too many.
    """
    head = 4 + 4 * len(shape)
    expected = struct.pack(f">HBB{len(shape)}I", 0, UINT8, len(shape), *shape)
    if content[:head] != expected or len(content) != head + math.prod(shape):
        raise DataError(f"{what} is not the IDX file of shape {shape} that was expected. Delete it and load again.")
    return np.frombuffer(bytearray(content), dtype=np.uint8, offset=head).reshape(shape)


def load(remote: Remote, classes: tuple[str, ...], split: Split, progress: Progress | None = None) -> Pictures:
    """uint8 (N, 1, 28, 28) and labels 0..9, in the order their makers chose."""
    names = (f"{PREFIX[split]}-{IMAGES}.gz", f"{PREFIX[split]}-{LABELS}.gz")
    raw_images, raw_labels = read(remote, names, progress)
    images = parse_idx(raw_images, (COUNTS[split], SIDE, SIDE), f"{remote.title}'s {names[0]}")
    labels = parse_idx(raw_labels, (COUNTS[split],), f"{remote.title}'s {names[1]}")
    if labels.max() >= len(classes):
        raise DataError(f"{remote.title}'s {names[1]} holds a label beyond {len(classes) - 1}.")
    return Pictures(remote.name, torch.from_numpy(images[:, None]), torch.from_numpy(labels.astype(np.int64)), classes)


def _files(of: Literal["content", "file"], *rows: tuple[int, str]) -> tuple[RemoteFile, ...]:
    """The four files every set has; ``rows`` are (size as published, md5), in the order of the loop."""
    files = []
    left = iter(rows)
    for split, count in COUNTS.items():
        for part, unpacked in ((IMAGES, 16 + count * SIDE * SIDE), (LABELS, 8 + count)):
            nbytes, md5 = next(left)
            files.append(RemoteFile(f"{PREFIX[split]}-{part}.gz", nbytes, md5, of, unpacked))
    return tuple(files)


def _source(remote: Remote, classes: tuple[str, ...], about: str, homepage: str) -> Source:
    return Source(
        name=remote.name,
        title=remote.title,
        shape=(1, SIDE, SIDE),
        n_train=COUNTS["train"],
        n_test=COUNTS["test"],
        n_classes=len(classes),
        offline=False,
        download_mb=round(remote.nbytes / 1e6, 1),
        about=about,
        homepage=homepage,
        load=partial(load, remote, classes),
        cached=partial(is_fetched, remote),
    )


MNIST = Remote(
    name="mnist",
    title="MNIST",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
        "http://yann.lecun.com/exdb/mnist",
    ),
    files=_files(
        "content",
        (9_912_422, "6bbc9ace898e44ae57da46a324031adb"),
        (28_881, "a25bea736e30d166cdddb491f175f624"),
        (1_648_877, "2646ac647ad5339dbf082846283269ea"),
        (4_542, "27ae3e4e09519cfbb04c329615203637"),
    ),
)
FASHION_MNIST = Remote(
    name="fashion-mnist",
    title="Fashion-MNIST",
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    ),
    files=_files(
        "file",  # as its README lists them
        (26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        (29_515, "25c81989df183df01b3e8a0aad5dffbe"),
        (4_422_102, "bef4ecab320f06d8554ea6380940ec79"),
        (5_148, "bb300cfdad3c16e7a12a480ee83cd310"),
    ),
)
KMNIST = Remote(
    name="kmnist",
    title="Kuzushiji-MNIST",
    mirrors=(
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/KMNIST",
    ),
    files=_files(
        "file",  # as torchvision lists them
        (18_165_135, "bdb82020997e1d708af4cf47b453dcf7"),
        (29_497, "e144d726b3acfaa3e44228e80efcd344"),
        (3_041_136, "5c965bf0a639b31b8f53240b1b52f4d7"),
        (5_120, "7320c461ea6c1c855c0b718fb2a4b134"),
    ),
)

CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)

SOURCES = (
    _source(
        MNIST,
        tuple("0123456789"),
        "70,000 handwritten digits, the field's common first exercise.",
        "http://yann.lecun.com/exdb/mnist/",
    ),
    _source(
        FASHION_MNIST,
        CLOTHES,
        "70,000 photographs of clothes in grey, made to replace MNIST where that is too easy.",
        "https://github.com/zalandoresearch/fashion-mnist",
    ),
    _source(
        KMNIST,
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        "70,000 cursive Japanese characters from old books, one class a syllable.",
        "http://codh.rois.ac.jp/kmnist/",
    ),
)
