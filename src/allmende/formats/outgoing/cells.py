"""A plain record as the cells of a table, and the safety of spreadsheets.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break is a formula to a spreadsheet, and a formula in a
stranger's data is an attack (CSV injection).  Such a text gets an apostrophe in front; so does one that already has
apostrophes in front of such a sign.  The table readers take one apostrophe off again (``formats.tabular``), so that every
text comes back as it was; a text like ``'t Hof`` is not touched in either direction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import orjson

from allmende.formats.outgoing import Published, first_text
from allmende.formats.outgoing.plain import COLUMNS, JSON_CELLS, LISTS, TEXTS, plain

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
LONGEST: Final = 32_767
"""Characters that a cell of a spreadsheet holds."""


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    if text[:1] in _FIRST and _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


_FIRST = frozenset("'=+-@\t\r\n")


def row_of(entry: Published) -> list[Any]:
    """The cells of a record in the order of ``COLUMNS``: numbers as numbers, everything else as text."""
    value = plain(entry)
    language = entry.record.language
    others: dict[str, dict[str, str]] = {}
    for name in TEXTS:
        texts = value.get(name)
        if texts is None:
            continue
        spoken = language if language in texts else next(iter(texts))
        further = {tongue: text for tongue, text in texts.items() if tongue != spoken}
        if spoken != language:
            further |= {spoken: texts[spoken], language: ""}  # the cell is not in the language of the record
        value[name] = first_text(texts, language)
        if further:
            others[name] = further
    if others:
        value["translations"] = others
    for name in LISTS:
        if name in value:
            value[name] = "; ".join(value[name])
    for name in JSON_CELLS:
        if name in value:
            value[name] = orjson.dumps(value[name]).decode()
    return [value.get(name, "") for name in COLUMNS]


def safe_row(cells: Sequence[Any]) -> list[Any]:
    """The cells, texts made safe."""
    return [safe_cell(cell) if isinstance(cell, str) else cell for cell in cells]
