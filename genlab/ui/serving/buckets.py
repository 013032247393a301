"""Token buckets: how often each of many may do something."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST_KEYS: Final = 10_000


@dataclass
class _Bucket:
    tokens: float
    filled: float
    """When that was so, in seconds of the clock."""


class Buckets:
    """One bucket a key: it holds `burst` tokens, is filled again within `seconds`, and each thing done takes one.

    Memory is bounded: beyond 10,000 keys those that asked for nothing the longest are forgotten, which fills their
    buckets. For one event loop or thread alone.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst = burst
        self.rate = burst / seconds
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str) -> float:
        """Take a token out of a key's bucket: 0, or the seconds until there is one to take."""
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(float(self.burst), now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        bucket.tokens = min(float(self.burst), bucket.tokens + (now - bucket.filled) * self.rate)
        bucket.filled = now
        if bucket.tokens < 1.0:
            return (1.0 - bucket.tokens) / self.rate
        bucket.tokens -= 1.0
        return 0.0
