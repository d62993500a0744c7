"""What stands around a table of weather: the position before it, JSON instead of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from allmende.formats.records import UnusableInput

HEAD: Final = 64 * 1024
MOST_HOURS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class About:
    """What a file says beside its table."""

    table: bytes | None = None
    """The table alone, as CSV; None: the whole file is the table."""
    key: str = ""
    name: str = ""
    lon: float | None = None
    lat: float | None = None
    offset_minutes: int | None = None
    """From UTC to the clock of the times."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Column -> unit, where the names of the columns do not say it."""


def has_preamble(head: bytes) -> bool:
    """Whether something stands around the table that begins so."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start[:1] in (b"{", b"[") or start.startswith(b"latitude,longitude,") or b"Datum;Tid" in head


def about_of(raw: bytes) -> About:
    """Take apart what a service delivers around its table; raises :class:`UnusableInput` for JSON that is no weather."""
    start = raw[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"["):
        return _json(raw)
    if start.startswith(b"latitude,longitude,"):
        return _open_meteo(raw)
    if b"Datum;Tid" in raw[:HEAD]:
        return _smhi(raw)
    return About()


def _json(raw: bytes) -> About:
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise UnusableInput("The JSON is damaged. Save the answer of the service again, whole.") from error
    if isinstance(told, list) and len(told) == 1:
        told = told[0]
    if isinstance(told, list):
        raise UnusableInput("The file holds several places. Save the answer for each place as a file of its own.")
    hourly = told.get("hourly") if isinstance(told, dict) else None
    times = hourly.get("time") if isinstance(hourly, dict) else None
    if not isinstance(hourly, dict) or not isinstance(times, list) or not times:
        raise UnusableInput("The JSON holds no hourly weather. Ask the service for hourly values, and save its answer.")
    columns = {
        str(name): values for name, values in hourly.items() if isinstance(values, list) and len(values) == len(times)
    }
    if len(times) > MOST_HOURS:
        raise UnusableInput(f"The file holds more than {MOST_HOURS:,} hours. Split it by year.")
    units = told.get("hourly_units")
    units = {str(name): str(unit) for name, unit in units.items()} if isinstance(units, dict) else {}
    if units.get("time") == "unixtime":
        columns["time"] = [_moment(one) for one in times]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    lat, lon = _number(told.get("latitude"), 90), _number(told.get("longitude"), 180)
    return About(
        text.getvalue().encode(), _spot(lat, lon), "", lon, lat, _offset(told.get("utc_offset_seconds")), units
    )


def _moment(value: Any) -> str:
    known = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**34
    return datetime.fromtimestamp(value, UTC).isoformat() if known else ""


def _open_meteo(raw: bytes) -> About:
    """Two lines about the place, an empty one, the table."""
    text = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    head, gap, table = text.partition("\n\n")
    rows = [line.split(",") for line in head.splitlines()]  # numbers and names of zones: nothing is quoted
    if not gap or len(rows) != 2:
        raise UnusableInput("The file holds several places, or no table. Save each place as a file of its own.")
    told = dict(zip(rows[0], rows[1], strict=False))
    lat, lon = _number(told.get("latitude"), 90), _number(told.get("longitude"), 180)
    # Daily values may follow the hourly ones, behind another empty line.
    hourly = table.partition("\n\n")[0]
    return About(hourly.encode(), _spot(lat, lon), "", lon, lat, _offset(told.get("utc_offset_seconds")))


def _smhi(raw: bytes) -> About:
    """Blocks of lines about the station, then the table with remarks beside it."""
    lines = raw.decode("utf-8-sig", "replace").splitlines()
    at = next((number for number, line in enumerate(lines) if line.startswith("Datum;Tid")), None)
    if at is None:
        return About()
    told: dict[str, str] = {}
    for number, line in enumerate(lines[:at]):
        names = [name.partition("(")[0].strip() for name in line.split(";")]
        if names[0] in {"Stationsnamn", "Tidsperiod"}:
            block = [one for one in lines[number + 1 : at] if ";" in one]
            values = block[0] if names[0] == "Stationsnamn" else _last_of_block(lines, number + 1)
            told |= dict(zip(names, values.split(";"), strict=False))
    table = "\n".join(";".join(line.split(";")[:4]) for line in lines[at:] if line.strip())
    name = told.get("Stationsnamn", "").strip()
    key = told.get("Stationsnummer", "") or told.get("Klimatnummer", "")
    lon, lat = _number(told.get("Longitud"), 180), _number(told.get("Latitud"), 90)
    return About(table.encode(), key.strip() or name, name, lon, lat)


def _last_of_block(lines: list[str], at: int) -> str:
    """A station moves: its last position counts."""
    last = ""
    for line in lines[at:]:
        if not line.strip():
            break
        last = line
    return last


def _spot(lat: float | None, lon: float | None) -> str:
    return "" if lat is None or lon is None else f"{lat:.3f},{lon:.3f}"


def _number(value: Any, most: float) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) <= most else None


def _offset(value: Any) -> int | None:
    number = _number(value, 86400)
    return None if number is None else round(number / 60)
