"""Events of cells become events with coordinates: what ``run(located=…)`` takes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows.cellplan import CellPlan, locate
from allmende.engines.flows.footprints import expected, footprints
from allmende.engines.flows.intake import PLACED

Array = npt.NDArray[Any]
VERSION = 1


@dataclass(frozen=True)
class Placing:
    """A plan that places events: call it with a table of ``tables.CELL_EVENTS``.

    Rows that cannot be placed have no coordinates, and the column ``cell_row`` says why (``cellplan.UNKNOWN``,
    ``NOT_VALID``, ``EMPTY``); the run counts them by day.  Cells are valid by local days.
    """

    plan: CellPlan
    timezone: str = "UTC"
    prior: tuple[Array, Array] | None = None
    """Cells of the grid (``grid.cell_1km``) and their weights, say population: where devices are rather than elsewhere."""
    made_of: str = field(default="")
    """Fingerprint of the plan: what was made with another one is made again."""

    def __post_init__(self) -> None:
        if not self.made_of:
            object.__setattr__(self, "made_of", fingerprint_of(self.plan, self.timezone, self.prior))

    def __call__(self, table: pa.Table) -> pa.Table:
        """The table with lon, lat, accuracy (metres, radius of 68 %) and ``cell_row``."""
        found = locate(self.plan, table["cell_id"], self._days(table["ts"]))
        columns = {"lon": found.lon, "lat": found.lat, "accuracy": found.accuracy, PLACED: found.row}
        table = table.drop_columns([name for name in (*columns, "cell_id") if name in table.column_names])
        for name, values in columns.items():
            table = table.append_column(name, pa.array(values))
        return table

    def _days(self, ts: pa.ChunkedArray) -> Array:
        if self.timezone != "UTC":
            known = ts if ts.type.tz else pc.assume_timezone(ts, "UTC")
            ts = pc.local_timestamp(known.cast(pa.timestamp(known.type.unit, tz=self.timezone)))
        days = pc.fill_null(ts.cast(pa.timestamp("us")).cast(pa.int64()), 0)
        return np.asarray(days) // 86_400_000_000


def fingerprint_of(plan: CellPlan, timezone: str, prior: tuple[Array, Array] | None = None) -> str:
    """Changes when the plan would place an event elsewhere."""
    digest = hashlib.blake2b(f"{VERSION}|{timezone}|".encode(), digest_size=16)
    for values in (plan.cell, plan.valid_from, plan.valid_until, plan.x, plan.y, plan.radius, *(prior or ())):
        digest.update(np.ascontiguousarray(values).tobytes())
    digest.update("\n".join(map(str, plan.ids.to_pylist())).encode())
    return digest.hexdigest()


def placing(
    plan: CellPlan,
    timezone: str = "UTC",
    *,
    first: int | None = None,
    last: int | None = None,
    prior: tuple[Array, Array] | None = None,
) -> Placing:
    """A plan as what places events.

    Args:
        first, last: days since 1970; given both, each cell's devices are expected where the model of signal strength says
            (``footprints``), rather than in the middle of its sector; for cells without an area of coverage.
        prior: see ``Placing``.
    """
    if first is not None and last is not None:
        for begin, _ in plan.changes(first, last):
            feet = footprints(plan, begin, size=1000, sample=250, prior=prior)
            dense, x, y, radius = expected(feet)
            rows = plan.on(begin)[dense]
            drawn = (rows >= 0) & (plan.covered[np.maximum(rows, 0)] < 0)
            plan = plan.moved(rows[drawn], x[drawn], y[drawn], radius[drawn])
    return Placing(plan, timezone, prior)
