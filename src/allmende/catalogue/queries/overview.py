"""Overviews: what there is per municipality, category and organisation; the map; sources; the site's map for robots."""

from __future__ import annotations

import math
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from allmende.catalogue.actions.derive import HIGHEST_ZOOM, LOWEST_ZOOM, square_of
from allmende.catalogue.models import ITEM_MODELS, Event, MapCluster, Source
from allmende.catalogue.queries import find, lists
from allmende.catalogue.queries.cards import OCCURRENCE_FIELDS, cards_of, event_cards
from allmende.catalogue.queries.details import source_note
from allmende.catalogue.queries.numbers import counting_language, counts
from allmende.catalogue.queries.shapes import Card, Filters, MapPoint, Named, SourceNote
from allmende.catalogue.queries.standing import family
from allmende.catalogue.values import CELL_COLUMNS, KINDS, Kind, cell_of, hidden_bit
from allmende.catalogue.vocabulary import categories as vocabulary
from allmende.core.bulk import in_blocks
from allmende.core.content import recent_content_stamp
from allmende.core.publication import Publication
from allmende.core.text import pick
from allmende.partners.models import Organisation, Territory

SITEMAP_PAGE = 5000
MAP_CAP = 3000
"""Filtered points are read up to this many."""


def totals(language: str = "") -> dict[str, int]:
    """How many there are of each kind: upcoming events, places, offers; municipalities and organisations with any.

    With a language, here and below: without what is held back in it.
    """
    whole = counts(language)
    found: dict[str, int] = {kind: whole.get((kind, "all"), {}).get("", 0) for kind in KINDS}
    found["municipality"] = len({v for k in KINDS for v in whole.get((k, "municipality"), {})})
    found["organisation"] = len({v for k in KINDS for v in whole.get((k, "organisation"), {})})
    return found


def _numbers(facet: str, value: str, language: str = "") -> dict[str, int]:
    whole = counts(language)
    return {
        "events": whole.get(("event", facet), {}).get(value, 0),
        "places": whole.get(("place", facet), {}).get(value, 0),
        "offers": whole.get(("offer", facet), {}).get(value, 0),
    }


def _counted(pk: int, slug: str, name: str, facet: str, parent: str | None, language: str) -> Named:
    n = _numbers(facet, str(pk), language)
    return Named(pk, slug, name, n["events"], n["places"], n["offers"], parent or "")


@lru_cache(maxsize=8)
def _municipalities(stamp: int, language: str) -> tuple[Named, ...]:
    rows = Territory.objects.filter(level="municipality", successor__isnull=True).order_by("slug", "code")
    return tuple(
        _counted(pk, f"{code}-{slug}", name, "municipality", parent, language)
        for pk, code, slug, name, parent in rows.values_list("pk", "code", "slug", "name", "parent__name")
    )


def municipalities(*, only_with_content: bool = False, language: str = "") -> list[Named]:
    """All municipalities by name, with how much there is in each."""
    found = _municipalities(recent_content_stamp(), counting_language(language))
    return [entry for entry in found if entry.total or not only_with_content]


def categories(kind: str, language: str, *, in_all: bool = False) -> list[Named]:
    """The categories that have anything in a language (``in_all``: in any), most first; ``kind`` empty: of all kinds."""
    found = []
    for entry in vocabulary():
        numbers = _numbers("category", entry.key, "" if in_all else language)
        if kind:
            numbers = {name: n if name == kind + "s" else 0 for name, n in numbers.items()}
        if sum(numbers.values()):
            label = entry.label(language, many=True)
            found.append(Named(0, entry.key, label, numbers["events"], numbers["places"], numbers["offers"]))
    return sorted(found, key=lambda named: -named.total)


@lru_cache(maxsize=8)
def _organisations(stamp: int, language: str) -> tuple[Named, ...]:
    there = Organisation.objects.filter(successor__isnull=True).order_by("name_key")
    rows = there.values_list("pk", "slug", "name", "municipality__name")
    return tuple(_counted(pk, f"{slug}-{pk}", name, "organisation", town, language) for pk, slug, name, town in rows)


