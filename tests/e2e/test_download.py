"""A download that a page starts, from a mirror on loopback that serves MNIST's own files."""

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from genlab.data import is_cached
from tests.e2e.driving import Visit, settled

REAL_MNIST = Path(os.environ.get("GENLAB_TEST_MNIST") or Path(__file__).parents[3] / "shared/data/mnist")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Keep the test run's output clean."""


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server that is started after this downloads from here; ask for it before `visit`."""
    if not REAL_MNIST.is_dir():
        pytest.skip(f"MNIST's own files are not at {REAL_MNIST}; set GENLAB_TEST_MNIST to their folder")
    root = tmp_path / "mirror"
    root.mkdir()
    (root / "mnist").symlink_to(REAL_MNIST)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    monkeypatch.setenv("GENLAB_MIRROR", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_data_set_is_downloaded_and_looked_at(mirror: None, runs: Path, visit: Visit) -> None:
    page = settled(visit("/train?data=mnist"))
    expect(page.get_by_text("not on this machine yet")).to_be_visible()
    page.get_by_role("button", name="Download and look").click()
    expect(page.locator("img[alt='Some pictures of MNIST']")).to_be_visible()
    assert is_cached("mnist")
