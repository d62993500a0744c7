"""How evenly visits are spread over hours and over places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines.crowding.values import Floats, Ints

LEAST_HOURS: Final = 28 * 24
"""Nothing is said about the spread over fewer hours: four weeks."""
LEAST_SHARED: Final = 5
"""Hours in which one place was full and the other known, for a pair to be named."""


@dataclass(frozen=True, slots=True)
class Imbalance:
    """One place is full while another is quiet."""

    full: int
    """Row of the full place."""
    quiet: int
    """Row of the quiet one."""
    hours: int
    """Hours in which the first was full and the second quiet."""
    of: int
    """Hours in which the first was full and the second known."""

    @property
    def share(self) -> float:
        """Part of the full hours in which the other was quiet, 0 to 1."""
        return self.hours / self.of


def gini(values: Floats) -> float | None:
    """Gini coefficient of the known values, 0 (all alike) to 1 − 1/n (all in one).

    G = (2 Σ i·x₍ᵢ₎) / (n Σ x) − (n + 1) / n with x₍₁₎ ≤ … ≤ x₍ₙ₎.  None for fewer than two, a sum of 0, or a negative one.
    """
    known = np.sort(values[np.isfinite(values)])
    n, total = len(known), float(known.sum())
    if n < 2 or total <= 0 or known[0] < 0:
        return None
    return 2 * float((np.arange(1, n + 1) * known).sum()) / (n * total) - (n + 1) / n


def gini_of_hours(figures: Floats) -> float | None:
    """Gini over the known hours; None for fewer than four weeks of them."""
    return gini(figures) if int(np.isfinite(figures).sum()) >= LEAST_HOURS else None


def peak_share(figures: Floats, part: float = 0.1) -> float | None:
    """Share of everybody that the busiest ``part`` of the known hours brings, 0 to 1; evenly spread it is ``part``.

    None for fewer than four weeks of known hours, or where nobody came.
    """
    known = np.sort(figures[np.isfinite(figures)])
    total = float(known.sum())
    if len(known) < LEAST_HOURS or total <= 0:
        return None
    return float(known[-math.ceil(part * len(known)) :].sum()) / total


def imbalances(pressure: Floats, *, full_from: Floats, quiet_below: Floats) -> list[Imbalance]:
    """Pairs of places of which one was full while the other was quiet, the most hours first.

    ``pressure``: places × common hours, NaN where not known; the thresholds one for each place.  Only hours in which both
    are known are counted, so that a silent counter does not look like a quiet place.
    """
    known = np.isfinite(pressure)
    full = (pressure >= full_from[:, None]).astype(np.float32)
    quiet = (pressure < quiet_below[:, None]).astype(np.float32)
    both, apart = full @ known.astype(np.float32).T, full @ quiet.T
    np.fill_diagonal(apart, 0)
    rows, columns = np.nonzero((both >= LEAST_SHARED) & (apart > 0))
    pairs = [
        Imbalance(int(a), int(b), round(float(apart[a, b])), round(float(both[a, b])))
        for a, b in zip(rows, columns, strict=True)
    ]
    return sorted(pairs, key=lambda pair: (-pair.hours, -pair.share, pair.full, pair.quiet))


def presence_by_hour(figures: Floats, hour: Ints) -> tuple[Floats, NDArray[np.float64]]:
    """Mean of the known figures by place and hour of the day (places × 24, NaN where none is known), and their Gini.

    ``figures``: places × hours; ``hour``: the local hour of each.  The second is the Gini over places at each hour of the
    day (24 values): how unevenly those who are out then are spread over the places.  NaN where it cannot be told.
    """
    known = np.isfinite(figures)
    filled = np.where(known, figures, 0.0)
    member = (hour[:, None] == np.arange(24)[None, :]).astype(np.float64)
    sums, counts = filled @ member, known.astype(np.float64) @ member
    means = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    spread = [gini(means[:, at]) if np.isfinite(means[:, at]).all() else None for at in range(24)]
    return means, np.array([np.nan if value is None else value for value in spread])


def high_by_hour(pressure: Floats, hour: Ints, part: float = 0.9) -> Floats:
    """The pressure that each place reaches at each hour of the day on one day in ten (places × 24; NaN: nothing is known).

    A mean over the year says little of crowding: quiet winters and nights hide the noons of August.
    """
    found = np.full((len(pressure), 24), np.nan)
    for at in range(24):
        ordered = np.sort(pressure[:, hour == at], axis=1)  # what is not known comes last
        n = np.isfinite(ordered).sum(axis=1)
        rows = np.flatnonzero(n)
        place = part * (n[rows] - 1)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, n[rows] - 1)
        low, high = ordered[rows, below], ordered[rows, above]
        found[rows, at] = low + (place - below) * (high - low)
    return found
