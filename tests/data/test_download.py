import contextlib
import gzip
import hashlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from genlab.data import DataError, download
from genlab.data.download import Remote, RemoteFile, fetch, is_fetched, read

CONTENT = bytes(range(256)) * 40
PACKED = gzip.compress(CONTENT, mtime=0)


def md5(data):
    return hashlib.md5(data).hexdigest()


def remote(*mirrors, of="content"):
    files = tuple(
        RemoteFile(name, len(PACKED), md5(CONTENT if of == "content" else PACKED), of, len(CONTENT))
        for name in ("one.gz", "two.gz")
    )
    return Remote("tiny", "Tiny", mirrors, files)


def serve(mirror, body=PACKED, folder="", **how):
    for name in ("one.gz", "two.gz"):
        mirror.serve(f"{folder}/{name}", body, **how)


def in_cache(tmp_path):
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


@pytest.fixture
def nobody():
    """The address of a port at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("of", ["content", "file"])
def test_files_are_fetched_checked_and_kept(mirror, tmp_path, of):
    serve(mirror)
    tiny = remote(mirror.url, of=of)
    assert not is_fetched(tiny)
    assert read(tiny, ("two.gz",)) == [CONTENT]
    assert is_fetched(tiny)
    assert in_cache(tmp_path) == ["one.gz", "two.gz"]
    mirror.answers.clear()
    assert read(tiny, ("one.gz", "two.gz")) == [CONTENT, CONTENT]
    assert mirror.asked == ["/one.gz", "/two.gz"]  # the second time nobody was asked


def test_another_compression_of_the_same_content_will_do(mirror):
    serve(mirror, gzip.compress(CONTENT, 1))
    assert read(remote(mirror.url), ("one.gz",)) == [CONTENT]
    with pytest.raises(DataError, match="other than the published one"):
        read(replace(remote(mirror.url, of="file"), name="strict"), ("one.gz",))


def test_progress_grows_to_the_whole(mirror, monkeypatch):
    monkeypatch.setattr(download, "CHUNK_BYTES", 16)
    serve(mirror)
    seen = []
    fetch(remote(mirror.url), lambda *told: seen.append(told))
    done = [told[0] for told in seen]
    assert done == sorted(done)
    assert len(set(done)) > 4
    assert seen[-1] == (2 * len(PACKED), 2 * len(PACKED), "Tiny: two.gz")
    assert {told[1] for told in seen} == {2 * len(PACKED)}
    seen.clear()
    fetch(remote(mirror.url), lambda *told: seen.append(told))
    assert seen == []


def test_progress_may_cancel(mirror, tmp_path):
    serve(mirror)

    def cancel(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(remote(mirror.url), cancel)
    assert in_cache(tmp_path) == []


def test_the_second_mirror_helps_when_the_first_is_down(mirror, nobody):
    serve(mirror, folder="/second")
    assert read(remote(nobody, mirror.url + "/first", f"{mirror.url}/second/"), ("one.gz",)) == [CONTENT]
    assert mirror.asked == ["/first/one.gz", "/second/one.gz", "/first/two.gz", "/second/two.gz"]


def test_when_no_mirror_helps_each_failure_is_told(mirror, nobody, tmp_path):
    with pytest.raises(DataError) as told:
        read(remote(nobody, mirror.url), ("one.gz",))
    sentence = str(told.value)
    assert sentence.startswith("Tiny could not be downloaded: ")
    assert f"{nobody.removeprefix('http://')} could not be reached" in sentence
    assert f"{mirror.url.removeprefix('http://')} answered 404 Not Found" in sentence
    assert "GENLAB_MIRROR" in sentence
    assert in_cache(tmp_path) == []


@pytest.mark.parametrize(
    ("body", "how", "why"),
    [
        (PACKED[:100], {"claim": len(PACKED)}, "broke off in the middle"),
        (PACKED[:100], {}, "not whole gzip data"),
        (PACKED[:-4] + b"\x00\x00\x00\x00", {}, "not whole gzip data"),
        (b"<html>Please log in</html>", {}, "not whole gzip data"),
        (b"", {}, "md5 differs"),
        (gzip.compress(b"something else"), {}, "md5 differs"),
        (bytes(3 * len(PACKED) + 5000), {}, "sent more than"),
        (gzip.compress(bytes(100_000)), {}, "unpacks to more than"),
    ],
    ids=["broken off", "cut", "wrong sum", "page", "nothing", "other content", "too long", "gzip bomb"],
)
def test_what_is_not_the_file_never_reaches_the_cache(mirror, tmp_path, body, how, why):
    serve(mirror, body, **how)
    with pytest.raises(DataError, match=why):
        read(remote(mirror.url), ("one.gz",))
    assert in_cache(tmp_path) == []


def test_a_server_may_label_gzip_files_as_encoded(mirror):
    serve(mirror, encoding="gzip")
    assert read(remote(mirror.url, of="file"), ("one.gz",)) == [CONTENT]


@pytest.mark.parametrize("before", [True, False])
def test_a_silent_server_is_given_up(mirror, monkeypatch, before, tmp_path):
    monkeypatch.setattr(download, "SILENCE_SECONDS", 0.2)

    def falls_silent(handler):
        if not before:
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(PACKED[:50])
            handler.wfile.flush()
        time.sleep(0.6)

    mirror.answers["/one.gz"] = falls_silent
    with pytest.raises(DataError, match="did not answer in time"):
        fetch(remote(mirror.url))
    assert in_cache(tmp_path) == []


def test_a_dripping_server_is_given_up(mirror, monkeypatch, tmp_path):
    monkeypatch.setattr(download, "SILENCE_SECONDS", 0.3)
    monkeypatch.setattr(download, "SLOWEST_BYTES_A_SECOND", 10**9)

    def drips(handler):
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(ConnectionError):
            for byte in PACKED[:40]:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                time.sleep(0.05)

    mirror.answers["/one.gz"] = drips
    begun = time.monotonic()
    with pytest.raises(DataError, match="was too slow"):
        fetch(remote(mirror.url))
    assert time.monotonic() - begun < 1.5
    assert in_cache(tmp_path) == []


def test_a_damaged_file_in_the_cache_is_fetched_again(mirror, tmp_path):
    serve(mirror)
    tiny = remote(mirror.url)
    fetch(tiny)
    (tmp_path / "cache/tiny/two.gz").write_bytes(PACKED[:50])
    assert read(tiny, ("two.gz",)) == [CONTENT]
    assert mirror.asked == ["/one.gz", "/two.gz", "/two.gz"]


def test_ones_own_mirror_comes_first(mirror, monkeypatch):
    serve(mirror, folder="/own/tiny")
    monkeypatch.setenv("GENLAB_MIRROR", f"{mirror.url}/own/")
    assert read(remote("http://127.0.0.1:1"), ("one.gz",)) == [CONTENT]
    assert mirror.asked == ["/own/tiny/one.gz", "/own/tiny/two.gz"]
    monkeypatch.setenv("GENLAB_MIRROR", "file:///etc")
    with pytest.raises(DataError, match="begins with http"):
        read(replace(remote(), name="other"), ("one.gz",))


def test_a_full_disk_ends_in_a_sentence(mirror, small_disk, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(small_disk / "cache"))
    noise = os.urandom(1_500_000)
    packed = gzip.compress(noise, 1)
    file = RemoteFile("big.gz", len(packed), md5(noise), "content", len(noise))
    mirror.serve("/big.gz", packed)
    with pytest.raises(DataError, match=r"(No space left|File too large).*GENLAB_CACHE"):
        fetch(Remote("big", "Big", (mirror.url,), (file,)))
    assert [path for path in small_disk.rglob("*") if path.is_file()] == []


def test_a_cache_that_cannot_be_read_ends_in_a_sentence(tmp_path):
    (tmp_path / "cache").write_text("not a folder")
    with pytest.raises(DataError, match="GENLAB_CACHE"):
        read(remote("http://127.0.0.1:1"), ("one.gz",))


def test_two_processes_may_fetch_at_once(mirror, tmp_path):
    serve(mirror)
    code = (
        "import sys; from genlab.data.download import *\n"
        f"files = tuple(RemoteFile(n, {len(PACKED)}, {md5(CONTENT)!r}, 'content', {len(CONTENT)}) "
        "for n in ('one.gz', 'two.gz'))\n"
        f"got = read(Remote('tiny', 'Tiny', ({mirror.url!r},), files), ('one.gz', 'two.gz'))\n"
        f"sys.exit([len(x) for x in got] != {[len(CONTENT)] * 2})"
    )
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert in_cache(tmp_path) == ["one.gz", "two.gz"]
