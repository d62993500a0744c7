"""Files of holidays as stretches of days, and the holidays that the library of public ones knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allmende.engines.holidays import holiday_name, is_public_holiday
from allmende.formats import holidays as formats
from allmende.formats import ical
from allmende.formats.holidays import HolidayFile, Period
from allmende.formats.records import Problem
from allmende.insight.bridges.tables import PARQUET, WORKBOOK, Columns, UnusableInput, read_columns

HEAD = 64 * 1024
LARGEST = 20 * 2**20
MOST = 10_000
"""Each is compared with those of its part that are there; ten years of a country with all its districts are fewer."""


def read_holidays(path: Path, *, declared: bool, columns: Columns | None = None) -> HolidayFile | None:
    """The holidays in a file; None where it holds none.  ``declared``: somebody says that it does; then
    :class:`UnusableInput` says why they cannot be read.  ``columns``: its table, if it was read already."""
    if form := _form(path):
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise UnusableInput("The file is larger than 20 MB. Split it by country.")
        return _few(formats.read_calendar_file(raw) if form == "ical" else formats.read_json(raw))
    columns = columns or read_columns(path)
    if not formats.is_table(columns.headers, declared=declared):
        if declared:
            raise UnusableInput(
                "No columns hold holidays. Name them country, subdivision, kind, name, from, to, as "
                "docs/how-to/deliver-weather.md shows."
            )
        return None
    if len(columns) > MOST:
        raise _too_many()
    found = formats.read_table(columns.headers, _rows(columns))
    found.problems += [Problem(one.where, one.message, one.code) for one in columns.problems]
    return found


def _few(found: HolidayFile) -> HolidayFile:
    if found.read > MOST:
        raise _too_many()
    return found


def _too_many() -> UnusableInput:
    return UnusableInput(f"The file holds more than {MOST:,} holidays. Split it by country.")


def _form(path: Path) -> str:
    """``ical``, ``json`` of OpenHolidays, or ``""``."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith((PARQUET, WORKBOOK)):
        return ""
    if ical.sniff(head, "") >= 0.7:
        return "ical"
    is_json = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
    return "json" if is_json and b'"startDate"' in head and b'"endDate"' in head else ""


def is_calendar_or_json(path: Path) -> bool:
    """Whether it is a calendar, or an answer of OpenHolidays: nothing that a table is read from."""
    return bool(_form(path))


def _rows(columns: Columns) -> list[tuple[int, Sequence[str]]]:
    return [
        (int(number), [words[codes[at]] for words, codes in zip(columns.words, columns.codes, strict=True)])
        for at, number in enumerate(columns.rows)
    ]


def subdivision_in(text: str) -> str:
    """The code of the German state that a text names; ``""``: none."""
    return formats.subdivision_in(text)


def public_holidays(country: str, subdivision: str, first: date, days: int) -> NDArray[np.bool_]:
    """Which of the days are public holidays there; ``subdivision``: ISO 3166-2, or ``""``: those of the whole country."""
    part = part_of(subdivision)
    return np.array([is_public_holiday(country, part, first + timedelta(days=k)) for k in range(days)], np.bool_)


def public_holiday(country: str, subdivision: str, day: date, language: str) -> str:
    """The name of the public holiday, in the language if the library has it; ``""`` on other days."""
    return holiday_name(country, part_of(subdivision), day, language)


def part_of(subdivision: str) -> str:
    """What the library calls a part of a country: the code behind the hyphen."""
    return subdivision.partition("-")[2].partition("-")[0]


__all__ = [
    "HolidayFile",
    "Period",
    "UnusableInput",
    "is_calendar_or_json",
    "public_holiday",
    "public_holidays",
    "read_holidays",
    "subdivision_in",
]
