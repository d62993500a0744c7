"""The same figure told more than once: a re-run after late data, and noise that is drawn anew.

Differencing over time: what changed between two releases is what arrived between them (T. Brown et al., on tables published
repeatedly, in A. Hundepool et al., Statistical Disclosure Control, 2012, 5.5).  Averaging: noise drawn anew for the same question
shrinks with the root of the number of answers; the cell-key method draws it once (G. Thompson, S. Broadfoot, D. Elazar,
Methodology for the Automatic Confidentialisation of Statistical Outputs from Remote Servers, UNECE, 2013).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allmende.engines.flows.attack.cube import Cube, Ints
from allmende.engines.flows.attack.findings import MOST_NAMED, Finding, capped
from allmende.engines.flows.attack.knowledge import Knowledge

RERUN = "re-run after late data"
TWICE = "the same query twice"
MANY_CHANGED, FEW_CHANGED = 0.5, 0.2
"""Share of common figures that differ, up and down, from which it is noise and not news; the lower where noise is declared."""


def pairs(cube: Cube) -> tuple[Ints, Ints]:
    """(first, next) positions in ``all_keys`` of figures that tell of the same key."""
    order = np.lexsort((cube.all_source, cube.all_keys))
    same = np.flatnonzero(np.diff(cube.all_keys[order]) == 0)
    return order[same], order[same + 1]


def changed_keys(cube: Cube) -> tuple[Ints, float]:
    """Keys of which releases tell different figures, and their share of those told more than once."""
    first, second = pairs(cube)
    different = cube.all_values[first] != cube.all_values[second]
    return np.unique(cube.all_keys[first][different]), float(different.mean()) if len(first) else 0.0


def repeats(cube: Cube, known: Knowledge) -> Iterator[Finding]:
    """Figures told more than once and differently."""
    first, second = pairs(cube)
    change = cube.all_values[second] - cube.all_values[first]
    releases = np.array([source.release for source in cube.sources], np.int64)
    inside = releases[cube.all_source[first]] == releases[cube.all_source[second]]
    across = ~inside
    many = FEW_CHANGED if known.drawn else MANY_CHANGED
    noisy = bool(across.any() and (change[across] != 0).mean() > many and (change > 0).any() and (change < 0).any())
    drawn = (change != 0) & (inside | noisy)
    if drawn.any():
        _, answers = np.unique(cube.all_keys[first][drawn], return_counts=True)
        most = int(answers.max()) + 1
        at = first[drawn][0]
        yield Finding(
            TWICE,
            cube.sources[int(cube.all_source[second[drawn][0]])].name,
            cube.place(int(cube.all_keys[at]), int(cube.all_source[at])),
            f"{int(drawn.sum())} figures are told again and differently; the mean of {most} answers is {most**0.5:.1f} times as exact",
            "The same dimensions in several tables or releases.",
            "leak",
            "Draw noise and rounding from the figure's own key (cell-key method), so that the same question has the same answer.",
            count=int(drawn.sum()),
        )
    late = across & ~drawn & (change != 0) & (np.abs(change) < known.small) & (np.abs(change) >= known.weight / 2)
    late &= np.abs(change) > 2 * (known.noise + known.rounded)
    chosen = np.flatnonzero(late)
    found = []
    for one in chosen[:MOST_NAMED]:
        people = abs(float(change[one]))
        found.append(
            Finding(
                RERUN,
                cube.sources[int(cube.all_source[second[one]])].name,
                cube.place(int(cube.all_keys[second[one]]), int(cube.all_source[second[one]])),
                f"{people:g} people {'came in' if change[one] > 0 else 'went'} between the releases",
                f"{cube.all_values[second[one]]:g} minus {cube.all_values[first[one]]:g}.",
                "leak",
                "Keep the earlier figure until it changes by the threshold or more, or withdraw the earlier release.",
                people,
                people,
                known.devices(people),
                known.devices(people),
            )
        )
    yield from capped(found, len(chosen), RERUN, cube.sources[-1].name)
