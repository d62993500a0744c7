"""What is in a delivery, before it is run: how much, how complete, what looks wrong, and what a run would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows.cleaning import begin_of
from allmende.engines.flows.door import Key, Secret
from allmende.engines.flows.intake import Part, parquet_files, parts_of
from allmende.engines.flows.reading.sources import connect, literal
from allmende.engines.flows.reading.staging import Staging, stage
from allmende.engines.flows.tables import CELL_EVENTS, EVENTS, TableError, Violation

EVENTS_PER_CPU_SECOND = 1_000_000
"""All steps on one core; measured by ``bench/flows``, see docs/reference/measurements.md."""
BYTES_PER_EVENT, BASE_BYTES = 44, 300 << 20
"""In memory: of the busiest day twice, once as read and once by device; and what is there without any event."""
SAMPLE = 2_000_000
"""Events of whole devices that are looked at for duplicates."""
NAMED = 10
EUROPE = (-35.0, 45.0, 25.0, 73.0)
"""Degrees in which the grid (EPSG:3035) is used: west, east, south, north."""
FIRST_HOUR, LAST_HOUR = 175_320, 1_139_568
"""1990 and 2100, hours since 1970."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A delivery in figures.  Shares are of the rows if nothing else is said; days and hours are UTC."""

    files: int
    rows: int
    bytes: int
    devices: int
    first: str
    last: str
    """ISO 8601."""
    days: dict[str, int]
    """Day -> events."""
    missing_days: tuple[str, ...]
    missing_hours: int
    """Hours between the first and the last event without any event."""
    without_place: float
    outside: float
    """Coordinates that cannot be, or lie outside Europe (where the grid is)."""
    duplicates: float
    """The same device, second and place again; of a sample of devices."""
    in_order: float
    """Steps from row to row that do not go back in time; of a sample of the files."""
    ordered_parts: bool
    """Whether the row groups follow each other in time, so that days can be finished one after the other."""
    countries: dict[int, float]
    """Country code -> share, the most frequent ones; -1: unknown."""
    events_per_device_day: dict[str, float]
    """Quantiles: ``p10`` ``p50`` ``p90`` ``p99`` ``max``."""
    late: float
    """In a file named after a later day; of the files that are named after a day, at most."""
    cpu_seconds: float
    memory: int
    """Bytes that a run is likely to need at its peak."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Facts (none if the delivery cannot be read) and what is wrong, with remedies.  No device is named."""

    facts: Facts | None
    violations: list[Violation] = field(default_factory=list)
    path: Path | None = None
    """Where the engine can read the delivery."""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "facts": None if self.facts is None else asdict(self.facts),
            "violations": [asdict(v) for v in self.violations],
        }


def check(
    path: Path,
    work: Path,
    *,
    columns: Mapping[str, str] | None = None,
    zone: str | None = None,
    cells: bool = False,
    crs: str | None = None,
    time_format: str | None = None,
    memory: int = 1 << 30,
    threads: int = 2,
    key: Key | None = None,
) -> Checked:
    """Look at a delivery as a run would read it; what is no plain Parquet is staged in ``work``, where a run with
    the same ``key`` of the door finds it (without one, devices are hashed under a key that nobody keeps).

    Raises:
        IntakeError: nothing to read, or a file cannot be read.
    """
    try:
        staging = stage(
            path, work, columns=columns, zone=zone, cells=cells, crs=crs, time_format=time_format, memory=memory,
            threads=threads, key=key or Secret.random().device_key(),
        )  # fmt: skip
        parts = parts_of(parquet_files(staging.path), CELL_EVENTS if cells else EVENTS)
    except TableError as error:
        return Checked(None, error.violations)
    con = connect(memory, work / ".spill", threads)
    try:
        con.execute("SET TimeZone = 'UTC'")
        found = _facts(con, staging, parts, cells=cells, zone=zone or "UTC")
    finally:
        con.close()
    if isinstance(found, Violation):
        return Checked(None, [*staging.violations, found], staging.path)
    return Checked(found[0], [*staging.violations, *found[1]], staging.path)


