"""Dates, times, durations and recurrence rules, from the words of RFC 5545 to plain Python values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

from allmende.formats.ical.lines import Line, quoted
from allmende.formats.ical.zones import Zone, defined_zone, guessed_zone, load_zone, named_zone

_MOMENT = re.compile(
    r"(\d{4})(-?)(\d\d)\2(\d\d)(?:[Tt ](\d\d):?(\d\d)(?::?(\d\d))?(?:[.,]\d{1,9})?([Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.ASCII | re.IGNORECASE,
)
MAX_DATES: Final = 2000
"""Most RDATE or EXDATE values of one event."""


class Unreadable(Exception):
    """A value that cannot be understood; the message says why."""


@dataclass(slots=True)
class Clock:
    """The time zones of one calendar, and what was assumed about them."""

    definitions: dict[str, str]
    home: str
    """IANA zone of times that name none."""
    year: int = 2026
    zone: str = ""
    """IANA zone in which the event being read is told; set from its start."""
    assumed: dict[str, str] = field(default_factory=dict)
    """TZID that could not be understood -> what was done."""

    def find(self, tzid: str) -> Zone:
        """The zone of a TZID; the calendar's own zone, with a remark in ``assumed``, where it means nothing."""
        name = named_zone(tzid)
        if not name:
            definition = self.definitions.get(tzid.strip())
            zone = defined_zone(tzid, definition, self.year, self.home) if definition else None
            if zone is not None:
                return zone
            name = guessed_zone(tzid)
        rules = load_zone(name) if name else None
        if rules is None:
            self.assumed[tzid] = f"Time zone {quoted(tzid)} is not known; its times are taken for {self.home}."
            return Zone(self.home, load_zone(self.home) or UTC)
        return Zone(name, rules)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or a date with time and the zone that it is told in (None: floating)."""

    when: date | datetime
    zone: Zone | None = None
    utc: bool = False

    @property
    def all_day(self) -> bool:
        """Whether this is a date without time."""
        return not isinstance(self.when, datetime)


def read_moment(text: str, parameters: dict[str, str], clock: Clock) -> Moment:
    """A DATE or DATE-TIME value."""
    text = text.strip()
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise Unreadable("is no date or time of the form 20260131 or 20260131T193000")
    year, _, month, day, hour, minute, second, offset = found.groups()
    try:
        if not 2 <= int(year) <= 9990:
            raise Unreadable("lies outside of the years 2 to 9990")
        if hour is None or parameters.get("VALUE", "").upper() == "DATE":
            return Moment(date(int(year), int(month), int(day)))
        # 60 is allowed for a leap second, which no calendar shows.
        seconds = 59 if second == "60" else int(second or 0)
        when = datetime(int(year), int(month), int(day), int(hour), int(minute), seconds)  # noqa: DTZ001
    except ValueError:
        raise Unreadable("is not a day of the calendar or a time of the day") from None
    if offset and offset not in "Zz":
        minutes = (int(offset[1:3]) * 60 + int(offset[-2:])) * (-1 if offset[0] == "-" else 1)
        if abs(minutes) >= 1440:
            raise Unreadable("has no offset from UTC that exists")
        return Moment(when, Zone("", timezone(timedelta(minutes=minutes))))
    tzid = parameters.get("TZID")
    if not tzid:
        return Moment(when, Zone("UTC", UTC), utc=True) if offset else Moment(when)
    zone = clock.find(tzid)
    if offset and zone.name != "UTC":
        # The RFC forbids both together; Google and others then take the time for one of the zone.
        clock.assumed["Z"] = f"Times carry both the zone {quoted(tzid)} and the Z of UTC; the zone counts."
    return Moment(when, zone, utc=zone.name == "UTC")


def local(moment: Moment, clock: Clock) -> date | datetime:
    """The naive local time of a moment in the event's zone."""
    when, zone = moment.when, moment.zone
    if not isinstance(when, datetime) or zone is None or (zone.name and zone.name == clock.zone):
        return when
    return convert(when, zone.rules, load_zone(clock.zone) or UTC)


def convert(when: datetime, source: tzinfo, target: tzinfo) -> datetime:
    """The naive time in ``target`` at which it is ``when`` in ``source``."""
    # A zone from a VTIMEZONE can only tell its offset, so the way to UTC is walked by hand.
    offset = when.replace(tzinfo=source).utcoffset() or timedelta(0)
    return (when - offset).replace(tzinfo=UTC).astimezone(target).replace(tzinfo=None)


def occurrence_of(moment: Moment, start: date | datetime, clock: Clock) -> date | datetime:
    """The occurrence that ``moment`` names in a series that begins at ``start``, as a date or a time like ``start``.

    A date names that day's occurrence.  A time names the day of a whole-day series as it is written: Outlook writes
    midnight in a zone that need not be the calendar's.
    """
    if isinstance(start, datetime):
        value = local(moment, clock)
        return value if isinstance(value, datetime) else datetime.combine(value, start.time())
    value = local(moment, clock) if moment.utc else moment.when
    return value.date() if isinstance(value, datetime) else value


