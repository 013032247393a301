"""An experiment that was killed, stopped or begun by another version, and how a page watches one."""

import json
import subprocess
from pathlib import Path

import pytest

from genlab.errors import GenlabError
from genlab.market import again, run
from genlab.market.experiments import Experiment
from genlab.market.keeping import PLAN_FILE, STEPS_FILE, Attempt, ExperimentError, Plan, Step, attempt, folder_of
from genlab.market.results import Result
from genlab.runs import conducted, control
from genlab.runs.store import list_runs
from tests.market.tiny import TITLE, VAE, go, made


class TestGoingOn:
    """An attempt that was killed, stopped or begun by another version."""

    def kill(self, monkeypatch: pytest.MonkeyPatch, after: int, error: BaseException) -> Experiment:
        """An experiment of four steps that ended with the measuring of step `after`, counted from 0."""
        experiment, whole, calls = made(metric="sharpness"), run.measure, []

        def measured(*given):
            calls.append(given)
            if len(calls) > after:
                raise error
            return whole(*given)

        with monkeypatch.context() as patch:
            patch.setattr(run, "measure", measured)
            with pytest.raises(type(error)):
                go(experiment, (0, 1))
        return experiment

    @pytest.mark.parametrize(
        ("error", "state"), [(KeyboardInterrupt(), "paused"), (GenlabError("The disk is full."), "failed")]
    )
    def test_it_goes_on_with_the_run_that_was_begun(self, error, state, monkeypatch: pytest.MonkeyPatch):
        experiment = self.kill(monkeypatch, 1, error)
        assert again.standing(experiment).state == state
        kept = attempt(experiment)
        assert kept is not None
        assert [(step.arm, step.seed) for step in kept.done] == [("all", 0)]
        assert kept.current == (experiment.arms[1], 0)
        begun = [each.id for each in reversed(list_runs())]
        told: list[tuple[str, int]] = []
        found = run.run_experiment(experiment, (0, 1), lambda arm, seed, _: told.append((arm, seed)), drawn=100)
        assert told == [("all", 0), ("few", 0), ("all", 1), ("few", 1)]
        assert [found.runs["all"][0], found.runs["few"][0]] == begun
        assert len(list_runs()) == 4
        assert again.standing(experiment).state == "finished"
        assert found.values == go(experiment, (0, 1)).values  # a finished one begins anew
        assert len(list_runs()) == 8

    @pytest.mark.parametrize("change", ["seeds", "metric", "deleted"])
    def test_what_was_begun_otherwise_or_deleted_is_begun_anew(self, change, monkeypatch: pytest.MonkeyPatch):
        experiment = self.kill(monkeypatch, 0, KeyboardInterrupt())
        (begun,) = list_runs()
        if change == "deleted":
            control.delete(begun)
        elif change == "metric":
            experiment = made(metric="fid")
            assert attempt(experiment) is None
        found = go(experiment, (0,) if change == "seeds" else (0, 1))
        assert begun.id not in found.runs["all"]

    def test_time_that_is_measured_is_that_of_a_whole_training(self, monkeypatch: pytest.MonkeyPatch):
        experiment = made(metric="cpu_seconds", arms={"all": VAE}, pairs=[])
        with monkeypatch.context() as patch:
            patch.setattr(run, "measure", _interrupt)
            with pytest.raises(KeyboardInterrupt):
                go(experiment)
        (value,) = go(experiment).values["all"]
        assert value is not None
        assert value > 0
        assert len(list_runs()) == 2

    def test_two_cannot_be_at_it(self, own_home: Path):
        experiment = made()
        folder_of(experiment).mkdir(parents=True)
        with conducted.lock(folder_of(experiment)), pytest.raises(ExperimentError, match="Another process"):
            go(experiment)

    def test_files_that_make_no_sense_are_no_attempt(self):
        experiment = made()
        folder = folder_of(experiment)
        folder.mkdir(parents=True)
        (folder / PLAN_FILE).write_text('{"seeds": 3}')
        assert attempt(experiment) is None
        plan = {"fingerprint": experiment.fingerprint, "seeds": [0], "drawn": 9, "commit": ""}
        (folder / PLAN_FILE).write_text(json.dumps(plan))
        whole = {"arm": "all", "seed": 0, "run": "", "outcome": "measured", "value": 1.5, "seconds": 2.0}
        lines = [whole, whole | {"arm": "few", "value": None}, {"arm": "few"}, whole | {"arm": "few", "outcome": "?"}]
        (folder / STEPS_FILE).write_text("\n".join([*map(json.dumps, lines), '{"arm": "fe']))
        kept = attempt(experiment)
        assert kept is not None
        assert [step.arm for step in kept.done] == ["all"]

    def test_the_time_left_by_hand(self):
        """Seed 0 took 10 and 2 s; of seed 1 the first arm is half done: 5 + 2, and 12 for seed 2."""
        experiment = made()
        plan = Plan(experiment.fingerprint, (0, 1, 2), 9, "")
        done = {(arm, 0): Step(arm, 0, "", "measured", 1.0, took) for arm, took in (("all", 10.0), ("few", 2.0))}
        assert Attempt(experiment, plan, done).seconds_left(None, 0.5) == pytest.approx(5 + 2 + 12)
        del done["few", 0]  # then it is thought to take as long as the other
        assert Attempt(experiment, plan, done).seconds_left(None, 0.0) == pytest.approx(50)
        assert Attempt(experiment, plan, {}).seconds_left(3.0, 0.0) == pytest.approx(18)
        assert Attempt(experiment, plan, {}).seconds_left(None, 0.0) is None

    def test_the_time_of_a_step_before_it_begins(self):
        assert again.seconds_each(made(), None) is None
        timed = {**TITLE, "preset": "gan", "seconds": 30}
        assert again.seconds_each(made(arms={"all": timed, "few": timed}), None) == 30
        values = dict.fromkeys(("all", "few"), (1.0, 2.0, 3.0))
        found = Result("tiny", "", (0, 1, 2), values, 100, 60.0, {}, "", "")
        assert again.seconds_each(made(), found) == 10

    def test_a_page_starts_what_a_person_would_type(self, monkeypatch: pytest.MonkeyPatch):
        calls: list[list[str]] = []

        def spawn(arguments: list[str], _log: Path) -> subprocess.Popen[bytes]:
            calls.append(arguments)
            return subprocess.Popen(["true"])

        monkeypatch.setattr(conducted, "spawn", spawn)
        experiment = made(seeds=3)
        again.begin(experiment, 9)
        again.begin(experiment, 2)  # one is at it
        assert calls == [["market", "run", "tiny", "--seeds", "0", "1", "2"]]
        assert again.standing(experiment).state == "starting"
        again.stop(experiment)
        assert again.is_stopping(experiment)

    def test_it_waits_until_no_run_is_queued(self, monkeypatch: pytest.MonkeyPatch):
        from genlab.runs import worker

        queue = [["a run"], ["a run"], [], []]
        monkeypatch.setattr(worker, "TURN_SECONDS", 0.0)
        monkeypatch.setattr(worker, "ensure_workers", lambda: None)
        monkeypatch.setattr(worker, "queued", lambda: queue.pop(0))
        with worker.taking_turns():
            assert len(queue) == 1
            assert all(map(worker._is_taken, worker._slot_locks()))


def _interrupt(*_: object) -> float:
    raise KeyboardInterrupt
