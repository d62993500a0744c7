"""What readers and the flow engine say of a file, as sentences with keys.

They know no languages: they say it in English, with the facts inside.  Their sentences are told apart here; one that is
not known stays as it is, and is shown as English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_noop

from allmende.insight.bridges.operators import Told
from allmende.insight.bridges.tables import Problem
from allmende.insight.deliveries import foreign_holidays as holidays
from allmende.insight.deliveries.problems import COLUMN, ERROR, FILE, MANY_ROWS, NOTE, ROW, Problems
from allmende.insight.deliveries.saying import Fact, Said

Table = tuple[tuple[re.Pattern[str], str], ...]


def _table(*pairs: tuple[str, str]) -> Table:
    return tuple((re.compile(pattern, re.DOTALL), key) for pattern, key in pairs)


PLACES: Final = _table(
    (r"row (?P<row>[\d,]+)(?:, line \d+)?", ROW),
    (r"line (?P<line>\d+)", gettext_noop("line %(line)s")),
    (r"column \*", FILE),
    (r"column \*, row (?P<row>\d+)", ROW),
    (r"column (?P<column>.+), row (?P<row>\d+)", gettext_noop("column %(column)s, row %(row)s")),
    (r"column (?P<column>.+)", COLUMN),
    (r"file", FILE),
    *holidays.PLACES,
)
MESSAGES: Final = _table(
    (
        r"The row has (?P<cells>\d+) cells and the table (?P<width>\d+) columns\. Put quotation marks .*",
        gettext_noop(
            "The row has %(cells)s cells and the table %(width)s columns. Put quotation marks around texts that hold the "
            "separator."
        ),
    ),
    (
        r"The row cannot be read .*",
        gettext_noop(
            "The row cannot be read: a quotation mark that is never closed, or a cell longer than 131,072 characters. "
            "Correct it at the source."
        ),
    ),
    (r"Too many rows are damaged.*", gettext_noop("Too many rows are damaged; the rest was not read.")),
    (
        r"The line is longer than a million characters.*",
        gettext_noop("The line is longer than a million characters; it was left out."),
    ),
    (r"The column is missing\.", gettext_noop("The column is missing.")),
    (r"The number of values is wrong( \(.*\))?\.?", gettext_noop("The number of values is wrong.")),
    (r"The day cannot be read \((?P<words>.*)\)\.?", gettext_noop("The day cannot be read: %(words)s.")),
    (r"The hour cannot be read \((?P<words>.*)\)\.?", gettext_noop("The hour cannot be read: %(words)s.")),
    (r"The area is not known \((?P<words>.*)\)\.?", gettext_noop("The area is not known: %(words)s.")),
    (r"The value is not declared \((?P<words>.*)\)\.?", gettext_noop("The value is not declared: %(words)s.")),
    (r"The value is missing \((?P<words>.*)\)\.?", gettext_noop("The value is missing.")),
    (r"The figure cannot be read \((?P<words>.*)\)\.?", gettext_noop("The figure cannot be read: %(words)s.")),
    (r"The hour does not exist in (?P<zone>\S+?)\.?", gettext_noop("The hour does not exist in %(zone)s.")),
    (
        r"The hour is there twice in (?P<zone>\S+) \(clocks go back\)\.?",
        gettext_noop("The hour is there twice in %(zone)s: clocks go back."),
    ),
    (
        r"The row has the same dimensions as one before\.?",
        gettext_noop("The row has the same dimensions as one before."),
    ),
    *holidays.MESSAGES,
)
REMEDIES: Final = _table(
    (r"Deliver it \((?P<what>.*)\)\.", gettext_noop("Deliver it (%(what)s).")),
    (
        r"Put texts that hold the separator into quotes; the rows are left out\.",
        gettext_noop("Put texts that hold the separator into quotes; the rows are left out."),
    ),
    (r"Write it as (?P<form>.*)\.", gettext_noop("Write it as %(form)s.")),
    (r"Write the hour that begins, 0 to 23\.", gettext_noop("Write the hour that begins, 0 to 23.")),
    (
        r"Deliver the codes of the agreed areas.*",
        gettext_noop(
            "Deliver the codes of the agreed areas, as texts with leading zeros, or the areas they belong to."
        ),
    ),
    (r"It may be (?P<values>.*)\.", gettext_noop("It may be %(values)s.")),
    (
        r"Fill it, or declare that it may be missing\.",
        gettext_noop("Fill it, or declare that it may be missing."),
    ),
    (
        r"Write a number of (?P<unit>.*), at least (?P<least>\S+), or the marker of figures held back \((?P<marks>.*)\)\.",
        gettext_noop("Write a number of %(unit)s, at least %(least)s, or the marker of figures held back (%(marks)s)."),
    ),
    (
        r"Deliver local hours, or declare the time zone they are in; the rows are left out\.",
        gettext_noop("Deliver local hours, or declare the time zone they are in; the rows are left out."),
    ),
    (
        r"Say which is meant, or deliver UTC; it was taken as the first\.",
        gettext_noop("Say which is meant, or deliver UTC; it was taken as the first."),
    ),
    (
        r"Deliver each combination once; the first was taken\.",
        gettext_noop("Deliver each combination once; the first was taken."),
    ),
    *holidays.REMEDIES,
)
REFUSALS: Final = _table(
    (
        r"The table is empty\..*",
        gettext_noop("The table is empty. Export it again with a row of column names and the rows below it."),
    ),
    (
        r"Row (?P<row>\d+) holds values where column names belong\..*",
        gettext_noop("Row %(row)s holds values where column names belong. Put a row of names on top."),
    ),
    (
        r"The table has more than (?P<most>[\d,]+) columns\..*",
        gettext_noop("The table has more than %(most)s columns. Export only those that matter."),
    ),
    (
        r"The table has more than (?P<most>[\d,]+) rows\..*",
        gettext_noop("The table has more than %(most)s rows. Split it by year, or send it as Parquet."),
    ),
    (
        r"The file has more than (?P<most>[\d,]+) rows\..*",
        gettext_noop("The file has more than %(most)s rows. Split it by year."),
    ),
    (
        r"The Parquet file is damaged.*",
        gettext_noop("The Parquet file is damaged and cannot be read. Export it again."),
    ),
    (
        r"The Parquet file unpacks to more than (?P<most>\d+) MB\..*",
        gettext_noop("The Parquet file unpacks to more than %(most)s MB. Split it by year, or leave columns out."),
    ),
    (
        r"The words of column “(?P<column>.*)” unpack to more than (?P<most>\d+) MB\..*",
        gettext_noop(
            "The words of column “%(column)s” unpack to more than %(most)s MB. Leave the column out, or split the file."
        ),
    ),
    (
        r"The workbook holds no data\..*",
        gettext_noop("The workbook holds no data. Check that the right file was sent."),
    ),
    (
        r"The workbook is damaged.*",
        gettext_noop("The workbook is damaged. Save it again in a spreadsheet and send that."),
    ),
    (
        r".*none of the columns with figures is there\. Expected (?P<expected>.*); found (?P<found>.*)\.",
        gettext_noop("None of the columns with figures is there. Expected: %(expected)s. Found: %(found)s."),
    ),
    (
        r".*two columns have the same name\. Give each its own\.",
        gettext_noop("Two columns have the same name. Give each its own."),
    ),
    (
        r".* cannot be read: .* Deliver CSV in UTF-8 with a header, or Parquet\.",
        gettext_noop("The file cannot be read. Deliver CSV in UTF-8 with a header, or Parquet."),
    ),
    *holidays.REFUSALS,
)


def _found(table: Table, text: str) -> tuple[str, dict[str, Fact]] | None:
    for pattern, key in table:
        if match := pattern.fullmatch(text):
            return key, {name: word for name, word in match.groupdict().items() if word is not None}
    return None


def refusal(message: str) -> Said:
    """Why a file cannot be read at all."""
    known = _found(REFUSALS, message)
    return Said(*known) if known else Said(message)


def add_foreign(problems: Problems, one: Problem, remedy: str = "") -> None:
    """A problem that a reader of tables found."""
    _add(problems, one.where, one.message, one.code, remedy, severity=one.severity, n=1)


def add_told(problems: Problems, one: Told) -> None:
    """A problem that the flow engine found in an operator's delivery."""
    severity = ERROR if one.is_error else NOTE
    _add(problems, one.where, one.message, "operator", one.remedy, severity=severity, n=one.n)


_COUNT: Final = re.compile(r"(?P<rest>.*) \((?P<rows>[\d,]+) rows\)\.", re.DOTALL)


def _add(problems: Problems, where: str, message: str, code: str, remedy: str, *, severity: str, n: int) -> None:
    counted = _COUNT.fullmatch(message)
    plain = f"{counted['rest']}." if counted else message
    found = [_found(PLACES, where), _found(MESSAGES, plain), _found(REMEDIES, remedy) if remedy else ("", {})]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        told = f"{message} {remedy}".strip()
        problems.add_as_it_is(where, told, code, severity=severity, n=n)
        return
    keys = [key for key, _ in known]
    facts: dict[str, Fact] = dict(_joined(one for _, one in known))
    if counted and n > 1:
        facts["rows"] = n
    messages = [keys[1], MANY_ROWS] if "rows" in facts else [keys[1]]
    problems.add(keys[0], messages, code, keys[2], severity=severity, n=n, **facts)


def _joined(parts: Iterable[dict[str, Fact]]) -> dict[str, Fact]:
    return {name: value for part in parts for name, value in part.items()}
