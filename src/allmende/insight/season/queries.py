"""Demand against offer, week by week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from statistics import median
from typing import Final

import numpy as np
import orjson

from allmende.catalogue.models import Place
from allmende.catalogue.queries.season import UNTOLD, SeasonFilter, SeasonTable
from allmende.catalogue.queries.season import labels as labels_of
from allmende.catalogue.queries.season import season as season_table
from allmende.core.content import recent_content_stamp
from allmende.core.publication import Publication
from allmende.insight import store
from allmende.insight.bridges import season as engine
from allmende.insight.models import IndicatorValue, Series, Site
from allmende.insight.rules import visible_figures, visible_sites
from allmende.insight.values import Measure, Resolution, VisitorClass
from allmende.partners.rules import Someone

AXES: Final = ("municipality", "category")
WEEKS: Final = 53
YEAR: Final = timedelta(weeks=52)
MOST_ROWS: Final = 25
THIN: Final = 60
MOST_HELP: Final = 8
VISITS: Final = (Measure.TICKETS, Measure.ENTRIES)


@dataclass(frozen=True, slots=True)
class OpenRow:
    """How many places of a municipality or category are open in each week."""

    key: str
    name: str
    places: int
    """Those whose hours are known."""
    open: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """Visits per counted day, or nights per day, in the same weeks a year earlier."""

    values: tuple[float | None, ...]
    sites: int
    names: tuple[str, ...]
    until: date | None
    has_demo: bool

    @property
    def index(self) -> tuple[float | None, ...]:
        """Per cent of the median week."""
        known = [value for value in self.values if value is not None]
        middle = median(known) if known else 0.0
        return tuple(100 * value / middle if value is not None and middle > 0 else None for value in self.values)


@dataclass(frozen=True, slots=True)
class Help:
    """A week, or some that follow one another alike, in which an event would help, and why."""

    monday: date
    why: str
    """``guests``: many come and little is on.  ``draw``: few come, but places are open.  ``thin``: little is on."""
    events: int
    events_index: int | None
    demand: int | None
    open: int
    places: int
    weeks: int = 1

    @property
    def last_day(self) -> date:
        """The Sunday of its last week."""
        return self.monday + timedelta(days=7 * self.weeks - 1)


@dataclass(frozen=True, slots=True)
class SeasonPicture:
    """Everything that the page shows."""

    mondays: tuple[date, ...]
    events: SeasonTable
    open_all: OpenRow
    rows: tuple[OpenRow, ...]
    rows_in_all: int
    visits: Demand
    nights: Demand
    help: tuple[Help, ...]


def picture(axis: str, territory_id: int | None, *, user: Someone, today: date, language: str) -> SeasonPicture:
    """The season of everything, or of one municipality; ``axis``: the rows of the opening hours."""
    wanted = SeasonFilter(
        axis=axis if territory_id is None else "category",
        by="municipality" if territory_id is not None else "",
        by_value=str(territory_id) if territory_id is not None else "",
    )
    events = season_table(wanted, today=today, language=language)
    mondays = tuple(engine.weeks_from(today, WEEKS))
    counted = _opening(axis, territory_id, mondays, recent_content_stamp())
    shown = sorted(counted.items(), key=lambda pair: (-pair[1][0], pair[0]))
    names = labels_of(axis, [key for key, _ in shown[:MOST_ROWS] if key != UNTOLD], language)
    rows = tuple(OpenRow(key, names.get(key, ""), places, weeks) for key, (places, weeks) in shown[:MOST_ROWS])
    every = OpenRow(
        "",
        "",
        sum(places for places, _ in counted.values()),
        tuple(sum(weeks[place] for _, weeks in counted.values()) for place in range(len(mondays))),
    )
    visits = _visits(territory_id, mondays, user)
    nights = _nights(territory_id, mondays, user)
    return SeasonPicture(
        mondays, events, every, rows, len(counted), visits, nights, _help(events, every, visits, nights, today)
    )


@lru_cache(maxsize=32)
def _opening(
    axis: str, territory_id: int | None, mondays: tuple[date, ...], stamp: int
) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Row -> (places with known hours, how many of them are open in each week); remembered while nothing public changes."""
    places = Place.objects.filter(state=Publication.PUBLISHED).exclude(hours=[]).order_by()
    if territory_id is not None:
        places = places.filter(municipality=territory_id)
    alike: dict[tuple[str, bytes], int] = defaultdict(int)
    column = "municipality_id" if axis == "municipality" else "category"
    for key, hours in places.values_list(column, "hours").iterator(chunk_size=2000):
        alike[str(key or UNTOLD), orjson.dumps(hours)] += 1
    weeks: dict[bytes, tuple[bool, ...]] = {}
    counts: dict[str, tuple[int, list[int]]] = {}
    for (key, hours), n in alike.items():
        if hours not in weeks:
            weeks[hours] = engine.open_weeks(orjson.loads(hours), mondays)
        before, sums = counts.get(key, (0, [0] * len(mondays)))
        counts[key] = (before + n, [total + n * is_open for total, is_open in zip(sums, weeks[hours], strict=True)])
    return {key: (n, tuple(sums)) for key, (n, sums) in counts.items()}


def _sites(territory_id: int | None, user: Someone) -> list[int]:
    rows = visible_sites(user).filter(ended_on__isnull=True)
    if territory_id is not None:
        rows = rows.filter(territory=territory_id)
    return list(rows.order_by().values_list("pk", flat=True))


