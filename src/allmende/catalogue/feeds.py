"""How a feed is doing, and when it is fetched again: plain rules over a source and its runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from django.db.models import F, Max, OuterRef, Subquery

from allmende.catalogue.models import ImportRun, Source

SHORTEST_MINUTES: Final = 5
LONGEST_MINUTES: Final = 30 * 24 * 60
LONGEST_WAIT: Final = timedelta(hours=24)
"""Failures double the wait up to here (or to the feed's own interval, if that is longer)."""
LONGEST_RETRY_AFTER: Final = timedelta(days=7)
LATE_AFTER: Final = timedelta(minutes=15)
FAILURES_BEFORE_ALERT: Final = 3
SHRINK_SHARE: Final = 0.1
SHRINK_FLOOR: Final = 5
SHRINK_DAYS: Final = 7


class FeedState(StrEnum):
    """What a person should know of a feed at a glance."""

    FINE = "fine"
    LATE = "late"
    """It should have been fetched, and was not: the periodic work does not run."""
    FAILING = "failing"
    SHRINKING = "shrinking"
    """The guard held a delivery back, or there is a tenth less than in the week before."""
    PAUSED = "paused"
    BY_HAND = "by-hand"


def is_scheduled(source: Source) -> bool:
    """Whether it is fetched without anybody asking."""
    return bool(source.every_minutes) and not source.is_paused


def next_fetch(source: Source, *, now: datetime, retry_after: str = "") -> datetime | None:
    """When ``source`` is fetched next, given its ``failures`` so far; None if only by hand."""
    if not is_scheduled(source) or source.every_minutes is None:
        return None
    every = timedelta(minutes=source.every_minutes)
    wait = every
    if source.failures:
        wait = min(every * 2 ** min(source.failures, 20), max(LONGEST_WAIT, every))
        wait = max(wait, _asked_to_wait(retry_after, now))
    return now + wait


def _asked_to_wait(retry_after: str, now: datetime) -> timedelta:
    """What a server asks for in ``Retry-After``: seconds, or a moment."""
    text = retry_after.strip()
    try:
        if text.isdecimal():
            wait = timedelta(seconds=min(int(text), 10**7))
        else:
            moment = parsedate_to_datetime(text)
            wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except ValueError:
        return timedelta()
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a source's runs say about it."""

    size: int | None = None
    """Good records of the last delivery that was taken; None if there was none."""
    best: int = 0
    """Most records that it had before one of its deliveries of the last week took some away."""
    is_held_back: bool = False
    """The guard refused what the schedule brought last."""

    @property
    def lost(self) -> int:
        """How many records fewer there are than at best in the week before, if it is more than a tenth; else 0."""
        lost = self.best - (self.size or 0)
        return lost if lost >= SHRINK_FLOOR and lost > self.best * SHRINK_SHARE else 0


def figures_of(source_ids: Iterable[int], *, now: datetime) -> dict[int, Figures]:
    """The figures of each source, in two queries."""
    ids = list(source_ids)
    runs = ImportRun.objects.filter(source=OuterRef("pk")).order_by("-started_at", "-id")
    good = runs.filter(state=ImportRun.State.APPLIED).annotate(size=F("read") - F("failed"))
    last = runs.filter(by=None).exclude(state=ImportRun.State.PREVIEWED)
    rows = Source.objects.filter(pk__in=ids).order_by()
    rows = rows.annotate(size=Subquery(good.values("size")[:1]), last=Subquery(last.values("state")[:1]))
    shrunk = ImportRun.objects.filter(
        source__in=ids,
        state=ImportRun.State.APPLIED,
        withdrawn__gt=0,
        started_at__gt=now - timedelta(days=SHRINK_DAYS),
    )
    known = F("unchanged") + F("updated") + F("withdrawn")
    best = dict(shrunk.order_by().values_list("source_id").annotate(best=Max(known)))
    return {
        pk: Figures(size, best.get(pk, 0), state == ImportRun.State.REFUSED)
        for pk, size, state in rows.values_list("pk", "size", "last")
    }


def state_of(source: Source, figures: Figures, *, now: datetime) -> FeedState:
    """The state of a feed."""
    if not source.every_minutes:
        return FeedState.BY_HAND
    if source.is_paused:
        return FeedState.PAUSED
    if source.failures:
        return FeedState.SHRINKING if figures.is_held_back else FeedState.FAILING
    due = source.next_fetch_at
    is_at_work = source.leased_until is not None and source.leased_until > now
    if not is_at_work and (due is None or due + LATE_AFTER < now):
        return FeedState.LATE
    return FeedState.SHRINKING if figures.lost else FeedState.FINE


def wants_alert(source: Source, state: FeedState) -> bool:
    """Whether the owner is to be told.  One failure or two are no news: most servers rest now and then."""
    return state == FeedState.SHRINKING or (state == FeedState.FAILING and source.failures >= FAILURES_BEFORE_ALERT)


def needs_somebody(source: Source, state: FeedState) -> bool:
    """Whether a person should look."""
    return state == FeedState.LATE or wants_alert(source, state)
