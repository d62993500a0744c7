"""Single values as people and exports write them: text, numbers, coordinates, yes and no."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from allmende.formats.dates import from_number, parse_date
from allmende.formats.mapping.check import LANGUAGE, is_zone
from allmende.formats.mapping.fields import TEXT_FIELDS
from allmende.formats.mapping.plan import Plan, from_json_cell
from allmende.formats.records import Problem, Texts
from allmende.formats.text import MAX_TEXT, clean_url, one_line, plain_text
from allmende.formats.words import YES_NO, country_code, fold

MAX_LINE: Final = 500
MAX_ITEMS: Final = 200
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,20})?")
_PAIR = re.compile(
    r"\s*([-+]?\d{1,3}(?:[.,]\d+)?)\s*(?:;|\s|,\s|,(?=[-+]?\d{1,3}\.\d))\s*([-+]?\d{1,3}(?:[.,]\d+)?)\s*"
)
_PLAIN_PAIR = re.compile(r"\s*([-+]?\d{1,3}(?:\.\d+)?),([-+]?\d{1,3}(?:\.\d+)?)\s*")
_WKT = re.compile(r"\s*(?:SRID=4326;)?POINT\s*\(\s*([-+]?[\d.]+)\s+([-+]?[\d.]+)\s*\)\s*", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[\w-]+(?:\.[\w-]+)+")
_POSTAL_DIGITS = {"FR": 5, "DE": 5, "IT": 5, "ES": 5}
_ZONES = lru_cache(maxsize=64)(ZoneInfo)


class Sheet:
    """What one record delivers, with the problems met on the way."""

    __slots__ = ("got", "language", "plan", "problems", "timezone", "where")

    def __init__(self, plan: Plan, value: Any, where: str, timezone: str) -> None:
        self.plan = plan
        self.got = plan.gather(value)
        self.where = where
        self.problems: list[Problem] = []
        self.language = plan.language
        self.timezone = plan.timezone or timezone
        if "language" in self.got or "timezone" in self.got:
            self._take_own_settings()
        if "translations" in self.got:
            self._add_translations(from_json_cell(self.got["translations"]))

    def _take_own_settings(self) -> None:
        """Language and time zone where each record names its own."""
        language, zone = self.line("language").lower(), self.line("timezone")
        if LANGUAGE.fullmatch(language):
            self.language = language[:2] if language[2:3] in ("", "-") else language
        if zone and is_zone(zone):
            self.timezone = zone
        elif zone:
            self.note("timezone", "This is no time zone that we know; that of the source was taken.", "bad-timezone")

    def _add_translations(self, delivered: Any) -> None:
        """Texts by language beside those of the columns: in a table a text has only one cell."""
        for field, further in delivered.items() if isinstance(delivered, dict) else ():
            own = self.got.get(field)
            if field not in TEXT_FIELDS or not isinstance(further, dict) or isinstance(own, dict | list):
                continue
            # An empty text in the language of the record says that the column holds one of the others.
            mine = {self.language: own} if own is not None and self.language not in further else {}
            self.got[field] = mine | further

    def error(self, field: str, message: str, code: str) -> None:
        self.problems.append(Problem(self._place(field), message, code))

    def note(self, field: str, message: str, code: str) -> None:
        self.problems.append(Problem(self._place(field), message, code, "note"))

    def _place(self, field: str) -> str:
        shown = self.plan.shown.get(field)
        return f"{self.where}, {shown[:80]}" if shown else self.where

    # --- text

    def line(self, field: str) -> str:
        found = self.got.get(field)
        if found is None:
            return ""
        text = one_line(found if type(found) is str else as_text(found, ", "))
        return text if len(text) <= MAX_LINE else text[:MAX_LINE]

    def texts(self, field: str, *, single: bool = False) -> Texts:
        found = self.got.get(field)
        if found is None:
            return {}
        if type(found) is str:
            text = self._text(found, field, single)
            return {self.language: text} if text else {}
        return {
            language: text
            for language, part in self._by_language(found).items()
            if (text := self._text(as_text(part, "\n\n"), field, single))
        }

    def _by_language(self, found: Any) -> Mapping[str, Any]:
        if not isinstance(found, dict):
            return {self.language: found}
        if "@value" in found:
            return {str(found.get("@language") or self.language): found["@value"]}
        languages = {language: part for language, part in found.items() if LANGUAGE.fullmatch(language)}
        return languages or {self.language: found}

    def _text(self, text: str, field: str, single: bool) -> str:
        text = one_line(text) if single else plain_text(text)
        limit = MAX_LINE if single else MAX_TEXT
        if len(text) > limit:
            self.note(field, f"The text is longer than {limit:,} characters; it was cut.", "long-text")
            text = text[: limit - 1] + "…"
        return text

    def items(self, field: str) -> list[str]:
        """Members of a list, or pieces of a text that is one."""
        found = self.got.get(field)
        if found is None:
            return []
        table = self.plan.values.get(field)
        seen: dict[str, None] = {}
        for item in found if isinstance(found, list) else [found]:
            text = one_line(as_text(item, ","))
            # A whole text that the mapping names, such as “Vide-greniers, brocantes”, is not cut.
            whole = table is not None and text in table.values()
            for piece in [text] if whole else self.plan.separators.split(text):
                piece = piece.strip()
                if table is not None and piece in table:
                    piece = str(table[piece])
                if piece:
                    seen[piece[:MAX_LINE]] = None
        return list(seen)[:MAX_ITEMS]

    def code(self, field: str, country: str) -> str:
        """A postal or municipality code; a number gets back the zeros that a spreadsheet took from it."""
        found = self.got.get(field)
        if isinstance(found, int | float) and not isinstance(found, bool):
            digits = _POSTAL_DIGITS.get(country, 0)
            return as_text(found).zfill(8 if (field, country) == ("municipality_code", "DE") else digits)
        return self.line(field)

    def country(self) -> str:
        return country_code(self.line("country"))

    # --- addresses on the net

    def url(self, field: str) -> str:
        found = self.got.get(field)
        for text in _texts_in(found):
            url = clean_url(text)
            if url:
                return url
        if found is not None and any(text.strip(" -") for text in _texts_in(found)):
            self.note(field, "The web address is not one that starts with http or https; it was left out.", "bad-url")
        return ""

    def email(self, field: str) -> str:
        found = self.got.get(field)
        for text in _texts_in(found):
            match = _EMAIL.search(text[:500])
            if match:
                return match.group()
        if found is not None and any(text.strip(" -") for text in _texts_in(found)):
            self.note(field, "This is no e-mail address; it was left out.", "bad-email")
        return ""

    # --- numbers, words, days

    def number(self, field: str) -> float | None:
        found = self.got.get(field)
        return None if found is None else as_number(found)

    def whole(self, field: str, limit: int) -> int | None:
        found = self.number(field)
        return int(found) if found is not None and 0 <= found <= limit else None

    def day(self, found: Any) -> date | datetime | None:
        """A date, or a wall clock time in the record's zone."""
        if isinstance(found, list):
            found = found[0] if found else None
        if isinstance(found, int | float) and not isinstance(found, bool):
            day = from_number(found)
        elif isinstance(found, str):
            day = parse_date(found, self.plan.date_formats, self.plan.day_first)
        else:
            return None
        if isinstance(day, datetime) and day.tzinfo is not None:
            return day.astimezone(_ZONES(self.timezone)).replace(tzinfo=None)
        return day

    def moment(self, field: str) -> datetime | None:
        """A date and time with its zone."""
        found = self.got.get(field)
        if isinstance(found, str):
            found = parse_date(found, self.plan.date_formats, self.plan.day_first)
        else:
            found = self.day(found)
        if found is None:
            return None
        if not isinstance(found, datetime):
            found = datetime(found.year, found.month, found.day)  # noqa: DTZ001 - the zone follows
        return found if found.tzinfo is not None else found.replace(tzinfo=_ZONES(self.timezone))


