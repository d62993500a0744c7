"""What must hold for an answer to be believed.  Levels are chosen so that sound data seldom fail by chance."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import stats

from allmende.engines.evaluation.methods import Found
from allmende.engines.evaluation.panels import Ready
from allmende.engines.evaluation.placebos import Pretended
from allmende.engines.evaluation.values import Check, Method

LEAST_BEFORE: Final = 8
LEAST_CONTROLS: Final = 5
MOST_GAPS: Final = 0.2
MOST_MISFIT: Final = 5.0
"""Misfit of the treated before the start in mean misfits of the placebos."""
ALARM: Final = 0.01
"""Chance that the pretended starts of sound data fail, all together."""


def least_before(method: Method, season: int) -> int:
    """Periods before the start without which ``method`` says nothing."""
    if method == "structural":
        return max(20, 2 * season)
    return LEAST_BEFORE if method in {"synthetic_did", "synthetic_control"} else 1


def least_after(season: int) -> int:
    """A whole week of days; three weeks or months; else one period."""
    return season if season <= 7 else 3


def data_checks(made: Ready, method: Method, season: int) -> list[Check]:
    """What can be said before anything is computed."""
    before, after, controls = least_before(method, season), least_after(season), len(made.controls)
    return [
        Check("enough_before", made.start >= before, True, float(made.start), float(before)),
        Check("enough_after", made.after >= after, True, float(made.after), float(after)),
        Check("gaps", made.missing <= MOST_GAPS, True, made.missing, MOST_GAPS),
        # Without enough controls the structural series answers, with wider intervals.
        Check("controls", controls >= LEAST_CONTROLS, False, float(controls), float(LEAST_CONTROLS)),
    ]


def result_checks(made: Ready, main: Found, others: list[Found], pretended: list[Pretended]) -> list[Check]:
    """What the answer itself shows."""
    found = []
    if main.chance is not None:
        misfit = main.chance.misfit
        found.append(Check("overlap", bool(misfit <= MOST_MISFIT), True, float(misfit), MOST_MISFIT))
    freedom = main.chance.freedom if main.chance is not None else max(1, made.start - 1)
    if pretended:
        # The largest of several must be larger than one alone (Bonferroni).
        critical = float(stats.t.isf(ALARM / 2.0 / len(pretended), freedom))
        worst = max(pretended, key=lambda one: abs(one.effect) / one.error)
        limit = critical * worst.error
        found.append(Check("placebo_in_time", abs(worst.effect) <= limit, True, abs(worst.effect), limit))
    if main.fit is not None and main.error:
        found.append(_pre_trend(main.fit.gaps[: made.start], made, main.error, freedom))
    if main.expected is not None and made.after >= 10:
        found.append(_outliers(made, main))
    if others and main.low is not None and main.high is not None:
        inside = [main.low <= one.effect <= main.high for one in others]
        found.append(Check("agreement", bool(np.mean(inside) >= 0.5), False, float(np.mean(inside)), 0.5))
    return [Check(one.name, bool(one.is_passed), one.is_fatal, one.figure, one.limit) for one in found]


def _pre_trend(gaps: np.ndarray[tuple[int], np.dtype[np.float64]], made: Ready, error: float, freedom: int) -> Check:
    """Whether treated and comparison drifted apart before the start: the drift drawn on to the middle of the time after."""
    if gaps.size < 4:
        return Check("pre_trend", False, False, None, None)
    times = np.arange(gaps.size) - (gaps.size - 1) / 2.0
    slope = float(times @ gaps / (times @ times))
    drift = abs(slope) * min(gaps.size, made.start + made.after) / 2.0
    limit = float(stats.t.isf(0.025, freedom)) * error
    return Check("pre_trend", drift <= limit, False, drift, limit)


def _outliers(made: Ready, main: Found) -> Check:
    """How much of the effect hangs on the twentieth of the periods with the largest gaps."""
    assert main.expected is not None
    gaps = (made.of_treated.mean(axis=0) - main.expected)[made.start :]
    gaps = gaps[np.isfinite(gaps)]
    kept = np.sort(np.argsort(np.abs(gaps - np.median(gaps)))[: int(np.ceil(0.95 * gaps.size))])
    change = abs(float(gaps.mean() - gaps[kept].mean()))
    share = change / max(abs(float(gaps.mean())), main.error or 0.0, 1e-12)
    return Check("outliers", share <= 0.5, False, share, 0.5)