def _facts(
    con: duckdb.DuckDBPyConnection, staging: Staging, parts: list[Part], *, cells: bool, zone: str
) -> tuple[Facts, list[Violation]] | Violation:
    files = sorted({part.path for part in parts})
    listed = "[" + ", ".join(map(literal, files)) + "]"
    names = set.intersection(*(set(pq.read_schema(file).names) for file in files)) if files else set()
    source = f"read_parquet({listed}, union_by_name=true, hive_partitioning=false)"
    con.execute(f"CREATE VIEW e AS SELECT *, epoch_us(ts) // 3600000000 AS h FROM {source}")  # noqa: S608 paths in quotes
    hours = con.execute("SELECT h, count(*) FROM e WHERE ts IS NOT NULL GROUP BY h ORDER BY h").fetchall()
    rows = sum(part.rows for part in parts)
    sane = [(h, n) for h, n in hours if FIRST_HOUR <= h < LAST_HOUR]
    timeless = rows - sum(n for _, n in sane)
    if not sane:
        remedy = "Check the unit of the column ts."
        return Violation("events", "ts", "no time lies between 1990 and 2100", remedy, count=rows)
    days: dict[int, int] = {}
    for h, n in sane:
        days[h // 24] = days.get(h // 24, 0) + n
    west, east, south, north = EUROPE
    if cells:
        bad_place, outside, swapped = int(_one(con, "SELECT count(*) FROM e WHERE cell_id IS NULL")), 0, 0
    else:
        here = f"lon BETWEEN {west} AND {east} AND lat BETWEEN {south} AND {north}"
        turned = f"lat BETWEEN {west} AND {east} AND lon BETWEEN {south} AND {north}"
        counts = ("lon IS NULL OR lat IS NULL", f"NOT ({here})", f"NOT ({here}) AND {turned}")
        selected = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in counts)
        bad_place, outside, swapped = con.execute(f"SELECT {selected} FROM e").fetchall()[0]  # noqa: S608 own words
    countries = {}
    if "mcc" in names:
        found = con.execute("SELECT coalesce(mcc, -1) m, count(*) n FROM e GROUP BY m ORDER BY n DESC, m").fetchall()
        countries = {int(m): round(n / rows, 6) for m, n in found[:NAMED]}
    quantiles = con.execute(
        "SELECT quantile_cont(n, [0.1, 0.5, 0.9, 0.99]), max(n), count(DISTINCT device_id) FROM "
        "(SELECT device_id, h // 24 AS day, count(*) AS n FROM e WHERE device_id IS NOT NULL GROUP BY ALL)"
    ).fetchall()[0]
    facts = Facts(
        files=len(staging.files) or len(files),
        rows=rows,
        bytes=sum(Path(file).stat().st_size for file in files),
        devices=int(quantiles[2]),
        first=_moment(sane[0][0]),
        last=_moment(sane[-1][0]),
        days={_day(day): n for day, n in sorted(days.items())},
        missing_days=tuple(_day(d) for d in range(min(days), max(days)) if d not in days),
        missing_hours=sane[-1][0] - sane[0][0] + 1 - len(sane),
        without_place=bad_place / max(rows, 1),
        outside=outside / max(rows, 1),
        duplicates=_duplicates(con, rows, "cell_id" if cells else "lon, lat"),
        in_order=_in_order(parts),
        ordered_parts=_ordered(parts),
        countries=countries,
        events_per_device_day={
            **dict(zip(("p10", "p50", "p90", "p99"), map(float, quantiles[0]), strict=True)), "max": float(quantiles[1])
        },
        late=_late(con, parts, zone),
        cpu_seconds=rows / EVENTS_PER_CPU_SECOND,
        memory=BASE_BYTES + (max(days.values()) if _ordered(parts) else rows) * BYTES_PER_EVENT,
    )  # fmt: skip
    return facts, _wrong(facts, timeless, swapped)


