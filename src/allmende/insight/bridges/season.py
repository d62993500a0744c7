"""Opening hours as delivered, to the weeks of a year in which a place is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from allmende.engines import opening
from allmende.engines.season import monday_of, weeks_from
from allmende.formats.records import Hours

__all__ = ["monday_of", "open_weeks", "weeks_from"]


def open_weeks(hours: Sequence[Mapping[str, Any]], mondays: Sequence[date]) -> tuple[bool, ...]:
    """For each week, whether it is open on at least one day; public holidays are not known here."""
    lines = [
        Hours(
            tuple(line["days"]),
            line["opens"],
            line["closes"],
            _day(line.get("valid_from")),
            _day(line.get("valid_through")),
            bool(line.get("every_year")),
        )
        for line in hours
    ]
    if not any(line.valid_from or line.valid_through for line in lines):
        return (_is_open(lines, mondays[0]),) * len(mondays) if mondays else ()
    return tuple(_is_open(lines, monday) for monday in mondays)


def _is_open(lines: Sequence[Hours], monday: date) -> bool:
    return any(
        opening.spans_of(lines, monday + timedelta(days=day), opening.no_holidays) for day in (5, 6, 2, 3, 4, 1, 0)
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
