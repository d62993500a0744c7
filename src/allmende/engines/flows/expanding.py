"""Expansion as a run asks for it: from shards of devices to their weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.expansion import ABROAD, expand
from allmende.engines.flows.months import Shard, Weigher

Array = npt.NDArray[Any]


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


def by_population(
    population: Array, inside: Array | None = None, roaming: Mapping[int, float] | None = None
) -> Weigher | None:
    """Weights by the population of each zone (NaN where unknown); None if no zone's population is known.

    Of zones outside the area only those are seen who came, so there the operator's share in the area counts instead.
    A country without a roaming share gets the operator's share at home (devices / population of the zones with devices):
    an assumption, which the lineage names.
    """
    if not np.isfinite(population).any():
        return None
    known = np.isfinite(population) if inside is None else np.isfinite(population) & inside

    def weigh(shards: list[Shard]) -> list[Array]:
        origins = origins_of(shards)
        share = _share(origins, np.where(known, population, np.nan))
        zones = pa.table(
            {
                "zone": pa.array([str(i) for i in range(len(population))]),
                "population": pa.array(population, pa.float64(), mask=~known),
                "market_share": pa.array(
                    np.full(len(population), share or 1.0), pa.float64(), mask=known | (not share)
                ),
            }
        )
        abroad = {int(code) - ABROAD: share for code in np.unique(origins[origins >= ABROAD]) if share}
        shares = abroad | dict(roaming or {})
        milli = expand(origins, zones, roaming=shares).people_milli
        ends = np.cumsum([len(shard.device) for shard in shards])
        return np.split(milli, ends[:-1])

    return weigh


def _share(origins: Array, population: Array) -> float:
    """Devices with a home in zones of known population / that population; 0 if there are none."""
    home = origins[(origins >= 0) & (origins < ABROAD)]
    seen = np.bincount(home, minlength=len(population))[: len(population)]
    known = (seen > 0) & np.isfinite(population) & (population > 0)
    return min(1.0, float(seen[known].sum() / population[known].sum())) if known.any() else 0.0
