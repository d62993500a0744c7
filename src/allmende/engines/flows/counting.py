"""Counts of a month: presence by area and period, moves, trips; of different devices and of the people they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows import tables
from allmende.engines.flows.grid import cell_1km
from allmende.engines.flows.kernels import counts as k_counts
from allmende.engines.flows.months import DAY, Clock, Ground, Month, Shard

Array = npt.NDArray[Any]
SHORTEST_DAY = 22 * 3600
"""Seconds between two midnights at least: clocks go forward by two hours at most."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level that counts are made for: areas (cell, zone, site, region) by period (hour, day, month)."""

    area: str
    period: str

    @property
    def name(self) -> str:
        """``cell_hour``."""
        return f"{self.area}_{self.period}"


# A device may be in several classes in a month, so months are counted without them.
LEVELS = (
    Level("cell", "hour"), Level("cell", "day"), Level("zone", "hour"), Level("zone", "day"), Level("zone", "month"),
    Level("region", "hour"), Level("region", "day"), Level("region", "month"), Level("site", "hour"), Level("site", "day"),
)  # fmt: skip


def _area_of(shard: Shard, area: str, cells: Array, ground: Ground) -> Array:
    if area == "cell":
        found = np.searchsorted(cells, cell_1km(shard.xy[:, 0], shard.xy[:, 1]))
        return np.where(ground.within(shard.zone), found, -1).astype(np.int64)
    if area == "zone":
        return np.where(ground.within(shard.zone), shard.zone, -1).astype(np.int64)
    if area == "region":
        return np.where(ground.within(shard.zone), 0, -1).astype(np.int64)
    assert ground.sites is not None
    return ground.sites.of_points(shard.xy[:, 0], shard.xy[:, 1]).astype(np.int64)


