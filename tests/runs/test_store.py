"""Run folders: made, found, named, and told about when they are broken."""

import json
import threading
from pathlib import Path

import pytest

from genlab.runs.changes import changing
from genlab.runs.orders import CONTROL_FILE, Orders, read_orders, valid_lr_scale, write_orders
from genlab.runs.status import STATUS_FILE
from genlab.runs.store import (
    CONFIG_FILE,
    LOG_FILE,
    TITLE_FILE,
    RunError,
    check_title,
    create_run,
    list_runs,
    open_run,
)
from tests.helpers import config


def test_a_home_without_runs(own_home: Path) -> None:
    assert list_runs() == []
    assert not own_home.exists()
    (own_home).mkdir()
    (own_home / "runs").write_text("a file")
    assert list_runs() == []


def test_a_new_run_says_everything_needed_to_run_it_again() -> None:
    asked = config("gan", options={"latent": 8}, seed=3)
    run = create_run(asked, " My run ")
    assert run.id == "00001-digits-gan"
    assert run.title == "My run"
    again = open_run(run.id)
    assert again.config == asked
    assert (again.status().state, again.status().total_steps, again.problem) == ("queued", 10, None)
    record = json.loads((run.path / CONFIG_FILE).read_text())
    assert set(record["versions"]) == {"genlab", "torch", "python"}
    assert len(record["commit"]) == 40
    assert (run.samples(), run.checkpoints(), run.log_tail(), run.metrics().empty) == ([], [], "", True)


def test_numbers_rise_and_are_never_given_twice() -> None:
    from genlab.runs.control import delete

    first, second = create_run(config()), create_run(config("gan"))
    assert [run.id for run in list_runs()] == [second.id, first.id] == ["00002-digits-gan", "00001-digits-vae"]
    delete(second)
    assert create_run(config()).number == 3


def test_runs_made_at_once_get_numbers_of_their_own() -> None:
    made = []
    threads = [threading.Thread(target=lambda: made.append(create_run(config()).number)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == list(range(1, 9))


def test_own_data_give_a_harmless_folder_name() -> None:
    asked = config()
    object.__setattr__(asked, "data", "own:../Kätzchen & Co")
    assert create_run(asked).id == "00001-own-k-tzchen-co-vae"


@pytest.mark.parametrize(
    "name",
    ["", "..", "../runs", "00001-digits-vae/..", "/etc", "00001-digits-vae/../../x", "00001-digits-vae\n", "a" * 5000,
     "00001-digits-vae\0", "00009-digits-vae", ".locks", "00001-DIGITS-vae", "1"],
)  # fmt: skip
def test_a_link_opens_nothing_but_runs(name: str) -> None:
    create_run(config())
    with pytest.raises(RunError, match="There is no run"):
        open_run(name)


@pytest.mark.parametrize("title", ["", "   ", "a" * 81, "two\nlines", "\x1b[31m", "\u202egnp"])
def test_titles_that_are_refused(title: str) -> None:
    with pytest.raises(RunError, match="1 to 80 characters"):
        check_title(title)
    with pytest.raises(RunError):
        create_run(config(), title)
    assert list_runs() == []


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '""', "null"])
def test_a_broken_title_falls_back_to_the_folders_name(text: str) -> None:
    run = create_run(config())
    (run.path / TITLE_FILE).write_text(text)
    assert run.title == run.id


@pytest.mark.parametrize("file", [CONFIG_FILE, STATUS_FILE])
@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "{}", '{"config": {}, "created": 1}', '{"config": 3, "created": "x"}']
)
def test_a_broken_folder_is_listed_and_says_what_is_wrong(file: str, text: str | None) -> None:
    good, bad = create_run(config()), create_run(config())
    if text is None:
        (bad.path / file).unlink()
    else:
        (bad.path / file).write_text(text)
    assert [run.id for run in list_runs()] == [bad.id, good.id]
    assert good.problem is None
    assert open_run(bad.id).problem


def test_a_configuration_of_another_version_is_a_problem_told() -> None:
    run = create_run(config())
    record = json.loads((run.path / CONFIG_FILE).read_text())
    record["config"]["model"] = ["diffusion"]
    (run.path / CONFIG_FILE).write_text(json.dumps(record))
    assert "no model called" in (open_run(run.id).problem or "")


def test_samples_and_checkpoints_are_sorted_by_step_and_strangers_ignored() -> None:
    run = create_run(config())
    for name in ("000002.png", "1000000.png", "999999.png", "x.png", ".000003.png.ab.tmp", "000004.PNG"):
        (run.path / "samples").mkdir(exist_ok=True)
        (run.path / "samples" / name).write_bytes(b"")
    for name in ("000010", "000002", ".000011.7.tmp", "000003 (copy)"):
        (run.path / "checkpoints" / name).mkdir(parents=True)
    assert [step for step, _ in run.samples()] == [2, 999999, 1000000]
    assert [step for step, _ in run.checkpoints()] == [2, 10]


def test_the_log_is_read_from_its_end() -> None:
    run = create_run(config())
    lines = [f"line {i} ü" for i in range(60_000)]
    (run.path / LOG_FILE).write_text("\n".join(lines), encoding="utf-8")
    assert run.log_tail(3).split("\n") == lines[-3:]
    assert len(run.log_tail().split("\n")) == 200
    (run.path / LOG_FILE).write_bytes(b"\xff\xfe broken")
    assert "broken" in run.log_tail()


def test_a_folder_that_cannot_be_written_ends_in_a_sentence(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "runs").write_text("a file")
    with pytest.raises(RunError, match="cannot be written to"):
        create_run(config())


def test_a_deleted_run_says_so() -> None:
    import shutil

    run = create_run(config())
    shutil.rmtree(run.path)
    with pytest.raises(RunError, match="it was deleted"):
        run.status()
    with pytest.raises(RunError, match="it was deleted"), changing(run):
        pass
    assert not run.path.exists()


def test_orders_survive_the_disk_and_nonsense_means_train_on(tmp_path: Path) -> None:
    assert read_orders(tmp_path) == Orders()
    write_orders(tmp_path, Orders("pause", 0.5))
    assert read_orders(tmp_path) == Orders("pause", 0.5)
    for text in ("", "[]", "{}", '{"command": "explode", "lr_scale": 1}', '{"command": "stop", "lr_scale": 1e9}',
                 '{"command": "stop", "lr_scale": "x"}', '{"command": ["stop"], "lr_scale": 1}',
                 '{"command": "stop", "lr_scale": NaN}'):  # fmt: skip
        (tmp_path / CONTROL_FILE).write_text(text)
        assert read_orders(tmp_path) == Orders(), text


@pytest.mark.parametrize(
    ("factor", "valid"),
    [(0.01, True), (100.0, True), (0.0, False), (-1.0, False), (101.0, False), (float("nan"), False)],
)
def test_factors_on_the_rates(factor: float, valid: bool) -> None:
    assert valid_lr_scale(factor) == valid
