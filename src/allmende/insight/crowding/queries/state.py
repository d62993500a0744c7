"""How full sites are now, and usually at this hour: for a thousand of them in three queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, Final, NamedTuple, cast

import numpy as np
from django.db.models import BinaryField, F, Func, QuerySet, Value
from numpy.typing import NDArray

from allmende.insight import store
from allmende.insight.bridges import crowding as bridge
from allmende.insight.models import Series, Site
from allmende.insight.recent import is_fresh, last_figure, oldest_fresh, tells
from allmende.insight.summary import SEASON_BYTES, Floats32
from allmende.insight.values import STOCKS, Level, Quality, Resolution

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

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
MANY: Final = 200
"""From here on all series are read, and those that were asked for picked out: a list of a thousand ids costs more."""
OF_SITE: Final = ("timezone", "capacity", "lively_from", "full_from", "ended_on")
"""Columns of a site in ``Measured``."""


class Measured(NamedTuple):
    """A site and its main series, as far as saying how full it is needs them."""

    site: int
    timezone: str
    capacity: int | None
    lively_from: float
    full_from: float
    ended_on: date | None
    series: int | None
    measure: str | None
    resolution: str | None
    season: bytes | None
    """Medians of this season."""


@dataclass(frozen=True, slots=True)
class States:
    """How full many sites are, by columns; NaN where something is not known.  ``of`` makes one row of it out."""

    now: datetime
    rows: Sequence[Measured]
    figure: Floats
    hour: Ints
    """Number of the hour of the figure."""
    quality: NDArray[np.uint8]
    doubtful: Ints
    usual: Floats
    pressure: Floats
    usual_pressure: Floats
    is_fresh: Mask
    rank: NDArray[np.int8]
    """Place of the level in ``bridge.RANKS``; -1 where it is not known now."""

    def of(self, at: int) -> SiteState:
        """The state of the site in row ``at``."""
        row = self.rows[at]
        if row.resolution != Resolution.HOUR:
            return NOTHING
        figure, pressure, rank = _known(self.figure[at]), _known(self.pressure[at]), int(self.rank[at])
        is_fresh, usual_pressure = bool(self.is_fresh[at]), _known(self.usual_pressure[at])
        return SiteState(
            bridge.RANKS[rank] if rank >= 0 else None,
            pressure,
            figure,
            None if figure is None else bridge.at(int(self.hour[at])),
            is_fresh,
            bridge.level(usual_pressure, row.lively_from, row.full_from),
            usual_pressure,
            is_fresh and pressure is not None and int(self.quality[at]) in SURE,
            _known(self.usual[at]),
            int(self.doubtful[at]),
        )


def _known(value: Any) -> float | None:
    return float(value) if isfinite(value) else None


def state_of(site_ids: Sequence[int], *, now: datetime) -> dict[int, SiteState]:
    """For each of ``site_ids`` how full it is; those without an hourly main series have a state that knows nothing."""
    found = dict.fromkeys(site_ids, NOTHING)
    main = Series.objects.filter(is_main=True, resolution=Resolution.HOUR)
    if len(found) <= MANY:
        main = main.filter(site__in=list(found))
    columns = ("site", *(f"site__{name}" for name in OF_SITE), "pk", "measure", "resolution")
    rows = [Measured(*row) for row in main.values_list(*columns, season("site__", now)).order_by()]
    states = states_of([row for row in rows if row.site in found], main, now=now)
    for at, row in enumerate(states.rows):
        found[row.site] = states.of(at)
    return found


def states_of(rows: Sequence[Measured], main: QuerySet[Series], *, now: datetime) -> States:
    """How full the sites of ``rows`` are; ``main`` are the series among theirs whose figures may be read."""
    until = store.number_of(Resolution.HOUR, now) + 1
    first = store.number_of(Resolution.HOUR, now - LOOK_BACK)
    hourly = main.filter(is_main=True, resolution=Resolution.HOUR, last__gte=now - LOOK_BACK)
    ids, figures, quality = store.read_hours(hourly.order_by().values("pk"), first, until + 1 - first)
    doubtful = (quality == Quality.DOUBTFUL).sum(1)
    window = slice(until - LOOK_BACK // timedelta(hours=1) - first, until - first)
    figures, quality = figures[:, window], quality[:, window]
    row_of = {row.series: at for at, row in enumerate(rows) if row.resolution == Resolution.HOUR}
    read = np.array([pk in row_of for pk in ids], np.bool_)
    figures, quality, doubtful = figures[read], quality[read], doubtful[read]
    those = np.array([row_of[pk] for pk in ids if pk in row_of], np.int64)
    is_stock = np.array([row.measure in STOCKS for row in rows], np.bool_)
    usable = tells(quality, figures, is_stock=is_stock[those])
    last = usable.shape[1] - 1 - usable[:, ::-1].argmax(1)
    has = np.flatnonzero(usable.any(1))
    told, at = those[has], last[has]
    figure = np.full(len(rows), np.nan)
    hour, doubts = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    kind = np.zeros(len(rows), np.uint8)
    figure[told], kind[told] = figures[has, at], quality[has, at]
    hour[told] = first + window.start + at
    doubts[those] = doubtful
    return _judged(rows, figure, hour, kind, doubts, now)


def _judged(
    rows: Sequence[Measured],
    figure: Floats,
    hour: Ints,
    quality: NDArray[np.uint8],
    doubtful: Ints,
    now: datetime,
) -> States:
    capacity = np.array([row.capacity or np.nan for row in rows], np.float64)
    lively, full = (np.array([row[at] for row in rows], np.float64) for at in (3, 4))
    pressure = figure / capacity
    is_of_now = np.isfinite(figure) & (hour >= oldest_fresh(now))
    ended = [at for at, row in enumerate(rows) if row.ended_on is not None]
    for at in ended:
        is_of_now[at] &= bridge.at(int(hour[at])).date() < cast(date, rows[at].ended_on)
    usual = _usual(rows, now)
    rank = bridge.ranks_of(np.where(is_of_now, pressure, np.nan), lively_from=lively, full_from=full)
    return States(
        now, rows, figure, hour, quality, doubtful, usual, pressure, usual / capacity, is_of_now, rank
    )  # fmt: skip


def _usual(rows: Sequence[Measured], now: datetime) -> Floats:
    """What is usual in this hour of the week; the clocks of the sites may differ."""
    hours = {zone: bridge.profile_cell(zone, now)[1] for zone in {row.timezone for row in rows}}
    usual = np.full(len(rows), np.nan)
    known = [at for at, row in enumerate(rows) if row.season is not None and len(row.season) == SEASON_BYTES]
    if known:
        medians = np.frombuffer(b"".join(bytes(rows[at].season or b"") for at in known), "<f4")
        cells = [hours[rows[at].timezone] for at in known]
        usual[known] = medians.reshape(len(known), -1)[np.arange(len(known)), cells]
    return usual


def state_from(
    series: Series, site: Site, medians: Floats32 | None, stretch: store.Stretch | None, *, now: datetime
) -> SiteState:
    """How full ``site`` is by figures that are read already."""
    usual = float(medians[bridge.profile_cell(site.timezone, now)]) if medians is not None else None
    return _state(series.measure, site, usual, stretch, now)


def season(prefix: str, now: datetime) -> Func:
    """The medians of the season of ``now`` out of ``SiteSummary.usual``, a twelfth of it; ``prefix`` leads to the site.

    One month for sites of all zones; in the first or last hours of one it may be the neighbour, whose season overlaps.
    """
    first = (now.month - 1) * SEASON_BYTES + 1
    kept = F(f"{prefix}summary__usual")
    return Func(kept, Value(first), Value(SEASON_BYTES), function="SUBSTR", output_field=BinaryField())


def _state(measure: str, site: Site, usual: float | None, stretch: store.Stretch | None, now: datetime) -> SiteState:
    capacity, lively, full = site.capacity, site.lively_from, site.full_from
    usual = usual if usual is not None and isfinite(usual) else None
    usual_pressure = usual / capacity if usual is not None and capacity else None
    figure, at, quality = _last(measure, stretch, now)
    pressure = figure / capacity if figure is not None and capacity else None
    ended = site.ended_on
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
