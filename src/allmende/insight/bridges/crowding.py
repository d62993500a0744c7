"""From the figures of sites to the engine that says how full they are, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines import crowding as engine
from allmende.engines.crowding import Episode, Hours, Imbalance, local_hours, simulated
from allmende.engines.flows.grid import project, unproject
from allmende.engines.holidays import is_public_holiday
from allmende.insight.models import Series, Site
from allmende.insight.store import Stretch
from allmende.insight.summary import EPOCH, Part, Stay, Summary, WorstHour
from allmende.insight.values import STOCKS, Level, Measure, Quality, Resolution, VisitorClass

YEAR_HOURS: Final = 365 * 24
PARTS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of one site."""

    summary: Summary
    usual: bytes
    """Medians, see ``SiteSummary.usual``."""
    episodes: list[Episode]


def hours_of_site(site: Site, stretch: Stretch) -> Hours:
    """A stretch of hours as the engine takes it: what may not be computed with is not known."""
    return Hours(stretch.first, stretch.usable.astype(np.float64), site.timezone, site.capacity)


def count_site(site: Site, series: Series, stretch: Stretch, others: Sequence[tuple[Series, Stretch]] = ()) -> Counted:
    """The summary of ``site`` from all figures of its main ``series``, and from its ``others`` who and how long."""
    stretch = _from_first_figure(stretch)
    counts = np.bincount(stretch.quality, minlength=len(Quality))
    if series.resolution == Resolution.HOUR:
        hours = hours_of_site(site, stretch)
    else:
        # A figure of a day or a month is no figure of an hour: its hours are not known.
        hours = Hours(stretch.first, np.full(0, np.nan), site.timezone, site.capacity)
    usual = engine.usual_of(hours)
    episodes = engine.episodes_of(hours, usual, full_from=site.full_from)
    year = Hours(hours.first + max(0, len(hours) - YEAR_HOURS), hours.figures[-YEAR_HOURS:], hours.zone, hours.capacity)
    days = engine.days_of(hours) if series.resolution == Resolution.HOUR else _days_as_delivered(series, stretch)
    spread, change = engine.season_spread(days), engine.change_over_year(hours)
    is_full = year.pressure >= site.full_from
    full_days = len(np.unique(local_hours(year.zone, year.first, len(year)).day[is_full])) if len(year) else 0
    classes, origins, parts_unit = _parts(others)
    summary = Summary(
        measure=series.measure,
        unit=series.unit,
        resolution=series.resolution,
        is_stock=series.measure in STOCKS,
        timezone=site.timezone,
        capacity=site.capacity,
        lively_from=site.lively_from,
        full_from=site.full_from,
        first=stretch.first,
        until=stretch.first + len(stretch),
        counts={quality.name.lower(): int(counts[quality]) for quality in Quality if counts[quality]},
        known_share=float(np.isfinite(stretch.usable).mean()) if len(stretch) else 0.0,
        year_known_share=year.known_share if len(year) else 0.0,
        days_first=EPOCH + timedelta(days=days.first),
        days_peak=days.peak.astype(np.float32),
        days_total=days.total.astype(np.float32),
        days_known=days.known.astype(np.uint8),
        usual_low=usual.low.astype(np.float32),
        usual_high=usual.high.astype(np.float32),
        usual_known=np.minimum(usual.known, 65535).astype(np.uint16),
        worst=tuple(
            WorstHour(one.hour, one.figure, one.pressure, one.ratio, one.percentile)
            for one in engine.worst_hours(hours, usual, since=year.first)
        ),
        full_hours=int(is_full.sum()) if site.capacity and len(year) else None,
        full_days=full_days if site.capacity and len(year) else None,
        peak_share=engine.peak_share(year.figures),
        gini_hours=engine.gini_of_hours(year.figures),
        month_per_day=spread.per_day,
        month_gini=spread.gini,
        month_peak_ratio=spread.peak_ratio,
        change=change.ratio,
        change_known_share=change.known_share,
        origins=origins,
        classes=classes,
        parts_unit=parts_unit,
        stay=_stay(others),
    )
    return Counted(summary, usual.middle.astype("<f4").tobytes(), episodes)


