"""Public holidays, by the ``holidays`` library; this is the only file that knows it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=256)
def _calendar(country: str, subdivision: str) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError:
        # A subdivision that the library does not know still has the holidays of its country.
        return _calendar(country, "") if subdivision else None


@lru_cache(maxsize=65536)
def is_public_holiday(country: str, subdivision: str, day: date) -> bool:
    """Whether ``day`` is a public holiday in ``country`` (ISO 3166-1 alpha-2, else False).

    ``subdivision`` is the part of ISO 3166-2 behind the hyphen (``"BY"`` is Bavaria); ``""`` is the whole nation.
    """
    if len(country) != 2 or not country.isalpha():
        return False
    calendar = _calendar(country.upper(), subdivision.upper())
    return calendar is not None and day in calendar


@lru_cache(maxsize=64)
def _languages(country: str) -> tuple[str, ...]:
    found = holidays.list_localized_countries().get(country, [])
    return tuple(found)


@lru_cache(maxsize=256)
def _named(country: str, subdivision: str, language: str) -> holidays.HolidayBase | None:
    known = next((one for one in _languages(country) if one.partition("_")[0] == language), None)
    try:
        # Without a language the library does not fall back to the country's own one.
        own = known or holidays.country_holidays(country).default_language
        return holidays.country_holidays(country, subdiv=subdivision or None, language=own)
    except NotImplementedError:
        return _named(country, "", language) if subdivision else None


def holiday_name(country: str, subdivision: str, day: date, language: str) -> str:
    """The name of a public holiday in ``language``, else in the country's own; ``""`` on other days."""
    if not is_public_holiday(country, subdivision, day):
        return ""
    calendar = _named(country.upper(), subdivision.upper(), language)
    return str(calendar.get(day, "")) if calendar is not None else ""
