"""Draw pictures from a model that genlab has exported. It needs numpy and onnxruntime, and nothing else::

    pip install numpy onnxruntime
    python draw.py --n 64 --seed 0 --out pictures.png

Beside it lie ``model.json``, which tells what the model is, and its graphs:

``prior.onnx``
    Random numbers to latents (N, L). ``uniform`` (N, U) lies in [0, 1), ``normal`` (N, D) is standard normal,
    ``truncation`` () scales the distance from the centre, and ``label`` (N,), where the model knows classes, is the
    class of each picture, or -1 for any.
``sampler.onnx``
    ``latents`` (N, L) to ``pictures`` (N, C, H, W) in [-1, 1].
``encoder.onnx``
    Where the model has an encoder: pictures to latents, or to codes; ``model.json`` says which.

The same seed gives the same pictures, and more of them begin with those of fewer. They are not those that genlab draws
from this seed, since numpy's random numbers are others than torch's.
"""

import argparse
import json
import math
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

CHUNK = 256
MOST = 10_000


def main() -> None:
    """Write a sheet of pictures."""
    parser = argparse.ArgumentParser(description="Draw pictures from an exported model.")
    parser.add_argument("--n", type=int, default=64, help=f"how many, 1 to {MOST:,} (64)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random numbers (0)")
    parser.add_argument("--truncation", type=float, default=1.0, help="below 1: safer, less varied (1)")
    parser.add_argument("--label", type=int, help="number of a class, for models that can be asked for one")
    parser.add_argument("--out", type=Path, default=Path("pictures.png"), help="PNG to write (pictures.png)")
    asked = parser.parse_args()
    here = Path(__file__).resolve().parent
    classes = json.loads((here / "model.json").read_text("utf-8"))["can_be_asked_for"]
    if not 1 <= asked.n <= MOST or asked.seed < 0 or not 0.0 <= asked.truncation <= 2.0:
        sys.exit(f"draw.py: --n is 1 to {MOST}, --seed 0 or more, --truncation 0 to 2.")
    if asked.label is not None and not 0 <= asked.label < len(classes):
        numbers = ", ".join(f"{number}: {name}" for number, name in enumerate(classes))
        sys.exit(f"draw.py: there is no class {asked.label}. The classes are: {numbers or 'none, leave --label out'}.")
    pictures = draw(here, asked.n, asked.seed, asked.truncation, -1 if asked.label is None else asked.label)
    asked.out.write_bytes(png(sheet(pictures)))
    print(f"{asked.out}: {asked.n} pictures of seed {asked.seed}")


def draw(folder: Path, n: int, seed: int, truncation: float = 1.0, label: int = -1) -> np.ndarray[Any, Any]:
    """Pictures float32 (n, C, H, W) in [-1, 1]; `label` is a class, or -1 for any."""
    onnxruntime.set_default_logger_severity(3)  # it warns of constants that nothing uses
    prior, sampler = (onnxruntime.InferenceSession(folder / f"{name}.onnx") for name in ("prior", "sampler"))
    random, parts = np.random.default_rng(seed), []
    for _ in range(math.ceil(n / CHUNK)):  # in whole chunks, so that more pictures begin with those of fewer
        numbers: dict[str, Callable[[tuple[int, ...]], Any]] = {
            "uniform": lambda shape: random.random(shape, np.float32),
            "normal": lambda shape: random.standard_normal(shape, np.float32),
            "truncation": lambda _: np.asarray(truncation, np.float32),
            "label": lambda shape: np.full(shape, label, np.int64),
        }
        given = {wanted.name: numbers[wanted.name]((CHUNK, *wanted.shape[1:])) for wanted in prior.get_inputs()}
        (latents,) = prior.run(["latents"], given)
        parts += sampler.run(["pictures"], {"latents": latents})
    return np.concatenate(parts)[:n]


def sheet(pictures: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Pictures side by side, as square as can be: uint8 (H, W, C)."""
    n, channels, height, width = pictures.shape
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    places = np.zeros((rows * columns, channels, height, width), np.uint8)
    places[:n] = np.clip(np.rint(127.5 * (pictures + 1.0)), 0, 255)
    grid = places.reshape(rows, columns, channels, height, width).transpose(0, 3, 1, 4, 2)
    return grid.reshape(rows * height, columns * width, channels)


def png(picture: np.ndarray[Any, Any]) -> bytes:
    """A PNG of a grey or coloured picture (H, W, 1 or 3)."""
    height, width, channels = picture.shape
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(data)) + kind + data + _checked(kind + data) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _checked(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


if __name__ == "__main__":
    main()
