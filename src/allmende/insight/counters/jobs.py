"""The work of counters that comes round every minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allmende.insight.counters.actions import tell_of_silent
from allmende.insight.counters.folding import add_readings, forget_readings


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Name -> work."""
    return {
        "add readings to figures": add_readings,
        "tell of silent counters": tell_of_silent,
        "forget old readings": forget_readings,
    }
