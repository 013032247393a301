"""Made-up measurements for the tests of the Models page."""

import numpy as np
from streamlit.testing.v1 import AppTest

from genlab.data.grid import png_bytes
from genlab.evaluation import measured
from genlab.evaluation.measured import Row
from genlab.ui.i18n import translate

PNG = png_bytes(np.zeros((8, 8), np.uint8))


def training(model: str, given: int, fid: float, seed: int = 0, **more: float) -> list[Row]:
    """Three looks at a training: the FID falls from four times to twice to once the last."""
    looks = [Row(model, seed, given, given / n, round(1000 / n), n * fid) for n in (4, 2)]
    scores = {"precision": 0.9, "recall": 0.6, "coverage": 0.8, "memorised": 0.4, **more}
    return [*looks, Row(model, seed, given, float(given), 1000, fid, **scores)]


def write(data: str, *trainings: list[Row]) -> None:
    for rows in trainings:
        measured.append(data, rows)
        measured.picture_file(data, rows[0].model, rows[0].given).write_bytes(PNG)


def digits(**fids: float) -> None:
    for model, fid in fids.items():
        write("digits", training(model, 60, fid))


def texts(app: AppTest) -> str:
    kinds = ("title", "caption", "info", "error", "markdown", "subheader")
    bodies = [e.proto.body for e in app.get("html")]
    return "\n".join([*(e.value for kind in kinds for e in app.get(kind)), *bodies]).replace("\\", "")


def said(app: AppTest, key: str, lang: str = "en", **values: object) -> bool:
    return translate(lang, f"models.{key}", **values) in texts(app)
