"""A run on the Spark API: plan and store are those of one machine, days and months are made by tasks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from allmende.engines.flows import months as m
from allmende.engines.flows.days import DayQuality
from allmende.engines.flows.door import Key
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.plan import DayPlan, Expansion, Progress
from allmende.engines.flows.run import Result, run
from allmende.engines.flows.spark import days as d
from allmende.engines.flows.spark import months
from allmende.engines.flows.spark.sessions import opened, prepare
from allmende.engines.flows.store import Store


@dataclass(frozen=True, slots=True)
class SparkEngine:
    """The two dear steps of ``run`` on a session of the Spark API.

    ``events`` and ``out`` are paths that every machine sees under the same name, and every machine has this package.
    """

    session: Any
    blocks: int | None = None
    """Into how many blocks of shards a day is dealt; as many as keep a block below ``days.BLOCK_ROWS`` events if absent."""
    ranges: int | None = None
    """Into how many ranges of cells or days counts are cut before they are added up; by the number of groups of shards if absent."""
    tasks: int | None = None
    """How many tasks run side by side; asked of the session if absent."""
    wave_rows: int = d.WAVE_ROWS

    def make_days(
        self, plan: DayPlan, store: Store, p: Parameters, key: Key | None,
        located: Callable[[pa.Table], pa.Table] | None, memory: int, progress: Progress,
    ) -> tuple[list[int], int]:  # fmt: skip
        """Wave by wave; a day counts as soon as all of its blocks are there."""
        tasks = self._tasks()
        made: list[int] = []
        unusable = outside = 0
        total, read = sum(part.rows for part in plan.parts), 0
        for wave in d.waves_of(plan, store.shards, blocks=self.blocks, wave_rows=self.wave_rows):
            for day in wave.days:
                store.drop_day(day)
            found = d.make_wave(self.session, wave, store, key, located, p, tasks)
            unusable += sum(found["unusable"].to_pylist())
            qualities: dict[int, list[DayQuality]] = {}
            outside += sum(found["outside"].to_pylist())
            for row in found.to_pylist():
                qualities.setdefault(row["day"], []).append(DayQuality(**json.loads(row["quality"])))
            for day, parts in sorted(qualities.items()):
                quality = _sum(parts)
                if day >= 0 and quality.delivered:
                    store.confirm_day(day, plan.key_of(day), quality, wave.blocks)
                    made.append(day)
                elif day >= 0:
                    store.drop_day(day)
            read += sum(part.rows for _, part, counts in wave.parts if counts)
            progress("events", read, total)
        plan.judge(outside, read)
        return sorted(made), unusable

    def make_month(
        self, store: Store, month: m.Month, clock: m.Clock, ground: m.Ground, expansion: Expansion, p: Parameters,
        steps: Any, *, unprotected: bool, located: Any = None,
    ) -> tuple[Mapping[str, pa.Table | Iterable[pa.Table]], dict[str, Any]]:  # fmt: skip
        """Counts are added up by tasks; this process only puts files together."""
        pieces = sum(store.quality(day).pieces for day in month.days)
        groups = min(store.shards, max(2 * self._tasks(), -(-pieces // months.GROUP_PIECES)))
        ranges = self.ranges or max(1, groups // 8)
        job = months.Job(store, month, clock, ground, p, unprotected, groups, located)
        shutil.rmtree(job.spool, ignore_errors=True)
        tables, facts = months.make_month(self.session, job, expansion, ranges, steps.done)
        last = list(tables)[-1]

        def cleared(name: str, parts: Iterator[pa.Table]) -> Iterator[pa.Table]:
            yield from parts
            if name == last:
                shutil.rmtree(job.spool.parent, ignore_errors=True)

        return {name: cleared(name, parts) for name, parts in tables.items()}, facts

    def _tasks(self) -> int:
        return self.tasks or prepare(self.session)


def _sum(parts: list[DayQuality]) -> DayQuality:
    return DayQuality(*(sum(getattr(part, name) for part in parts) for name in DayQuality.__dataclass_fields__))


def run_on_spark(
    events: Path, out: Path, *, session: Any = None, master: str = "local[2]", blocks: int | None = None,
    ranges: int | None = None, **arguments: Any,
) -> Result:  # fmt: skip
    """The same as ``run``, with the same arguments and results, on the Spark API.

    Args:
        events, out: as for ``run``; every machine sees them under the same name.
        session: an open session (classic or Spark Connect, Apache Spark or Sail), which stays open.
        master: what to open for this run if there is no session; see ``sessions.opened``.
        blocks, ranges: how the work is divided; see ``SparkEngine``.  They change no result.
        arguments: see ``run``.  ``cpu_seconds`` of the result are those of this process alone.

    Raises:
        SparkMissing: the packages or Java are missing; the message has the command that installs them.
        IntakeError, TableError: as ``run``.
    """
    with opened(master) if session is None else nullcontext(session) as found:
        return run(events, out, engine=SparkEngine(found, blocks, ranges), **arguments)
