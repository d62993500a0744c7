"""Lists for the API, a page at a time.  The order and the filters are those of the guide's lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from allmende.catalogue.models import ITEM_MODELS, Event, Occurrence
from allmende.catalogue.queries import find, lists, searching
from allmende.catalogue.queries.api import occurrences as dates
from allmende.catalogue.queries.api.fields import Shown, columns_of, render
from allmende.catalogue.queries.api.showings import Position, after, can_be_compiled, read
from allmende.catalogue.queries.api.values import COLUMNS
from allmende.catalogue.queries.shapes import Filters
from allmende.catalogue.rows import rows_by_number
from allmende.catalogue.values import CELL_COLUMNS, KINDS, cell_of, cells_around, distance_km
from allmende.core.bulk import in_blocks
from allmende.core.publication import Publication

COUNT_CAP = 1000
"""Totals are counted up to here; beyond they say "at least"."""
MOST_CELLS = 400
MOST_FEW = 4000
"""So many events are looked at to tell whether a source, box or circle has few."""
MOST_BLOCKS = 12
"""So many blocks of showings are looked through for one page; then the page is shorter, and the next one goes on."""
LONGEST_CURSOR = 400
Box = tuple[float, float, float, float]


class BadCursor(ValueError):
    """The cursor is none that a page of this list has given."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for."""

    filters: Filters = field(default_factory=Filters)
    source: int | None = None
    box: Box | None = None
    """west, south, east, north in degrees."""
    cursor: str = ""
    limit: int = 20
    expand: bool = False
    """With the coming occurrences of each event."""
    count: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, ready to be sent."""

    items: list[dict[str, Any]]
    cursor: str = ""
    """Where the next page begins; empty: this is the last."""
    total: int | None = None
    total_is_at_least: bool = False
    corrected: str = ""
    relaxed: bool = False


def _in_box(rows: QuerySet[Any], box: Box, prefix: str = "") -> QuerySet[Any]:
    west, south, east, north = box
    boxed: QuerySet[Any] = rows.filter(**{f"{prefix}lon__range": (west, east), f"{prefix}lat__range": (south, north)})
    low, high = cell_of(west, south) or 0, cell_of(east, north) or 0
    lines = range(low // CELL_COLUMNS, high // CELL_COLUMNS + 1)
    columns = range(low % CELL_COLUMNS, high % CELL_COLUMNS + 1)
    if len(lines) * len(columns) <= MOST_CELLS:
        boxed = boxed.filter(cell__in=[line * CELL_COLUMNS + column for line in lines for column in columns])
    return boxed


def _few_events(wanted: Wanted) -> dict[int, float] | None:
    """The events of a source, box or circle that has few, with their distance from its middle; None for many.

    A walk in day order could see the whole table before it has found twenty of them.
    """
    filters = wanted.filters
    few = Event.objects.filter(state=Publication.PUBLISHED)
    if wanted.source is not None:
        few = few.filter(source_id=wanted.source)
    if wanted.box:
        few = _in_box(few, wanted.box)
    if filters.near:
        few = few.filter(cell__in=cells_around(*filters.near, min(filters.radius_km, lists.MOST_KM)))
    read = list(few.order_by().values_list("pk", "lon", "lat")[: MOST_FEW + 1])
    if len(read) > MOST_FEW:
        return None
    if not filters.near:
        found = {pk: 0.0 for pk, _, _ in read}
    else:
        away = {pk: distance_km(*filters.near, lon or 0.0, lat or 0.0) for pk, lon, lat in read}
        found = {pk: km for pk, km in away.items() if km <= filters.radius_km}
    return found if len(found) <= lists.MOST_RARE else None


def _passing(identifiers: Sequence[int], wanted: Wanted) -> set[int]:
    """Those of a few events that are of the wanted source and in the wanted box."""
    west, south, east, north = wanted.box or (-180.0, -90.0, 180.0, 90.0)
    found = set()
    for block in in_blocks(identifiers):
        for pk, source, lon, lat in Event.objects.filter(pk__in=block).values_list("pk", "source_id", "lon", "lat"):
            if wanted.source is not None and source != wanted.source:
                continue
            if wanted.box and (lon is None or lat is None or not (west <= lon <= east and south <= lat <= north)):
                continue
            found.add(pk)
    return found


def rows_of(kind: str, identifiers: Sequence[int], shown: Shown) -> dict[int, dict[str, Any]]:
    """The published records of these numbers, by number."""
    rows = rows_by_number(kind, columns_of(kind, shown), identifiers)
    return {pk: row for pk, row in rows.items() if row["state"] == Publication.PUBLISHED}


def zones_of(rows: Sequence[dict[str, Any]]) -> dict[int, str]:
    """Time zones by event; read from the table where the wanted fields left them out."""
    if rows and "timezone" not in rows[0]:
        return dict(Event.objects.filter(pk__in=[row["pk"] for row in rows]).values_list("pk", "timezone"))
    return {row["pk"]: row["timezone"] for row in rows}


class _Showings:
    """First showings of the events that pass the filters, in order, block by block."""

    def __init__(self, wanted: Wanted, language: str, now: datetime, zone: ZoneInfo) -> None:
        self.filters = wanted.filters
        self.language, self.now, self.zone = language, now, zone
        is_sieved = wanted.source is not None or wanted.box is not None
        self.few = _few_events(wanted) if is_sieved else None
        if self.few is not None:
            self.filters = replace(self.filters, near=None)  # these are within the circle already
        self.is_sieved = is_sieved and self.few is None
        """Source and box are to be looked at event by event."""
        self.size = wanted.limit * (10 if self.is_sieved else 4 if self.filters.near else 2)

    def rows(self) -> QuerySet[Occurrence]:
        """All of them."""
        rows = lists._first_showings(self.filters, language=self.language, now=self.now, zone=self.zone)
        return rows if self.few is None else rows.filter(event_id__in=list(self.few))

    def _read(self, place: Position | None) -> list[tuple[Any, ...]]:
        today = lists.today_at(self.now, self.zone)
        if self.few is None and can_be_compiled(self.filters, today):
            filters = replace(self.filters, since=self.filters.since or today)
            return read(filters, place, self.size, language=self.language, now=self.now, zone=self.zone)
        rows = self.rows().filter(after(place)) if place else self.rows()
        if self.filters.near:
            start = max(self.filters.since or today, place[0] if place else date.min)
            return lists.soonest(rows, ("id", *COLUMNS, "event__lon", "event__lat"), self.size, start=start)
        return list(rows.order_by("day", "rank", "id").values_list("id", *COLUMNS)[: self.size])

    def blocks(self, place: Position | None) -> Iterator[tuple[list[tuple[Any, ...]], Position | None]]:
        """Blocks behind ``place``, each with where the next one begins; at most ``MOST_BLOCKS``."""
        for _ in range(MOST_BLOCKS):
            found = self._read(place)
            place = (found[-1][2], found[-1][3], found[-1][0]) if len(found) == self.size else None
            yield found, place
            if place is None:
                return


def _place(cursor: str) -> Position | None:
    if not cursor:
        return None
    parts = lists.decode_cursor(cursor[:LONGEST_CURSOR], 3)
    try:
        if not parts:
            raise ValueError(cursor)
        day, rank, identifier = date.fromisoformat(parts[0]), int(parts[1]), int(parts[2])
    except ValueError as error:
        raise BadCursor("This cursor belongs to no page of this list.") from error
    if not (abs(rank) < 2**15 and abs(identifier) < 2**62):
        raise BadCursor("This cursor belongs to no page of this list.")
    return day, rank, identifier


def list_events(wanted: Wanted, shown: Shown, *, now: datetime, zone: ZoneInfo) -> Page:
    """Events by day and time, each once, on its first day that passes the filters and is not over."""
    showings = _Showings(wanted, shown.language, now, zone)
    near, radius_km = showings.filters.near, wanted.filters.radius_km
    once: dict[int, dict[str, Any]] = {}
    distances: dict[int, float] = {}
    end: Position | None = None
    is_full = False
    for block, end in showings.blocks(_place(wanted.cursor)):
        passing = _passing([values[1] for values in block], wanted) if showings.is_sieved else None
        for values in block:
            identifier = values[1]
            if identifier in once or (passing is not None and identifier not in passing):
                continue
            if near:
                away = distance_km(*near, values[-2], values[-1])
                if away > radius_km:
                    continue
                distances[identifier] = round(away, 3)
            if len(once) == wanted.limit:
                last = next(reversed(once.values()))
                end, is_full = (last["day"], last["rank"], last["id"]), True
                break
            if wanted.filters.near and showings.few is not None:
                distances[identifier] = round(showings.few[identifier], 3)
            once[identifier] = dict(zip(("id", *COLUMNS), values, strict=False))
        if is_full or len(once) == wanted.limit:
            break
    cursor = lists.encode_cursor(end[0].isoformat(), end[1], end[2]) if end else ""
    items = _events(list(once.values()), replace_distances(shown, distances), wanted, now=now, zone=zone)
    total, at_least = None, False
    if wanted.count:
        events = showings.rows().values_list("event_id", flat=True)
        total, at_least = (COUNT_CAP, True) if showings.is_sieved else _count(events, wanted)
    return Page(items, cursor, total, at_least)


def replace_distances(shown: Shown, distances: dict[int, float]) -> Shown:
    """The same way to show records, with distances."""
    return replace(shown, distances=distances) if distances else shown


def _events(
    occurrences: Sequence[dict[str, Any]], shown: Shown, wanted: Wanted, *, now: datetime, zone: ZoneInfo
) -> list[dict[str, Any]]:
    found = rows_of("event", [row["event_id"] for row in occurrences], shown)
    rows = [found[row["event_id"]] for row in occurrences if row["event_id"] in found]
    if not shown.fields or "next" in shown.fields:
        zones = zones_of(rows)
        shown.nexts = {
            row["event_id"]: dates.sent(row, zones[row["event_id"]]) for row in occurrences if row["event_id"] in zones
        }
    if wanted.expand:
        shown.expanded = dates.expanded(
            zones_of(rows), now=now, today=wanted.filters.since or lists.today_at(now, zone)
        )
    return render("event", rows, shown)


def _count(rows: QuerySet[Any], wanted: Wanted) -> tuple[int | None, bool]:
    if not wanted.count:
        return None, False
    found = len(set(rows.order_by()[: 2 * COUNT_CAP]))
    return min(found, COUNT_CAP), found > COUNT_CAP


def list_items(kind: str, wanted: Wanted, shown: Shown) -> Page:
    """Published places or offers by name; near a point: the nearest first."""
    filters = wanted.filters
    rows = lists.facts(ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED), filters, shown.language)  # type: ignore[attr-defined]
    if filters.organisation:
        rows = rows.filter(organisation_id=filters.organisation)
    if filters.place:
        rows = rows.filter(place_id=filters.place) if kind == "offer" else rows.filter(pk=filters.place)
    if wanted.source is not None:
        rows = rows.filter(source_id=wanted.source)
    if wanted.box:
        rows = _in_box(rows, wanted.box)
    if filters.q:
        rows = rows.filter(pk__in=find.matching(filters.q, kind, shown.language))
    total, at_least = _count(rows.values_list("pk", flat=True), wanted)
    page = _nearest(kind, rows, wanted, shown) if filters.near else _by_name(kind, rows, wanted, shown)
    return replace(page, total=total, total_is_at_least=at_least)


def _by_name(kind: str, rows: QuerySet[Any], wanted: Wanted, shown: Shown) -> Page:
    if wanted.cursor:
        parts = lists.decode_cursor(wanted.cursor, 2)
        if not parts or not _is_number(parts[0]):
            raise BadCursor("This cursor belongs to no page of this list.")
        identifier, name = int(parts[0]), parts[1]
        rows = rows.filter(Q(sort_name__gt=name) | Q(sort_name=name, pk__gt=identifier))
    columns = columns_of(kind, shown)
    read = list(rows.order_by("sort_name", "pk").values_list(*columns, "sort_name")[: wanted.limit + 1])
    more = len(read) > wanted.limit
    read = read[: wanted.limit]
    items = render(kind, [dict(zip(columns, row, strict=False)) for row in read], shown)
    return Page(items, lists.encode_cursor(read[-1][0], read[-1][-1]) if more else "")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _nearest(kind: str, rows: QuerySet[Any], wanted: Wanted, shown: Shown) -> Page:
    near = wanted.filters.near or (0.0, 0.0)
    start = _offset(wanted.cursor, "near")
    columns = columns_of(kind, shown)
    read = list(
        rows.order_by("away_squared", "pk").values_list(*columns, "lon", "lat")[start : start + wanted.limit + 1]
    )
    more = len(read) > wanted.limit
    read = read[: wanted.limit]
    distances = {row[0]: round(distance_km(*near, row[-2], row[-1]), 3) for row in read}
    items = render(kind, [dict(zip(columns, row, strict=False)) for row in read], replace_distances(shown, distances))
    return Page(items, lists.encode_cursor(start + wanted.limit, "near") if more else "")


def _offset(cursor: str, mark: str) -> int:
    if not cursor:
        return 0
    parts = lists.decode_cursor(cursor, 2)
    if not parts or not _is_number(parts[0]) or len(parts[0]) > 6 or parts[1] != mark:
        raise BadCursor("This cursor belongs to no page of this list.")
    return int(parts[0])


def list_own(kind: str, organisation: int, state: str, wanted: Wanted, shown: Shown) -> Page:
    """An organisation's own records in a state (empty: any), by name; for whoever writes for it."""
    rows = ITEM_MODELS[kind].objects.filter(organisation_id=organisation)  # type: ignore[attr-defined]
    if state:
        rows = rows.filter(state=state)
    if wanted.source is not None:
        rows = rows.filter(source_id=wanted.source)
    total, at_least = _count(rows.values_list("pk", flat=True), wanted)
    return replace(_by_name(kind, rows, wanted, shown), total=total, total_is_at_least=at_least)


def search(wanted: Wanted, shown: Shown, kinds: Sequence[str], *, now: datetime, zone: ZoneInfo) -> Page:
    """Records of all kinds (or one) that the words find, best first."""
    start = _offset(wanted.cursor, "s")
    found = searching.search(
        wanted.filters,
        language=shown.language,
        now=now,
        zone=zone,
        kind=kinds[0] if len(kinds) == 1 else "",
        after=lists.encode_cursor(start, "s") if start else "",
        limit=wanted.limit,
    )
    records: dict[tuple[str, int], dict[str, Any]] = {}
    today = lists.today_at(now, zone)
    for kind in KINDS:
        rows = list(rows_of(kind, [card.id for card in found.cards if card.kind == kind], shown).values())
        if kind == "event" and rows:
            shown.nexts = dates.nexts(zones_of(rows), now=now, today=today)
        records.update({(kind, record["id"]): record for record in render(kind, rows, shown)})
    items = [records[card.kind, card.id] for card in found.cards if (card.kind, card.id) in records]
    return Page(
        items,
        found.next_cursor,
        found.total,
        found.total_is_at_least,
        found.corrected,
        found.relaxed,
    )
