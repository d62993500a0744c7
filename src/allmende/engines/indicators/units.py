"""Units: what may be added to what, and what a division gives.

A unit is a word with dimensions.  A percentage, a ratio and a coefficient have none.  A formula fits its indicator when the
dimensions agree; factors like 100 or 1000 are numbers and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from allmende.engines.indicators.formula import Call, Code, Formula, Negative, Node, Number

Dimensions = tuple[tuple[str, int], ...]
"""(base, power) in the order of the bases, without powers of zero."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A word for a unit, its dimensions, and whether figures of different members may be added up."""

    key: str
    dimensions: Dimensions
    adds_up: bool


def _unit(key: str, adds_up: bool = False, **powers: int) -> Unit:
    return Unit(key, tuple(sorted(powers.items())), adds_up)


UNITS: Final[Mapping[str, Unit]] = {
    one.key: one
    for one in (
        _unit("percent"),
        _unit("ratio"),
        _unit("coefficient"),
        _unit("people", adds_up=True, person=1),
        _unit("arrivals", adds_up=True, arrival=1),
        _unit("nights", adds_up=True, night=1),
        _unit("visits", adds_up=True, visit=1),
        _unit("beds", adds_up=True, bed=1),
        _unit("hours", adds_up=True, hour=1),
        _unit("days", adds_up=True, day=1),
        _unit("money", adds_up=True, money=1),
        _unit("km2", adds_up=True, area=1),
        _unit("fte", adds_up=True, post=1),
        _unit("nights_per_arrival", night=1, arrival=-1),
        _unit("nights_per_1000", night=1, person=-1),
        _unit("nights_per_km2", night=1, area=-1),
        _unit("beds_per_100", bed=1, person=-1),
        _unit("arrivals_per_100", arrival=1, person=-1),
        _unit("money_per_visit", money=1, visit=-1),
        _unit("money_per_day", money=1, day=-1),
        _unit("visits_per_hour", visit=1, hour=-1),
        _unit("visits_per_fte", visit=1, post=-1),
        _unit("hours_per_person", hour=1, person=-1),
        _unit("kg_per_night", mass=1, night=-1),
        _unit("litres_per_night", volume=1, night=-1),
        _unit("kwh_per_night", energy=1, night=-1),
        _unit("km_per_person", length=1, person=-1),
        _unit("co2_per_person", carbon=1, person=-1),
    )
}


class _Wrong(Exception):
    pass


def unit_of(formula: Formula, units: Mapping[str, str]) -> Dimensions | str:
    """The dimensions of what ``formula`` gives, or the code at which units do not go together.

    ``units``: code -> key of ``UNITS``.
    """
    try:
        return _of(formula.root, units) or ()
    except _Wrong as wrong:
        return str(wrong)


def unit_problem(formula: Formula, unit: str, units: Mapping[str, str]) -> str:
    """Empty where ``formula`` gives something in ``unit``; else ``mixed:CODE`` (added to another unit) or ``result``."""
    found = unit_of(formula, units)
    if isinstance(found, str):
        return f"mixed:{found}"
    return "" if found == UNITS[unit].dimensions else "result"


def _of(node: Node, units: Mapping[str, str]) -> Dimensions | None:
    """None: a bare number, which goes with everything."""
    if isinstance(node, Number):
        return None
    if isinstance(node, Negative):
        return _of(node.of, units)
    if isinstance(node, Code):
        return _known(node.code, units)
    if isinstance(node, Call):
        return _called(node, units)
    left, right = _of(node.left, units), _of(node.right, units)
    if node.sign in {"+", "-"}:
        if left is not None and right is not None and left != right:
            raise _Wrong(_first_code(node.right))
        return left if left is not None else right
    if left is None and right is None:
        return None
    return _times(left or (), right or (), 1 if node.sign == "*" else -1)


def _known(code: str, units: Mapping[str, str]) -> Dimensions:
    if units.get(code) not in UNITS:
        raise _Wrong(code)
    return UNITS[units[code]].dimensions


def _called(node: Call, units: Mapping[str, str]) -> Dimensions:
    inner = _known(node.code, units)
    if node.function == "sum":
        return inner
    return _times(inner, (("day", 1),), -1) if node.function == "mean" else ()


def _times(left: Dimensions, right: Dimensions, sign: int) -> Dimensions:
    powers = dict(left)
    for base, power in right:
        powers[base] = powers.get(base, 0) + sign * power
    return tuple(sorted((base, power) for base, power in powers.items() if power))


def _first_code(node: Node) -> str:
    return next((code for code, _ in Formula("", node).parts()), "")
