"""Presence of a month from cell connection probabilities: devices are counted at the cells that saw them, and each cell's
devices are laid on the grid where the network says they may be, rather than all at the cell's middle.

Two steps, so that the work can be divided: ``network_counts`` are sums of whole numbers over devices, which add up in any
order; ``lay`` takes the counts of all devices for one day of UTC and one time in which the plan stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.spatial import cKDTree

from allmende.engines.flows import counting as c
from allmende.engines.flows import months as m
from allmende.engines.flows import tables
from allmende.engines.flows.cellplan import CellPlan
from allmende.engines.flows.cellpresence import presence_parts, unplaced
from allmende.engines.flows.footprints import Footprints, footprints

Array = npt.NDArray[Any]
NAME = "presence_cells_hour"
NETWORK = "presence_network"
"""Name of the counts at the cells of the network, before the first day from which the plan was as it was."""
LEVEL = c.Level("network", "hour")
SIZE, SAMPLE = 1000, 250
"""Metres: of the grid, and of the points at which the model is asked (see ``footprints``)."""


def presence_cells_hour(
    shards: list[m.Shard],
    month: m.Month,
    clock: m.Clock,
    ground: m.Ground,
    plan: CellPlan,
    *,
    prior: tuple[Array, Array] | None = None,
) -> tuple[pa.Table, dict[str, int]]:
    """Devices and people to be expected by grid cell, hour, class and origin, as ``cellpresence.EXPECTED_PRESENCE``; and for
    each measure what could not be laid on the grid.

    A device counts once in each cell of the network with a stay of it that touches the hour.  Stays outside the area
    studied count too, for a cell reaches over its border; of the grid only what is in the area is returned.

    Args:
        prior: of the grid, see ``footprints``.
    """
    found: list[pa.Table] = []
    lost: dict[str, int] = {}
    for first, last in spans(plan, month):
        counts = network_counts(shards, month, clock, plan, first, last)
        if not counts.num_rows:
            continue
        feet = feet_of(plan, first, prior)
        for _, day in by_day(counts):
            parts, missing = lay(day, ground, feet)
            found += parts
            for name, n in missing.items():
                lost[name] = lost.get(name, 0) + n
    return (pa.concat_tables(found) if found else empty()), lost


def spans(plan: CellPlan, month: m.Month) -> list[tuple[int, int]]:
    """The times of a month (first and last local day) in which the plan stays the same."""
    return list(plan.changes(month.first, month.first + month.length - 1))


def feet_of(plan: CellPlan, first: int, prior: tuple[Array, Array] | None) -> Footprints:
    """The footprints from a day on."""
    return footprints(plan, first, size=SIZE, sample=SAMPLE, prior=prior)


def by_day(counts: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """Counts by the day of UTC (days since 1970) in which their hours lie."""
    days = counts["hour"].to_numpy() // 24
    for day in np.unique(days).tolist():
        yield day, counts.filter(pa.array(days == day))


def lay(counts: pa.Table, ground: m.Ground, feet: Footprints) -> tuple[list[pa.Table], dict[str, int]]:
    """The ``network_counts`` of all devices on one day, laid on the grid; and what could not be."""
    measured = pa.table(
        {
            "cell": counts["cell"].cast(pa.int32()),
            "hour": counts["hour"],
            "visitor_class": counts["visitor_class"],
            "origin": counts["origin"],
            "devices_milli": pc.multiply(counts["devices"], 1000),
            "people_milli": counts["people_milli"],
            "people_milli2": counts["people_milli2"],
        }
    )
    return [_inside(part, ground, feet) for part in presence_parts(measured, feet)], unplaced(measured, feet)


def network_counts(
    shards: list[m.Shard], month: m.Month, clock: m.Clock, plan: CellPlan, first: int, last: int
) -> pa.Table:
    """Different devices by cell of the network (dense number of the plan) and hour, class and origin, as ``tables.PRESENCE``,
    in a time (local days) in which the plan stays the same."""
    rows = plan.on(first)
    valid = np.flatnonzero(rows >= 0)
    if not len(valid):
        return tables.PRESENCE.schema.empty_table()
    at = rows[valid]
    tree = cKDTree(np.column_stack([plan.x[at], plan.y[at]]))

    def nearest(shard: m.Shard) -> Array:
        # a stay lies where the cell that saw it most has its middle, or between two of them
        _, found = tree.query(shard.xy) if len(shard.xy) else (None, np.empty(0, np.int64))
        return valid[found].astype(np.int64)

    counted = c.count_presence(shards, month, clock, m.Ground(), LEVEL, np.empty(0, np.int64), areas=nearest)
    hour = counted["hour"].to_numpy()
    begin, end = clock.utc_of_local_day(first) // 3600, (clock.utc_of_local_day(last + 1) + 3599) // 3600
    return counted.filter(pa.array((hour >= begin) & (hour < end)))


def _inside(part: pa.Table, ground: m.Ground, feet: Footprints) -> pa.Table:
    if ground.zones is None:
        return part
    base = 100_000_000 // feet.size
    x, y = (feet.grid // base + 0.5) * feet.size, (feet.grid % base + 0.5) * feet.size
    kept = feet.grid[ground.within(ground.zone_of(x, y))]
    return part.filter(pa.array(np.isin(part["cell"].to_numpy(), kept)))


def empty() -> pa.Table:
    """No expected presence."""
    names = {
        "cell": pa.int64(), "hour": pa.int64(), "visitor_class": pa.int8(), "origin": pa.int32(),
        "devices_milli": pa.int64(), "people_milli": pa.int64(), "people_milli2": pa.int64(),
    }  # fmt: skip
    return pa.schema(list(names.items())).empty_table()
