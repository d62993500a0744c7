"""Reads of counters and of what they sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from allmende.insight.counters.actions import is_silent
from allmende.insight.models import Counter, Reading
from allmende.partners.rules import Someone, organisations_to_edit

SHOWN: Final = 24
MOST: Final = 500
OK, SILENT, PAUSED, NEVER = "ok", "silent", "paused", "never"


@dataclass(frozen=True, slots=True)
class CounterRow:
    """A counter in a list."""

    id: int
    key: str
    name: str
    site: str
    site_slug: str
    measure: str
    minutes: int
    last_period: datetime | None
    state: str
    """ok, silent, paused, or never (nothing has come yet)."""


def state_of(counter: Counter, now: datetime) -> str:
    """How a counter does."""
    if counter.is_paused:
        return PAUSED
    if is_silent(counter, now):
        return SILENT
    return OK if counter.last_seen else NEVER


def list_counters(user: Someone, *, now: datetime) -> list[CounterRow]:
    """The counters of the organisations whose editor ``user`` is, those that are silent first."""
    mine = organisations_to_edit(user)
    found = Counter.objects.select_related("series__site").order_by("series__site__name", "key")
    if mine is not None:
        found = found.filter(organisation__in=mine)
    rows = [
        CounterRow(
            one.pk,
            one.key,
            one.name,
            one.series.site.name,
            one.series.site.slug,
            one.series.get_measure_display(),
            one.minutes,
            one.last_period,
            state_of(one, now),
        )
        for one in found[:MOST]
    ]
    return sorted(rows, key=lambda row: row.state != SILENT)


def counter_to_change(user: Someone, pk: int) -> Counter | None:
    """The counter if ``user`` may change it."""
    mine = organisations_to_edit(user)
    counter = Counter.objects.select_related("series__site", "organisation").filter(pk=pk).first()
    return counter if counter and (mine is None or counter.organisation_id in mine) else None


def last_readings(counter: Counter) -> list[Reading]:
    """The latest readings of a counter, the newest period first."""
    return list(Reading.objects.filter(counter=counter).order_by("-start")[:SHOWN])
