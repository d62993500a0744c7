"""Opening hours on the clock: open now, until when, the week, and the seasons in few lines.

Times are local and naive, as the lines are.  Precedence, for each day: what is valid on a public holiday and names
holidays (day 7) beats the weekday; then dated lines beat undated ones; of several seasons the one that began last wins;
within one season a line that says closed beats one that says open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Protocol

HOLIDAY: Final = 7
LOOK_AHEAD: Final = 370
"""Days that are searched for the next opening: a season that has just ended comes again within a year."""
_MIDNIGHT: Final = timedelta(days=1)
Span = tuple[str, str]
"""Opens and closes, ``"HH:MM"``; closes <= opens runs past midnight."""


class HoursLine(Protocol):
    """One line of opening hours, as ``formats.records.Hours``."""

    @property
    def days(self) -> Sequence[int]: ...
    @property
    def opens(self) -> str: ...
    @property
    def closes(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_through(self) -> date | None: ...
    @property
    def every_year(self) -> bool: ...


IsHoliday = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether something is open at a moment.

    ``open`` is None where no line says anything about the time around it.  ``next_change`` is when that ends: the
    closing time if open, the next opening if closed.  ``next_open`` is the next opening that is still to come.
    """

    open: bool | None
    next_change: datetime | None = None
    next_open: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Days that have the same hours.  ``spans`` is empty where they are closed."""

    days: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SeasonLines:
    """The week of one season; without dates it is the week of the whole year."""

    valid_from: date | None
    valid_through: date | None
    every_year: bool
    groups: tuple[DayGroup, ...]


def no_holidays(_: date) -> bool:
    """For places of which we do not know the holidays."""
    return False


def state(hours: Iterable[HoursLine], at: datetime, *, is_holiday: IsHoliday = no_holidays) -> OpenState:
    """Open or closed at the local time ``at``, and what comes next."""
    lines = tuple(hours)
    if not lines:
        return OpenState(None)
    at = at.replace(tzinfo=None)
    spans = _spans(lines, at.date() - _MIDNIGHT, 3, is_holiday)
    current = [span for span in spans if span[0] <= at < span[1]]
    if current:
        closes = _follow(lines, current[0][1], is_holiday)
        return OpenState(True, closes, _next_open(lines, closes, is_holiday) if closes is not None else None)
    following = _next_open(lines, at, is_holiday)
    if following is None and not _says_anything(lines, at.date()):
        return OpenState(None)
    return OpenState(False, following, following)


def week(
    hours: Iterable[HoursLine], monday: date, *, is_holiday: IsHoliday = no_holidays
) -> list[list[tuple[datetime, datetime]]]:
    """The seven days from ``monday``: of each day its openings in order, those that touch joined."""
    lines = tuple(hours)
    return [_joined(_day_spans(lines, monday + timedelta(days=number), is_holiday)) for number in range(7)]


def season_lines(hours: Iterable[HoursLine]) -> list[SeasonLines]:
    """Hours grouped for showing: the undated week first, then the seasons; days with the same hours together."""
    seasons: dict[tuple[date | None, date | None, bool], list[HoursLine]] = {}
    for line in hours:
        seasons.setdefault((line.valid_from, line.valid_through, line.every_year), []).append(line)
    return [
        SeasonLines(*season, groups=_groups(seasons[season]))
        for season in sorted(seasons, key=lambda key: (key[0] is not None or key[1] is not None, *map(str, key[:2])))
    ]


# --- one day


def spans_of(lines: Sequence[HoursLine], day: date, is_holiday: IsHoliday) -> list[Span] | None:
    """Openings that begin on ``day``; [] if it is closed, None if no line is for it."""
    valid = [(line, begin) for line in lines if (begin := _season_start(line, day)) is not None]
    chosen = [item for item in valid if day.weekday() in item[0].days]
    if any(HOLIDAY in line.days for line, _ in valid) and is_holiday(day):
        chosen = [item for item in valid if HOLIDAY in item[0].days]
    if not chosen:
        return None
    latest = max(begin for _, begin in chosen)
    last = [line for line, begin in chosen if begin == latest]
    if any(not line.opens for line in last):
        return []
    return sorted({(line.opens, line.closes) for line in last})


_ALWAYS: Final = date.min
"""Start of the season of undated lines, before every other."""


def _season_start(line: HoursLine, day: date) -> date | None:
    """The day on which the season that ``day`` falls in began; None if the line is not valid then."""
    begins, ends = line.valid_from, line.valid_through
    if begins is None and ends is None:
        return _ALWAYS
    if not line.every_year or begins is None or ends is None:
        if (begins is not None and day < begins) or (ends is not None and day > ends):
            return None
        return begins or date.min.replace(day=2)
    return _yearly_start((begins.month, begins.day), (ends.month, ends.day), day)


def _yearly_start(begins: tuple[int, int], ends: tuple[int, int], day: date) -> date | None:
    today = (day.month, day.day)
    if begins <= ends:
        return _in_year(day.year, begins) if begins <= today <= ends else None
    if today >= begins:
        return _in_year(day.year, begins)
    return _in_year(day.year - 1, begins) if today <= ends and day.year > 1 else None


def _in_year(year: int, day: tuple[int, int]) -> date:
    """``day`` in ``year``; 29 February is 28 February where there is none."""
    if day == (2, 29):
        day = (2, 28)
    return date(year, *day)


# --- stretches of time


def _day_spans(lines: Sequence[HoursLine], day: date, is_holiday: IsHoliday) -> list[tuple[datetime, datetime]]:
    found = []
    for opens, closes in spans_of(lines, day, is_holiday) or ():
        start, end = datetime.combine(day, _clock(opens)), datetime.combine(day, _clock(closes))
        found.append((start, end if end > start else end + _MIDNIGHT))
    return found


def _spans(lines: Sequence[HoursLine], day: date, days: int, is_holiday: IsHoliday) -> list[tuple[datetime, datetime]]:
    return _joined(
        [span for number in range(days) for span in _day_spans(lines, day + timedelta(days=number), is_holiday)]
    )


def _joined(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans in order, with those that overlap or touch made one."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _follow(lines: Sequence[HoursLine], closes: datetime, is_holiday: IsHoliday) -> datetime | None:
    """When an opening that ends at ``closes`` really ends: the next one may begin there.  None if it never does."""
    limit = closes + timedelta(days=LOOK_AHEAD)
    while closes < limit:
        further = [
            span for span in _spans(lines, closes.date() - _MIDNIGHT, 3, is_holiday) if span[0] <= closes < span[1]
        ]
        if not further:
            return closes
        closes = further[0][1]
    return None


def _next_open(lines: Sequence[HoursLine], after: datetime, is_holiday: IsHoliday) -> datetime | None:
    """The first opening after ``after``, which is a moment when it is closed."""
    for number in range(LOOK_AHEAD):
        day = after.date() + timedelta(days=number)
        for start, _ in _joined(_day_spans(lines, day, is_holiday)):
            if start > after:
                return start
    return None


def _says_anything(lines: Sequence[HoursLine], day: date) -> bool:
    """Whether any line is valid around ``day``; if none is, the hours are of a past or a far season."""
    return any(
        _season_start(line, day + timedelta(days=number)) is not None for line in lines for number in range(-7, 8)
    )


@lru_cache(maxsize=2048)
def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour) % 24, int(minute))


# --- showing


def _groups(lines: Sequence[HoursLine]) -> tuple[DayGroup, ...]:
    by_day: dict[int, tuple[Span, ...]] = {}
    for day in range(8):
        mine = [line for line in lines if day in line.days]
        if mine:
            closed = any(not line.opens for line in mine)
            by_day[day] = () if closed else tuple(sorted({(line.opens, line.closes) for line in mine}))
    found: list[DayGroup] = []
    for day, spans in by_day.items():
        previous = found[-1] if found else None
        # Holidays stand on their own, unless every day is the same.
        joins = previous is not None and (day != HOLIDAY or len(previous.days) == HOLIDAY)
        if previous and joins and previous.spans == spans and previous.days[-1] == day - 1:
            found[-1] = DayGroup((*previous.days, day), spans)
        else:
            found.append(DayGroup((day,), spans))
    return tuple(found)
