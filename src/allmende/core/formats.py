"""Dates, times and numbers as each language writes them (Unicode CLDR through Babel), remembered."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

LOCALES = {"de": "de", "sv": "sv", "da": "da", "nl": "nl", "fr": "fr", "en": "en_GB"}
SIZE = 8192


@lru_cache(maxsize=SIZE)
def day_long(day: date, language: str) -> str:
    """Saturday, 28 November 2026."""
    return format_date(day, "full", locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def day_medium(day: date, language: str) -> str:
    """28 Nov 2026."""
    return format_date(day, "medium", locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def day_short(day: date, language: str) -> str:
    """Sat 28 Nov."""
    return format_skeleton("MMMEd", day, locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def day_month(day: date, language: str) -> str:
    """28 Nov, as a label."""
    return format_skeleton("MMMd", day, locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def day_interval(first: date, last: date, language: str) -> str:
    """28 Nov – 3 Dec 2026; one day alone as a medium date."""
    if first == last:
        return day_medium(first, language)
    return format_interval(first, last, "yMMMd", locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def month_long(day: date, language: str) -> str:
    """November 2026, as a heading."""
    text = format_skeleton("yMMMM", day, locale=LOCALES[language])
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=SIZE)
def month_short(day: date, language: str) -> str:
    """Nov, as a label."""
    return format_date(day, "LLL", locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def quarter_long(day: date, language: str) -> str:
    """2nd quarter 2026."""
    return format_date(day, "QQQQ y", locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def quarter_short(day: date, language: str) -> str:
    """Q2, as a label."""
    return format_date(day, "QQQ", locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def weekday_long(day: date, language: str) -> str:
    """Saturday."""
    return format_date(day, "EEEE", locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def weekday_short(day: date, language: str) -> str:
    """Sat."""
    return format_date(day, "ccc", locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def clock(at: time, language: str) -> str:
    """19:30 as the language writes it."""
    return format_time(at, "short", locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def number(value: int | float | Decimal, language: str) -> str:
    """1,234.5 as the language writes it."""
    return format_decimal(value, locale=LOCALES[language])


@lru_cache(maxsize=SIZE)
def money(amount: Decimal, currency: str, language: str) -> str:
    """€12.50 as the language writes it; whole amounts without cents."""
    digits = "¤#,##0" if LOCALES[language] == "en_GB" else "#,##0 ¤"
    if amount == amount.to_integral_value():
        return format_currency(amount, currency, digits, locale=LOCALES[language], currency_digits=False)
    return format_currency(amount, currency, locale=LOCALES[language])


def words(items: list[str], language: str) -> str:
    """a, b and c."""
    return format_list(items, locale=LOCALES[language])


@lru_cache(maxsize=512)
def language_name(code: str, language: str) -> str:
    """The name of one language in another."""
    try:
        return Locale.parse(code).get_display_name(LOCALES[language]) or code
    except Exception:  # Babel raises several kinds for unknown codes
        return code


def at_local(moment: datetime, language: str) -> str:
    """Date and time of a local moment."""
    return f"{day_medium(moment.date(), language)}, {clock(moment.time().replace(second=0, microsecond=0), language)}"
