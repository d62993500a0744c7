"""The periodic work of the federation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allmende.federation import actions
from allmende.federation.addresses import is_on
from allmende.federation.web import ask


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Each piece by its name; none where the federation is off.  What comes in first, so that nothing waits twice."""
    if not is_on():
        return {}
    return {
        "take in what arrived": lambda now: actions.take_in_arrivals(now=now, ask=ask),
        "read neighbours' outboxes": lambda now: actions.refresh_followings(now=now, ask=ask),
        "announce changes": lambda now: actions.announce_changes(now=now),
        "deliver to followers": lambda now: actions.deliver_due(now=now, ask=ask),
        "forget old activities": lambda now: actions.forget_old(now=now),
    }