def count_presence(
    shards: list[Shard],
    month: Month,
    clock: Clock,
    ground: Ground,
    level: Level,
    cells: Array,
    *,
    by_class: bool = True,
    areas: Callable[[Shard], Array] | None = None,
) -> pa.Table:
    """Different devices per area and period (and class and origin) of one level, as ``tables.PRESENCE``.

    ``areas``: the area of each stay, in place of those of the level; -1 outside all.
    """
    origins = np.unique(np.concatenate([np.unique(s.d_origin) for s in shards])) if by_class else np.zeros(1, np.int32)
    seconds = {"hour": 3600, "day": DAY, "month": month.length * DAY}[level.period]
    in_local = level.period != "hour"
    start, end = clock.utc_of_local_day(month.first), clock.utc_of_local_day(month.first + month.length)
    if level.period == "hour":
        first, periods = start // 3600, (end - start + 3599) // 3600
    elif level.period == "day":
        first, periods = month.first, month.length
    else:
        first, periods = 0, 1
    spans: list[tuple[Array, ...]] = []
    for shard in shards:
        area = areas(shard) if areas is not None else _area_of(shard, level.area, cells, ground)
        o = shard.o
        if level.period == "month":
            # local seconds of the month count as one period: stays outside it are left out, others are put on period 0
            o, area = _in_month(shard, area, start, end)
            seconds = 1 << 62
        if not len(o):
            continue
        room = len(o) + (int(np.sum(np.maximum(o[:, 1] - o[:, 0], 0) // SHORTEST_DAY + 1)) if by_class else 0)
        span = (np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64))
        origin = np.searchsorted(origins, shard.d_origin).astype(np.int32)
        n = k_counts.presence_spans(
            shard.stay_starts, o, area, shard.day_starts, shard.d_day, shard.d_class, origin, shard.weights, clock.offsets,
            clock.hour0, seconds, in_local, first, periods, len(origins), by_class, np.full(int(area.max()) + 1, -1), *span,
        )  # fmt: skip
        spans.append(tuple(column[:n].copy() for column in span))
    group, period, sums = _counted(spans, periods)
    if not by_class:
        area, code, at = group, np.zeros(len(group), np.int8), np.zeros(len(group), np.int64)
    else:
        area, rest = group // (k_counts.CLASSES * len(origins)), group % (k_counts.CLASSES * len(origins))
        order = np.argsort((area * periods + period) * (k_counts.CLASSES * len(origins)) + rest)
        area, period, sums, rest = area[order], period[order], sums[order], rest[order]
        code, at = (rest // len(origins)).astype(np.int8), rest % len(origins)
    if level.area == "cell":
        area = cells[area]
    period = np.full(len(period), month.first, np.int64) if level.period == "month" else period.astype(np.int64) + first
    return pa.table(
        [
            area,
            period,
            code,
            origins[at].astype(np.int32) if by_class else np.full(len(area), -1, np.int32),
            *(np.ascontiguousarray(sums[:, i]) for i in range(3)),
        ],
        schema=tables.PRESENCE.schema,
    )


def _counted(spans: list[tuple[Array, ...]], periods: int) -> tuple[Array, Array, Array]:
    """Rows in order of group and period: group, period, (devices, people, people squared).  The spans are emptied."""
    if not spans:
        return np.empty(0, np.int64), np.empty(0, np.int32), np.empty((0, 3), np.int64)
    group, first, last, weight = (np.concatenate([span[i] for span in spans]) for i in range(4))
    spans.clear()
    order = np.argsort(group * periods + first)
    rows = k_counts.presence_length(order, group, first, last)
    found = np.empty(rows, np.int64), np.empty(rows, np.int32), np.empty((rows, 3), np.int64)
    k_counts.presence_rows(order, group, first, last, weight, np.zeros((periods + 1, 3), np.int64), *found)
    return found


def _in_month(shard: Shard, area: Array, start: int, end: int) -> tuple[Array, Array]:
    touches = (shard.o[:, 1] > start) & (shard.o[:, 0] < end)
    o = shard.o.copy()
    o[:, 0], o[:, 1] = np.maximum(o[:, 0], start), np.minimum(o[:, 1], end)
    return o, np.where(touches, area, -1)


def count_od(
    shards: list[Shard],
    month: Month,
    clock: Clock,
    ground: Ground,
    area_name: str,
    cells: Array,
    *,
    by_class: bool = True,
    period: str = "day",
) -> pa.Table:
    """Moves between areas by day or month (and class), as ``tables.OD``; people are those who moved, each once."""
    found: list[tuple[Array, ...]] = []
    base = 0
    for shard in shards:
        area = _area_of(shard, area_name, cells, ground)
        k = len(area)
        day, code, dev = np.empty(k, np.int32), np.empty(k, np.int8), np.empty(k, np.int64)
        o, d, w = (np.empty(k, np.int64) for _ in range(3))
        n = k_counts.od_keys(
            shard.stay_starts, shard.o, area, shard.day_starts, shard.d_day, shard.d_class, shard.weights, clock.offsets,
            clock.hour0, month.first, month.length, by_class, day, o, d, code, dev, w,
        )  # fmt: skip
        if period == "month":
            day[:n] = month.first
        found.append((day[:n], o[:n], d[:n], code[:n], dev[:n] + base, w[:n]))
        base += len(shard.device)
    columns: list[Array] = [np.concatenate([f[i] for f in found]) for i in range(6)]
    order = _by_move(*columns[:4])
    return _moves([column[order] for column in columns], cells if area_name == "cell" else None)


def _by_move(day: Array, o: Array, d: Array, code: Array) -> Array:
    """The order by day, origin, destination and class; rows that are alike stay as they are, which is by device."""
    if not len(day):
        return np.empty(0, np.int64)
    areas, since = int(max(o.max(), d.max())) + 1, int(day.min())
    packed = (((day.astype(np.int64) - since) * areas + o) * areas + d) * k_counts.CLASSES + code
    n = len(day)
    if int(packed.max()) < (1 << 62) // n:
        # sorting numbers that carry their row is several times as fast as sorting rows
        found: Array = np.sort(packed * n + np.arange(n)) % n
        return found
    return np.argsort(packed, kind="stable")


def _moves(columns: list[Array], names: Array | None) -> pa.Table:
    day, o, d, code, dev, w = columns
    if not len(day):
        return tables.OD.schema.empty_table()
    new = np.flatnonzero(
        np.r_[True, (day[1:] != day[:-1]) | (o[1:] != o[:-1]) | (d[1:] != d[:-1]) | (code[1:] != code[:-1])]
    )
    fresh = np.r_[True, dev[1:] != dev[:-1]]
    fresh[new] = True
    moves = np.diff(np.r_[new, len(day)])
    devices = np.add.reduceat(fresh.astype(np.int64), new)
    people = np.add.reduceat(np.where(fresh, w, 0), new)
    people2 = np.add.reduceat(np.where(fresh, w * w, 0), new)
    o, d = (v[new] if names is None else names[v[new]] for v in (o, d))
    return pa.table([day[new], o, d, code[new], moves, devices, people, people2], schema=tables.OD.schema)


LONGEST_SHOWN = 15
"""Trips of more nights are counted with these."""


def count_trips(trips: pa.Table, shards: list[Shard], month: Month) -> pa.Table:
    """Trips that ended in the month by nights (15: so many or more), as ``tables.TRIP_COUNTS``."""
    device = np.concatenate([s.device for s in shards]).view(np.int64)
    weight = np.concatenate([s.weights for s in shards])
    order = np.argsort(device, kind="stable")
    mine = trips["device"].to_numpy()
    w = weight[order][np.searchsorted(device[order], mine)] if len(mine) else np.empty(0, np.int64)
    nights = np.minimum(trips["nights"].to_numpy(), LONGEST_SHOWN)
    rows: list[tuple[int, ...]] = []
    for n in np.unique(nights):
        here = nights == n
        once = np.unique(mine[here], return_index=True)[1]
        people = w[here][once]
        rows.append((month.first, int(n), int(here.sum()), len(once), int(people.sum()), int((people**2).sum())))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(tables.TRIP_COUNTS.columns)
    return pa.table(
        [pa.array(c, f.type) for c, f in zip(columns, tables.TRIP_COUNTS.schema, strict=True)],
        schema=tables.TRIP_COUNTS.schema,
    )
