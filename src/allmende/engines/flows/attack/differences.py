"""Parent minus children, class minus total, origin minus total, one withheld figure in a row.

Subtracting published figures from their published total is the first attack on any suppressed table: L. Willenborg,
T. de Waal, Elements of Statistical Disclosure Control (2001), ch. 6; A. Hundepool et al., Statistical Disclosure Control (2012), ch. 4.
Along an axis that adds up the rest is exact.  Where devices are counted once in the parent and may be in several children
(hours of a day), max <= parent <= sum only bounds it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allmende.engines.flows.attack.cube import CLASS_AXES, ORIGIN_AXES, Ints
from allmende.engines.flows.attack.findings import MOST_NAMED, Finding, capped
from allmende.engines.flows.attack.knowledge import Sums
from allmende.engines.flows.attack.recover import Known, Mask, Rest, errors_of, is_in, missing_children, rest_of

REMEDY = "Withhold a second figure of the same sum (complementary suppression), or the total."


def subtract(sums: Sums, known: Known) -> Iterator[Finding]:
    """Rests of published sums; then the same with what was recovered on the way."""
    for position, families in enumerate(sums.families):
        if sums.modes[position] != "none":
            name = sums.cube.axes[position].name
            attack = (
                "class minus total"
                if name in CLASS_AXES
                else "origin minus total"
                if name in ORIGIN_AXES
                else "parent minus children"
            )
            rest = rest_of(sums, position, families)
            yield from _named(sums, rest, sums.cube.keys, attack, _explained(sums, known, position, families.parent))


def unpick(sums: Sums, known: Known) -> Iterator[Finding]:
    """Withheld figures that are alone in a row once others of the row were recovered."""
    if not known.rounds.any():
        return
    for position, mode in enumerate(sums.modes):
        if mode != "additive":
            continue
        families = sums.cube.families(position, known.keys, known.values)
        rest = rest_of(sums, position, families, errors_of(sums, position, known.keys, known.errors))
        before = rest_of(sums, position, sums.families[position])
        named = before.parent[before.small | before.only]
        yield from _named(sums, rest, known.keys, "one withheld figure in a row", is_in(rest.parent, named))
    later = (known.rounds > 1) & (known.values - known.errors > 0) & (2 * known.errors < sums.known.tight)
    later &= ~known.added | (known.values + known.errors < sums.known.small)
    chosen = np.flatnonzero(later)
    found = [
        _finding(
            sums,
            "one withheld figure in a row",
            sums.cube.place(int(known.keys[at])),
            sums.cube.table_name(int(known.keys[at])),
            max(float(known.values[at] - known.errors[at]), 0.0),
            float(known.values[at] + known.errors[at]),
            "the figure",
            f"Other withheld figures of its row follow from their columns first ({int(known.rounds[at])} steps).",
        )
        for at in chosen[:MOST_NAMED]
    ]
    yield from capped(found, len(chosen), "one withheld figure in a row", sums.cube.sources[0].name)


def _explained(sums: Sums, known: Known, position: int, parents: Ints) -> Mask:
    """Whether what is left of each parent is nothing but figures recovered elsewhere, which are named there."""
    families = sums.cube.families(position, known.keys, known.values)
    rest = rest_of(sums, position, families, errors_of(sums, position, known.keys, known.errors))
    more = known.rounds.any() and np.isfinite(families.value) & (rest.low <= 0)
    at = np.minimum(np.searchsorted(families.parent, parents), max(len(families.parent) - 1, 0))
    nothing_else = np.asarray(more & np.ones(len(families.parent), np.bool_))[at]
    published = sums.families[position]
    alone = (published.count + 1 == published.possible) & sums.closed[position]
    return np.asarray(nothing_else & ~alone)


def _named(sums: Sums, rest: Rest, keys: Ints, attack: str, explained: Mask | None = None) -> Iterator[Finding]:
    cube = sums.cube
    wanted = rest.small | rest.only
    if explained is not None:
        wanted &= ~explained
    chosen = np.flatnonzero(wanted)
    chosen = chosen[np.argsort(rest.high[chosen], kind="stable")]
    found = []
    for at in chosen[:MOST_NAMED]:
        parent = rest.parent[at : at + 1]
        axis = cube.dimension(rest.axis, int(parent[0]))
        _, missing = missing_children(sums, rest.axis, parent, keys)
        alone = len(missing) == 1 and rest.missing[at] == 1
        key = int(missing[0]) if alone else int(parent[0])
        place = cube.place(key)
        what = "the figure" if alone else f"what is left of the sum over {axis}"
        how = (
            f"Total over {axis} minus the figures shown; it is the only one withheld."
            if alone
            else f"Total over {axis} minus the figures shown; {int(rest.missing[at])} share what is left."
        )
        if sums.modes[rest.axis] == "bounded":
            how = f"The parent over {axis} is at most the sum of its children and at least the largest."
        if not alone:
            place = {**place, f"rest of {axis}": "withheld"}
        found.append(
            _finding(
                sums,
                attack,
                place,
                cube.table_name(int(parent[0])),
                float(rest.low[at]),
                float(rest.high[at]),
                what,
                how,
                rest.axis,
            )
        )
    yield from capped(found, len(chosen), attack, cube.sources[0].name)


def _finding(
    sums: Sums,
    attack: str,
    place: dict[str, str],
    table: str,
    low: float,
    high: float,
    what: str,
    how: str,
    axis: int | None = None,
) -> Finding:
    known = sums.known
    return Finding(
        attack,
        table,
        place,
        f"{what} is {bounds_in_words(low, high)} people",
        how,
        sums.severity(low, high, axis),
        REMEDY,
        round(low, 3),
        round(high, 3),
        known.devices(low),
        known.devices(high),
    )


def bounds_in_words(low: float, high: float) -> str:
    """``exactly 7``, ``7 to 9``."""
    return f"exactly {low:g}" if high - low < 1e-6 else f"{low:.4g} to {high:.4g}"
