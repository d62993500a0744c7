"""What a report tells, as values: from a release and the summary of its run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from allmende.engines.flows.expansion import uncertainty
from allmende.engines.flows.grid import project
from allmende.engines.flows.release import ALL, Release
from allmende.engines.flows.report.maps import Area, Ring
from allmende.engines.flows.report.summary import RunSummary
from allmende.engines.flows.report.tabular import DAY, HOUR, Rows, day_of, read_rows
from allmende.engines.flows.words import VisitorClass

_CELL = re.compile(r"^CRS3035RES(\d+)mN(\d+)E(\d+)$")
OVERNIGHT = ("domestic_overnight", "inbound_overnight")
VISITORS = ("domestic_same_day", "domestic_overnight", "inbound_same_day", "inbound_overnight")
CLASSES = tuple(entry.word for entry in VisitorClass)


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate of people, with its interval where the summary lets compute one."""

    people: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of one size: south-west corners (metres, EPSG:3035), codes and mean people."""

    size: int
    corners: tuple[tuple[float, float], ...]
    codes: tuple[str, ...]
    people: tuple[float, ...]
    periods: int


@dataclass(frozen=True, slots=True)
class Move:
    """People from one area to another, per day of the periods."""

    origin: str
    destination: str
    people: float


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a report can show; what is empty or None was not in the release."""

    first: date | None
    last: date | None
    days: dict[date, Figure]
    """whole area, per day"""
    days_are_peaks: bool
    """a day's figure is its busiest hour, since there are no totals per day"""
    added_up: bool
    """totals of the whole area are sums over areas"""
    hours: tuple[tuple[float | None, ...], ...]
    """7 weekdays x 24 hours, mean people; empty if there are no hours"""
    classes: dict[int, dict[str, float]]
    """weekday (-1: all days) -> class -> mean people"""
    origins: dict[str, Figure]
    """mean people per period, the most first"""
    grid: Grid | None
    areas: dict[str, float]
    """areas that are no cells and not the whole -> mean people, the most first"""
    moves: tuple[Move, ...]
    """between different areas, the most first"""
    moves_within: float
    timezone: str
    """of days and hours"""
    visitors: Figure | None
    overnight: Figure | None
    inbound: float | None
    """share of the visitors"""


def interval(people: float, summary: RunSummary) -> Figure:
    """The figure with what the summary says about its error."""
    known = summary.uncertainty
    if known is None or people <= 0:
        return Figure(people)
    weight = max(known.people_per_device, 1.0)
    found = uncertainty(
        people * 1e3,
        people * weight * 1e6,
        max(people / weight, 1.0),
        weight_cv2=known.weight_cv2,
        design_effect=known.design_effect,
        confidence=known.confidence,
    )
    return Figure(people, float(found.low), float(found.high))


def facts(release: Release, summary: RunSummary) -> Facts:
    """Read the tables ``presence…`` and ``od…`` of a release."""
    timezone = release.timezone or summary.timezone
    presence = [read_rows(table, timezone) for table in release.tables if table.name.startswith("presence")]
    flows = [read_rows(table, timezone) for table in release.tables if table.name.startswith("od")]
    whole = [_whole(rows) for rows in presence]
    hourly = _first(rows.where(rows.grain == HOUR) for rows, _ in whole)
    daily = _first(rows.where(rows.grain == DAY) for rows, _ in whole)
    main = daily if daily is not None else hourly
    days, peaks = _days(daily, hourly)
    moments = [day_of(int(at)) for rows in presence for at in np.unique(rows.when[rows.grain != 2])]
    classes = _classes(main) if main is not None else {}
    mean = classes.get(-1, {})
    visitors = sum(mean.get(name, 0.0) for name in VISITORS)
    inbound = sum(mean.get(name, 0.0) for name in VISITORS[2:])
    moves, within = _moves(flows)
    return Facts(
        first=min(moments, default=None),
        last=max(moments, default=None),
        days={day: interval(people, summary) for day, people in days.items()},
        days_are_peaks=peaks,
        added_up=any(added for rows, added in whole if len(rows)),
        hours=_hours(hourly, ZoneInfo(timezone)) if hourly is not None else (),
        classes=classes,
        origins={
            name: interval(people, summary) for name, people in (_origins(main) if main is not None else {}).items()
        },
        grid=_grid(presence),
        areas=_areas(presence),
        moves=moves,
        moves_within=within,
        timezone=timezone,
        visitors=interval(visitors, summary) if visitors else None,
        overnight=interval(sum(mean.get(name, 0.0) for name in OVERNIGHT), summary)
        if any(name in mean for name in OVERNIGHT)
        else None,
        inbound=inbound / visitors if visitors else None,
    )


