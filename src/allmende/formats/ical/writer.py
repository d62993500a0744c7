"""Writing calendars (RFC 5545 and 7986), as a stream and without a library: a search may hold many thousand events.

The text of one event does not depend on the calendar around it, so it can be stored and joined later: :func:`vevent`
makes it, :func:`join_calendar` joins it.  DTSTAMP is the event's last change, so the same event gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from allmende.formats.ical.zones import load_zone
from allmende.formats.records import Override, Schedule

END: Final = b"END:VCALENDAR\r\n"
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2050
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]")
_UNSAFE_PARAMETER = re.compile(r'[";:,\x00-\x1f\x7f\x85\u2028\u2029]')
_STATUS = {"cancelled": "CANCELLED", "postponed": "TENTATIVE"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event to write.  Texts are plain text in one language."""

    uid: str
    name: str
    schedule: Schedule
    description: str = ""
    location: str = ""
    lon: float | None = None
    lat: float | None = None
    url: str = ""
    categories: Sequence[str] = ()
    organiser: str = ""
    status: str = "scheduled"
    """A member of ``records.STATUSES``."""
    modified: datetime | None = None
    """Last change, with time zone."""
    sequence: int = 0
    is_free: bool = False
    """Takes none of one's time: a deadline, not an appointment."""


def write_calendar(
    events: Iterable[CalendarEvent], *, name: str, language: str, prodid: str, url: str
) -> Iterator[bytes]:
    """A whole calendar, piece by piece."""
    texts = ((event.schedule.timezone, vevent(event)) for event in events)
    return join_calendar(texts, name=name, language=language, prodid=prodid, url=url)


def join_calendar(
    events: Iterable[tuple[str, bytes]], *, name: str, language: str, prodid: str, url: str
) -> Iterator[bytes]:
    """A whole calendar from pairs of time zone and text of :func:`vevent`.

    A time zone is described right before the first event that needs it, so that nothing must be known ahead.
    """
    yield calendar_start(name=name, language=language, prodid=prodid, url=url)
    described = {"", "UTC"}
    for zone, text in events:
        if zone not in described:
            described.add(zone)
            yield vtimezone(zone)
        yield text
    yield END


def calendar_start(*, name: str, language: str, prodid: str, url: str) -> bytes:
    """Everything before the first event."""
    parameter = f";LANGUAGE={language}" if re.fullmatch(r"[A-Za-z0-9-]{2,20}", language) else ""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_text(prodid)}",
        "CALSCALE:GREGORIAN",
        f"NAME{parameter}:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    if url:
        lines.append(f"URL:{_uri(url)}")
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H"]
    return _folded(lines)


@lru_cache(maxsize=700)
def vtimezone(name: str) -> bytes:
    """The VTIMEZONE of an IANA zone, or nothing where there is no such zone."""
    if load_zone(name) is None:
        return b""
    import icalendar  # a large library for this one thing; imports and most pages do without

    zone = icalendar.Timezone.from_tzid(name, first_date=date(_FIRST_YEAR, 1, 1), last_date=date(_LAST_YEAR, 1, 1))
    zone.pop("COMMENT", None)
    text: bytes = zone.to_ical()
    return text


def vevent(event: CalendarEvent) -> bytes:
    """The VEVENT of one event, followed by those of its moved occurrences."""
    schedule = event.schedule
    zone = schedule.timezone
    stamp = _utc(event.modified or _EPOCH)
    head = [f"UID:{_text(event.uid)}", f"DTSTAMP:{stamp}"]
    if event.modified:
        head.append(f"LAST-MODIFIED:{stamp}")
    if event.sequence:
        head.append(f"SEQUENCE:{int(event.sequence)}")
    if event.is_free:
        head.append("TRANSP:TRANSPARENT")
    body = _body(event)
    lines = ["BEGIN:VEVENT", *head, *_times(schedule.start, schedule.end, zone)]
    if schedule.rrule:
        lines.append(f"RRULE:{_CONTROL.sub('', schedule.rrule)}")
    extra = [*schedule.rdates, *(start for start, _ in schedule.dates)]
    lines += _date_list("RDATE", extra, zone)
    lines += _date_list("EXDATE", schedule.exdates, zone)
    lines.append(f"SUMMARY:{_text(event.name)}")
    lines += body
    if event.status in _STATUS:
        lines.append(f"STATUS:{_STATUS[event.status]}")
    lines.append("END:VEVENT")
    if schedule.overrides or schedule.dates:
        for change in _changes(schedule):
            lines += _changed(change, event, head, body)
    return _folded(lines)