def organisations(*, only_with_content: bool = True, language: str = "") -> list[Named]:
    """Organisations by name, with how much each has."""
    found = _organisations(recent_content_stamp(), counting_language(language))
    return [entry for entry in found if entry.total or not only_with_content]


def sources() -> list[SourceNote]:
    """All sources with their licences, for the credits page."""
    found = Source.objects.select_related("organisation").order_by("title")
    return [note for note in map(source_note, found) if note]


def shift_days() -> int:
    """By how many days demonstration data are moved, 0 if they are not."""
    return Source.objects.filter(is_demo=True).exclude(shift_days=0).values_list("shift_days", flat=True).first() or 0


def _boxed(west: float, south: float, east: float, north: float) -> list[int] | None:
    low, high = cell_of(west, south) or 0, cell_of(east, north) or 0
    rows = range(low // CELL_COLUMNS, high // CELL_COLUMNS + 1)
    columns = range(low % CELL_COLUMNS, high % CELL_COLUMNS + 1)
    if len(rows) * len(columns) > 400:
        return None
    return [row * CELL_COLUMNS + column for row in rows for column in columns]


def map_points(
    west: float,
    south: float,
    east: float,
    north: float,
    zoom: int,
    filters: Filters,
    *,
    kinds: tuple[Kind, ...] = KINDS,
    language: str,
    now: datetime,
    zone: ZoneInfo,
    limit: int = 400,
) -> list[MapPoint]:
    """What stands in a box: clusters while there are many, single items when there are few.

    Without filters (but category) the clusters come computed; with filters at most ``MAP_CAP`` points are gathered here.
    """
    zoom = max(LOWEST_ZOOM, min(HIGHEST_ZOOM, zoom))
    only_category = filters.is_empty or filters == Filters(category=filters.category, radius_km=filters.radius_km)
    if only_category:
        clusters = _stored_clusters(west, south, east, north, zoom, filters.category, kinds, language)
        if sum(cluster.n for cluster in clusters) > limit // 4 and zoom < HIGHEST_ZOOM:
            return _with_names(clusters[:limit], language)
    points = _points(west, south, east, north, filters, kinds, language, now, zone)
    if len(points) <= limit // 4 or zoom >= HIGHEST_ZOOM:
        return _named(points[:limit], language)
    return _gathered(points, zoom)[:limit]


Point = tuple[Kind, int, float, float, str, date | None]


class Cluster(NamedTuple):
    """One thing or several in a square of the map."""

    kind: Kind
    category: str
    lon: float
    lat: float
    n: int
    item_id: int | None


def _stored_clusters(
    west: float,
    south: float,
    east: float,
    north: float,
    zoom: int,
    wanted: tuple[str, ...],
    kinds: tuple[Kind, ...],
    language: str,
) -> list[Cluster]:
    left, top = square_of(west, north, zoom)
    right, bottom = square_of(east, south, zoom)
    rows = MapCluster.objects.filter(zoom=zoom, x__range=(left, right), y__range=(top, bottom), kind__in=kinds)
    if wanted:
        rows = rows.filter(category__in=wanted)
    squares: dict[tuple[int, int], list[Cluster]] = {}
    bit = hidden_bit(language)
    columns = ("x", "y", "hidden_in", "kind", "category", "lon", "lat", "n", "item_id")
    for x, y, hidden, *parts in rows.values_list(*columns):
        if not hidden & bit:
            squares.setdefault((x, y), []).append(Cluster(*cast(Any, parts)))
    found = []
    for parts_of_square in squares.values():
        n = sum(part.n for part in parts_of_square)
        biggest = max(parts_of_square, key=lambda part: part.n)
        lon = sum(part.n * part.lon for part in parts_of_square) / n
        lat = sum(part.n * part.lat for part in parts_of_square) / n
        found.append(biggest._replace(lon=lon, lat=lat, n=n, item_id=biggest.item_id if n == 1 else None))
    return sorted(found, key=lambda cluster: -cluster.n)


def _with_names(clusters: list[Cluster], language: str) -> list[MapPoint]:
    """Clusters as points; single things with their names."""
    single: list[Point] = [
        (c.kind, c.item_id, c.lon, c.lat, c.category, None) for c in clusters if c.item_id is not None
    ]
    gathered = [MapPoint(round(c.lon, 5), round(c.lat, 5), c.n, c.kind, c.category) for c in clusters if c.n > 1]
    return gathered + _named(single, language)


def _points(
    west: float,
    south: float,
    east: float,
    north: float,
    filters: Filters,
    kinds: tuple[Kind, ...],
    language: str,
    now: datetime,
    zone: ZoneInfo,
) -> list[Point]:
    cells = _boxed(west, south, east, north)
    found: dict[tuple[Kind, int], Point] = {}
    for kind in kinds:
        box: dict[str, Any] = {"lon__range": (west, east), "lat__range": (south, north)}
        if kind == "event" and (filters.until or filters.since or filters.place or filters.organisation):
            rows = lists.occurrences(filters, first=filters.since or lists.today_at(now, zone), language=language)
            rows = rows.filter(cell__in=cells) if cells is not None else rows.filter(cell__isnull=False)
            first_of: dict[int, tuple[str, date]] = {}
            for pk, category, day in rows.order_by("day", "rank", "id").values_list("event_id", "category", "day")[
                :MAP_CAP
            ]:
                first_of.setdefault(pk, (category, day))
            for pk, lon, lat in _spots(list(first_of)):
                if west <= lon <= east and south <= lat <= north:
                    found[kind, pk] = (kind, pk, lon, lat, *first_of[pk])
            continue
        if kind != "event" and (filters.since or filters.until):
            continue
        items = lists.facts(ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED), filters, language)  # type: ignore[attr-defined]
        if cells is not None:
            items = items.filter(cell__in=cells)
        if filters.q:
            items = items.filter(pk__in=find.matching(filters.q, kind, language))
        if filters.organisation:
            items = items.filter(organisation_id=filters.organisation)
        if filters.place:
            items = (
                items.filter(pk=filters.place)
                if kind == "place"
                else items.filter(place_id__in=family("place", filters.place))
            )
        if kind == "event":
            items = items.filter(last_day__gte=filters.since or lists.today_at(now, zone))
        for pk, lon, lat, category in items.filter(**box).values_list("pk", "lon", "lat", "category")[:MAP_CAP]:
            found[kind, pk] = (kind, pk, lon, lat, category, None)
    return list(found.values())


