"""What comes round: the anonymous groups of years in which figures changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allmende.insight.indicators.groups import refresh_groups


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Name -> what is done."""
    return {"compare indicators": lambda now: refresh_groups(now=now)}
