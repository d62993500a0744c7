"""Which labels lie in which, read from the labels themselves: INSPIRE grid codes and ISO 8601 times.

A release need not say that a 100 m cell lies in a 1 km cell, or a day in a week; anybody can see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

_GRID = re.compile(r"CRS3035RES(\d+)mN(\d+)E(\d+)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"\d{4}-\d{2}")
LONGEST_WINDOW = 800
"""Days; longer windows are left alone."""


def implied_edges(labels: Iterable[str]) -> list[tuple[str, str]]:
    """(child, parent) for the labels that say so themselves, each child with its next larger parents."""
    names = list(labels)
    return [*_grid_edges(names), *_time_edges(names)]


def _grid_edges(names: list[str]) -> list[tuple[str, str]]:
    cells: dict[int, dict[tuple[int, int], str]] = {}
    for name in names:
        if found := _GRID.fullmatch(name):
            size, north, east = map(int, found.groups())
            cells.setdefault(size, {})[north, east] = name
    sizes = sorted(cells)
    edges: list[tuple[str, str]] = []
    for size in sizes:
        for (north, east), name in cells[size].items():
            for larger in (other for other in sizes if other > size and other % size == 0):
                parent = cells[larger].get((north // larger * larger, east // larger * larger))
                if parent is not None:
                    edges.append((name, parent))
                    break
    return edges


def days_of(label: str) -> tuple[date, date] | None:
    """First and last day of a day, an ISO week, a month or an interval ``first/last``; ``None`` for anything else."""
    try:
        if _DAY.fullmatch(label):
            return date.fromisoformat(label), date.fromisoformat(label)
        if week := _WEEK.fullmatch(label):
            monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return monday, monday + timedelta(days=6)
        if _MONTH.fullmatch(label):
            first = date.fromisoformat(f"{label}-01")
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        first_text, slash, last_text = label.partition("/")
        if slash and _DAY.fullmatch(first_text) and _DAY.fullmatch(last_text):
            return date.fromisoformat(first_text), date.fromisoformat(last_text)
    except ValueError:
        return None
    return None


def _time_edges(names: list[str]) -> list[tuple[str, str]]:
    """Windows are made of days, also of days that are shown nowhere: two windows that differ by one day share the rest."""
    spans = {name: span for name in names if (span := days_of(name)) is not None}
    if all(first == last for first, last in spans.values()):
        return []
    edges: list[tuple[str, str]] = []
    for name, (first, last) in spans.items():
        length = (last - first).days + 1
        if 1 < length <= LONGEST_WINDOW:
            edges += [((first + timedelta(days=n)).isoformat(), name) for n in range(length)]
    return edges
