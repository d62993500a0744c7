"""Opening hours as a page says them: open now, this week, the seasons.  The only file that knows ``engines.opening``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext, pgettext

from allmende.core import formats
from allmende.engines import opening
from allmende.engines.holidays import is_public_holiday


@dataclass(frozen=True, slots=True)
class DayHours:
    """One day of the running week."""

    label: str
    day: date
    hours: tuple[str, ...]
    """Empty where it is closed."""
    is_today: bool
    is_holiday: bool


@dataclass(frozen=True, slots=True)
class Season:
    """The week of a season: (days, hours) lines."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """Everything a page says on opening hours."""

    is_open: bool | None
    sentence: str
    week: tuple[DayHours, ...]
    seasons: tuple[Season, ...]


def _moment(at: datetime, now: datetime, language: str) -> str:
    clock = formats.clock(at.time(), language)
    if at.date() == now.date():
        return gettext("today at %(time)s") % {"time": clock}
    if at.date() == now.date() + timedelta(days=1):
        return gettext("tomorrow at %(time)s") % {"time": clock}
    if at.date() < now.date() + timedelta(days=7):
        day = formats.weekday_long(at.date(), language)
        return gettext("%(day)s at %(time)s") % {"day": day, "time": clock}
    return gettext("%(day)s at %(time)s") % {"day": formats.day_medium(at.date(), language), "time": clock}


def _sentence(state: opening.OpenState, now: datetime, language: str) -> str:
    if state.open is None:
        return ""
    if state.open:
        if state.next_change is None:
            return gettext("Always open")
        if state.next_change.date() == now.date():
            return gettext("Open now, until %(time)s") % {"time": formats.clock(state.next_change.time(), language)}
        return gettext("Open now; closes %(when)s") % {"when": _moment(state.next_change, now, language)}
    if state.next_open is None:
        return gettext("Closed now")
    return gettext("Closed now; opens %(when)s") % {"when": _moment(state.next_open, now, language)}


def _span(start: str, end: str, language: str) -> str:
    def clock(text: str) -> str:
        hour, minute = text.split(":")
        return formats.clock(datetime(2000, 1, 1, int(hour) % 24, int(minute)).time(), language)  # noqa: DTZ001  a time of day

    return f"{clock(start)} – {clock(end)}"


def _day_names(days: Sequence[int], language: str) -> str:
    """Mon – Fri; holidays by their word."""
    monday = date(2024, 1, 1)
    names = [formats.weekday_short(monday + timedelta(days=day), language) for day in days if day != opening.HOLIDAY]
    text = f"{names[0]} – {names[-1]}" if len(names) > 2 else ", ".join(names)
    if opening.HOLIDAY in days:
        text = ", ".join(part for part in (text, gettext("public holidays")) if part)
    return text


def _season_title(season: opening.SeasonLines, language: str) -> str:
    first, last = season.valid_from, season.valid_through
    if first is None and last is None:
        return gettext("All year")
    if season.every_year and first and last:
        year = 2024
        days = [formats.day_short(date(year, day.month, day.day), language).split(" ", 1)[-1] for day in (first, last)]
        return pgettext("season", "%(first)s to %(last)s, every year") % {"first": days[0], "last": days[1]}
    if first and last:
        return formats.day_interval(first, last, language)
    if first:
        return gettext("from %(day)s") % {"day": formats.day_medium(first, language)}
    return gettext("until %(day)s") % {"day": formats.day_medium(last, language)} if last else ""


def opening_of(hours: Sequence[Any], *, now: datetime, country: str, language: str) -> Opening | None:
    """What to say at the local time ``now``; None where no hours are known."""
    if not hours:
        return None
    now = now.replace(tzinfo=None)
    is_holiday = partial(is_public_holiday, country or "", "")
    state = opening.state(hours, now, is_holiday=is_holiday)
    monday = now.date() - timedelta(days=now.weekday())
    week = tuple(
        DayHours(
            formats.weekday_long(monday + timedelta(days=number), language),
            monday + timedelta(days=number),
            tuple(f"{formats.clock(a.time(), language)} – {formats.clock(b.time(), language)}" for a, b in spans),
            monday + timedelta(days=number) == now.date(),
            is_holiday(monday + timedelta(days=number)),
        )
        for number, spans in enumerate(opening.week(hours, monday, is_holiday=is_holiday))
    )
    seasons = tuple(
        Season(
            _season_title(season, language),
            tuple(
                (
                    _day_names(group.days, language),
                    ", ".join(_span(*span, language) for span in group.spans) or gettext("closed"),
                )
                for group in season.groups
            ),
        )
        for season in opening.season_lines(hours)
    )
    plain = len(seasons) == 1 and hours[0].valid_from is None and hours[0].valid_through is None
    return Opening(state.open, _sentence(state, now, language), week, () if plain else seasons)
