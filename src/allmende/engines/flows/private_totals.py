"""Differentially private totals of a run: visitors of the area by day and class, with the budget kept on record.

Each device counts in at most a stated number of days, chosen by a keyed lot; which days and classes there are is public.
Everything else is in ``disclosure.private``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows.disclosure import Dimension, Disclosure, Plan, Private, TablePlan, bounded, protect
from allmende.engines.flows.door import Secret
from allmende.engines.flows.periods import with_clock
from allmende.engines.flows.publish import Published, PublishError, read_run
from allmende.engines.flows.release import write_release
from allmende.engines.flows.store import EPOCH
from allmende.engines.flows.words import VisitorClass

FOLDER = "release-private"
TABLE = "visitors"


def publish_private(
    run_folder: Path, private: Private, secret: Secret, *, threshold: int = 10, now: datetime
) -> Published:
    """Write ``RUN/release-private``: devices present by local day and visitor class, with noise.

    ``private.rows_per_device`` is the most days in which one device counts (in one class each); a device that was there on
    more days counts in as many of them, by lot, so that totals of long periods are too low by design.

    Raises:
        PublishError: no run, an unprotected one, or one without days.
        BudgetSpent: the budget does not cover it; nothing was drawn and nothing was spent.
    """
    summary = read_run(run_folder)
    days = [str(day) for day in summary.get("days", [])]
    seen = _seen(run_folder / "work" / "months")
    if seen is None or not days:
        raise PublishError(f"{run_folder} has no rows of devices by day. Keep its folder 'work', or run again.")
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    level = bounded(seen, private.rows_per_device, secret)
    table = TablePlan(
        TABLE,
        (Dimension("period", words="day"), Dimension("visitor_class", words="class")),
        TABLE,
        (_domain(first, last),),
    )
    protected = protect(
        {TABLE: [level]}, Plan((table,)), Disclosure(threshold=threshold, method="dp"), private=private, now=now,
        lineage=summary.get("lineage", {}),
    )  # fmt: skip
    release = with_clock(protected.release, str(summary.get("timezone") or "UTC"))
    write_release(release, run_folder / FOLDER, {})
    shown = {one.name: one.rows.num_rows for one in release.tables}
    return Published(release, run_folder / FOLDER, shown, {TABLE: level.num_rows})


def _seen(months: Path) -> pa.Table | None:
    parts = [
        pq.read_table(path, columns=["device", "day", "visitor_class"])
        for path in sorted(months.glob("*/device_days.parquet"))
    ]
    if not parts:
        return None
    # days at the edge of a month may stand in two months; ``bounded`` counts each once
    return pa.concat_tables(parts).rename_columns(["device", "period", "visitor_class"])


def _domain(first: date, last: date) -> pa.Table:
    """All days of the delivery (one more at each end, since its days are UTC) × all classes."""
    days = range((first - EPOCH).days - 1, (last - EPOCH).days + 2)
    rows: Sequence[tuple[int, int]] = [(day, int(code)) for day in days for code in VisitorClass]
    return pa.table(
        {
            "period": pa.array([r[0] for r in rows], pa.int32()),
            "visitor_class": pa.array([r[1] for r in rows], pa.int8()),
        }
    )


__all__ = ["FOLDER", "publish_private"]
