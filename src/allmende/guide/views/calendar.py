"""The calendar: month, week and day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.core import formats
from allmende.guide.filters import Asked, read_filters
from allmende.guide.page import Page, new_page, render

FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
"""The calendar turns no further: robots would follow "next" for ever."""
IN_WEEK = 12
IN_DAY = 200
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
