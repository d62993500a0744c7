"""Texts, figures and dates in the reader's language."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.dates import format_date, format_datetime, get_day_names
from babel.numbers import format_decimal, format_percent

LANGUAGES = ("en", "de", "sv", "da", "nl", "fr")
_LOCALES = {"en": "en_GB"}


class UnknownLanguage(ValueError):
    """There are no texts in that language; the message says in which there are."""


@cache
def texts(language: str) -> dict[str, str]:
    """Key -> text.

    Raises:
        UnknownLanguage: if there are none in that language.
    """
    if language not in LANGUAGES:
        raise UnknownLanguage(f"There is no report in '{language}'. Choose one of {', '.join(LANGUAGES)}.")
    found: dict[str, str] = json.loads((files(__package__) / "words" / f"{language}.json").read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """One language."""

    language: str

    @property
    def locale(self) -> Locale:
        """For dates, numbers and names of countries."""
        return Locale.parse(_LOCALES.get(self.language, self.language))

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, filled in."""
        return texts(self.language)[key].format(**values)

    def known(self, prefix: str, word: str) -> str:
        """The text for a word of the tables; the word itself where there is none."""
        return texts(self.language).get(f"{prefix}.{word}", word.replace("_", " "))

    def number(self, value: float) -> str:
        """Whole, or with one decimal below ten where it matters."""
        return str(format_decimal(round(value, 1) if abs(value) < 10 else round(value), locale=self.locale))

    def about(self, value: float) -> str:
        """People: whole, with three significant digits, since an estimate does not know more."""
        if not value or not math.isfinite(value):
            return self.number(0)
        digits = min(2 - math.floor(math.log10(abs(value))), 0)
        return str(format_decimal(round(value, digits), locale=self.locale))

    def percent(self, share: float) -> str:
        """Whole, or with one decimal below ten."""
        digits = 3 if 0 < abs(share) < 0.1 else 2
        return str(format_percent(round(share, digits), locale=self.locale, decimal_quantization=False))

    def day(self, day: date) -> str:
        """With its weekday: Saturday 4 July 2026."""
        return str(format_date(day, "full", locale=self.locale))

    def plain_day(self, day: date) -> str:
        """4 July 2026."""
        return str(format_date(day, "long", locale=self.locale))

    def short_day(self, day: date) -> str:
        """4 Jul."""
        return str(format_date(day, self.locale.datetime_skeletons["MMMd"].pattern, locale=self.locale))

    def moment(self, when: datetime) -> str:
        """Date and time."""
        return str(format_datetime(when, "long", locale=self.locale))

    def weekday(self, number: int, *, short: bool = False, title: bool = True) -> str:
        """0 is Monday; as a title it begins with a capital in every language."""
        name = str(get_day_names("abbreviated" if short else "wide", "stand-alone", self.locale)[number])
        name = name.rstrip(".")
        return name[:1].upper() + name[1:] if title else name

    def country(self, code: str) -> str:
        """The name of an ISO 3166 country."""
        return str(self.locale.territories.get(code, code))
