"""What can be set, where, and what is said of nonsense."""

from pathlib import Path

import pytest

from genlab.settings import Limits, Settings, SettingsError, limits, settings


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
