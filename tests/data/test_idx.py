import gzip
import hashlib
import struct

import numpy as np
import pytest

from genlab import data
from genlab.data import DataError, idx

DIGITS = tuple("0123456789")


@pytest.fixture
def served(mirror, mnist_files, monkeypatch):
    """MNIST (or what stands in for it) behind GENLAB_MIRROR, laid out as that is documented."""
    remote, files = mnist_files
    for name, body in files.items():
        mirror.serve(f"/mirror/mnist/{name}", body)
    monkeypatch.setenv("GENLAB_MIRROR", f"{mirror.url}/mirror")
    return remote


def test_mnist_over_http_with_progress_and_then_without_network(served, mirror):
    told = []
    train = idx.load(served, DIGITS, "train", lambda *now: told.append(now))
    assert (len(train), train.shape) == (60_000, (1, 28, 28))
    assert told[-1][0] == told[-1][1] == served.nbytes
    assert len(mirror.asked) == 4
    mirror.answers.clear()
    test = idx.load(served, DIGITS, "test", lambda *now: told.append(now))
    assert (len(test), len(mirror.asked)) == (10_000, 4)
    assert test.labels is not None
    assert test.labels.bincount().min() > 800
    assert test.classes == DIGITS


def test_a_wrong_file_among_good_ones_is_named_and_not_kept(served, mirror, mnist_files, tmp_path):
    name = "train-labels-idx1-ubyte.gz"
    content = bytearray(gzip.decompress(mnist_files[1][name]))
    content[100] ^= 1  # one label of sixty thousand
    mirror.serve(f"/mirror/mnist/{name}", gzip.compress(bytes(content)))
    with pytest.raises(DataError, match=r"MNIST could not be downloaded: 127.*md5 differs"):
        idx.load(served, DIGITS, "train")
    assert [path.name for path in (tmp_path / "cache/mnist").iterdir()] == ["train-images-idx3-ubyte.gz"]


def test_the_official_files_pass_through_the_registry(real_mnist, mirror, monkeypatch):
    for file in idx.MNIST.files:
        mirror.serve(f"/mnist/{file.name}", (real_mnist / file.name).read_bytes())
    monkeypatch.setenv("GENLAB_MIRROR", mirror.url)
    assert not data.is_cached("mnist")
    pictures = data.load("mnist", "test")
    assert data.is_cached("mnist")
    assert pictures.labels is not None
    assert pictures.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert hashlib.md5(pictures.images.numpy().tobytes()).hexdigest() == "240610fa99e73bfa49df8e7fc24d3206"


def idx_of(array):
    array = np.asarray(array, dtype=np.uint8)
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def test_parsing_gives_back_what_was_written():
    array = np.arange(24).reshape(2, 3, 4)
    parsed = idx.parse_idx(idx_of(array), (2, 3, 4), "it")
    assert np.array_equal(parsed, array)
    assert parsed.flags.writeable  # torch would warn otherwise


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00",
        idx_of(np.zeros((2, 3)))[:-1],
        idx_of(np.zeros((2, 3))) + b"\x00",
        idx_of(np.zeros((3, 2))),
        idx_of(np.zeros((2, 3, 1))),
        b"\x00\x00\x0d" + idx_of(np.zeros((2, 3)))[3:],
        b"\x01" + idx_of(np.zeros((2, 3)))[1:],
    ],
    ids=["empty", "cut header", "short", "long", "other shape", "other rank", "floats", "other magic"],
)
def test_other_content_ends_in_a_sentence(content):
    with pytest.raises(DataError, match="it is not the IDX file"):
        idx.parse_idx(content, (2, 3), "it")


@pytest.mark.parametrize("remote", [idx.MNIST, idx.FASHION_MNIST, idx.KMNIST], ids=lambda remote: remote.name)
def test_the_tables_are_whole(remote):
    assert len({file.md5 for file in remote.files}) == 4
    assert all(len(file.md5) == 32 and int(file.md5, 16) for file in remote.files)
    assert [file.unpacked for file in remote.files] == [47_040_016, 60_008, 7_840_016, 10_008]
    assert [file.name[:5] for file in remote.files] == ["train", "train", "t10k-", "t10k-"]
    assert all(not mirror.endswith("/") for mirror in remote.mirrors)
