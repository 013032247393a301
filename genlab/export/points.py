"""Points of a map to take away: as a table, and as arrays."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from genlab.latent.result import Projection

AXES = ("x", "y", "z")


def csv_bytes(made: Projection, rows: Sequence[int]) -> bytes:
    """A table (UTF-8, one header line) of `rows`: number, class (empty where it has none), generated or not, place."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["row", "class", "generated", *AXES[: made.spec.dims]])
    for row in rows:
        label = int(made.labels[row])
        name = made.classes[label] if label >= 0 else ""
        table.writerow([row, name, int(made.generated[row]), *(f"{value:.9g}" for value in made.coords[row])])
    return text.getvalue().encode()


def npz_bytes(made: Projection, rows: Sequence[int]) -> bytes:
    """A compressed npz of `rows`, without pickles.

    ``rows`` int64 (R,), ``coords`` float32 (R, dims), ``latents`` float32 (R, latent) with NaN where there is none,
    ``images`` uint8 (R, C, H, W), ``labels`` int64 (R,) with -1 for none, ``classes`` a name for each label,
    ``generated`` bool (R,).
    """
    taken = np.asarray(rows, np.int64)
    file = io.BytesIO()
    np.savez_compressed(
        file,
        rows=taken,
        coords=made.coords[taken],
        latents=made.latents[taken],
        images=made.images[taken],
        labels=made.labels[taken],
        classes=np.asarray(made.classes, np.str_),
        generated=made.generated[taken],
    )
    return file.getvalue()
