"""From the VEVENTs of one UID to a schedule: the first start, the rule, and every date that differs from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from allmende.formats.ical.lines import Component, Line, one_text, quoted
from allmende.formats.ical.times import (
    MAX_DATES,
    Clock,
    Moment,
    Unreadable,
    add_duration,
    local,
    occurrence_of,
    read_dates,
    read_duration,
    read_moment,
    read_rule,
)
from allmende.formats.records import Override, Schedule

Note = Callable[[Line | None, str, str], None]
"""Takes the line concerned, a code and a sentence."""
_DATE_PARTS = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYHOUR")


class Refused(Exception):
    """The event cannot go in: ``line``, ``code`` and a sentence."""

    def __init__(self, line: Line | None, code: str, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.code = code


def choose(events: list[Component], note: Note) -> tuple[Component, list[Component], list[Component]]:
    """The event that counts, further ones that only add dates to it, and the moved occurrences.

    Of several versions the one with the highest SEQUENCE counts, and among equals the last.
    """
    overrides = [event for event in events if event.first("RECURRENCE-ID")]
    masters = [event for event in events if not event.first("RECURRENCE-ID")]
    if len(events) == 1:
        # Alone with its rule, what calls itself a change is the series.
        alone = bool(overrides) and not (events[0].first("RRULE") or events[0].first("RDATE"))
        return events[0], [], overrides if alone else []
    if not masters:
        return overrides[0], [], overrides
    newest = max(map(_sequence, masters))
    current = [event for event in masters if _sequence(event) == newest]
    starts = {event.value("DTSTART"): event for event in current}
    if len(starts) > 1 and not any(event.first("RRULE") for event in current):
        note(
            None,
            "many-starts",
            f"Entries with {len(starts)} different starts share one UID; they are read as dates of one event.",
        )
        master, *further = starts.values()
        return master, further, overrides
    if len(masters) > 1:
        note(None, "duplicate-key", "Several versions of the event share one UID; the newest one counts.")
    return current[-1], [], overrides


def _sequence(event: Component) -> int:
    text = event.value("SEQUENCE").strip()[:9]
    return int(text) if text.isascii() and text.isdigit() else 0


def read_schedule(
    master: Component, further: list[Component], overrides: list[Component], clock: Clock, note: Note
) -> Schedule:
    """The schedule; raises :class:`Refused` where no start can be read."""
    begins = master.first("DTSTART")
    if begins is None:
        raise Refused(None, "no-start", "The event has no DTSTART. Give it a start.")
    moment = _moment(begins, clock)
    _set_zone(moment, master, clock, begins, note)
    start = local(moment, clock)
    end = _end(master, start, clock, note)
    start, end = _whole_days(master, start, end)
    schedule = Schedule(start, end, clock.zone)
    orphans = bool(overrides) and overrides[0] is master
    if not orphans:
        _read_rule(master, schedule, clock, note)
        _read_dates(master, schedule, clock, note)
    for event in further:
        schedule.dates.append(_start_and_end(event, schedule, clock, note))
    if len(overrides) > MAX_DATES:
        raise Refused(
            overrides[0].first("RECURRENCE-ID"), "too-big", f"The event has more than {MAX_DATES} moved dates."
        )
    if orphans:
        _read_orphans(overrides, schedule, clock, note)
    else:
        _read_overrides(overrides, schedule, master, clock, note)
    return schedule


def _moment(line: Line, clock: Clock) -> Moment:
    try:
        return read_moment(line.value, line.parameters, clock)
    except Unreadable as error:
        raise Refused(line, "bad-date", f"{line.name} {quoted(line.value)} {error}. Correct it.") from None


def _set_zone(moment: Moment, master: Component, clock: Clock, line: Line, note: Note) -> None:
    """The zone in which the event is told: the one that its start names, else the calendar's own."""
    clock.year = moment.when.year
    clock.zone = clock.home
    zone = moment.zone
    if zone is None:
        return
    if not moment.utc:
        if zone.name:
            clock.zone = zone.name
        elif "TZID" in line.parameters:
            note(
                line,
                "own-zone",
                f"Time zone {quoted(line.parameters['TZID'])} is the calendar's own; "
                f"times are converted to {clock.home}.",
            )
        return
    rule = master.value("RRULE").upper()
    if rule and clock.home != "UTC":
        moved = local(moment, clock)
        if (
            any(part in rule for part in _DATE_PARTS)
            and isinstance(moved, datetime)
            and moved.date() != _day(moment.when)
        ):
            # Converted, a Monday evening's rule would name a Tuesday morning's day.
            clock.zone = "UTC"
            note(line, "utc-rule", "The rule counts days in UTC, so the event stays in UTC.")
        else:
            note(
                line,
                "utc-rule",
                f"The event repeats in UTC; it is read as repeating at the same time of day in {clock.home}.",
            )


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def _end(event: Component, start: date | datetime, clock: Clock, note: Note) -> date | datetime | None:
    line = event.first("DTEND") or event.first("DURATION")
    if line is None or not line.value.strip():
        return None
    try:
        if line.name == "DURATION":
            length = read_duration(line.value)
            end = add_duration(start, length, clock)
        else:
            moment = read_moment(line.value, line.parameters, clock)
            end = local(moment, clock)
    except (Unreadable, OverflowError) as error:
        reason = error if isinstance(error, Unreadable) else "reaches beyond the calendar"
        note(line, "bad-end", f"{line.name} {quoted(line.value)} {reason}; the end is unknown.")
        return None
    return _checked_end(start, end, line, note)


