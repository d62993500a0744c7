"""How the events are handed over: files, late events, second deliveries, wrong clocks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from allmende.engines.flows.simulate.calendar import Day
from allmende.engines.flows.simulate.events import Events, concat, shuffled, some_rows, taken
from allmende.engines.flows.simulate.profiles import Profile
from allmende.engines.flows.tables import US

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROWS = 250_000
"""Rows of a row group."""
MISSING = 0.03
"""Share of the rows that the first delivery lacks on a day that is delivered again."""


class _Writer(Protocol):
    def write_table(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


class Writer:
    """A Parquet or CSV file that is written piece by piece, in row groups of a good size."""

    def __init__(self, path: Path, schema: pa.Schema, kind: str = "parquet") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self.schema = schema
        self.rows = 0
        self._file: _Writer
        if kind == "csv":
            self._file = csv.CSVWriter(path, schema)
        else:
            repeated = [
                f.name for f in schema if f.name in ("mcc", "cell_id", "kind", "klass", "role", "visitor_class")
            ]
            self._file = pq.ParquetWriter(
                path, schema, compression="zstd", compression_level=1, use_dictionary=repeated
            )  # fmt: skip

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        self._waiting.append(table)
        self._rows += table.num_rows
        self.rows += table.num_rows
        if self._rows >= ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            table = pa.concat_tables(self._waiting).combine_chunks()
            for low in range(0, table.num_rows, ROWS):
                self._file.write_table(table.slice(low, ROWS))
            self._waiting, self._rows = [], 0

    def close(self) -> None:
        """Finish the file."""
        self._flush()
        self._file.close()


Writers = tuple[Writer | None, Writer | None]
"""Files of a day: the first delivery and the second."""


@dataclass(slots=True)
class Post:
    """The delivery in progress: files of today, and what waits for tomorrow."""

    profile: Profile
    folder: Path
    ids: pa.Array
    """Of each device, as delivered."""
    mcc: npt.NDArray[np.int16]
    late: list[Events] = field(default_factory=list)
    files: int = 0
    events: int = 0
    clock: tuple[Ints, Floats, Floats, Floats] | None = None
    """Devices whose clock is wrong today: device, from, until (seconds since 1970), seconds added."""
    _flat: Writer | None = None

    def schema(self) -> pa.Schema:
        """The columns that are delivered."""
        shape = self.profile.delivery
        columns = [pa.field("device_id", self.ids.type), pa.field("ts", US)]
        if shape.coordinates:
            columns += [pa.field("lon", pa.float64()), pa.field("lat", pa.float64())]
        if shape.accuracy:
            columns.append(pa.field("accuracy", pa.float32()))
        return pa.schema([*columns, pa.field("cell_id", pa.int32()), pa.field("mcc", pa.int16())])

    def table(self, events: Events) -> pa.Table:
        """Events as they are delivered."""
        mcc = self.mcc[events.device]
        columns = {
            "device_id": self.ids.take(pa.array(events.device)),
            "ts": pa.array(events.ts).cast(US),
            "lon": _gaps(events.lon, events.no_position),
            "lat": _gaps(events.lat, events.no_position),
            "cell_id": _gaps(events.cell, np.flatnonzero(events.cell < 0)),
            "mcc": _gaps(mcc, events.no_mcc),
            "accuracy": events.accuracy,
        }
        schema = self.schema()
        return pa.table([columns[name] for name in schema.names], schema=schema)

    def open_day(self, day: Day, number: int = 0) -> Writer | None:
        """The file of a day; None if there is only the flat one."""
        shape = self.profile.delivery
        if shape.files != "days" and self._flat is None:
            self._flat = Writer(self.folder / f"events_flat.{shape.format}", self.schema(), shape.format)
            self.files += 1
        if shape.files == "flat":
            return None
        self.files += 1
        path = self.folder / "events" / f"day={day.date}" / f"part-{number}.{shape.format}"
        return Writer(path, self.schema(), shape.format)

    def close(self) -> None:
        """Finish the delivery."""
        if self._flat is not None:
            self._flat.close()
            self._flat = None

    def set_clocks(self, devices: Ints, day: Day, rng: np.random.Generator) -> None:
        """Choose whose clock is wrong today, when and by how much."""
        share = self.profile.dirt.clock_jumps
        chosen = devices[rng.random(len(devices)) < share] if share else devices[:0]
        begin = day.start + rng.uniform(0, 20 * 3600, len(chosen))
        offset = rng.uniform(3600, 6 * 3600, len(chosen)) * rng.choice([-1, 1], len(chosen))
        until = begin + rng.uniform(2 * 3600, 8 * 3600, len(chosen))
        self.clock = (chosen, begin, until, offset) if len(chosen) else None

    def deliver(self, events: Events, writers: Writers, rng: np.random.Generator) -> None:
        """Write some events of today; keep back those that are late."""
        events = self._wrong_clocks(events)
        late = some_rows(len(events), self.profile.dirt.late, rng)
        if len(late):
            self.late.append(taken(events, late))
            on_time = np.ones(len(events), bool)
            on_time[late] = False
            events = taken(events, np.flatnonzero(on_time))
        self._write(events, writers, rng)

    def deliver_late(self, writers: Writers, rng: np.random.Generator) -> None:
        """Write what was late yesterday."""
        if self.late:
            events = concat(self.late)
            self.late = []
            self._write(events if self.profile.delivery.ordered else shuffled(events, rng), writers, rng)

    def _write(self, events: Events, writers: Writers, rng: np.random.Generator) -> None:
        if not len(events):
            return
        table = self.table(events)
        self.events += table.num_rows
        first, second = writers
        if self._flat is not None:
            self._flat.write(table)
        if second is not None:
            second.write(table)
            table = table.filter(pa.array(rng.random(len(events)) >= MISSING))
        if first is not None:
            first.write(table)

    def _wrong_clocks(self, events: Events) -> Events:
        if self.clock is None:
            return events
        device, begin, until, offset = self.clock
        at = np.minimum(np.searchsorted(device, events.device), len(device) - 1)
        rows = np.flatnonzero(device[at] == events.device)
        which, seconds = at[rows], events.ts[rows] / 1e6
        wrong = (seconds >= begin[which]) & (seconds < until[which])
        ts = events.ts.copy()
        ts[rows[wrong]] += np.rint(offset[which[wrong]]).astype(np.int64) * 1_000_000
        return replace(events, ts=ts)


def _gaps(values: npt.NDArray[np.generic], rows: Ints) -> pa.Array:
    if not len(rows):
        return pa.array(values)
    mask = np.zeros(len(values), bool)
    mask[rows] = True
    return pa.array(values, mask=mask)


def identifiers(n: int, as_text: bool, rng: np.random.Generator) -> pa.Array:
    """Different pseudonyms that say nothing about the order: numbers, or 16 hexadecimal digits."""
    numbers = rng.permutation(n).astype(np.int64) * 104_729 + 700_000_001
    if not as_text:
        return pa.array(numbers)
    mixed = numbers.astype(np.uint64)
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):  # Steele et al. 2014, SplitMix64: no two become one
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return pa.array([f"{value:016x}" for value in mixed.tolist()])
