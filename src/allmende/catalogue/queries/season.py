"""The year by weeks, from the counts that the periodic work keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from allmende.catalogue import vocabulary
from allmende.catalogue.actions.align import PAIRS, STAMP, UNTOLD
from allmende.catalogue.bridges import alignment as engine
from allmende.catalogue.bridges.alignment import Season, Week
from allmende.catalogue.models import Event, Occurrence, SeasonCount
from allmende.catalogue.queries.cards import cards_of
from allmende.catalogue.queries.shapes import Card
from allmende.catalogue.values import AUDIENCE_FLAGS
from allmende.core.content import recent_content_stamp
from allmende.core.publication import Publication
from allmende.partners.models import Organisation, Territory

__all__ = [
    "AXES",
    "UNTOLD",
    "Active",
    "SeasonFilter",
    "SeasonTable",
    "active_elsewhen",
    "choices",
    "could_fill",
    "counted_at",
    "labels",
    "may_combine",
    "season",
]

AXES = ("municipality", "department", "category", "audience")
WEEKS = 53
"""A year, and the week that has begun."""
MOST_ROWS = 25
LOOK_AHEAD = timedelta(weeks=26)
"""Thin weeks further away say more about when feeds are filled than about the season."""
MOST_FILLERS = 12


@dataclass(frozen=True, slots=True)
class SeasonFilter:
    """What the table shows."""

    axis: str = "municipality"
    by: str = ""
    """A second fact that everything must have: one of ``AXES``."""
    by_value: str = ""
    rows: tuple[str, ...] = ()
    """Only these rows; none: the fullest ones."""
    measure: str = "n"
    """``n``: everything that takes place; ``begins``: only what begins."""


@dataclass(frozen=True, slots=True)
class SeasonTable:
    """The year of a region."""

    mondays: tuple[date, ...]
    whole: Season
    rows: tuple[Season, ...]
    labels: Mapping[str, str]
    rows_in_all: int
    thin: tuple[tuple[Week, ...], ...]
    """Runs of thin weeks of ``whole`` within the coming half year."""
    counted_at: datetime | None
    """None where nothing was counted yet."""


@dataclass(frozen=True, slots=True)
class Active:
    """Who or what is active in the same field at other times: an organisation or a municipality."""

    kind: str
    id: int
    slug: str
    name: str
    n: int
    """How many events; for a municipality, days on which one begins."""


def may_combine(axis: str, by: str) -> bool:
    """Whether the table can show ``axis`` by weeks with only what has one ``by``."""
    return (axis, by) in PAIRS or (by, axis) in PAIRS


def season(wanted: SeasonFilter, *, today: date, language: str) -> SeasonTable:
    """The table for ``wanted``: the whole, and its fullest rows or the chosen ones."""
    mondays = engine.weeks_from(today, WEEKS)
    within = {"week__range": (mondays[0], mondays[-1])}
    counts, value = _counts_of(wanted)
    counts = counts.filter(**within)
    totals = counts.order_by().values(value).annotate(total=Sum(wanted.measure)).filter(total__gt=0)
    ranked = [row[value] for row in totals.order_by("-total", value)[: MOST_ROWS if not wanted.rows else None]]
    shown = [key for key in ranked if not wanted.rows or key in wanted.rows][:MOST_ROWS]
    in_all = len(ranked) if len(ranked) < MOST_ROWS or wanted.rows else totals.count()
    numbers: dict[str, dict[date, int]] = defaultdict(dict)
    for key, week, n in counts.filter(**{f"{value}__in": shown}).values_list(value, "week", wanted.measure):
        numbers[key][week] = n
    whole = _whole(wanted, within)
    highest = max((n for weeks in numbers.values() for n in weeks.values()), default=0)
    until = today + LOOK_AHEAD
    top = engine.season_of("", whole, mondays, highest=max(whole.values(), default=0), known_until=until)
    return SeasonTable(
        tuple(mondays),
        top,
        tuple(engine.season_of(key, numbers[key], mondays, highest=highest, known_until=until) for key in shown),
        labels(wanted.axis, shown, language),
        in_all,
        tuple(engine.thin_runs(top, until=until)),
        counted_at(),
    )


def _counts_of(wanted: SeasonFilter) -> tuple[Any, str]:
    """The counts of the rows, and the column that names them."""
    if not wanted.by:
        return SeasonCount.objects.filter(axis=wanted.axis, by=""), "value"
    if (wanted.axis, wanted.by) in PAIRS:
        return SeasonCount.objects.filter(axis=wanted.axis, by=wanted.by, by_value=wanted.by_value), "value"
    return SeasonCount.objects.filter(axis=wanted.by, value=wanted.by_value, by=wanted.axis), "by_value"


def _whole(wanted: SeasonFilter, within: Mapping[str, Any]) -> dict[date, int]:
    axis, value = (wanted.by, wanted.by_value) if wanted.by else ("all", "")
    rows = SeasonCount.objects.filter(axis=axis, value=value, by="", **within)
    return dict(rows.values_list("week", wanted.measure))


def counted_at() -> datetime | None:
    """When the season was counted and gaps were looked for, to the minute."""
    minute = SeasonCount.objects.filter(axis=STAMP, value="minute").values_list("n", flat=True).first()
    return datetime.fromtimestamp(minute * 60, UTC) if minute else None


def labels(axis: str, keys: Sequence[str], language: str) -> dict[str, str]:
    """Names of rows; ``untold`` has none here."""
    if axis == "category":
        known = {one.key: one.label(language, many=True) for one in vocabulary.categories()}
    elif axis == "audience":
        known = {one.key: one.labels.get(language, one.labels["en"]) for one in vocabulary.audiences()}
    else:
        known = {str(pk): name for pk, name in Territory.objects.filter(pk__in=keys).values_list("pk", "name")}
    return {key: known.get(key, key) for key in keys}


def choices(axis: str, language: str) -> list[tuple[str, str]]:
    """(key, name) of everything that has any event, for choosing rows and filters."""
    found = list(SeasonCount.objects.filter(axis=axis, by="").order_by().values_list("value", flat=True).distinct())
    named = labels(axis, [key for key in found if key != UNTOLD], language)
    return sorted(named.items(), key=lambda pair: pair[1].casefold())


def _facts(wanted: SeasonFilter) -> Q:
    """The filter of the table, for occurrences and events."""
    value = wanted.by_value
    if not wanted.by or not value:
        return Q()
    if wanted.by == "category":
        return Q(category=value)
    if wanted.by == "municipality":
        return Q(municipality_id=int(value))
    if wanted.by == "department":
        return Q(municipality_id__in=list(Territory.objects.filter(parent_id=int(value)).values_list("pk", flat=True)))
    # Of what names no audience, no flag of them all is set.
    return Q(masked=int(AUDIENCE_FLAGS.get(value, 0)))


def could_fill(wanted: SeasonFilter, monday: date, *, language: str, now: datetime) -> list[Card]:
    """Events that take place in the week before or after a thin week, but not in it: the easiest to move or prolong."""
    rows = Occurrence.objects.filter(cancelled=False, rank__lt=engine.ONGOING_RANK)
    if wanted.by == "audience":
        rows = rows.alias(masked=_masked(wanted.by_value))
    last = monday + timedelta(days=6)
    within = Occurrence.objects.filter(event_id=OuterRef("event_id"), day__range=(monday, last))
    rows = rows.filter(_facts(wanted)).filter(~Exists(within))
    # Both walk the days away from the week, and stop when there are enough.
    after = rows.filter(day__range=(last + timedelta(days=1), last + timedelta(days=7))).order_by("day", "rank", "id")
    before = rows.filter(day__range=(monday - timedelta(days=7), monday - timedelta(days=1)))
    before = before.order_by("-day", "-rank", "-id")
    near = [*after.values_list("event_id", flat=True)[:MOST_FILLERS]]
    near = list(dict.fromkeys(near))[: MOST_FILLERS // 2]
    near += before.values_list("event_id", flat=True)[:MOST_FILLERS]
    near = list(dict.fromkeys(near))[:MOST_FILLERS]
    return cards_of([("event", pk) for pk in near], language=language, now=now)


def _masked(audience: str) -> Any:
    """The flag of an audience, or all of them for what names none."""
    flag = AUDIENCE_FLAGS.get(audience)
    return F("flags").bitand(int(flag) if flag else engine.AUDIENCE_MASK)


def active_elsewhen(wanted: SeasonFilter, *, today: date, limit: int = 8) -> list[Active]:
    """Organisations that put on events of this sort in the coming year, and municipalities where there are most."""
    return list(_active(wanted.by, wanted.by_value, today, limit, recent_content_stamp()))


@lru_cache(maxsize=64)
def _active(by: str, by_value: str, today: date, limit: int, stamp: int) -> tuple[Active, ...]:
    """Remembered while nothing public changes: it looks at every event of the sort."""
    events = Event.objects.filter(state=Publication.PUBLISHED, last_day__gte=today, organiser__isnull=False)
    if by == "audience":
        events = events.alias(masked=_masked(by_value))
    events = events.filter(_facts(SeasonFilter(by=by, by_value=by_value))).order_by()
    by_organiser = events.values_list("organiser_id").annotate(n=Count("pk"))
    organisers = dict(by_organiser.order_by("-n", "organiser_id")[:limit])
    rows = Organisation.objects.filter(pk__in=organisers).values_list("pk", "slug", "name")
    known = {pk: (slug, name) for pk, slug, name in rows}
    found = [Active("organisation", pk, *known[pk], n) for pk, n in organisers.items() if pk in known]
    if by in {"municipality", "department"}:
        return tuple(found)
    counts, value = _counts_of(SeasonFilter("municipality", by, by_value, measure="begins"))
    totals = counts.order_by().values_list(value).annotate(total=Sum("begins")).filter(total__gt=0)
    towns = {int(key): n for key, n in totals.order_by("-total", value)[:limit]}
    areas = {
        pk: (f"{code}-{slug}", name)
        for pk, code, slug, name in Territory.objects.filter(pk__in=towns).values_list("pk", "code", "slug", "name")
    }
    return tuple(found + [Active("municipality", pk, *areas[pk], n) for pk, n in towns.items() if pk in areas])