def _checked_end(start: date | datetime, end: date | datetime, line: Line, note: Note) -> date | datetime | None:
    if isinstance(start, datetime) != isinstance(end, datetime):
        note(
            line, "mixed-types", "One of start and end is a date and the other a time; the end is read like the start."
        )
        if isinstance(start, datetime):
            end = datetime.combine(end, time())
        elif isinstance(end, datetime):
            end = end.date()
    if not isinstance(start, datetime):
        # The RFC names the day after; some publishers name the last day itself.
        if end < start:
            note(line, "end-before-start", "The event ends before it starts; the end is unknown.")
            return None
        return max(end - timedelta(days=1), start)
    if end < start:
        note(line, "end-before-start", "The event ends before it starts; the end is unknown.")
    return end if end > start else None


def _whole_days(
    event: Component, start: date | datetime, end: date | datetime | None
) -> tuple[date | datetime, date | datetime | None]:
    """Outlook marks whole days only beside times from midnight to midnight."""
    if event.value("X-MICROSOFT-CDO-ALLDAYEVENT").strip().upper() != "TRUE" or not isinstance(start, datetime):
        return start, end
    if start.time() != time() or (isinstance(end, datetime) and end.time() != time()):
        return start, end
    last = end.date() - timedelta(days=1) if isinstance(end, datetime) else None
    return start.date(), max(last, start.date()) if last else None


def _start_and_end(
    event: Component, schedule: Schedule, clock: Clock, note: Note
) -> tuple[date | datetime, date | datetime | None]:
    line = event.first("DTSTART")
    if line is None:
        raise Refused(
            event.first("RECURRENCE-ID"), "no-start", "An entry of the event has no DTSTART. Give it a start."
        )
    start = local(_moment(line, clock), clock)
    return _whole_days(event, start, _end(event, start, clock, note))


def _read_rule(master: Component, schedule: Schedule, clock: Clock, note: Note) -> None:
    lines = [line for line in master.all("RRULE") if line.value.strip()]
    if not lines:
        return
    if len({line.value.strip().upper() for line in lines}) > 1:
        note(lines[1], "second-rule", "The event has several RRULEs; the first one counts.")
    for line in master.all("EXRULE"):
        note(line, "exrule", "EXRULE is out of date and is not read; name the dates in EXDATE.")
    line = lines[0]
    try:
        schedule.rrule, remarks = read_rule(line.value, schedule.start, clock)
    except (Unreadable, OverflowError) as error:
        reason = error if isinstance(error, Unreadable) else "reaches beyond the calendar"
        note(line, "bad-rule", f"RRULE {quoted(line.value)} {reason}; only the first date is kept.")
        return
    for remark in remarks:
        note(line, "odd-rule", f"RRULE {quoted(line.value)}: {remark}")


