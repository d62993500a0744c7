"""What the figures of a place mean, in words that a council reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from allmende.core import formats
from allmende.guide.charts.scales import figure
from allmende.insight.crowding.queries.overview import Trouble
from allmende.insight.crowding.queries.page import Busiest, SitePage
from allmende.insight.crowding.queries.state import SiteState
from allmende.insight.summary import Summary
from allmende.insight.values import Level, Measure, Quality

SAME: Final = 0.03
"""Up to this difference two years are alike."""
MONDAY: Final = date(2024, 1, 1)

UNITS: Final[Mapping[str, Promise | str]] = {
    Measure.PRESENCE: _("people"),
    Measure.ENTRIES: _("people"),
    Measure.EXITS: _("people"),
    Measure.PASSAGES: _("people"),
    Measure.BICYCLES: _("bicycles"),
    Measure.VEHICLES: _("vehicles"),
    Measure.PARKED: _("parked vehicles"),
    Measure.TICKETS: _("tickets"),
    Measure.ARRIVALS: _("arrivals"),
    Measure.NIGHTS: _("nights"),
    Measure.SURVEY: _("answers"),
}
QUALITIES: Final[Mapping[str, Promise | str]] = {
    "measured": _("measured"),
    "estimated": _("estimated from a part by whoever delivered it"),
    "partial": _("parts of the hour are missing; the figure counts the rest"),
    "provisional": _("provisional: the hour was not over"),
    "corrected": _("put right by a person"),
    "suppressed": _("withheld, since too few people were counted"),
    "doubtful": _("doubtful: cannot be right, and is left out"),
    "missing": _("no figure"),
}
"""In the order in which they are listed."""
TROUBLES: Final[Mapping[Trouble, Promise | str]] = {
    "silent": _("No new figures come in."),
    "doubtful": _("Figures of the last two days cannot be right."),
    "no_figures": _("There are no figures yet."),
    "no_series": _("Nothing says yet what is counted here."),
    "no_capacity": _("Nobody has said how many people it can hold."),
    "no_place": _("It is on no map: its position is missing."),
}
STATES: Final[Mapping[Level, Promise | str]] = {
    Level.QUIET: _("It is quiet now: %(figure)s, %(percent)s of what the place can hold."),
    Level.LIVELY: _("It is lively now: %(figure)s, %(percent)s of what the place can hold."),
    Level.FULL: _("It is full now: %(figure)s, %(percent)s of what the place can hold."),
}
USUALLY: Final[Mapping[Level, Promise | str]] = {
    Level.QUIET: _("At this hour it is usually quiet."),
    Level.LIVELY: _("At this hour it is usually lively."),
    Level.FULL: _("At this hour it is usually full."),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the head of a page: a number, what it is, and on what it rests."""

    value: str
    label: str
    note: str = ""


def unit_of(measure: str) -> str:
    """The word behind a figure."""
    return str(UNITS.get(measure, ""))


def percent(share: float | None, language: str) -> str:
    """A share as per cent; a dash where it is not known."""
    return "–" if share is None else figure(round(100 * share), language, "%")


def known(share: float, language: str) -> str:
    """On what share a figure rests, never rounded up to all of it."""
    return figure(math.floor(100 * share), language, "%")


def amount(value: float | None, language: str, unit: str = "") -> str:
    """A figure with its unit; people are whole from ten on."""
    if value is None:
        return gettext("no figure")
    return figure(round(value) if abs(value) >= 10 else value, language, unit)


def times(ratio: float | None, language: str) -> str:
    """How many times as many as usual."""
    if ratio is None:
        return gettext("too little is known")
    return gettext("%(n)s times the usual") % {"n": formats.number(round(ratio, 1), language)}


def rank(percentile: float, language: str) -> str:
    """Where an hour stands among those like it."""
    if percentile >= 99.5:
        return gettext("the fullest of such hours")
    return gettext("fuller than %(n)s of such hours") % {"n": percent(percentile / 100, language)}


def month(number: int, language: str) -> str:
    """The name of a month, 1 to 12, within a sentence."""
    return str(format_date(date(2024, number, 1), "LLLL", locale=formats.LOCALES[language]))


def season(number: int, language: str) -> str:
    """A month with its neighbours: October to December."""
    first, last = month((number - 2) % 12 + 1, language), month(number % 12 + 1, language)
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}


def weekday(number: int, language: str, *, short: bool = False) -> str:
    """The name of a weekday; Monday is 0."""
    day = MONDAY + timedelta(days=number)
    return formats.weekday_short(day, language) if short else formats.weekday_long(day, language)


def country(code: str, language: str) -> str:
    """The name of a country by its ISO code; what is none stays as it is."""
    return str(Locale.parse(formats.LOCALES[language]).territories.get(code, code)) if len(code) == 2 else code


def hour(number: int, language: str) -> str:
    """A full hour as the language writes it."""
    return formats.clock(time(number), language)


def moment(at: datetime, zone: str, language: str) -> str:
    """Date and hour on the clocks of the place."""
    return formats.at_local(at.astimezone(ZoneInfo(zone)), language)


