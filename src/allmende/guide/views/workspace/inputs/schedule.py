"""When an event takes place: first date, repetition, further dates, exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext, ngettext

from allmende.core import formats
from allmende.guide.views.workspace.inputs.base import (
    Columns,
    Typed,
    Wrong,
    many,
    one,
    rows,
    to_clock,
    to_day,
    to_decimal,
)

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY", "yearly": "YEARLY"}
REPEATS = ("", "daily", "weekly", "monthly", "nth", "yearly")
"""``nth``: every month on the weekday of the first date, such as each second Saturday.  ``own``: a rule of the source."""
MOST_DATES = 150
"""Dates in the form; a record with more keeps the rest as it is."""
LATE = time(23, 59, 59)


def _day_and_time(moment: str | None) -> tuple[str, str]:
    """("2026-12-05", "19:30") of a stored moment; all-day moments have no time."""
    if not moment:
        return "", ""
    return moment[:10], moment[11:16]


def _parts(rule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)


def _ordinal(first: date) -> int:
    """1 for the first such weekday of the month ... 4; -1 for one that is the fifth, which means the last."""
    number = (first.day - 1) // 7 + 1
    return number if number < 5 else -1


def repeat_of(schedule: Mapping[str, Any]) -> str:
    """The kind of repetition that the form can show, or ``own`` for richer rules."""
    rule = schedule.get("rrule", "")
    if not rule:
        return ""
    parts = _parts(rule)
    if set(parts) - {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"}:
        return "own"
    days = [day for day in parts.get("BYDAY", "").split(",") if day]
    found = {value: key for key, value in FREQUENCIES.items()}.get(parts.get("FREQ", ""), "own")
    if found == "weekly":
        return "weekly" if all(day in DAYS for day in days) else "own"
    if found == "monthly" and days:
        first = date.fromisoformat(schedule["start"][:10])
        sound = {f"{number}{DAYS[first.weekday()]}" for number in (_ordinal(first), (first.day - 1) // 7 + 1)}
        return "nth" if len(days) == 1 and days[0].lstrip("+") in sound else "own"
    return "own" if days else found


def _until_day(until: str, zone: str) -> str:
    if not until:
        return ""
    if len(until) == 8:
        return f"{until[:4]}-{until[4:6]}-{until[6:]}"
    moment = datetime.strptime(until[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()


def _further_dates(schedule: Mapping[str, Any]) -> list[list[Any]]:
    return [[moment, None] for moment in schedule.get("rdates", [])] + list(schedule.get("dates", []))


def show(columns: Columns) -> Any:
    """Input texts of a schedule."""
    schedule, zone = columns["schedule"], columns["timezone"]
    is_all_day = len(schedule["start"]) == 10
    start_day, start_time = _day_and_time(schedule["start"])
    end_day, end_time = _day_and_time(schedule.get("end"))
    parts = _parts(schedule.get("rrule", ""))
    repeat = repeat_of(schedule)
    found: dict[str, Any] = {
        "schedule.all_day": "1" if is_all_day else "",
        "schedule.start_day": start_day,
        "schedule.start_time": start_time,
        "schedule.end_day": end_day if end_day != start_day else "",
        "schedule.end_time": end_time,
        "schedule.timezone": zone,
        "schedule.repeat": repeat,
        "schedule.days": [day for day in parts.get("BYDAY", "").split(",") if day] if repeat == "weekly" else [],
    }
    if repeat and repeat != "own":
        found["schedule.interval"] = parts.get("INTERVAL", "1")
        found["schedule.until"] = _until_day(parts.get("UNTIL", ""), zone)
        found["schedule.count"] = parts.get("COUNT", "")
    found["schedule.except"] = [text[:10] for text in schedule.get("exdates", [])]
    for number, (begin, end) in enumerate(_further_dates(schedule)[:MOST_DATES]):
        name = f"schedule.{number}"
        found[f"{name}.day"], found[f"{name}.time"] = _day_and_time(begin)
        last, found[f"{name}.end_time"] = _day_and_time(end)
        found[f"{name}.end_day"] = last if last != found[f"{name}.day"] else ""
    return found


def _moment(day: date, clock: time | None, *, is_all_day: bool) -> date | datetime:
    return day if is_all_day else datetime.combine(day, clock or time(0))


def _end(inputs: Typed, prefix: str, start: date | datetime, *, is_all_day: bool) -> date | datetime | None:
    last, clock = to_day(inputs, f"{prefix}end_day"), to_clock(inputs, f"{prefix}end_time")
    begin = start.date() if isinstance(start, datetime) else start
    if last is not None and last < begin:
        raise Wrong(f"{prefix}end_day", gettext("The event ends before it starts."))
    if not isinstance(start, datetime):
        return last or begin
    if clock is None:
        return datetime.combine(last, time(23, 59)) if last and last > begin else None
    end = datetime.combine(last or begin, clock)
    if end < start:
        if last is not None:
            raise Wrong(f"{prefix}end_time", gettext("The event ends before it starts."))
        end += timedelta(days=1)  # a concert from 21:00 to 1:00
    return end


def _rule(inputs: Typed, before: Mapping[str, Any], start: date | datetime, zone: str) -> str:
    repeat = one(inputs, "schedule.repeat")
    if repeat == "own":
        return str(before.get("rrule", ""))
    if repeat not in REPEATS or not repeat:
        return ""
    first = start.date() if isinstance(start, datetime) else start
    parts = [f"FREQ={FREQUENCIES.get(repeat, 'MONTHLY')}"]
    interval = int(to_decimal(inputs, "schedule.interval", 1, 400) or 1)
    if interval > 1:
        parts.append(f"INTERVAL={interval}")
    if repeat == "weekly":
        days = [day for day in DAYS if day in many(inputs, "schedule.days")] or [DAYS[first.weekday()]]
        parts.append("BYDAY=" + ",".join(days))
    if repeat == "nth":
        parts.append(f"BYDAY={_ordinal(first)}{DAYS[first.weekday()]}")
    until, count = to_day(inputs, "schedule.until"), to_decimal(inputs, "schedule.count", 1, 5000)
    if until and count:
        raise Wrong("schedule.count", gettext("Say either the last day or how often, not both."))
    if until and until < first:
        raise Wrong("schedule.until", gettext("The repetition ends before the first date."))
    if until and isinstance(start, datetime):
        last = datetime.combine(until, LATE, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        parts.append(f"UNTIL={last:%Y%m%dT%H%M%SZ}")
    elif until:
        parts.append(f"UNTIL={until:%Y%m%d}")
    elif count:
        parts.append(f"COUNT={int(count)}")
    return ";".join(parts)


def read(inputs: Typed, columns: Columns) -> dict[str, Any]:
    """Columns of a schedule."""
    before = columns["schedule"]
    zone = one(inputs, "schedule.timezone") or columns["timezone"]
    if zone not in available_timezones():
        raise Wrong("schedule.timezone", gettext("There is no such time zone. Write one such as Europe/Paris."))
    is_all_day = bool(one(inputs, "schedule.all_day"))
    day, clock = to_day(inputs, "schedule.start_day"), to_clock(inputs, "schedule.start_time")
    if day is None:
        raise Wrong("schedule.start_day", gettext("Please say on which day it starts."))
    if clock is None and not is_all_day:
        raise Wrong("schedule.start_time", gettext("Please say when it starts, or tick “all day”."))
    start = _moment(day, clock, is_all_day=is_all_day)
    end = _end(inputs, "schedule.", start, is_all_day=is_all_day)
    value: dict[str, Any] = {"start": start.isoformat(), "end": end.isoformat() if end else None}
    rule = _rule(inputs, before, start, zone)
    if rule:
        value["rrule"] = rule
    excluded = [_moment(gone, clock, is_all_day=is_all_day) for gone in _days(inputs, "schedule.except")]
    if excluded and (rule or len(list(rows(inputs, "schedule")))):
        value["exdates"] = [moment.isoformat() for moment in excluded]
    further = _further(inputs, clock, end, start, is_all_day=is_all_day) + _further_dates(before)[MOST_DATES:]
    if further:
        value["dates"] = further
    if before.get("overrides") and value["start"] == before["start"] and rule == before.get("rrule", ""):
        value["overrides"] = before["overrides"]
    return {"schedule": value, "timezone": zone}


def _days(inputs: Typed, name: str) -> list[date]:
    found = []
    for text in many(inputs, name):
        day = to_day({name: [text]}, name)
        if day:
            found.append(day)
    return sorted(set(found))


def _further(
    inputs: Typed, clock: time | None, end: date | datetime | None, start: date | datetime, *, is_all_day: bool
) -> list[list[str | None]]:
    length = end - start if isinstance(end, datetime) and isinstance(start, datetime) else None
    found: list[list[str | None]] = []
    for number in list(rows(inputs, "schedule"))[:MOST_DATES]:
        prefix = f"schedule.{number}."
        day = to_day(inputs, f"{prefix}day")
        if day is None:
            raise Wrong(f"{prefix}day", gettext("Please say the day of this date, or empty its row."))
        begin = _moment(day, to_clock(inputs, f"{prefix}time") or clock, is_all_day=is_all_day)
        last = _end(inputs, prefix, begin, is_all_day=is_all_day)
        if last is None and length is not None:
            last = begin + length
        found.append([begin.isoformat(), last.isoformat() if last else None])
    return found


def when_in_words(stored: Mapping[str, Any], language: str) -> str:
    """Start and end as people say them: "28 Nov 2026, 19:30 – 22:00"."""
    start, end = _local(stored["start"]), _local(stored.get("end"))
    if start is None:
        return ""
    first = formats.day_medium(start.date(), language)
    has_time = len(stored["start"]) > 10
    if end is None or end == start:
        return f"{first}, {formats.clock(start.time(), language)}" if has_time else first
    last = formats.day_medium(end.date(), language)
    if not has_time:
        return first if first == last else f"{first} – {last}"
    until = formats.clock(end.time(), language)
    return f"{first}, {formats.clock(start.time(), language)} – {until if first == last else last + ', ' + until}"


def _local(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def rule_in_words(schedule: Mapping[str, Any], zone: str, language: str) -> str:
    """How an event repeats, as a sentence; a rule that is too rich for one is shown as written."""
    rule = schedule.get("rrule", "")
    repeat = repeat_of(schedule)
    if not repeat:
        return ""
    if repeat == "own":
        return gettext("By a rule of its source: %(rule)s") % {"rule": rule}
    parts = _parts(rule)
    n = int(parts.get("INTERVAL", "1"))
    every = {
        "daily": ngettext("Every day", "Every %(n)s days", n),
        "weekly": ngettext("Every week", "Every %(n)s weeks", n),
        "monthly": ngettext("Every month", "Every %(n)s months", n),
        "nth": ngettext("Every month", "Every %(n)s months", n),
        "yearly": ngettext("Every year", "Every %(n)s years", n),
    }[repeat] % {"n": n}
    first = date.fromisoformat(schedule["start"][:10])
    monday = date(2024, 1, 1)
    if repeat == "weekly" and parts.get("BYDAY"):
        names = [
            formats.weekday_long(monday + timedelta(days=DAYS.index(day)), language)
            for day in parts["BYDAY"].split(",")
        ]
        every = gettext("%(every)s on %(days)s") % {"every": every, "days": formats.words(names, language)}
    if repeat == "nth":
        every = gettext("%(every)s, on the same weekday as %(day)s") % {
            "every": every,
            "day": formats.day_long(first, language),
        }
    if parts.get("UNTIL"):
        last = date.fromisoformat(_until_day(parts["UNTIL"], zone))
        return gettext("%(every)s, until %(day)s") % {"every": every, "day": formats.day_medium(last, language)}
    if parts.get("COUNT"):
        count = int(parts["COUNT"])
        return ngettext("%(every)s, once", "%(every)s, %(n)s times", count) % {"every": every, "n": count}
    return every
