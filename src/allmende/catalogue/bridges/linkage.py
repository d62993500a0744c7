"""Records to the things that the linkage engine compares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from allmende.catalogue.bridges.schedule import expand, to_schedule
from allmende.core.text import original_text
from allmende.engines.linkage import (
    SENTENCES,
    Decision,
    Prepared,
    Thing,
    Thresholds,
    candidates,
    clusters,
    decide,
    keys,
    learn,
    prepare,
    shipped_model,
)

__all__ = [
    "SENTENCES",
    "Decision",
    "Prepared",
    "Thresholds",
    "candidates",
    "clusters",
    "decide",
    "default_thresholds",
    "keys",
    "learn",
    "prepare",
    "to_thing",
]

MOST_DATES = 60
TEXT_LETTERS = 500
LOOK_BACK = timedelta(days=35)

COLUMNS = (
    "id",
    "name",
    "description",
    "summary",
    "categories",
    "municipality_id",
    "street",
    "postal_code",
    "locality",
    "country",
    "lon",
    "lat",
    "url",
    "email",
    "phone",
)
EVENT_COLUMNS = (*COLUMNS, "schedule", "timezone", "starts_at", "recurs", "place_name", "organiser_name")
"""What is read of a record to compare it."""


def default_thresholds(kind: str) -> Thresholds:
    """The thresholds that come with the model."""
    return shipped_model().limits(kind)


def _dates(row: Mapping[str, Any], now: datetime) -> tuple[tuple[date | datetime, date | datetime | None], ...]:
    """Local starts and ends: all of an event that names its dates, the coming ones of an endless series."""
    schedule = to_schedule(row["schedule"], row["timezone"])
    if not row["recurs"]:
        return ((schedule.start, schedule.end),)
    first = max(row["starts_at"], now.astimezone(UTC) - LOOK_BACK) if schedule.rrule else row["starts_at"]
    found = expand(schedule, after=first - timedelta(days=1), before=first + timedelta(days=550), limit=MOST_DATES)
    return tuple((one.start, one.end) for one in found if not one.cancelled) or ((schedule.start, schedule.end),)


def to_thing(kind: str, row: Mapping[str, Any], source: str, now: datetime) -> Thing:
    """The thing that a row of ``COLUMNS`` (events: ``EVENT_COLUMNS``) describes."""
    texts = row["name"].get("texts", {})
    more: dict[str, Any] = {}
    if kind == "event":
        more = {
            "dates": _dates(row, now),
            "is_series": row["recurs"],
            "venue": row["place_name"],
            "organiser": row["organiser_name"],
        }
    return Thing(
        id=str(row["id"]),
        kind=kind,
        source=source,
        names=tuple(dict.fromkeys((original_text(row["name"]), *texts.values()))),
        lon=row["lon"],
        lat=row["lat"],
        street=row["street"],
        postal_code=row["postal_code"],
        locality=row["locality"],
        country=row["country"],
        area=str(row["municipality_id"] or ""),
        url=row["url"],
        email=row["email"],
        phone=row["phone"],
        categories=tuple(row["categories"]),
        text=(original_text(row["description"]) or original_text(row["summary"]))[:TEXT_LETTERS],
        **more,
    )