def _from_first_figure(stretch: Stretch) -> Stretch:
    """Without the empty hours of the first day: a gap is what is missing between figures."""
    there = np.flatnonzero(stretch.quality != Quality.MISSING)
    skip = int(there[0]) if len(there) else 0
    return Stretch(stretch.resolution, stretch.first + skip, stretch.figures[skip:], stretch.quality[skip:])


def _days_as_delivered(series: Series, stretch: Stretch) -> engine.Days:
    """Days of a series of days; months have none."""
    if series.resolution != Resolution.DAY:
        nothing = np.zeros(0)
        return engine.Days(0, nothing, nothing, nothing.astype(np.int64), nothing.astype(np.int64))
    figures = stretch.usable.astype(np.float64)
    known = np.isfinite(figures).astype(np.int64)
    return engine.Days(stretch.first, np.full(len(figures), np.nan), figures, known, np.ones(len(figures), np.int64))


def _parts(others: Sequence[tuple[Series, Stretch]]) -> tuple[tuple[Part, ...], tuple[Part, ...], str]:
    """Kinds of visitors and their origins, each from one measure: the one with the most series."""
    by_measure: dict[tuple[str, str], list[tuple[Series, Stretch]]] = {}
    for series, stretch in others:
        if series.origin or series.visitor_class != VisitorClass.ALL:
            by_measure.setdefault((series.measure, series.resolution), []).append((series, stretch))
    if not by_measure:
        return (), (), ""
    chosen = max(by_measure.values(), key=len)

    def part(key: str, stretch: Stretch) -> Part:
        usable = stretch.usable
        total = float(np.nansum(usable)) if np.isfinite(usable).any() else 0.0
        return Part(key, total, int((stretch.quality == Quality.SUPPRESSED).sum()))

    origins = [part(one.origin, s) for one, s in chosen if one.origin and one.visitor_class == VisitorClass.ALL]
    classes = [part(one.visitor_class, s) for one, s in chosen if not one.origin]
    order = {"key": lambda one: -one.total}
    return (
        tuple(sorted(classes, key=order["key"])[:PARTS_SHOWN]),
        tuple(sorted(origins, key=order["key"])[:PARTS_SHOWN]),
        chosen[0][0].measure,
    )


def _stay(others: Sequence[tuple[Series, Stretch]]) -> Stay | None:
    """Nights ÷ arrivals where a site has both, for everybody from wherever, with periods of one length."""
    found = {
        (one.measure, one.resolution): stretch
        for one, stretch in others
        if not one.origin and one.visitor_class == VisitorClass.ALL
    }
    for resolution in (Resolution.MONTH, Resolution.DAY):
        nights, arrivals = found.get((Measure.NIGHTS, resolution)), found.get((Measure.ARRIVALS, resolution))
        if nights is None or arrivals is None:
            continue
        first = max(nights.first, arrivals.first)
        until = min(nights.first + len(nights), arrivals.first + len(arrivals))
        if first >= until:
            continue
        n, a = (s.usable[first - s.first : until - s.first] for s in (nights, arrivals))
        both = np.isfinite(n) & np.isfinite(a)
        if both.any() and float(a[both].sum()) > 0:
            return Stay(float(n[both].sum()), float(a[both].sum()), int(both.sum()))
    return None


def level(pressure: float | None, site_lively: float, site_full: float) -> Level | None:
    """The word for a pressure; None where it is not known."""
    word = engine.level_of(pressure, lively_from=site_lively, full_from=site_full)
    return Level(word) if word else None


RANKS: Final = (Level.QUIET, Level.LIVELY, Level.FULL)
ranks_of = engine.ranks_of


