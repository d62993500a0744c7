"""Small figures, and figures that passed the threshold only after they were scaled up.

The threshold rule: A. Hundepool et al., Statistical Disclosure Control (2012), 4.2.  A threshold on people lets a single device
pass when it stands for five of them; the weight shows in the figures (see ``knowledge``), and then so do the devices.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allmende.engines.flows.attack.findings import MOST_NAMED, Finding, capped
from allmende.engines.flows.attack.knowledge import Sums

SMALL = "small figures"
DEVICES = "devices behind the figures"
ROUNDING = "rounding undone"


def small(sums: Sums) -> Iterator[Finding]:
    """Figures of fewer people than the threshold is devices."""
    cube, known = sums.cube, sums.known
    limit = known.threshold - known.noise - known.rounded
    chosen = np.flatnonzero((cube.values > 0) & (cube.values < limit))
    yield from capped(
        [
            Finding(
                SMALL,
                cube.table_name(int(cube.keys[at])),
                cube.place(int(cube.keys[at])),
                f"{cube.values[at]:g} people, fewer than {known.threshold} devices",
                "Read from the table.",
                "leak",
                "Withhold the figure, and a second one in each of its sums.",
                float(cube.values[at]),
                float(cube.values[at]),
                known.devices(float(cube.values[at])),
                known.devices(float(cube.values[at])),
            )
            for at in chosen[:MOST_NAMED]
        ],
        len(chosen),
        SMALL,
        cube.sources[0].name,
    )


def devices(sums: Sums) -> Iterator[Finding]:
    """Figures that are at least the threshold in people, and fewer in devices."""
    cube, known = sums.cube, sums.known
    if known.weight_from not in ("given", "guessed from multiples"):
        return
    number = np.rint(cube.values / known.weight)
    fits = np.abs(cube.values - number * known.weight) <= 0.51
    chosen = np.flatnonzero((cube.values >= known.threshold) & (number >= 1) & (number < known.threshold) & fits)
    yield from capped(
        [
            Finding(
                DEVICES,
                cube.table_name(int(cube.keys[at])),
                cube.place(int(cube.keys[at])),
                f"{cube.values[at]:g} people are {int(number[at])} devices of {known.weight:g} people",
                "Divided by the weight, which is the same for all devices.",
                "leak",
                "Apply the threshold to devices, before they are scaled to people.",
                float(cube.values[at]),
                float(cube.values[at]),
                float(number[at]),
                float(number[at]),
            )
            for at in chosen[:MOST_NAMED]
        ],
        len(chosen),
        DEVICES,
        cube.sources[0].name,
    )


def rounding(sums: Sums) -> Iterator[Finding]:
    """All figures are multiples of one number: rounding to whole people hides nothing."""
    if sums.known.weight_from == "guessed from multiples":
        yield Finding(
            ROUNDING,
            sums.cube.sources[0].name,
            {},
            f"each device stands for {sums.known.weight:g} people, so every figure is a number of devices in disguise",
            f"All figures are multiples of {sums.known.weight:g}, rounded to whole people.",
            "note",
            "Round to a base larger than the weight, and name it as base in the release.",
        )
