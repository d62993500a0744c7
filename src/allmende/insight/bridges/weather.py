"""Files of weather as a table with known columns, whatever service they are from."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines.crowding import simulated_weather
from allmende.formats import weather as formats
from allmende.formats.weather import VARIABLES, About, Field, Layout
from allmende.insight.bridges.tables import PARQUET, WORKBOOK, Columns, UnusableInput, read_columns, read_text_columns

LARGEST: Final = 100 * 2**20


@dataclass(frozen=True, slots=True)
class WeatherTable:
    """A table of weather."""

    layout: Layout
    columns: Columns
    about: About


def read_weather(path: Path, *, declared: bool, columns: Columns | None = None) -> WeatherTable | None:
    """The weather in a file; None where it is none.  ``declared``: somebody says that it is weather; then
    :class:`UnusableInput` says why it is none that can be read.  ``columns``: its table, if it was read already."""
    about = _about(path)
    if about.table is not None:
        columns = read_text_columns(BytesIO(about.table))
    columns = columns or read_columns(path)
    layout = formats.layout_of(columns.headers, about.units, declared=declared or about.table is not None)
    if layout is None or not layout.fields:
        if declared:
            raise UnusableInput(
                "No column holds weather that is known here. Name the columns time, temperature, precipitation, sunshine, "
                "cloud_cover, wind, as docs/how-to/deliver-weather.md shows."
            )
        return None
    return WeatherTable(layout, columns, about)


def _about(path: Path) -> About:
    with path.open("rb") as file:
        head = file.read(formats.HEAD)
        if head.startswith((PARQUET, WORKBOOK)) or not formats.has_preamble(head):
            return About()
        raw = head + file.read(LARGEST)
    if len(raw) > LARGEST:
        raise UnusableInput("The file is larger than 100 MB. Split it by year.")
    return formats.about_of(raw)


def is_weather_json(path: Path) -> bool:
    """Whether it is an answer of a weather service in JSON."""
    with path.open("rb") as file:
        head = file.read(formats.HEAD)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and b'"hourly"' in head


def made_up(first: int, length: int, *, lon: float, lat: float, error_from: int | None = None) -> NDArray[np.float32]:
    """Simulated hours, see ``engines.crowding.simulated_weather``; for demonstrations alone."""
    return simulated_weather.hours(first, length, lon=lon, lat=lat, error_from=error_from)


__all__ = [
    "VARIABLES",
    "About",
    "Field",
    "Layout",
    "UnusableInput",
    "WeatherTable",
    "is_weather_json",
    "made_up",
    "read_weather",
]