def _spots(identifiers: list[int]) -> list[tuple[int, float, float]]:
    """Where events are; asked by id, so that the database never walks them by place."""
    found: list[tuple[int, float, float]] = []
    for block in in_blocks(identifiers):
        rows = Event.objects.filter(pk__in=block, lon__isnull=False).values_list("pk", "lon", "lat")
        found += [(pk, lon or 0.0, lat or 0.0) for pk, lon, lat in rows]
    return found


def _named(points: list[Point], language: str) -> list[MapPoint]:
    names: dict[tuple[str, int], tuple[str, str]] = {}
    for kind in KINDS:
        wanted = [pk for k, pk, *_ in points if k == kind]
        if wanted:
            rows = ITEM_MODELS[kind].objects.filter(pk__in=wanted).values_list("pk", "slug", "name")  # type: ignore[attr-defined]
            names.update({(kind, pk): (slug, pick(name, language).text) for pk, slug, name in rows})
    return [
        MapPoint(lon, lat, 1, kind, category, pk, *names[kind, pk], when=day.isoformat() if day else "")
        for kind, pk, lon, lat, category, day in points
        if (kind, pk) in names
    ]


def _gathered(points: list[Point], zoom: int) -> list[MapPoint]:
    squares: dict[tuple[int, int], list[Point]] = {}
    for point in points:
        squares.setdefault(square_of(point[2], point[3], zoom), []).append(point)
    found = []
    for group in squares.values():
        kind, _, _, _, category, _ = group[0]
        lon = math.fsum(point[2] for point in group) / len(group)
        lat = math.fsum(point[3] for point in group) / len(group)
        found.append(MapPoint(round(lon, 5), round(lat, 5), len(group), kind, category))
    return sorted(found, key=lambda point: -point.n)


