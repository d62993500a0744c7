"""When an event takes place, from columns for days and times, single dates, or a recurrence rule."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from allmende.formats.dates import parse_times
from allmende.formats.mapping.values import Sheet, as_text, yes_no
from allmende.formats.records import Override, Schedule
from allmende.formats.text import one_line

MAX_DATES: Final = 5000
_RRULE = re.compile(r"(?:RRULE:)?(FREQ=(?:YEARLY|MONTHLY|WEEKLY|DAILY)(?:;[A-Z]+=[A-Z0-9,+-]+)*);?")
_MIDNIGHT = time(0)

Moment = date | datetime
Span = tuple[Moment, Moment | None]


def schedule_of(sheet: Sheet) -> Schedule | None:
    """The schedule; ``None`` with an error on the sheet if there is no day that can be understood."""
    spans = _single_dates(sheet)
    if "rrule" in sheet.got and spans and "start" in sheet.got:
        return _with_rule_and_dates(sheet, spans)
    if not spans:
        span = _span(sheet)
        if span is None:
            return None
        spans = [span]
    (start, end), further = spans[0], spans[1:]
    schedule = Schedule(start=start, end=end, timezone=sheet.timezone, dates=further)
    if "rrule" in sheet.got and not further:
        schedule.rrule = _rrule(sheet, start)
    return _with_exceptions(schedule, sheet)


def _with_rule_and_dates(sheet: Sheet, further: list[Span]) -> Schedule | None:
    """A recurrence with further dates beside it, which may be longer or shorter than it."""
    span = _span(sheet)
    if span is None:
        return None
    schedule = Schedule(start=span[0], end=span[1], timezone=sheet.timezone, rrule=_rrule(sheet, span[0]))
    schedule.dates = [pair for pair in further if pair[0] != span[0]]
    return _with_exceptions(schedule, sheet)


def _with_exceptions(schedule: Schedule, sheet: Sheet) -> Schedule:
    """What is said beside the rule: further dates, left-out ones, and those that are moved, renamed or cancelled."""
    if "rdates" in sheet.got:
        schedule.rdates = _moments(sheet, "rdates", schedule.start)
    if "exdates" in sheet.got:
        schedule.exdates = _moments(sheet, "exdates", schedule.start)
    changes = sheet.got.get("changes")
    if isinstance(changes, list):
        found = (_change(sheet, item, schedule.start) for item in changes[:MAX_DATES] if isinstance(item, dict))
        schedule.overrides = [change for change in found if change is not None]
    return schedule


def _moments(sheet: Sheet, field: str, start: Moment) -> list[Moment]:
    """Dates of the type of ``start``: a mere day gets its hour."""
    found: list[Moment] = []
    bad = 0
    delivered = sheet.got[field]
    pieces = delivered if isinstance(delivered, list) else re.split(r"[;,|\n]", as_text(delivered)[:200_000])
    for item in pieces[:MAX_DATES]:
        moment = sheet.day(item.strip() if isinstance(item, str) else item)
        if moment is not None:
            found.append(_like(moment, start))
        elif as_text(item).strip():
            bad += 1
    if bad:
        sheet.note(field, f"{bad} of the dates could not be understood; they were left out.", "bad-date")
    return list(dict.fromkeys(found))


def _like(moment: Moment, start: Moment) -> Moment:
    if isinstance(start, datetime):
        return moment if isinstance(moment, datetime) else datetime.combine(moment, start.time())
    return moment.date() if isinstance(moment, datetime) else moment


def _change(sheet: Sheet, item: dict[str, Any], start: Moment) -> Override | None:
    at = sheet.day(item.get("at"))
    if at is None:
        sheet.note("changes", "A changed date does not say which one it is (“at”); it was left out.", "bad-date")
        return None
    moved, end = sheet.day(item.get("start")), sheet.day(item.get("end"))
    return Override(
        _like(at, start),
        moved,
        end,
        one_line(as_text(item.get("name")))[:300],
        yes_no(item.get("cancelled")) == "yes",
    )


def _span(sheet: Sheet) -> Span | None:
    delivered = sheet.got.get("start")
    start = None if delivered is None else sheet.day(delivered)
    if start is None:
        _report_no_day(sheet, delivered)
        return None
    delivered_end = sheet.got.get("end")
    end = None if delivered_end is None else sheet.day(delivered_end)
    if end is None and as_text(delivered_end).strip():
        sheet.note("end", f"The end “{_short(delivered_end)}” is no date that we know; it was left out.", "bad-date")
    begin, finish = _times(sheet)
    start, end, ok = _combine(start, end, begin, finish)
    if not ok:
        sheet.note("end", "The end lies before the start; it was left out.", "end-before-start")
    return start, end


def _report_no_day(sheet: Sheet, delivered: Any) -> None:
    if not as_text(delivered).strip():
        sheet.error("start", "The start is missing; an event needs a day.", "no-date")
        return
    sheet.error(
        "start",
        f"The start “{_short(delivered)}” is no date that we know. Write 2026-11-07 or 07.11.2026, "
        'or name its format in "date_formats" of the mapping.',
        "bad-date",
    )


def _times(sheet: Sheet) -> tuple[time | None, time | None]:
    begin, finish = _time(sheet, "start_time")
    if "end_time" in sheet.got:
        finish = _time(sheet, "end_time")[0] or finish
    return begin, finish


def _time(sheet: Sheet, field: str) -> tuple[time | None, time | None]:
    delivered = sheet.got.get(field)
    if delivered is None:
        return None, None
    text = as_text(delivered).strip()
    found = parse_times(text)
    if found[0] is None and text:
        sheet.note(field, f"“{_short(text)}” is no time that we know; write 19:30. It was left out.", "bad-time")
    return found


def _combine(
    start: Moment, end: Moment | None, begin: time | None, finish: time | None
) -> tuple[Moment, Moment | None, bool]:
    """Start and end of one kind, and whether the end stood behind the start."""
    if begin is not None:
        start = datetime.combine(start, begin)
    if not isinstance(start, datetime):
        last = end.date() if isinstance(end, datetime) else end
        return (start, last, True) if last is None or last >= start else (start, None, False)
    if isinstance(end, datetime):
        return (start, end if end > start else None, end >= start)
    if finish is not None:
        close = datetime.combine(end or start, finish)
        if close <= start and (end is None or end == start.date()):
            # 21:00 to 02:00 runs past midnight; 10:20 to 10:20 is an export without an end.
            return start, close + timedelta(days=1) if close < start else None, True
        return (start, close, True) if close > start else (start, None, False)
    if end is None or end == start.date():
        return start, None, True
    # The last day is included, so the end stands at the midnight behind it.
    return (
        (start, datetime.combine(end + timedelta(days=1), _MIDNIGHT), True)
        if end > start.date()
        else (start, None, False)
    )


def _single_dates(sheet: Sheet) -> list[Span]:
    delivered = sheet.got.get("dates")
    if delivered is None:
        return []
    if isinstance(delivered, str):
        delivered = [piece for piece in re.split(r"[;|\n]|,\s(?!\d{4}\b)", delivered[:20_000]) if piece.strip()]
    found: set[Span] = set()
    bad = 0
    for item in delivered[:MAX_DATES] if isinstance(delivered, list) else [delivered]:
        span = _one_date(sheet, item)
        if span is not None:
            found.add(span)
        else:
            bad += 1
    if bad:
        sheet.note("dates", f"{bad} of the single dates could not be understood; they were left out.", "bad-date")
    return sorted(found, key=_order)


def _one_date(sheet: Sheet, item: Any) -> Span | None:
    if not isinstance(item, dict):
        item = {"start": item}
    start = sheet.day(item.get("start"))
    if start is None:
        return None
    begin, finish = parse_times(as_text(item.get("start_time")).strip()[:60])
    if "end_time" in item:
        finish = parse_times(as_text(item["end_time"]).strip()[:60])[0] or finish
    start, end, _ = _combine(start, sheet.day(item.get("end")), begin, finish)
    return start, None if end == start else end


def _order(span: Span) -> tuple[datetime, bool]:
    start = span[0]
    if isinstance(start, datetime):
        return start, True
    return datetime.combine(start, _MIDNIGHT), False


def _rrule(sheet: Sheet, start: Moment) -> str:
    text = sheet.line("rrule").replace(" ", "").upper()
    match = _RRULE.fullmatch(text)
    if match is None:
        sheet.note(
            "rrule", "The recurrence is not written as in iCalendar (FREQ=WEEKLY;…); it was left out.", "bad-rrule"
        )
        return ""
    rule = match.group(1)
    until = re.search(r"UNTIL=(\d{8})(T\d{6}Z?)?", rule)
    if until and isinstance(start, datetime) and not (until.group(2) or "").endswith("Z"):
        # RFC 5545 wants UTC here; the last moment of the day keeps the last occurrence in any zone.
        rule = rule.replace(until.group(), f"UNTIL={until.group(1)}T235959Z")
    elif until and not isinstance(start, datetime):
        rule = rule.replace(until.group(), f"UNTIL={until.group(1)}")
    return rule


def _short(value: Any) -> str:
    text = as_text(value).strip()
    return text if len(text) <= 40 else text[:39] + "…"
