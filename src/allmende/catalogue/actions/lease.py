"""One process at a time fetches a source: it takes a lease, renews it while it works, and gives it back."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from allmende.catalogue.models import Source

LEASE: Final = timedelta(minutes=10)
"""A process that was killed holds a source for so long."""
RENEW_SECONDS: Final = 60.0


class LeaseLost(Exception):
    """Another process has taken the source meanwhile: this one was asleep for longer than its lease."""


def free(now: datetime) -> Q:
    """Sources that no process is fetching."""
    return Q(leased_until=None) | Q(leased_until__lte=now)


class Lease:
    """The right to fetch one source, as of ``now``."""

    def __init__(self, source_id: int, now: datetime) -> None:
        self._source_id, self._now = source_id, now
        self._started = self._renewed = time.monotonic()
        self.until = now + LEASE

    def take(self, *, due_only: bool) -> bool:
        """Claim the source in one statement, which at most one process wins."""
        sources = Source.objects.filter(free(self._now), pk=self._source_id)
        if due_only:
            sources = sources.filter(next_fetch_at__lte=self._now)
        return bool(sources.update(leased_until=self.until))

    @property
    def mine(self) -> Q:
        """The source, as long as nobody else has taken it."""
        return Q(pk=self._source_id, leased_until=self.until)

    def renew(self) -> None:
        """Hold the source for longer, once a minute at most; raise :class:`LeaseLost` if it is another's."""
        here = time.monotonic()
        if here - self._renewed < RENEW_SECONDS:
            return
        until = self._now + timedelta(seconds=here - self._started) + LEASE
        if not Source.objects.filter(self.mine).update(leased_until=until):
            raise LeaseLost
        self.until, self._renewed = until, here
