"""Understanding one event."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any, Final

from allmende.formats.ical.lines import (
    Component,
    Line,
    delivered_line,
    one_text,
    quoted,
    read_calendar,
    text_list,
    unescape,
)
from allmende.formats.ical.location import place_and_address
from allmende.formats.ical.scan import FOLD, MAX_RAW
from allmende.formats.ical.schedule import Refused, choose, read_schedule
from allmende.formats.ical.times import Clock, Unreadable, read_moment
from allmende.formats.ical.zones import guessed_zone, load_zone
from allmende.formats.records import Contact, MediaItem, Parsed, Problem, RawRecord, ReadOptions, Record
from allmende.formats.text import clean_url, one_line, plain_text, strip_control

MAX_NOTES: Final = 20
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:[?#].*)?$", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_LINE_NUMBER = re.compile(r"\d+")
_ONLINE = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL")


class _Notes:
    """Collects what was wrong, with the line in the delivery."""

    def __init__(self, raw: RawRecord) -> None:
        self._raw = raw
        self._text = ""
        self.problems: list[Problem] = []
        self._left_out = 0

    def where(self, line: Line | None) -> str:
        """The line as a person finds it in the delivery."""
        if line is None:
            return self._raw.where.partition(" (")[0]
        starts = _LINE_NUMBER.findall(self._raw.where)
        if not self._raw.where.startswith("line ") or line.place[0] >= len(starts):
            return self._raw.where
        self._text = self._text or decode(self._raw.raw)[0]
        return f"line {int(starts[line.place[0]]) + delivered_line(self._text, line.place)}"

    def note(self, line: Line | None, code: str, message: str) -> None:
        """Add a note; of very many, only the first ones are kept."""
        if len(self.problems) < MAX_NOTES:
            self.problems.append(Problem(self.where(line), message, code, "note", self._raw.key))
        elif len(self.problems) == MAX_NOTES:
            self.problems.append(
                Problem(
                    self.where(None),
                    "There are more notes on this event than are shown.",
                    "more-notes",
                    "note",
                    self._raw.key,
                )
            )

    def refuse(self, line: Line | None, code: str, message: str) -> Parsed:
        """The outcome for an event that cannot go in."""
        self.problems.append(Problem(self.where(line), message, code, "error", self._raw.key))
        return Parsed(None, self.problems)


def decode(raw: bytes) -> tuple[str, bool]:
    """The text of a record, and whether it is UTF-8 as it should be."""
    try:
        return raw.decode(), True
    except UnicodeDecodeError:
        pass
    try:
        # Simple programs fold lines in the middle of a letter.
        return FOLD.sub(b"", raw.replace(b"\r\n", b"\n")).decode(), True
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), False


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """The event of one raw record; never raises for bad input."""
    notes = _Notes(raw)
    if len(raw.raw) > MAX_RAW + 500_000:
        return notes.refuse(None, "too-big", f"The event is larger than {MAX_RAW // 1024} KiB.")
    try:
        return _parse(raw, options, notes)
    except Refused as refused:
        return notes.refuse(refused.line, refused.code, str(refused))
    except (ValueError, OverflowError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # A reader that stops would take the good events behind this one with it.
        return notes.refuse(
            None, "unreadable", f"The event cannot be read ({type(error).__name__}). Please report this."
        )


def _parse(raw: RawRecord, options: ReadOptions, notes: _Notes) -> Parsed:
    text, is_utf8 = decode(raw.raw)
    calendar = read_calendar(text)
    if not calendar.events:
        return notes.refuse(None, "no-event", "There is no VEVENT here.")
    if not is_utf8:
        notes.note(None, "latin-1", "The event is not UTF-8; it was read as Windows-1252. Ask the publisher for UTF-8.")
    home = options.timezone if load_zone(options.timezone) else "UTC"
    if calendar.zone:
        name = guessed_zone(unescape(calendar.zone))
        # Calendars whose owner never chose a zone say UTC, and so do not say where they are.
        if name and name != "UTC":
            home = name
        elif not name:
            notes.note(
                None, "bad-zone", f"X-WR-TIMEZONE {quoted(calendar.zone)} is not known; {home} is taken instead."
            )
    clock = Clock(calendar.definitions, home)
    master, further, overrides = choose(calendar.events, notes.note)
    for text, place in master.odd[:MAX_NOTES]:
        notes.note(Line("", {}, "", place), "odd-line", f"{quoted(text)} is no property of an event.")
    record = _texts(master, raw.key, notes)
    record.schedule = read_schedule(master, further, overrides, clock, notes.note)
    for remark in clock.assumed.values():
        notes.note(master.first("DTSTART"), "odd-zone", remark)
    _fill(record, master, clock, notes)
    if record.schedule.overrides:
        _keep_details(record, master, overrides)
    return Parsed(record, notes.problems)


def _texts(event: Component, key: str, notes: _Notes) -> Record:
    """The record with its name and description."""
    record = Record("event", key, {})
    for line in event.all("SUMMARY"):
        name = one_line(unescape(line.value))
        if name:
            record.name.setdefault(_language(line), name)
    for line in event.all("DESCRIPTION"):
        text = plain_text(unescape(line.value))
        if text:
            record.description.setdefault(_language(line), text)
    html = event.first("X-ALT-DESC")
    if html and not record.description and (text := plain_text(unescape(html.value))):
        record.description[_language(html)] = text
    if not record.name:
        _name_from_elsewhere(record, event, notes)
    languages = [code for code in record.name if code]
    if languages:
        record.language = languages[0]
        if "" in record.description and record.language not in record.description:
            record.description[record.language] = record.description.pop("")
    return record


def _language(line: Line) -> str:
    if "LANGUAGE" not in line.parameters:
        return ""
    code = re.split("[-_]", line.parameters["LANGUAGE"].strip().lower())[0]
    return code if _LANGUAGE.fullmatch(code) else ""


def _name_from_elsewhere(record: Record, event: Component, notes: _Notes) -> None:
    for code, text in record.description.items():
        first = text.split("\n", 1)[0]
        record.name[code] = first if len(first) <= 120 else first[:119].rsplit(" ", 1)[0] + "…"
        notes.note(None, "no-title", "The event has no SUMMARY; the first line of its description is its name.")
        return
    place = one_text(event, "LOCATION")
    if not place:
        raise Refused(None, "no-title", "The event has no SUMMARY and no description. Give it a title.")
    record.name[""] = place[:120]
    notes.note(None, "no-title", "The event has no SUMMARY; its location is its name.")


def _fill(record: Record, event: Component, clock: Clock, notes: _Notes) -> None:
    lines = event.lines
    if "LOCATION" in lines:
        _place(record, event)
    if "GEO" in lines or "X-APPLE-STRUCTURED-LOCATION" in lines:
        _point(record, event, notes)
    if "URL" in lines:
        record.url = _web_address(lines["URL"][0], notes)
    if "CATEGORIES" in lines:
        terms = (one_line(term) for line in lines["CATEGORIES"] for term in text_list(line.value))
        record.categories = list(dict.fromkeys(term for term in terms if term))[:100]
    if "ORGANIZER" in lines:
        record.organiser = _organiser(lines["ORGANIZER"][0])
    if "CONTACT" in lines:
        record.contact = _contact(lines["CONTACT"][0])
    if "STATUS" in lines:
        status = lines["STATUS"][0].value.strip().upper()
        if status == "CANCELLED":
            record.status = "cancelled"
        elif status == "TENTATIVE":
            record.extra["status"] = "tentative"
    if "CLASS" in lines and (secrecy := lines["CLASS"][0].value.strip().upper()) in ("PRIVATE", "CONFIDENTIAL"):
        record.extra["class"] = secrecy.lower()
        notes.note(lines["CLASS"][0], "private", "The calendar marks this event as not public.")
    if "LAST-MODIFIED" in lines:
        record.modified = _modified(lines["LAST-MODIFIED"][0], clock)
    for name in ("IMAGE", "ATTACH"):
        for line in lines.get(name, [])[:50]:
            _attachment(record, line, notes)
    for name in _ONLINE:
        if name in lines and not record.online_url:
            record.online_url = clean_url(lines[name][0].value.strip())


def _place(record: Record, event: Component) -> None:
    line = event.lines["LOCATION"][0]
    text = plain_text(unescape(line.value))
    if text.lower().startswith(("http://", "https://")) and " " not in text and clean_url(text):
        record.online_url = clean_url(text)
    else:
        record.place_name, record.address = place_and_address(text)
        whole = one_line(text)
        if record.place_name != whole:
            record.extra["location"] = whole


def _point(record: Record, event: Component, notes: _Notes) -> None:
    line = event.first("GEO")
    if line is None:
        line = event.lines["X-APPLE-STRUCTURED-LOCATION"][0]
        if not line.value.lower().startswith("geo:"):
            return
        text = line.value[4:].partition(";")[0].replace(",", ";", 1)
    else:
        text = (
            line.value.replace("\\", "").replace(",", ";", 1) if ";" not in line.value else line.value.replace("\\", "")
        )
    try:
        lat, lon = (float(part) for part in text.split(";", 1))
    except ValueError:
        notes.note(line, "bad-point", f"{line.name} {quoted(line.value)} is no latitude and longitude; it is left out.")
        return
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        notes.note(line, "bad-point", f"{line.name} {quoted(line.value)} lies outside of the world; it is left out.")
    elif (lat, lon) != (0, 0):
        # 0;0 is what programs write that know no place.
        record.lat, record.lon = lat, lon


def _web_address(line: Line, notes: _Notes) -> str:
    value = line.value.strip()
    url = clean_url(value.replace("\\,", ",").replace("\\;", ";"))
    if value and not url:
        notes.note(line, "bad-url", f"{line.name} {quoted(value)} is no web address (http or https); it is left out.")
    return url


def _organiser(line: Line) -> Contact:
    contact = Contact(name=one_line(unescape(line.parameters.get("CN", ""))))
    value = strip_control(line.value).strip()
    if value.lower().startswith("mailto:"):
        value = value[7:]
    found = _EMAIL.fullmatch(value[:320])
    if found:
        contact.email = found[0]
    else:
        contact.url = clean_url(value) if value.lower().startswith(("http:", "https:")) else ""
    if contact.name.lower().startswith("mailto:") or contact.name == contact.email:
        contact.name = ""
    return contact


def _contact(line: Line) -> Contact:
    text = one_line(unescape(line.value))[:500]
    found = _EMAIL.search(text)
    return Contact(name=text, url=clean_url(line.parameters.get("ALTREP", "")), email=found[0] if found else "")


def _modified(line: Line, clock: Clock) -> datetime | None:
    try:
        moment = read_moment(line.value, line.parameters, clock)
    except Unreadable:
        return None
    when = moment.when if isinstance(moment.when, datetime) else datetime.combine(moment.when, time())
    return when.replace(tzinfo=moment.zone.rules if moment.zone else UTC).astimezone(UTC)


def _attachment(record: Record, line: Line, notes: _Notes) -> None:
    if line.parameters.get("ENCODING", "").upper() == "BASE64" or line.parameters.get("VALUE", "").upper() == "BINARY":
        notes.note(line, "embedded-file", "A file is embedded in the event; only files with a web address are taken.")
        return
    if line.value.lower().startswith(("cid:", "data:")):
        notes.note(line, "embedded-file", "A file is embedded in the event; only files with a web address are taken.")
        return
    url = _web_address(line, notes)
    if not url:
        return
    kind = line.parameters.get("FMTTYPE", "").lower()
    if line.name == "IMAGE" or kind.startswith("image/") or (not kind and _PICTURE.search(url)):
        if all(item.url != url for item in record.media):
            record.media.append(MediaItem(url))
    else:
        record.extra.setdefault("attachments", []).append(url)


def _keep_details(record: Record, master: Component, overrides: list[Component]) -> None:
    """What single dates say differently about place or text has no field of its own."""
    details: list[dict[str, Any]] = []
    for event in overrides:
        different = {
            name.lower(): text
            for name in ("LOCATION", "DESCRIPTION")
            if (text := plain_text(unescape(event.value(name)))) and text != plain_text(unescape(master.value(name)))
        }
        if different and event is not master:
            details.append({"recurrence_id": strip_control(event.value("RECURRENCE-ID"))[:40], **different})
    if details:
        record.extra["occurrences"] = details[:200]
