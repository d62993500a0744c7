"""Occurrences as the API gives them: each once, however many days it lasts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from allmende.catalogue.models import Event, Occurrence
from allmende.catalogue.queries.api.fields import moment
from allmende.catalogue.queries.api.values import COLUMNS
from allmende.catalogue.values import ONGOING_RANK

MOST_EXPANDED = 60
"""Coming dates of an event in a list; the rest stands at its own address."""


def sent(row: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """An occurrence of an event in that time zone."""
    all_day = row["all_day"]
    return {
        "start": moment(row["starts_at"], zone, all_day=all_day),
        "end": moment(row["ends_at"], zone, all_day=all_day, is_end=True),
        "all_day": all_day,
        "cancelled": row["cancelled"],
        "name": row["name"] or None,
        "day": row["day"].isoformat(),
        "ongoing": row["rank"] == ONGOING_RANK,
    }


def _is_over(row: Mapping[str, Any], now: datetime) -> bool:
    return bool(row["ends_at"] and row["ends_at"] <= now)


def expanded(zones: Mapping[int, str], *, now: datetime, today: date) -> dict[int, list[dict[str, Any]]]:
    """For each event its coming occurrences in order, each once on its first day from today."""
    rows = Occurrence.objects.filter(event_id__in=list(zones), day__gte=today).order_by("event_id", "day", "rank", "id")
    found: dict[int, list[dict[str, Any]]] = {identifier: [] for identifier in zones}
    seen: set[tuple[int, datetime]] = set()
    for values in rows.values_list(*COLUMNS).iterator():
        row = dict(zip(COLUMNS, values, strict=True))
        identifier = row["event_id"]
        mark = (identifier, row["starts_at"])
        if mark in seen or len(found[identifier]) >= MOST_EXPANDED or _is_over(row, now):
            continue
        seen.add(mark)
        found[identifier].append(sent(row, zones[identifier]))
    return found


def nexts(zones: Mapping[int, str], *, now: datetime, today: date) -> dict[int, dict[str, Any]]:
    """For each event its next occurrence; none for one that is over."""
    if not zones:
        return {}
    found: dict[int, dict[str, Any]] = {}
    # In the order of the index by event: read to the end, that is still quicker than asking for the first day of each.
    rows = Occurrence.objects.filter(event_id__in=list(zones), day__gte=today).order_by("event_id", "day", "rank", "id")
    for values in rows.values_list(*COLUMNS).iterator():
        identifier = values[0]
        if identifier not in found and not (values[4] and values[4] <= now):
            found[identifier] = sent(dict(zip(COLUMNS, values, strict=True)), zones[identifier])
    return found


def occurrences_of(
    identifier: int, *, since: date | None, until: date | None, after: datetime | None, limit: int
) -> tuple[list[dict[str, Any]], datetime | None] | None:
    """Occurrences of a published event that touch [since, until], by start, each once; and where the next page begins.

    None if there is no such event in public.  All dates within the kept horizon are here, past ones too.
    """
    event = Event.objects.filter(pk=identifier, state="published").values_list("timezone", flat=True).first()
    if event is None:
        return None
    rows = Occurrence.objects.filter(event_id=identifier).order_by("starts_at", "day", "id")
    if since:
        rows = rows.filter(day__gte=since)
    if until:
        rows = rows.filter(day__lte=until)
    if after:
        rows = rows.filter(starts_at__gt=after)
    found: list[dict[str, Any]] = []
    last: datetime | None = None
    for values in rows.values_list(*COLUMNS).iterator():
        row = dict(zip(COLUMNS, values, strict=True))
        if row["starts_at"] == last:
            continue
        if len(found) == limit:
            return found, last
        last = row["starts_at"]
        found.append(sent(row, event))
    return found, None
