"""Figures into words, as far as the owner of a place shows them.

What is not shown does not show through either: without ``Shown.FORECAST`` the coming hours say what is usual, and without
``Shown.FIGURES`` nothing but words leaves this file, so that no bar can be measured with a ruler.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from allmende.insight import store
from allmende.insight.bridges.opening import Spans
from allmende.insight.steering.inputs import FORECAST_OLD, SURE_FROM, Inputs, hours_of_day
from allmende.insight.steering.values import RANK, Basis, Busyness, Day, Hour, Now, ShownSite, Span
from allmende.insight.values import Level, Resolution

STILL: Final = timedelta(hours=1)
"""So long after its end a counted hour stands for now, whatever is expected."""
BUSIER: Final = 1.25
QUIETER: Final = 0.8
"""Beside what is usual, from these ratios on a difference is told."""


def local_day(site: ShownSite, now: datetime) -> date:
    """Today at the site."""
    return now.astimezone(ZoneInfo(site.timezone)).date()


def busyness_of(
    site: ShownSite, inputs: Inputs, first: date, days: int, *, now: datetime, spans: Spans | None = None
) -> Busyness:
    """What is told of ``site`` now and on the local days from ``first``; ``spans`` are its openings, if known."""
    doors = None if spans is None else _open_hours(spans)
    told = tuple(_day(site, inputs, first, ahead, now, doors) for ahead in range(days))
    zone = ZoneInfo(site.timezone)
    return Busyness(
        site,
        now_at(site, inputs, first, now=now),
        told,
        inputs.last.until.astimezone(zone) if inputs.last else None,
        inputs.ahead.made_at.astimezone(zone) if inputs.ahead else None,
    )


def now_at(site: ShownSite, inputs: Inputs, first: date, *, now: datetime) -> Now | None:
    """How full it is: counted if that is fresh, else expected, else usual.

    What was counted more than an hour ago holds only as long as nothing else is expected by now: a beach that was quiet at
    nine is not called quiet at eleven, when it is usually full.
    """
    zone = ZoneInfo(site.timezone)
    here = now.astimezone(zone)
    ahead = (here.date() - first).days
    hour = _coming(site, inputs, ahead, here.replace(minute=0, second=0, microsecond=0), now)
    last = inputs.last
    if last is not None and last.is_fresh(now):
        level = site.level(last.figure)
        if now - last.until < STILL or hour.level in {None, level}:
            begin = store.begin_of(Resolution.HOUR, last.number).astimezone(zone)
            usual = _usual_at(inputs, (begin.date() - first).days, begin.hour)
            compared = "" if usual is None else _compared(last.figure, usual[0])
            figure = last.figure if site.shows_figures else None
            return Now(level, Basis.MEASURED, last.until.astimezone(zone), True, compared, figure)
        return Now(hour.level, hour.basis or Basis.USUAL, hour.at, False, "", hour.figure)
    if hour.level is None or hour.basis is None:
        return None
    return Now(hour.level, hour.basis, hour.at, hour.is_sure, "", hour.figure)


def _compared(figure: float, usual: float) -> str:
    if figure > usual * BUSIER:
        return "busier"
    return "quieter" if figure < usual * QUIETER else "same"


def _usual_at(inputs: Inputs, ahead: int, hour: int) -> tuple[float, int] | None:
    """(figure, from how many weeks) that is usual at an hour of a day."""
    if not 0 <= ahead < len(inputs.usual.figures):
        return None
    value = float(inputs.usual.figures[ahead, hour])
    return None if np.isnan(value) else (value, int(inputs.usual.weeks[ahead, hour]))


def _day(
    site: ShownSite, inputs: Inputs, first: date, ahead: int, now: datetime, doors: frozenset[datetime] | None
) -> Day:
    day = first + timedelta(days=ahead)
    numbers = hours_of_day(day, site.timezone)
    found = []
    for number in numbers:
        if number < 0:
            continue
        at = _begin(number, site.timezone)
        if doors is not None and at.replace(tzinfo=None) not in doors:
            found.append(Hour(at, None, None, True, is_open=False, is_past=at + timedelta(hours=1) <= now))
        else:
            found.append(_hour(site, inputs, ahead, at, number, now))
    return Day(day, tuple(found))


@lru_cache(maxsize=4096)
def _begin(number: int, zone: str) -> datetime:
    """Begin of the hour with this number on the clocks of a zone: the same for a thousand sites."""
    return store.begin_of(Resolution.HOUR, number).astimezone(ZoneInfo(zone))


def _open_hours(spans: Spans) -> frozenset[datetime]:
    """Begins of the hours, local and naive, in which it is open for a part at least."""
    found = set()
    for start, end in spans:
        hour = start.replace(minute=0, second=0, microsecond=0)
        while hour < end:
            found.add(hour)
            hour += timedelta(hours=1)
    return frozenset(found)


def _hour(site: ShownSite, inputs: Inputs, ahead: int, at: datetime, number: int, now: datetime) -> Hour:
    if at + timedelta(hours=1) <= now:
        figure = inputs.figure(number)
        if figure is None:
            return Hour(at, None, None, False, is_past=True)
        shown = figure if site.shows_figures else None
        return Hour(at, site.level(figure), Basis.MEASURED, True, is_past=True, figure=shown)
    return _coming(site, inputs, ahead, at, now)


def _coming(site: ShownSite, inputs: Inputs, ahead: int, at: datetime, now: datetime) -> Hour:
    """An hour that is not over: expected where the owner shows forecasts and there is one, else usual."""
    expected = None
    if inputs.ahead is not None and site.shows_forecast:
        expected = inputs.ahead.at(store.number_of(Resolution.HOUR, at))
    if expected is not None and inputs.ahead is not None:
        low, median, high = expected
        level = site.level(median)
        perhaps = next((one for one in (site.level(high), site.level(low)) if one != level), None)
        is_sure = perhaps is None and now - inputs.ahead.made_at <= FORECAST_OLD
        figures = (median, low, high) if site.shows_figures else (None, None, None)
        return Hour(at, level, Basis.EXPECTED, is_sure, perhaps, True, False, *figures)
    usual = _usual_at(inputs, ahead, at.hour)
    if usual is None:
        return Hour(at, None, None, False)
    figure, weeks = usual
    return Hour(at, site.level(figure), Basis.USUAL, weeks >= SURE_FROM, figure=figure if site.shows_figures else None)


def spans_of_words(day: Day) -> tuple[Span, ...]:
    """The open hours of a day that are known, those with the same word joined."""
    found: list[Span] = []
    for hour in day.hours:
        if hour.level is None or not hour.is_open:
            continue
        until = hour.at + timedelta(hours=1)
        if found and found[-1].level == hour.level and found[-1].until == hour.at:
            found[-1] = Span(hour.level, found[-1].start, until)
        else:
            found.append(Span(hour.level, hour.at, until))
    return tuple(found)


def crowded_hour(busy: Busyness, *, now: datetime) -> tuple[Hour, bool] | None:
    """The hour to be warned of, and whether it is this one: full now, full later today or tomorrow, or lively now."""
    coming = [hour for day in busy.days[:2] for hour in day.hours if not hour.is_past and hour.is_open]
    this = next((hour for hour in coming if hour.at <= now < hour.at + timedelta(hours=1)), None)
    if busy.now and this and busy.now.basis == Basis.MEASURED:
        this = Hour(this.at, busy.now.level, Basis.MEASURED, True)
    if this and this.level == Level.FULL:
        return this, True
    for hour in coming:
        if hour.level == Level.FULL and hour.at > now:
            return hour, False
    return (this, True) if this and this.level == Level.LIVELY else None


def quieter_spans(busy: Busyness, crowded: Hour, *, now: datetime) -> tuple[Span, ...]:
    """Quiet stretches still to come on the day of the crowded hour; if there are none, those that are less full."""
    day = next((day for day in busy.days if day.day == crowded.at.date()), None)
    if day is None or crowded.level is None:
        return ()
    coming = [span for span in spans_of_words(day) if span.until > now]
    quiet = [span for span in coming if span.level == Level.QUIET]
    less = [span for span in coming if RANK[span.level] < RANK[crowded.level]]
    this_hour = now.astimezone(crowded.at.tzinfo).replace(minute=0, second=0, microsecond=0)
    return tuple(Span(span.level, max(span.start, this_hour), span.until) for span in (quiet or less))


def by_site(told: Mapping[int, Busyness]) -> list[Busyness]:
    """Fullest first, then by name."""
    return sorted(told.values(), key=lambda one: (-RANK[one.now.level] if one.now else 1, one.site.name))
