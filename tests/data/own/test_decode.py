import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genlab.data.own import decode as module
from genlab.data.own.decode import UnreadableError, decode, fit


def packed(picture, kind="PNG", **how):
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def halves(mode="RGB", size=(40, 20)):
    """The left half white, the right half black."""
    picture = Image.new(mode, size)
    picture.paste(Image.new(mode, (size[0] // 2, size[1]), "white"), (0, 0))
    return picture


@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    size=st.integers(8, 64),
    channels=st.sampled_from([1, 3]),
    mode=st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I"]),
)
def test_whatever_comes_in_a_square_goes_out(width, height, size, channels, mode):
    made = fit(Image.new(mode, (width, height)), size, channels)
    assert made.shape == (channels, size, size)
    assert made.dtype == np.uint8
    assert np.array_equal(made.min((1, 2)), made.max((1, 2)))  # one colour stays one colour


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_every_format_is_read(kind):
    made = decode(packed(Image.new("RGB", (30, 20), (200, 100, 50)), kind), 16, 3)
    assert np.abs(made.mean((1, 2)) - (200, 100, 50)).max() < 8


def test_the_centre_is_cut_out():
    picture = Image.new("L", (30, 10))
    picture.paste(255, (10, 0, 20, 10))
    assert decode(packed(picture), 10, 1).min() == 255
    assert decode(packed(picture.rotate(90, expand=True)), 10, 1).min() == 255


def test_a_picture_of_the_right_size_is_left_as_it_is():
    values = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    assert np.array_equal(decode(packed(Image.fromarray(values)), 16, 3), values.transpose(2, 0, 1))


def test_shrinking_is_antialiased():
    stripes = np.tile(np.array([0, 255], dtype=np.uint8), (512, 256))
    made = decode(packed(Image.fromarray(stripes)), 16, 1)
    assert np.abs(made[:, :, 2:-2].astype(int) - 127).max() <= 6  # grey, where sampling would give moire


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_cameras_orientation_is_followed(kind, orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    grey = decode(packed(halves(), kind, exif=tags), 16, 1)[0].astype(float)
    where = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}
    sides = {"left": grey[:, :6], "right": grey[:, 10:], "top": grey[:6], "bottom": grey[10:]}
    assert max(sides, key=lambda side: sides[side].mean()) == where[orientation]


@pytest.mark.parametrize("channels", [1, 3])
def test_transparency_is_laid_on_white(channels):
    picture = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 10, 20))
    made = decode(packed(picture), 20, channels)
    assert made[:, :, :9].max() == 0
    assert made[:, :, 11:].min() == 255


def test_hidden_colours_do_not_bleed_at_transparent_edges():
    picture = Image.new("RGBA", (64, 64), (255, 0, 0, 0))  # invisible red
    picture.paste((0, 0, 0, 255), (0, 0, 31, 64))
    made = decode(packed(picture), 16, 3).astype(int)
    assert np.abs(made[0] - made[1]).max() <= 1


def test_a_palette_with_a_transparent_entry():
    picture = Image.new("P", (16, 16), 0)
    picture.putpalette([9, 9, 9, 200, 100, 50])
    picture.paste(1, (0, 0, 8, 16))
    made = decode(packed(picture, "GIF", transparency=0), 16, 3)
    assert made[:, 8, 2].tolist() == [200, 100, 50]
    assert made[:, 8, 13].tolist() == [255, 255, 255]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_greys(kind):
    ramp = np.tile(np.linspace(0, 65535, 256).round().astype(np.uint16), (256, 1))
    made = decode(packed(Image.fromarray(ramp), kind), 256, 1)
    assert np.array_equal(made[0, 0], np.arange(256))


def test_more_than_sixteen_bits_and_fractions_are_refused():
    with pytest.raises(UnreadableError, match="more than 16 bits"):
        decode(packed(Image.fromarray(np.full((9, 9), 70_000, dtype=np.int32)), "TIFF"), 8, 1)
    with pytest.raises(UnreadableError, match="fractions"):
        decode(packed(Image.fromarray(np.zeros((9, 9), dtype=np.float32)), "TIFF"), 8, 1)


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("L", (16, 16), grey) for grey in (250, 10)]
    data = packed(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode(data, 16, 1).min() == 250


def test_colour_becomes_grey_by_luma():
    for colour, grey in (((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29)):
        assert decode(packed(Image.new("RGB", (9, 9), colour)), 9, 1)[0, 0, 0] == grey


def huge_png(width, height):
    """A whole, valid PNG of one colour that says it is that large."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes((width // 8 + 1) * height), 1)
    header = struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # as outside of tests
@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (100_000, 100_000)])
def test_a_hundred_megapixels_are_refused_unseen(width, height, monkeypatch):
    data = huge_png(10_000, 10_000)
    data = data[:16] + struct.pack(">2I", width, height) + data[24:]
    crc = struct.pack(">I", zlib.crc32(data[12:29]))
    data = data[:29] + crc + data[33:]
    monkeypatch.setattr(module, "fit", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(UnreadableError, match="more than 50 million pixels"):
        decode(data, 16, 1)


def test_the_bound_is_not_in_the_way_of_large_photographs():
    assert decode(huge_png(8000, 6000), 16, 1).max() == 0


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is not a picture"),
        (b"just some text, named .png", "is not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture"),
        (packed(halves())[:-40], "is damaged"),
        (packed(halves(size=(200, 200)), "JPEG")[:600], "is damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "is"),
    ],
    ids=["empty", "text", "postscript", "cut png", "cut jpeg", "png magic"],
)
def test_a_bad_file_is_refused_with_a_reason(data, why):
    with pytest.raises(UnreadableError, match=why):
        decode(data, 16, 3)


@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"]), st.data())
def test_damage_of_any_kind_ends_in_a_reason_or_a_picture(kind, draw):
    data = bytearray(packed(halves(), kind))
    for _ in range(draw.draw(st.integers(1, 8))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableError):
        assert decode(bytes(data), 8, 3).shape == (3, 8, 8)
