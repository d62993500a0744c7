"""How full sites are now, and usually at this hour: for a thousand of them in three queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Final, NamedTuple

from django.db.models import BinaryField, F, Func, Value

from allmende.insight import store
from allmende.insight.bridges import crowding as bridge
from allmende.insight.models import Series, Site
from allmende.insight.recent import is_fresh, last_figure
from allmende.insight.summary import SEASON_BYTES, Floats32, season_from_bytes
from allmende.insight.values import STOCKS, Level, Quality, Resolution

LOOK_BACK: Final = timedelta(hours=48)
"""An older figure says nothing about now, and is not shown as the last one."""
SURE: Final = (Quality.MEASURED, Quality.ESTIMATED, Quality.CORRECTED)


@dataclass(frozen=True, slots=True)
class SiteState:
    """How full one site is."""

    level: Level | None
    """None: not known now, since there is no fresh figure or no capacity."""
    pressure: float | None
    """Last figure ÷ capacity, also where it is not fresh any more."""
    figure: float | None
    """The last usable one of the last two days."""
    at: datetime | None
    """Begin of its hour, UTC."""
    is_fresh: bool
    usual_level: Level | None
    """At this hour of the week in this season; None: too little is known."""
    usual_pressure: float | None
    is_sure: bool
    """Fresh, of a whole hour, neither doubtful nor provisional, and there is a capacity to compare with."""
    usual: float | None = None
    """The usual figure."""
    doubtful: int = 0
    """Doubtful hours among those that were looked at."""


NOTHING: Final = SiteState(None, None, None, None, False, None, None, False)


def state_of(site_ids: Sequence[int], *, now: datetime) -> dict[int, SiteState]:
    """For each of ``site_ids`` how full it is; those without an hourly main series have a state that knows nothing."""
    found = dict.fromkeys(site_ids, NOTHING)
    main = Series.objects.filter(site__in=list(found), is_main=True, resolution=Resolution.HOUR)
    rows = [_Row(*row) for row in main.values_list(*_Row._fields[:-1], _season(now))]
    # No more of a series than reading needs: a thousand of them are made at once.
    recent = [
        Series(pk=row.pk, resolution=Resolution.HOUR)
        for row in rows
        if row.last is not None and row.last >= now - LOOK_BACK
    ]
    stretches = store.read_many(recent, now - LOOK_BACK, now + timedelta(hours=1))
    hours: dict[str, int] = {}
    for row in rows:
        zone = row.site__timezone
        if zone not in hours:
            hours[zone] = bridge.profile_cell(zone, now)[1]
        season = season_from_bytes(bytes(row.season or b""))
        usual = float(season[hours[zone]]) if season is not None else None
        found[row.site] = _state(row, usual, stretches.get(row.pk), now)
    return found


class _Row(NamedTuple):
    """What is read of one series and its site."""

    pk: int
    site: int
    measure: str
    last: datetime | None
    site__timezone: str
    site__capacity: int | None
    site__lively_from: float
    site__full_from: float
    site__ended_on: date | None
    season: bytes | None


def state_from(
    series: Series, site: Site, medians: Floats32 | None, stretch: store.Stretch | None, *, now: datetime
) -> SiteState:
    """How full ``site`` is by figures that are read already."""
    usual = float(medians[bridge.profile_cell(site.timezone, now)]) if medians is not None else None
    row = _Row(
        series.pk,
        site.pk,
        series.measure,
        series.last,
        site.timezone,
        site.capacity,
        site.lively_from,
        site.full_from,
        site.ended_on,
        None,
    )
    return _state(row, usual, stretch, now)


def _season(now: datetime) -> Func:
    """The medians of the season of ``now`` out of ``SiteSummary.usual``: a twelfth of it.

    One month for sites of all zones; in the first or last hours of one it may be the neighbour, whose season overlaps.
    """
    first = (now.month - 1) * SEASON_BYTES + 1
    return Func(
        F("site__summary__usual"), Value(first), Value(SEASON_BYTES), function="SUBSTR", output_field=BinaryField()
    )


def _state(row: _Row, usual: float | None, stretch: store.Stretch | None, now: datetime) -> SiteState:
    capacity, lively, full = row.site__capacity, row.site__lively_from, row.site__full_from
    usual = usual if usual is not None and isfinite(usual) else None
    usual_pressure = usual / capacity if usual is not None and capacity else None
    figure, at, quality = _last(row.measure, stretch, now)
    pressure = figure / capacity if figure is not None and capacity else None
    ended = row.site__ended_on
    is_new = at is not None and is_fresh(store.number_of(Resolution.HOUR, at), now=now)
    is_of_now = is_new and at is not None and (ended is None or at.date() < ended)
    return SiteState(
        bridge.level(pressure, lively, full) if is_of_now else None,
        pressure,
        figure,
        at,
        is_of_now,
        bridge.level(usual_pressure, lively, full),
        usual_pressure,
        is_of_now and pressure is not None and quality in SURE,
        usual,
        int((stretch.quality == Quality.DOUBTFUL).sum()) if stretch is not None else 0,
    )


def _last(measure: str, stretch: store.Stretch | None, now: datetime) -> tuple[float | None, datetime | None, int]:
    """Figure, begin of its hour and quality of the last one of the last two days."""
    place = last_figure(stretch, is_stock=measure in STOCKS, now=now) if stretch is not None else None
    if stretch is None or place is None or bridge.at(stretch.first + place) < now - LOOK_BACK:
        return None, None, Quality.MISSING
    return float(stretch.figures[place]), bridge.at(stretch.first + place), int(stretch.quality[place])
