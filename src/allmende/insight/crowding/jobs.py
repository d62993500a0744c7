"""The periodic work of crowding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allmende.insight.crowding.actions import refresh_summaries


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Each piece by its name."""
    return {"count how full places are": lambda now: refresh_summaries(now=now)}
