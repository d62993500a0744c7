"""From the pieces of a month (with the weeks around it) to stays, places, classes, trips and counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows import tables
from allmende.engines.flows.grid import cell_1km, project
from allmende.engines.flows.kernels import environment as k_env
from allmende.engines.flows.kernels.group import count_into, deal_pieces
from allmende.engines.flows.kernels.residence import nights_within, settled
from allmende.engines.flows.kernels.stays import stays as stays_kernel
from allmende.engines.flows.kernels.trips import trips as trips_kernel
from allmende.engines.flows.numbering import numbered
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.store import EPOCH

Array = npt.NDArray[Any]
DAY = 86_400
MARGIN = 35
UNEXPANDED = 1000
"""The weight of a device that stands for itself, in thousandths of a person."""


class Areas(Protocol):
    """Outlines that points are looked up in."""

    def of_points(self, x: Array, y: Array) -> Array:
        """The position of the area each point (metres, EPSG:3035) lies in, -1 outside; int32."""
        ...


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the study takes place: zones (municipalities), which of them are the area studied, and measured sites."""

    zones: Areas | None = None
    inside: Array | None = None
    """bool per zone; None: all of them."""
    sites: Areas | None = None

    def zone_of(self, x: Array, y: Array) -> Array:
        """Zone of each point, -1 outside all; without zones 0 everywhere."""
        if self.zones is None:
            return np.zeros(len(x), np.int32)
        return self.zones.of_points(x, y)

    def within(self, zone: Array) -> Array:
        """Whether each zone is in the area studied."""
        if self.zones is None or self.inside is None:
            return np.asarray(zone >= 0)
        return np.asarray((zone >= 0) & self.inside[np.maximum(zone, 0)])


@dataclass(frozen=True, slots=True)
class Month:
    """A local calendar month with what is known around it.  ``days`` are the UTC days with data, in order."""

    name: str
    first: int
    """First local day, days since 1970."""
    length: int
    days: tuple[int, ...]
    edges: tuple[int, int] = (0, 0)
    """Seconds (UTC) between which there are data, see ``edges_of``."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds east of UTC for each hour from ``hour0`` (hours since 1970) on."""

    hour0: int
    offsets: Array

    @classmethod
    def of(cls, zone: str, first_day: int, last_day: int) -> Clock:
        """The clock of a time zone for the whole months around ``first_day`` and ``last_day``."""
        tz = ZoneInfo(zone)
        hour0 = (first_day - MARGIN) * 24
        hours = range(hour0, (last_day + MARGIN) * 24)
        offsets = [datetime.fromtimestamp(h * 3600, UTC).astimezone(tz).utcoffset() or timedelta() for h in hours]
        return cls(hour0, np.array([int(o.total_seconds()) for o in offsets], np.int64))

    def utc_of_local_day(self, day: int) -> int:
        """UTC seconds of the midnight that begins a local day."""
        local = (np.arange(len(self.offsets)) + self.hour0) * 3600 + self.offsets
        i = int(np.searchsorted(local, day * DAY))
        return int(local[i] - self.offsets[i]) - int(local[i] - day * DAY)


def months_of(days: list[int], clock: Clock, parameters: Parameters, edges: tuple[int, int]) -> list[Month]:
    """The local months between the edges of the data (seconds), with the days around them that are looked at."""
    first = EPOCH + timedelta(days=(edges[0] + int(clock.offsets[MARGIN * 24])) // DAY)
    last = EPOCH + timedelta(days=(edges[1] - 1 + int(clock.offsets[-MARGIN * 24])) // DAY)
    found = []
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=32)).replace(day=1)
        lo, hi = (month - EPOCH).days, (following - EPOCH).days
        from_day = lo - 1 - parameters.context_before
        window = tuple(d for d in days if from_day <= d <= hi + parameters.context_after)
        if window and len(window) < parameters.home_window:
            # at the beginning of the data what comes later must tell the usual environment
            later = [d for d in days if d > window[-1]]
            window += tuple(later[: parameters.home_window - len(window)])
        if any(lo - 1 <= d <= hi for d in window):
            found.append(Month(f"{month:%Y-%m}", lo, hi - lo, window))
        month = following
    return found


