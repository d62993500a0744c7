"""Lists in order, a page at a time, at a cost that does not grow with the catalogue."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from allmende.catalogue.models import ITEM_MODELS, Event, Item, Occurrence
from allmende.catalogue.queries import find, numbers
from allmende.catalogue.queries.cards import ITEM_FIELDS, OCCURRENCE_FIELDS, event_cards, item_card
from allmende.catalogue.queries.held_back import shown_in
from allmende.catalogue.queries.shapes import Card, DaySummary, Filters, Listing
from allmende.catalogue.queries.standing import family
from allmende.catalogue.values import (
    ACCESS_FLAGS,
    AUDIENCE_FLAGS,
    Flag,
    cells_around,
    distance_km,
)
from allmende.core.prepared import prepared
from allmende.core.publication import Publication
from allmende.partners.models import Territory

DAY_COUNT_CAP = 99
CARDS_PER_DAY = 3
MOST_KM = 60.0


def wanted_flags(filters: Filters) -> int:
    """The flags that all must be set."""
    flags = Flag.FREE if filters.free else Flag(0)
    for name in filters.access:
        flags |= ACCESS_FLAGS.get(name, Flag(0))
    for name in filters.audience:
        flags |= AUDIENCE_FLAGS.get(name, Flag(0))
    return int(flags)


def _municipalities(filters: Filters) -> list[int] | None:
    if filters.municipality is not None:
        return [filters.municipality]
    if filters.department is not None:
        return list(Territory.objects.filter(parent_id=filters.department).values_list("id", flat=True))
    return None


def facts(rows: QuerySet[Any], filters: Filters, language: str) -> QuerySet[Any]:
    """Filters on the facts that occurrences, places and offers have in common."""
    if filters.category:
        rows = rows.filter(category__in=filters.category)
    municipalities = _municipalities(filters)
    if municipalities is not None:
        rows = rows.filter(municipality_id__in=municipalities)
    flags = wanted_flags(filters)
    if flags:
        rows = rows.annotate(wanted=F("flags").bitand(flags)).filter(wanted=flags)
    if filters.near:
        rows = rows.filter(cell__in=cells_around(*filters.near, min(filters.radius_km, MOST_KM)))
        rows = _with_distance(rows, filters.near).filter(away_squared__lte=filters.radius_km**2)
    return shown_in(rows, language)


def _with_distance(rows: QuerySet[Any], near: tuple[float, float]) -> QuerySet[Any]:
    """Rows with the square of their distance in km: flat, which is off by less than 1 % within 60 km."""
    lon, lat = near
    prefix = "event__" if rows.model is Occurrence else ""
    east = (F(f"{prefix}lon") - lon) * (111.2 * max(0.1, math.cos(math.radians(lat))))
    north = (F(f"{prefix}lat") - lat) * 111.2
    measured: QuerySet[Any] = rows.annotate(away_squared=east * east + north * north)
    return measured


RARE = 400
"""Up to so many events a criterion is looked up by event; beyond, walking the days finds a page soon enough."""
MOST_RARE = 2000


def owned_by(organisations: Sequence[int], prefix: str = "") -> Q:
    """Events that one of the organisations owns or organises."""
    return Q(**{f"{prefix}organisation_id__in": organisations}) | Q(**{f"{prefix}organiser_id__in": organisations})


@prepared
def _events_of(organisations: Sequence[int]) -> QuerySet[Event, int]:
    return Event.objects.filter(owned_by(organisations)).order_by().values_list("pk", flat=True)[: MOST_RARE + 1]


def _events_of_rarest(filters: Filters) -> tuple[list[int], bool] | None:
    """Ids of the events of the rarest criterion, if it is rare: else a walk in day order could see the whole table.

    With them whether that criterion were the organisations, which then need not be asked again.
    """
    whole = numbers.counts()

    def how_many(facet: str, values: Iterable[object]) -> int:
        found = whole.get(("event", facet), {})
        return sum(found.get(str(value), 0) for value in values)

    criteria: list[tuple[int, Q | None]] = []
    municipalities = _municipalities(filters)
    if municipalities is not None:
        criteria.append((how_many("municipality", municipalities), Q(municipality_id__in=municipalities)))
    flags = wanted_flags(filters)
    if flags:
        mixes = [int(mix) for mix in whole.get(("event", "mix"), {}) if int(mix) & flags == flags]
        criteria.append((how_many("mix", mixes), Q(flags__in=mixes)))
    if filters.near:
        cells = cells_around(*filters.near, min(filters.radius_km, MOST_KM))
        criteria.append((how_many("cell", cells), Q(cell__in=cells)))
    if filters.category:
        criteria.append((how_many("category", filters.category), Q(category__in=filters.category)))
    if filters.organisation:
        owned = Q(organisation_id=filters.organisation) | Q(organiser_id=filters.organisation)
        criteria.append((how_many("organisation", [filters.organisation]), owned))
    if filters.organisations:
        criteria.append((how_many("organisation", filters.organisations), None))
    if filters.place:
        criteria.append((0, Q(place_id__in=family("place", filters.place))))
    if not criteria:
        return None
    n, condition = min(criteria, key=lambda pair: pair[0])
    if n > RARE:
        return None
    # Whether they are published need not be asked: only published events have occurrences.
    if condition is None:
        found = _events_of(filters.organisations)
    else:
        found = list(Event.objects.filter(condition).values_list("pk", flat=True)[: MOST_RARE + 1])
    return (found, condition is None) if len(found) <= MOST_RARE else None


def occurrences(filters: Filters, *, first: date, language: str) -> QuerySet[Occurrence]:
    """Occurrence days from ``first`` on that pass the filters."""
    rows = facts(Occurrence.objects.filter(day__gte=first), filters, language)
    if filters.until:
        rows = rows.filter(day__lte=filters.until)
    rare = _events_of_rarest(filters)
    if rare is not None:
        rows = rows.filter(event_id__in=rare[0])
    if filters.organisation:
        rows = rows.filter(Q(event__organisation_id=filters.organisation) | Q(event__organiser_id=filters.organisation))
    if filters.organisations and not (rare and rare[1]):
        rows = rows.filter(owned_by(filters.organisations, "event__"))
    if filters.place:
        rows = rows.filter(event__place_id__in=family("place", filters.place))
    if filters.q:
        rows = rows.filter(event_id__in=find.matching(filters.q, "event", language))
    return rows


def today_at(now: datetime, zone: ZoneInfo) -> date:
    """The local day."""
    return now.astimezone(zone).date()


def encode_cursor(*parts: object) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode("|".join(map(str, parts)).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, count: int) -> list[str] | None:
    """The parts of a cursor, or None if it is none of ours."""
    try:
        text = base64.urlsafe_b64decode(cursor[:400] + "=" * (-len(cursor[:400]) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    if "\0" in text:
        return None
    parts = text.split("|", count - 1)
    return parts if len(parts) == count else None


def _after_occurrence(cursor: str) -> Q | None:
    parts = decode_cursor(cursor, 3) if cursor else None
    if not parts:
        return None
    try:
        day, rank, identifier = date.fromisoformat(parts[0]), int(parts[1]), int(parts[2])
    except ValueError:
        return None
    return Q(day__gt=day) | Q(day=day, rank__gt=rank) | Q(day=day, rank=rank, id__gt=identifier)


def _first_showings(filters: Filters, *, language: str, now: datetime, zone: ZoneInfo) -> QuerySet[Occurrence]:
    """For each event the first day that passes the filters and is not over."""
    today = today_at(now, zone)
    first = filters.since or today
    rows = occurrences(filters, first=first, language=language)
    earlier = Occurrence.objects.filter(event_id=OuterRef("event_id"), day__gte=first, day__lt=OuterRef("day"))
    if first >= today:
        # What began and ended earlier today is over; a first day that is over does not hide a later one.
        rows = rows.filter(Q(ends_at__gt=now) | Q(ends_at__isnull=True))
        earlier = earlier.filter(Q(ends_at__gt=now) | Q(ends_at__isnull=True))
    return rows.filter(~Exists(earlier))


def list_events(
    filters: Filters, *, language: str, now: datetime, zone: ZoneInfo, after: str = "", limit: int = 24
) -> Listing:
    """Upcoming events by day and time; each event once, on its first matching day."""
    rows = _first_showings(filters, language=language, now=now, zone=zone)
    start = _after_occurrence(after)
    if start is not None:
        rows = rows.filter(start)
    most = (4 if filters.near else 2) * limit
    if filters.near:
        read = _soonest_near(rows, filters, most, today=today_at(now, zone), after=after)
    else:
        read = list(rows.order_by("day", "rank", "id").values_list(*OCCURRENCE_FIELDS)[:most])
    found = _within_radius(read, filters)
    once = each_once(found)
    page = once[:limit]
    last: Any = page[-1] if len(once) > limit else read[-1] if len(read) == most else None
    cursor = ""
    if isinstance(last, dict):
        cursor = encode_cursor(last["day"].isoformat(), last["rank"], last["id"])
    elif last is not None:
        cursor = encode_cursor(last[2].isoformat(), last[3], last[0])
    cards = event_cards(page, language)
    if filters.near:
        away = {occurrence["event_id"]: occurrence["away"] for occurrence in page}
        cards = [replace(card, distance_km=away[card.id]) for card in cards]
    return Listing(cards, cursor)


LAST_START = date(9998, 1, 1)
SPANS = (2, 8, 32, 128)
"""Days to look at for a page near a point: few first, since a dense town has thousands of showings to sort."""


def soonest(rows: QuerySet[Occurrence], columns: Sequence[str], most: int, *, start: date) -> list[tuple[Any, ...]]:
    """The first ``most`` rows of showings, none before ``start``, from as few days as hold them."""
    ordered = rows.order_by("day", "rank", "id").values_list(*columns)
    for days in SPANS if start < LAST_START else ():
        read = list(ordered.filter(day__lt=start + timedelta(days=days))[:most])
        if len(read) == most:
            return read
    return list(ordered[:most])


def _soonest_near(rows: QuerySet[Occurrence], filters: Filters, most: int, *, today: date, after: str) -> list[Any]:
    parts = decode_cursor(after, 3) if after else None
    start = filters.since or today
    if parts and _after_occurrence(after) is not None:
        start = max(start, date.fromisoformat(parts[0]))
    return soonest(rows, (*OCCURRENCE_FIELDS, "event__lon", "event__lat"), most, start=start)


def _within_radius(read: Sequence[tuple[Any, ...]], filters: Filters) -> list[dict[str, Any]]:
    """Rows as mappings; with a point asked for, only those within the radius, with ``away`` in km."""
    found = []
    for row in read:
        occurrence = dict(zip(OCCURRENCE_FIELDS, row, strict=False))
        if filters.near:
            occurrence["away"] = distance_km(*filters.near, row[-2], row[-1])
            if occurrence["away"] > filters.radius_km:
                continue
        found.append(occurrence)
    return found


def each_once(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two showings on one day are one entry of a list."""
    seen: set[int] = set()
    once = []
    for occurrence in found:
        if occurrence["event_id"] not in seen:
            seen.add(occurrence["event_id"])
            once.append(occurrence)
    return once


