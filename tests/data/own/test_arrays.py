import io
import pickle
import struct
import zipfile
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlab.data import DataError
from genlab.data.own import arrays as module
from genlab.data.own import bounds, import_pictures
from genlab.data.own.arrays import labels_of, read_arrays, to_uint8

import_array = partial(import_pictures, filename="pictures.npz")

RANDOM = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)


def npy(array, **how):
    out = io.BytesIO()
    np.save(out, array, **how)
    out.seek(0)
    return out


@given(
    layout=st.sampled_from(["NHW", "NHWC", "NCHW"]),
    count=st.integers(2, 4),
    height=st.integers(4, 20),
    width=st.integers(4, 20),
    channels=st.sampled_from([1, 3]),
    kind=st.sampled_from(["uint8", "float16", "float32", "float64", ">f4"]),
    order=st.sampled_from(["C", "F"]),
)
def test_every_layout_and_type_gives_the_same_pictures(layout, count, height, width, channels, kind, order):
    channels = 1 if layout == "NHW" else channels
    values = np.random.default_rng(count).integers(0, 256, (count, height, width, channels), dtype=np.uint8)
    laid = {"NHW": values[..., 0], "NHWC": values, "NCHW": values.transpose(0, 3, 1, 2)}[layout]
    stored = laid if kind == "uint8" else (laid / 255).astype(kind)
    read = read_arrays(npy(np.asarray(stored, order=order)))
    assert read.labels is None
    assert np.array_equal(np.concatenate(list(to_uint8(read.images))), values)


@pytest.mark.parametrize("key", ["images", "x", "arr_0"])
@pytest.mark.parametrize("label_key", ["labels", "y"])
def test_an_npz_becomes_a_set(npz, key, label_key):
    report = import_array(npz(**{key: RANDOM, label_key: np.array([3, 3, 7, 7, 3, 7])}), "set", 16, 3)
    assert np.array_equal(report.pictures.images.numpy(), RANDOM.transpose(0, 3, 1, 2))
    assert report.pictures.classes == ("3", "7")
    assert report.pictures.labels is not None
    assert report.pictures.labels.tolist() == [0, 0, 1, 1, 0, 1]


def test_pieces_are_put_together_in_order(monkeypatch):
    monkeypatch.setattr(module, "STEP_VALUES", 2 * 16 * 16 * 3)
    report = import_array(npy(RANDOM[:5] / 255), "set", 16, 3)
    assert np.array_equal(report.pictures.images.numpy(), RANDOM[:5].transpose(0, 3, 1, 2))


@pytest.mark.parametrize(("size", "channels"), [(8, 1), (24, 3), (16, 1)])
def test_arrays_are_resized_and_recoloured(size, channels):
    report = import_array(npy(RANDOM[:, :, :12]), "set", size, channels)
    assert report.pictures.shape == (channels, size, size)
    assert abs(report.pictures.images.float().mean().item() - RANDOM.mean()) < 6


def test_grey_arrays_become_colour():
    report = import_array(npy(RANDOM[..., 0]), "set", 16, 3)
    assert np.array_equal(report.pictures.images[:, 2].numpy(), RANDOM[..., 0])


def test_text_and_columns_of_labels():
    assert labels_of(np.array(["dog", "cat", "dog"]), 3) == (("cat", "dog"), [1, 0, 1])
    assert labels_of(np.array([[10], [9]]), 2) == (("9", "10"), [1, 0])
    assert labels_of(None, 2) == ((), [])


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.zeros(5, int), "6 pictures"),
        (np.zeros((6, 10), int), "6 pictures"),
        (np.zeros(6), "float64"),
        (np.array(b"x").repeat(6), "type"),
    ],
)
def test_bad_labels_end_in_a_sentence(npz, labels, sentence, left):
    with pytest.raises(DataError, match=sentence):
        import_array(npz(x=RANDOM, y=labels), "set", 8, 1)
    assert left() == []


def test_too_many_classes_end_in_a_sentence(npz, monkeypatch):
    monkeypatch.setattr(module, "MAX_CLASSES", 5)
    with pytest.raises(DataError, match="6 classes; at most 5"):
        import_array(npz(x=RANDOM, y=np.arange(6)), "set", 8, 1)


