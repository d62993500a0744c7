"""When an event takes place, from everything that an Event node may say about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from allmende.formats.records import Override, Schedule
from allmende.formats.schema_org.dates import When, parse_duration, parse_when, span
from allmende.formats.schema_org.nodes import Node, as_list, scalar
from allmende.formats.schema_org.repeats import MOST_DATES, Repeat, expand, joined, read_schedule
from allmende.formats.schema_org.types import local_name

Note = Callable[[str, str], None]
"""Takes a code and a message."""
MAX_PAIRS = 5000
"""Dates of one event; a feed with more is broken, or made to break us."""

_UNTIL = re.compile(r";UNTIL=[^;]*")

STATUS = {
    "eventcancelled": "cancelled",
    "eventcanceled": "cancelled",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "eventpostponed": "postponed",
    "postponed": "postponed",
    "eventmovedonline": "moved_online",
}


class Pair(NamedTuple):
    """One date of an event."""

    start: When
    end: When | None
    cancelled: bool = False


def status_of(node: Node) -> str:
    """The status of one node, as in ``records.STATUSES``."""
    for item in as_list(node.get("eventStatus")):
        if found := STATUS.get(local_name(scalar(item)).casefold()):
            return found
    return "scheduled"


def schedule_of(nodes: list[Node], timezone: str, note: Note) -> Schedule | None:
    """The schedule of one event, which may have been delivered as several nodes with one date each."""
    repeats = [found for node in nodes for found in _repeats(node, timezone, note)]
    pairs: list[Pair] = [pair for node in nodes for pair in _pairs(node, timezone, note)] if not repeats else []
    for node in nodes:
        if repeats and not as_list(node.get("eventSchedule")):
            pairs += _pairs(node, timezone, note)
    rules = [repeat for repeat in repeats if repeat.rrule]
    pairs += [Pair(repeat.start, repeat.end) for repeat in repeats if not repeat.rrule]
    if len(pairs) > MAX_PAIRS:
        note("too-many-dates", f"The event names {len(pairs)} dates; only the first {MAX_PAIRS} were taken.")
        pairs = pairs[:MAX_PAIRS]
    if rules:
        return _with_rules(rules, pairs, note)
    return _with_dates(pairs, timezone, note)


def _repeats(node: Node, timezone: str, note: Note) -> list[Repeat]:
    found = []
    for item in as_list(node.get("eventSchedule"))[:50]:
        if not isinstance(item, dict):
            continue
        repeat = read_schedule(item, node, timezone)
        if repeat is None:
            note("bad-schedule", "The schedule says neither a date nor how often; it was left out.")
            continue
        for code, message in repeat.notes:
            note(code, message)
        found.append(repeat)
    return found


def _with_rules(rules: list[Repeat], pairs: list[Pair], note: Note) -> Schedule:
    head, rest = rules[0], rules[1:]
    rrule = head.rrule
    if rest and (one := joined(rules)):
        rest, rrule = [], one
        head = min(rules, key=lambda repeat: repeat.start)
    schedule = Schedule(head.start, head.end, head.timezone, rrule, exdates=list(head.exdates))
    if rest:
        note(
            "several-schedules",
            "The event has several different schedules; all but the first were written out as dates, for two years.",
        )
    written = [Pair(start, end) for repeat in rest for start, end in _written_out(repeat)]
    schedule.dates = sorted({_like(head, pair) for pair in [*pairs, *written]}, key=_order)
    return schedule


def _written_out(repeat: Repeat) -> list[tuple[When, When | None]]:
    length = repeat.end - repeat.start if repeat.end is not None else None
    last = repeat.start + timedelta(days=731)
    if repeat.until is not None:
        last = min(last, datetime.combine(repeat.until, time.max) if isinstance(last, datetime) else repeat.until)
    starts = expand(_UNTIL.sub("", repeat.rrule), repeat.start, MOST_DATES, before=last)
    return [(start, start + length if length is not None else None) for start in starts if start not in repeat.exdates]


def _with_dates(pairs: list[Pair], timezone: str, note: Note) -> Schedule | None:
    if not pairs:
        return None
    timed = [pair for pair in pairs if isinstance(pair.start, datetime)]
    if timed and len(timed) < len(pairs):
        days = {pair.start.date() for pair in timed if isinstance(pair.start, datetime)}
        if any(not isinstance(pair.start, datetime) and pair.start not in days for pair in pairs):
            note("mixed-dates", "Some dates have a time and some have none; all were taken as whole days.")
            pairs = [_as_day(pair) for pair in pairs]
        else:
            pairs = timed  # the days without a time are the same ones again
    seen: dict[When, Pair] = {}
    for pair in pairs:
        known = seen.get(pair.start)
        if known is None or (known.end is None and pair.end is not None) or (known.cancelled and not pair.cancelled):
            seen[pair.start] = pair
    ordered = sorted(seen.values(), key=_order)
    cancelled = [pair for pair in ordered if pair.cancelled]
    first_pair = ordered[0]
    schedule = Schedule(first_pair.start, first_pair.end, timezone)
    schedule.dates = [(pair.start, pair.end) for pair in ordered[1:]]
    if cancelled and len(cancelled) < len(ordered):
        schedule.overrides = [Override(pair.start, cancelled=True) for pair in cancelled]
    return schedule


def _order(pair: tuple[Any, ...]) -> tuple[datetime, bool]:
    start = pair[0]
    moment = start if isinstance(start, datetime) else datetime(start.year, start.month, start.day)  # noqa: DTZ001
    return moment, pair[1] is None


def _as_day(pair: Pair) -> Pair:
    start = pair.start.date() if isinstance(pair.start, datetime) else pair.start
    end = pair.end.date() if isinstance(pair.end, datetime) else pair.end
    return Pair(start, end if end is not None and end >= start else start, pair.cancelled)


def _like(head: Repeat, pair: Pair) -> tuple[When, When | None]:
    """A further date in the manner of the rule: whole days stay whole days, a mere day gets the rule's hours."""
    if isinstance(head.start, datetime) and not isinstance(pair.start, datetime):
        start = datetime.combine(pair.start, head.start.time())
        return start, start + (head.end - head.start) if head.end is not None else None
    if not isinstance(head.start, datetime) and isinstance(pair.start, datetime):
        day = _as_day(pair)
        return day.start, day.end
    return pair.start, pair.end


