"""Sheets of pictures: where each one lies, and PNG bytes that give the pixels back."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from genlab.data.grid import encode_png, sheet_png, tile


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("count", "columns", "rows"), [(1, 1, 1), (6, 3, 2), (7, 3, 3), (2, 8, 1)])
def test_each_picture_lies_in_its_place(channels: int, count: int, columns: int, rows: int) -> None:
    images = torch.randint(1, 256, (count, channels, 4, 5), dtype=torch.uint8)
    sheet = tile(images, columns)
    assert sheet.shape == (channels, rows * 4, columns * 5)
    for index, image in enumerate(images):
        top, left = index // columns * 4, index % columns * 5
        assert torch.equal(sheet[:, top : top + 4, left : left + 5], image)
    assert int((sheet > 0).sum()) == images.numel()  # the rest is black


@pytest.mark.parametrize("channels", [1, 3])
def test_png_gives_the_pixels_back(channels: int) -> None:
    image = torch.randint(0, 256, (channels, 6, 9), dtype=torch.uint8)
    opened = Image.open(io.BytesIO(encode_png(image)))
    assert opened.mode == ("L" if channels == 1 else "RGB")
    assert np.array_equal(np.asarray(opened).reshape(6, 9, channels), image.permute(1, 2, 0).numpy())


def test_a_sheet_is_eight_wide() -> None:
    opened = Image.open(io.BytesIO(sheet_png(torch.zeros(64, 1, 8, 8, dtype=torch.uint8))))
    assert opened.size == (64, 64)
