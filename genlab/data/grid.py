"""Many pictures as one: tiles, and PNG bytes."""

import io

import torch
from torch import Tensor


def tile(images: Tensor, columns: int) -> Tensor:
    """Lay pictures side by side, row by row, without a gap.

    Parameters
    ----------
    images : Tensor
        uint8 (N, C, H, W), N >= 1.
    columns : int
        Pictures in a row; the last row is filled up with black.

    Returns
    -------
    Tensor
        uint8 (C, rows * H, columns * W).
    """
    count, channels, height, width = images.shape
    rows = -(-count // columns)
    sheet = images.new_zeros(rows * columns, channels, height, width)
    sheet[:count] = images
    sheet = sheet.view(rows, columns, channels, height, width).permute(2, 0, 3, 1, 4)
    return sheet.reshape(channels, rows * height, columns * width)


def encode_png(image: Tensor) -> bytes:
    """PNG bytes of one picture, uint8 (1 or 3, H, W)."""
    from PIL import Image

    array = image.cpu().permute(1, 2, 0).contiguous().numpy()
    buffer = io.BytesIO()
    Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array).save(buffer, "png")
    return buffer.getvalue()


def sheet_png(images: Tensor, columns: int = 8) -> bytes:
    """PNG bytes of pictures, uint8 (N, C, H, W), laid out by :func:`tile`."""
    return encode_png(tile(images.to(torch.device("cpu")), columns))
