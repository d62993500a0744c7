"""Presence of a month from cell connection probabilities: devices are counted at the cells that saw them, and each cell's
devices are laid on the grid where the network says they may be, rather than all at the cell's middle."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.spatial import cKDTree

from allmende.engines.flows import counting as c
from allmende.engines.flows import months as m
from allmende.engines.flows.cellplan import CellPlan
from allmende.engines.flows.cellpresence import presence_parts, unplaced
from allmende.engines.flows.footprints import Footprints, footprints

Array = npt.NDArray[Any]
NAME = "presence_cells_hour"
LEVEL = c.Level("network", "hour")


def presence_cells_hour(
    shards: list[m.Shard],
    month: m.Month,
    clock: m.Clock,
    ground: m.Ground,
    plan: CellPlan,
    *,
    size: int = 1000,
    sample: int = 250,
    prior: tuple[Array, Array] | None = None,
) -> tuple[pa.Table, dict[str, int]]:
    """Devices and people to be expected by grid cell, hour, class and origin, as ``cellpresence.EXPECTED_PRESENCE``; and for
    each measure what could not be laid on the grid.

    A device counts once in each cell of the network with a stay of it that touches the hour.  Stays outside the area
    studied count too, for a cell reaches over its border; of the grid only what is in the area is returned.

    Args:
        size, sample, prior: of the grid, see ``footprints``.
    """
    tables: list[pa.Table] = []
    lost: dict[str, int] = {}
    for first, last in plan.changes(month.first, month.first + month.length - 1):
        counts = _counts(shards, month, clock, plan, first, last)
        if not counts.num_rows:
            continue
        feet = footprints(plan, first, size=size, sample=sample, prior=prior)
        tables += [_inside(part, ground, feet) for part in presence_parts(counts, feet)]
        for name, n in unplaced(counts, feet).items():
            lost[name] = lost.get(name, 0) + n
    if not tables:
        return _empty(), lost
    return pa.concat_tables(tables), lost


def _counts(shards: list[m.Shard], month: m.Month, clock: m.Clock, plan: CellPlan, first: int, last: int) -> pa.Table:
    rows = plan.on(first)
    valid = np.flatnonzero(rows >= 0)
    if not len(valid):
        return pa.table({"cell": pa.array([], pa.int32())})
    at = rows[valid]
    tree = cKDTree(np.column_stack([plan.x[at], plan.y[at]]))

    def nearest(shard: m.Shard) -> Array:
        # a stay lies where the cell that saw it most has its middle, or between two of them
        _, found = tree.query(shard.xy) if len(shard.xy) else (None, np.empty(0, np.int64))
        return valid[found].astype(np.int64)

    counted = c.count_presence(shards, month, clock, m.Ground(), LEVEL, np.empty(0, np.int64), areas=nearest)
    hour = counted["hour"].to_numpy()
    begin, end = clock.utc_of_local_day(first) // 3600, (clock.utc_of_local_day(last + 1) + 3599) // 3600
    counted = counted.filter(pa.array((hour >= begin) & (hour < end)))
    return pa.table(
        {
            "cell": counted["cell"].cast(pa.int32()),
            "hour": counted["hour"],
            "visitor_class": counted["visitor_class"],
            "origin": counted["origin"],
            "devices_milli": pa.array(counted["devices"].to_numpy() * 1000),
            "people_milli": counted["people_milli"],
            "people_milli2": counted["people_milli2"],
        }
    )


def _inside(part: pa.Table, ground: m.Ground, feet: Footprints) -> pa.Table:
    if ground.zones is None:
        return part
    base = 100_000_000 // feet.size
    x, y = (feet.grid // base + 0.5) * feet.size, (feet.grid % base + 0.5) * feet.size
    kept = feet.grid[ground.within(ground.zone_of(x, y))]
    return part.filter(pa.array(np.isin(part["cell"].to_numpy(), kept)))


def _empty() -> pa.Table:
    names = {
        "cell": pa.int64(), "hour": pa.int64(), "visitor_class": pa.int8(), "origin": pa.int32(),
        "devices_milli": pa.int64(), "people_milli": pa.int64(), "people_milli2": pa.int64(),
    }  # fmt: skip
    return pa.schema(list(names.items())).empty_table()