def _first(candidates: object) -> Rows | None:
    return next((rows for rows in candidates if len(rows)), None)  # type: ignore[attr-defined]


def _whole(rows: Rows) -> tuple[Rows, bool]:
    """The rows of the area as a whole; the flag says that there are none and areas of the coarsest level are added up."""
    if "area" not in rows.columns:
        return rows, False
    whole = rows.where(rows.columns["area"].is_(ALL))
    if len(whole):
        return whole, False
    if "level" not in rows.columns or not len(rows):
        return rows, len(set(rows.columns["area"].at.tolist())) > 1
    level, area = rows.columns["level"], rows.columns["area"]
    count = {at: len(np.unique(area.at[level.at == at])) for at in np.unique(level.at)}
    coarsest = min(count, key=lambda at: count[at])
    return rows.where(level.at == coarsest), count[coarsest] > 1


def _days(daily: Rows | None, hourly: Rows | None) -> tuple[dict[date, float], bool]:
    if daily is not None:
        return {day_of(at): people for at, people in daily.total("visitor_class").total("origin").by_time()}, False
    found: dict[date, float] = {}
    if hourly is not None:
        for at, people in hourly.total("visitor_class").total("origin").by_time():
            found[day_of(at)] = max(found.get(day_of(at), 0.0), people)
    return found, bool(found)


def _hours(hourly: Rows, zone: ZoneInfo) -> tuple[tuple[float | None, ...], ...]:
    """Mean people per weekday and hour of the clock.  An hour that is not shown counts as none, so that quiet hours are not
    overstated; one that no clock shows (they go forward) does not count, and one that they show twice counts twice."""
    found = hourly.total("visitor_class").total("origin").by_time()
    if not found:
        return ()
    total = np.zeros((7, 24))
    for at, people in found:
        total[day_of(at).weekday(), at % 24] += people
    # the first and the last day may be there in part: what counts is how often an hour of the week lies between them
    count = np.zeros((7, 24))
    for at in _clock_hours(found[0][0], found[-1][0], zone):
        count[day_of(at).weekday(), at % 24] += 1
    return tuple(
        tuple(float(total[day, hour] / count[day, hour]) if total[day, hour] else None for hour in range(24))
        for day in range(7)
    )


def _clock_hours(first: int, last: int, zone: ZoneInfo) -> Iterator[int]:
    """The hours that a clock shows from one local hour since 1970 to another, both included."""
    start = datetime(1970, 1, 1)  # noqa: DTZ001  # local
    moment = (start + timedelta(hours=first)).replace(tzinfo=zone).astimezone(UTC)
    end = (start + timedelta(hours=last)).replace(tzinfo=zone, fold=1).astimezone(UTC)
    while moment <= end:
        yield int((moment.astimezone(zone).replace(tzinfo=None) - start) // timedelta(hours=1))
        moment += timedelta(hours=1)


def _classes(rows: Rows) -> dict[int, dict[str, float]]:
    rows = rows.total("origin").apart("visitor_class")
    if not len(rows):
        return {}
    found: dict[int, dict[str, float]] = {}
    weekday = np.array([day_of(int(at)).weekday() for at in rows.when])
    for day in (-1, *range(7)):
        part = rows if day < 0 else rows.where(weekday == day)
        if len(part):
            periods = len(np.unique(part.when))
            sums = part.sums("visitor_class")
            found[day] = {name: sums[name] / periods for name in CLASSES if sums.get(name)}
    return found


def _origins(rows: Rows) -> dict[str, float]:
    rows = rows.total("visitor_class")
    periods = max(len(np.unique(rows.when)), 1)
    apart = rows.apart("origin")
    found = apart.sums("origin") if len(apart) else {}
    return {name: people / periods for name, people in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))}


