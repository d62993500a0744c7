"""A run: from a delivery of events to counts, in steps that resume, on one machine.

::

    OUT/
      summary.json           what went in, what cleaning found, what came out (no device)
      counts/NAME.parquet    unprotected counts per level; input of ``publish``
      work/                  pieces per day and results per month, rows of devices under keyed hashes; for the owner only

With ``unprotected=True`` (for evaluation only) identifiers stay as delivered and OUT holds ``stays``, ``home``,
``presence`` and ``od`` instead; every file says so.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows import counting as c
from allmende.engines.flows import months as m
from allmende.engines.flows.cellkeys import with_cell_keys
from allmende.engines.flows.cellmonth import NAME as CELLS_HOUR
from allmende.engines.flows.cellmonth import presence_cells_hour
from allmende.engines.flows.cellplan import CellPlan
from allmende.engines.flows.cleaning import Lost, begin_of
from allmende.engines.flows.days import DayQuality, pieces_of_day
from allmende.engines.flows.door import Key
from allmende.engines.flows.grid import cell_1km
from allmende.engines.flows.intake import (
    Chunk,
    IntakeError,
    Part,
    Split,
    parquet_files,
    parts_of,
    read_part,
    split_part,
)
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.plan import DayPlan, Engine, Expansion, Progress, day_of, plan_days
from allmende.engines.flows.quality import nights_of, total, write_summary
from allmende.engines.flows.store import EPOCH, WORKED, Store, file_fingerprint, fingerprint, name_of_day, whole
from allmende.engines.flows.tables import CELL_EVENTS, EVENTS
from allmende.engines.flows.waiting import Waiting

VERSION = 4
"""Raised when a step changes what it computes: what was kept of an older version is then made again."""

UNPROTECTED = (
    "UNPROTECTED: rows of single devices or counts without disclosure control. For evaluation only; never publish."
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did."""

    out: Path
    days: list[str]
    months: list[str]
    days_made: list[str]
    months_made: list[str]
    events: int
    quality: DayQuality
    unusable: int
    seconds: float
    cpu_seconds: float
    steps: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Step -> seconds of wall time and of CPU."""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json`` and ``summary.json``."""
        return asdict(self) | {"out": str(self.out)}


class _Steps:
    def __init__(self) -> None:
        self.times: dict[str, tuple[float, float]] = {}
        self.last = (time.perf_counter(), time.process_time())

    def done(self, name: str) -> None:
        now = (time.perf_counter(), time.process_time())
        wall, cpu = self.times.get(name, (0.0, 0.0))
        self.times[name] = (wall + now[0] - self.last[0], cpu + now[1] - self.last[1])
        self.last = now


def _no_progress(step: str, done: int, whole_: int) -> None:
    """Nobody is told."""


