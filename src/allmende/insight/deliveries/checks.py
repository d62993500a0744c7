"""Figures that cannot be right, and those that are missing.  They are said and marked, never changed, never filled."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from allmende.insight.deliveries.problems import AFTER_ROW, ROW, Problems
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
GAP: Final = {
    Resolution.HOUR: gettext_noop("%(name)s: %(missing)s hour without a figure from %(first)s."),
    Resolution.DAY: gettext_noop("%(name)s: %(missing)s day without a figure from %(first)s."),
    Resolution.MONTH: gettext_noop("%(name)s: %(missing)s month without a figure from %(first)s."),
}
GAPS: Final = {
    Resolution.HOUR: gettext_noop("%(name)s: %(missing)s hours without a figure from %(first)s."),
    Resolution.DAY: gettext_noop("%(name)s: %(missing)s days without a figure from %(first)s."),
    Resolution.MONTH: gettext_noop("%(name)s: %(missing)s months without a figure from %(first)s."),
}


def mark_doubtful(one: SeriesFigures, name: str, most_plausible: float | None, problems: Problems) -> int:
    """Mark what cannot be right as doubtful and say why; return how many figures that are."""
    doubtful = np.zeros(len(one.periods), np.bool_)
    known = ~np.isnan(one.figures)
    negative = known & (one.figures < 0)
    remedy = gettext_noop(
        "It stays as delivered and is left out of what is computed. Correct it at the source, or mark it as held back."
    )
    for at in np.flatnonzero(negative)[:SHOWN].tolist():
        message = gettext_noop("%(name)s, %(when)s: %(figure)s is below zero.")
        problems.add(ROW, message, "negative", remedy, **_facts(one, name, at))
    doubtful |= negative
    high = known & (one.figures > most_plausible) if most_plausible is not None else np.zeros_like(known)
    for at in np.flatnonzero(high)[:SHOWN].tolist():
        message = gettext_noop("%(name)s, %(when)s: %(figure)s is more than the %(most)s that can be.")
        problems.add(ROW, message, "above-plausible", remedy, **_facts(one, name, at), most=most_plausible)
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
        message = gettext_noop(
            "%(name)s: %(figure)s in each of %(hours)s hours from %(when)s; the counter had probably stopped."
        )
        remedy = gettext_noop(
            "The figures stay as delivered and are left out of what is computed. Look at the counter."
        )
        problems.add(ROW, message, "frozen", remedy, n=end - begin, **_facts(one, name, begin), hours=end - begin)
    return found


def _jumps(one: SeriesFigures, name: str, known: Mask, problems: Problems) -> Mask:
    positive = one.figures[known & (one.figures > 0)]
    if len(positive) < LEAST_FOR_JUMPS:
        return np.zeros(len(known), np.bool_)
    limit = JUMP * float(np.percentile(positive, 99))
    high = known & (one.figures > limit)
    for at in np.flatnonzero(high)[:SHOWN].tolist():
        message = gettext_noop(
            "%(name)s, %(when)s: %(figure)s is more than %(times)s times what it otherwise is at most."
        )
        remedy = gettext_noop(
            "It stays as delivered, as doubtful. If it is right, raise the most plausible figure of the series and load again."
        )
        problems.add(ROW, message, "jump", remedy, **_facts(one, name, at), times=JUMP)
    return high


def say_gaps(one: SeriesFigures, name: str, problems: Problems) -> int:
    """Say from when to when periods are missing between the first and the last; return how many."""
    step = np.diff(one.periods)
    holes = np.flatnonzero(step > 1)
    total = int((step[holes] - 1).sum())
    for at in holes[np.argsort(-step[holes], kind="stable")][:SHOWN].tolist():
        n = int(step[at] - 1)
        first = _name(one.key.resolution, int(one.periods[at]) + 1)
        message = (GAPS if n > 1 else GAP)[Resolution(one.key.resolution)]
        remedy = gettext_noop("Gaps stay gaps. Deliver them if you have them.")
        row = str(int(one.rows[at]))
        problems.add(AFTER_ROW, message, "gap", remedy, n=n, name=name, missing=n, first=first, row=row)
    return total


def _facts(one: SeriesFigures, name: str, at: int) -> dict[str, Any]:
    return {"name": name, "when": _when(one, at), "figure": float(one.figures[at]), "row": str(int(one.rows[at]))}


def _when(one: SeriesFigures, at: int) -> str:
    return _name(one.key.resolution, int(one.periods[at]))


def _name(resolution: str, number: int) -> str:
    begin = begin_of(resolution, number)
    return (
        f"{begin:%Y-%m-%d %H:%M} UTC"
        if resolution == Resolution.HOUR
        else f"{begin:%Y-%m-%d}"[: 10 if resolution == Resolution.DAY else 7]
    )