def _by_area(rows: Rows) -> tuple[dict[str, float], int]:
    """Mean people per area over the periods of the finest grain; an area that is not shown in a period counts as none."""
    rows = rows.total("visitor_class").total("origin")
    if not len(rows):
        return {}, 0
    rows = rows.where(rows.grain == rows.grain.min())
    periods = len(np.unique(rows.when))
    return {code: people / periods for code, people in rows.sums("area").items()}, periods


def cell_of(code: str, level: str = "") -> tuple[int, float, float] | None:
    """(size, metres east, metres north) of the south-west corner, if the code is one of a grid cell."""
    found = _CELL.match(code)
    if found:
        return int(found[1]), float(found[3]), float(found[2])
    if code.isdigit() and len(code) in (8, 9) and "100m" not in level and ("km" in level or "cell" in level):
        return 1000, int(code) // 100_000 * 1000.0, int(code) % 100_000 * 1000.0
    return None


def _grid(presence: list[Rows]) -> Grid | None:
    best: Grid | None = None
    for rows in presence:
        for part, word in _levels(rows):
            people, periods = _by_area(part)
            cells = {code: (cell, people[code]) for code in people if (cell := cell_of(code, word))}
            size = min((cell[0] for cell, _ in cells.values()), default=0)
            cells = {code: entry for code, entry in sorted(cells.items()) if entry[0][0] == size}
            # The level that shows the most cells is the map: of finer ones little passes the threshold.
            if cells and (best is None or len(cells) > len(best.codes)):
                best = Grid(
                    size,
                    tuple((cell[1], cell[2]) for cell, _ in cells.values()),
                    tuple(cells),
                    tuple(amount for _, amount in cells.values()),
                    periods,
                )
    return best


def _levels(rows: Rows) -> list[tuple[Rows, str]]:
    """The rows of each level of areas, without those of the area as a whole."""
    if "area" not in rows.columns:
        return []
    rows = rows.apart("area")
    levels = rows.columns.get("level")
    return [(rows, "")] if levels is None else [(rows.where(levels.is_(word)), word) for word in levels.values]


def _areas(presence: list[Rows]) -> dict[str, float]:
    found: dict[str, float] = {}
    for rows in presence:
        for part, word in _levels(rows):
            people, _ = _by_area(part)
            found |= {code: amount for code, amount in people.items() if cell_of(code, word) is None}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _moves(flows: list[Rows]) -> tuple[tuple[Move, ...], float]:
    """Between different areas and within one, summed over the periods."""
    total: dict[tuple[str, str], float] = {}
    for rows in flows:
        rows = rows.total("visitor_class").apart("o").apart("d")
        if len(rows):
            rows = rows.where(rows.grain == rows.grain.min())
        o, d = rows.columns["o"], rows.columns["d"]
        for a, b, people in zip(o.at.tolist(), d.at.tolist(), rows.people.tolist(), strict=True):
            pair = (o.values[a], d.values[b])
            total[pair] = total.get(pair, 0.0) + people
    moves = [Move(o, d, people) for (o, d), people in total.items() if o != d]
    return (
        tuple(sorted(moves, key=lambda move: (-move.people, move.origin, move.destination))),
        sum(people for (o, d), people in total.items() if o == d),
    )


def places(summary: RunSummary) -> dict[str, Area]:
    """The zones of the summary in metres."""
    found: dict[str, Area] = {}
    for zone in summary.zones:
        rings: list[Ring] = []
        for ring in zone.outline:
            x, y = project(*(np.array(part, np.float64) for part in zip(*ring, strict=True)))
            rings.append(list(zip(x.tolist(), y.tolist(), strict=True)))
        if zone.lon is not None and zone.lat is not None:
            x, y = project(np.array([zone.lon]), np.array([zone.lat]))
            middle = float(x[0]), float(y[0])
        elif rings:
            largest = max(rings, key=len)
            middle = (
                (min(x for x, _ in largest) + max(x for x, _ in largest)) / 2,
                (min(y for _, y in largest) + max(y for _, y in largest)) / 2,
            )
        else:
            continue
        found[zone.code] = Area(zone.name or zone.code, *middle, tuple(rings))
    return found
