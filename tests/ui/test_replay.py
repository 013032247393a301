"""The Replay page over real runs, and what it makes of what a browser sends."""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from genlab.evaluation.sheet import ScoreSheet
from genlab.runs import jobs
from genlab.runs.derived import JobStatus, compute
from genlab.runs.films import plan
from genlab.runs.scores import append_scores
from genlab.runs.store import create_run, open_run
from genlab.training.config import RunConfig
from genlab.ui.i18n import translate
from genlab.ui.replay import downloads, packing, story
from genlab.ui.replay.page import checked_step
from tests.export.watching import watched
from tests.ui.conftest import Open, train

VAE, GAN = "00001-digits-vae", "00002-digits-gan"


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose film a page begins; no process is started for it."""
    runs: list[str] = []

    def start(wanted) -> None:
        runs.append(wanted.run.id)
        wanted.lock()
        wanted.write(JobStatus("running", phase="waiting"))

    monkeypatch.setattr(jobs, "start", start)
    return runs


def texts(app) -> str:
    kinds = ("title", "caption", "info", "error", "warning", "markdown", "subheader")
    return "\n".join(e.value for kind in kinds for e in app.get(kind))


def told(app) -> dict:
    """What the player was told, besides its story."""
    (said,) = [json.loads(e.proto.json) for e in app.get("bidi_component") if e.proto.json]
    return said


def unpack(blob: bytes) -> tuple[dict, bytes]:
    """What ``unpack.js`` does: the header, and the parts."""
    assert blob[:4] == b"GLR1"
    start = 8 + int.from_bytes(blob[4:8], "little")
    assert start % 4 == 0  # or a Float32Array could not begin here
    return json.loads(blob[8:start]), blob[start:]


def part(body: bytes, where: list[int]) -> bytes:
    assert where[0] % 4 == 0
    return body[where[0] : where[0] + where[1]]


def scored(run_id: str, *scores: tuple[int, float], n: int = 100, kind: str = "quick") -> None:
    for step, fid in scores:
        sheet = ScoreSheet(step, kind, "digits", "ab" * 32, n, 50, "test", 3, {"fid": fid, "recall": 0.5}, {"fid": 1.0})
        append_scores(open_run(run_id).path, sheet)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("run", "what"), [(VAE, "encoder"), (GAN, "features")])
def test_a_run_is_replayed_with_all_that_it_has(open_page: Open, lang: str, run: str, what: str) -> None:
    film = compute(plan(open_run(run)))
    app = open_page("replay", lang=lang, run=run)
    assert not app.exception
    assert not app.error
    said = told(app)
    assert said["about"].startswith(translate(lang, f"replay.about.{what}").split("{")[0])
    assert "Procrustes" in said["brief"]
    assert said["words"]["play"] == translate(lang, "replay.player.play")
    assert sum(int(group["count"]) for group in said["groups"]) == len(film)
    assert said["curves"]
    assert said["scores"] is None
    assert said["step"] == 3
    assert said["mapNote"] == ""
    (blob,) = [e.proto.bytes for e in app.get("bidi_component") if e.proto.bytes]
    assert unpack(blob)[0]["key"] == said["key"]


@pytest.mark.usefixtures("runs")
def test_a_story_is_unpacked_to_what_was_packed() -> None:
    run = open_run(GAN)
    film = compute(plan(run))
    whole = story.read(run, film)
    head, body = unpack(packing.pack("k", whole))
    assert (head["first"], head["last"], head["checkpoints"]) == (0, 3, [3])
    assert [sample["step"] for sample in head["samples"]] == [step for step, _ in run.samples()]
    for sample, (_, path) in zip(head["samples"], run.samples(), strict=True):
        assert part(body, sample["png"]) == path.read_bytes()
    assert head["curves"]["step"] == [row["step"] for row in whole.rows]
    assert head["curves"]["generator/loss"] == pytest.approx([row["generator/loss"] for row in whole.rows], rel=1e-5)
    drawn = head["map"]
    assert (drawn["n"], drawn["real"]) == (1000, 500)
    places = np.frombuffer(part(body, drawn["places"]), "<f4").reshape(1, 1000, 2)
    np.testing.assert_array_equal(places, film.aligned()[0])
    groups = np.frombuffer(part(body, drawn["group"]), "<u2")
    for i, group in enumerate(story.groups(film)):
        np.testing.assert_array_equal(np.flatnonzero(groups == i), group.rows)
    for images, where, columns in (
        (film.images, drawn["pictures"]["real"], drawn["pictures"]["columns"]),
        (film.frames[0].generated, drawn["frames"][0]["generated"], drawn["pictures"]["generated_columns"]),
    ):
        with Image.open(io.BytesIO(part(body, where))) as opened:
            sheet = np.asarray(opened)
        for i in (0, 1, columns, len(images) - 1):
            top, left = i // columns * 8, i % columns * 8
            np.testing.assert_array_equal(sheet[top : top + 8, left : left + 8], images[i, 0])


@pytest.mark.usefixtures("runs")
def test_a_map_that_is_not_there_is_begun_and_everything_else_is_shown(open_page: Open, started: list[str]) -> None:
    app = open_page("replay", run=VAE)
    assert started == [VAE]
    assert told(app)["mapNote"] == translate("en", "replay.map.making")
    assert told(app)["curves"]
    assert app.get("progress")
    assert [button.label for button in app.button] == [translate("en", "latent.stop")]
    app.button[0].click().run()
    assert plan(open_run(VAE)).file(".stop").exists()


@pytest.mark.usefixtures("runs")
def test_an_older_film_is_shown_until_the_newer_checkpoints_are_taken_in(open_page: Open, started: list[str]) -> None:
    run = open_run(VAE)
    compute(plan(run))
    shutil.copytree(run.path / "checkpoints" / "000003", run.path / "checkpoints" / "000009")
    wanted = plan(run)
    wanted.write(JobStatus("stopped"))
    app = open_page("replay", run=VAE)
    assert translate("en", "replay.map.older", step=3) in texts(app)
    assert told(app)["mapNote"] == ""
    assert not started
    next(button for button in app.button if button.key == "replay_compute").click().run()
    assert started == [VAE]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("state", "said"), [("failed", "the disk is full"), ("died", translate("zh", "replay.map.died"))]
)
def test_how_a_computation_ended_is_said(open_page: Open, state: str, said: str) -> None:
    wanted = plan(open_run(VAE))
    with wanted.lock():
        wanted.write(JobStatus("running" if state == "died" else state, phase="encoding", why="the disk is full"))
    app = open_page("replay", run=VAE, lang="zh")
    assert said in texts(app)
    assert [button.label for button in app.button] == [translate("zh", "replay.map.compute")]


@pytest.mark.usefixtures("runs")
def test_a_damaged_film_is_told_and_can_be_made_again(open_page: Open, started: list[str]) -> None:
    wanted = plan(open_run(VAE))
    compute(wanted)
    wanted.file(".npz").write_bytes(b"not a film")
    app = open_page("replay", run=VAE)
    assert "damaged" in app.error[0].value
    assert told(app)["curves"]
    assert not started
    next(button for button in app.button if button.key == "replay_compute").click().run()
    assert started == [VAE]
    assert not wanted.is_done()


@pytest.mark.usefixtures("home")
def test_without_runs_checkpoints_or_anything_it_says_so(open_page: Open, started: list[str]) -> None:
    assert translate("zh", "common.run.none") in texts(open_page("replay", lang="zh"))
    bare = create_run(RunConfig(data="digits", model="vae", preset="vae", steps=3), state="paused")
    app = open_page("replay", run=bare.id)
    assert translate("en", "replay.nothing") in texts(app)
    assert not started
    run = train("vae")
    shutil.rmtree(run.path / "checkpoints")
    app = open_page("replay", run=run.id)
    assert told(app)["mapNote"] == translate("en", "replay.map.no_checkpoint")
    assert not app.exception


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("asked", "step"),
    [("2", 2), ("0", 0), ("3", 3), ("4", 3), ("-1", 3), ("1e3", 3), ("2.0", 3), ("", 3), ("٢", 3), ("9" * 400, 3)],
)
def test_the_step_is_read_from_the_address_and_nonsense_is_left_out(open_page: Open, asked: str, step: int) -> None:
    app = open_page("replay", run=VAE, step=asked)
    assert not app.exception
    assert told(app)["step"] == step
    assert ("step" in app.query_params) == (asked in ("0", "2", "3"))
    assert translate("en", "replay.to_samples", step=step) in [link.proto.label for link in app.get("page_link")]


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.integers())


@given(JSON | st.integers(8, 32))
def test_whatever_a_browser_sends_only_steps_of_the_run_come_of_it(sent: object) -> None:
    found = checked_step(sent, 10, 30)
    assert found is None or (type(found) is int and 10 <= found <= 30)
    if type(sent) is int:
        assert (found == sent) == (10 <= sent <= 30)


@pytest.mark.usefixtures("runs")
def test_scores_say_how_they_were_measured_and_which_is_best(open_page: Open) -> None:
    scored(VAE, (1, 9.0), (2, 5.0), (3, 7.0))
    scored(VAE, (3, 4.0), n=999, kind="full")
    scores = told(open_page("replay", run=VAE))["scores"]
    assert scores["name"] == "FID"
    assert [sheet["value"] for sheet in scores["sheets"]] == [9.0, 5.0, 7.0, 4.0]
    assert [sheet["best"] for sheet in scores["sheets"]] == [False, True, False, False]  # the full one stands alone
    assert len({sheet["alike"] for sheet in scores["sheets"][:3]}) == 1
    assert scores["sheets"][3]["alike"] != scores["sheets"][0]["alike"]
    how = scores["sheets"][3]["how"]
    assert all(said in how for said in ("999", "50", "digits", "abababababab", "seed 3", "Full"))
    assert scores["sheets"][0]["others"] == [["Recall", "50.0%"]]
    assert scores["sheets"][0]["floored"] == "1"


def test_scores_are_taken_away_as_a_table() -> None:
    sheets = [
        ScoreSheet(5, "quick", "digits", "ab", 100, 50, "test", 0, {"fid": 9.5, "kid": 0.1}, {"fid": 1.0}),
        ScoreSheet(9, "full", "digits", "ab", 900, 50, "test", 0, {"fid": 3.5}, {}),
    ]
    rows = list(csv.DictReader(io.StringIO(downloads.csv(sheets).decode())))
    assert [(row["step"], row["fid"], row["kid"], row["floor.fid"], row["n"]) for row in rows] == [
        ("5", "9.5", "0.1", "1.0", "100"),
        ("9", "3.5", "", "", "900"),
    ]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("dark", [False, True])
def test_the_travel_is_taken_away_as_an_animation(dark: bool) -> None:
    from dataclasses import replace

    film = compute(plan(open_run(GAN)))
    first = film.frames[0]
    moved = replace(first, step=9, coords=first.coords * np.float32([1, 0.1]))
    made = downloads.travel(replace(film, frames=(first, moved)), "WEBP", dark=dark)
    with Image.open(io.BytesIO(made)) as picture:
        assert (picture.format, picture.size, picture.n_frames) == ("WEBP", (480, 480), 5)
        frames = []
        for i in range(5):
            picture.seek(i)
            frames.append(np.asarray(picture.convert("L"), int))
    paper = 20 if dark else 255
    assert abs(np.median(frames[0]) - paper) < 12
    assert (abs(frames[0] - paper) > 40).sum() > 500  # points are there
    assert abs(frames[0] - frames[2]).max() > 60  # and move
    film_again = watched(downloads.travel(replace(film, frames=(first, moved)), "MP4", dark=dark))
    assert len(film_again.pictures) == 4 * 3 + 45  # four of 90 ms, one of 1,500
    for picture, i in ((film_again.pictures[0], 0), (film_again.pictures[-1], 4)):
        assert abs(picture.mean(axis=2) - frames[i]).mean() < 6


@pytest.mark.usefixtures("runs")
def test_large_snapshots_come_in_smaller_numbers(monkeypatch: pytest.MonkeyPatch, runs: Path) -> None:
    run = open_run(VAE)
    png = run.samples()[-1][1].read_bytes()
    for step in range(10, 40):
        (run.path / "samples" / f"{step:06}.png").write_bytes(png)
    assert len(story.read(run, None).samples) == len(run.samples())
    monkeypatch.setattr(story, "SAMPLE_BYTES", 5 * len(png))
    kept = story.read(run, None).samples
    assert len(kept) <= 5
    assert kept[-1][0] == 39


@pytest.mark.usefixtures("runs")
def test_a_snapshot_that_is_gone_is_left_out() -> None:
    run = open_run(VAE)
    whole = story.read(run, None)
    whole.samples[0][1].unlink()
    head, _ = unpack(packing.pack("k", whole))
    assert len(head["samples"]) == len(whole.samples) - 1
    assert head["map"] is None
