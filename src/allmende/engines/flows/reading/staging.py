"""What operators deliver, in any form, becomes Parquet by UTC day: file by file, in bounded memory, each file once.

::

    WORK/staged/NAME_OF_THE_FILE.rows/day=YYYY-MM-DD/part-000.parquet    the rows of one delivered file
    WORK/staged/NAME_OF_THE_FILE.rows/_file.json                         what it was made of, what was left out and why

A delivered file appears there whole or not at all.  What has not changed is not read again; what is no longer delivered goes.
The folder holds the pseudonyms as delivered: it is for its owner only.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows.door import Key
from allmende.engines.flows.grid import unproject
from allmende.engines.flows.hashing import devices_through
from allmende.engines.flows.intake import IntakeError
from allmende.engines.flows.reading import sources
from allmende.engines.flows.reading.columns import chosen
from allmende.engines.flows.reading.sql import BAD, query
from allmende.engines.flows.store import fingerprint, name_of_day, whole
from allmende.engines.flows.tables import CELL_EVENTS, EVENTS, MAX_ROWS_NAMED, US, TableError, Violation, check

VERSION = 1
BATCH = 200_000
GROUP = 250_000
"""Rows that are read, and written, at a time."""
OPEN = 40
"""Days whose files are open at once."""
DAY_US = 86_400_000_000
CRS = ("EPSG:3035", "EPSG:3857", "EPSG:4326")


@dataclass(frozen=True, slots=True)
class StagedFile:
    """What became of one delivered file.  No device is named."""

    name: str
    rows: int
    good: int
    days: tuple[str, ...]
    columns: dict[str, str]
    """Column of ``tables.EVENTS`` -> column of the file."""
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Staging:
    """A delivery that the engine can read at ``path``."""

    path: Path
    files: tuple[StagedFile, ...] = ()
    """Empty if the delivery was plain Parquet and is read where it is."""
    read: tuple[str, ...] = ()
    """Files that were read this time; the others were there already."""
    hashed: bool = False
    """Whether devices went through the door here."""

    @property
    def violations(self) -> list[Violation]:
        """What was left out, file by file."""
        return [violation for file in self.files for violation in file.violations]


def staged(
    path: Path,
    work: Path,
    *,
    columns: Mapping[str, str] | None = None,
    zone: str | None = None,
    cells: bool = False,
    memory: int = 1 << 30,
    **more: Any,
) -> Path:
    """Where the engine can read the events that were delivered at ``path``; see ``stage``."""
    return stage(path, work, columns=columns, zone=zone, cells=cells, memory=memory, **more).path


def stage(
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
    progress: Callable[[str, int, int], None] | None = None,
) -> Staging:
    """Turn a delivery into Parquet by UTC day; plain Parquet that keeps to the schema is left where it is.

    Args:
        path: a file or a folder: CSV, JSON lines (both also .gz and .zst), Arrow, Parquet, mixed as they come.
        work: the folder of the run's work.
        columns: column of ``tables.EVENTS`` -> column of the delivery, where its name does not say it.
        zone: name of the time zone of times without an offset; UTC if not given.
        cells: events are placed by cells (``tables.CELL_EVENTS``).
        crs: of columns x and y: ``EPSG:3035``, ``EPSG:3857`` or ``EPSG:4326``.
        time_format: as in strptime, for times that are written in another way than those known.
        memory: bytes to keep to.
        key: of the door: no identifier is written as it was delivered.  Without one (for evaluation only) all are.

    Raises:
        IntakeError: nothing to read, or a file cannot be read.
        TableError: a column cannot be found.
    """
    if crs is not None and crs not in CRS:
        raise IntakeError(f"crs is {crs}; x and y are read in {', '.join(CRS)}. Convert them, or deliver lon and lat.")
    if zone is not None:
        ZoneInfo(zone)
    files = sources.files_at(path)
    if _plain(files, zone, CELL_EVENTS if cells else EVENTS) and not columns:
        return Staging(path)
    folder = work / "staged"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for left in folder.glob(".new-*"):
        shutil.rmtree(left, ignore_errors=True)  # of a reading that was killed
    told = (VERSION, dict(columns or {}), zone, cells, crs, time_format, None if key is None else [key.k0, key.k1])
    done: list[StagedFile] = []
    read: list[str] = []
    homes = set()
    for i, file in enumerate(files):
        if progress is not None:
            progress("reading", i, len(files))
        name = str(file.relative_to(path)) if file != path else file.name
        home = folder / (name.replace("/", "__") + ".rows")
        homes.add(home)
        print_ = fingerprint(told, _print_of(file))
        known = _known(home, print_)
        if known is None:
            job = _Job(file, name, columns, zone or "UTC", cells, crs, time_format, memory, threads, key)
            with whole(home) as new:
                known = job.into(new)
                (new / "_file.json").write_text(json.dumps({"print": print_, "file": asdict(known)}), "utf-8")
            read.append(name)
        done.append(known)
    for old in folder.iterdir():
        if old not in homes:
            shutil.rmtree(old, ignore_errors=True)
    if not any(file.good for file in done):
        raise TableError([v for file in done for v in file.violations] or _nothing(path))
    return Staging(folder, tuple(done), tuple(read), key is not None)


def staged_files(folder: Path) -> tuple[StagedFile, ...]:
    """What is known of the files that were staged in a folder; none if it is a plain delivery."""
    if not folder.is_dir():
        return ()
    return tuple(_staged_file(json.loads(p.read_text("utf-8"))["file"]) for p in sorted(folder.glob("*/_file.json")))


def _nothing(path: Path) -> list[Violation]:
    return [Violation("events", "*", f"{path.name} holds no rows", "Deliver it again.")]


def _plain(files: list[Path], zone: str | None, spec: Any) -> bool:
    """Whether the engine can read the files as they are."""
    if any(file.suffix != ".parquet" for file in files):
        return False
    for file in files:
        try:
            schema = pq.read_schema(file)
        except (pa.ArrowInvalid, OSError) as error:
            raise IntakeError(
                f"{file}: cannot be read as Parquet ({error}). Deliver it again, or leave it out."
            ) from None
        if check(schema.empty_table(), spec):
            return False
        if zone not in (None, "UTC") and schema.field("ts").type.tz is None:
            return False
    return True


def _print_of(file: Path) -> list[Any]:
    stat = file.stat()
    with file.open("rb") as stream:
        digest = hashlib.blake2b(stream.read(1 << 16), digest_size=16)
        stream.seek(max(0, stat.st_size - (1 << 16)))
        digest.update(stream.read())
    return [stat.st_size, stat.st_mtime_ns, digest.hexdigest()]


def _known(home: Path, print_: str) -> StagedFile | None:
    try:
        found = json.loads((home / "_file.json").read_text("utf-8"))
        return _staged_file(found["file"]) if found["print"] == print_ else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _staged_file(value: dict[str, Any]) -> StagedFile:
    violations = tuple(Violation(**{**v, "rows": tuple(v["rows"])}) for v in value["violations"])
    return StagedFile(**{**value, "days": tuple(value["days"]), "violations": violations})


class _WordedIds(Exception):
    """Devices that looked like whole numbers are texts after all."""


@dataclass(frozen=True, slots=True)
class _Job:
    file: Path
    name: str
    columns: Mapping[str, str] | None
    zone: str
    cells: bool
    crs: str | None
    time_format: str | None
    memory: int
    threads: int
    key: Key | None

    def into(self, folder: Path) -> StagedFile:
        """Read the file into the folder."""
        try:
            return self._read(folder, whole_ids=True)
        except _WordedIds:
            shutil.rmtree(folder, ignore_errors=True)
            return self._read(folder, whole_ids=False)

    def _read(self, folder: Path, *, whole_ids: bool) -> StagedFile:
        folder.mkdir()
        con = sources.connect(self.memory // 2, folder / ".spill", self.threads)
        try:
            con.execute(f"SET TimeZone = {sources.literal(self.zone)}")
            with sources.opened(con, self.file) as source:
                found = chosen(
                    list(source.types), self.columns, cells=self.cells, crs=self.crs, file=self.name
                )  # fmt: skip
                sql = query(source, found, whole_ids=whole_ids, time_format=self.time_format)
                days = _Days(folder, self.memory // 8)
                tally = _Tally(self.name, source.first_row)
                for batch in con.sql(sql).to_arrow_reader(BATCH):
                    self._take(pa.Table.from_batches([batch]), days, tally)
                days.close()
                violations = tally.violations(_torn(con, self.name, self.file))
        finally:
            con.close()
            shutil.rmtree(folder / ".spill", ignore_errors=True)
        torn = sum(v.count for v in violations if v.column == "*")
        return StagedFile(self.name, tally.rows + torn, days.rows, tuple(sorted(days.names)), found, violations)

    def _take(self, table: pa.Table, days: _Days, tally: _Tally) -> None:
        if "worded" in table.column_names:
            if np.asarray(table["worded"].combine_chunks().to_numpy(zero_copy_only=False)).any():
                raise _WordedIds
            table = table.drop_columns(["worded"])
        bad = table["bad"].to_numpy()
        tally.add(bad)
        table = table.drop_columns(["bad"])
        if bad.any():
            table = table.filter(pa.array(bad == 0))
        ts = table["ts"].to_numpy()
        table = table.set_column(table.column_names.index("ts"), "ts", pa.array(ts, pa.int64()).cast(US))
        if "x" in table.column_names:
            x, y = (table[name].cast(pa.float64()).to_numpy() for name in ("x", "y"))
            lon, lat = _degrees(x, y, str(self.crs))
            table = (
                table.drop_columns(["x", "y"]).append_column("lon", pa.array(lon)).append_column("lat", pa.array(lat))
            )
        days.add(devices_through(table, self.key), ts // DAY_US)


def _degrees(x: Any, y: Any, crs: str) -> tuple[Any, Any]:
    if crs == "EPSG:4326":
        return x, y
    if crs == "EPSG:3857":
        radius = 6_378_137.0
        return np.degrees(x / radius), np.degrees(2 * np.arctan(np.exp(y / radius)) - np.pi / 2)
    return unproject(x, y)


def _torn(con: duckdb.DuckDBPyConnection, name: str, file: Path) -> tuple[list[int], Violation | None]:
    """Lines of a CSV that are no rows at all."""
    if sources.kind_of(file) != "csv":
        return [], None
    lines = sorted(row[0] for row in con.execute("SELECT DISTINCT line FROM reject_errors").fetchall())
    if not lines:
        return [], None
    more = "at least so many, " if len(lines) >= sources.REJECTS else ""
    problem = f"the line is torn or has too many columns ({more}lines of {name}, the first is 1)"
    remedy = "Write texts with the delimiter in quotes, one row a line."
    return lines, Violation("events", "*", problem, remedy, tuple(lines[:MAX_ROWS_NAMED]), len(lines))


class _Tally:
    """Which rows of a file were left out, and why."""

    def __init__(self, name: str, first_row: int) -> None:
        self.name, self.first_row, self.rows = name, first_row, 0
        self.counts = dict.fromkeys(BAD, 0)
        self.examples: dict[int, list[int]] = {code: [] for code in BAD}

    def add(self, bad: Any) -> None:
        if bad.any():
            for code in np.unique(bad[bad > 0]).tolist():
                at = np.flatnonzero(bad == code)
                self.counts[code] += len(at)
                room = MAX_ROWS_NAMED - len(self.examples[code])
                self.examples[code] += (at[: max(room, 0)] + self.rows).tolist()
        self.rows += len(bad)

    def violations(self, torn: tuple[list[int], Violation | None]) -> tuple[Violation, ...]:
        lines, violation = torn
        counted = (
            f"rows of {self.name}, the first is 0" if self.first_row == 0 else f"lines of {self.name}, the first is 1"
        )
        found = [] if violation is None else [violation]
        for code, count in self.counts.items():
            if count:
                column, problem, remedy = BAD[code]
                rows = tuple(_line(row + self.first_row, lines) for row in self.examples[code])
                found.append(Violation("events", column, f"{problem} ({counted})", remedy, rows, count))
        return tuple(found)


def _line(line: int, torn: list[int]) -> int:
    for left_out in torn:
        if left_out > line:
            break
        line += 1
    return line


class _Days:
    """Parquet files of days that are written piece by piece; how much waits in memory is bounded."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit, self.waiting_bytes, self.rows = folder, limit, 0, 0
        self.waiting: dict[int, list[pa.Table]] = {}
        self.open: OrderedDict[int, pq.ParquetWriter] = OrderedDict()
        self.parts: dict[int, int] = {}
        self.names: set[str] = set()

    def add(self, table: pa.Table, day: Any) -> None:
        self.rows += table.num_rows
        if not table.num_rows:
            return
        if day[0] != day[-1] or (day != day[0]).any():
            order = np.argsort(day, kind="stable")
            table, day = table.take(pa.array(order)), day[order]
        starts = np.flatnonzero(np.r_[True, day[1:] != day[:-1]])
        for a, b in zip(starts, [*starts[1:], len(day)], strict=True):
            part = table.slice(int(a), int(b - a))
            self.waiting.setdefault(int(day[a]), []).append(part)
            self.waiting_bytes += part.nbytes
            if sum(t.num_rows for t in self.waiting[int(day[a])]) >= GROUP:
                self._write(int(day[a]))
        if self.waiting_bytes > self.limit:
            for d in sorted(self.waiting):
                self._write(d)

    def _write(self, day: int) -> None:
        table = pa.concat_tables(self.waiting.pop(day)).combine_chunks()
        self.waiting_bytes -= table.nbytes
        if day not in self.open:
            if len(self.open) >= OPEN:
                self.open.popitem(last=False)[1].close()
            name = name_of_day(day)
            self.names.add(name)
            part = self.parts.get(day, 0)
            self.parts[day] = part + 1
            home = self.folder / f"day={name}"
            home.mkdir(exist_ok=True)
            repeated = [n for n in ("mcc", "mnc", "cell_id") if n in table.column_names]
            repeated += ["device_id"] if not pa.types.is_integer(table.schema.field("device_id").type) else []
            self.open[day] = pq.ParquetWriter(
                home / f"part-{part:03d}.parquet", table.schema, compression="zstd", compression_level=1,
                use_dictionary=repeated,
            )  # fmt: skip
        self.open.move_to_end(day)
        self.open[day].write_table(table, row_group_size=GROUP)

    def close(self) -> None:
        for day in sorted(self.waiting):
            self._write(day)
        self.waiting_bytes = 0
        for writer in self.open.values():
            writer.close()
