"""Figures that cannot be right, and those that are missing.  They are said and marked, never changed, never filled."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.insight.deliveries.problems import Problems
from allmende.insight.deliveries.values import SeriesFigures
from allmende.insight.store import begin_of
from allmende.insight.values import Quality, Resolution

FROZEN_HOURS: Final = 12
"""So many hours with the very same figure: the counter has stopped."""
FROZEN_FROM: Final = 5
"""Smaller figures may well repeat."""
JUMP: Final = 5.0
"""Times the 99th percentile of the series."""
LEAST_FOR_JUMPS: Final = 168
SHOWN: Final = 20
Mask = NDArray[np.bool_]


def mark_doubtful(one: SeriesFigures, name: str, most_plausible: float | None, problems: Problems) -> int:
    """Mark what cannot be right as doubtful and say why; return how many figures that are."""
    doubtful = np.zeros(len(one.periods), np.bool_)
    known = ~np.isnan(one.figures)
    negative = known & (one.figures < 0)
    remedy = (
        "It stays as delivered and is left out of what is computed. Correct it at the source, or mark it as held back."
    )
    for at in np.flatnonzero(negative)[:SHOWN].tolist():
        message = f"{name}, {_when(one, at)}: {one.figures[at]:g} is below zero."
        problems.add(f"row {int(one.rows[at])}", message, "negative", remedy)
    doubtful |= negative
    high = known & (one.figures > most_plausible) if most_plausible is not None else np.zeros_like(known)
    for at in np.flatnonzero(high)[:SHOWN].tolist():
        message = f"{name}, {_when(one, at)}: {one.figures[at]:g} is more than the {most_plausible:g} that can be."
        problems.add(f"row {int(one.rows[at])}", message, "above-plausible", remedy)
    doubtful |= high
    if one.key.resolution == Resolution.HOUR:
        doubtful |= _frozen(one, name, known, problems)
    doubtful |= _jumps(one, name, known & ~doubtful, problems)
    one.quality[doubtful] = Quality.DOUBTFUL
    return int(doubtful.sum())


def _frozen(one: SeriesFigures, name: str, known: Mask, problems: Problems) -> Mask:
    found = np.zeros(len(known), np.bool_)
    if len(known) < FROZEN_HOURS:
        return found
    same = np.zeros(len(known), np.bool_)
    same[1:] = (np.diff(one.periods) == 1) & (one.figures[1:] == one.figures[:-1]) & known[1:]
    same &= np.nan_to_num(one.figures) >= FROZEN_FROM
    run = np.cumsum(~same)
    starts = np.flatnonzero(~same)
    lengths = np.bincount(run, minlength=len(starts) + 1)[1:]
    for at in np.flatnonzero(lengths >= FROZEN_HOURS).tolist():
        begin, end = int(starts[at]), int(starts[at] + lengths[at])
        found[begin:end] = True
        message = (
            f"{name}: {one.figures[begin]:g} in each of {end - begin} hours from {_when(one, begin)}; the counter had "
            "probably stopped."
        )
        remedy = "The figures stay as delivered and are left out of what is computed. Look at the counter."
        problems.add(f"row {int(one.rows[begin])}", message, "frozen", remedy, n=end - begin)
    return found


def _jumps(one: SeriesFigures, name: str, known: Mask, problems: Problems) -> Mask:
    positive = one.figures[known & (one.figures > 0)]
    if len(positive) < LEAST_FOR_JUMPS:
        return np.zeros(len(known), np.bool_)
    limit = JUMP * float(np.percentile(positive, 99))
    high = known & (one.figures > limit)
    for at in np.flatnonzero(high)[:SHOWN].tolist():
        message = (
            f"{name}, {_when(one, at)}: {one.figures[at]:g} is more than {JUMP:g} times what it otherwise is at most."
        )
        remedy = "It stays as delivered, as doubtful. If it is right, raise the most plausible figure of the series and load again."
        problems.add(f"row {int(one.rows[at])}", message, "jump", remedy)
    return high


def say_gaps(one: SeriesFigures, name: str, problems: Problems) -> int:
    """Say from when to when periods are missing between the first and the last; return how many."""
    step = np.diff(one.periods)
    holes = np.flatnonzero(step > 1)
    total = int((step[holes] - 1).sum())
    for at in holes[np.argsort(-step[holes], kind="stable")][:SHOWN].tolist():
        n = int(step[at] - 1)
        words = {Resolution.HOUR: "hours", Resolution.DAY: "days", Resolution.MONTH: "months"}
        what = words[Resolution(one.key.resolution)]
        first = _name(one.key.resolution, int(one.periods[at]) + 1)
        message = f"{name}: {n:,} {what if n > 1 else what[:-1]} without a figure from {first}."
        problems.add(
            f"after row {int(one.rows[at])}", message, "gap", "Gaps stay gaps. Deliver them if you have them.", n=n
        )
    return total


def _when(one: SeriesFigures, at: int) -> str:
    return _name(one.key.resolution, int(one.periods[at]))


def _name(resolution: str, number: int) -> str:
    begin = begin_of(resolution, number)
    return (
        f"{begin:%Y-%m-%d %H:%M} UTC"
        if resolution == Resolution.HOUR
        else f"{begin:%Y-%m-%d}"[: 10 if resolution == Resolution.DAY else 7]
    )
