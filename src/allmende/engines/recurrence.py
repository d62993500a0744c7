"""From a schedule to its occurrences in a span of time (RFC 5545, 3.8.5).

A rule is followed in wall time, and the time zone is attached afterwards: a weekly event at 10:00 stays at 10:00 when
the clocks change.  A wall time that does not exist, or exists twice, is read with the offset before the change (3.3.5).

Lengths are kept in wall time too: what lasts from 22:00 to 02:00 ends at 02:00 also in the night of the change.
Work is bounded.  Rules that count days or less are walked here, step by step; weeks, months and years are left to
dateutil, from a start that is moved close to the span.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import MONTHLY, WEEKLY, YEARLY, rrule, weekday

from allmende.engines.recurrence_values import (
    Change,
    Occurrence,
    Occurrences,
    OverrideLike,
    Rule,
    ScheduleLike,
    When,
)
from allmende.engines.steady import steady_offset

__all__ = ["Change", "Occurrence", "Occurrences", "OverrideLike", "Rule", "ScheduleLike", "When", "expand"]

MAX_STEPS: Final = 100_000
"""Most candidates that are looked at for one schedule."""
_UNITS: Final[dict[str, int]] = {"DAILY": 86400, "HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
_LONG: Final[dict[str, Literal[0, 1, 2]]] = {"WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY: Final = timedelta(days=1)


def expand(schedule: ScheduleLike, *, after: datetime, before: datetime, limit: int = 2000) -> Occurrences:
    """The occurrences that overlap the span from ``after`` to ``before`` (both with time zone), at most ``limit``.

    Cancelled ones are among them, marked.  Raises ``ValueError`` for a rule or time zone that is not valid.
    """
    zone = _zone(schedule.timezone)
    if not (schedule.rdates or schedule.overrides or schedule.dates or schedule.exdates):
        if not schedule.rrule:
            only = _occurrence(schedule.start, schedule.end, zone)
            return Occurrences([only] if _overlaps(only, after, before) else [])
        plain = _by_arithmetic(schedule, zone, after, before, limit)
        if plain is not None:
            return Occurrences(plain)
    work = _Work()
    # A margin for changes of clocks at the edge of the span, and for long events that began before it.
    length = _longest(schedule)
    margin = timedelta(hours=3) if isinstance(schedule.start, datetime) else 2 * _DAY
    low = _wall(after, zone) - length - margin if after.year > 3 + length.days // 365 else datetime(1, 1, 1)  # noqa: DTZ001
    high = _wall(before, zone) + 2 * _DAY if before.year < 9998 else datetime(9998, 12, 31)  # noqa: DTZ001
    enough = limit + len(schedule.overrides) + len(schedule.dates)
    found = []
    for one in _all(schedule, zone, low, high, work):
        if _overlaps(one, after, before):
            found.append(one)
            if len(found) > enough:
                break
    found.sort(key=lambda one: (one.start_utc, one.name))
    if len(found) > limit:
        work.cut = work.cut or f"More than {limit} occurrences; the first {limit} are kept."
    return Occurrences(found[:limit], work.cut)


@dataclass(slots=True)
class _Work:
    """What has been done so far for one schedule."""

    steps: int = 0
    cut: str = ""

    def step(self) -> bool:
        """Count one candidate; False when there have been too many."""
        self.steps += 1
        if self.steps <= MAX_STEPS:
            return True
        self.cut = f"The rule gives more than {MAX_STEPS} dates to look at; the rest is left out."
        return False


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name[:60]!r} is no IANA time zone.") from None


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A span needs times with a time zone.")
    return moment.astimezone(zone).replace(tzinfo=None)


def _longest(schedule: ScheduleLike) -> timedelta:
    length = _length(schedule.start, schedule.end)
    return max(length, *(_length(first, last) for first, last in schedule.dates)) if schedule.dates else length


def _length(start: When, end: When | None) -> timedelta:
    return _midnight(end) - _midnight(start) if end is not None else timedelta(0)


def _midnight(when: When) -> datetime:
    return when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)  # noqa: DTZ001


def _occurrence(start: When, end: When | None, zone: ZoneInfo, name: str = "", cancelled: bool = False) -> Occurrence:
    if not isinstance(start, datetime):
        last = start if end is None else end
        begins = datetime(start.year, start.month, start.day, tzinfo=zone).astimezone(UTC)
        ends = datetime(last.year, last.month, last.day, tzinfo=zone) + _DAY
        return Occurrence(begins, ends.astimezone(UTC), start, end, True, name, cancelled)
    offset = steady_offset(zone, start.date())
    if offset is not None:
        begins = start.replace(tzinfo=UTC) - offset
    else:
        begins = start.replace(tzinfo=zone).astimezone(UTC)
        # Where the clocks jump over the start, the time that they show instead.
        start = begins.astimezone(zone).replace(tzinfo=None)
    if not isinstance(end, datetime):
        return Occurrence(begins, None, start, None, False, name, cancelled)
    offset = steady_offset(zone, end.date())
    ends = end.replace(tzinfo=zone).astimezone(UTC) if offset is None else end.replace(tzinfo=UTC) - offset
    # Around a change of clocks an end can fall before its start.
    return Occurrence(begins, max(ends, begins), start, end, False, name, cancelled)


_PLAIN: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"})


def _step(parts: dict[str, str], start: datetime) -> timedelta | None:
    """How far apart the dates of the plainest rules lie: every so many days, or weeks on the weekday of the start."""
    if parts["FREQ"] not in ("DAILY", "WEEKLY") or not parts.keys() <= _PLAIN:
        return None
    weekly = parts["FREQ"] == "WEEKLY"
    if "BYDAY" in parts and not (weekly and parts["BYDAY"] == _DAYS[start.weekday()]):
        return None
    return timedelta(days=int(parts.get("INTERVAL", "1")) * (7 if weekly else 1))


def _by_arithmetic(
    schedule: ScheduleLike, zone: ZoneInfo, after: datetime, before: datetime, limit: int
) -> list[Occurrence] | None:
    """The occurrences of a plain rule without walking it; None for all that needs a walk.

    Most repeating events are of this kind, and imports expand very many of them.
    """
    parts = _parts(schedule.rrule)
    first = _midnight(schedule.start)
    step = _step(parts, first)
    length = _length(schedule.start, schedule.end)
    if step is None or length < timedelta(0) or not (after.year > 100 and before.year < 9900):
        return None
    if schedule.end is not None and isinstance(schedule.start, datetime) != isinstance(schedule.end, datetime):
        return None
    low = _wall(after, zone) - length - 2 * _DAY
    last = (_wall(before, zone) + 2 * _DAY - first) // step
    if "UNTIL" in parts:
        last = min(last, max((_until(parts["UNTIL"], schedule) - first) // step, 0))
    if "COUNT" in parts:
        last = min(last, int(parts["COUNT"]) - 1)
    skipped = max((low - first) // step, 0)
    if last - skipped >= limit:
        return None
    if isinstance(schedule.start, datetime) and schedule.end is not None:
        found = _timed(first + skipped * step, length, step, last + 1 - skipped, zone)
    else:
        found = [_moved(schedule, number * step, zone) for number in range(skipped, last + 1)]
    return [one for one in found if _overlaps(one, after, before)]


def _timed(start: datetime, length: timedelta, step: timedelta, count: int, zone: ZoneInfo) -> list[Occurrence]:
    """``count`` occurrences with a time of day, the first at ``start``; quick on days when the clocks do not change."""
    found = []
    as_if_utc = start.replace(tzinfo=UTC)
    for _ in range(count):
        end = start + length
        day, last_day = start.date(), end.date()
        offset = steady_offset(zone, day)
        if offset is None or (last_day != day and steady_offset(zone, last_day) != offset):
            found.append(_occurrence(start, end, zone))
        else:
            begins = as_if_utc - offset
            found.append(Occurrence(begins, begins + length, start, end, False))
        start += step
        as_if_utc += step
    return found


def _moved(schedule: ScheduleLike, by: timedelta, zone: ZoneInfo) -> Occurrence:
    end = schedule.end
    return _occurrence(schedule.start + by, None if end is None else end + by, zone)


def _overlaps(one: Occurrence, after: datetime, before: datetime) -> bool:
    if one.start_utc >= before:
        return False
    return one.start_utc >= after or (one.end_utc is not None and one.end_utc > after)


def _all(schedule: ScheduleLike, zone: ZoneInfo, low: datetime, high: datetime, work: _Work) -> Iterator[Occurrence]:
    """Occurrences near the span: overrides, dates with an end of their own, then what the rule gives."""
    changed = {change.recurrence_id: change for change in schedule.overrides}
    length = _length(schedule.start, schedule.end)
    ends = dict(schedule.dates)
    for which, change in changed.items():
        own_end = ends.get(which)
        start = which if change.start is None else change.start
        end = change.end
        if end is None and change.start is None and own_end is not None:
            end = own_end
        elif end is None and isinstance(start, datetime) == isinstance(schedule.start, datetime):
            end = start + length if schedule.end is not None else None
        yield _occurrence(start, end, zone, change.name, change.cancelled)
    gone = set(schedule.exdates) | changed.keys()
    for start, end in schedule.dates:
        if start not in gone:
            gone.add(start)
            yield _occurrence(start, end, zone)
    for start in _starts(schedule, low, high, work):
        if start not in gone:
            gone.add(start)
            yield _occurrence(start, None if schedule.end is None else start + length, zone)


def _starts(schedule: ScheduleLike, low: datetime, high: datetime, work: _Work) -> Iterator[When]:
    """Starts between ``low`` and ``high`` by the rule, and those named one by one."""
    if low <= _midnight(schedule.start) <= high:
        yield schedule.start
    for when in schedule.rdates:
        if low <= _midnight(when) <= high:
            yield when
    if not schedule.rrule:
        return
    whole_days = not isinstance(schedule.start, datetime)
    for moment in _by_rule(schedule, low, high, work):
        yield moment.date() if whole_days else moment


@lru_cache(maxsize=4096)
def _parts(text: str) -> dict[str, str]:
    parts = {}
    for part in text.upper().split(";"):
        name, equals, value = part.partition("=")
        if part and not (equals and value):
            raise ValueError(f"{part[:60]!r} is no part of a recurrence rule.")
        if part:
            parts[name.strip()] = value.strip()
    if parts.get("FREQ") not in _UNITS and parts.get("FREQ") not in _LONG:
        raise ValueError(f"{text[:60]!r} has no FREQ that is known.")
    if not 1 <= int(parts.get("INTERVAL", "1")) <= 1_000_000 or int(parts.get("COUNT", "1")) < 1:
        raise ValueError(f"{text[:60]!r} has an INTERVAL or COUNT that is not allowed.")
    return parts


def _numbers(parts: dict[str, str], name: str) -> tuple[int, ...]:
    return tuple(sorted({int(number) for number in parts[name].split(",")})) if name in parts else ()


def _until(text: str, schedule: ScheduleLike) -> datetime:
    """UNTIL as wall time of the schedule."""
    day = datetime.strptime(text[:8], "%Y%m%d")  # noqa: DTZ007
    if len(text) == 8:
        return datetime.combine(day, time.max) if isinstance(schedule.start, datetime) else day
    moment = datetime.strptime(text[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007
    if not isinstance(schedule.start, datetime):
        return day
    return _wall(moment.replace(tzinfo=UTC), _zone(schedule.timezone)) if text.endswith("Z") else moment


def _by_rule(schedule: ScheduleLike, low: datetime, high: datetime, work: _Work) -> Iterator[datetime]:
    parts = _parts(schedule.rrule)
    start = _midnight(schedule.start)
    if "UNTIL" in parts:
        high = min(high, _until(parts["UNTIL"], schedule))
    if high < low or high < start:
        return
    if parts["FREQ"] in _UNITS:
        yield from _walk(parts, start, low, high, work)
    else:
        yield from _follow(parts, start, low, high, work)


def _walk(parts: dict[str, str], start: datetime, low: datetime, high: datetime, work: _Work) -> Iterator[datetime]:
    """DAILY and finer rules: every candidate in turn, where each BY part leaves some out or names times within it."""
    if "BYSETPOS" in parts and parts["FREQ"] != "DAILY":
        work.cut = "BYSETPOS is not followed in a rule of hours, minutes or seconds; only the first date is kept."
        return
    unit = _UNITS[parts["FREQ"]]
    step = timedelta(seconds=unit * int(parts.get("INTERVAL", "1")))
    fits = _day_test(parts)
    times = _times_within(parts, unit)
    positions = _numbers(parts, "BYSETPOS")
    left = int(parts["COUNT"]) if "COUNT" in parts else None
    moment = start
    simple = not any(name.startswith("BY") for name in parts)
    if moment < low and (left is None or simple):
        skipped = max((low - moment) // step - 1, 0)
        moment += skipped * step
        left = None if left is None else left - skipped
    while moment <= high + _DAY and (left is None or left > 0):
        if not work.step():
            return
        if fits(moment):
            within = times(moment)
            if positions:
                within = sorted(
                    {within[at - 1 if at > 0 else at] for at in positions if -len(within) <= at <= len(within)}
                )
            for one in within:
                if one < start:
                    continue
                if not work.step():
                    return
                if left is not None:
                    left -= 1
                    if left < 0:
                        return
                if low <= one <= high:
                    yield one
        if datetime.max - moment <= step:  # noqa: DTZ901
            return
        moment += step


def _day_test(parts: dict[str, str]) -> Any:
    """A function that tells whether a moment's day is one that the rule allows."""
    months, weeks = _numbers(parts, "BYMONTH"), _numbers(parts, "BYWEEKNO")
    month_days, year_days = _numbers(parts, "BYMONTHDAY"), _numbers(parts, "BYYEARDAY")
    days = tuple(_DAYS.index(day[-2:]) for day in parts["BYDAY"].split(",")) if "BYDAY" in parts else ()

    def fits(moment: datetime) -> bool:
        if months and moment.month not in months:
            return False
        if days and moment.weekday() not in days:
            return False
        if month_days:
            last = (moment.replace(day=28) + timedelta(days=4)).replace(day=1) - _DAY
            if moment.day not in month_days and moment.day - last.day - 1 not in month_days:
                return False
        if year_days:
            number = moment.timetuple().tm_yday
            last_day = moment.replace(month=12, day=31).timetuple().tm_yday
            if number not in year_days and number - last_day - 1 not in year_days:
                return False
        return not weeks or moment.isocalendar().week in weeks

    return fits


