"""How much of anything an import of one's own pictures may take, and the clock that watches over it."""

import time

from genlab.data.pictures import DataError

MIB = 1 << 20
MAX_UPLOAD_BYTES = 512 * MIB
"""Of the zip, npz or npy file itself."""
MAX_UNPACKED_BYTES = 4096 * MIB
"""Of everything that comes out of a zip or a folder; it is read file by file, never held at once."""
MAX_FILE_BYTES = 64 * MIB
"""Of one picture file, unpacked."""
MAX_ARRAY_BYTES = 1024 * MIB
"""Of one array in an npz or npy file, unpacked; it is held in memory."""
MAX_STORED_BYTES = 1024 * MIB
"""Of the finished set, which training keeps in memory: pictures times channels times size squared."""
MAX_FILES = 200_000
MAX_LIST_BYTES = 32 * MIB
"""Of the list of files in a zip, with some 160 bytes for each."""
MAX_PICTURES = 100_000
MIN_PICTURES = 2
"""One to train on and one held out for testing."""
MAX_PIXELS = 50_000_000
"""Of one picture as its header tells, before anything is decoded."""
MAX_CLASSES = 1000
MAX_SECONDS = 600.0
MIN_SIZE, MAX_SIZE = 8, 256
"""The side, in pixels, to which pictures are brought."""


class Budget:
    """Counts what an import really uses, whatever headers claim, and ends it when that is too much."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + MAX_SECONDS
        self._unpacked = 0

    def spend(self, nbytes: int) -> None:
        """Note ``nbytes`` more of unpacked data; DataError when bytes or time are used up."""
        self._unpacked += nbytes
        if self._unpacked > MAX_UNPACKED_BYTES:
            raise DataError(
                f"The pictures unpack to more than {MAX_UNPACKED_BYTES // MIB:,} MiB. Import fewer or smaller pictures."
            )
        if time.monotonic() > self._deadline:
            raise DataError(
                f"The import took longer than {MAX_SECONDS / 60:g} minutes and was ended. "
                "Import fewer or smaller pictures."
            )


def check_shape(size: int, channels: int) -> None:
    """DataError unless pictures of ``channels`` x ``size`` x ``size`` can be made."""
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise DataError(f"A size of {size} is not possible. Choose {MIN_SIZE} to {MAX_SIZE} pixels.")
    if channels not in (1, 3):
        raise DataError(f"{channels} channels are not possible. Choose 1 (grey) or 3 (colour).")


def check_count(count: int, size: int, channels: int) -> None:
    """DataError when ``count`` pictures of that shape are more than a set may hold."""
    most = min(MAX_PICTURES, MAX_STORED_BYTES // (channels * size * size))
    if count > most:
        raise DataError(
            f"There are more than the {most:,} pictures that a set of {size}x{size} pixels may have. "
            "Choose a smaller size or fewer pictures."
        )
