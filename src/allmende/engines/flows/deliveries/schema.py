"""The declared schema of a delivery: its columns, units, time zone, and how a figure that was held back is marked.

A schema is a JSON or TOML file::

    name = "presence_north"            # what violations call the delivery
    row = "people in an area and hour" # what one row is
    timezone = "Europe/Berlin"         # of days and hours
    missing = ["", "NA"]               # texts for "not known" in a dimension
    absent = "zero"                    # what a row that is not there means: zero, suppressed or unknown

    [[suppressed]]                     # how figures are held back: the text, and the interval it stands for
    marker = "<5"
    low = 1
    high = 4

    [[columns]]
    name = "people"                    # as delivered; aliases = [...] for other spellings
    role = "measure"                   # day, hour, area, origin, destination, dimension, measure
    unit = "people"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FOLDER = Path(__file__).parent / "declared"
ROLES = ("day", "hour", "area", "origin", "destination", "dimension", "measure")
AREAS = ("area", "origin", "destination")
ABSENT = ("zero", "suppressed", "unknown")
DELIMITERS = (",", ";", "|", "\t")


class SchemaError(ValueError):
    """A schema cannot be used; the message names the file, the entry and what it may be."""


@dataclass(frozen=True, slots=True)
class DeliveryColumn:
    """One column of a delivery."""

    name: str
    role: str
    unit: str = ""
    to: str = ""
    """Its name in the table that is read; the role, for dimensions and measures the name, if not given."""
    aliases: tuple[str, ...] = ()
    format: str = "%Y-%m-%d"
    """Of a day, as ``strptime`` has it; ISO 8601 is read in any case."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Of a dimension: the texts that may occur and what they mean; empty: any."""
    also: tuple[str, ...] = ()
    """Of an area: codes beyond the areas', such as "abroad"."""
    optional: bool = False
    """The column may be absent."""
    nulls: bool = False
    """The value may be missing."""
    low: float = 0.0
    """Of a measure: the least value."""

    @property
    def output(self) -> str:
        """The name in the table that is read."""
        return self.to or (self.name if self.role in ("dimension", "measure") else self.role)


@dataclass(frozen=True, slots=True)
class Marker:
    """A text in place of a figure, and the interval it stands for (``high`` infinite: not known)."""

    marker: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Schema:
    """What a delivery has to look like."""

    name: str
    row: str
    columns: tuple[DeliveryColumn, ...]
    timezone: str = "UTC"
    decimal: str = "."
    missing: tuple[str, ...] = ("",)
    suppressed: tuple[Marker, ...] = ()
    absent: str = "unknown"
    rounding: float = 0.0
    """How far a figure may be from the true one by rounding alone, in its unit."""
    credit: str = ""

    def __post_init__(self) -> None:
        if not any(column.role == "measure" for column in self.columns):
            raise SchemaError(f"{self.name}: columns: none has the role measure. Say which column holds the figures.")
        outputs = [column.output for column in self.columns]
        twice = sorted({output for output in outputs if outputs.count(output) > 1})
        if twice:
            raise SchemaError(
                f"{self.name}: columns: {', '.join(twice)} is there twice. Give one of them another 'to'."
            )

    def role(self, role: str) -> tuple[DeliveryColumn, ...]:
        """The columns with a role."""
        return tuple(column for column in self.columns if column.role == role)


def declared() -> dict[str, Schema]:
    """The schemas that come with the engine, by name."""
    return {path.stem: read_schema(path) for path in sorted(FOLDER.glob("*.json"))}


