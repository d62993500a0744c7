"""What a file of weather does not say itself, and somebody says of it; kept with the delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import available_timezones

from django.utils.translation import gettext_noop

from allmende.insight.models import Use

KINDS: Final = ("auto", "observed", "forecast")
SHAPE: Final = "weather"


@dataclass(frozen=True, slots=True)
class WeatherOptions:
    """Of a file of weather."""

    kind: str = "auto"
    """``auto``: hours before the delivery were observed, later ones are a forecast."""
    issued_at: str = ""
    """When its forecast was issued (ISO 8601); empty: when it was delivered."""
    station: str = ""
    """Name of the station, where no column names it."""
    lon: float | None = None
    lat: float | None = None
    """Of its only station, where nothing says it."""
    timezone: str = ""
    """Of times without one; empty: UTC."""
    use: str = Use.OWNER

    def as_json(self) -> dict[str, Any]:
        """To be kept with a delivery."""
        return {"shape": SHAPE, **asdict(self)}


def options_from(told: Mapping[str, Any]) -> WeatherOptions:
    """From what is kept; what is unknown in it is left out."""
    known = {one.name for one in fields(WeatherOptions)}
    return WeatherOptions(**{name: value for name, value in told.items() if name in known})


def faults_of(options: WeatherOptions) -> list[str]:
    """What keeps them from being used; each with its remedy."""
    faults = []
    if options.kind not in KINDS:
        faults.append(gettext_noop("Hours are auto, observed or forecast."))
    if options.issued_at and moment_of(options.issued_at) is None:
        faults.append(gettext_noop("Write when the forecast was issued as 2026-06-01T06:00Z."))
    if options.timezone and options.timezone not in available_timezones():
        faults.append(gettext_noop("There is no such time zone. Write one such as Europe/Paris."))
    if (options.lon is None) != (options.lat is None):
        faults.append(gettext_noop("Write both longitude and latitude, or neither."))
    if options.lon is not None and options.lat is not None and not (abs(options.lon) <= 180 and abs(options.lat) <= 90):
        faults.append(gettext_noop("A longitude lies between -180 and 180, a latitude between -90 and 90."))
    if options.use not in Use.values:
        faults.append(gettext_noop("Choose for whose places it counts."))
    return faults


def moment_of(text: str) -> datetime | None:
    """A moment in UTC; without a zone it is read as UTC.  None: it is none, or none at which a forecast was issued."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1940 < moment.year < 2100:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
