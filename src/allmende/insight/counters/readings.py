"""Readings as they are sent: SensorThings observations, checked field by field, and committed before they are answered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from allmende.core.prepared import prepared
from allmende.insight.models import Counter
from allmende.insight.rules import may_edit_for
from allmende.insight.values import READINGS_LATE
from allmende.partners.keys.queries import KeyHolder

MOST: Final = 1000
"""Observations in one request."""
AHEAD: Final = timedelta(minutes=10)
"""So far a counter's clock may be ahead."""
CREATED, UNCHANGED, REPLACED = "created", "unchanged", "replaced"


class ReadingFault(NamedTuple):
    """What is wrong with an observation: field, and what to write instead."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a request: for each observation its outcome, or what is wrong with it."""

    outcomes: list[str | ReadingFault]
    revisions: list[int]

    def count(self, outcome: str) -> int:
        """How many observations ended so."""
        return sum(one == outcome for one in self.outcomes)

    def faults(self) -> list[tuple[int, ReadingFault]]:
        """Place in the request and fault of those that were not stored."""
        return [(at, one) for at, one in enumerate(self.outcomes) if isinstance(one, ReadingFault)]


class NotYours(PermissionError):
    """This key may not send readings."""


class _Known(NamedTuple):
    pk: int
    minutes: int
    is_paused: bool


class _Understood(NamedTuple):
    counter: int
    start: datetime
    value: float


def take_in(observations: Sequence[Any], holder: KeyHolder, *, now: datetime) -> Taken:
    """Store the good ones of some observations.  The same reading again changes nothing; another value of the same period
    replaces the first and raises its revision.  When this returns they are committed."""
    if not _may(holder):
        raise NotYours("This key may not send readings: the person it acts for does not edit for this organisation.")
    counters = _counters(observations, holder.organisation_id)
    understood = [_understood(one, counters, now) for one in observations]
    outcomes: list[str | ReadingFault] = []
    revisions: list[int] = []
    good = [one for one in understood if isinstance(one, _Understood)]
    if len(good) > 1:
        with transaction.atomic():
            stored = _store(good, now)
    else:
        stored = _store(good, now)
    results = iter(stored)
    for one in understood:
        outcome, revision = next(results) if isinstance(one, _Understood) else (one, 0)
        outcomes.append(outcome)
        revisions.append(revision)
    return Taken(outcomes, revisions)


def _may(holder: KeyHolder) -> bool:
    return holder.may_write and may_edit_for(holder.user, holder.organisation_id)


def _counters(observations: Sequence[Any], organisation_id: int) -> dict[str, _Known]:
    keys = {key for one in observations if (key := _key(one))}
    rows = _named(organisation_id, sorted(keys)) if keys else []
    return {key: _Known(pk, minutes, is_paused) for key, pk, minutes, is_paused in rows}


@prepared
def _named(organisation_id: int, keys: Sequence[str]) -> QuerySet[Counter, tuple[str, int, int, bool]]:
    named = Counter.objects.filter(organisation_id=organisation_id, key__in=keys).order_by()
    return named.values_list("key", "pk", "minutes", "is_paused")


def _key(observation: Any) -> str:
    stream = observation.get("Datastream") if isinstance(observation, Mapping) else None
    key = stream.get("@iot.id") if isinstance(stream, Mapping) else None
    # PostgreSQL takes no NUL in a text; no counter is called so.
    return str(key)[:80].replace("\x00", "\ufffd") if isinstance(key, str | int) and not isinstance(key, bool) else ""


def _understood(observation: Any, counters: Mapping[str, _Known], now: datetime) -> _Understood | ReadingFault:
    if not isinstance(observation, Mapping):
        return ReadingFault("", "Send an observation: phenomenonTime, result and Datastream.")
    key = _key(observation)
    if not key:
        return ReadingFault("Datastream.@iot.id", 'Name the counter: {"Datastream": {"@iot.id": "door-1"}}.')
    counter = counters.get(key)
    if counter is None:
        return ReadingFault(
            "Datastream.@iot.id", f"There is no counter “{key}” of this organisation. Connect it first."
        )
    if counter.is_paused:
        return ReadingFault("Datastream.@iot.id", f"The counter “{key}” is paused. Take it up again in the workspace.")
    value = observation.get("result")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return ReadingFault("result", "Send one number, such as 12.")
    if not 0 <= value <= 1e9:
        return ReadingFault("result", "A count is not below zero, nor above a thousand million.")
    start = _start(observation.get("phenomenonTime"), counter.minutes)
    if isinstance(start, str):
        return ReadingFault("phenomenonTime", start)
    if start > now + AHEAD:
        return ReadingFault("phenomenonTime", "This is in the future. Set the counter's clock.")
    if start < now - READINGS_LATE:
        return ReadingFault("phenomenonTime", "This is more than 60 days ago. Load older figures as a file.")
    return _Understood(counter.pk, start, float(value))


def _start(told: Any, minutes: int) -> datetime | str:
    """Begin of the period (UTC), or what is wrong with it.  An instant lies in the period that it belongs to."""
    if not isinstance(told, str) or len(told) > 80:
        return "Write when: 2026-06-01T12:00:00Z/2026-06-01T12:15:00Z, or the time at which the period begins."
    first, is_interval, last = told.partition("/")
    begin, end = _moment(first), _moment(last) if is_interval else None
    if begin is None or (is_interval and end is None):
        return "Write times as RFC 3339 with their zone, such as 2026-06-01T12:00:00Z or 2026-06-01T14:00:00+02:00."
    step = timedelta(minutes=minutes)
    since = (begin - datetime(1970, 1, 1, tzinfo=UTC)) % step
    if end is None:
        return begin - since
    if end - begin != step:
        return f"A reading of this counter is of {minutes} minutes, not of {(end - begin).total_seconds() / 60:g}."
    if since:
        return f"Periods of this counter begin at every full {minutes} minutes of the hour."
    return begin


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


_STORE: Final = (
    "INSERT INTO insight_reading (counter_id, start, value, received_at, revision, is_folded)"
    " VALUES (%s, %s, %s, %s, 0, %s)"
    " ON CONFLICT (counter_id, start) DO UPDATE SET value = excluded.value, received_at = excluded.received_at,"
    " revision = insight_reading.revision + 1, is_folded = excluded.is_folded"
    " WHERE insight_reading.value <> excluded.value RETURNING revision"
)
"""One statement, so that two senders of one reading cannot both believe to be the first.  No row comes back: unchanged."""


def _store(readings: Sequence[_Understood], now: datetime) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        for one in readings:
            cursor.execute(_STORE, [one.counter, adapt(one.start), one.value, adapt(now), False])
            row = cursor.fetchone()
            if row is None:
                found.append((UNCHANGED, 0))
            else:
                found.append((REPLACED if row[0] else CREATED, int(row[0])))
    return found