def _pairs(node: Node, timezone: str, note: Note) -> list[Pair]:
    """The dates that one node names, its parts included where they are only its dates.

    They are where the node is a series, where they have its name or none, and where it names no date itself.
    """
    parts = [part for part in as_list(node.get("subEvent", node.get("subEvents"))) if isinstance(part, dict)]
    own = _own_pairs(node, timezone, note)
    if own and "EventSeries" not in _short_types(node):
        parts = [part for part in parts if is_date_of(part, node)]
    return [pair for part in parts for pair in _own_pairs(part, timezone, note)] or own


def is_date_of(part: Node, whole: Node) -> bool:
    """Whether a part of an event is one of its dates rather than something of its own."""
    name = scalar(part.get("name"))
    return not name or name == scalar(whole.get("name"))


def _short_types(node: Node) -> list[str]:
    return [local_name(item) for item in as_list(node.get("@type")) if isinstance(item, str)]


def _own_pairs(node: Node, timezone: str, note: Note) -> list[Pair]:
    starts, ends = as_list(node.get("startDate")), as_list(node.get("endDate"))
    length: timedelta | None = None
    if not ends and "duration" in node:
        length = parse_duration(scalar(node["duration"]))
    cancelled = status_of(node) == "cancelled"
    found = []
    for number, item in enumerate(starts):
        text = scalar(item)
        start = parse_when(text, timezone)
        if start is None:
            if text:
                note("bad-date", f"startDate “{text[:40]}” is no date; write 2026-05-31 or 2026-05-31T19:30.")
            continue
        end = _end_of(ends, number, len(starts), timezone, note)
        if end is None and length is not None:
            end = start + length if isinstance(start, datetime) else start + max(length - timedelta(1), timedelta())
        start, end, trouble = span(start, end)
        if trouble:
            note("end-before-start", "endDate lies before startDate; it was left out.")
        found.append(Pair(start, end, cancelled))
    return found


def _end_of(ends: list[Any], number: int, starts: int, timezone: str, note: Note) -> When | None:
    if not ends or (starts > 1 and len(ends) != starts):
        return None
    text = scalar(ends[min(number, len(ends) - 1)])
    end: date | datetime | None = parse_when(text, timezone)
    if end is None and text:
        note("bad-date", f"endDate “{text[:40]}” is no date; it was left out.")
    return end
