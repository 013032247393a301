"""Films as files and as jobs: frames that are there are not made again, and what breaks is told."""

import shutil
from pathlib import Path

import pytest
import torch
from numpy.testing import assert_array_equal

from genlab.cli import main
from genlab.data import load
from genlab.latent.spec import LatentError, Spec
from genlab.models import build
from genlab.models.storage import save_model
from genlab.runs import films, jobs
from genlab.runs.derived import JobStatus, compute
from genlab.runs.films import Reel, default_spec, plan
from genlab.runs.sampling import load_checkpoint
from genlab.runs.store import CHECKPOINTS, Run, RunError, create_run
from genlab.training.checkpoint import MODEL_FILE
from genlab.training.config import RunConfig
from tests.export.watching import watched
from tests.helpers import wait_until

SPEC = Spec("encoder", n=60)


def checkpoint(run: Run, step: int, *, broken: bool = False) -> None:
    """Weights that never learned anything, others at each step."""
    pictures = load("digits")
    torch.manual_seed(step)
    model = build(run.config.model, pictures.shape, {}, len(pictures.classes))
    if broken:
        for parameter in model.parameters():
            parameter.data.fill_(torch.nan)
    folder = run.path / CHECKPOINTS / f"{step:06}"
    folder.mkdir(parents=True)
    save_model(model, pictures.classes, folder / MODEL_FILE)


def made_run(model: str, *steps: int) -> Run:
    run = create_run(RunConfig(data="digits", model=model, preset="", steps=3), state="stopped")
    for step in steps:
        checkpoint(run, step)
    return run


@pytest.fixture
def run(own_home: Path) -> Run:
    return made_run("vae", 10, 20, 30)


