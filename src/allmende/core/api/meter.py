"""How often somebody asks, counted in this process's memory: reading must not write to the database.

Each server process counts for itself, so with four of them a sender may get up to four times as much.  That is enough
against a program that runs wild; what writes is counted in the database (``core.rate``).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

MOST_SENDERS = 20_000


class Reading(NamedTuple):
    """What is left to a sender."""

    is_over: bool
    left: int
    seconds: int
    """Until the window ends."""


class Meter:
    """Requests by sender in fixed windows; the longest silent are forgotten.  Safe to use from threads."""

    def __init__(self, name: str, quota: int, seconds: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.quota = quota
        self.seconds = seconds
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, sender: str) -> Reading:
        """Count one request."""
        now = self._clock()
        window = int(now // self.seconds)
        left = self.seconds - int(now % self.seconds)
        with self._lock:
            known = self._counts.pop(sender, (window, 0))
            n = known[1] + 1 if known[0] == window else 1
            self._counts[sender] = (window, n)
            if len(self._counts) > MOST_SENDERS:
                self._counts.popitem(last=False)
        return Reading(n > self.quota, max(0, self.quota - n), left)

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._counts.clear()

    def headers(self, reading: Reading) -> dict[str, str]:
        """RateLimit fields (draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.quota};w={self.seconds}',
            "RateLimit": f'"{self.name}";r={reading.left};t={reading.seconds}',
        }
