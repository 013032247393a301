"""Downloads that a page starts: in a process of their own, whose failure ends in a sentence."""

import time

import pytest

from genlab.ui.train.fetching import Download, Downloads, Progress

SECONDS = 60.0


def ended(download: Download) -> Progress:
    deadline = time.monotonic() + SECONDS
    while download.is_running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not download.is_running
    return download.progress()


def test_a_download_that_cannot_be_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENLAB_MIRROR", "file:///etc")
    download = Download("mnist")
    assert "GENLAB_MIRROR" in ended(download).error


def test_what_is_here_already_needs_no_word() -> None:
    assert ended(Download("digits")) == Progress()


def test_one_download_a_data_set(monkeypatch: pytest.MonkeyPatch) -> None:
    downloads = Downloads()
    assert downloads.get("digits") is None
    downloads.start("digits")
    first = downloads.get("digits")
    downloads.start("digits")
    assert downloads.get("digits") is first
    assert first is not None
    ended(first)