def as_text(value: Any, between: str = " ") -> str:
    """Any delivered value as text; members of a list stand one behind the other."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, list):
        return between.join(text for item in value[:MAX_ITEMS] if (text := as_text(item, between).strip()))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def as_number(value: Any) -> float | None:
    """A number, also with a comma for the point; ``None`` for what is none."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e15 and math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    text = value.strip().replace("\xa0", "").removesuffix("°")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def as_pair(value: Any) -> tuple[float, float] | None:
    """Latitude and longitude from one value."""
    if isinstance(value, dict):
        value = [
            next((value[name] for name in names if name in value), None)
            for names in (("lat", "latitude"), ("lon", "lng", "longitude"))
        ]
    if isinstance(value, list) and len(value) == 2:
        first, second = as_number(value[0]), as_number(value[1])
        return None if first is None or second is None else (first, second)
    if not isinstance(value, str) or len(value) > 200:
        return None
    if match := _WKT.fullmatch(value):
        first, second = as_number(match.group(2)), as_number(match.group(1))
    elif match := _PLAIN_PAIR.fullmatch(value) or _PAIR.fullmatch(value):
        first, second = as_number(match.group(1)), as_number(match.group(2))
    else:
        return None
    return None if first is None or second is None else (first, second)


def yes_no(value: Any) -> str:
    """``"yes"``, ``"no"``, ``"partly"``, or ``""`` for what is none of them."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return YES_NO.get(fold(as_text(value)[:80]), "")


def _texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        return [item for item in value[:MAX_ITEMS] if isinstance(item, str)]
    return ()
