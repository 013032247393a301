"""The look at packages: it is skipped aloud where nobody answers in earnest, and asks where somebody does."""

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools import audit


class Answering(BaseHTTPRequestHandler):
    body = b""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert asked == audit.KNOWN
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(
    ("body", "earnest"),
    [
        (b'{"vulns": [{"id": "x"}]}', True),
        (b'{"vulns": []}', False),
        (b"{}", False),
        (b"[]", False),
        (b"<html>", False),
    ],
)
def test_only_who_knows_of_vulnerabilities_is_believed(
    service: str, body: bytes, earnest: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answering, "body", body)
    assert audit.answers(service) is earnest


def test_nobody_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert not audit.answers("http://127.0.0.1:1/")
    assert audit.main() == 0  # tests have no network
    assert "skipped" in capsys.readouterr().out


def test_what_is_found_is_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(audit, "answers", lambda: True)
    monkeypatch.setattr(audit.subprocess, "run", run)
    assert audit.main() == 1
    assert "pip_audit" in asked[0]