def events_on(day: date, filters: Filters, *, language: str, zone: ZoneInfo, limit: int = 200) -> Listing:
    """Everything on one day."""
    rows = occurrences(replace(filters, since=day, until=day), first=day, language=language)
    found = [
        dict(zip(OCCURRENCE_FIELDS, row, strict=True))
        for row in rows.order_by("rank", "id").values_list(*OCCURRENCE_FIELDS)[: limit + 1]
    ]
    cards = event_cards(found[:limit], language)
    return Listing(cards, total=len(cards), total_is_at_least=len(found) > limit)


def month(first: date, filters: Filters, *, language: str, zone: ZoneInfo) -> list[DaySummary]:
    """The weeks, Monday to Sunday, that cover a month: for each day a capped count and the first few cards."""
    monday = first.replace(day=1) - timedelta(days=first.replace(day=1).weekday())
    next_month = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    days = [monday]
    while days[-1] < next_month - timedelta(days=1) or days[-1].weekday() != 6:
        days.append(days[-1] + timedelta(days=1))
    rows = occurrences(filters, first=monday, language=language)
    counts = _capped_counts(rows, days)
    shown = _first_of_each_day(rows, [day for day in days if counts.get(day)])
    by_day: dict[date, list[Card]] = {}
    for card in event_cards(shown, language):
        if card.day:
            by_day.setdefault(card.day, []).append(card)
    return [
        DaySummary(day, min(counts.get(day, 0), DAY_COUNT_CAP), counts.get(day, 0) > DAY_COUNT_CAP, by_day.get(day, []))
        for day in days
    ]