def read_schema(source: Path | str | Mapping[str, Any]) -> Schema:
    """A schema from a file (``.json`` or ``.toml``), a mapping, or by the name of one in ``declared``.

    Raises:
        SchemaError: if it cannot be read or an entry cannot be.
    """
    if isinstance(source, str):
        path = FOLDER / f"{source}.json"
        if not source.isidentifier() or not path.is_file():
            known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.json")))
            raise SchemaError(f"There is no schema {source!r}. There are {known}; or name a file.")
        source = path
    where = source.name if isinstance(source, Path) else "schema"
    content = _content(source) if isinstance(source, Path) else source
    try:
        return _schema(content, where)
    except KeyError as error:
        raise SchemaError(f"{where}: the entry {error} is missing.") from None
    except (TypeError, AttributeError, ValueError) as error:
        if isinstance(error, SchemaError):
            raise
        raise SchemaError(f"{where}: {error}. See the reference on deliveries for what a schema says.") from None


def _content(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text("utf-8")
        return tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise SchemaError(f"{path.name} cannot be opened: {error.strerror}.") from None
    except ValueError as error:
        raise SchemaError(f"{path.name} cannot be read: {error}.") from None


def _schema(content: Mapping[str, Any], where: str) -> Schema:
    _known(content, Schema, where)
    zone, absent = str(content.get("timezone", "UTC")), str(content.get("absent", "unknown"))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SchemaError(f"{where}: timezone: {zone!r} is none. Take a name such as Europe/Madrid.") from None
    if absent not in ABSENT:
        raise SchemaError(f"{where}: absent: {absent!r} is not one of {', '.join(ABSENT)}.")
    decimal = str(content.get("decimal", "."))
    if decimal not in (".", ","):
        raise SchemaError(f"{where}: decimal: {decimal!r} is neither point nor comma.")
    return Schema(
        name=str(content["name"]),
        row=str(content["row"]),
        columns=tuple(_column(entry, where) for entry in content["columns"]),
        timezone=zone,
        decimal=decimal,
        missing=tuple(map(str, content.get("missing", ("",)))),
        suppressed=tuple(_marker(entry, where) for entry in content.get("suppressed", ())),
        absent=absent,
        rounding=float(content.get("rounding", 0.0)),
        credit=str(content.get("credit", "")),
    )


def _known(entry: Mapping[str, Any], kind: type[Schema | DeliveryColumn | Marker], where: str) -> None:
    unknown = sorted(set(entry) - {entry.name for entry in fields(kind)})
    if unknown:
        raise SchemaError(f"{where}: {', '.join(unknown)} is unknown. Entries are written as in the reference.")


def _column(entry: Mapping[str, Any], where: str) -> DeliveryColumn:
    _known(entry, DeliveryColumn, where)
    name, role = str(entry["name"]), str(entry["role"])
    if role not in ROLES:
        raise SchemaError(f"{where}: column {name}: role {role!r} is not one of {', '.join(ROLES)}.")
    values = entry.get("values", {})
    column = DeliveryColumn(
        name,
        role,
        unit=str(entry.get("unit", "")),
        to=str(entry.get("to", "")),
        aliases=tuple(map(str, entry.get("aliases", ()))),
        format=str(entry.get("format", "%Y-%m-%d")),
        values=dict(values) if isinstance(values, Mapping) else {str(value): str(value) for value in values},
        also=tuple(map(str, entry.get("also", ()))),
        optional=bool(entry.get("optional", False)),
        nulls=bool(entry.get("nulls", False)),
        low=float(entry.get("low", 0.0)),
    )
    if role == "measure" and not column.unit:
        raise SchemaError(f"{where}: column {name}: a measure needs a unit, say people or trips.")
    if role == "day":
        datetime(2024, 2, 29).strftime(column.format)  # noqa: DTZ001  # only tries the format
    return column


def _marker(entry: Mapping[str, Any], where: str) -> Marker:
    _known(entry, Marker, where)
    high = entry.get("high")
    marker = Marker(str(entry["marker"]), float(entry.get("low", 0)), float("inf") if high is None else float(high))
    if not 0 <= marker.low <= marker.high:
        raise SchemaError(f"{where}: suppressed {marker.marker!r}: low must not be above high, and neither below 0.")
    return marker
