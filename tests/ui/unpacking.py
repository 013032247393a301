"""What is packed for the map, read as its JavaScript does."""

import io
import json

import numpy as np
from PIL import Image


def headed(blob: bytes) -> tuple[dict, bytes]:
    """The header of what is sent as bytes, with its magic word, and what follows it."""
    start = 8 + int.from_bytes(blob[4:8], "little")
    assert start % 4 == 0  # or a Float32Array could not begin there
    return json.loads(blob[8:start]) | {"magic": blob[:4]}, blob[start:]


def unpack(blob: bytes) -> tuple[dict, np.ndarray, np.ndarray]:
    """What ``cloud.js`` does: header, places and neighbours."""
    head, rest = headed(blob)
    assert head["magic"] == b"GLM1"
    places = 8 * head["n"]
    assert len(rest) == places + 4 * head["n"] * head["near"]
    xy = np.frombuffer(rest[:places], "<f4").reshape(-1, 2)
    return head, xy, np.frombuffer(rest[places:], "<u4").reshape(head["n"], -1)


def unpack_pictures(blob: bytes) -> tuple[dict, list[np.ndarray]]:
    """Header and sheets, uint8 (H, W) or (H, W, 3) each."""
    head, rest = headed(blob)
    assert head["magic"] == b"GLP1"
    assert len(rest) == sum(head["sizes"])
    ends = np.cumsum(head["sizes"])
    files = [rest[end - size : end] for end, size in zip(ends, head["sizes"], strict=True)]
    return head, [np.asarray(Image.open(io.BytesIO(file))) for file in files]


def unpack_colours(blob: bytes) -> tuple[dict, np.ndarray, np.ndarray]:
    """Header, numbers and groups of a colouring."""
    head, rest = headed(blob)
    assert head["magic"] == b"GLC1"
    numbers = 4 * head["n"] * head["scaled"]
    return head, np.frombuffer(rest[:numbers], "<f4"), np.frombuffer(rest[numbers:], "<u2")
