"""What can be set, where, and what is said of nonsense."""

from pathlib import Path

import pytest

from genlab.settings import Limits, Settings, SettingsError, Team, limits, settings


@pytest.fixture(autouse=True)
def nothing_set(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even what all other tests set."""
    monkeypatch.delenv("GENLAB_LIMITS__FREE_MEGABYTES")


def test_a_lab_without_settings_has_one_user_whom_nothing_limits() -> None:
    assert settings() == Settings(mode="single", limits=Limits())
    assert limits() is None


def test_the_file_is_read_and_a_variable_is_above_it(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_home.mkdir()
    (own_home / "genlab.toml").write_text('mode = "demo"\n[limits]\nminutes = 2\nruns = 3\n')
    monkeypatch.setenv("GENLAB_LIMITS__RUNS", "7")
    assert limits() == Limits(minutes=2, runs=7)


def test_another_file_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "else.toml").write_text('mode = "team"\n')
    monkeypatch.setenv("GENLAB_SETTINGS", str(tmp_path / "else.toml"))
    assert settings().mode == "team"


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ('mode = "demo"', 24.0),
        ('mode = "team"', 2160.0),
        ('mode = "team"\n[limits]\nminutes = 3', 2160.0),
        ('mode = "team"\n[limits]\nidle_hours = 5', 5.0),
    ],
)
def test_a_teams_work_is_kept_longer_than_that_of_strangers(own_home: Path, text: str, hours: float) -> None:
    own_home.mkdir(parents=True, exist_ok=True)
    (own_home / "genlab.toml").write_text(f"{text}\n")
    assert settings().limits.idle_hours == hours


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('mode = "open"', "mode"),
        ("[limits]\nminutes = 0", "limits.minutes"),
        ("[limits]\nminute = 5", "limits.minute"),
        ("[limits]\nruns = 2.5", "limits.runs"),
        ("moed = 1", "moed"),
        ("mode = ", "genlab.toml"),
    ],
)
def test_nonsense_in_the_file_is_named(own_home: Path, text: str, named: str) -> None:
    own_home.mkdir()
    (own_home / "genlab.toml").write_text(text)
    with pytest.raises(SettingsError, match=named):
        settings()


def test_nonsense_in_a_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLAB_LIMITS__JOBS", "many")
    with pytest.raises(SettingsError, match=r"limits\.jobs"):
        settings()


class TestTeam:
    def test_without_a_list_everybody_who_signs_in_comes_in(self) -> None:
        assert Team().admits("eve@example.org")
        assert not Team().is_admin("eve@example.org")

    @pytest.mark.parametrize(
        ("address", "comes_in"),
        [
            ("ada@example.org", True), ("bob@lab.org", True), ("root@else.org", True), ("eve@example.org", False),
            ("bob@sub.lab.org", False), ("bob@notlab.org", False), ("bob@lab.org.evil.com", False),
            ("lab.org@evil.com", False), ("ada@example.org@evil.com", False), ("", False),
        ],
    )  # fmt: skip
    def test_members_are_addresses_and_domains(self, address: str, comes_in: bool) -> None:
        team = Team(admins=("Root@Else.org",), members=("Ada@example.org", "LAB.org"))
        assert team.admits(address) is comes_in
        assert team.is_admin(address) is (address == "root@else.org")

    def test_the_file_names_them(self, own_home: Path) -> None:
        own_home.mkdir()
        (own_home / "genlab.toml").write_text('mode = "team"\n[team]\nadmins = ["a@b.c"]\nmembers = ["b.c"]\n')
        assert settings().team == Team(admins=("a@b.c",), members=("b.c",))

    def test_variables_hold_lists_as_json(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GENLAB_TEAM__ADMINS", '["a@b.c"]')
        assert settings().team == Team(admins=("a@b.c",))

    @pytest.mark.parametrize("text", ['admins = ["b.c"]', 'admins = ["a@b@c"]', 'members = ["a b"]', 'members = ["@"]'])
    def test_nonsense_is_named(self, own_home: Path, text: str) -> None:
        own_home.mkdir()
        (own_home / "genlab.toml").write_text(f"[team]\n{text}\n")
        with pytest.raises(SettingsError, match=r"team\.(admins|members)"):
            settings()
