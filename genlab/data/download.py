"""Files fetched from a list of mirrors, checked, and kept in a cache.

A mirror may serve a file that it compressed anew, so where the hash of the *uncompressed* content is
known (MNIST), that is what is checked. For the other sets only the hash of the published, compressed
file is known; there a mirror must serve that very file, byte for byte.

``$GENLAB_MIRROR`` names a mirror of one's own, an http(s) address that is tried first. Under it each
data set has a folder named by its key, with the files named as their makers name them, for example
``$GENLAB_MIRROR/mnist/train-images-idx3-ubyte.gz``.
"""

import gzip
import hashlib
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from genlab.data.pictures import DataError
from genlab.data.source import Progress
from genlab.paths import cache_dir

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 30.0
"""How long a server may send nothing before it counts as down."""
SLOWEST_BYTES_A_SECOND = 20_000
"""A download slower than this on the whole counts as failed, so that a dripping server ends too."""
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class RemoteFile:
    """One gzip file on a server.

    Attributes
    ----------
    name : str
        Its name on every mirror and in the cache.
    nbytes : int
        Size as published; a mirror's own compression may differ, up to twice this.
    md5 : str
        Hex digest.
    of : {"content", "file"}
        What ``md5`` is the digest of: the uncompressed content, or the compressed file.
    unpacked : int
        The most bytes its content may have.
    """

    name: str
    nbytes: int
    md5: str
    of: Literal["content", "file"]
    unpacked: int

    @property
    def max_bytes(self) -> int:
        """The most bytes that are ever read from a server."""
        return 2 * self.nbytes + 4096


@dataclass(frozen=True)
class Remote:
    """A data set on the network: its key, its proper name, where it is had, and its files."""

    name: str
    title: str
    mirrors: tuple[str, ...]
    files: tuple[RemoteFile, ...]

    @property
    def nbytes(self) -> int:
        return sum(file.nbytes for file in self.files)


class _RefusedError(Exception):
    """What a server sent is not the file; the message completes "<host>: ..."."""


def is_fetched(remote: Remote) -> bool:
    """True when every file of the set is in the cache."""
    return all(_place(remote, file).is_file() for file in remote.files)


def read(remote: Remote, wanted: tuple[str, ...], progress: Progress | None = None) -> list[bytes]:
    """The uncompressed contents of the files named ``wanted``, downloaded first when they must be.

    All files of the set are fetched, so that the other split never needs the network later. A file
    in the cache that has been damaged is fetched again.

    Raises
    ------
    DataError
        When no mirror serves a file, telling each mirror's failure; when the cache cannot be written.
    """
    fetch(remote, progress)
    contents = []
    for file in remote.files:
        if file.name not in wanted:
            continue
        place = _place(remote, file)
        try:
            contents.append(_checked(place, file))
        except _RefusedError:
            place.unlink(missing_ok=True)
            fetch(remote, progress)
            contents.append(_checked(place, file))
        except OSError as error:
            raise DataError(f"{place} cannot be read: {error.strerror or error}. Delete it and load again.") from error
    return contents


def fetch(remote: Remote, progress: Progress | None = None) -> None:
    """Bring every file of the set into the cache; files that are there already are left alone.

    Parameters
    ----------
    remote : Remote
        The data set.
    progress : callable, optional
        Told the bytes done and the bytes in all, over all files of the set.

    Raises
    ------
    DataError
        As for `read`.
    """
    before = 0
    for file in remote.files:
        if not _place(remote, file).is_file():
            tell = None if progress is None else _share_of(progress, remote, file, before)
            _fetch_file(remote, file, tell)
        before += file.nbytes


def _share_of(progress: Progress, remote: Remote, file: RemoteFile, before: int) -> Callable[[int], None]:
    """Turn bytes of one file into bytes of the set; mirrors' sizes vary, so they are capped."""
    what = f"{remote.title}: {file.name}"
    return lambda done: progress(before + min(done, file.nbytes), remote.nbytes, what)


def _place(remote: Remote, file: RemoteFile) -> Path:
    return cache_dir() / remote.name / file.name