@dataclass(slots=True)
class Shard:
    """What is known of the devices of one shard; devices are in order of their hashed identifiers."""

    device: Array  # uint64 [devices]
    mcc: Array  # int16 [devices]
    stay_starts: Array  # int64 [devices + 1]
    o: Array  # int64 [stays, 7]
    xy: Array  # float64 [stays, 2]
    zone: Array  # int32 [stays]
    place_starts: Array
    p_int: Array  # int64 [places, 6]
    p_xy: Array
    p_kind: Array
    p_zone: Array
    home: Array
    work: Array
    night: Array
    day_starts: Array
    d_day: Array
    d_class: Array
    d_night: Array
    d_origin: Array
    weights: Array = field(default_factory=lambda: np.empty(0, np.int64))


def _starts(index: Array, n: int) -> Array:
    counts = np.zeros(n, np.int64)
    count_into(index, counts)
    starts = np.zeros(n + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def _grouped(batches: list[tuple[int, pa.RecordBatch]]) -> tuple[Array, Array, Array, tuple[Array, ...]]:
    """Pieces by device (in order of identifiers) and time: devices, country codes, starts, (first, last, n, lon, lat)."""
    columns = [[b.column(i).to_numpy() for i in range(7)] for _, b in batches]
    index, uniques, mcc = numbered([(day[0], day[6]) for day in columns])
    order = np.argsort(uniques)
    counts = np.zeros(len(uniques), np.int64)
    for out in index:
        count_into(out, counts)
    starts = np.zeros(len(uniques) + 1, np.int64)
    np.cumsum(counts[order], out=starts[1:])
    offsets = np.empty(len(uniques), np.int64)
    offsets[order] = starts[:-1]
    rows = int(starts[-1])
    found: tuple[Array, ...] = tuple(
        np.empty(rows, kind) for kind in (np.int64, np.int64, np.int32, np.int32, np.int32)
    )
    for (day, _), out, (_, first, last, n, lon, lat, _) in zip(batches, index, columns, strict=True):
        deal_pieces(out, offsets, day * DAY, first, last, n, lon, lat, *found)
    return uniques[order], mcc[order], starts, found


def shard_of_month(
    batches: list[tuple[int, pa.RecordBatch]],
    month: Month,
    clock: Clock,
    ground: Ground,
    home_mcc: Array,
    p: Parameters,
) -> Shard:
    """Stays, places and classes of one shard's devices."""
    device, mcc, starts, (first, last, n, lon, lat) = _grouped(batches)
    x, y = project(lon / 1e7, lat / 1e7)
    m = len(first)
    o, xy, o_device = np.empty((m, 7), np.int64), np.empty((m, 2)), np.empty(m, np.int32)
    values = np.array(
        [
            p.stay_radius, p.gap_seconds, p.bridge_seconds, p.travel_speed, p.place_radius, p.stay_seconds, p.night_from,
            p.night_until, p.way_seconds, p.lone_seconds, p.lone_detour, p.lone_radius, p.position_noise,
        ],
        np.float64,
    )  # fmt: skip
    lo_edge, hi_edge = month.edges
    k = stays_kernel(
        starts, first, last, n, x, y, values, clock.offsets, clock.hour0, lo_edge, hi_edge, o, xy, o_device
    )
    o, xy, o_device = o[:k].copy(), xy[:k].copy(), o_device[:k].copy()
    stay_starts = _starts(o_device, len(device))
    p_device, p_int, p_xy = np.empty(k, np.int32), np.empty((k, 6), np.int64), np.empty((k, 2))
    q = k_env.places(
        stay_starts,
        o,
        xy,
        clock.offsets,
        clock.hour0,
        p.night_from,
        p.night_until,
        p.work_from,
        p.work_until,
        p_device,
        p_int,
        p_xy,
    )
    p_device, p_int, p_xy = p_device[:q].copy(), p_int[:q].copy(), p_xy[:q].copy()
    place_starts = _starts(p_device, len(device))
    window = len(month.days)
    foreign = (mcc >= 0) & ~np.isin(mcc, home_mcc) if len(home_mcc) else np.zeros(len(device), np.bool_)
    home, work, night = (np.empty(len(device), np.int64) for _ in range(3))
    night0, nights = nights_within(lo_edge, hi_edge, clock.offsets, clock.hour0, p.night_from, p.night_until)
    usable = np.isin(np.arange(night0, night0 + nights), month.days) & np.isin(
        np.arange(night0 + 1, night0 + nights + 1), month.days
    )
    settled(
        stay_starts, o, starts, first, last, place_starts, p_int, foreign, clock.offsets, clock.hour0, night0, usable,
        p.night_from, p.night_until, p.home_nights, p.home_nights_when_here, p.home_nights_foreign, p.home_window, home,
    )  # fmt: skip
    kind = np.zeros(q, np.int8)
    k_env.kinds(place_starts, p_int, window, p.regular_days, home, kind, work, night)
    p_zone = ground.zone_of(p_xy[:, 0], p_xy[:, 1])
    zone = ground.zone_of(xy[:, 0], xy[:, 1])
    piece_zone = np.zeros(m, np.int32) if ground.zones is None else ground.zone_of(x, y)
    home_zone = np.where(home >= 0, p_zone[np.maximum(home, 0)] if q else -1, -1).astype(np.int32)
    if ground.zones is None:
        home_zone[:] = -1
    day0 = month.first - 1
    days = month.length + 1
    rows = int(np.sum(np.diff(starts) > 0)) * days
    d_device, d_day = np.empty(rows, np.int32), np.empty(rows, np.int32)
    d_class, d_night, d_origin = np.empty(rows, np.int8), np.empty(rows, np.bool_), np.empty(rows, np.int32)
    r = k_env.device_days(
        stay_starts, o, ground.within(zone), starts, first, last, ground.within(piece_zone), place_starts, p_int,
        ground.within(p_zone), home, work, home_zone, mcc, foreign, x, y,
        p.gap_seconds, p.bridge_seconds, p.travel_speed, p.way_seconds, clock.offsets, clock.hour0, day0, days,
        p.night_from, p.night_until, window, p.regular_days, p.transit_seconds, d_device, d_day, d_class, d_night, d_origin,
    )  # fmt: skip
    return Shard(
        device, mcc, stay_starts, o, xy, zone, place_starts, p_int, p_xy, kind, p_zone, home, work, night,
        _starts(d_device[:r], len(device)), d_day[:r].copy(), d_class[:r].copy(), d_night[:r].copy(), d_origin[:r].copy(),
    )  # fmt: skip


def stays_table(shards: list[Shard], month: Month, clock: Clock) -> pa.Table:
    """Stays that begin in the month, as ``tables.STAYS``."""
    lo, hi = clock.utc_of_local_day(month.first), clock.utc_of_local_day(month.first + month.length)
    parts = []
    for s in shards:
        keep = (s.o[:, 0] >= lo) & (s.o[:, 0] < hi)
        device = np.repeat(s.device, np.diff(s.stay_starts))[keep].view(np.int64)
        o, xy = s.o[keep], s.xy[keep]
        observed = (o[:, 3] - o[:, 2]) / np.maximum(o[:, 1] - o[:, 0], 1)
        parts.append(
            pa.table(
                [device, o[:, 0], o[:, 1], o[:, 2], o[:, 3], xy[:, 0], xy[:, 1], o[:, 4].astype(np.int32), o[:, 6].astype(np.int32),
                 np.clip(observed, 0, 1).astype(np.float32)],
                schema=tables.STAYS.schema,
            )
        )  # fmt: skip
    return pa.concat_tables(parts)


def places_table(shards: list[Shard]) -> pa.Table:
    """Places of the window, as ``tables.PLACES``."""
    return pa.concat_tables(
        pa.table(
            [
                np.repeat(s.device, np.diff(s.place_starts)).view(np.int64), s.p_int[:, 0].astype(np.int32), s.p_xy[:, 0], s.p_xy[:, 1],
                s.p_kind, s.p_int[:, 1].astype(np.int32), s.p_int[:, 2].astype(np.int32), s.p_int[:, 3], s.p_int[:, 4], s.p_int[:, 5],
            ],
            schema=tables.PLACES.schema,
        )
        for s in shards
    )  # fmt: skip


def device_days_table(shards: list[Shard], month: Month) -> pa.Table:
    """Classes of the month's days, as ``tables.DEVICE_DAYS``."""
    parts = []
    for s in shards:
        keep = s.d_day >= month.first
        device = np.repeat(s.device, np.diff(s.day_starts))[keep].view(np.int64)
        parts.append(
            pa.table(
                [device, s.d_day[keep], s.d_class[keep], s.d_origin[keep], s.d_night[keep]],
                schema=tables.DEVICE_DAYS.schema,
            )
        )
    return pa.concat_tables(parts)


def trips_table(shards: list[Shard], month: Month, clock: Clock, ground: Ground) -> pa.Table:
    """Tourism trips to the area that end in the month, as ``tables.TRIPS``."""
    parts = []
    for s in shards:
        k = len(s.d_day)
        o_device, o_int, o_cell = np.empty(k, np.int32), np.empty((k, 7), np.int64), np.empty(k, np.int64)
        n = trips_kernel(
            s.stay_starts, s.o, cell_1km(s.xy[:, 0], s.xy[:, 1]), ground.within(s.zone), s.day_starts, s.d_day, s.d_class, s.d_night,
            clock.offsets, clock.hour0, o_device, o_int, o_cell,
        )  # fmt: skip
        t = o_int[:n]
        keep = t[:, 2] >= month.first
        columns = [
            s.device[o_device[:n]].view(np.int64)[keep],
            *(t[keep, i].astype(np.int32) for i in range(6)),
            o_cell[:n][keep],
            t[keep, 6],
        ]
        parts.append(pa.table(columns, schema=tables.TRIPS.schema))
    return pa.concat_tables(parts)


Weigher = Callable[[list[Shard]], list[Array]]


def unexpanded(shards: list[Shard]) -> list[Array]:
    """Every device stands for itself."""
    return [np.full(len(s.device), UNEXPANDED, np.int64) for s in shards]


def make_shards(
    read: Callable[[int, int], pa.RecordBatch],
    shards: int,
    month: Month,
    clock: Clock,
    ground: Ground,
    home_mcc: Array,
    p: Parameters,
) -> list[Shard]:
    """All shards of a month, ``p.threads`` at a time."""

    def one(shard: int) -> Shard:
        return shard_of_month([(day, read(day, shard)) for day in month.days], month, clock, ground, home_mcc, p)

    with ThreadPoolExecutor(p.threads) as pool:
        return list(pool.map(one, range(shards)))


def edges_of(read: Callable[[int, int], pa.RecordBatch], shards: int, days: Sequence[int]) -> tuple[int, int]:
    """Between which times there are data, to the hour: a delivery need not begin or end at midnight UTC."""
    firsts = [column.min() for s in range(shards) if len(column := read(days[0], s).column(1).to_numpy())]
    lasts = [column.max() for s in range(shards) if len(column := read(days[-1], s).column(2).to_numpy())]
    lo = days[0] * DAY + int(min(firsts, default=0)) // 3600 * 3600
    hi = days[-1] * DAY + -(-int(max(lasts, default=DAY) + 1) // 3600) * 3600
    return lo, hi


def home_countries(
    read: Callable[[int, int], pa.RecordBatch], shards: int, days: tuple[int, ...], p: Parameters
) -> Array:
    """The country codes that count as home: as given, or the most frequent one among the pieces of the first day."""
    if p.home_mcc:
        return np.array(p.home_mcc, np.int16)
    codes = np.concatenate([read(days[0], s).column(6).to_numpy() for s in range(shards)])
    codes = codes[codes >= 0]
    if not len(codes):
        return np.empty(0, np.int16)
    values, n = np.unique(codes, return_counts=True)
    return values[[int(np.argmax(n))]]