def _wrong(facts: Facts, timeless: int, swapped: int) -> list[Violation]:
    found = []

    def say(column: str, problem: str, remedy: str, count: int = 0) -> None:
        found.append(Violation("events", column, problem, remedy, count=count))

    if timeless:
        say(
            "ts", "the time is missing, or lies before 1990 or after 2100", "Check the unit of the column ts.", timeless
        )
    if swapped > 0.5 * facts.rows:
        say("lon", "longitude and latitude seem to be exchanged", "Name the columns the other way round.", swapped)
    elif facts.outside > 0.01:
        n = round(facts.outside * facts.rows)
        say("lon", "the place lies outside Europe", "Check the unit and the order of the columns.", n)
    if facts.without_place > 0.05:
        n = round(facts.without_place * facts.rows)
        say("lon", "the place is missing", "Deliver it, or leave such rows out.", n)
    if facts.missing_days:
        named = ", ".join(facts.missing_days[:NAMED])
        say("ts", f"{len(facts.missing_days)} days have no events ({named})", "Deliver them.")
    usual = float(np.median(list(facts.days.values())))
    thin = [day for day, n in list(facts.days.items())[1:-1] if n < 0.5 * usual]
    if thin:
        say("ts", f"days have less than half the usual events ({', '.join(thin[:NAMED])})", "Deliver them again.")
    if facts.duplicates > 0.05:
        say(
            "device_id",
            f"{facts.duplicates:.0%} of the events are there twice",
            "They are left out; deliver them once.",
        )
    if facts.countries.get(-1, 0.0) > 0.05 or not facts.countries:
        say(
            "mcc", "the home network is not told", "Deliver mcc: without it visitors from abroad are not known as such."
        )
    return found


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return con.execute(sql).fetchall()[0][0]


def _duplicates(con: duckdb.DuckDBPyConnection, rows: int, place: str) -> float:
    every = max(1, rows // SAMPLE)
    group = f"device_id, epoch_us(ts) // 1000000, {place}"
    seen = f"SELECT count(*) AS n FROM e WHERE hash(device_id) % {every} = 0 GROUP BY {group}"  # noqa: S608 own words
    total, different = con.execute(f"SELECT coalesce(sum(n), 0), count(*) FROM ({seen})").fetchall()[0]  # noqa: S608
    return float(1 - different / total) if total else 0.0


def _in_order(parts: list[Part]) -> float:
    """Of up to eight row groups, spread over the delivery."""
    steps = forward = 0
    for i in sorted({round(x) for x in np.linspace(0, len(parts) - 1, 8)}) if parts else []:
        with pq.ParquetFile(parts[i].path) as file:
            ts = file.read_row_group(parts[i].group, columns=["ts"])["ts"].drop_null().cast(pa.int64()).to_numpy()
        steps += max(len(ts) - 1, 0)
        forward += int((np.diff(ts) >= 0).sum())
    return forward / steps if steps else 1.0


def _ordered(parts: list[Part]) -> bool:
    """Whether few row groups reach over more than two days."""
    wide = sum(p.rows for p in parts if p.first is None or p.last is None or p.last - p.first > 2 * 86_400_000_000)
    return wide <= 0.05 * sum(p.rows for p in parts)


def _late(con: duckdb.DuckDBPyConnection, parts: list[Part], zone: str) -> float:
    named = {p.path: begin_of(p.date, zone) for p in parts if p.date is not None}
    early = {p.path for p in parts if p.path in named and (p.first is None or p.first < named[p.path])}
    rows = sum(p.rows for p in parts if p.path in named)
    late = sum(
        _one(con, f"SELECT count(*) FROM read_parquet({literal(path)}) WHERE epoch_us(ts) < {named[path]}")  # noqa: S608
        for path in sorted(early)
    )
    return late / rows if rows else 0.0


def _day(day: int) -> str:
    return str(date(1970, 1, 1) + timedelta(day))


def _moment(hour: int) -> str:
    return f"{_day(hour // 24)}T{hour % 24:02d}Z"
