"""Rows to cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from allmende.catalogue.bridges.schedule import zone_of
from allmende.catalogue.models import ITEM_MODELS, Occurrence, Source
from allmende.catalogue.queries.held_back import is_shown_in
from allmende.catalogue.queries.shapes import Card
from allmende.catalogue.values import ONGOING_RANK
from allmende.core.content import recent_content_stamp
from allmende.core.publication import Publication
from allmende.core.text import NOTHING, Picked, pick
from allmende.partners.models import Territory

ITEM_FIELDS = (
    "pk",
    "slug",
    "name",
    "summary",
    "category",
    "flags",
    "municipality_id",
    "lon",
    "lat",
    "picture",
    "source_id",
    "locality",
)
EVENT_FIELDS = (*ITEM_FIELDS, "place_name", "status", "timezone", "recurs")
SUMMARY_LETTERS = 180


@lru_cache(maxsize=2)
def _territory_names(stamp: int) -> dict[int, str]:
    return dict(Territory.objects.filter(level="municipality").values_list("id", "name"))


@lru_cache(maxsize=2)
def _demo_sources(stamp: int) -> frozenset[int]:
    return frozenset(Source.objects.filter(is_demo=True).values_list("id", flat=True))


def municipality_names() -> dict[int, str]:
    """Names of the municipalities by territory id, remembered while nothing public changes."""
    return _territory_names(recent_content_stamp())


def demo_sources() -> frozenset[int]:
    """Ids of the sources whose records are demonstration data."""
    return _demo_sources(recent_content_stamp())


def _short(picked: Picked) -> Picked:
    text = picked.text
    if len(text) <= SUMMARY_LETTERS:
        return picked
    return picked._replace(text=text[:SUMMARY_LETTERS].rsplit(" ", 1)[0] + " …")


def _summary(row: Mapping[str, Any], language: str) -> Picked:
    return _short(pick(row["summary"], language)) if row["summary"] else NOTHING


def item_card(kind: Any, row: Mapping[str, Any], language: str, *, distance_km: float | None = None) -> Card:
    """A card of a place or offer from its ``ITEM_FIELDS``."""
    return Card(
        kind=kind,
        id=row["pk"],
        slug=row["slug"],
        name=pick(row["name"], language),
        summary=_summary(row, language),
        category=row["category"],
        flags=row["flags"],
        municipality=municipality_names().get(row["municipality_id"], row["locality"]),
        lon=row["lon"],
        lat=row["lat"],
        picture=row["picture"],
        distance_km=distance_km,
        is_demo=row["source_id"] in demo_sources(),
    )


def local(moment: datetime | None, zone: str) -> datetime | None:
    """A stored moment as naive local time."""
    return moment.astimezone(zone_of(zone)).replace(tzinfo=None) if moment else None


def local_end(moment: datetime | None, zone: str, all_day: bool) -> datetime | None:
    """The end as people say it: an all-day occurrence ends on its last day, not at the midnight after."""
    end = local(moment, zone)
    return end - timedelta(days=1) if end and all_day else end


def event_card(
    row: Mapping[str, Any], occurrence: Mapping[str, Any] | None, language: str, *, distance_km: float | None = None
) -> Card:
    """A card of an event from its ``EVENT_FIELDS`` and the occurrence it is shown for."""
    shown = occurrence or {}
    name = pick(row["name"], language)
    if shown.get("name"):
        name = name._replace(text=shown["name"])
    all_day = bool(shown.get("all_day"))
    zone = row["timezone"]
    return Card(
        kind="event",
        id=row["pk"],
        slug=row["slug"],
        name=name,
        summary=_summary(row, language),
        category=row["category"],
        flags=row["flags"],
        municipality=municipality_names().get(row["municipality_id"], row["locality"]),
        lon=row["lon"],
        lat=row["lat"],
        picture=row["picture"],
        place_name=row["place_name"],
        status="cancelled" if shown.get("cancelled") else row["status"],
        day=shown.get("day"),
        starts_at=local(shown.get("starts_at"), zone),
        ends_at=local_end(shown.get("ends_at"), zone, all_day),
        all_day=all_day,
        recurs=row["recurs"],
        is_ongoing=shown.get("rank") == ONGOING_RANK,
        distance_km=distance_km,
        is_demo=row["source_id"] in demo_sources(),
    )


OCCURRENCE_FIELDS = ("id", "event_id", "day", "rank", "starts_at", "ends_at", "all_day", "cancelled", "name")


def event_cards(occurrences: Sequence[Mapping[str, Any]], language: str) -> list[Card]:
    """Cards for occurrences, in their order."""
    rows = _rows("event", [occurrence["event_id"] for occurrence in occurrences], language)
    return [
        event_card(rows[occurrence["event_id"]], occurrence, language)
        for occurrence in occurrences
        if occurrence["event_id"] in rows
    ]


def _rows(kind: str, identifiers: Iterable[int], language: str) -> dict[int, dict[str, Any]]:
    fields = EVENT_FIELDS if kind == "event" else ITEM_FIELDS
    identifiers = list(identifiers)
    if not identifiers:
        return {}
    # The state is looked at here: asked for both, SQLite walks the index of all published records instead of the few ids.
    found = ITEM_MODELS[kind].objects.filter(pk__in=identifiers).values_list(*fields, "state")  # type: ignore[attr-defined]
    rows = [dict(zip(fields, row, strict=False)) for row in found if row[-1] == Publication.PUBLISHED]
    return {row["pk"]: row for row in rows if is_shown_in(row["flags"], language)}


def next_occurrences(identifiers: Sequence[int], *, now: datetime) -> dict[int, dict[str, Any]]:
    """For each event its next occurrence day from today, or nothing."""
    found: dict[int, dict[str, Any]] = {}
    rows = (
        Occurrence.objects.filter(event_id__in=identifiers, day__gte=now.astimezone(UTC).date() - timedelta(days=1))
        .order_by("event_id", "day", "rank")
        .values_list(*OCCURRENCE_FIELDS)
    )
    for row in rows:
        occurrence = dict(zip(OCCURRENCE_FIELDS, row, strict=True))
        if occurrence["event_id"] not in found and not _is_over(occurrence, now):
            found[occurrence["event_id"]] = occurrence
    return found


def _is_over(occurrence: Mapping[str, Any], now: datetime) -> bool:
    end = occurrence["ends_at"]
    return bool(end and end <= now)


def cards_of(
    keys: Sequence[tuple[str, int]], *, language: str, now: datetime, distances: Mapping[tuple[str, int], float] = {}
) -> list[Card]:
    """Cards for (kind, id) pairs in their order; what is not published is left out."""
    rows = {kind: _rows(kind, [i for k, i in keys if k == kind], language) for kind in ITEM_MODELS}
    nexts = next_occurrences(list(rows["event"]), now=now) if rows["event"] else {}
    cards = []
    for kind, identifier in keys:
        row = rows[kind].get(identifier)
        if row is None:
            continue
        distance = distances.get((kind, identifier))
        if kind == "event":
            cards.append(event_card(row, nexts.get(identifier), language, distance_km=distance))
        else:
            cards.append(item_card(kind, row, language, distance_km=distance))
    return cards


def is_upcoming(card: Card, today: date) -> bool:
    """Whether an event card still has a date to come."""
    return card.kind != "event" or (card.day is not None and card.day >= today)
