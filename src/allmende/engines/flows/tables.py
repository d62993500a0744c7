"""The schema of every table between two steps, in one place, with units; and the check that names what breaks one.

``check(table, spec)`` returns violations as values; ``demand`` raises them.  A violation names the table, the column, the
first rows that break the rule and the remedy, and never a device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

US = pa.timestamp("us", tz="UTC")
MAX_ROWS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Arrow type, its unit or meaning, and what its values must keep to (bounds are inclusive)."""

    name: str
    type: pa.DataType
    unit: str
    low: float | None = None
    high: float | None = None
    optional: bool = False  # the column may be absent
    nulls: bool = False  # values may be absent
    accepts: tuple[pa.DataType, ...] = ()  # further types that are read as well


@dataclass(frozen=True, slots=True)
class Spec:
    """A table between two steps: its name, what a row is, its columns, and rules over several columns."""

    name: str
    row: str
    columns: tuple[Column, ...]
    rules: tuple[tuple[str, str, Callable[[pa.Table], pa.ChunkedArray]], ...] = field(default=())
    """(column, what is wrong and how to mend it, rows that break it as a mask)"""

    @property
    def schema(self) -> pa.Schema:
        """As an Arrow schema, units in the fields' metadata."""
        return pa.schema([pa.field(c.name, c.type, nullable=c.nulls, metadata={"unit": c.unit}) for c in self.columns])

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(c for c in self.columns if c.name == name)


@dataclass(frozen=True, slots=True)
class Violation:
    """What breaks a schema: table, column, the first rows (from 0), how many there are, and the remedy."""

    table: str
    column: str
    problem: str
    remedy: str
    rows: tuple[int, ...] = ()
    count: int = 0

    def __str__(self) -> str:
        where = ""
        if self.count:
            more = ", …" if self.count > len(self.rows) else ""
            named = f" (row {', '.join(map(str, self.rows))}{more})" if self.rows else ""
            where = f" in {self.count} rows{named}"
        return f"{self.table}.{self.column}: {self.problem}{where}. {self.remedy}"


class TableError(ValueError):
    """A table does not keep to its schema; ``violations`` says where and how to mend it."""

    def __init__(self, violations: list[Violation]) -> None:
        self.violations = violations
        super().__init__("\n".join(map(str, violations)))


def _rows(mask: pa.ChunkedArray) -> tuple[tuple[int, ...], int]:
    mask = pc.fill_null(mask, False)
    if isinstance(mask, pa.ChunkedArray):
        mask = mask.combine_chunks()
    found = pc.indices_nonzero(mask)
    return tuple(found[:MAX_ROWS_NAMED].to_pylist()), len(found)


def _column_violations(table: pa.Table, spec: Spec, column: Column) -> list[Violation]:
    if column.name not in table.column_names:
        if column.optional:
            return []
        return [
            Violation(
                spec.name,
                column.name,
                "the column is missing",
                f"Deliver it as {column.type} ({column.unit}), or name the column that holds it.",
            )
        ]
    values = table[column.name]
    if values.type != column.type and values.type not in column.accepts:
        return [
            Violation(
                spec.name,
                column.name,
                f"the type is {values.type}, not {column.type}",
                f"Cast it to {column.type} ({column.unit}).",
            )
        ]
    found: list[Violation] = []
    if not column.nulls and values.null_count:
        rows, count = _rows(pc.is_null(values))
        found.append(
            Violation(spec.name, column.name, "the value is missing", "Fill it or leave the rows out.", rows, count)
        )
    if column.low is not None or column.high is not None:
        low = -float("inf") if column.low is None else column.low
        high = float("inf") if column.high is None else column.high
        wrong = pc.or_(pc.less(values, low), pc.greater(values, high))
        if pa.types.is_floating(values.type):
            wrong = pc.or_kleene(wrong, pc.is_nan(values))
        rows, count = _rows(wrong)
        if count:
            limits = (
                f"{column.low if column.low is not None else '…'} to {column.high if column.high is not None else '…'}"
            )
            found.append(
                Violation(
                    spec.name,
                    column.name,
                    f"the value is outside {limits} ({column.unit})",
                    "Check the unit and the order of the columns.",
                    rows,
                    count,
                )
            )
    return found


def check(table: pa.Table, spec: Spec) -> list[Violation]:
    """What in ``table`` breaks ``spec``; an empty list if nothing does.  Columns beyond the schema are left alone."""
    found = [violation for column in spec.columns for violation in _column_violations(table, spec, column)]
    if found:
        return found
    for column_name, problem, broken in spec.rules:
        rows, count = _rows(broken(table))
        if count:
            what, _, remedy = problem.partition(". ")
            found.append(Violation(spec.name, column_name, what, remedy or "Leave the rows out.", rows, count))
    return found


