"""The periodic work of forecasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allmende.insight.forecasts.actions import refresh_forecasts


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Each piece by its name."""
    return {"forecast": lambda now: refresh_forecasts(now=now)}