def profile_cell(zone: str, moment: datetime) -> tuple[int, int]:
    """Month (January is 0) and hour of the week of ``moment`` on the clocks of ``zone``: where to look in a profile."""
    local = local_hours(zone, int(moment.timestamp()) // 3600, 1)
    return int(local.month[0]), int(local.weekday[0] * 24 + local.hour[0])


def local_axis(zone: str, first: int, length: int) -> engine.Local:
    """Hours of UTC on the clocks of ``zone``."""
    return local_hours(zone, first, length)


@dataclass(frozen=True, slots=True)
class Compared:
    """Several sites over the same hours."""

    mean_by_hour: NDArray[np.float64]
    """Sites × 24 local hours: mean pressure; NaN where none is known."""
    high_by_hour: NDArray[np.float64]
    """The same: pressure that is reached on one day in ten."""
    gini_by_hour: NDArray[np.float64]
    """24: how unevenly pressure is spread over the sites at that hour of the day; NaN where a site is not known."""
    imbalances: list[Imbalance]
    known: list[float]
    """For each site the share of the hours with figures."""


def compare(sites: Sequence[Site], stretches: Sequence[Stretch], zone: str) -> Compared:
    """How full the ``sites`` are at each hour of the day, and which are full while others are quiet."""
    figures = np.array([stretch.usable for stretch in stretches], dtype=np.float64)
    capacity = np.array([site.capacity or np.nan for site in sites], dtype=np.float64)
    pressure = figures / capacity[:, None]
    hour = local_hours(zone, stretches[0].first, figures.shape[1]).hour
    # Of pressure, which has no unit: people and bicycles cannot be added up.
    means, spread = engine.presence_by_hour(pressure, hour)
    pairs = engine.imbalances(
        pressure,
        full_from=np.array([site.full_from for site in sites]),
        quiet_below=np.array([site.lively_from for site in sites]),
    )
    return Compared(
        means, engine.high_by_hour(pressure, hour), spread, pairs, [float(np.isfinite(row).mean()) for row in figures]
    )


def square_of(code: str) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees of an INSPIRE cell (``CRS3035RES1000mN3029000E4040000``); None: no such code."""
    head, _, rest = code.partition("N")
    north_text, _, east_text = rest.partition("E")
    size_text = head.removeprefix("CRS3035RES").removesuffix("m")
    if not (
        head.startswith("CRS3035RES") and size_text.isdecimal() and north_text.isdecimal() and east_text.isdecimal()
    ):
        return None
    size, north, east = int(size_text), int(north_text), int(east_text)
    corners = [(east, north), (east + size, north), (east, north + size), (east + size, north + size)]
    lon, lat = unproject(np.array([x for x, _ in corners], float), np.array([y for _, y in corners], float))
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def at(hour: int) -> datetime:
    """The moment of the hour with this number."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def made_up(site: Site, pattern: str, *, first: int, length: int, peak: float, seed: int, below: float) -> Stretch:
    """Simulated figures of ``site``, see ``engines.crowding.simulated``; for demonstrations and benches alone."""
    country = site.territory.country if site.territory else ""
    days = [EPOCH + timedelta(days=day) for day in range(first // 24 - 1, (first + length) // 24 + 2)]
    made = simulated.make(
        simulated.PATTERNS[pattern],
        zone=site.timezone,
        first=first,
        length=length,
        peak=peak,
        seed=seed,
        holidays=[day for day in days if country and is_public_holiday(country, "", day)],
        suppressed_below=below,
    )
    return Stretch(Resolution.HOUR, first, made.figures, made.quality)


def cell_code(lon: float, lat: float, east: int = 0, north: int = 0) -> str:
    """Code of the 1 km square of the INSPIRE grid that is ``east`` and ``north`` squares from the one of a point."""
    x, y = project(np.array([lon]), np.array([lat]))
    column, row = int(x[0]) // 1000 + east, int(y[0]) // 1000 + north
    return f"CRS3035RES1000mN{row * 1000}E{column * 1000}"