def test_a_film_is_of_what_tells_most_and_two_latents_need_no_projection(own_home: Path) -> None:
    def asked(model: str, **options: object) -> tuple[str, str]:
        run = create_run(RunConfig(data="digits", model=model, preset="", steps=3, options=options), state="stopped")
        spec = default_spec(run)
        return spec.what, spec.method

    assert asked("vae", latent=2) == ("encoder", "plane")
    assert asked("vae", latent=2, conditional=True) == ("encoder", "pca")
    assert asked("vae") == asked("hybrid") == ("encoder", "pca")
    assert asked("vqvae") == asked("gan", latent=2) == ("features", "pca")


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps whose checkpoints are really run through."""
    steps: list[int] = []
    real = Reel._collect

    def counted(self, take, pictures):
        steps.append(take.step)
        return real(self, take, pictures)

    monkeypatch.setattr(Reel, "_collect", counted)
    return steps


def test_a_film_shows_the_same_pictures_through_every_checkpoint(run: Run, collected: list[int]) -> None:
    wanted = plan(run, SPEC)
    assert wanted.status() == JobStatus("absent")
    made = compute(wanted)
    assert made.steps == collected == [10, 20, 30]
    model = load_checkpoint(run, 20)[0].model
    pictures = load("digits")
    latents = model.encode(torch.from_numpy(made.images).float() / 127.5 - 1).detach()
    apart = torch.cdist(latents, latents)
    flat = torch.from_numpy(made.frames[1].coords)
    assert (torch.cdist(flat, flat) <= apart + 1e-3).all()  # a projection brings nothing apart
    assert set(made.labels) <= set(range(len(pictures.classes)))
    assert compute(plan(run, SPEC)).steps == [10, 20, 30]
    assert len(collected) == 3


def test_a_run_that_goes_on_lends_its_frames(run: Run, collected: list[int]) -> None:
    before = compute(plan(run, SPEC))
    checkpoint(run, 40)
    wanted = plan(run, SPEC)
    assert not wanted.is_done()
    newest = wanted.newest()
    assert newest is not None
    assert newest.steps == [10, 20, 30]
    after = compute(wanted)
    assert collected == [10, 20, 30, 40]
    assert after.steps == [10, 20, 30, 40]
    assert_array_equal(after.frames[0].coords, before.frames[0].coords)
    # Other pictures are another film, which has nothing to borrow.
    compute(plan(run, Spec("encoder", n=61)))
    assert len(collected) == 8


def test_of_many_checkpoints_some_are_chosen(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "chosen_steps", lambda steps: [steps[0], steps[-1]])
    assert [take.step for take in plan(run, SPEC).takes] == [10, 30]


def test_generated_pictures_come_from_the_same_latents(own_home: Path) -> None:
    run = made_run("gan", 10, 20)
    made = compute(plan(run))
    assert made.spec.what == "features"
    assert (len(made.images), made.n_generated) == (500, 500)
    model = load_checkpoint(run, 20)[0].model
    generator = torch.Generator().manual_seed(0)
    torch.randperm(len(load("digits")), generator=generator)  # the choice of the real ones comes first
    drawn = model.sample(model.prior.draw(500, generator)).detach()
    assert_array_equal(made.frames[1].generated, ((drawn + 1) * 127.5).round().clamp(0, 255).byte().numpy())
    assert (made.frames[0].generated != made.frames[1].generated).any()


def test_a_checkpoint_that_broke_is_left_out_and_named(run: Run) -> None:
    checkpoint(run, 40, broken=True)
    checkpoint(run, 50)
    (run.path / CHECKPOINTS / "000050" / MODEL_FILE).write_bytes(b"not weights")
    made = compute(plan(run, SPEC))
    assert made.steps == [10, 20, 30]
    assert [step for step, _ in made.left_out] == [40, 50]
    assert "no numbers" in made.left_out[0][1]


def test_where_every_checkpoint_broke_it_says_why(own_home: Path) -> None:
    run = made_run("vae")
    with pytest.raises(RunError, match="no checkpoint"):
        plan(run, SPEC)
    checkpoint(run, 40, broken=True)
    with pytest.raises(LatentError, match="no numbers"):
        compute(plan(run, SPEC))


def test_a_job_makes_the_film_and_a_deleted_run_stays_deleted(run: Run) -> None:
    wanted = plan(run, SPEC)
    jobs.start(wanted)
    assert wanted.status().state == "running"
    wait_until(lambda: wanted.status().state != "running", 60)
    assert wanted.status().state == "done", wanted.log_tail()
    assert wanted.load().steps == [10, 20, 30]
    shutil.rmtree(run.path)
    with pytest.raises(LatentError, match="deleted"):
        wanted.make(lambda *_: None)
    assert not run.path.exists()


def test_old_films_make_room(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "MAX_FILMS", 1)
    first, second = plan(run, SPEC), plan(run, Spec("encoder", n=50))
    compute(first)
    compute(second)
    assert (first.is_done(), second.is_done()) == (False, True)


def test_the_command_line_makes_films(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["film", str(run.number), "--n", "60"]) == 0
    said = capsys.readouterr().out
    assert "60 points" in said
    assert said.count("of the variance") == 3
    assert plan(run, SPEC).is_done()
    assert main(["film", run.id, "--what", "features"]) == 1
    assert "has no features" in capsys.readouterr().err


def test_the_command_line_writes_the_travel_as_a_moving_picture(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, start in (("a.GIF", b"GIF89a"), ("a.webp", b"RIFF"), ("a.mp4", b"\0\0\0")):
        assert main(["film", run.id, "--n", "60", "--out", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_bytes().startswith(start)
        assert str(tmp_path / name) in capsys.readouterr().out
    assert (
        len(watched((tmp_path / "a.mp4").read_bytes()).pictures) == 3 * (4 * 2) + 45
    )  # three frames, three between two
    assert main(["film", run.id, "--out", "a.avi"]) == 1
    assert "ends in .gif, .webp, .mp4" in capsys.readouterr().err
    assert main(["film", run.id, "--n", "60", "--out", str(tmp_path / "a.mp4" / "b.gif")]) == 1  # below a file
    assert "cannot be written" in capsys.readouterr().err
