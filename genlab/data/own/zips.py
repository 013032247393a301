"""Zips that a stranger may have made, opened without reading a list of files that has no end."""

import io
import zipfile
from typing import IO


def open_zip(stream: IO[bytes], most: int) -> zipfile.ZipFile:
    """A zip to read from; `stream` is left open when it is closed.

    Python reads the list of a zip's files whole, before anyone can look at it: two million names of one letter, which
    are a zip of 94 MB, take a gigabyte and half a minute of the interpreter.

    Parameters
    ----------
    most
        Bytes that the list may have.

    Raises
    ------
    zipfile.LargeZipFile
        The list is longer.
    zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError
        It is no zip, or one of another kind.
    """
    archive = zipfile.ZipFile(_InPieces(stream, most))
    archive.fp = stream  # files are read as ever
    return archive


class _InPieces(io.BufferedIOBase):
    """A file that gives no more than so many bytes at once."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._most = stream, most

    def read(self, size: int | None = -1, /) -> bytes:
        asked = self._most + 1 if size is None or size < 0 else min(size, self._most + 1)
        data = self._stream.read(asked)
        if len(data) > self._most:
            raise zipfile.LargeZipFile
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True