def bases(remote: Remote) -> list[str]:
    """The addresses below which a set's files may be, in the order in which they are asked.

    Raises
    ------
    DataError
        ``$GENLAB_MIRROR`` is no address.
    """
    own = os.environ.get("GENLAB_MIRROR", "").strip()
    if not own:
        return list(remote.mirrors)
    if not own.startswith(("http://", "https://")):
        raise DataError(f"GENLAB_MIRROR is {own!r}, but a mirror's address begins with http:// or https://.")
    return [f"{own.rstrip('/')}/{remote.name}", *remote.mirrors]


def _fetch_file(remote: Remote, file: RemoteFile, tell: Callable[[int], None] | None) -> None:
    import pooch
    import requests
    import urllib3

    pooch.get_logger().setLevel("WARNING")  # the lab tells its own progress
    place = _place(remote, file)
    failures = []
    for base in bases(remote):

        def download(url: str, target: str, _pooch: object) -> None:
            _download(url, Path(target), file, tell)

        try:
            # pooch writes to a temporary file and renames it once `download` has returned. It is given
            # no hash: its own check is of the compressed file only, so `download` makes the check.
            pooch.retrieve(f"{base.rstrip('/')}/{file.name}", None, place.name, place.parent, downloader=download)
            return
        except (_RefusedError, requests.RequestException, urllib3.exceptions.HTTPError) as error:
            failures.append(f"{urlsplit(base).netloc} {_why(error)}")
        except OSError as error:
            raise DataError(
                f"{remote.title} cannot be kept in {place.parent}: {error.strerror or error}. "
                "Make room there, or set GENLAB_CACHE to another folder."
            ) from error
    raise DataError(
        f"{remote.title} could not be downloaded: {'; '.join(failures)}. "
        "Check the network, or set GENLAB_MIRROR to the address of a mirror of your own."
    )


def _why(error: Exception) -> str:
    import requests
    import urllib3

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code} {error.response.reason}".rstrip()
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "broke off in the middle of the file"
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return "did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "could not be reached"
    return str(error) if isinstance(error, _RefusedError) else f"failed ({type(error).__name__})"


def _download(url: str, target: Path, file: RemoteFile, tell: Callable[[int], None] | None) -> None:
    """Stream ``url`` into ``target`` within the bounds of size and time, and check what came."""
    import requests

    deadline = time.monotonic() + SILENCE_SECONDS + file.max_bytes / SLOWEST_BYTES_A_SECOND
    answer = requests.get(
        url,
        stream=True,
        timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
        headers={"Accept-Encoding": "identity", "User-Agent": "genlab"},
    )
    done = 0
    with answer, open(target, "wb") as out:
        answer.raise_for_status()
        # The raw bytes: requests would unpack a .gz file that the server labels as gzip-encoded. And
        # read1, which returns with what has come: waiting for whole chunks would outlast the deadline.
        while chunk := answer.raw.read1(CHUNK_BYTES, decode_content=False):
            done += len(chunk)
            if done > file.max_bytes:
                raise _RefusedError(f"sent more than the {file.nbytes:,} bytes expected")
            if time.monotonic() > deadline:
                raise _RefusedError("was too slow")
            out.write(chunk)
            if tell is not None:
                tell(done)
    _checked(target, file)
    if tell is not None:
        tell(file.nbytes)


def _checked(path: Path, file: RemoteFile) -> bytes:
    """The content of ``path``, or _RefusedError when it is not the file that was published."""
    packed = path.read_bytes()
    if file.of == "file" and _md5(packed) != file.md5:
        raise _RefusedError("sent a file other than the published one (its md5 differs)")
    content = _gunzip(path, file.unpacked)
    if file.of == "content" and _md5(content) != file.md5:
        raise _RefusedError("sent a file whose content is not the published one (its md5 differs)")
    return content


def _gunzip(path: Path, most: int) -> bytes:
    try:
        with gzip.open(path) as stream:
            content = stream.read(most + 1)  # bounded, so that a gzip bomb stays small
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _RefusedError("sent a file that is not whole gzip data") from error
    if len(content) > most:
        raise _RefusedError(f"sent a file that unpacks to more than {most:,} bytes")
    return content


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