def run(
    events: Path,
    out: Path,
    *,
    parameters: Parameters | None = None,
    key: Key | None = None,
    ground: m.Ground | None = None,
    ground_made_of: str = "none",
    expansion: Expansion | None = None,
    located: Callable[[pa.Table], pa.Table] | None = None,
    presence: Literal["points", "cells"] = "points",
    record_key: bytes | None = None,
    unprotected: bool = False,
    hashed: bool = False,
    memory: int = 4 << 30,
    progress: Progress = _no_progress,
    engine: Engine | None = None,
) -> Result:
    """Events to counts.

    Args:
        events: a Parquet file or a folder of them (``tables.EVENTS``); CSV and others go through ``reading`` first.
        out: the folder of results; what it holds of an earlier run is gone on with.
        key: the key of the door; required unless ``unprotected``.
        hashed: the events went through the door under this key when they were read (``Staging.hashed``).
        ground: zones, the area studied and sites; without it everything is the area.
        located: turns a table with cells into one with coordinates (see ``placing``).
        presence: ``cells``: also ``presence_cells_hour``, from cell connection probabilities; ``located`` has the plan.
        record_key: counts also get ``cell_key``, which the cell-key method of ``publish`` needs; twice the work of counting.
        memory: bytes that may be used for waiting events before they are put on disk.
        engine: what does the dear steps; this machine if absent (``spark.run_on_spark`` passes another one).

    Raises:
        IntakeError: nothing to read, or a file cannot be read.
        TableError: a file breaks the schema of events.
    """
    p = parameters or Parameters()
    p = p if located is None else p.by_cells()
    plan = getattr(located, "plan", None) if presence == "cells" else None
    if presence == "cells" and plan is None:
        raise ValueError("Presence from cells needs the cell plan: give located=placing(plan).")
    ground = ground or m.Ground()
    expansion = expansion or Expansion()
    if record_key is not None and (unprotected or engine is not None):
        raise ValueError("Cell keys are made for protected counts, on one machine. Leave out engine or unprotected.")
    engine = engine or _OneMachine(record_key)
    if key is None and not unprotected:
        raise ValueError(
            "A key is needed: identifiers are hashed at the door. Give one, or ask for an unprotected evaluation."
        )
    began, cpu0 = time.perf_counter(), _cpu()
    steps = _Steps()
    files = parquet_files(events)
    prints = {str(path): file_fingerprint(path) for path in files}
    parts = parts_of(files, EVENTS if located is None else CELL_EVENTS)
    shards = shards_for(sum(part.rows for part in parts), p)
    door = "open" if key is None else fingerprint(key.k0, key.k1)
    base = fingerprint(VERSION, p.digest(), shards, door, getattr(located, "made_of", ""))
    store = Store(out / "work", shards)
    steps.done("plan")

    days_planned = plan_days(parts, prints, base, store)
    made, unusable = engine.make_days(days_planned, store, p, None if hashed else key, located, memory, progress)
    days_planned.settle(store, made)
    days = store.days()
    if not days:
        raise IntakeError(f"{events}: no event can be used. Check the columns for time and place and their units.")
    steps.done("events to pieces")

    clock = m.Clock.of(p.timezone, days[0], days[-1])
    months = m.months_of(days, clock, p, m.edges_of(store.read_shard, shards, days))
    months_made = []
    for i, month in enumerate(months):
        progress("months", i, len(months))
        block = fingerprint(
            base,
            [store.day_key(day) for day in month.days],
            asdict(p),
            ground_made_of,
            expansion.made_of,
            unprotected,
            month.days,
            presence,
            "" if record_key is None else fingerprint(record_key.hex()),
        )
        if store.block_key(month.name) == block:
            continue
        month = replace(month, edges=m.edges_of(store.read_shard, shards, month.days))
        produced, facts = engine.make_month(
            store, month, clock, ground, expansion, p, steps, unprotected=unprotected, located=located if plan else None
        )
        facts["expansion"] = dict(getattr(expansion.weigh, "told", {}))
        store.write_block(month.name, block, produced, facts)
        months_made.append(month.name)
        steps.done("write")
    store.keep_blocks(month.name for month in months)
    progress("months", len(months), len(months))
    _write_results(store, [month.name for month in months], out, unprotected=unprotected)
    quality = total(store.quality(day) for day in days)
    result = Result(
        out, [name_of_day(d) for d in days], [month.name for month in months], [name_of_day(d) for d in made], months_made,
        quality.delivered, quality, unusable, time.perf_counter() - began, _cpu() - cpu0,
    )  # fmt: skip
    steps.done("write")
    result.steps.update(steps.times)
    write_summary(
        out, events, store, months, ground, p, prints=prints, unusable=unusable, version=VERSION,
        unprotected=UNPROTECTED if unprotected else "",
    )  # fmt: skip
    os.utime(out)
    return result


def shards_for(rows: int, p: Parameters) -> int:
    """How many shards keep what is in memory at once small; more rows, more shards, by powers of two."""
    shards = p.shards
    while rows / shards > 16_000_000:
        shards *= 2
    return shards


def _cpu() -> float:
    return time.process_time()


@dataclass(frozen=True, slots=True)
class _OneMachine:
    """The engine of one machine: threads, files in the memory of the process."""

    record_key: bytes | None = field(default=None, repr=False)

    def make_days(
        self, plan: DayPlan, store: Store, p: Parameters, key: Key | None,
        located: Callable[[pa.Table], pa.Table] | None, memory: int, progress: Progress,
    ) -> tuple[list[int], int]:  # fmt: skip
        """Days are built while later parts are read."""
        return _make_days(plan, store, p, key, located, memory, progress)

    def make_month(
        self, store: Store, month: m.Month, clock: m.Clock, ground: m.Ground, expansion: Expansion, p: Parameters,
        steps: Any, *, unprotected: bool, located: Any = None,
    ) -> tuple[Mapping[str, pa.Table | Iterable[pa.Table]], dict[str, Any]]:  # fmt: skip
        """All shards at once."""
        return month_tables(
            store.read_shard, store.shards, month, clock, ground, expansion, p, steps, unprotected=unprotected,
            plan=getattr(located, "plan", None), prior=getattr(located, "prior", None), record_key=self.record_key,
        )  # fmt: skip


