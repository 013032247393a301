"""What the tests of the Compare page share."""

from genlab.evaluation.sheet import ScoreSheet
from genlab.runs.store import open_run
from genlab.ui.compare import gather
from genlab.ui.i18n import translate

VAE, GAN = "00001-digits-vae", "00002-digits-gan"
SHEET = ScoreSheet(
    3, "full", "classifier of digits", "ab12" * 16, 10_000, 359, "test", 7,
    {"fid": 8.0, "kid": 0.002, "kid_error": 0.0003, "precision": 0.81, "density": 1.2}, {"fid": 0.2, "precision": 0.98},
)  # fmt: skip


def texts(app) -> str:
    kinds = ("title", "caption", "info", "error", "warning", "markdown", "subheader")
    return "\n".join(e.value for kind in kinds for e in app.get(kind)).replace("\\", "")


def said(app, key: str, lang: str = "en", **values: object) -> bool:
    return translate(lang, f"compare.{key}", **values) in texts(app)


def read(*names: str) -> list[gather.Entry]:
    entries, problems = gather.read({str(open_run(name).number): open_run(name) for name in names or (VAE, GAN)})
    assert not problems
    return entries