def _times_within(parts: dict[str, str], unit: int) -> Any:
    """A function from a candidate to the moments in it: BYHOUR names hours of a day, but leaves out hours of HOURLY."""
    hours, minutes, seconds = (_numbers(parts, name) for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))

    def times(moment: datetime) -> list[datetime]:
        if (
            (hours and unit < 86400 and moment.hour not in hours)
            or (minutes and unit < 3600 and moment.minute not in minutes)
            or (seconds and unit < 60 and moment.second not in seconds)
        ):
            return []
        if not (hours or minutes or seconds):
            return [moment]
        return [
            moment.replace(hour=hour, minute=minute, second=min(second, 59))
            for hour in (hours if hours and unit == 86400 else (moment.hour,))
            for minute in (minutes if minutes and unit >= 3600 else (moment.minute,))
            for second in (seconds if seconds and unit >= 60 else (moment.second,))
        ]

    return times


_CYCLE: Final = 400
"""The Gregorian calendar repeats, weekdays and all, every 400 years."""


def _follow(parts: dict[str, str], start: datetime, low: datetime, high: datetime, work: _Work) -> Iterator[datetime]:
    """WEEKLY, MONTHLY and YEARLY rules, by dateutil.

    dateutil looks for a next date until the year 9999 where a rule never comes true.  Everything is therefore
    calculated as late before that year as whole cycles of 400 years allow.
    """
    fields = _fields(parts, start)
    begin = start
    if "COUNT" not in parts and start < low:
        begin = _skip(parts, start, low)
    shift = (9999 - max(high.year, begin.year)) // _CYCLE * _CYCLE
    try:
        rule = rrule(_LONG[parts["FREQ"]], dtstart=_shifted(begin, shift), **fields)
    except (TypeError, IndexError) as error:
        raise ValueError(f"The rule {parts} is not valid: {error}") from None
    for moment in rule:
        if not work.step():
            return
        if moment.year - shift < 1:
            continue
        one = _shifted(moment, -shift)
        if one > high:
            return
        if one >= low and one >= start:
            yield one


