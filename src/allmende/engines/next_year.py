"""A schedule moved to another year: the same weekday, the rule, its exceptions and all further dates with it.

Clock times are wall time and stay what they are, whatever daylight saving does on the new day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Final, Literal
from zoneinfo import ZoneInfo

from allmende.engines.recurrence import Change, Rule, ScheduleLike, When, expand

Way = Literal["near", "ordinal"]
"""``near``: the same weekday, nearest to the same date.  ``ordinal``: the same weekday of its month, such as the first Sunday
of June; a fifth one means the last."""

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEK: Final = timedelta(days=7)
_ORDINAL: Final = re.compile(r"[+-]?\d+(?:MO|TU|WE|TH|FR|SA|SU)")
_BY_DATE: Final = ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYEASTER")


def anniversary(day: date, year: int) -> date:
    """The same date in another year; 29 February is 28 February where there is none."""
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def same_weekday(day: date, year: int, way: Way = "near") -> date:
    """The day in ``year`` that is to it what ``day`` is to its own year, on the same weekday.

    A year on, that is 52 weeks later, or 53.
    """
    if way == "ordinal":
        return _same_ordinal(day, year)
    aim = anniversary(day, year)
    found = aim + timedelta(days=(day.weekday() - aim.weekday() + 3) % 7 - 3)
    return found + WEEK if found.year < year else found - WEEK if found.year > year else found


def _same_ordinal(day: date, year: int) -> date:
    first = date(year, day.month, 1)
    found = first + timedelta(days=(day.weekday() - first.weekday()) % 7) + (day.day - 1) // 7 * WEEK
    return found if found.month == day.month else found - WEEK


def next_time(day: date, today: date, way: Way = "near") -> date:
    """The first such day in a later year that has not passed."""
    for year in count(max(day.year + 1, today.year)):
        found = same_weekday(day, year, way)
        if found >= today:
            return found
    raise AssertionError  # years do not end


def _parts(rrule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rrule.upper().split(";") if "=" in part)


def bound_to(rrule: str) -> Literal["", "weekday", "ordinal", "date"]:
    """What a rule holds on to: weekdays, the second Saturday of a month, or dates such as the 14th; ``""``: no rule."""
    parts = _parts(rrule)
    if not parts:
        return ""
    if parts.get("FREQ") not in {"MONTHLY", "YEARLY"}:
        return "weekday"
    if any(name in parts for name in _BY_DATE):
        return "date"
    by_day = parts.get("BYDAY", "")
    return "ordinal" if by_day and (_ORDINAL.search(by_day) or "BYSETPOS" in parts) else "weekday" if by_day else "date"


def aim(schedule: ScheduleLike, year: int, way: Way = "near") -> date:
    """The first day of the schedule in ``year``.  A rule that holds on to dates keeps its date instead of its weekday."""
    return _aim(schedule, lambda day, to: same_weekday(day, year, to), lambda day: anniversary(day, year), way)


def next_aim(schedule: ScheduleLike, today: date, way: Way = "near") -> date:
    """As :func:`aim`, in the first later year in which it is not in the past."""

    def next_date(day: date) -> date:
        year = max(day.year + 1, today.year)
        found = anniversary(day, year)
        return found if found >= today else anniversary(day, year + 1)

    return _aim(schedule, lambda day, to: next_time(day, today, to), next_date, way)


def _aim(
    schedule: ScheduleLike, by_weekday: Callable[[date, Way], date], by_date: Callable[[date], date], way: Way
) -> date:
    first = _day(schedule.start)
    bound = bound_to(schedule.rrule)
    if bound == "date":
        return by_date(first)
    return by_weekday(first, "ordinal" if bound == "ordinal" else way)


def _day(when: When) -> date:
    return when.date() if isinstance(when, datetime) else when


def moved(schedule: ScheduleLike, first: date) -> Rule:
    """The schedule with its first day on ``first``; everything else follows it.

    Weekdays of a weekly rule turn with the start.  Exceptions stay with the date of the rule they are about: the third date
    falls out again, or begins an hour later again.
    """
    step = first - _day(schedule.start)
    rule = Rule(
        start=schedule.start + step,
        end=schedule.end + step if schedule.end else None,
        timezone=schedule.timezone,
        rrule=_moved_rule(schedule, step),
        rdates=[when + step for when in schedule.rdates],
        dates=[(start + step, end + step if end else None) for start, end in schedule.dates],
    )
    steps = _steps(schedule, rule, step)

    def follow(when: When) -> timedelta:
        return steps.get(when, step)

    exdates = [when + follow(when) for when in schedule.exdates]
    changes = [
        Change(
            one.recurrence_id + follow(one.recurrence_id),
            one.start + follow(one.recurrence_id) if one.start else None,
            one.end + follow(one.recurrence_id) if one.end else None,
            one.name,
            one.cancelled,
        )
        for one in schedule.overrides
    ]
    return Rule(rule.start, rule.end, rule.timezone, rule.rrule, rule.rdates, exdates, changes, rule.dates)


def _moved_rule(schedule: ScheduleLike, step: timedelta) -> str:
    if not schedule.rrule:
        return ""
    found = []
    turn = step.days % 7
    is_weekly = _parts(schedule.rrule).get("FREQ") == "WEEKLY"
    for part in schedule.rrule.split(";"):
        name, _, value = part.partition("=")
        name = name.strip().upper()
        if name == "UNTIL":
            part = f"UNTIL={_moved_until(value.strip(), schedule.timezone, step)}"
        elif is_weekly and turn and name in {"BYDAY", "WKST"}:
            days = [_turned(day.strip().upper(), turn) for day in value.split(",")]
            part = f"{name}={','.join(days)}"
        found.append(part)
    if is_weekly and turn and "WKST" not in schedule.rrule.upper():
        found.append(f"WKST={DAYS[turn]}")  # weeks begin on Monday where nothing is said
    return ";".join(found)


def _turned(day: str, turn: int) -> str:
    return DAYS[(DAYS.index(day) + turn) % 7] if day in DAYS else day


def _moved_until(until: str, timezone: str, step: timedelta) -> str:
    """The last moment, moved in wall time: an hour of daylight saving must not cost the last date."""
    if len(until) == 8:
        return f"{datetime.strptime(until, '%Y%m%d').replace(tzinfo=UTC) + step:%Y%m%d}"
    moment = datetime.strptime(until[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007  wall time
    if not until.endswith("Z"):
        return f"{moment + step:%Y%m%dT%H%M%S}"
    zone = ZoneInfo(timezone or "UTC")
    wall = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) + step
    return f"{wall.replace(tzinfo=zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _steps(schedule: ScheduleLike, rule: Rule, step: timedelta) -> dict[When, timedelta]:
    """How far each date of a rule moves that holds on to months; elsewhere all move alike."""
    if bound_to(schedule.rrule) not in {"ordinal", "date"} or not (schedule.exdates or schedule.overrides):
        return {}
    bare = Rule(schedule.start, None, schedule.timezone, schedule.rrule)
    last = max([*map(_day, schedule.exdates), *(_day(one.recurrence_id) for one in schedule.overrides)])
    before = _starts(bare, last)
    after = _starts(Rule(rule.start, None, rule.timezone, rule.rrule), last + step + 9 * WEEK)
    return {old: new - old for old, new in zip(before, after, strict=False)}


def _starts(rule: Rule, last: date) -> list[When]:
    begin = datetime.combine(_day(rule.start), datetime.min.time(), tzinfo=UTC) - timedelta(days=2)
    end = datetime.combine(last, datetime.min.time(), tzinfo=UTC) + timedelta(days=3)
    return [one.start for one in expand(rule, after=begin, before=end)]
