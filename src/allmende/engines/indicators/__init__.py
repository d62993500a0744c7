"""Indicators: a small safe language of formulas, how uneven a year is, and comparison in which nobody is recognised."""

from allmende.engines.indicators.benchmark import Group, Release, Withheld, decide, quartiles
from allmende.engines.indicators.evaluate import Answer, evaluate
from allmende.engines.indicators.formula import OF_QUARTERS, Formula, FormulaError, order_of, parse
from allmende.engines.indicators.seasonality import gini, month_ratio, per_day, redundancy
from allmende.engines.indicators.units import UNITS, Unit, unit_of, unit_problem

__all__ = [
    "OF_QUARTERS",
    "UNITS",
    "Answer",
    "Formula",
    "FormulaError",
    "Group",
    "Release",
    "Unit",
    "Withheld",
    "decide",
    "evaluate",
    "gini",
    "month_ratio",
    "order_of",
    "parse",
    "per_day",
    "quartiles",
    "redundancy",
    "unit_of",
    "unit_problem",
]
