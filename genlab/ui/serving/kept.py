"""Answers that are worth computing only every few seconds, whoever asks how often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

T = TypeVar("T")


def kept_for(seconds: float) -> Callable[[Callable[[], T]], Callable[[], T]]:
    """Compute a function anew once its last value is so old; who asks meanwhile waits for it."""

    def wrap(function: Callable[[], T]) -> Callable[[], T]:
        lock = threading.Lock()
        kept: list[tuple[float, T]] = []

        @wraps(function)
        def inner() -> T:
            with lock:
                if not kept or kept[0][0] + seconds < time.monotonic():
                    kept[:] = [(time.monotonic(), function())]
                return kept[0][1]

        return inner

    return wrap
