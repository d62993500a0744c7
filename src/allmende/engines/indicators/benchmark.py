"""Comparison in an anonymous group: what is shown of it, and when nothing is.

Three rules, each against one way to find out what somebody has not shared:

1. **Five others.**  Whoever belongs to the group knows one figure, their own, and those that are shared with a name.  At
   least five that they do not know must be behind what is shown.
2. **Nobody dominates.**  Where one member has more than half of a sum, everybody knows who the largest is.
3. **No differences.**  Two pictures of a group that differs by one member show that member's figure.  So what was shown
   once stays as it was until the figures of at least five members are others, those not counted that are shared with a name.

Shown are the three quartiles and the number of members, never the smallest and the largest figure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

OTHERS: Final = 5
LARGEST_SHARE: Final = 0.5
Figures = Mapping[int, float]
"""Member -> figure."""


@dataclass(frozen=True, slots=True)
class Group:
    """What is shown: quartiles of ``members`` figures."""

    members: int
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Release:
    """A group with the figures that it was made of; these are kept, never shown."""

    group: Group
    figures: Figures
    waiting: int = 0
    """Members whose figure came, went or changed since."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing is shown, because of ``few``, ``dominated`` or ``waiting`` (too few differ from what was shown before)."""

    reason: str
    members: int
    needed: int = OTHERS + 1


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile with linear interpolation (Hyndman and Fan's type 7, as numpy and R).

    With five values or more neither the smallest nor the largest has a part in them.
    """
    ordered = sorted(values)
    return _at(ordered, 0.25), _at(ordered, 0.5), _at(ordered, 0.75)


def _at(ordered: Sequence[float], part: float) -> float:
    place = part * (len(ordered) - 1)
    below = int(place)
    rest = place - below
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + rest * (ordered[above] - ordered[below])


def decide(
    figures: Figures, shared: Collection[int] = (), *, adds_up: bool, before: Release | None = None
) -> Release | Withheld:
    """What may be shown of ``figures`` now.

    ``shared``: members whose figure others see with its name.  ``adds_up``: the figures are parts of a whole (visits, not
    percentages).  ``before``: what was shown last; give back what this returns the next time.
    """
    hidden = [member for member in figures if member not in shared]
    if len(hidden) < OTHERS + 1:
        return Withheld("few", len(hidden))
    total = sum(abs(value) for value in figures.values())
    if adds_up and total > 0 and max(abs(value) for value in figures.values()) > LARGEST_SHARE * total:
        return Withheld("dominated", len(figures))
    if before is None:
        return Release(Group(len(figures), *quartiles(list(figures.values()))), dict(figures))
    changed = {member for member in {*figures, *before.figures} if figures.get(member) != before.figures.get(member)}
    # What is shared with a name everybody can take out again: only what is not known makes a difference unreadable.
    if len(changed - set(shared)) >= OTHERS:
        return Release(Group(len(figures), *quartiles(list(figures.values()))), dict(figures))
    # Members may have left since: what was shown of them stays, as long as enough of those behind it are still there.
    if len([member for member in before.figures if member in hidden]) < OTHERS + 1:
        return Withheld("waiting", len(figures))
    return Release(before.group, before.figures, len(changed))
