"""What must hold for an answer to be believed."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import stats

from allmende.engines.evaluation.panels import Ready
from allmende.engines.evaluation.placebos import Chance
from allmende.engines.evaluation.synthetic import Fit
from allmende.engines.evaluation.values import Check

LEAST_BEFORE: Final = 8
LEAST_AFTER: Final = 1
MOST_GAPS: Final = 0.2


def checks_of(
    made: Ready, fit: Fit, chance: Chance | None, pretended: list[tuple[int, float]], least_controls: int
) -> tuple[Check, ...]:
    """The checks of one evaluation, in the order in which they are shown."""
    number = len(made.controls)
    found = [
        Check("enough_before", made.start >= LEAST_BEFORE, True, float(made.start), float(LEAST_BEFORE)),
        Check("enough_after", made.after >= LEAST_AFTER, True, float(made.after), float(LEAST_AFTER)),
        Check("gaps", made.missing <= MOST_GAPS, True, made.missing, MOST_GAPS),
        Check("controls", number >= least_controls, True, float(number), float(least_controls)),
    ]
    if chance is not None and pretended:
        worst = max(abs(effect) for _, effect in pretended)
        # The largest of several must be larger than one alone: the level is divided by their number (Bonferroni).
        limit = float(stats.t.isf(0.005 / len(pretended), chance.freedom)) * chance.error
        found.append(Check("placebo_in_time", worst <= limit, True, worst, limit))
    gaps = fit.gaps[: made.start]
    if gaps.size >= 4:
        times = np.arange(gaps.size) - (gaps.size - 1) / 2.0
        slope = float(times @ gaps / (times @ times))
        drift = slope * (made.start + made.after) / 2.0
        limit = abs(chance.error) if chance is not None else float("inf")
        found.append(Check("pre_trend", abs(drift) <= 2.0 * limit, False, abs(drift), 2.0 * limit))
    return tuple(found)
