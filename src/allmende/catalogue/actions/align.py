"""What planning together keeps: the season by week, gaps found, and gaps set aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Coalesce

from allmende.catalogue.bridges import alignment as engine
from allmende.catalogue.bridges.alignment import Gap, Offer, Rule, Spot
from allmende.catalogue.expressions import BEGINS, FIRST_MONDAY, PRICED, STEP_FREE, WEEK
from allmende.catalogue.models import Event, GapFound, GapSetAside, Occurrence, Place, SeasonCount
from allmende.catalogue.rules import AlignForbidden, may_set_gap_aside
from allmende.catalogue.vocabulary.alignment import VISITED
from allmende.core.audit import record
from allmende.core.bulk import as_json, as_time, day_writer, insert_rows
from allmende.core.content import content_stamp
from allmende.core.models import User
from allmende.core.publication import Publication
from allmende.partners.models import Territory

REST = timedelta(minutes=10)
"""A region that is edited all day is not counted anew all day."""
STAMP = "stamp"
UNTOLD = engine.UNTOLD
GUESTS_FROM_EVENTS = 3
GUESTS_FROM_POPULATION = 5000
FACTS = ("pk", "lon", "lat", "category", "flags", "source_id")
TOLD = {"step_free": STEP_FREE, "priced": PRICED}
EVENT_FACTS = (*FACTS, *TOLD)
PLACE_FACTS = (*FACTS, "hours", "description", "summary", *TOLD)


def refresh_alignment(*, now: datetime) -> None:
    """Count the season and look for gaps anew."""
    stamp = content_stamp()
    season = _season_rows()
    gaps = _find_gaps(now.date())
    with transaction.atomic():
        SeasonCount.objects.all().delete()
        GapFound.objects.all().delete()
        day = day_writer()
        made = {"content": stamp, "minute": int(now.timestamp() // 60), "day": now.date().toordinal()}
        marks = [[STAMP, name, "", "", day(FIRST_MONDAY), n, 0] for name, n in made.items()]
        insert_rows(SeasonCount, ("axis", "value", "by", "by_value", "week", "n", "begins"), [*season, *marks])
        insert_rows(GapFound, GAP_FIELDS, [_gap_row(gap, now) for gap in gaps])


def refresh_alignment_if_stale(*, now: datetime) -> bool:
    """Do so if something public changed or a new day began, but not twice within ``REST``; say whether it was done."""
    kept = dict(SeasonCount.objects.filter(axis=STAMP).values_list("value", "n"))
    if kept.get("day") == now.date().toordinal():
        is_young = now.timestamp() // 60 - kept["minute"] < REST.total_seconds() / 60
        if kept["content"] == content_stamp() or is_young:
            return False
    refresh_alignment(now=now)
    return True


# ---------------------------------------------------------------------- season


PAIRS = {
    ("municipality", "category"),
    ("municipality", "audience"),
    ("department", "category"),
    ("department", "audience"),
    ("category", "audience"),
}
"""Which two facts are counted together; each pair stands once and is read from both sides."""
AXES = ("municipality", "department", "category", "audience")


def _season_rows() -> list[list[Any]]:
    """Rows of :class:`SeasonCount`: every fact alone, and every two facts together."""
    field = engine.OccurrenceTable(
        Occurrence.objects.filter(cancelled=False)
        .order_by()
        .values_list(WEEK, Coalesce("municipality_id", 0), "category", F("flags").bitand(engine.AUDIENCE_MASK), BEGINS)
        .iterator(chunk_size=20_000),
        department=dict(
            Territory.objects.filter(level="municipality", parent__level="department").values_list("pk", "parent_id")
        ),
    )
    day = day_writer()
    mondays = {week: day(FIRST_MONDAY + timedelta(weeks=week)) for week in field.weeks}
    rows: list[list[Any]] = [
        ["all", "", "", "", mondays[week], n, begins] for _, _, week, n, begins in field.counts("all", "")
    ]
    for axis in AXES:
        rows += [[axis, value, "", "", mondays[week], n, new] for value, _, week, n, new in field.counts(axis, "")]
    for axis, by in sorted(PAIRS):
        rows += [
            [axis, value, by, other, mondays[week], n, new] for value, other, week, n, new in field.counts(axis, by)
        ]
    return rows


# ---------------------------------------------------------------------- gaps

GAP_FIELDS = (
    "rule",
    "municipality",
    "severity",
    "weight",
    "fits",
    "untold",
    "seen",
    "nearest_kind",
    "nearest_id",
    "nearest_km",
    "first_day",
    "last_day",
    "evidence",
    "found_at",
)


def _gap_row(gap: Gap, now: datetime) -> list[Any]:
    day = day_writer()
    nearest = gap.nearest
    evidence = {
        "days": len(gap.days),
        "sources": gap.sources,
        "around": list(gap.around),
        "fillers": [{"kind": f.kind, "id": f.id, "km": f.km, "why": f.why} for f in gap.fillers],
    }
    return [
        gap.rule,
        gap.spot,
        gap.severity,
        gap.weight,
        gap.fits,
        gap.untold,
        gap.seen,
        nearest.kind if nearest else "",
        nearest.id if nearest else None,
        nearest.km if nearest else None,
        day(gap.days[0]) if gap.days else None,
        day(gap.days[-1]) if gap.days else None,
        as_json(evidence),
        as_time(now),
    ]


def _find_gaps(today: date) -> list[Gap]:
    rules = engine.rules()
    spots = _spots(today)
    offers = [*_events(rules, today), *_places(rules, today)]
    aside: dict[str, set[int]] = defaultdict(set)
    for key, municipality in GapSetAside.objects.values_list("rule", "municipality_id"):
        aside[key].add(municipality)
    return engine.find_gaps(rules, spots, offers, today=today, aside=aside)


def _spots(today: date) -> list[Spot]:
    """Municipalities with guests: with a place that one visits, with events, or with many people."""
    places = dict(
        Place.objects.filter(state=Publication.PUBLISHED, category__in=VISITED, municipality__isnull=False)
        .order_by()
        .values_list("municipality_id")
        .annotate(n=Count("pk"))
    )
    events = dict(
        Event.objects.filter(state=Publication.PUBLISHED, last_day__gte=today, municipality__isnull=False)
        .order_by()
        .values_list("municipality_id")
        .annotate(n=Count("pk"))
    )
    known = Territory.objects.filter(level="municipality", lon__isnull=False, lat__isnull=False)
    found = []
    for pk, lon, lat, population in known.values_list("pk", "lon", "lat", "population"):
        here = events.get(pk, 0)
        if places.get(pk) or here >= GUESTS_FROM_EVENTS or (population or 0) >= GUESTS_FROM_POPULATION:
            severity, weight = engine.severity_of(population, here + places.get(pk, 0))
            found.append(Spot(pk, lon or 0.0, lat or 0.0, weight, severity))
    return found


def _days(rules: Sequence[Rule], kind: str, today: date) -> list[date]:
    return sorted({day for rule in rules if kind in rule.kinds and rule.when for day in rule.when.days(today)})


def _events(rules: Sequence[Rule], today: date) -> list[Offer]:
    taking_place: dict[int, dict[date, int | None]] = defaultdict(dict)
    rows = Occurrence.objects.filter(day__in=_days(rules, "event", today), cancelled=False, cell__isnull=False)
    for event, day, rank, all_day in rows.order_by().values_list("event_id", "day", "rank", "all_day").iterator(5000):
        days = taking_place[event]
        start = None if all_day else 0 if rank == engine.ONGOING_RANK else rank
        before = days.get(day)
        # Of several showings on a day the last one says whether there is something in the evening.
        days[day] = start if day not in days or before is None or start is None else max(before, start)
    events = Event.objects.filter(state=Publication.PUBLISHED, last_day__gte=today, cell__isnull=False)
    facts = events.exclude(status__in=(Event.Status.CANCELLED, Event.Status.POSTPONED)).order_by()
    return [
        engine.to_event_offer(dict(zip(EVENT_FACTS, row, strict=True)), taking_place.get(row[0], {}))
        for row in facts.annotate(**TOLD).values_list(*EVENT_FACTS).iterator(5000)
    ]


def _places(rules: Sequence[Rule], today: date) -> list[Offer]:
    days = _days(rules, "place", today)
    places = Place.objects.filter(state=Publication.PUBLISHED, cell__isnull=False).order_by()
    return [
        engine.to_place_offer(dict(zip(PLACE_FACTS, row, strict=True)), days)
        for row in places.annotate(**TOLD).values_list(*PLACE_FACTS).iterator(5000)
    ]


def set_gap_aside(rule: str, municipality_id: int, note: str, *, by: User | None, now: datetime) -> list[int]:
    """Say that a gap is known and not wanted to be filled; return the municipalities that it held for.

    Those that the gap stood for are set aside with it, as far as ``by`` may decide for them.  Raises
    :class:`AlignForbidden`, or ``LookupError`` where there is no such gap.
    """
    if not may_set_gap_aside(by, municipality_id):
        raise AlignForbidden("Only managers of the region, and of a municipality for itself, may set gaps aside.")
    with transaction.atomic():
        gap = GapFound.objects.select_for_update().filter(rule=rule, municipality_id=municipality_id).first()
        if gap is None:
            raise LookupError("There is no such gap.")
        meant = [municipality_id, *(pk for pk in gap.evidence["around"] if may_set_gap_aside(by, pk))]
        there = set(
            GapSetAside.objects.filter(rule=rule, municipality_id__in=meant).values_list("municipality", flat=True)
        )
        fresh = [pk for pk in meant if pk not in there]
        GapSetAside.objects.bulk_create(
            [GapSetAside(rule=rule, municipality_id=pk, note=note.strip()[:200], by=by, at=now) for pk in fresh]
        )
        gap.delete()
        record("catalogue.set_gap_aside", ("territory", municipality_id), by=by, now=now, rule=rule, around=fresh[1:])
    return fresh


def take_gap_back(rule: str, municipality_id: int, *, by: User | None, now: datetime) -> bool:
    """Look for a gap again that was set aside; say whether it was.  Raises :class:`AlignForbidden`."""
    if not may_set_gap_aside(by, municipality_id):
        raise AlignForbidden("Only managers of the region, and of a municipality for itself, may take gaps back.")
    with transaction.atomic():
        gone, _ = GapSetAside.objects.filter(rule=rule, municipality_id=municipality_id).delete()
        if gone:
            record("catalogue.take_gap_back", ("territory", municipality_id), by=by, now=now, rule=rule)
            # The next round of the periodic work looks again at once.
            SeasonCount.objects.filter(axis=STAMP, value="day").update(n=0)
    return bool(gone)
