"""Crowded stretches and the worst hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from allmende.engines.crowding.local import local_hours
from allmende.engines.crowding.usual import Usual
from allmende.engines.crowding.values import Hours

DIP: Final = 1
"""Hours below the threshold, or without a figure, that do not end a stretch."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of hours at or above the threshold, with dips of one hour at most."""

    first: int
    """Number of its first hour (UTC)."""
    until: int
    """Number of the first hour after it."""
    hours: int
    """How many of its hours are known to be at or above the threshold."""
    peak_at: int
    """Number of its fullest hour; of several the first."""
    peak: float
    pressure: float
    """Peak ÷ capacity."""
    ratio: float | None
    """Peak ÷ what is usual then."""
    percentile: float | None


@dataclass(frozen=True, slots=True)
class WorstHour:
    """The fullest hour of a day."""

    hour: int
    """Number of the hour (UTC)."""
    figure: float
    pressure: float | None
    ratio: float | None
    percentile: float | None


def episodes_of(hours: Hours, usual: Usual, *, full_from: float) -> list[Episode]:
    """The stretches with a pressure of ``full_from`` or more, in order of time; none without a capacity.

    An hour that is not known is never taken for a full one: it bridges a stretch like a dip, and is not counted in it.
    """
    pressure = hours.pressure
    full = np.flatnonzero(pressure >= full_from)  # NaN compares as false
    if not len(full):
        return []
    cells = local_hours(hours.zone, hours.first, len(hours)).cell
    breaks = np.flatnonzero(np.diff(full) > DIP + 1) + 1
    found = []
    for part in np.split(full, breaks):
        top = int(part[np.argmax(hours.figures[part])])
        peak = float(hours.figures[top])
        unusual = usual.unusual(int(cells[top]), peak)
        found.append(
            Episode(
                hours.first + int(part[0]),
                hours.first + int(part[-1]) + 1,
                len(part),
                hours.first + top,
                peak,
                float(pressure[top]),
                unusual.ratio,
                unusual.percentile,
            )
        )
    return found


def worst_hours(hours: Hours, usual: Usual, *, most: int = 10, since: int | None = None) -> list[WorstHour]:
    """The fullest hours, at most one of a local day, the fullest first.  ``since``: number of the first hour to look at.

    Only one of a day, so that one long afternoon does not fill the list.  Hours with nobody are not among them.
    """
    skip = max(0, (since or hours.first) - hours.first)
    known = np.flatnonzero(hours.figures > 0)
    known = known[known >= skip]
    local = local_hours(hours.zone, hours.first, len(hours))
    order = known[np.lexsort((known, -hours.figures[known]))]
    _, first_of_day = np.unique(local.day[order], return_index=True)
    pressure, found = hours.pressure, []
    for at in order[np.sort(first_of_day)][:most].tolist():
        figure = float(hours.figures[at])
        unusual = usual.unusual(int(local.cell[at]), figure)
        known_pressure = float(pressure[at]) if np.isfinite(pressure[at]) else None
        found.append(WorstHour(hours.first + at, figure, known_pressure, unusual.ratio, unusual.percentile))
    return found