def lead(state: SiteState, zone: str, unit: str, language: str) -> str:
    """The sentence on top: how it is now."""
    if state.level and state.pressure is not None:
        return str(STATES[state.level]) % {
            "figure": amount(state.figure, language, unit),
            "percent": percent(state.pressure, language),
        }
    if state.is_fresh:
        return gettext("%(figure)s are counted now. Nobody has said how many the place can hold.") % {
            "figure": amount(state.figure, language, unit)
        }
    if state.at:
        told = {"time": moment(state.at, zone, language), "figure": amount(state.figure, language, unit)}
        return gettext("Nothing is known of the last hours. The last figure is %(figure)s, of %(time)s.") % told
    return gettext("Nothing is known of the last two days.")


def sentences(shown: SitePage, language: str) -> list[str]:
    """What follows the first sentence: what is usual, the year, the change."""
    said = []
    state, summary = shown.state, shown.summary
    if state.usual_level:
        said.append(str(USUALLY[state.usual_level]))
    if summary:
        said += [one for one in (_year(summary, language), _busiest(shown.busiest, language)) if one]
        said.append(_change(summary, language))
    return [one for one in said if one]


def _year(summary: Summary, language: str) -> str:
    if summary.full_days is None or summary.full_hours is None:
        return ""
    if not summary.full_days:
        return gettext("In the last 365 days it was never full in an hour with a figure.")
    days = ngettext("%(n)s day", "%(n)s days", summary.full_days) % {"n": formats.number(summary.full_days, language)}
    hours = ngettext("%(n)s hour", "%(n)s hours", summary.full_hours) % {
        "n": formats.number(summary.full_hours, language)
    }
    return gettext("In the last 365 days it was full on %(days)s, %(hours)s in all.") % {"days": days, "hours": hours}


def _busiest(busiest: Busiest | None, language: str) -> str:
    if busiest is None:
        return ""
    return gettext("It is usually fullest at this time: %(weekday)s, %(hour)s, %(month)s.") % {
        "weekday": weekday(busiest.weekday, language),
        "hour": hour(busiest.hour, language),
        "month": month(busiest.month, language),
    }


def _change(summary: Summary, language: str) -> str:
    if summary.change is None:
        return ""
    told = {
        "percent": percent(abs(summary.change - 1), language),
        "share": known(summary.change_known_share, language),
    }
    if summary.change > 1 + SAME:
        return (
            gettext("Over a year, %(percent)s more were counted than in the year before (over %(share)s of the hours).")
            % told
        )
    if summary.change < 1 - SAME:
        return (
            gettext(
                "Over a year, %(percent)s fewer were counted than in the year before (over %(share)s of the hours)."
            )
            % told
        )
    return (
        gettext("Over a year, about as many were counted as in the year before (over %(share)s of the hours).") % told
    )


def facts(summary: Summary, language: str) -> list[Fact]:
    """Figures of the last 365 days, each with the share of hours on which it rests."""
    rests = gettext("from %(share)s of the hours") % {"share": known(summary.year_known_share, language)}
    found = []
    if summary.full_hours is not None:
        found.append(
            Fact(formats.number(summary.full_hours, language), pgettext("crowding", "full hours in 365 days"), rests)
        )
    if summary.peak_share is not None:
        found.append(
            Fact(
                percent(summary.peak_share, language),
                gettext("of everybody came in the busiest tenth of the hours"),
                rests,
            )
        )
    if summary.gini_hours is not None:
        found.append(
            Fact(
                formats.number(round(summary.gini_hours, 2), language),
                gettext("Gini of the hours: 0 is evenly spread, 1 all in one hour"),
                rests,
            )
        )
    if summary.month_peak_ratio is not None:
        found.append(
            Fact(
                formats.number(round(summary.month_peak_ratio, 1), language),
                gettext("times an average month: the busiest month, per day"),
                gettext("all years together"),
            )
        )
    return found


def known_periods(summary: Summary, language: str) -> list[tuple[str, str, str]]:
    """Quality, periods and their share, in a fixed order."""
    total = max(1, summary.until - summary.first)
    return [
        (str(label), formats.number(summary.counts[key], language), _share(summary.counts[key] / total, language))
        for key, label in QUALITIES.items()
        if summary.counts.get(key)
    ]


def _share(share: float, language: str) -> str:
    """A share that is small is not called nothing, and nearly all not all."""
    if share < 0.001:
        return "<\u00a0" + figure(0.1, language, "%")
    return figure(math.floor(1000 * share) / 10, language, "%")


def quality(kind: Quality) -> str:
    """The words for one figure's quality."""
    return str(QUALITIES[kind.name.lower()])


def span(summary: Summary, language: str) -> str:
    """From when to when there are figures."""
    if summary.resolution == "hour":
        first, last = (datetime.fromtimestamp(at * 3600, UTC) for at in (summary.first, summary.until - 1))
        zone = ZoneInfo(summary.timezone)
        return formats.day_interval(first.astimezone(zone).date(), last.astimezone(zone).date(), language)
    if summary.resolution == "day":
        begin, end = (date(1970, 1, 1) + timedelta(days=at) for at in (summary.first, summary.until - 1))
    else:
        begin, end = (date(1970 + at // 12, at % 12 + 1, 1) for at in (summary.first, summary.until - 1))
    return formats.day_interval(begin, end, language)
