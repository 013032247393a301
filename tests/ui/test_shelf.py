"""Runs that one may look at but not change, on the pages."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from genlab.data.own.store import save
from genlab.latent.spec import Spec
from genlab.paths import root
from genlab.runs import jobs, sharing, shelf
from genlab.runs.derived import compute
from genlab.runs.maps import plan
from genlab.runs.quotas import QuotaError
from genlab.runs.status import run_lock, write_status
from genlab.runs.store import list_runs, open_run
from genlab.settings import settings
from genlab.ui.errors import said
from tests.helpers import config, pictures, train_run
from tests.ui.conftest import Open

ZOO = "zoo-small"


@pytest.fixture(autouse=True)
def no_films(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages begin no film, whose process would outlive the test."""
    monkeypatch.setattr(jobs, "start", lambda _: None)


@pytest.fixture
def zoo(home: Path, trained_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A zoo of one run, and a home without any."""
    shutil.copytree(trained_runs / "00001-digits-vae", tmp_path / "zoo" / "small")
    monkeypatch.setattr(shelf, "ZOO", tmp_path / "zoo")
    return tmp_path / "zoo" / "small"


def buttons(app) -> set[str]:
    return {button.label for button in app.button}


@pytest.mark.parametrize("page", ["train", "samples", "latent", "replay"])
def test_every_page_of_a_run_shows_it(zoo: Path, open_page: Open, page: str) -> None:
    if page == "latent":
        compute(plan(open_run(ZOO), Spec("encoder")))
    app = open_page(page, run=ZOO)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert app.query_params["run"] == ZOO
    assert app.selectbox(key="link_run").value == ZOO


def test_nothing_that_would_change_it_is_offered(zoo: Path, open_page: Open) -> None:
    app = open_page("train", run=ZOO)
    offered = buttons(app)
    assert "Take a copy" in offered
    assert not offered & {"Pause", "Stop", "Resume", "Rename", "Delete", "Score now", "Keep"}
    assert not [box for box in app.checkbox if box.key and box.key.startswith("sure-")]
    assert not [box for box in app.expander if box.label == "Log"]


def test_a_copy_is_taken_and_shown(zoo: Path, open_page: Open) -> None:
    app = open_page("train", run=ZOO)
    app.button(key=f"copy-{ZOO}").click().run()
    assert not app.exception
    (copied,) = list_runs()
    assert app.query_params["run"] == copied.id
    assert "Take a copy" not in buttons(app)


def test_ones_own_come_first_and_the_others_are_marked(zoo: Path, runs_too: Path, open_page: Open) -> None:
    app = open_page("samples")
    assert app.query_params["run"] == "00002-digits-gan"
    options = app.selectbox(key="link_run").options
    assert len(options) == 3
    assert "zoo" not in " ".join(options[:2])
    assert options[2].endswith("· finished · zoo")


def test_they_are_compared_with_ones_own(zoo: Path, runs_too: Path, open_page: Open) -> None:
    app = open_page("compare", runs=f"1,{ZOO}")
    assert not app.exception
    assert not app.warning
    assert app.multiselect(key="link_runs").value == ["1", ZOO]
    assert open_page("compare").multiselect(key="link_runs").value == ["2", "1"]


@pytest.fixture
def runs_too(home: Path, trained_runs: Path) -> Path:
    shutil.copytree(trained_runs, home / "runs", dirs_exist_ok=True)
    return home / "runs"


class TestSharing:
    @pytest.fixture(autouse=True)
    def no_zoo(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shelf, "ZOO", tmp_path / "none")

    @pytest.fixture
    def link(self, runs_too: Path) -> str:
        """The id under which the VAE is shared; a single user's own pages open it as anybody's do."""
        return sharing.share(open_run("00001-digits-vae"))

    def test_the_owner_makes_sees_and_withdraws_the_link(self, runs_too: Path, open_page: Open) -> None:
        app = open_page("train", run="00001-digits-vae")
        assert not app.code
        app.button(key="share-make").click().run()
        assert not app.exception
        link = sharing.shared_as(open_run("00001-digits-vae"))
        assert link is not None
        assert any(code.value.endswith(f"/?run={link}") for code in app.code)
        app.button(key="share-withdraw").click().run()
        assert sharing.shared_as(open_run("00001-digits-vae")) is None
        assert not app.code

    @pytest.mark.parametrize("page", ["train", "samples", "latent", "replay"])
    def test_every_page_of_a_run_shows_it(self, link: str, open_page: Open, page: str) -> None:
        app = open_page(page, run=link)
        assert not app.exception
        assert not app.error
        assert not app.warning
        assert app.selectbox(key="link_run").value == link
        assert app.selectbox(key="link_run").options[-1].endswith("· finished · shared with you")

    def test_it_is_compared_and_stays_at_hand(self, link: str, open_page: Open) -> None:
        app = open_page("compare", runs=f"{link},2")
        assert not app.exception
        assert not app.warning
        assert app.multiselect(key="link_runs").value == [link, "2"]
        app.switch_page("pages/samples.py").run()
        assert link in app.session_state["_shared_runs"]
        assert not any(link in option for option in app.selectbox(key="link_run").options)

    def test_the_overview_shows_it(self, link: str, open_page: Open) -> None:
        app = open_page("overview", run=link)
        assert not app.exception
        assert not app.error
        assert "Shared with you" in [heading.value for heading in app.subheader]
        assert app.button(key=f"copy-{link}")
        assert "Shared with you" not in [heading.value for heading in open_page("overview").subheader]

    @pytest.mark.parametrize("page", ["overview", "train", "samples", "latent", "replay"])
    def test_a_link_that_is_withdrawn_or_was_never_made_is_told(
        self, runs_too: Path, open_page: Open, page: str
    ) -> None:
        app = open_page(page, run="shared-" + "x" * 32)
        assert not app.exception
        (warning,) = app.warning
        assert warning.value.startswith("This link does not share a run, or not any more")

    def test_a_page_left_open_tells_it_too(self, link: str, open_page: Open) -> None:
        app = open_page("train", run=link)
        sharing.withdraw(open_run("00001-digits-vae"))
        app.run()
        assert [warning.value for warning in app.warning if "does not share a run" in warning.value]
        assert app.selectbox(key="link_run").value != link

    def test_neither_log_nor_failure_is_shown(self, link: str, runs_too: Path, open_page: Open) -> None:
        run = open_run("00001-digits-vae")
        (run.path / "log.txt").write_text("SECRET")
        with run_lock(run.path):
            write_status(run.path, replace(run.status(holding=True), state="failed", why="SECRET"))
        app = open_page("train", run=link)
        assert not app.exception
        assert not [
            one for kind in (app.code, app.error, app.info, app.markdown) for one in kind if "SECRET" in one.value
        ]


def test_messages_name_no_home_of_a_visitor(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = "The file {}runs/00001-digits-vae/start.safetensors is damaged."
    folder = f"{root()}/visitors/{'0' * 32}/"
    assert said(told.format(folder)) == told.format(folder)  # a single user may know
    monkeypatch.setenv("GENLAB_MODE", "demo")
    settings.cache_clear()
    assert said(told.format(folder)) == told.format("")
    assert said(told.format(f"{root()}/")) == told.format("")


@pytest.mark.parametrize("page", ["overview", "train", "samples", "replay", "compare", "latent"])
def test_of_uploaded_pictures_all_but_maps_is_shown(home: Path, open_page: Open, page: str) -> None:
    save("faces", pictures((1, 8, 8), 50), "Faces", "a test", 0)
    run, status = train_run(config("vae", data="own:faces"))
    assert status.state == "finished"
    link = sharing.share(run)
    app = open_page(page, **{"runs" if page == "compare" else "run": link})
    assert not app.exception
    assert not app.warning
    errors = [error.value for error in app.error]
    if page == "latent":
        assert len(errors) == 1
        assert "not shared" in errors[0]
    else:
        assert not errors


@pytest.mark.parametrize(
    ("page", "asked"), [("replay", {}), ("latent", {"tab": "own", "give": "pad"})], ids=["replay", "latent"]
)
@pytest.mark.usefixtures("runs")
def test_a_link_with_two_underscores_is_like_any(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, page: str, asked: dict[str, str]
) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: f"__{'a' * 28}__")
    run = open_run("00001-digits-vae")
    compute(plan(run, Spec("encoder")))
    app = open_page(page, **asked, run=sharing.share(run))
    assert not app.exception
    assert not app.error


def test_a_replay_is_shown_though_its_film_may_not_be_made_now(
    zoo: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise QuotaError("Something of yours is being computed already. Let it end, or stop it.")

    monkeypatch.setattr(jobs, "start", refuse)
    app = open_page("replay", run=ZOO)
    assert not app.exception
    assert ["computed already" in error.value for error in app.error] == [True]
    assert app.button(key="replay_compute")
