"""Definitions and figures to the engine of indicators, and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from allmende.engines.indicators import (
    OF_QUARTERS,
    UNITS,
    Answer,
    Formula,
    FormulaError,
    Group,
    Release,
    Withheld,
    decide,
    evaluate,
    order_of,
    parse,
    unit_problem,
)
from allmende.insight.models import BenchmarkRelease

__all__ = [
    "OF_QUARTERS",
    "UNITS",
    "Answer",
    "Formula",
    "FormulaError",
    "Release",
    "Withheld",
    "adds_up",
    "decide",
    "evaluate",
    "order_of",
    "parse",
    "release_of",
    "understood",
    "unit_problem",
]


@lru_cache(maxsize=1024)
def understood(text: str) -> Formula:
    """The formula of a stored definition, which was checked when it was stored."""
    formula = parse(text)
    if isinstance(formula, FormulaError):
        raise ValueError(f"A stored formula is not understood at {formula.at}: {text}")
    return formula


def adds_up(unit: str) -> bool:
    """Whether figures of this unit are parts of a whole."""
    return unit in UNITS and UNITS[unit].adds_up


def release_of(row: BenchmarkRelease | None) -> Release | None:
    """What was shown last, as the engine wants it back."""
    if row is None or row.released_at is None or row.low is None or row.middle is None or row.high is None:
        return None
    figures: Mapping[str, float] = row.figures
    return Release(
        Group(len(figures), row.low, row.middle, row.high), {int(member): value for member, value in figures.items()}
    )