def _read_dates(master: Component, schedule: Schedule, clock: Clock, note: Note) -> None:
    start = schedule.start
    for name in ("RDATE", "EXDATE"):
        pairs: list[tuple[date | datetime, date | datetime | None]] = []
        for line in master.all(name):
            try:
                pairs += read_dates(line, start, clock)
            except (Unreadable, OverflowError) as error:
                if len(pairs) > MAX_DATES or "more than" in str(error):
                    raise Refused(line, "too-big", f"{name} lists more than {MAX_DATES} dates. Use a rule.") from None
                pairs += _readable(line, start, clock)
                note(line, "bad-date", f"{name} {quoted(line.value)} {error}; that date is left out.")
        if len(pairs) > MAX_DATES:
            raise Refused(master.first(name), "too-big", f"{name} lists more than {MAX_DATES} dates. Use a rule.")
        if name == "EXDATE":
            schedule.exdates = list(dict.fromkeys(first for first, _ in pairs))
        else:
            schedule.rdates = list(dict.fromkeys(first for first, last in pairs if last is None))
            schedule.dates = list(dict.fromkeys((first, last) for first, last in pairs if last is not None))


def _readable(line: Line, start: date | datetime, clock: Clock) -> list[tuple[date | datetime, date | datetime | None]]:
    found: list[tuple[date | datetime, date | datetime | None]] = []
    for text in line.value.split(",")[:MAX_DATES]:
        try:
            found += read_dates(line._replace(value=text), start, clock)
        except (Unreadable, OverflowError):
            continue
    return found


def _read_overrides(
    overrides: list[Component], schedule: Schedule, master: Component, clock: Clock, note: Note
) -> None:
    title = one_text(master, "SUMMARY")
    excluded = set(schedule.exdates)
    found: dict[date | datetime, tuple[int, Override]] = {}
    for event in overrides:
        line = event.all("RECURRENCE-ID")[0]
        try:
            which = occurrence_of(read_moment(line.value, line.parameters, clock), schedule.start, clock)
        except Unreadable as error:
            note(line, "bad-date", f"RECURRENCE-ID {quoted(line.value)} {error}; this moved date is left out.")
            continue
        if which in excluded:
            note(
                line,
                "excluded-date",
                f"The date {quoted(line.value)} is both moved and left out (EXDATE); it is left out.",
            )
            continue
        if "THISANDFUTURE" in line.parameters.get("RANGE", "").upper():
            note(
                line,
                "this-and-future",
                "A change of this and all following dates is read as a change of this one date only.",
            )
        override = Override(which)
        if event.first("DTSTART"):
            try:
                override.start, override.end = _start_and_end(event, schedule, clock, note)
            except Refused as error:
                note(error.line, error.code, f"{error} The moved date keeps its time.")
        name = one_text(event, "SUMMARY")
        override.name = name if name != title else ""
        override.cancelled = event.value("STATUS").strip().upper() == "CANCELLED"
        sequence = _sequence(event)
        if which not in found or found[which][0] <= sequence:
            found[which] = (sequence, override)
    schedule.overrides = [override for _, override in found.values()]
    _fold_longer_dates(schedule)


def _fold_longer_dates(schedule: Schedule) -> None:
    """An RDATE that an override only gives another end is a date with an end of its own."""
    extra = set(schedule.rdates)
    kept = []
    for override in schedule.overrides:
        which = override.recurrence_id
        if which in extra and override.start == which and override.end and not override.name and not override.cancelled:
            schedule.rdates.remove(which)
            schedule.dates.append((which, override.end))
        else:
            kept.append(override)
    schedule.overrides = kept


def _read_orphans(overrides: list[Component], schedule: Schedule, clock: Clock, note: Note) -> None:
    """Moved occurrences of a series that was not delivered: each is a date of its own."""
    title = one_text(overrides[0], "SUMMARY")
    if len(overrides) > 1:
        note(None, "no-series", "Moved dates were delivered without their series; they are read as dates of one event.")
    for number, event in enumerate(overrides):
        try:
            start, end = _start_and_end(event, schedule, clock, note)
        except Refused as error:
            note(error.line, error.code, f"{error} This date is left out.")
            continue
        name = one_text(event, "SUMMARY")
        cancelled = event.value("STATUS").strip().upper() == "CANCELLED"
        if number:
            schedule.dates.append((start, end))
        if number and (name != title or cancelled):
            schedule.overrides.append(Override(start, start, end, name if name != title else "", cancelled))