def with_value(value, dtype=np.float32):
    images = np.full((5, 8, 8), 0.5, dtype)
    images[3, 2, 1] = value
    return images


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (with_value(np.nan), "Picture 3 holds NaN"),
        (with_value(np.inf), "Picture 3 holds NaN or an infinity"),
        (with_value(-np.inf, np.float64), "Picture 3 holds NaN or an infinity"),
        (with_value(1e300, np.float64), "from 0.5 to 1e"),
        (with_value(255), "from 0.5 to 255, but 0 to 1"),
        (with_value(-1), "from -1 to 0.5"),
        (np.zeros((5, 8, 8), np.int64), "type int64"),
        (np.zeros((5, 8, 8), bool), "type bool"),
        (np.zeros((5, 8, 8), complex), "type complex"),
        (np.array(["x"] * 5), "type <U1"),
        (np.zeros((5, 8, 8), [("r", "u1")]), "type"),
        (np.zeros((8, 8), np.uint8), r"the shape \(8, 8\)"),
        (np.zeros((28, 28, 3), np.uint8), "the shape"),
        (np.zeros((5, 8, 8, 4), np.uint8), "the shape"),
        (np.zeros((5, 3, 8, 3), np.uint8), "the shape"),
        (np.zeros((5, 1, 8, 8, 1), np.uint8), "the shape"),
        (np.zeros((0, 8, 8), np.uint8), "is empty"),
        (np.zeros((5, 0, 8), np.uint8), "is empty"),
        (np.zeros((1, 8, 8), np.uint8), "Only one picture"),
        (np.uint8(3), "the shape"),
    ],
)
def test_bad_arrays_end_in_a_sentence(images, sentence, left):
    with pytest.raises(DataError, match=sentence):
        import_array(npy(images), "set", 8, 1)
    assert left() == []


class Evil:
    def __reduce__(self):
        return print, ("a pickle was opened",)


@pytest.mark.parametrize("as_npz", [True, False])
def test_pickles_are_never_opened(npz, as_npz, capsys, left):
    images = np.array([Evil(), Evil()], dtype=object)
    file = npz(images=images) if as_npz else npy(images, allow_pickle=True)
    with pytest.raises(DataError, match="pickled Python objects, which could run any program"):
        import_array(file, "set", 8, 1)
    assert capsys.readouterr().out == ""
    assert left() == []


def test_pickled_labels_are_never_opened_either(npz, capsys):
    with pytest.raises(DataError, match=r"'y' holds pickled"):
        import_array(npz(x=RANDOM, y=np.array([Evil()] * 6, dtype=object)), "set", 8, 1)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"\x93NUMPY", b"\x93NUMPY\x09\x00" + bytes(20), pickle.dumps([1]), b"PK\x03\x04"],
    ids=["empty", "text", "cut", "version", "pickle", "cut zip"],
)
def test_what_is_no_array_ends_in_a_sentence(body, left):
    with pytest.raises(DataError, match=r"npz|header"):
        import_array(io.BytesIO(body), "set", 8, 1)
    assert left() == []


def test_every_cut_ends_in_a_sentence(npz):
    for whole in (npy(RANDOM[:2, :8, :8]).getvalue(), npz(x=RANDOM[:2], y=np.arange(2)).getvalue()):
        for end in range(0, len(whole), 41):
            with pytest.raises(DataError):
                import_array(io.BytesIO(whole[:end]), "set", 8, 1)


def test_an_npz_without_pictures_names_what_it_has(npz, zipped):
    with pytest.raises(DataError, match=r"its arrays: a, b\)"):
        import_array(npz(a=RANDOM, b=RANDOM), "set", 8, 1)
    with pytest.raises(DataError, match=r"its arrays: none\)"):
        import_array(zipped({"x.png": b""}), "set", 8, 1)


def header(shape, dtype="|u1"):
    text = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ((10**6, 10**4, 10**4), "MiB; at most 1,024"),
        ((3, 8, -8), "no header that can be read"),
        ((500, 1000, 1000), "cut short"),
    ],
)
def test_a_header_that_lies_is_not_believed(shape, sentence):
    with pytest.raises(DataError, match=sentence):
        import_array(io.BytesIO(header(shape) + bytes(100)), "set", 8, 1)


def test_an_npz_bomb_stays_small(left):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("x.npy", header((2, 8, 8)) + bytes(128 << 20))
    assert len(import_array(out, "set", 8, 1).pictures) == 2  # what is beyond the shape is never unpacked


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_ends_in_a_sentence(zipped, method):
    with pytest.raises(DataError, match="unusual way"):
        import_array(zipped({"x.npy": header((2, 8, 8)) + bytes(128)}, method), "set", 8, 1)


def test_an_npz_with_a_list_of_files_too_long_is_not_read(npz, monkeypatch, left):
    monkeypatch.setattr("genlab.data.own.arrays.MAX_LIST_BYTES", 60)
    with pytest.raises(DataError, match="not a whole npz or npy file"):
        import_array(npz(x=RANDOM, y=np.arange(6)), "set", 8, 1)
    assert left() == []


def test_bounds_of_pictures_and_pixels(npz, monkeypatch, left):
    monkeypatch.setattr(bounds, "MAX_PICTURES", 5)
    with pytest.raises(DataError, match="more than the 5 pictures"):
        import_array(npz(x=RANDOM), "set", 8, 1)
    monkeypatch.setattr(module, "MAX_PIXELS", 100)
    with pytest.raises(DataError, match="million pixels each"):
        import_array(npz(x=RANDOM), "set", 8, 1)
    assert left() == []


def test_progress_counts_pictures(npz):
    seen = []
    import_array(npz(x=RANDOM), "set", 8, 1, progress=lambda *now: seen.append(now))
    assert seen[-1] == (6, 6, "")