SOME_DAY = date(1900, 1, 1)
"""Stands for each day in turn in a statement that is compiled once."""


def _for_each_day(rows: QuerySet[Occurrence], days: Sequence[date], head: str, limit: int) -> list[tuple[Any, ...]]:
    """One statement that asks the same of each day: 42 questions to the ORM would cost more than all the rest."""
    if not days:
        return []
    one = rows.filter(day=SOME_DAY).order_by("rank", "id").values_list("id")[:limit]
    try:
        sql, params = one.query.sql_with_params()
    except EmptyResultSet:  # a search without a hit: there is nothing to ask
        return []
    placeholder = SOME_DAY if connection.vendor == "postgresql" else SOME_DAY.isoformat()
    statement = " UNION ALL ".join([f"SELECT %s, {head} FROM ({sql}) AS asked{n}" for n in range(len(days))])
    values: list[Any] = []
    for number, day in enumerate(days):
        asked = day if connection.vendor == "postgresql" else day.isoformat()
        values += [number, *(asked if value == placeholder else value for value in params)]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _capped_counts(rows: QuerySet[Occurrence], days: Sequence[date]) -> dict[date, int]:
    found = _for_each_day(rows, days, "count(*)", DAY_COUNT_CAP + 1)
    return {days[int(number)]: count for number, count in found}