def _body(event: CalendarEvent) -> list[str]:
    lines = []
    if event.description:
        lines.append(f"DESCRIPTION:{_text(event.description)}")
    if event.location:
        lines.append(f"LOCATION:{_text(event.location)}")
    if event.lat is not None and event.lon is not None:
        lines.append(f"GEO:{event.lat:.6f};{event.lon:.6f}")
    if event.url:
        lines.append(f"URL:{_uri(event.url)}")
    if event.categories:
        lines.append(f"CATEGORIES:{','.join(map(_text, event.categories))}")
    if event.organiser:
        # ORGANIZER must be an address, and most organisers' addresses are not for everybody.
        lines.append(f"CONTACT:{_text(event.organiser)}")
    return lines


def _changes(schedule: Schedule) -> list[Override]:
    """The moved occurrences, and the dates that last longer or shorter than the first one.

    A PERIOD in RDATE would say the latter in fewer words, but hardly any calendar program reads it.
    """
    moved = {override.recurrence_id for override in schedule.overrides}
    length = _length(schedule.start, schedule.end)
    longer = [
        Override(start, start, end)
        for start, end in schedule.dates
        if start not in moved and _length(start, end) != length
    ]
    return [*schedule.overrides, *longer]


def _length(start: date | datetime, end: date | datetime | None) -> timedelta | None:
    if end is None:
        return None
    return end - start if isinstance(start, datetime) == isinstance(end, datetime) else timedelta(0)


def _changed(change: Override, event: CalendarEvent, head: list[str], body: list[str]) -> list[str]:
    schedule = event.schedule
    start = change.recurrence_id if change.start is None else change.start
    end = change.end
    if end is None and schedule.end is not None and isinstance(start, datetime) == isinstance(schedule.start, datetime):
        end = start + (_length(schedule.start, schedule.end) or timedelta(0))
    lines = [
        "BEGIN:VEVENT",
        *head,
        f"RECURRENCE-ID{_moment(change.recurrence_id, schedule.timezone)}",
        *_times(start, end, schedule.timezone),
        f"SUMMARY:{_text(change.name or event.name)}",
        *body,
    ]
    if change.cancelled or event.status in _STATUS:
        lines.append(f"STATUS:{'CANCELLED' if change.cancelled else _STATUS[event.status]}")
    return [*lines, "END:VEVENT"]


def _times(start: date | datetime, end: date | datetime | None, zone: str) -> list[str]:
    if end is None:
        return [f"DTSTART{_moment(start, zone)}"]
    if not isinstance(end, datetime):
        end += timedelta(days=1)
    return [f"DTSTART{_moment(start, zone)}", f"DTEND{_moment(end, zone)}"]


def _moment(when: date | datetime, zone: str) -> str:
    """Parameters and value of a property that holds one date or time."""
    if not isinstance(when, datetime):
        return f";VALUE=DATE:{when.year:04}{when.month:02}{when.day:02}"
    value = f"{when.year:04}{when.month:02}{when.day:02}T{when.hour:02}{when.minute:02}{when.second:02}"
    return f":{value}Z" if zone in ("UTC", "") else f";TZID={_parameter(zone)}:{value}"


def _date_list(name: str, dates: Sequence[date | datetime], zone: str) -> list[str]:
    """One line for each date: some calendar programs read only the first of a list."""
    return [f"{name}{_moment(when, zone)}" for when in dict.fromkeys(dates)]


def _utc(moment: datetime) -> str:
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.year:04}{moment.month:02}{moment.day:02}T{moment.hour:02}{moment.minute:02}{moment.second:02}Z"


def _text(text: str) -> str:
    """A TEXT value; line ends become ``\\n``, and no other control character gets through to begin a line."""
    # Printable text, the usual case, is told from other text much quicker than a pattern could.
    if not text.replace("\n", " ").isprintable() and _CONTROL.search(text):
        text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _uri(url: str) -> str:
    return "".join(_CONTROL.sub("", url).split())


@lru_cache(maxsize=1024)
def _parameter(text: str) -> str:
    return _UNSAFE_PARAMETER.sub("", text)


def _folded(lines: list[str]) -> bytes:
    """Lines of at most 75 octets (3.1), never cut within a character."""
    text = "\r\n".join(lines) + "\r\n"
    if len(text) < 75 * len(lines) and text.isascii() and max(map(len, lines)) <= 75:
        return text.encode()
    pieces: list[bytes] = []
    for line in lines:
        octets = line.encode("utf-8", "replace")
        if len(octets) <= 75:
            pieces += (octets, b"\r\n")
            continue
        limit = 75
        while len(octets) > limit:
            cut = limit
            while octets[cut] & 0xC0 == 0x80:
                cut -= 1
            pieces += (octets[:cut], b"\r\n ")
            octets = octets[cut:]
            # The space at the start counts.
            limit = 74
        pieces += (octets, b"\r\n")
    return b"".join(pieces)
