"""Periodic work: plans and evaluations that wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allmende.insight.interventions.running import finish_trials, work_requests


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Name -> piece of work that is quick when there is nothing to do."""
    return {
        "evaluate interventions": lambda now: work_requests(now=now),
        "publish what trials by lot came to": lambda now: finish_trials(now=now),
    }
