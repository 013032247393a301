"""Many pictures in one file, with the story of how they were made."""

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from genlab.data.grid import png_bytes
from genlab.export.picture import ExportError, flat

MAX_PICTURES = 10_000
"""More than any page shows; a zip of that many small PNGs stays below some 30 MB."""

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold: same content, same bytes


def zip_bytes(
    images: NDArray[np.uint8],
    about: Mapping[str, object],
    labels: Sequence[int] | None = None,
    classes: Sequence[str] = (),
) -> bytes:
    """A zip of one PNG a picture, a ``sample.json``, and a ``labels.csv`` where there are labels.

    Parameters
    ----------
    images
        uint8 (N, C, H, W), 1 <= N <= 10,000.
    about
        How the pictures were made (run, step, seed, ...): JSON values, written as they are.
    labels
        One a picture, or None. A label's name goes into the file name, the exact one into ``labels.csv``.
    classes
        Names of the labels; the number stands for a label without a name.

    Raises
    ------
    ExportError
        When there are too many pictures.
    ValueError
        When the arguments do not fit together.
    """
    _check(images, labels)
    names = [_name(label, classes) for label in labels] if labels is not None else None
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        _add(archive, "sample.json", json.dumps(dict(about), indent=2, ensure_ascii=False, allow_nan=False))
        if names is not None and labels is not None:
            rows = [
                f"{_file(i, name)},{label},{_csv(name)}"
                for i, (label, name) in enumerate(zip(labels, names, strict=True))
            ]
            _add(archive, "labels.csv", "\n".join(["file,label,class", *rows]) + "\n")
        for i, image in enumerate(images):
            _add(archive, _file(i, names[i] if names else None), png_bytes(flat(image)), zipfile.ZIP_STORED)
    return file.getvalue()


def npz_bytes(images: NDArray[np.uint8], about: Mapping[str, object], labels: Sequence[int] | None = None) -> bytes:
    """A compressed npz that ``numpy.load(..., allow_pickle=False)`` reads.

    It holds ``images`` (uint8, (N, C, H, W)), ``about`` (a JSON text) and, where given,
    ``labels`` (int64, (N,)). Parameters and errors as for :func:`zip_bytes`.
    """
    _check(images, labels)
    arrays: dict[str, NDArray[np.generic]] = {"images": images, "about": _about(about)}
    if labels is not None:
        arrays["labels"] = np.asarray(labels, dtype=np.int64)
    return _npz(arrays)


def latent_bytes(latents: NDArray[np.float32], images: NDArray[np.uint8], about: Mapping[str, object]) -> bytes:
    """A compressed npz of ``latents`` (float32, (N, L)), of what is drawn from them, ``images``, and ``about``."""
    _check(images, None)
    return _npz({"latents": latents, "images": images, "about": _about(about)})


def _about(about: Mapping[str, object]) -> NDArray[np.str_]:
    return np.array(json.dumps(dict(about), ensure_ascii=False, allow_nan=False))


def _npz(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():  # as numpy.savez_compressed does, but without the time of day
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            _add(archive, f"{name}.npy", member.getvalue())
    return file.getvalue()


def _check(images: NDArray[np.uint8], labels: Sequence[int] | None) -> None:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1] not in (1, 3) or not images.size:
        raise ValueError(f"images must be uint8 (N, 1 or 3, H, W), not {images.dtype} {images.shape}")
    if labels is not None and len(labels) != len(images):
        raise ValueError("there must be one label a picture")
    if len(images) > MAX_PICTURES:
        raise ExportError(f"One file holds at most {MAX_PICTURES:,} pictures. Export fewer at a time.")


def _add(archive: zipfile.ZipFile, name: str, data: str | bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = method  # PNGs are compressed already
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


def _name(label: int, classes: Sequence[str]) -> str:
    return classes[label] if 0 <= label < len(classes) else str(label)


def _file(i: int, name: str | None) -> str:
    """A file name that every system can hold, whatever a class is called."""
    if name is None:
        return f"{i:05}.png"
    safe = re.sub(r"[^\w-]+", "-", name).strip("-")[:40]
    return f"{i:05}_{safe or 'class'}.png"


def _csv(text: str) -> str:
    """A field quoted where needed, and never taken for a formula by a spreadsheet."""
    if text[:1] in ("=", "+", "-", "@", "\t", "\r"):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text