def demand(table: pa.Table, spec: Spec) -> pa.Table:
    """The table itself, if it keeps to its schema.

    Raises:
        TableError: if it does not.
    """
    violations = check(table, spec)
    if violations:
        raise TableError(violations)
    return table


_IDS = (
    pa.int32(),
    pa.uint32(),
    pa.uint64(),
    pa.string(),
    pa.large_string(),
    pa.binary(),
    pa.dictionary(pa.int32(), pa.string()),
)
_TIMES = (
    pa.timestamp("us"),
    pa.timestamp("ms"),
    pa.timestamp("ms", tz="UTC"),
    pa.timestamp("ns"),
    pa.timestamp("ns", tz="UTC"),
    pa.timestamp("s"),
    pa.timestamp("s", tz="UTC"),
)

EVENTS = Spec(
    "events",
    "one sighting of one device, as an operator delivers it, placed by coordinates",
    (
        Column("device_id", pa.int64(), "pseudonym of the device", accepts=_IDS),
        Column("ts", US, "time of the sighting, UTC", accepts=_TIMES),
        Column("lon", pa.float64(), "degrees east, EPSG:4326", -180, 180, nulls=True, accepts=(pa.float32(),)),
        Column("lat", pa.float64(), "degrees north, EPSG:4326", -90, 90, nulls=True, accepts=(pa.float32(),)),
        Column(
            "accuracy",
            pa.float32(),
            "metres, radius of 68 % confidence",
            0,
            optional=True,
            nulls=True,
            accepts=(pa.float64(),),
        ),
        Column(
            "mcc",
            pa.int16(),
            "mobile country code of the home network, ITU-T E.212",
            0,
            999,
            optional=True,
            nulls=True,
            accepts=(pa.int32(), pa.int64()),
        ),
        Column(
            "mnc",
            pa.int16(),
            "mobile network code",
            0,
            999,
            optional=True,
            nulls=True,
            accepts=(pa.int32(), pa.int64()),
        ),
    ),
)

_CELL_IDS = (pa.int64(), pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string()))

CELL_EVENTS = Spec(
    "cell_events",
    "one sighting of one device, as an operator delivers it, placed by a cell of the cell plan",
    (
        EVENTS.columns[0],
        EVENTS.columns[1],
        Column("cell_id", pa.int32(), "cell of the plan", nulls=True, accepts=_CELL_IDS),
        EVENTS.column("mcc"),
        EVENTS.column("mnc"),
    ),
)

CELL_PLAN = Spec(
    "cell_plan",
    "one cell of the network during one time of validity",
    (
        Column("cell_id", pa.int32(), "cell of the plan", accepts=_CELL_IDS),
        Column("lon", pa.float64(), "degrees east of the antenna", -180, 180),
        Column("lat", pa.float64(), "degrees north of the antenna", -90, 90),
        Column("range_m", pa.float64(), "metres, how far the cell reaches", 1, 100_000, optional=True, nulls=True),
        Column(
            "azimuth",
            pa.float64(),
            "degrees clockwise from north; absent: omnidirectional",
            0,
            360,
            optional=True,
            nulls=True,
        ),
        Column("beam", pa.float64(), "degrees, opening of the sector", 1, 360, optional=True, nulls=True),
        Column(
            "coverage",
            pa.string(),
            "covered area as WKT, EPSG:4326",
            optional=True,
            nulls=True,
            accepts=(pa.large_string(),),
        ),
        Column("valid_from", pa.date32(), "first day of validity", optional=True, nulls=True),
        Column("valid_until", pa.date32(), "last day of validity", optional=True, nulls=True),
    ),
)

STAYS = Spec(
    "stays",
    "one device at rest",
    (
        Column("device", pa.int64(), "keyed hash of the device"),
        Column("start", pa.int64(), "seconds since 1970, UTC: when it began, as estimated"),
        Column("end", pa.int64(), "seconds since 1970, UTC: when it ended, as estimated"),
        Column("first_seen", pa.int64(), "seconds since 1970, UTC: first event"),
        Column("last_seen", pa.int64(), "seconds since 1970, UTC: last event"),
        Column("x", pa.float64(), "metres east, EPSG:3035"),
        Column("y", pa.float64(), "metres north, EPSG:3035"),
        Column("place", pa.int32(), "number of the place among the device's places", 0),
        Column("events", pa.int32(), "events at rest", 1),
        Column("observed", pa.float32(), "share of the duration that lies between the first and the last event", 0, 1),
    ),
    rules=(
        (
            "end",
            "the stay ends before it starts. Report this: it is a fault of the step",
            lambda t: pc.less(t["end"], t["start"]),
        ),
    ),
)

