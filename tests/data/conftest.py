"""What the tests of data share: a web server on loopback, MNIST to serve, and a disk that is full soon."""

import contextlib
import gzip
import hashlib
import os
import resource
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from genlab.data import idx
from genlab.data.download import Remote

REAL_MNIST = Path(os.environ.get("GENLAB_TEST_MNIST") or Path(__file__).parents[3] / "shared/data/mnist")
SMALL_DISK_BYTES = 1 << 20

# Two shared cores are at times slow for reasons of their own, which says nothing about the code.
settings.register_profile("data", deadline=None, max_examples=60)
settings.load_profile("data")


class Mirror:
    """A web server on loopback that answers as it is told and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                answer = mirror.answers.get(self.path)
                if answer is None:
                    self.send_error(404)
                else:
                    answer(self)

            def log_message(self, *args: object) -> None:
                """Keep the test run's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def serve(self, path: str, body: bytes, claim: int | None = None, encoding: str = "") -> None:
        """Answer ``path`` with ``body``, announcing ``claim`` bytes (by default what there is)."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body) if claim is None else claim))
            if encoding:
                handler.send_header("Content-Encoding", encoding)
            handler.end_headers()
            with contextlib.suppress(ConnectionError):  # the client has read as much as it wanted
                handler.wfile.write(body)

        self.answers[path] = answer

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Mirror()
    yield server
    server.close()


@pytest.fixture
def real_mnist() -> Path:
    """The folder with MNIST's own files, for the one test that nothing else can stand in for."""
    if not REAL_MNIST.is_dir():
        pytest.skip(f"MNIST's own files are not at {REAL_MNIST}; set GENLAB_TEST_MNIST to their folder")
    return REAL_MNIST


@pytest.fixture(scope="session")
def mnist_files() -> tuple[Remote, dict[str, bytes]]:
    """MNIST as it is published, or (where its files are not at hand) a made-up set of the same form."""
    if REAL_MNIST.is_dir():
        return idx.MNIST, {file.name: (REAL_MNIST / file.name).read_bytes() for file in idx.MNIST.files}
    contents = {}
    for split, count in idx.COUNTS.items():
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = np.repeat(labels, idx.SIDE**2)
        head = struct.pack(">HBB3I", 0, 8, 3, count, idx.SIDE, idx.SIDE)
        contents[f"{idx.PREFIX[split]}-{idx.IMAGES}.gz"] = head + images.tobytes()
        contents[f"{idx.PREFIX[split]}-{idx.LABELS}.gz"] = struct.pack(">HBBI", 0, 8, 1, count) + labels.tobytes()
    files = tuple(
        replace(file, md5=hashlib.md5(contents[file.name]).hexdigest(), of="content") for file in idx.MNIST.files
    )
    return replace(idx.MNIST, files=files), {name: gzip.compress(data, 1) for name, data in contents.items()}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that takes about a megabyte: a tiny tmpfs, or a bound on file sizes where none is allowed."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "tmpfs", str(folder)]
    try:
        is_mounted = subprocess.run(mounted, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        is_mounted = False
    if is_mounted:
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_DISK_BYTES, hard))  # Python turns the signal into EFBIG
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
