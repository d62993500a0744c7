"""The calendar: month, week and day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.catalogue.queries import DaySummary
from allmende.core import formats
from allmende.guide.filters import Asked, read_filters
from allmende.guide.page import Page, new_page, render
from allmende.guide.panel import panel_for
from allmende.guide.views.lists import item_list_ld

FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
"""The calendar turns no further: robots would follow "next" for ever."""
IN_WEEK = 14
STILL_ON = 60
IN_DAY = 200
LISTED = 16
AGENDA_DAYS = 14
_MONTH = re.compile(r"(\d{4})-(\d{2})")


def month_start(text: str) -> date | None:
    """The first day of ``2026-11``."""
    found = _MONTH.fullmatch(text)
    if not found or not 1 <= int(found[2]) <= 12 or not FIRST.year <= int(found[1]) <= LAST.year:
        return None
    return date(int(found[1]), int(found[2]), 1)


def a_day(text: str) -> date | None:
    """The day ``2026-11-28``."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None


def month_after(first: date, months: int) -> date:
    """The first day of the month that is ``months`` later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _without_dates(asked: Asked) -> Asked:
    """The calendar turns its own pages: the dates of a list's address do not hold here."""
    dates = {"when", "from", "to"}
    filters = replace(asked.filters, since=None, until=None)
    return replace(asked, filters=filters, when="", pairs=tuple(pair for pair in asked.pairs if pair[0] not in dates))


def _tools(page: Page, asked: Asked, view: str, day: date) -> dict[str, object]:
    """What the three views have in common: their links, filters and subscription."""

    def path(name: str, **values: str) -> str:
        own = "&".join(f"{key}={value}" for key, value in values.items())
        query = "&".join(part for part in (own, asked.query) if part)
        return f"{page.base}/calendar/{name}" + (f"?{query}" if query else "")

    views = [
        (gettext("Month"), path("", month=f"{day:%Y-%m}"), view == "month"),
        (gettext("Week"), path("week/", day=day.isoformat()), view == "week"),
        (gettext("Day"), path("day/", day=day.isoformat()), view == "day"),
    ]
    here = {"month": "/calendar/", "week": "/calendar/week/", "day": "/calendar/day/"}[view]
    panel = panel_for("event", asked, page, here, has_dates=False)
    return {"asked": asked, "views": views, "path": path, "panel": panel}


def _frame(request: HttpRequest, own: str, value: str) -> tuple[Page, Asked]:
    page = new_page(request)
    asked = _without_dates(read_filters(request.GET, page))
    page.query = "&".join(part for part in (f"{own}={value}" if value else "", asked.query) if part)
    page.robots = "noindex, follow" if asked.pairs else ""
    page.section = "calendar"
    page.styles = ("guide/calendar.css", "guide/filterbar.css")
    return page, asked


def month(request: HttpRequest) -> HttpResponse:
    """A month in whole weeks, Monday to Sunday."""
    text = request.GET.get("month", "")
    first = month_start(text)
    page, asked = _frame(request, "month", text if first else "")
    notices = [] if first or not text else [_not_understood(text)]
    first = first or page.today.replace(day=1)
    days = queries.month(first, asked.filters, language=page.language, zone=page.zone)
    page.title = formats.month_long(first, page.language)
    page.description = gettext("What is on in %(month)s, day by day.") % {"month": page.title}
    tools = _tools(page, asked, "month", page.today if first == page.today.replace(day=1) else first)
    before, after = month_after(first, -1), month_after(first, 1)
    context = {
        **tools,
        "notices": [*notices, *asked.notices],
        "first": first,
        "agenda": _agenda(days, first, page.today),
        "weeks": [days[start : start + 7] for start in range(0, len(days), 7)],
        "turn": _turn(
            tools["path"], "", "month", (before, after), "%Y-%m", gettext("Previous month"), gettext("Next month")
        ),
        "today_path": tools["path"](""),  # type: ignore[operator]
    }
    cards = {card.id: card for day in days if day.day.month == first.month for card in day.cards}
    page.json_ld = [item_list_ld(page, list(cards.values())[:LISTED])]
    return render(page, "guide/calendar/month.html", context)


