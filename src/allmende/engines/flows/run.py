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

import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows import months as m
from allmende.engines.flows.days import DayQuality, Key, pieces_of_day
from allmende.engines.flows.grid import cell_1km
from allmende.engines.flows.intake import (
    Chunk,
    IntakeError,
    Part,
    days_between,
    parquet_files,
    parts_of,
    read_part,
    split_by_day,
)
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.store import EPOCH, Store, file_fingerprint, fingerprint, name_of_day, whole
from allmende.engines.flows.tables import CELL_EVENTS, EVENTS

VERSION = 4
"""Raised when a step changes what it computes: what was kept of an older version is then made again."""

Progress = Callable[[str, int, int], None]
"""Called with the step, how much is done, and of how much (events, or months)."""
UNPROTECTED = (
    "UNPROTECTED: rows of single devices or counts without disclosure control. For evaluation only; never publish."
)
FAR_PAST, FAR_FUTURE = 0, 40_000
LONGEST = 4000
"""Days that one delivery may span; more is taken for a wrong unit of time."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """How devices become people: a function from shards to weights, and what it was made of (for the fingerprint)."""

    weigh: m.Weigher = m.unexpanded
    made_of: str = "none"


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
    unprotected: bool = False,
    memory: int = 4 << 30,
    progress: Progress = _no_progress,
) -> Result:
    """Events to counts.

    Args:
        events: a Parquet file or a folder of them (``tables.EVENTS``); CSV and others go through ``reading`` first.
        out: the folder of results; what it holds of an earlier run is gone on with.
        key: the key of the door; required unless ``unprotected``.
        ground: zones, the area studied and sites; without it everything is the area.
        located: turns a table with cells into one with coordinates (see ``cellplan``).
        memory: bytes that may be used for waiting events before they are put on disk.

    Raises:
        IntakeError: nothing to read, or a file cannot be read.
        TableError: a file breaks the schema of events.
    """
    p = parameters or Parameters()
    ground = ground or m.Ground()
    expansion = expansion or Expansion()
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

    made, unusable = _make_days(parts, prints, base, store, p, key, located, memory, progress)
    days = store.days()
    if not days:
        raise IntakeError(f"{events}: no event can be used. Check the columns for time and place and their units.")
    steps.done("events to pieces")

    clock = m.Clock.of(p.timezone, days[0], days[-1])
    months = m.months_of(days, clock, p)
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
        )
        if store.block_key(month.name) == block:
            continue
        produced, facts = month_tables(
            store.read_shard, shards, month, clock, ground, expansion, p, steps, unprotected=unprotected
        )
        store.write_block(month.name, block, produced, facts)
        months_made.append(month.name)
        steps.done("write")
    store.keep_blocks(month.name for month in months)
    progress("months", len(months), len(months))
    _write_results(store, [month.name for month in months], out, unprotected=unprotected)
    quality = _total([store.quality(day) for day in days])
    result = Result(
        out, [name_of_day(d) for d in days], [month.name for month in months], [name_of_day(d) for d in made], months_made,
        quality.delivered, quality, unusable, time.perf_counter() - began, _cpu() - cpu0,
    )  # fmt: skip
    steps.done("write")
    result.steps.update(steps.times)
    _write_summary(result, store, months, p, prints, unprotected=unprotected)
    return result


def shards_for(rows: int, p: Parameters) -> int:
    """How many shards keep what is in memory at once small; more rows, more shards, by powers of two."""
    shards = p.shards
    while rows / shards > 16_000_000:
        shards *= 2
    return shards


def _cpu() -> float:
    return time.process_time()


def _total(qualities: list[DayQuality]) -> DayQuality:
    return DayQuality(*(sum(getattr(q, name) for q in qualities) for name in DayQuality.__dataclass_fields__))


class _Waiting:
    """Events that wait until their day is complete; on disk when there are too many for the memory."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit, self.bytes = folder, limit, 0
        self.chunks: dict[int, list[Chunk]] = {}
        self.spilled: set[int] = set()

    def add(self, split: dict[int, Chunk]) -> None:
        for day, chunk in split.items():
            self.chunks.setdefault(day, []).append(chunk)
            self.bytes += chunk.bytes
        if self.bytes > self.limit:
            self._spill()

    def _spill(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for day, chunks in self.chunks.items():
            for name in Chunk.__dataclass_fields__:
                with (self.folder / f"{day}.{name}").open("ab") as file:
                    for chunk in chunks:
                        np.ascontiguousarray(getattr(chunk, name)).tofile(file)
            self.spilled.add(day)
        self.chunks.clear()
        self.bytes = 0

    def take(self, day: int) -> list[Chunk]:
        """All events of a day, which then no longer wait."""
        chunks = self.chunks.pop(day, [])
        self.bytes -= sum(chunk.bytes for chunk in chunks)
        if day in self.spilled:
            types = (np.uint64, np.int32, np.int32, np.int32, np.int16)
            columns = []
            for name, kind in zip(Chunk.__dataclass_fields__, types, strict=True):
                path = self.folder / f"{day}.{name}"
                columns.append(np.fromfile(path, kind))
                path.unlink()
            chunks.insert(0, Chunk(*columns))
            self.spilled.discard(day)
        return chunks


def _make_days(
    parts: list[Part], prints: dict[str, str], base: str, store: Store, p: Parameters, key: Key | None,
    located: Callable[[pa.Table], pa.Table] | None, memory: int, progress: Progress,
) -> tuple[list[int], int]:  # fmt: skip
    bounds = days_between(parts)
    lo, hi = bounds if bounds else (FAR_PAST, FAR_FUTURE)
    if bounds and hi - lo > LONGEST:
        raise IntakeError(
            f"The times span {hi - lo} days, from {name_of_day(lo)} to {name_of_day(hi)}. Check the unit of the column ts."
        )
    keys: dict[int, str] = {}
    if bounds:
        touching: dict[int, list[tuple[str, int]]] = {day: [] for day in range(lo, hi + 1)}
        for part in parts:
            for day in range(_day(part.first), _day(part.last) + 1):
                touching[day].append((prints[part.path], part.group))
        keys = {day: fingerprint(base, sorted(found)) for day, found in touching.items() if found}
        wanted = {day for day, made_of in keys.items() if store.day_key(day) != made_of}
    else:
        whole_key = fingerprint(base, sorted(prints.values()))
        known = store.days()
        wanted = set() if known and all(store.day_key(day) == whole_key for day in known) else set(range(lo, hi + 1))
    todo = [
        part
        for part in parts
        if part.first is None or any(d in wanted for d in range(_day(part.first), _day(part.last) + 1))
    ]
    waiting = _Waiting(store.folder / "spool", memory // 3)
    total, read_rows, unusable = sum(part.rows for part in todo), 0, 0
    made: list[int] = []
    with ThreadPoolExecutor(p.threads) as pool:
        building: list[Future[int]] = []

        def build(day: int, chunks: list[Chunk]) -> int:
            batches, quality = pieces_of_day(chunks, store.shards, p, key)
            store.write_day(day, keys.get(day, "" if bounds else whole_key), batches, quality)
            return day

        def one(part: Part) -> tuple[dict[int, Chunk], int]:
            return split_by_day(read_part(part, located=located), lo, hi - lo + 1, max_accuracy=p.max_accuracy)

        for part, following, (split, bad) in _in_order(pool, one, todo, p.threads):
            unusable += bad
            waiting.add({day: chunk for day, chunk in split.items() if day in wanted})
            read_rows += part.rows
            progress("events", read_rows, total)
            ends = _day(following.first) if following is not None and following.first is not None else None
            if following is None or ends is not None:
                for day in sorted({*waiting.chunks, *waiting.spilled}):
                    if following is None or (ends is not None and day < ends):
                        while len(building) >= p.threads:
                            made.append(building.pop(0).result())
                        building.append(pool.submit(build, day, waiting.take(day)))
        made.extend(future.result() for future in building)
    if bounds or wanted:
        for day in store.days():
            if (bounds and day not in keys) or (not bounds and day not in made):
                store.drop_day(day)
    for day in wanted - set(made):
        if day in keys:
            store.drop_day(day)  # announced by the file's bounds, but nothing of it can be used
    return sorted(made), unusable


def _day(micros: int | None) -> int:
    return (micros or 0) // 86_400_000_000


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
    if unprotected:
        produced["stays"] = m.stays_table(found, month, clock)
        produced["home"] = _homes(found)
        produced["presence"] = m.count_presence(
            found, month, clock, ground, m.Level("cell", "hour"), cells, by_class=False
        )
        done("presence")
        produced["od"] = m.count_od(found, month, clock, ground, "cell", cells, by_class=False)
        done("od")
        produced["device_days"] = m.device_days_table(found, month)
        return produced, {"devices": sum(len(s.device) for s in found)}
    for level in m.LEVELS:
        if (level.area == "zone" and ground.zones is None) or (level.area == "site" and ground.sites is None):
            continue
        produced[f"presence_{level.name}"] = m.count_presence(found, month, clock, ground, level, cells)
    done("presence")
    produced["od_cell_day"] = m.count_od(found, month, clock, ground, "cell", cells)
    if ground.zones is not None:
        produced["od_zone_day"] = m.count_od(found, month, clock, ground, "zone", cells)
    done("od")
    produced["trips"] = m.trips_table(found, month, clock, ground)
    produced["stays"] = m.stays_table(found, month, clock)
    produced["places"] = m.places_table(found)
    produced["device_days"] = m.device_days_table(found, month)
    done("trips and rows of devices")
    return produced, {"devices": sum(len(s.device) for s in found), "home_mcc": [int(code) for code in home_mcc]}


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
                if name.startswith(("presence_", "od_")):
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
                pq.write_table(_marked(rows), new, compression="zstd", compression_level=1)
            continue
        with whole(out / f"{name}.parquet") as new:
            pq.write_table(_marked(rename(rows)), new, compression="zstd", compression_level=1)


def rows_as_float(table: pa.Table, name: str) -> pa.ChunkedArray:
    """A column of whole seconds as double, the form in which evaluation tools expect times."""
    return table[name].cast(pa.float64())


def _write_summary(
    result: Result, store: Store, months: list[m.Month], p: Parameters, prints: dict[str, str], *, unprotected: bool
) -> None:
    from allmende import __version__  # the package's root knows all of its parts

    summary = {
        "unprotected": UNPROTECTED if unprotected else "",
        "quality": asdict(result.quality) | {"unusable_in_this_run": result.unusable},
        "days": result.days,
        "months": {month.name: store.block_facts(month.name) for month in months},
        "lineage": {
            "version": __version__,
            "steps": VERSION,
            "parameters": asdict(p),
            "parameters_digest": p.digest(),
            "input": {Path(path).name: digest for path, digest in sorted(prints.items())}
            if len(prints) < 1000
            else {"files": len(prints)},
        },
    }
    with whole(result.out / "summary.json") as new:
        new.write_text(json.dumps(summary, indent=1, sort_keys=True, default=str) + "\n", "utf-8")
    os.utime(result.out)


__all__ = ["EPOCH", "Expansion", "Result", "month_tables", "run", "shards_for"]