def read_duration(text: str) -> tuple[int, timedelta]:
    """Whole days, and the exact time beyond them, of a DURATION value."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()[1:]):
        raise Unreadable("is no duration of the form PT2H or P1D")
    if found[1] == "-":
        raise Unreadable("is a negative duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    total = weeks * 7 + days
    if total + hours / 24 + minutes / 1440 + seconds / 86400 > 36600:
        raise Unreadable("is longer than a hundred years")
    return total, timedelta(hours=hours, minutes=minutes, seconds=seconds)


def add_duration(start: date | datetime, length: tuple[int, timedelta], clock: Clock) -> date | datetime:
    """End of what begins at ``start``: days are days of the calendar, hours are exact (RFC 5545, 3.3.6)."""
    days, rest = length
    if not isinstance(start, datetime):
        return start + timedelta(days=days + rest.days)
    end = start + timedelta(days=days)
    if not rest:
        return end
    rules = load_zone(clock.zone) or UTC
    return (end.replace(tzinfo=rules).astimezone(UTC) + rest).astimezone(rules).replace(tzinfo=None)


def read_dates(
    line: Line, start: date | datetime, clock: Clock
) -> list[tuple[date | datetime, date | datetime | None]]:
    """(start, end) of each value of an RDATE or EXDATE line; the end is None unless the value is a PERIOD.

    The end of a period of whole days is its last day.  Raises :class:`Unreadable` at the first bad value.
    """
    found: list[tuple[date | datetime, date | datetime | None]] = []
    for text in line.value.split(","):
        if not text.strip():
            continue
        if len(found) >= MAX_DATES:
            raise Unreadable(f"lists more than {MAX_DATES} dates")
        first, slash, rest = text.partition("/")
        begins = occurrence_of(read_moment(first, line.parameters, clock), start, clock)
        if not slash:
            found.append((begins, None))
            continue
        if rest.strip().upper().startswith(("P", "+P", "-P")):
            ends = add_duration(begins, read_duration(rest), clock)
        else:
            ends = occurrence_of(read_moment(rest, line.parameters, clock), start, clock)
        if not isinstance(ends, datetime):
            ends = max(ends - timedelta(days=1), begins)
        found.append((begins, ends if ends > begins or not isinstance(ends, datetime) else None))
    return found


_WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_NUMBERS: Final = {
    "BYSECOND": (0, 60),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}


def read_rule(text: str, start: date | datetime, clock: Clock) -> tuple[str, list[str]]:
    """A recurrence rule in clean form, and remarks on what was repaired; raises :class:`Unreadable` if it is none."""
    parts: dict[str, str] = {}
    remarks: list[str] = []
    if len(text) > 5000:
        raise Unreadable("is too long for a rule")
    for part in text.upper().strip().strip(";").split(";"):
        name, _, value = part.partition("=")
        name, value = name.strip(), value.replace(" ", "")
        if name in parts:
            remarks.append(f"{name} stands twice; the first one counts.")
        elif name in _NUMBERS or name in ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"):
            if value:
                parts[name] = value
        elif (name, value) not in (("RSCALE", "GREGORIAN"), ("SKIP", "OMIT"), ("", "")):
            if name == "RSCALE":
                raise Unreadable(f"counts in the calendar {quoted(value)}, which is not supported")
            remarks.append(f"{quoted(part)} is not understood and left out.")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise Unreadable("has no valid FREQ")
    for name, value in parts.items():
        _check_part(name, value)
    if "COUNT" in parts and (int(parts["COUNT"]) < 1 or "UNTIL" in parts):
        del parts["COUNT"]
        remarks.append("COUNT is left out, UNTIL counts." if "UNTIL" in parts else "COUNT is left out.")
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(parts["UNTIL"], start, clock)
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    return ";".join(f"{name}={value}" for name, value in parts.items()), remarks


def _check_part(name: str, value: str) -> None:
    good = True
    if name in ("INTERVAL", "COUNT"):
        good = bool(re.fullmatch(r"-?\d{1,12}", value, re.ASCII)) and (name == "COUNT" or 0 < int(value) < 100_000)
    elif name in _NUMBERS:
        low, high = _NUMBERS[name]
        members = value.split(",")
        good = len(members) <= 400 and all(
            re.fullmatch(r"[+-]?\d{1,3}", member, re.ASCII) and low <= int(member) <= high and (int(member) or low == 0)
            for member in members
        )
    elif name == "BYDAY":
        good = len(value) < 2000 and all(_valid_weekday(member) for member in value.split(","))
    elif name == "WKST":
        good = value in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    if not good:
        raise Unreadable(f"has {name}={quoted(value)}, which is not allowed")


def _valid_weekday(text: str) -> bool:
    found = _WEEKDAY.fullmatch(text)
    return found is not None and (found[1] is None or 1 <= abs(int(found[1])) <= 53)


def _until(text: str, start: date | datetime, clock: Clock) -> str:
    """UNTIL as the RFC wants it: a date for dates, else UTC.  A date for times includes that whole day."""
    moment = read_moment(text, {}, clock)
    if not isinstance(start, datetime):
        return f"{moment.when:%Y%m%d}".zfill(8)
    zone = load_zone(clock.zone) or UTC
    when = moment.when
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day, 23, 59, 59)  # noqa: DTZ001
    if moment.zone is None:
        when = convert(when, zone, UTC)
    elif not moment.utc:
        when = convert(when, moment.zone.rules, UTC)
    return f"{when:%Y%m%dT%H%M%SZ}".zfill(16)
