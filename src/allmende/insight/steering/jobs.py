"""Periodic work: the lots of today and tomorrow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allmende.insight.steering.actions import draw_days


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Name -> piece of work that is quick when there is nothing to do."""
    return {"draw days of suggestions": lambda now: draw_days(now=now)}
