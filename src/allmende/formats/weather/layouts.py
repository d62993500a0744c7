"""What the columns of a table of weather are called, by service, and how their units become ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from allmende.formats.words import fold

VARIABLES: Final = ("temperature", "precipitation", "sunshine", "cloud", "wind")
"""°C, mm in the hour, minutes in the hour, % of the sky, m/s."""
Unit = tuple[float, float]
"""Times, plus: the value in our unit."""
_UNITS: Final[Mapping[str, Mapping[str, Unit]]] = {
    "temperature": {"c": (1, 0), "celsius": (1, 0), "f": (5 / 9, -160 / 9), "k": (1, -273.15)},
    "precipitation": {"mm": (1, 0), "cm": (10, 0), "inch": (25.4, 0), "in": (25.4, 0)},
    "sunshine": {"min": (1, 0), "s": (1 / 60, 0), "h": (60, 0)},
    "cloud": {"%": (1, 0), "okta": (12.5, 0)},
    "wind": {"m/s": (1, 0), "km/h": (1 / 3.6, 0), "mp/h": (0.44704, 0), "mph": (0.44704, 0), "kn": (0.514444, 0)},
}
_BRACKETS: Final = re.compile(r"[(\[]\s*([^)\]]*)\s*[)\]]")
BEFORE: Final = -1
"""Weather services stamp the sum of an hour with its end."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column with values of one variable."""

    column: str
    variable: str
    times: float = 1.0
    plus: float = 0.0
    hours: int = 0
    """Hours from the stamp to the begin of the hour that is meant."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table of weather is read."""

    service: str
    """``dwd``, ``open-meteo``, ``smhi``, ``meteostat`` or ``table``."""
    time: tuple[str, ...]
    """The column with the time, or those with its parts in order: day and hour, or year, month, day and hour."""
    fields: tuple[Field, ...]
    station: str = ""
    issued: str = ""
    """Column that says when a forecast was issued."""
    name: str = ""
    lon: str = ""
    lat: str = ""
    zone: str = ""
    """Of times without one; ``""``: as somebody says."""


Known = Mapping[str, tuple[str, str, int]]
"""Name of a column -> variable, its unit where the name says none, hours from the stamp to the begin."""
DWD: Final[Known] = {
    "tt_tu": ("temperature", "c", 0),
    "r1": ("precipitation", "mm", BEFORE),
    "rr": ("precipitation", "mm", BEFORE),
    "sd_so": ("sunshine", "min", BEFORE),
    "v_n": ("cloud", "okta", 0),
    "f": ("wind", "m/s", 0),
    "ff": ("wind", "m/s", 0),
}
OPEN_METEO: Final[Known] = {
    "temperature_2m": ("temperature", "c", 0),
    "precipitation": ("precipitation", "mm", BEFORE),
    "sunshine_duration": ("sunshine", "s", BEFORE),
    "cloud_cover": ("cloud", "%", 0),
    "cloudcover": ("cloud", "%", 0),
    "wind_speed_10m": ("wind", "km/h", 0),
    "windspeed_10m": ("wind", "km/h", 0),
}
SMHI: Final[Known] = {
    "lufttemperatur": ("temperature", "c", 0),
    "nederbordsmangd": ("precipitation", "mm", BEFORE),
    "solskenstid": ("sunshine", "s", BEFORE),
    "total molnmangd": ("cloud", "%", 0),
    "vindhastighet": ("wind", "m/s", 0),
}
METEOSTAT: Final[Known] = {
    "temp": ("temperature", "c", 0),
    "prcp": ("precipitation", "mm", BEFORE),
    "tsun": ("sunshine", "min", BEFORE),
    "wspd": ("wind", "km/h", 0),
}
METEOSTAT_NAMES: Final = frozenset(
    ["temp", "dwpt", "rhum", "prcp", "snow", "wdir", "wspd", "wpgt", "pres", "tsun", "coco"]
)
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "temperature": ("c", "temperature temperatur temperatuur lufttemperatur lufttemp air_temperature temp"),
    "precipitation": ("mm", "precipitation rain niederschlag regen nederbord nedbor neerslag precipitations pluie"),
    "sunshine": ("min", "sunshine sonnenschein sonne solsken solskin zonneschijn ensoleillement insolation"),
    "cloud": ("%", "cloud_cover cloud bewolkung molnighet skydaekke skydekke bewolking nebulosite"),
    "wind": ("m/s", "wind wind_speed windgeschwindigkeit vind vindhastighed vindstyrka windsnelheid vent"),
}
TABLE: Final[Known] = {
    word: (variable, unit, 0) for variable, (unit, words) in _WORDS.items() for word in words.split()
}
"""Our own declared table; ``time`` is the begin of the hour."""
_TIMES: Final = frozenset(
    ["time", "timestamp", "datetime", "zeit", "zeitpunkt", "tid", "tidpunkt", "tijd", "heure", "horodatage", "date"]
)
_STATIONS: Final = frozenset(["station", "station_id", "stations_id", "station_code"])