def _shifted(moment: datetime, years: int) -> datetime:
    return moment.replace(year=moment.year + years) if years else moment


def _fields(parts: dict[str, str], start: datetime) -> dict[str, Any]:
    """Arguments for dateutil; what a rule leaves to its start is written out, so that the start can move."""
    fields: dict[str, Any] = {"interval": int(parts.get("INTERVAL", "1"))}
    for name in ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "BYHOUR", "BYMINUTE", "BYSECOND"):
        if name in parts:
            fields[name.lower()] = _numbers(parts, name)
    if "BYSECOND" in parts:
        fields["bysecond"] = tuple(min(second, 59) for second in fields["bysecond"])
    if "COUNT" in parts:
        fields["count"] = int(parts["COUNT"])
    if "WKST" in parts:
        fields["wkst"] = _DAYS.index(parts["WKST"])
    if "BYDAY" in parts:
        fields["byweekday"] = [_weekday(day) for day in parts["BYDAY"].split(",")]
    elif not any(name in fields for name in ("bymonthday", "byyearday", "byweekno")):
        if parts["FREQ"] == "WEEKLY":
            fields["byweekday"] = start.weekday()
        else:
            fields["bymonthday"] = start.day
            if parts["FREQ"] == "YEARLY":
                fields.setdefault("bymonth", start.month)
    return fields


def _weekday(text: str) -> weekday:
    return weekday(_DAYS.index(text[-2:]), int(text[:-2]) if text[:-2] else None)


def _skip(parts: dict[str, str], start: datetime, low: datetime) -> datetime:
    """A start some whole periods later, still before ``low``."""
    interval = int(parts.get("INTERVAL", "1"))
    if parts["FREQ"] == "WEEKLY":
        weeks = max((low - start).days // 7 // interval - 1, 0) * interval
        return start + timedelta(weeks=weeks)
    if parts["FREQ"] == "MONTHLY":
        months = (low.year - start.year) * 12 + low.month - start.month
        months = max(months // interval - 1, 0) * interval
        years, month = divmod(start.month - 1 + months, 12)
        return start.replace(year=start.year + years, month=month + 1, day=1) if months else start
    years = max((low.year - start.year) // interval - 1, 0) * interval
    return start.replace(year=start.year + years, month=1, day=1) if years else start
