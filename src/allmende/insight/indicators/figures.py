"""Figures of organisations and areas in a year: entered, counted by series, taken from the register, or computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from allmende.insight import store
from allmende.insight.bridges import indicators as engine
from allmende.insight.indicators.definitions import Definition, computing_order
from allmende.insight.indicators.periods import YEAR, starts_of
from allmende.insight.models import IndicatorValue, Series, Site
from allmende.insight.outcomes import local_hours
from allmende.insight.values import Measure, Resolution, VisitorClass
from allmende.partners.models import Territory

ORGANISATION: Final = "organisation"
TERRITORY: Final = "territory"
SERIES_OF: Final[Mapping[str, str]] = {"nights": Measure.NIGHTS, "arrivals": Measure.ARRIVALS}
"""Indicators of areas that follow from monthly series of sites which are that area."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One figure as it was entered."""

    code: str
    start: date
    value: float
    source: str
    note: str
    is_shared: bool
    is_provisional: bool
    is_demo: bool
    updated_at: datetime
    entered_for: int
    owner: str


@dataclass(frozen=True, slots=True)
class Figure:
    """What is known of one indicator in one year."""

    code: str
    year: int
    value: float | None = None
    """None for monthly and quarterly indicators, and where nothing is known."""
    months: tuple[float | None, ...] = ()
    """Twelve figures of a monthly indicator, four of a quarterly one."""
    origin: str = ""
    """``entered``, ``counted`` (from series), ``register``, ``computed``; empty: nothing is known."""
    source: str = ""
    note: str = ""
    at: datetime | None = None
    """When it was last changed; for a computed one, when the youngest of what it rests on was."""
    is_shared: bool = False
    is_provisional: bool = False
    is_demo: bool = False
    owner: str = ""
    """Who answers for it."""
    owner_id: int | None = None
    rests_on: tuple[str, ...] = ()
    """Codes that it was computed of."""
    missing: tuple[str, ...] = ()
    reason: str = ""
    """Why there is no value: ``missing``, ``zero``, ``size``."""

    @property
    def is_known(self) -> bool:
        """There is a value, or one of at least one month or quarter."""
        return self.value is not None or any(month is not None for month in self.months)


Year = Mapping[str, Figure]
"""Code -> figure."""