def layout_of(headers: Sequence[str], units: Mapping[str, str] | None = None, *, declared: bool) -> Layout | None:
    """How a table with these column names is read; None where it is no weather.

    ``units``: column -> unit, where the file says it elsewhere.  ``declared``: somebody says that it is weather, so that our own
    names count, too; a table of counts may have a column for the temperature.
    """
    named = {fold(_BRACKETS.sub("", name)).strip().replace(" ", "_"): name for name in reversed(headers)}

    def of(known: Known) -> tuple[Field, ...]:
        found = [(key.replace(" ", "_"), *told) for key, told in known.items()]
        fields = [
            _field(named[key], variable, (units or {}).get(named[key], ""), usual, hours)
            for key, variable, usual, hours in found
            if key in named
        ]
        best: dict[str, Field] = {}
        for one in fields:
            best.setdefault(one.variable, one)
        return tuple(best.values())

    if "mess_datum" in named:
        return Layout("dwd", (named["mess_datum"],), of(DWD), named.get("stations_id", ""), zone="UTC")
    if "datum" in named and "tid" in named and of(SMHI):
        return Layout("smhi", (named["datum"], named["tid"]), of(SMHI), zone="UTC")
    parts = next((one for one in (("year", "month", "day", "hour"), ("date", "hour")) if set(one) <= set(named)), None)
    if ("time" in named or parts) and len(METEOSTAT_NAMES & set(named)) >= (3 if declared else 5):
        time = tuple(named[one] for one in parts) if parts else (named["time"],)
        return Layout("meteostat", time, of(METEOSTAT), zone="UTC")
    if (
        declared
        and "time" in named
        and {"temperature_2m", "sunshine_duration", *OPEN_METEO} & set(named) - {"precipitation"}
    ):
        return Layout("open-meteo", (named["time"],), of(OPEN_METEO), named.get("location_id", ""))
    time_column = next((name for key, name in named.items() if key in _TIMES), "")
    if not declared or not time_column or not (fields := of(TABLE)):
        return None
    station = next((name for key, name in named.items() if key in _STATIONS), "")
    told = {key: named.get(key, "") for key in ("lon", "lat")}
    return Layout(
        "table",
        (time_column,),
        fields,
        station,
        named.get("issued_at", ""),
        named.get("station_name", ""),
        told["lon"],
        told["lat"],
    )


def _field(column: str, variable: str, unit: str, usual: str, hours: int) -> Field:
    """``usual``: the unit where neither the file nor the name says another one that is known."""
    found = _BRACKETS.search(column)
    words = (unit, found[1] if found else "", usual)
    known = _UNITS[variable]
    times, plus = next(known[key] for word in words if (key := word.strip().lower().lstrip("°")) in known)
    return Field(column, variable, times, plus, hours)
