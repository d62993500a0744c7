"""Presence laid on the grid by the plan of cells, as tasks: counts at the cells of the network are cut into days of UTC and
added up like all others; whoever has a day of all devices lays it on the grid (see ``cellmonth``).

Laying rounds, so it must see the same numbers in the same order as on one machine: a day and a time in which the plan stays
the same, ordered by cell, hour, class and origin.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from allmende.engines.flows import months as m
from allmende.engines.flows.cellmonth import empty, feet_of, lay, network_counts, spans
from allmende.engines.flows.footprints import Footprints
from allmende.engines.flows.store import whole

UNPLACED = "(unplaced)"


class Work(Protocol):
    """What of a month's job is needed here; see ``spark.months.Job``."""

    @property
    def month(self) -> m.Month: ...
    @property
    def clock(self) -> m.Clock: ...
    @property
    def ground(self) -> m.Ground: ...
    @property
    def located(self) -> Any: ...
    @property
    def spool(self) -> Path:
        """Where files lie that one task writes and another one reads."""
        ...


def prepare(job: Work) -> None:
    """Write the footprints of the month's plans into the spool, once for all tasks."""
    if job.located is None:
        return
    for first, _ in spans(job.located.plan, job.month):
        with whole(_feet(job, first)) as new:
            new.write_bytes(pickle.dumps(feet_of(job.located.plan, first, job.located.prior), protocol=5))


def _feet(job: Work, first: int) -> Path:
    return job.spool / f"feet.{first}"


def _days(job: Work) -> list[tuple[int, int, int]]:
    """(first and last local day of a time in which the plan stays the same, day of UTC) for each part, in order."""
    found = []
    for first, last in spans(job.located.plan, job.month):
        begin, end = job.clock.utc_of_local_day(first), job.clock.utc_of_local_day(last + 1)
        found += [(first, last, day) for day in range(begin // m.DAY, (end - 1) // m.DAY + 1)]
    return found


def network_parts(shards: list[m.Shard], job: Work) -> Iterator[tuple[int, pa.Table]]:
    """The number of each part, and the counts of these shards in it (none is left out, even if it is empty)."""
    if job.located is None:
        return
    span, counts, days = None, pa.table({}), None
    for at, (first, last, day) in enumerate(_days(job)):
        if span != (first, last):
            span = (first, last)
            counts = network_counts(shards, job.month, job.clock, job.located.plan, first, last)
            days = counts["hour"].to_numpy() // 24
        yield at, counts.filter(pa.array(days == day))


def on_grid(job: Work, at: int, counts: pa.Table) -> tuple[pa.Table, dict[str, int]]:
    """The counts of all devices in a part, laid on the grid; and what could not be."""
    if not counts.num_rows:
        return empty(), {}
    first, _, _ = _days(job)[at]
    feet: Footprints = pickle.loads(_feet(job, first).read_bytes())  # noqa: S301  # our own
    parts, lost = lay(counts, job.ground, feet)
    return (pa.concat_tables(parts) if parts else empty()), lost
