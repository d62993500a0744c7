"""Figures of quarters beside each other: the last six of which one is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from allmende.insight.indicators.definitions import Definition
from allmende.insight.indicators.figures import Figure
from allmende.insight.indicators.periods import QUARTER, starts_of

MOST: Final = 6


@dataclass(frozen=True, slots=True)
class QuarterLine:
    """One quarterly indicator of one subject."""

    definition: Definition
    values: tuple[float | None, ...]
    """One for each of the table's quarters."""
    years: tuple[Figure, ...]
    """The years of these figures, with their sources; ``Figure.months`` holds their quarters."""

    @property
    def last(self) -> Figure:
        """The last year of which something is known."""
        return next((year for year in reversed(self.years) if year.is_known), self.years[-1])


@dataclass(frozen=True, slots=True)
class QuarterTable:
    """Quarters, the first first, and a line for each indicator of which one of them is known."""

    starts: tuple[date, ...] = ()
    lines: tuple[QuarterLine, ...] = ()


def quarter_table(
    asked: Iterable[Definition], found: Mapping[int, Mapping[str, Figure]], years: Sequence[int]
) -> QuarterTable:
    """The last quarters of which a figure is known.  ``found``: year -> code -> figure."""
    quarterly = [one for one in asked if one.period == QUARTER]
    if not quarterly:
        return QuarterTable()
    starts = [start for year in years for start in starts_of(QUARTER, year)]
    values = {
        one.code: [value for year in years for value in found[year][one.code].months or (None,) * 4]
        for one in quarterly
    }
    known = [at for at in range(len(starts)) if any(row[at] is not None for row in values.values())]
    if not known:
        return QuarterTable()
    shown = slice(max(0, known[-1] + 1 - MOST), known[-1] + 1)
    shown = slice(max(shown.start, known[0]), shown.stop)
    lines = tuple(
        QuarterLine(one, tuple(values[one.code][shown]), tuple(found[year][one.code] for year in years))
        for one in quarterly
        if any(value is not None for value in values[one.code][shown])
    )
    return QuarterTable(tuple(starts[shown]), lines)