PLACES = Spec(
    "places",
    "one place of one device: where it stays again and again",
    (
        Column("device", pa.int64(), "keyed hash of the device"),
        Column("place", pa.int32(), "number of the place among the device's places", 0),
        Column("x", pa.float64(), "metres east, EPSG:3035"),
        Column("y", pa.float64(), "metres north, EPSG:3035"),
        Column("kind", pa.int8(), "PlaceKind", 0, 4),
        Column("days", pa.int32(), "days with a stay", 1),
        Column("nights", pa.int32(), "nights with at least three hours of stay", 0),
        Column("night_seconds", pa.int64(), "seconds of stay at night", 0),
        Column("work_seconds", pa.int64(), "seconds of stay in working hours of working days", 0),
        Column("seconds", pa.int64(), "seconds of stay", 0),
    ),
)

DEVICE_DAYS = Spec(
    "device_days",
    "one device on one local day",
    (
        Column("device", pa.int64(), "keyed hash of the device"),
        Column("day", pa.int32(), "days since 1970, local"),
        Column("visitor_class", pa.int8(), "VisitorClass", 0, 6),
        Column(
            "origin",
            pa.int32(),
            "home municipality (position in the zones) or, from abroad, 1,000,000 + MCC; -1 unknown",
        ),
        Column("night", pa.bool_(), "whether the night after this day was spent in the area"),
    ),
)

TRIPS = Spec(
    "trips",
    "one tourism trip of one device: leaving its usual environment until coming back, or until last seen",
    (
        Column("device", pa.int64(), "keyed hash of the device"),
        Column("trip", pa.int32(), "number of the trip", 0),
        Column("first_day", pa.int32(), "days since 1970, local"),
        Column("last_day", pa.int32(), "days since 1970, local"),
        Column("nights", pa.int32(), "nights spent outside the usual environment", 0),
        Column("stays", pa.int32(), "stays on the trip", 0),
        Column("places", pa.int32(), "different places visited", 0),
        Column("main_cell", pa.int64(), "1 km cell with the longest time"),
        Column("seconds", pa.int64(), "seconds of stay on the trip", 0),
    ),
)

_WEIGHTS = (
    Column("devices", pa.int64(), "different devices", 1),
    Column(
        "people_milli",
        pa.int64(),
        "people after expansion, in thousandths of a person; whole numbers add up the same in any order",
        0,
    ),
    Column(
        "people_milli2",
        pa.int64(),
        "sum of squares of the devices' weights, thousandths squared; for the uncertainty",
        0,
    ),
)

PRESENCE = Spec(
    "presence",
    "devices with a stay touching a cell in an hour, by class and origin",
    (
        Column("cell", pa.int64(), "INSPIRE cell, see grid.cell_1km or grid.cell_100m; or the number of a site"),
        Column("hour", pa.int64(), "hours since 1970, UTC"),
        Column("visitor_class", pa.int8(), "VisitorClass", 0, 6),
        Column("origin", pa.int32(), "see device_days.origin"),
        *_WEIGHTS,
    ),
)

OD = Spec(
    "od",
    "moves from one area to another, by the day on which the next stay began",
    (
        Column("period", pa.int32(), "first day of the period, days since 1970, local"),
        Column("o", pa.int64(), "area of the stay before"),
        Column("d", pa.int64(), "area of the stay after"),
        Column("visitor_class", pa.int8(), "VisitorClass", 0, 6),
        Column("moves", pa.int64(), "moves of devices", 1),
        *_WEIGHTS,
    ),
)

TRIP_COUNTS = Spec(
    "trip_counts",
    "tourism trips that ended in a month, by nights",
    (
        Column("period", pa.int32(), "first day of the month, days since 1970, local"),
        Column("nights", pa.int32(), "nights of the trip; the highest stands for so many or more", 0),
        Column("trips", pa.int64(), "trips", 1),
        *_WEIGHTS,
    ),
)

SPECS: dict[str, Spec] = {
    spec.name: spec
    for spec in (EVENTS, CELL_EVENTS, CELL_PLAN, STAYS, PLACES, DEVICE_DAYS, TRIPS, PRESENCE, OD, TRIP_COUNTS)
}
