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


class _Sums:
    """An open-addressing table of sums that grows."""

    def __init__(self, size: int) -> None:
        self.used = 0
        self.columns = self._make(size)

    @staticmethod
    def _make(size: int) -> tuple[Array, ...]:
        return np.zeros(size, np.uint64), np.zeros(size, np.bool_), *(np.zeros(size, np.int64) for _ in range(3))

    def add(self, keys: Array, weights: Array, n: int) -> None:
        step = 1 << 16
        for start in range(0, n, step):
            part, w = keys[start : start + step], weights[start : start + step]
            while (used := self._add(part, w, min(step, n - start))) < 0:
                new = self._make(len(self.columns[0]) * 2)
                k_counts.regrow(*self.columns, *new)
                self.columns = new
            self.used = used

    def _add(self, keys: Array, weights: Array, n: int) -> int:
        key, taken, devices, people, people2 = self.columns
        return k_counts.add_up(keys, weights, n, key, taken, devices, people, people2, self.used)

    def rows(self) -> tuple[Array, ...]:
        """Keys in order, then devices, weights and squared weights."""
        key, used, *sums = self.columns
        at = np.flatnonzero(used)
        order = at[np.argsort(key[at], kind="stable")]
        return key[order], *(column[order] for column in sums)


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
    sums = _Sums(1 << 14)
    for shard in shards:
        area = areas(shard) if areas is not None else _area_of(shard, level.area, cells, ground)
        o = shard.o
        if level.period == "month":
            # local seconds of the month count as one period: stays outside it are left out, others are put on period 0
            o, area = _in_month(shard, area, start, end)
            seconds = 1 << 62
        if not len(o):
            continue
        duration = np.maximum(o[:, 1] - o[:, 0], 0)
        room = int(np.sum(duration // min(seconds, 1 << 40) + 2)) if level.period != "month" else len(o)
        keys, weights = np.empty(room, np.uint64), np.empty(room, np.int64)
        origin = np.searchsorted(origins, shard.d_origin).astype(np.int32)
        n = k_counts.presence_keys(
            shard.stay_starts, o, area, shard.day_starts, shard.d_day, shard.d_class, origin, shard.weights, clock.offsets,
            clock.hour0, seconds, in_local, first, periods, len(origins), by_class,
            {"hour": 8, "day": 48, "month": 4096}[level.period], keys, weights,
        )  # fmt: skip
        assert n >= 0
        sums.add(keys, weights, n)
    key, devices, people, people2 = sums.rows()
    origin_at, rest = (key % np.uint64(len(origins))).astype(np.int64), key // np.uint64(len(origins))
    code, rest = (rest % np.uint64(k_counts.CLASSES)).astype(np.int8), rest // np.uint64(k_counts.CLASSES)
    period, area = (rest % np.uint64(periods)).astype(np.int64), (rest // np.uint64(periods)).astype(np.int64)
    if level.area == "cell":
        area = cells[area]
    period = np.full(len(period), month.first, np.int64) if level.period == "month" else period + first
    return pa.table(
        [
            area,
            period,
            code,
            origins[origin_at].astype(np.int32) if by_class else np.full(len(key), -1, np.int32),
            devices,
            people,
            people2,
        ],
        schema=tables.PRESENCE.schema,
    )


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
    order = np.lexsort((columns[4], columns[3], columns[2], columns[1], columns[0]))
    return _moves([column[order] for column in columns], cells if area_name == "cell" else None)


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
