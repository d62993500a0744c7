"""From the time zone that a calendar names, one way or another, to one of the IANA database.

Calendars name zones by IANA name, by Windows name, with the publisher's path in front
(``/freeassociation.sourceforge.net/Europe/Berlin``), by a list of cities, by an offset, or define their own in a
VTIMEZONE.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_UTC_NAMES = frozenset(
    (
        "utc",
        "gmt",
        "z",
        "etc/utc",
        "etc/gmt",
        "gmt0",
        "utc0",
        "zulu",
        "greenwich mean time",
        "coordinated universal time",
    )
)
_OFFSET = re.compile(r"(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(00))?", re.IGNORECASE | re.ASCII)
_DISPLAY_NAME = re.compile(r"\((?:UTC|GMT)[^)]{0,12}\)\s*(.+)", re.IGNORECASE)
_LIKELY: Final = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Helsinki",
    "Atlantic/Reykjavik",
    "Europe/Moscow",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
"""Zones that VTIMEZONEs without a usable name most often describe."""
_NO_PLACES = frozenset(("localtime", "posixrules", "Factory"))
"""Names that mean something else on each machine, or nothing."""
_RULE = re.compile(r"^(?:RRULE|EXRULE)[;:].*$", re.MULTILINE | re.IGNORECASE)
_SIMPLE_RULE = re.compile(
    r"RRULE:(?:;?(?:FREQ=YEARLY|INTERVAL=1|WKST=[A-Z]{2}|BY(?:MONTH|HOUR|MINUTE|SECOND)=\d{1,2}|BYDAY=[+-]?\d?[A-Z]{2}"
    r"|BYMONTHDAY=[-\d,]{1,24}|UNTIL=[\dTZ]+))+",
    re.IGNORECASE | re.ASCII,
)
"""What a change of clocks once a year needs.  Other rules could keep the library busy for hours."""
_MAX_DEFINITION = 20_000
_MAX_RULES = 20
_YEARLY = re.compile(r"^BEGIN:(?:STANDARD|DAYLIGHT)\n(?:(?!END:).*\n)*?RRULE:(?:(?!END:).*\n)*", re.MULTILINE)
_IANA_NAME = re.compile(r"[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_-]+)+", re.ASCII)
_LONG_AGO = re.compile(r"^(DTSTART[^:\n]*:)(?:0\d{3}|1[0-8]\d\d|19[0-6]\d)(?=\d{4})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone that was found: by IANA ``name``, or (``name`` empty) only as defined in the calendar."""

    name: str
    rules: tzinfo


@lru_cache(maxsize=1)
def _by_lower_name() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() - _NO_PLACES}


@lru_cache(maxsize=1)
def _by_lower_windows_name() -> dict[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # brings the whole library, see _rules

    return {name.lower(): iana for name, iana in WINDOWS_TO_OLSON.items()}


@lru_cache(maxsize=1)
def _by_city() -> dict[str, str]:
    cities = {name.rsplit("/", 1)[-1].replace("_", " ").lower(): name for name in sorted(available_timezones())}
    names = sorted(name for name in available_timezones() if name.startswith("Europe/"))
    return cities | {name.rsplit("/", 1)[-1].replace("_", " ").lower(): name for name in names}


def load_zone(name: str) -> ZoneInfo | None:
    """The zone of an exact IANA name, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=4096)
def named_zone(tzid: str) -> str:
    """The IANA name that ``tzid`` means by itself, or ``""`` where only a VTIMEZONE can tell."""
    tzid = tzid.strip().strip("\"'").strip()
    if not tzid or len(tzid) > 200 or "\\" in tzid or not tzid.isprintable():
        return ""
    lower = tzid.lower()
    if lower in _UTC_NAMES:
        return "UTC"
    # A name as it should be is known without reading the list of all, which opens six hundred files.
    if _IANA_NAME.fullmatch(tzid) and tzid not in _NO_PLACES and load_zone(tzid) is not None:
        return tzid
    return _by_lower_name().get(lower) or _by_lower_windows_name().get(lower) or ""


@lru_cache(maxsize=4096)
def guessed_zone(tzid: str) -> str:
    """The IANA name that ``tzid`` probably means where no VTIMEZONE says otherwise, or ``""``."""
    name = named_zone(tzid)
    if name or len(tzid) > 200:
        return name
    tzid = tzid.strip("\"' ")
    parts = tzid.replace(" ", "_").split("/")
    for start in range(1, min(len(parts), 8)):
        name = _by_lower_name().get("/".join(parts[start:]).lower(), "")
        # A last part such as "Standard" or "UTC" alone would be a guess too far.
        if name and "/" in name:
            return name
    offset = _OFFSET.fullmatch(tzid)
    if offset and int(offset[2]) <= 12:
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}" if int(offset[2]) else "UTC"
    display = _DISPLAY_NAME.fullmatch(tzid)
    for city in re.split(r"[,;/]", display[1]) if display else ():
        name = _by_city().get(city.strip().lower(), "")
        if name:
            return name
    return ""


@lru_cache(maxsize=256)
def defined_zone(tzid: str, definition: str, year: int, preferred: str) -> Zone | None:
    """The zone that a VTIMEZONE defines; by IANA name where that keeps the same time from ``year`` on.

    ``preferred`` is the IANA zone to take first if several fit.  None where the definition cannot be understood.
    """
    rules = _rules(definition)
    if rules is None:
        return None
    said = re.search(r"^X-LIC-LOCATION[^:\n]*:(.+)$", definition, re.MULTILINE | re.IGNORECASE)
    candidates = [named_zone(said[1]) if said else "", guessed_zone(tzid), preferred, *_LIKELY]
    for name in dict.fromkeys(candidates):
        zone = load_zone(name) if name else None
        if zone is not None and _same_time(rules, zone, year):
            return Zone(name, zone)
    return Zone("", rules)


def _rules(definition: str) -> tzinfo | None:
    if len(definition) > _MAX_DEFINITION:
        return None
    if not all(_SIMPLE_RULE.fullmatch(found[0].strip().rstrip(";")) for found in _RULE.finditer(definition)):
        return None
    if len(_YEARLY.findall(definition)) > _MAX_RULES:
        return None
    # Outlook lets the rules begin in 1601, and the library walks through every year since.
    definition = _YEARLY.sub(lambda found: _LONG_AGO.sub(r"\g<1>1972", found[0]), definition)
    import icalendar  # takes longer to load than a thousand events to read, and few calendars need it

    try:
        component = icalendar.Timezone.from_ical(definition)
        rules = component.to_tz(lookup_tzid=False) if isinstance(component, icalendar.Timezone) else None
        if rules is not None:
            datetime(2026, 7, 1, tzinfo=UTC).astimezone(rules)
    except Exception:  # noqa: BLE001,RUF100 - the library raises many kinds of errors on broken definitions
        return None
    return rules


def _same_time(rules: tzinfo, zone: tzinfo, year: int) -> bool:
    """Whether two zones agree around ``year``, sampled every ten days for three years."""
    moment = datetime(min(max(year, 1902), 2034), 1, 1, 12)  # noqa: DTZ001
    for _ in range(110):
        try:
            if moment.replace(tzinfo=rules).utcoffset() != moment.replace(tzinfo=zone).utcoffset():
                return False
        except (ValueError, TypeError, OverflowError):
            return False
        moment += timedelta(days=10)
    return True
