"""Expansion as a run asks for it: from shards of devices to their weights, and what is to be told about these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.expansion import ABROAD, DEVICE_NIGHTS, NIGHTS, Expansion, ExpansionParameters, expand
from allmende.engines.flows.months import Shard
from allmende.engines.flows.store import EPOCH
from allmende.engines.flows.tables import demand
from allmende.engines.flows.words import VisitorClass

Array = npt.NDArray[Any]
OVERNIGHT = (VisitorClass.DOMESTIC_OVERNIGHT, VisitorClass.INBOUND_OVERNIGHT)
ASLEEP = 3 * 3600
"""Seconds after midnight at which somebody who stays overnight is where they sleep."""
FAR = 1 << 40
"""More seconds than any time has: keeps the stays of two devices apart in one sorted array."""
MOST_NOTES = 20


def origins_of(shards: list[Shard]) -> Array:
    """The origin of each device, in the order of the shards; -1 where none is known."""
    found = []
    for shard in shards:
        origin = np.full(len(shard.device), -1, np.int64)
        counts = np.diff(shard.day_starts)
        has = counts > 0
        origin[has] = shard.d_origin[shard.day_starts[:-1][has]]
        found.append(origin)
    return np.concatenate(found) if found else np.empty(0, np.int64)


@dataclass(slots=True)
class ByHome:
    """Weights by the population or the operator's share at home; by country for guests from abroad.

    A device's weight follows from its origin alone, so that they can be settled from the devices of each origin
    (``look`` and ``settle``) as well as with all devices in one place.
    """

    population: Array
    """people per zone, NaN where unknown"""
    inside: Array | None = None
    """bool per zone: all customers with their home there are among the devices; None: everywhere"""
    market_share: Array | None = None
    """per zone, NaN where unknown"""
    roaming: Mapping[int, float] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    """of the zones, for what is noted; absent: their numbers"""
    parameters: ExpansionParameters = field(default_factory=ExpansionParameters)
    told: dict[str, Any] = field(default_factory=dict)
    """Of the last call: ``devices``, ``people``, ``weight_cv2`` (squared relative error of all people), ``notes``."""

    def __call__(self, shards: list[Shard]) -> list[Array]:
        """The weights of all devices, per shard."""
        origins = origins_of(shards)
        found = self._expand(origins, shards)
        self.told = self._telling(origins, found)
        ends = np.cumsum([len(shard.device) for shard in shards])
        return np.split(found.people_milli, ends[:-1])

    def _expand(self, origins: Array, shards: list[Shard]) -> Expansion:
        zones, roaming = self._zones(origins)
        return expand(origins, zones, roaming=roaming, parameters=self.parameters)

    def _zones(self, origins: Array) -> tuple[pa.Table, dict[int, float]]:
        known = np.isfinite(self.population)
        if self.inside is not None:
            known = known & self.inside
        share = _share(origins, np.where(known, self.population, np.nan))
        size = len(self.population)
        given = np.full(size, np.nan) if self.market_share is None else self.market_share
        # of zones outside the area only those are seen who came, so there the operator's share in the area counts instead
        shares = np.where(np.isfinite(given), given, np.where(known, np.nan, share or np.nan))
        codes = self.codes or tuple(str(number) for number in range(size))
        zones = pa.table(
            {
                "zone": pa.array(codes, pa.string()),
                "population": pa.array(self.population, pa.float64(), mask=~known),
                "market_share": pa.array(shares, pa.float64(), mask=~np.isfinite(shares)),
            }
        )
        abroad = {int(code) - ABROAD: share for code in np.unique(origins[origins >= ABROAD]) if share}
        return zones, abroad | dict(self.roaming)

    def _telling(self, origins: Array, found: Expansion) -> dict[str, Any]:
        return {
            "devices": len(origins),
            "people": float(found.people_milli.sum() / 1000),
            "weight_cv2": found.weight_cv2(origins, found.people_milli) if len(origins) else 0.0,
            "notes": [str(note) for note in found.notes[:MOST_NOTES]],
        }


@dataclass(slots=True)
class ApartByHome(ByHome):
    """The same where no machine sees all devices: from how many there are of each origin."""

    def look(self, shard: Shard) -> tuple[Array, Array]:
        """The different origins of a shard and their numbers of devices."""
        origins, counts = np.unique(origins_of([shard]), return_counts=True)
        return origins, counts

    def settle(self, looks: list[tuple[Array, Array]]) -> Callable[[Shard], Array]:
        """From all looks to the weights of each shard."""
        every = (
            [np.concatenate([look[part] for look in looks]) for part in range(2)]
            if looks
            else [np.empty(0, np.int64)] * 2
        )
        keys, where = np.unique(every[0], return_inverse=True)
        counts = np.zeros(len(keys), np.int64)
        np.add.at(counts, where, every[1])
        origins = np.repeat(keys, counts)
        found = self._expand(origins, [])
        self.told = self._telling(origins, found)
        first = np.cumsum(np.r_[0, counts])[:-1]
        return _Weights(keys, found.people_milli[first] if len(keys) else np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class _Weights:
    keys: Array
    milli: Array

    def __call__(self, shard: Shard) -> Array:
        return self.milli[np.searchsorted(self.keys, origins_of([shard]))]


@dataclass(slots=True)
class ByNights(ByHome):
    """Weights that also agree with accommodation statistics (``expansion.NIGHTS``), see ``expansion.raking``.

    The nights of a month of which only some days were delivered are compared with as many days' share of them.
    """

    nights: pa.Table = field(default_factory=NIGHTS.schema.empty_table)
    timezone: str = "UTC"

    def _expand(self, origins: Array, shards: list[Shard]) -> Expansion:
        zones, roaming = self._zones(origins)
        spent, month, share = device_nights(shards, self.timezone)
        nights = demand(self.nights, NIGHTS)
        nights = nights.filter(pa.array(nights["month"].to_numpy() == month))
        if not nights.num_rows or not spent.num_rows:
            return expand(origins, zones, roaming=roaming, parameters=self.parameters)
        at = nights.column_names.index("nights")
        nights = nights.set_column(at, "nights", pa.array(nights["nights"].to_numpy() * share))
        return expand(origins, zones, roaming=roaming, nights=nights, device_nights=spent, parameters=self.parameters)


def device_nights(shards: list[Shard], timezone: str) -> tuple[pa.Table, int, float]:
    """Nights of overnight visitors by device and zone, as ``expansion.DEVICE_NIGHTS``, in the month that most days are of.

    Returns also this month (months since January 1970) and the share of its days that there are data for.
    """
    days = np.concatenate([s.d_day for s in shards]) if shards else np.empty(0, np.int32)
    if not len(days):
        return DEVICE_NIGHTS.schema.empty_table(), 0, 0.0
    different, counts = np.unique(days, return_counts=True)
    months = np.array([_month(int(day)) for day in different])
    month = int(max(set(months.tolist()), key=lambda one: int(counts[months == one].sum())))
    mine = different[months == month]
    asleep = dict(zip(mine.tolist(), (_utc(int(day) + 1, timezone) + ASLEEP for day in mine), strict=True))
    parts, offset = [], 0
    for shard in shards:
        parts.append(_nights_of(shard, asleep, offset))
        offset += len(shard.device)
    index, zone, nights = (np.concatenate([part[at] for part in parts]) for at in range(3))
    table = pa.table(
        [index, zone, np.full(len(index), month, np.int32), nights.astype(np.float64)], schema=DEVICE_NIGHTS.schema
    )
    length = (_first(month + 1) - _first(month)).days
    return table, month, len(mine) / length


def _nights_of(shard: Shard, asleep: Mapping[int, int], offset: int) -> tuple[Array, Array, Array]:
    device = np.repeat(np.arange(len(shard.device)), np.diff(shard.day_starts))
    rows = np.flatnonzero(shard.d_night & np.isin(shard.d_class, OVERNIGHT) & np.isin(shard.d_day, list(asleep)))
    empty = np.empty(0, np.int64)
    if not len(rows) or not len(shard.o):
        return empty, empty, empty
    at = np.array([asleep[day] for day in shard.d_day[rows].tolist()], np.int64)
    of_stay = np.repeat(np.arange(len(shard.device)), np.diff(shard.stay_starts))
    found = np.searchsorted(of_stay * FAR + shard.o[:, 0], device[rows] * FAR + at, side="right") - 1
    held = (found >= 0) & (of_stay[found] == device[rows])
    zone = np.where(held, shard.zone[found], -1)
    keep = zone >= 0
    pairs, nights = np.unique(np.column_stack([device[rows][keep] + offset, zone[keep]]), axis=0, return_counts=True)
    return pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64), nights.astype(np.int64)


def _month(day: int) -> int:
    one = EPOCH + timedelta(days=day)
    return (one.year - 1970) * 12 + one.month - 1


def _first(month: int) -> datetime:
    return datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _utc(day: int, timezone: str) -> int:
    """Seconds at which the local day begins."""
    one = EPOCH + timedelta(days=day)
    return int(datetime(one.year, one.month, one.day, tzinfo=ZoneInfo(timezone)).timestamp())


def by_population(
    population: Array,
    inside: Array | None = None,
    roaming: Mapping[int, float] | None = None,
    *,
    market_share: Array | None = None,
    nights: pa.Table | None = None,
    timezone: str = "UTC",
    codes: tuple[str, ...] = (),
) -> ByHome | None:
    """Weights by the population of each zone (NaN where unknown); None if no zone has a population or a market share.

    Of zones outside the area only those are seen who came, so there the operator's share in the area counts instead,
    unless one is given.  A country without a roaming share gets the operator's share at home (devices / population of the
    zones with devices): an assumption, which the lineage names.
    """
    has_shares = market_share is not None and bool(np.isfinite(market_share).any())
    if not np.isfinite(population).any() and not has_shares:
        return None
    given: dict[str, Any] = {"market_share": market_share, "roaming": dict(roaming or {}), "codes": codes}
    if nights is not None:
        return ByNights(population, inside, nights=nights, timezone=timezone, **given)
    return ApartByHome(population, inside, **given)


def _share(origins: Array, population: Array) -> float:
    """Devices with a home in zones of known population / that population; 0 if there are none."""
    home = origins[(origins >= 0) & (origins < ABROAD)]
    seen = np.bincount(home, minlength=len(population))[: len(population)]
    known = (seen > 0) & np.isfinite(population) & (population > 0)
    return min(1.0, float(seen[known].sum() / population[known].sum())) if known.any() else 0.0