def _agenda(days: list[DaySummary], first: date, today: date) -> list[DaySummary]:
    """The days that phones show in words below the grid: from today on, or from the first of another month."""
    start = today if first == today.replace(day=1) else first
    return [day for day in days if day.count and day.day >= start and day.day.month == first.month][:AGENDA_DAYS]


def _turn(
    path: object, name: str, own: str, days: tuple[date, date], form: str, previous: str, following: str
) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """(address, words) of the page before and after; None at the calendar's ends."""
    before, after = (
        (path(name, **{own: f"{day:{form}}"}), words) if FIRST <= day <= LAST else None  # type: ignore[operator]
        for day, words in zip(days, (previous, following), strict=True)
    )
    return before, after


def _not_understood(text: str) -> str:
    return gettext("We did not understand the date “%(text)s”, so this is today.") % {"text": text[:40]}


def _asked_day(request: HttpRequest) -> tuple[Page, Asked, date, list[str]]:
    text = request.GET.get("day", "")
    found = a_day(text)
    page, asked = _frame(request, "day", text if found else "")
    notices = [] if found or not text else [_not_understood(text)]
    return page, asked, found or page.today, [*notices, *asked.notices]


def week(request: HttpRequest) -> HttpResponse:
    """Seven days, each with what begins on it; what began before the week stands below, once."""
    page, asked, day, notices = _asked_day(request)
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=offset) for offset in range(7)]
    limits = (STILL_ON, *[IN_WEEK] * 6)
    listings = [
        queries.events_on(each, asked.filters, language=page.language, zone=page.zone, limit=limit)
        for each, limit in zip(days, limits, strict=True)
    ]
    page.title = formats.day_interval(days[0], days[-1], page.language)
    page.description = gettext("What is on from %(days)s.") % {"days": page.title}
    tools = _tools(page, asked, "week", day)
    around = (monday - timedelta(days=7), monday + timedelta(days=7))
    context = {
        **tools,
        "notices": notices,
        "days": [
            (each, [card for card in listing.cards if not card.is_ongoing], listing.total_is_at_least)
            for each, listing in zip(days, listings, strict=True)
        ],
        "still_on": [card for card in listings[0].cards if card.is_ongoing],
        "turn": _turn(
            tools["path"], "week/", "day", around, "%Y-%m-%d", gettext("Previous week"), gettext("Next week")
        ),
        "today_path": tools["path"]("week/"),  # type: ignore[operator]
    }
    cards = {card.id: card for listing in listings for card in listing.cards}
    page.json_ld = [item_list_ld(page, list(cards.values())[:LISTED])]
    return render(page, "guide/calendar/week.html", context)


def day(request: HttpRequest) -> HttpResponse:
    """Everything on one day: what begins, then what goes on."""
    page, asked, on, notices = _asked_day(request)
    listing = queries.events_on(on, asked.filters, language=page.language, zone=page.zone, limit=IN_DAY)
    monday = on - timedelta(days=on.weekday())
    page.title = formats.day_long(on, page.language)
    page.title = page.title[:1].upper() + page.title[1:]
    page.description = gettext("What is on on %(day)s.") % {"day": formats.day_long(on, page.language)}
    tools = _tools(page, asked, "day", on)
    around = (on - timedelta(days=1), on + timedelta(days=1))
    context = {
        **tools,
        "notices": notices,
        "day": on,
        "listing": listing,
        "begins": [card for card in listing.cards if not card.is_ongoing],
        "goes_on": [card for card in listing.cards if card.is_ongoing],
        "strip": [monday + timedelta(days=offset) for offset in range(7)],
        "turn": _turn(tools["path"], "day/", "day", around, "%Y-%m-%d", gettext("Previous day"), gettext("Next day")),
        "today_path": tools["path"]("day/"),  # type: ignore[operator]
    }
    page.json_ld = [item_list_ld(page, listing.cards[:LISTED])]
    return render(page, "guide/calendar/day.html", context)