def _first_of_each_day(rows: QuerySet[Occurrence], days: Sequence[date]) -> list[dict[str, Any]]:
    identifiers = [identifier for _, identifier in _for_each_day(rows, days, "id", CARDS_PER_DAY)]
    found = Occurrence.objects.filter(pk__in=identifiers).order_by("day", "rank", "id").values_list(*OCCURRENCE_FIELDS)
    return [dict(zip(OCCURRENCE_FIELDS, row, strict=True)) for row in found]


def list_items(kind: str, filters: Filters, *, language: str, after: str = "", limit: int = 24) -> Listing:
    """Published places or offers by name; near a point: by distance."""
    model: type[Item] = ITEM_MODELS[kind]
    rows = facts(model.objects.filter(state=Publication.PUBLISHED), filters, language)  # type: ignore[attr-defined]
    if filters.organisation:
        rows = rows.filter(organisation_id=filters.organisation)
    if filters.place and kind == "offer":
        rows = rows.filter(place_id__in=family("place", filters.place))
    if filters.q:
        rows = rows.filter(pk__in=find.matching(filters.q, kind, language))
    if filters.near:
        return _items_near(kind, rows, filters, language=language, after=after, limit=limit)
    parts = decode_cursor(after, 2) if after else None
    if parts and parts[0].isdecimal():
        identifier, name = int(parts[0]), parts[1]
        rows = rows.filter(Q(sort_name__gt=name) | Q(sort_name=name, pk__gt=identifier))
    found = list(rows.order_by("sort_name", "pk").values_list(*ITEM_FIELDS, "sort_name")[: limit + 1])
    cards = [item_card(kind, dict(zip(ITEM_FIELDS, row, strict=False)), language) for row in found[:limit]]
    cursor = encode_cursor(found[limit - 1][0], found[limit - 1][-1]) if len(found) > limit else ""
    return Listing(cards, cursor)


def _items_near(kind: str, rows: QuerySet[Any], filters: Filters, *, language: str, after: str, limit: int) -> Listing:
    """Items within the radius, nearest first."""
    lon, lat = filters.near or (0.0, 0.0)
    parts = decode_cursor(after, 2) if after else None
    start = int(parts[0]) if parts and parts[0].isdecimal() and len(parts[0]) < 7 else 0
    found = list(rows.order_by("away_squared", "pk").values_list(*ITEM_FIELDS)[start : start + limit + 1])
    cards = []
    for values in found[:limit]:
        row = dict(zip(ITEM_FIELDS, values, strict=True))
        away = distance_km(lon, lat, row["lon"], row["lat"])
        cards.append(item_card(kind, row, language, distance_km=away))
    return Listing(cards, encode_cursor(start + limit, "near") if len(found) > limit else "")


def upcoming_ids(filters: Filters, *, language: str, now: datetime, zone: ZoneInfo, limit: int) -> list[int]:
    """Ids of the upcoming events that pass the filters, soonest first, each once."""
    rows = _first_showings(filters, language=language, now=now, zone=zone).order_by("day", "rank", "id")
    # Two showings on one day are two rows; a few more than the limit fill it all the same.
    return list(dict.fromkeys(rows.values_list("event_id", flat=True)[: limit + limit // 4]))[:limit]


def calendar_entries(
    filters: Filters, *, language: str, now: datetime, zone: ZoneInfo, limit: int
) -> Iterator[tuple[str, str]]:
    """Time zone and VEVENT text of the upcoming events that pass the filters, soonest first, each once."""
    identifiers = upcoming_ids(filters, language=language, now=now, zone=zone, limit=limit)
    for start in range(0, len(identifiers), 500):
        block = identifiers[start : start + 500]
        stored = Event.objects.filter(pk__in=block).values_list("pk", "timezone", "vevent")
        texts = {pk: (timezone, text) for pk, timezone, text in stored}
        yield from (texts[identifier] for identifier in block if identifier in texts)
