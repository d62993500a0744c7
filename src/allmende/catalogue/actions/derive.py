"""Tables computed from the others: facet counts, map clusters, and the moving horizon of occurrences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from allmende.catalogue.actions.write import OCCURRENCE_FIELDS, occurrence_rows, stored_columns
from allmende.catalogue.bridges.complete import complete_event, window_at
from allmende.catalogue.bridges.schedule import to_schedule
from allmende.catalogue.models import ITEM_MODELS, Event, FacetCount, MapCluster, Occurrence
from allmende.catalogue.values import HIDDEN_SHIFT, KINDS, Flag, hidden_bit
from allmende.core.bulk import day_writer, insert_rows, time_writer
from allmende.core.content import content_stamp, touch_content
from allmende.core.languages import LANGUAGES
from allmende.core.locks import hold
from allmende.core.publication import Publication

SMALL = 5000
"""Up to this many records the derived tables are computed at once after an edit; else by the next tick."""
LOWEST_ZOOM, HIGHEST_ZOOM = 4, 15
SQUARE = 2
"""Squares of 64 pixels: a tile of 256 pixels has 2**SQUARE of them in a row."""
STAMP_FACET = "stamp"
CLUSTER = ("zoom", "x", "y", "kind", "category", "hidden_in", "n", "lon", "lat", "item_id")
FACT_BITS = (1 << HIDDEN_SHIFT) - 1


def refresh_derived(*, now: datetime | None = None) -> None:
    """Compute facet counts and map clusters anew."""
    now = now or datetime.now(UTC)
    stamp = content_stamp()
    counts = _facet_counts(now)
    clusters = list(_clusters(now))
    with transaction.atomic():
        hold("catalogue.derived")  # two edits at once would otherwise both delete, and both insert the same keys
        FacetCount.objects.all().delete()
        MapCluster.objects.all().delete()
        insert_rows(FacetCount, ("kind", "facet", "value", "n"), [[*key, n] for key, n in counts.items()])
        made = [["all", STAMP_FACET, "stamp", stamp + 1], ["all", STAMP_FACET, "day", now.date().toordinal()]]
        insert_rows(FacetCount, ("kind", "facet", "value", "n"), made)
        insert_rows(MapCluster, CLUSTER, clusters)
        touch_content()


def refresh_derived_if_stale(*, now: datetime | None = None) -> bool:
    """Compute them if public content changed since, or a new day began; say whether it was done."""
    now = now or datetime.now(UTC)
    kept = dict(FacetCount.objects.filter(kind="all", facet=STAMP_FACET).values_list("value", "n"))
    if kept == {"stamp": content_stamp(), "day": now.date().toordinal()}:
        return False
    refresh_derived(now=now)
    return True


_put_off: ContextVar[bool] = ContextVar("put off", default=False)


@contextmanager
def refreshed_once() -> Iterator[None]:
    """After many edits: what each of them would do by itself is done once, at the end."""
    token = _put_off.set(True)
    try:
        yield
    finally:
        _put_off.reset(token)
        refresh_derived_if_small()


def refresh_derived_if_small() -> None:
    """After an edit: at once in a small catalogue, by the next tick in a large one."""
    if _put_off.get():
        return
    if Event.objects.count() <= SMALL:
        refresh_derived()


def _upcoming(now: datetime) -> Q:
    return Q(day__gte=now.date() - timedelta(days=1))


FACTS = ("category", "municipality_id", "flags", "cell")


def _facet_counts(now: datetime) -> Counter[tuple[str, str, str]]:
    counts: Counter[tuple[str, str, str]] = Counter()
    upcoming = Occurrence.objects.filter(_upcoming(now)).order_by()
    events = upcoming.values_list("event_id", *FACTS).distinct()
    _count("event", events.iterator(chunk_size=5000), counts)
    for kind in ("place", "offer"):
        items = ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED)  # type: ignore[attr-defined]
        _count(kind, items.values_list("pk", *FACTS).iterator(chunk_size=5000), counts)
        for owner, n in items.order_by().values_list("organisation_id").annotate(n=Count("pk")):
            if owner:
                counts[kind, "organisation", str(owner)] += n
        for owner, hidden in items.filter(hidden_in__gt=0).values_list("organisation_id", "hidden_in"):
            if owner:
                _hold_back(kind, {"organisation": str(owner)}, hidden, counts)
    live = Event.objects.filter(state=Publication.PUBLISHED, last_day__gte=now.date() - timedelta(days=1)).order_by()
    pairs = live.values_list("organisation_id", "organiser_id").annotate(n=Count("pk"))
    for owner, organiser, n in pairs:
        for organisation in {owner, organiser} - {None}:
            counts["event", "organisation", str(organisation)] += n
    for owner, organiser, hidden in live.filter(hidden_in__gt=0).values_list(
        "organisation_id", "organiser_id", "hidden_in"
    ):
        for organisation in {owner, organiser} - {None}:
            _hold_back("event", {"organisation": str(organisation)}, hidden, counts)
    return counts


Facts = tuple[int, str, int | None, int, int | None]


def _count(kind: str, rows: Iterator[Facts], counts: Counter[tuple[str, str, str]]) -> None:
    for _, category, municipality, flags, cell in rows:
        counts[kind, "all", ""] += 1
        counts[kind, "category", category] += 1
        if municipality:
            counts[kind, "municipality", str(municipality)] += 1
        counts[kind, "mix", str(flags)] += 1
        if cell is not None:
            counts[kind, "cell", str(cell)] += 1
        if hidden := flags >> HIDDEN_SHIFT:
            values = {"all": "", "category": category} | ({"municipality": str(municipality)} if municipality else {})
            _hold_back(kind, values, hidden, counts)
            for flag in Flag(flags & FACT_BITS):
                _hold_back(kind, {"flag": str(flag.name)}, hidden, counts)
    for mix in [value for (k, facet, value) in counts if k == kind and facet == "mix"]:
        for flag in Flag(int(mix)):
            counts[kind, "flag", str(flag.name)] += counts[kind, "mix", mix]


def _hold_back(kind: str, values: Mapping[str, str], hidden: int, counts: Counter[tuple[str, str, str]]) -> None:
    """Count a record that is held back in some languages under ``da:category`` and the like: to be taken off there."""
    for language in LANGUAGES:
        if hidden & hidden_bit(language):
            for facet, value in values.items():
                counts[kind, f"{language}:{facet}", value] += 1


def square_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The square of a point at a zoom level (Web Mercator)."""
    n = 2 ** (zoom + SQUARE)
    latitude = math.radians(max(-85.0, min(85.0, lat)))
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(latitude)) / math.pi) / 2 * n)