def box_cards(
    west: float,
    south: float,
    east: float,
    north: float,
    filters: Filters,
    *,
    kinds: tuple[Kind, ...] = KINDS,
    language: str,
    now: datetime,
    zone: ZoneInfo,
    limit: int = 30,
) -> list[Card]:
    """The first few things in a box, for the list beside a map: events by day, then places and offers by name."""
    cells = _boxed(west, south, east, north)
    box = {"lon__range": (west, east), "lat__range": (south, north)}
    found: list[Card] = []
    for kind in kinds:
        left = limit - len(found)
        if left <= 0:
            break
        if kind == "event":
            found += _events_in_box(box, cells, filters, language=language, now=now, zone=zone, limit=left)
        elif not (filters.since or filters.until):
            items = lists.facts(ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED, **box), filters, language)  # type: ignore[attr-defined]
            items = items.filter(cell__in=cells) if cells is not None else items
            items = items.filter(pk__in=find.matching(filters.q, kind, language)) if filters.q else items
            items = items.filter(organisation_id=filters.organisation) if filters.organisation else items
            keys = [(kind, pk) for pk in items.order_by("sort_name", "pk").values_list("pk", flat=True)[:left]]
            found += cards_of(keys, language=language, now=now)
    return found


def _events_in_box(
    box: dict[str, Any],
    cells: list[int] | None,
    filters: Filters,
    *,
    language: str,
    now: datetime,
    zone: ZoneInfo,
    limit: int,
) -> list[Card]:
    first = filters.since or lists.today_at(now, zone)
    rows = lists.occurrences(filters, first=first, language=language).filter(cell__isnull=False)
    if cells is not None:
        rows = rows.filter(cell__in=cells)
        known = counts().get(("event", "cell"), {})
        if sum(known.get(str(cell), 0) for cell in cells) <= lists.RARE:
            # Few events stand here: a walk in day order could see the whole table before it has a list full.
            near = Event.objects.filter(cell__in=cells).values_list("pk", flat=True)
            rows = rows.filter(event_id__in=list(near[: lists.MOST_RARE]))
    ordered = rows.order_by("day", "rank", "id").values_list(*OCCURRENCE_FIELDS)[: limit * 4]
    once = lists.each_once([dict(zip(OCCURRENCE_FIELDS, row, strict=True)) for row in ordered])
    (west, east), (south, north) = box["lon__range"], box["lat__range"]
    inside = {
        pk
        for pk, lon, lat in _spots([occurrence["event_id"] for occurrence in once])
        if west <= lon <= east and south <= lat <= north
    }
    shown = [occurrence for occurrence in once if occurrence["event_id"] in inside]
    return event_cards(shown[:limit], language)


def _for_robots(kind: str) -> Any:
    """What search engines may list: published, and not of a source that keeps them out."""
    items = ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED)  # type: ignore[attr-defined]
    return items.exclude(source__is_indexed=False)


def sitemap_pages(kind: str) -> int:
    """How many sitemap files a kind fills."""
    return math.ceil(int(_for_robots(kind).count()) / SITEMAP_PAGE)


def sitemap(kind: str, page: int) -> list[tuple[int, str, datetime, int]]:
    """(id, slug, last change, languages in which it is held back) of one sitemap file, counted from 1."""
    rows = _for_robots(kind).order_by("pk").values_list("pk", "slug", "updated_at", "hidden_in")
    return list(rows[(page - 1) * SITEMAP_PAGE : page * SITEMAP_PAGE])