def _make_days(
    plan: DayPlan, store: Store, p: Parameters, key: Key | None,
    located: Callable[[pa.Table], pa.Table] | None, memory: int, progress: Progress,
) -> tuple[list[int], int]:  # fmt: skip
    todo, wanted = plan.parts, plan.wanted
    waiting = Waiting(store.folder / "spool", memory // 3, key)
    total, read_rows, lost = sum(part.rows for part in todo), 0, Lost()
    made: list[int] = []
    with ThreadPoolExecutor(p.threads) as pool:
        building: list[Future[int]] = []

        def build(day: int, chunks: list[Chunk], door: Key | None, left_out: dict[str, int]) -> int:
            batches, quality = pieces_of_day(chunks, store.shards, p, door, by_cells=located is not None, lost=left_out)
            store.write_day(day, plan.key_of(day), batches, quality)
            return day

        def one(part: Part) -> Split:
            table = read_part(part, located=located)
            late = begin_of(part.date, p.timezone) if part.date is not None else None
            return split_part(table, plan.first, plan.days, max_accuracy=p.max_accuracy, part=part, late_before=late)

        for part, following, split in _in_order(pool, one, todo, p.threads):
            lost.counts.update(split.lost.counts)
            waiting.add({day: chunk for day, chunk in split.chunks.items() if day in wanted})
            read_rows += part.rows
            progress("events", read_rows, total)
            ends = day_of(following.first) if following is not None and following.first is not None else None
            if following is None or ends is not None:
                for day in sorted({*waiting.chunks, *waiting.spilled}):
                    if following is None or (ends is not None and day < ends):
                        while len(building) >= p.threads:
                            made.append(building.pop(0).result())
                        building.append(pool.submit(build, day, *waiting.take(day), lost.of_day(day)))
        made.extend(future.result() for future in building)
    plan.judge(lost.outside, read_rows)
    return sorted(made), lost.unusable


def _in_order(
    pool: ThreadPoolExecutor, one: Callable[[Part], Any], parts: list[Part], threads: int
) -> Iterator[tuple[Part, Part | None, Any]]:
    ahead: list[Future[Any]] = []
    following = 0
    for i, part in enumerate(parts):
        while following < len(parts) and following <= i + threads:
            ahead.append(pool.submit(one, parts[following]))
            following += 1
        yield part, parts[i + 1] if i + 1 < len(parts) else None, ahead.pop(0).result()


def month_tables(
    read: Callable[[int, int], pa.RecordBatch], shards: int, month: m.Month, clock: m.Clock, ground: m.Ground,
    expansion: Expansion, p: Parameters, steps: Any = None, *, unprotected: bool = False,
    plan: CellPlan | None = None, prior: Any = None, record_key: bytes | None = None,
) -> tuple[dict[str, pa.Table], dict[str, Any]]:  # fmt: skip
    """All tables of a month and what is to be noted about it."""
    done = steps.done if steps is not None else (lambda name: None)
    home_mcc = m.home_countries(read, shards, month.days, p)
    found = m.make_shards(read, shards, month, clock, ground, home_mcc, p)
    for shard, weights in zip(found, expansion.weigh(found), strict=True):
        shard.weights = weights
    done("stays, environment, classes")
    codes = [np.unique(cell_1km(s.xy[:, 0], s.xy[:, 1])) for s in found]
    cells = np.unique(np.concatenate(codes)) if codes else np.empty(0, np.int64)
    produced: dict[str, pa.Table] = {}
    facts: dict[str, Any] = {"devices": sum(len(s.device) for s in found)}
    if plan is not None:
        produced[CELLS_HOUR], facts["unplaced"] = presence_cells_hour(found, month, clock, ground, plan, prior=prior)
        done("presence from cells")
    if unprotected:
        produced["stays"] = m.stays_table(found, month, clock)
        produced["home"] = _homes(found)
        produced["presence"] = c.count_presence(
            found, month, clock, ground, c.Level("cell", "hour"), cells, by_class=False
        )
        done("presence")
        produced["od"] = c.count_od(found, month, clock, ground, "cell", cells, by_class=False)
        done("od")
        produced["device_days"] = m.device_days_table(found, month)
        return produced, facts
    produced["trips"] = m.trips_table(found, month, clock, ground)
    produced |= _counts(found, month, clock, ground, cells, produced["trips"], done)
    if record_key is not None:
        produced = with_cell_keys(
            produced, found, record_key, lambda: _counts(found, month, clock, ground, cells, produced["trips"])
        )
        done("cell keys")
    produced["stays"] = m.stays_table(found, month, clock)
    produced["places"] = m.places_table(found)
    produced["device_days"] = m.device_days_table(found, month)
    done("rows of devices")
    facts["nights"] = nights_of(produced["trips"], found)
    return produced, facts | {"home_mcc": [int(code) for code in home_mcc]}


def _counts(
    found: list[m.Shard], month: m.Month, clock: m.Clock, ground: m.Ground, cells: Any, trips: pa.Table,
    done: Callable[[str], None] = lambda name: None,
) -> dict[str, pa.Table]:  # fmt: skip
    counts: dict[str, pa.Table] = {}
    for level in c.LEVELS:
        if (level.area == "zone" and ground.zones is None) or (level.area == "site" and ground.sites is None):
            continue
        counts[f"presence_{level.name}"] = c.count_presence(
            found, month, clock, ground, level, cells, by_class=level.period != "month"
        )
    done("presence")
    counts["od_cell_day"] = c.count_od(found, month, clock, ground, "cell", cells)
    if ground.zones is not None:
        counts["od_zone_day"] = c.count_od(found, month, clock, ground, "zone", cells)
        counts["od_zone_month"] = c.count_od(found, month, clock, ground, "zone", cells, by_class=False, period="month")
    done("od")
    counts["trip_counts"] = c.count_trips(trips, found, month)
    return counts


def _homes(shards: list[m.Shard]) -> pa.Table:
    parts = []
    for s in shards:
        has = s.night >= 0
        at = s.night[has]
        device = s.device[has].view(np.int64)
        x, y = s.p_xy[at, 0], s.p_xy[at, 1]
        parts.append(pa.table({"device_id": device, "g": cell_1km(x, y), "night": s.p_int[at, 3], "x": x, "y": y}))
    return pa.concat_tables(parts)


def _marked(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata({**(table.schema.metadata or {}), b"allmende": UNPROTECTED.encode()})


def _write_results(store: Store, months: list[str], out: Path, *, unprotected: bool) -> None:
    if not unprotected:
        with whole(out / "counts") as new:
            new.mkdir()
            names = sorted({path.stem for month in months for path in store.block_path(month).glob("*.parquet")})
            for name in names:
                if name.startswith(("presence_", "od_")) or name == "trip_counts":
                    rows = pa.concat_tables([store.read_block(month, name) for month in months])
                    pq.write_table(rows, new / f"{name}.parquet", compression="zstd", compression_level=1)
        return
    renamed: dict[str, Callable[[pa.Table], pa.Table]] = {
        "stays": lambda t: t.rename_columns({"device": "device_id", "start": "t0", "end": "t1"}),
        "home": lambda t: t,
        "presence": lambda t: t.select(["cell", "hour", "devices"]).rename_columns(["grid1km", "h", "n"]),
        "od": lambda t: t.select(["period", "o", "d", "moves"]).rename_columns(["day", "o", "d", "n"]),
        "device_days": lambda t: t.rename_columns({"device": "device_id"}),
    }
    if months and (store.block_path(months[0]) / f"{CELLS_HOUR}.parquet").exists():
        renamed[CELLS_HOUR] = lambda t: t
    for name, rename in renamed.items():
        rows = pa.concat_tables([store.read_block(month, name) for month in months])
        if name == "home" and len(months) > 1:
            rows = rows.sort_by([("device_id", "ascending"), ("night", "descending")])
            first = np.r_[True, np.diff(rows["device_id"].to_numpy()) != 0] if rows.num_rows else np.empty(0, np.bool_)
            rows = rows.filter(pa.array(first))
        if name == "stays":
            rows = rows.set_column(1, "t0", rows_as_float(rows, "start")).set_column(
                2, "t1", rows_as_float(rows, "end")
            )
            rows = rows.rename_columns({"device": "device_id"})
            with whole(out / "stays.parquet") as new:
                pq.write_table(_marked(rows), new, **WORKED)
            continue
        with whole(out / f"{name}.parquet") as new:
            pq.write_table(_marked(rename(rows)), new, **WORKED)


def rows_as_float(table: pa.Table, name: str) -> pa.ChunkedArray:
    """A column of whole seconds as double, the form in which evaluation tools expect times."""
    return table[name].cast(pa.float64())


__all__ = ["EPOCH", "Expansion", "Result", "month_tables", "run", "shards_for"]