Square = tuple[int, int, str, str, int]
"""x, y, kind, category, and the languages in which what is in it is held back."""


def _clusters(now: datetime) -> Iterator[list[object]]:
    points: list[tuple[str, int, str, float, float, int]] = []
    kind: str
    for kind in KINDS:
        items = ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED, lon__isnull=False)  # type: ignore[attr-defined]
        if kind == "event":
            items = items.filter(last_day__gte=now.date() - timedelta(days=1))
        columns = ("pk", "category", "lon", "lat", "hidden_in")
        points += [(kind, *row) for row in items.values_list(*columns).iterator(chunk_size=5000)]
    squares: dict[Square, list[float]] = {}
    for kind, pk, category, lon, lat, hidden in points:
        x, y = square_of(lon, lat, HIGHEST_ZOOM)
        entry = squares.setdefault((x, y, kind, category, hidden), [0, 0.0, 0.0, pk])
        entry[0] += 1
        entry[1] += lon
        entry[2] += lat
    for zoom in range(HIGHEST_ZOOM, LOWEST_ZOOM - 1, -1):
        coarser: dict[Square, list[float]] = {}
        for (x, y, kind, category, hidden), (n, lon, lat, one) in squares.items():
            middle = (round(lon / n, 5), round(lat / n, 5))
            yield [zoom, x, y, kind, category, hidden, int(n), *middle, one if n == 1 else None]
            entry = coarser.setdefault((x // 2, y // 2, kind, category, hidden), [0, 0.0, 0.0, one])
            entry[0] += n
            entry[1] += lon
            entry[2] += lat
        squares = coarser


def extend_horizon(*, now: datetime, limit: int = 2000) -> int:
    """Expand what has dates beyond the moving horizon, and drop what is long past; return how many events were seen.

    Looked at are events whose occurrences were written out when the horizon was more than a month nearer.
    """
    window = window_at(now)
    due = Event.objects.filter(
        state=Publication.PUBLISHED, is_endless=True, expanded_until__lt=window.last - timedelta(days=31)
    ).values_list("pk", flat=True)[:limit]
    candidates = list(due)
    with transaction.atomic():
        locked = Event.objects.select_for_update().filter(pk__in=candidates, state=Publication.PUBLISHED)
        identifiers = list(locked.values_list("pk", flat=True))
        rows = []
        for identifier, columns in stored_columns("event", identifiers).items():
            showings = complete_event(columns, to_schedule(columns["schedule"], columns["timezone"]), window)
            rows += occurrence_rows(identifier, columns, showings, time_writer(), day_writer())
            Event.objects.filter(pk=identifier).update(
                last_day=columns["last_day"],
                is_endless=columns["is_endless"],
                expanded_until=columns["expanded_until"],
            )
        Occurrence.objects.filter(event_id__in=identifiers).delete()
        insert_rows(Occurrence, OCCURRENCE_FIELDS, rows)
        past, _ = Occurrence.objects.filter(day__lt=window.first).delete()
        if identifiers or past:
            touch_content()
    return len(identifiers)
