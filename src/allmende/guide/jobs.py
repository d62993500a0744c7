"""The guide's periodic work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allmende.core.notices import forget_old_notices
from allmende.guide.digest import send_due_letters, send_urgent_letters


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Name -> piece of work that is quick when there is nothing to do."""
    return {
        "send urgent letters": lambda now: send_urgent_letters(now=now),
        "send summaries": lambda now: send_due_letters(now=now),
        "forget old notices": lambda now: forget_old_notices(now=now),
    }
