"""The value of a formula in one year.  What is missing stays missing: no figure is ever taken for zero."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from allmende.engines.indicators import seasonality
from allmende.engines.indicators.formula import OF_QUARTERS, Call, Code, Formula, Negative, Node, Number, Pair

Months = Mapping[str, Sequence[float | None]]
"""Code -> twelve figures, January first; four where they are of quarters, which only ``sum`` and ``mean`` take."""
QUARTERS = 4
_SHAPES: Mapping[str, Callable[[Sequence[float]], float | None]] = {
    "gini": seasonality.gini,
    "month_ratio": seasonality.month_ratio,
    "redundancy": seasonality.redundancy,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A value, or why there is none."""

    value: float | None
    missing: tuple[str, ...] = ()
    """Codes without a figure in the year; with months: ``nights:2,11``; with quarters: ``nights:Q2,3``."""
    reason: str = ""
    """``missing``, ``zero`` (something by zero), ``size`` (beyond what a number holds), or empty."""


class _None(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def evaluate(formula: Formula, year: int, values: Mapping[str, float | None], months: Months) -> Answer:
    """The value of ``formula`` for ``year`` from yearly ``values`` and monthly figures."""
    missing = _missing(formula, values, months)
    if missing:
        return Answer(None, missing, "missing")
    try:
        value = _value(formula.root, year, values, months)
    except _None as none:
        return Answer(None, (), none.reason)
    except OverflowError:
        return Answer(None, (), "size")
    return Answer(value) if math.isfinite(value) else Answer(None, (), "size")


def _missing(formula: Formula, values: Mapping[str, float | None], months: Months) -> tuple[str, ...]:
    found = []
    for code, function in formula.parts():
        if not function:
            if values.get(code) is None:
                found.append(code)
            continue
        told = months.get(code, ())
        full = QUARTERS if len(told) == QUARTERS else 12
        gaps = [month for month in range(1, full + 1) if month > len(told) or told[month - 1] is None]
        if len(gaps) == full:
            found.append(code)
        elif gaps:
            found.append(f"{code}:{'Q' if full == QUARTERS else ''}{','.join(map(str, gaps))}")
    return tuple(dict.fromkeys(found))


def _value(node: Node, year: int, values: Mapping[str, float | None], months: Months) -> float:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Code):
        return float(values[node.code] or 0.0)  # there is one, see _missing
    if isinstance(node, Negative):
        return -_value(node.of, year, values, months)
    if isinstance(node, Call):
        return _of_months(node, year, [float(x or 0.0) for x in months[node.code]])
    left, right = _value(node.left, year, values, months), _value(node.right, year, values, months)
    return _pair(node, left, right)


def _pair(node: Pair, left: float, right: float) -> float:
    if node.sign == "+":
        return left + right
    if node.sign == "-":
        return left - right
    if node.sign == "*":
        return left * right
    if right == 0:
        raise _None("zero")
    return left / right


def _of_months(call: Call, year: int, months: list[float]) -> float:
    if call.function == "sum":
        return math.fsum(months)
    if call.function not in OF_QUARTERS and len(months) == QUARTERS:
        raise _None("missing")
    daily = [x for x in seasonality.per_day(months, year) if x is not None]
    if call.function == "mean":
        return math.fsum(months) / (366 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 365)
    found = _SHAPES[call.function](daily)
    if found is None:
        raise _None("zero")
    return found
