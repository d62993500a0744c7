"""The ratio of population to devices, zone by zone, thin zones pooled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.expansion.raking import Floats, Ints
from allmende.engines.flows.expansion.schemas import ZONES, ExpansionParameters, WeightSource, some
from allmende.engines.flows.tables import Violation


@dataclass(frozen=True, slots=True)
class Zones:
    codes: list[str]
    population: Floats
    devices: Floats
    share: Floats
    region: Ints
    xy: Floats | None
    whole: npt.NDArray[np.bool_]
    """whether all customers with their home there are among the devices"""

    @classmethod
    def read(cls, zones: pa.Table, seen: Floats) -> Zones:
        def column(name: str) -> Floats:
            if name not in zones.column_names:
                return np.full(zones.num_rows, np.nan)
            return np.asarray(zones[name].cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)

        devices = column("devices") if "devices" in zones.column_names else seen
        regions = zones["region"].to_pylist() if "region" in zones.column_names else [""] * zones.num_rows
        return cls(
            codes=[str(code) for code in zones["zone"].to_pylist()],
            population=np.nan_to_num(column("population")),
            devices=devices,
            share=column("market_share"),
            region=np.unique(np.array([str(region or "") for region in regions]), return_inverse=True)[1].astype(
                np.int64
            ),
            xy=np.column_stack([column("x"), column("y")]) if {"x", "y"} <= set(zones.column_names) else None,
            whole=devices <= seen,
        )


@dataclass(frozen=True, slots=True)
class Ratios:
    weight: Floats
    source: npt.NDArray[np.int8]
    pool: Ints
    cv2: Floats


def zone_weights(table: Zones, own: ExpansionParameters, violations: list[Violation], notes: list[Violation]) -> Ratios:
    size = len(table.codes)
    shared = (table.share > 0) & (table.devices < own.min_devices)
    for zone in np.flatnonzero((table.population <= 0) & (table.devices > 0) & ~(table.share > 0)):
        violations.append(
            Violation(
                ZONES.name, "population", f"zone {table.codes[zone]} has {int(table.devices[zone])} devices but no population",
                "Give its population or its market share, or merge it with the zone it belongs to.",
            )
        )  # fmt: skip
    shared |= (table.share > 0) & (table.population <= 0)
    ratio = ~shared & (table.population > 0)
    if ratio.any() and table.devices[ratio].sum() == 0:
        violations.append(
            Violation(
                ZONES.name, "devices", f"none of the {int(ratio.sum())} zones from {table.codes[int(np.argmax(ratio))]} on has a device",
                "Check that origins and zones belong together, or give market shares.",
            )
        )  # fmt: skip
    if violations:
        return Ratios(np.ones(size), np.zeros(size, np.int8), np.arange(size), np.zeros(size))
    empty = [table.codes[zone] for zone in np.flatnonzero(ratio & (table.devices == 0))]
    if empty:
        notes.append(
            Violation(
                ZONES.name, "devices", f"no device has its home in {some(empty)}; the pool's devices stand for these people",
                "Check the coverage there, or merge the zones.",
            )
        )  # fmt: skip
    for zone in np.flatnonzero(ratio & (table.devices > table.population)):
        notes.append(
            Violation(
                ZONES.name, "population",
                f"zone {table.codes[zone]} has more devices ({int(table.devices[zone])}) than people ({table.population[zone]:g})",
                "Check the code of the zone, and whether machines with SIM cards are among the devices.",
            )
        )  # fmt: skip
    expected = table.population * np.nan_to_num(table.share) * own.sims_per_person
    for zone in np.flatnonzero(
        ratio & (expected > 0) & ((table.devices > 2 * expected) | (2 * table.devices < expected))
    ):
        notes.append(
            Violation(
                ZONES.name, "market_share",
                f"zone {table.codes[zone]} has {int(table.devices[zone])} devices where its market share lets expect {expected[zone]:.0f}",
                "Check the share and the population; the ratio of population to devices was used.",
            )
        )  # fmt: skip
    pool = pools(table.population, table.devices, ratio, own.min_devices, region=table.region, xy=table.xy)
    people = np.bincount(pool, np.where(ratio, table.population, 0.0), minlength=size)
    devices = np.bincount(pool, np.where(ratio, table.devices, 0.0), minlength=size)
    weight = np.divide(people[pool], devices[pool], out=np.ones(size), where=devices[pool] > 0)
    alone = np.bincount(pool, minlength=size)[pool] == 1
    between, kept = _between(table, ratio, pool)
    cv2 = np.where(ratio & ~alone, between * np.where(own.smoothing, 1 - kept, 1.0), 0.0)
    if own.smoothing:
        weight = _smooth(table, ratio & ~alone, pool, weight, kept)
    if shared.any():
        weight = np.where(shared, 1 / (np.where(shared, table.share, 1.0) * own.sims_per_person), weight)
        cv2 = np.where(shared, own.share_cv**2, cv2)
    source = np.where(shared, WeightSource.MARKET_SHARE, np.where(alone, WeightSource.ZONE, WeightSource.POOL))
    return Ratios(weight, source.astype(np.int8), pool, cv2)


def pools(
    population: Floats,
    devices: Floats,
    use: npt.NDArray[np.bool_],
    least: int,
    *,
    region: Ints | None = None,
    xy: Floats | None = None,
) -> Ints:
    """Which zones share a ratio: per zone the first zone of its pool.

    The thinnest pool is joined to the nearest of its region (centres weighted by population; without coordinates: the
    thinnest), else to the nearest of all, until every pool has ``least`` devices or one is left.  Zones not in ``use`` stay alone.
    """
    size = population.size
    pool = np.arange(size)
    areas = np.zeros(size, np.int64) if region is None else region.copy()
    people, count = population.astype(np.float64).copy(), devices.astype(np.float64).copy()
    centre = None if xy is None else xy.astype(np.float64).copy()
    live = use.copy()
    while True:
        thin = np.flatnonzero(live & (count < least))
        if thin.size == 0 or int(live.sum()) < 2:
            return pool
        one = int(thin[np.argmin(count[thin])])
        others = np.flatnonzero(live)
        others = others[others != one]
        near = others[areas[others] == areas[one]]
        candidates = near if near.size else others
        if centre is None:
            other = int(candidates[np.argmin(count[candidates])])
        else:
            other = int(candidates[np.argmin(((centre[candidates] - centre[one]) ** 2).sum(axis=1))])
            total = people[one] + people[other]
            centre[[one, other]] = (centre[one] * people[one] + centre[other] * people[other]) / total
        first, second = min(one, other), max(one, other)
        # A pool over regions counts as of the region with more devices: it can still grow there.
        areas[first] = areas[one] if count[one] > count[other] else areas[other]
        people[first] += people[second]
        count[first] += count[second]
        live[second] = False
        pool[pool == second] = first


def _between(table: Zones, ratio: npt.NDArray[np.bool_], pool: Ints) -> tuple[Floats, Floats]:
    """Squared relative spread of true ratios between zones (one figure for all), and what each zone may keep of its own.

    Moments after Marshall (1991): the spread seen between zones less what chance alone would give.
    """
    people, count = table.population[ratio], table.devices[ratio]
    size = table.population.size
    if people.size < 2 or count.sum() == 0:
        return np.zeros(size), np.zeros(size)
    mean = count.sum() / people.sum()
    spread = float((people * (count / people - mean) ** 2).sum() / people.sum() - mean * (1 - mean) / people.mean())
    spread = max(spread, 0.0)
    chance = np.divide(mean, table.population, out=np.full(size, np.inf), where=table.population > 0)
    return np.full(size, spread / mean**2), spread / (spread + chance) if spread else np.zeros(size)


def _smooth(table: Zones, which: npt.NDArray[np.bool_], pool: Ints, weight: Floats, kept: Floats) -> Floats:
    rate = 1 / weight
    own_rate = np.divide(table.devices, table.population, out=rate.copy(), where=table.population > 0)
    smooth = np.where(which, 1 / np.maximum(rate + kept * (own_rate - rate), rate * 0.05), weight)
    total = np.bincount(pool, np.where(which, table.devices * smooth, 0.0), minlength=weight.size)
    goal = np.bincount(pool, np.where(which, table.devices * weight, 0.0), minlength=weight.size)
    factor = np.divide(goal, total, out=np.ones(weight.size), where=total > 0)
    return np.asarray(smooth * np.where(which, factor[pool], 1.0), np.float64)