@dataclass(slots=True)
class Known:
    """Everything known of one subject, by code and first day of the period."""

    values: dict[str, dict[date, Stored]] = field(default_factory=lambda: defaultdict(dict))
    counted: dict[str, dict[date, tuple[float, str, datetime | None]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    """From series: figure, name of the site, when the series changed."""
    population: int | None = None


def known_of(
    subject: str, ids: Collection[int], years: Sequence[int], *, visible: Q, sites: Collection[int] | None = None
) -> dict[int, Known]:
    """Subject's id -> what is known, in two to five queries whatever their number.

    ``visible``: which figures the reader may see.  ``sites``: sites whose series they may see; none: no series.
    """
    found: dict[int, Known] = {one: Known() for one in ids}
    if not ids or not years:
        return found
    within = (date(min(years), 1, 1), date(max(years), 12, 31))
    rows = IndicatorValue.objects.filter(visible, **{f"{subject}__in": list(ids)}, start__range=within)
    columns = ("indicator__code", "start", "value", "source", "note", "is_shared", "is_provisional", "is_demo")
    told = rows.order_by().values_list(f"{subject}_id", *columns, "updated_at", "entered_for_id", "entered_for__name")
    for pk, code, start, *rest in told:
        found[pk].values[code][start] = Stored(code, start, *rest)
    if subject == TERRITORY:
        for pk, population in Territory.objects.filter(pk__in=list(ids)).values_list("pk", "population"):
            found[pk].population = population
        if sites:
            _read_series(found, years, sites)
    return found


def _read_series(found: Mapping[int, Known], years: Sequence[int], sites: Collection[int]) -> None:
    """Monthly series of sites that are the areas themselves.  Of two sites of one area the older one counts."""
    rows = Series.objects.filter(
        site__in=list(sites),
        site__territory__in=list(found),
        site__kind=Site.Kind.AREA,
        measure__in=list(SERIES_OF.values()),
        visitor_class=VisitorClass.ALL,
        origin="",
        resolution=Resolution.MONTH,
    )
    series = list(rows.select_related("site").order_by("site_id"))
    first, until = date(min(years), 1, 1), date(max(years) + 1, 1, 1)
    stretches = store.read_many(series, first, until)
    codes = {measure: code for code, measure in SERIES_OF.items()}
    for one in series:
        of_area = found[one.site.territory_id or 0].counted[codes[one.measure]]
        for place, figure in enumerate(stretches[one.pk].usable):
            if not np.isnan(figure):
                month = store.begin_of(Resolution.MONTH, stretches[one.pk].first + place).date()
                of_area.setdefault(month, (float(figure), one.site.name, one.changed_at))


@dataclass(frozen=True, slots=True)
class Plan:
    """Definitions in the order in which their figures are found."""

    entered: tuple[Definition, ...]
    computed: tuple[Definition, ...]


def plan_of(definitions: Iterable[Definition]) -> Plan:
    """What is entered first, then what is computed, each after what it needs."""
    definitions = list(definitions)
    return Plan(tuple(one for one in definitions if not one.formula), tuple(computing_order(definitions)))


def year_of(known: Known, plan: Plan, year: int) -> dict[str, Figure]:
    """Code -> figure of one subject in one year, computed ones among them."""
    found = {one.code: _plain(known, one, year) for one in plan.entered}
    for one in plan.computed:
        found[one.code] = _computed(one, found, year)
    return found


def _plain(known: Known, one: Definition, year: int) -> Figure:
    if one.period != YEAR:
        return _within(known, one.code, year, starts_of(one.period, year))
    told = known.values.get(one.code, {}).get(date(year, 1, 1))
    if told is not None:
        return Figure(one.code, year, told.value, (), "entered", **_origin_of(told))
    if one.code == "residents" and known.population is not None:
        return Figure(one.code, year, float(known.population), (), "register", is_shared=True)
    return Figure(one.code, year)


def _origin_of(told: Stored) -> dict[str, Any]:
    return {
        "source": told.source,
        "note": told.note,
        "at": told.updated_at,
        "is_shared": told.is_shared,
        "is_provisional": told.is_provisional,
        "is_demo": told.is_demo,
        "owner": told.owner,
        "owner_id": told.entered_for,
    }


def _within(known: Known, code: str, year: int, starts: Sequence[date]) -> Figure:
    """Months or quarters of a year; what was entered outranks what a series counted."""
    told = [known.values.get(code, {}).get(start) for start in starts]
    counted = [known.counted.get(code, {}).get(start) for start in starts]
    entered = [one for one in told if one is not None]
    months = tuple(
        mine.value if mine is not None else theirs[0] if theirs is not None else None
        for mine, theirs in zip(told, counted, strict=True)
    )
    if entered:
        last = max(entered, key=lambda one: one.updated_at)
        origin = _origin_of(last) | {
            "is_shared": all(one.is_shared for one in entered),
            "is_provisional": any(one.is_provisional for one in entered),
            "is_demo": any(one.is_demo for one in entered),
        }
        return Figure(code, year, None, months, "entered", **origin)
    theirs = [one for one in counted if one is not None]
    if theirs:
        times = [at for _, _, at in theirs if at is not None]
        names = ", ".join(dict.fromkeys(name for _, name, _ in theirs))
        return Figure(code, year, None, months, "counted", source=names, at=max(times) if times else None)
    return Figure(code, year)


def _computed(one: Definition, found: Mapping[str, Figure], year: int) -> Figure:
    formula = engine.understood(one.formula)
    codes = formula.codes()
    rests = [found[code] for code in codes if code in found]
    values = {figure.code: figure.value for figure in rests}
    months = {figure.code: figure.months for figure in rests if figure.months}
    answer = engine.evaluate(formula, year, values, months)
    if answer.value is None:
        return Figure(one.code, year, rests_on=codes, missing=answer.missing, reason=answer.reason)
    times = [figure.at for figure in rests if figure.at is not None]
    owners = {figure.owner_id: figure.owner for figure in rests if figure.owner_id is not None}
    sources = dict.fromkeys(figure.source for figure in rests if figure.source)
    return Figure(
        one.code,
        year,
        answer.value,
        (),
        "computed",
        source="; ".join(sources),
        at=max(times) if times else None,
        is_shared=all(figure.is_shared for figure in rests),
        is_provisional=any(figure.is_provisional for figure in rests),
        is_demo=any(figure.is_demo for figure in rests),
        owner=", ".join(owners.values()),
        owner_id=next(iter(owners)) if len(owners) == 1 else None,
        rests_on=codes,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """Visits as an organisation's own tickets or counters say, to be taken over or not."""

    visits: float
    days: int
    """Days of the year with a figure."""
    of_days: int
    sites: str


def _days_of_year(series: Series, year: int) -> tuple[store.Figures, NDArray[np.int64]]:
    """Figures of a year, and for each the local day of the year that it belongs to (the first is 0)."""
    first, until = date(year, 1, 1), date(year + 1, 1, 1)
    if series.resolution == Resolution.DAY:
        usable = store.read_stretch(series, first, until).usable
        return usable, np.arange(len(usable), dtype=np.int64)
    zone = ZoneInfo(series.site.timezone)
    begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, until))
    stretch = store.read_stretch(series, begin, end)
    day, _ = local_hours(series.site.timezone, stretch.first, len(stretch))
    return stretch.usable, day - (first - store.EPOCH).days


def counted_visits(organisation_id: int, year: int) -> Counted | None:
    """What the ticket series of an organisation's sites add up to, by the clock of each site; None: there are none."""
    rows = Series.objects.filter(
        site__organisation=organisation_id, measure=Measure.TICKETS, visitor_class=VisitorClass.ALL, origin=""
    ).exclude(resolution=Resolution.MONTH)
    best: dict[int, Series] = {}
    for one in rows.select_related("site").order_by("resolution"):  # days before hours
        best.setdefault(one.site_id, one)
    total, days, names = 0.0, np.zeros(366, dtype=bool), []
    of_days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    for one in best.values():
        usable, day = _days_of_year(one, year)
        there = ~np.isnan(usable) & (day >= 0) & (day < of_days)
        if not there.any():
            continue
        total += float(usable[there].sum(dtype=np.float64))
        days[np.unique(day[there])] = True
        names.append(one.site.name)
    return Counted(total, int(days.sum()), of_days, ", ".join(names)) if names else None
