"""The year by weeks: where it is crowded, where it is thin.

A cell counts **event days**: one for each event and day on which it takes place.  The **season index** of a week is its
count in per cent of the median week of the same row: 100 is an ordinary week, 200 twice as much, 50 half.  The median is
taken over the weeks that are told to be well known: those far ahead are not entered yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any, Final

import numpy as np

THIN: Final = 60
"""Up to this index a week is thin."""
STEPS: Final = 5
LEAST_MEDIAN: Final = 2.0
"""Rows with fewer event days in their median week have no index: it would jump with every single event."""


@dataclass(frozen=True, slots=True)
class Week:
    """One week of a row."""

    monday: date
    n: int
    index: int | None
    """Per cent of the median week; None where that is too small to compare with."""
    step: int
    """0 (nothing) to 5 (the fullest week of the whole table), for colours."""

    @property
    def is_thin(self) -> bool:
        """Whether it has markedly less than an ordinary week."""
        return self.index is not None and self.index <= THIN


@dataclass(frozen=True, slots=True)
class Season:
    """One row: a municipality, a category, an audience, or everything."""

    key: str
    total: int
    median: float
    weeks: tuple[Week, ...]


def monday_of(day: date) -> date:
    """The Monday of the week of ``day``."""
    return day - timedelta(days=day.weekday())


def weeks_from(day: date, count: int) -> list[date]:
    """The Mondays of ``count`` weeks, the one of ``day`` first."""
    return [monday_of(day) + timedelta(weeks=number) for number in range(count)]


def step_of(n: int, highest: int) -> int:
    """0 for nothing, else 1 to ``STEPS``: equal steps of the square root, so that small counts stay apart."""
    if n <= 0 or highest <= 0:
        return 0
    part: float = (min(n, highest) / highest) ** 0.5
    return max(1, min(STEPS, round(part * STEPS + 0.4999)))


def season_of(
    key: str, counts: Mapping[date, int], mondays: Sequence[date], *, highest: int, known_until: date | None = None
) -> Season:
    """A row of the table.  ``highest``: the fullest week among the rows that are shown together.

    ``known_until``: only weeks that begin up to then make the median.
    """
    numbers = [counts.get(monday, 0) for monday in mondays]
    base = [n for monday, n in zip(mondays, numbers, strict=True) if known_until is None or monday <= known_until]
    middle = float(median(base)) if base else 0.0
    weeks = tuple(
        Week(monday, n, round(100 * n / middle) if middle >= LEAST_MEDIAN else None, step_of(n, highest))
        for monday, n in zip(mondays, numbers, strict=True)
    )
    return Season(key, sum(numbers), middle, weeks)


def thin_runs(season: Season, *, until: date | None = None) -> list[tuple[Week, ...]]:
    """Thin weeks, those that follow one another together, up to the week of ``until``."""
    runs: list[list[Week]] = []
    for week in season.weeks:
        if until and week.monday > until:
            break
        if not week.is_thin:
            continue
        if runs and week.monday - runs[-1][-1].monday == timedelta(weeks=1):
            runs[-1].append(week)
        else:
            runs.append([week])
    return [tuple(run) for run in runs]


def tally(keys: Sequence[Any], weights: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Sums over equal keys.  ``keys`` are columns of whole numbers from 0 on, ``weights`` columns of the same length.

    Returns the distinct keys as columns, and beside them the sum of each weight.
    """
    if not len(keys[0]):
        return [np.array([], dtype=np.int64) for _ in keys], [np.array([], dtype=np.int64) for _ in weights]
    sizes = [int(column.max()) + 1 for column in keys]
    whole = np.zeros(len(keys[0]), dtype=np.int64)
    for column, size in zip(keys, sizes, strict=True):
        whole = whole * size + column
    distinct, place = np.unique(whole, return_inverse=True)
    sums = [np.bincount(place, weights=weight).astype(np.int64) for weight in weights]
    columns = []
    for size in reversed(sizes):
        columns.append(distinct % size)
        distinct = distinct // size
    return columns[::-1], sums
