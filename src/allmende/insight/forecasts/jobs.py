"""The periodic work of forecasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from allmende.insight.forecasts.running import start_if_stale


def _start(now: datetime) -> int:
    return start_if_stale(now) if settings.ALLMENDE_FORECASTS else 0


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Each piece by its name; the forecasts themselves are made by processes of their own."""
    return {"forecast": _start}
