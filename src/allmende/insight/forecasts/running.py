"""The night's forecasts in processes of their own, so that nothing else of the periodic work waits for them.

A thousand places take some eight minutes of two cores.  Each process does its part of the work and holds a lock while it is at
it, which the system takes back however it ends: no part runs twice at once, and what was killed is begun again within a minute,
where it was, for each forecast is kept as soon as it is made.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from allmende.core.processes import start_command
from allmende.insight.forecasts.actions import refresh_forecasts, share, stale_hourly, stale_monthly

PARTS: Final = 2
SLICE_SECONDS: Final = 60.0
"""After so long what is stale is looked up anew: a night's work begun before midnight ends with today's figures."""
MOST_SLICES: Final = 240
"""Then the process ends, and another one is begun."""
KINDNESS: Final = 10
"""Pages come first."""


@contextmanager
def holding(part: int) -> Iterator[bool]:
    """Whether this process is the one that does the part; while it is, no other is."""
    path = Path(settings.ALLMENDE_DATA) / f"forecast-{part}.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def is_waiting(part: int, *, now: datetime) -> bool:
    """Whether a forecast of that part is stale."""
    if part == 0 and stale_monthly(now=now).exists():
        return True
    return share(stale_hourly(now=now), part, PARTS).exists()


def start_if_stale(now: datetime) -> int:
    """Start a process for each part that has something to do and nobody at it; return how many."""
    started = 0
    for part in range(PARTS):
        if not is_waiting(part, now=now):
            continue
        with holding(part) as is_free:
            pass
        if is_free:  # a process that finds another one at work just ends
            start(part)
            started += 1
    return started


def start(part: int) -> None:
    """Let a process do the part; it outlives this one, but not the server."""
    start_command("make_forecasts", str(part), environment=ONE_THREAD)


ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
"""Two processes on two cores: each library would otherwise take both."""


def make_forecasts(part: int, clock: Callable[[], datetime]) -> int:
    """Make all stale forecasts of the part; return how many, 0 where another process is at it."""
    done = 0
    with holding(part) as is_mine:
        for _slice in range(MOST_SLICES if is_mine else 0):
            made = refresh_forecasts(now=clock(), budget_seconds=SLICE_SECONDS, part=part, of=PARTS)
            if not made:
                break
            done += made
    return done