def _visits(territory_id: int | None, mondays: Sequence[date], user: Someone) -> Demand:
    """Sum over sites of their mean per counted day.  A week in which one of them has no figure has none at all."""
    rows = Series.objects.filter(
        site__in=_sites(territory_id, user),
        measure__in=VISITS,
        visitor_class=VisitorClass.ALL,
        origin="",
        resolution="day",
    )
    best: dict[int, Series] = {}
    for one in rows.select_related("site").order_by("-measure", "pk"):  # tickets before entries
        best.setdefault(one.site_id, one)
    series = list(best.values())
    first, until = mondays[0] - YEAR, mondays[-1] - YEAR + timedelta(weeks=1)
    stretches = store.read_many(series, first, until)
    weekly, used = [], []
    for one in series:
        usable = stretches[one.pk].usable.astype(np.float64)
        days = usable[: len(mondays) * 7].reshape(len(mondays), 7)
        there = (~np.isnan(days)).sum(axis=1)
        if (there > 0).mean() < 0.75:
            continue  # a site that was counted in few weeks only would leave gaps in all the others
        with np.errstate(invalid="ignore"):
            weekly.append(np.where(there > 0, np.nansum(days, axis=1) / np.maximum(there, 1), np.nan))
        used.append(one)
    if not used:
        return Demand((None,) * len(mondays), 0, (), None, has_demo=False)
    total = np.sum(weekly, axis=0)
    values = tuple(None if np.isnan(value) else float(value) for value in total)
    last = max((one.last.date() for one in used if one.last), default=None)
    return Demand(values, len(used), tuple(one.site.name for one in used), last, any(one.site.is_demo for one in used))


def _nights(territory_id: int | None, mondays: Sequence[date], user: Someone) -> Demand:
    """Overnight stays per day of the month in which the Thursday of the week lies."""
    days = [monday - YEAR + timedelta(days=3) for monday in mondays]
    first, until = days[0].replace(day=1), days[-1]
    months: dict[date, float] = defaultdict(float)
    names: dict[str, None] = {}
    latest, has_demo = None, False
    areas = _months_entered(territory_id, first, until, user)
    for code_months, name, is_demo in areas:
        names[name], has_demo = None, has_demo or is_demo
        for month, value in code_months.items():
            months[month] += value
    if not areas:
        series = list(
            Series.objects.filter(
                site__in=_sites(territory_id, user), site__kind=Site.Kind.AREA, measure=Measure.NIGHTS,
                visitor_class=VisitorClass.ALL, origin="", resolution=Resolution.MONTH,
            ).select_related("site")
        )  # fmt: skip
        stretches = store.read_many(series, first, until + timedelta(days=31))
        for one in series:
            names[one.site.name], has_demo = None, has_demo or one.site.is_demo
            latest = max(filter(None, [latest, one.last.date() if one.last else None]), default=None)
            for place, value in enumerate(stretches[one.pk].usable):
                if not np.isnan(value):
                    months[store.begin_of(Resolution.MONTH, stretches[one.pk].first + place).date()] += float(value)
    values = tuple(months[day.replace(day=1)] / _length(day) if day.replace(day=1) in months else None for day in days)
    return Demand(values, len(names), tuple(names), latest or (max(months) if months else None), has_demo)


def _months_entered(
    territory_id: int | None, first: date, until: date, user: Someone
) -> list[tuple[dict[date, float], str, bool]]:
    """Of each area with monthly nights in all those months: the figures, its name, whether they are a demonstration."""
    rows = IndicatorValue.objects.filter(
        visible_figures(user), indicator__code="nights", territory__isnull=False, start__range=(first, until)
    )
    if territory_id is not None:
        rows = rows.filter(territory=territory_id)
    found: dict[int, tuple[dict[date, float], str, bool]] = {}
    for pk, name, start, value, is_demo in rows.values_list(
        "territory_id", "territory__name", "start", "value", "is_demo"
    ):
        found.setdefault(pk, ({}, name, is_demo))[0][start] = value
    full = max((len(months) for months, _, _ in found.values()), default=0)
    return [one for one in found.values() if len(one[0]) == full]


def _length(day: date) -> int:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - day.replace(day=1)).days


def _alike(before: Help, one: Help) -> bool:
    """Whether a week follows and says the same."""
    follows = one.monday == before.monday + timedelta(weeks=before.weeks)
    return follows and one.why == before.why and abs((one.demand or 0) - (before.demand or 0)) <= 5


def _help(events: SeasonTable, every: OpenRow, visits: Demand, nights: Demand, today: date) -> tuple[Help, ...]:
    """Thin weeks of the coming half year, those with most guests first."""
    thin = {week.monday for run in events.thin for week in run}
    of_visits, of_nights = visits.index, nights.index
    found: list[Help] = []
    for place, week in enumerate(events.whole.weeks):
        if week.monday not in thin or week.monday < today - timedelta(days=6):
            continue
        known = [value for value in (of_visits[place], of_nights[place]) if value is not None]
        demand = round(max(known)) if known else None
        share = every.open[place] / every.places if every.places else 0.0
        why = "thin" if demand is None else "guests" if demand >= 100 else "draw" if share >= 0.5 else "thin"
        one = Help(week.monday, why, week.n, week.index, demand, every.open[place], every.places)
        if found and _alike(found[-1], one):
            before = found.pop()
            one = replace(before, events=before.events + one.events, weeks=before.weeks + 1)
        found.append(one)
    rank = {"guests": 0, "draw": 1, "thin": 2}
    return tuple(sorted(found, key=lambda one: (rank[one.why], -(one.demand or 0), one.monday))[:MOST_HELP])
