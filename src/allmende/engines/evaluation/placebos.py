"""How large an effect comes by chance: the same comparison where nothing was done.

**In space** every control (or group of as many controls as there are treated units) is treated in pretence, with the
others as its controls (Abadie, Diamond, Hainmueller 2010; Arkhangelsky et al. 2021, algorithm 4).  Sites differ in how much they swing, so the
standard error is made of two: the spread of the apparent effects as they are, and their spread in misfits of their own
comparison before the start, times the misfit of the treated; the mean of both variances is taken.  Quantiles are those of Student's t
with as many degrees of freedom as there are controls, less one.

**In time** the start is pretended earlier, with the true periods after left out, and judged by placebos in space of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from allmende.engines.evaluation.synthetic import Fit, Kind, compare_cohorts
from allmende.engines.evaluation.values import Array

MOST_GROUPS: Final = 60
SHRUNK: Final = 10.0
"""A unit's own misfit counts as much as that of all controls together when there are so many periods before."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What the placebos in space say of one comparison."""

    error: float
    """Standard error of the effect on the treated."""
    freedom: int
    """Degrees of freedom of Student's t."""
    effects: Array
    """Apparent effect of each placebo."""
    quotients: Array
    """The same in misfits of its own."""
    own: float
    """The effect on the treated in its misfits."""
    misfit: float
    """Of the treated, in the mean misfit of the placebos."""

    def interval(self, effect: float, level: float) -> tuple[float, float]:
        """Confidence interval about ``effect``."""
        reach = float(stats.t.ppf(0.5 + level / 2.0, self.freedom)) * self.error
        return effect - reach, effect + reach

    def p(self, effect: float) -> float:
        """Two-sided, by Student's t."""
        return float(2.0 * stats.t.sf(abs(effect) / self.error, self.freedom)) if self.error > 0 else 1.0

    @property
    def rank(self) -> int:
        """Place of the treated by size among the placebos and itself, 1 is the largest."""
        return 1 + int((np.abs(self.quotients) >= abs(self.own)).sum())

    @property
    def rank_p(self) -> float:
        """Share of placebos, the treated among them, that are at least as large."""
        return self.rank / (self.quotients.size + 1)


@dataclass(frozen=True, slots=True)
class Pretended:
    """What seemed to happen at the treated from a start on that was none."""

    start: int
    effect: float
    error: float
    """Standard error, for this past and this length."""
    quotients: Array
    """Of the controls, treated in pretence from then on: effects in their misfits.  May be none."""


def by_space(
    kind: Kind,
    fit: Fit,
    controls: Array,
    starts: Sequence[int],
    rng: np.random.Generator,
    *,
    time_ridge: float = 0.0,
) -> Chance | None:
    """Placebos of ``kind`` for ``fit``, whose treated units began at ``starts``; None for fewer than 3 controls."""
    number, size, first = controls.shape[0], len(starts), min(starts)
    if number < 3:
        return None
    group = max(1, min(size, number // 2))
    if group == 1:
        groups = [np.array([unit]) for unit in range(number)]
    else:
        groups = [rng.choice(number, group, replace=False) for _ in range(MOST_GROUPS)]
    effects, misfits = np.empty(len(groups)), np.empty(len(groups))
    for place, members in enumerate(groups):
        is_member = np.zeros(number, dtype=bool)
        is_member[members] = True
        pretended = starts if group == size else [int(one) for one in rng.choice(np.asarray(starts), group)]
        placebo = compare_cohorts(kind, controls[is_member], pretended, controls[~is_member], time_ridge=time_ridge)
        effects[place], misfits[place] = placebo.effect, placebo.misfit
    common = float(np.sqrt(np.mean(misfits**2)))
    if common == 0.0:
        return None
    # Groups smaller than the treated spread more than they do.
    shrink = np.sqrt(group / size)
    weight = first / (first + SHRUNK)
    scales = np.sqrt(weight * misfits**2 + (1.0 - weight) * common**2)
    own = float(np.sqrt(weight * fit.misfit**2 + (1.0 - weight) * (common * shrink) ** 2))
    quotients = effects / np.maximum(scales, 1e-9 * common)
    by_misfit = float(np.mean(quotients**2)) * own**2
    as_they_are = float(np.mean(effects**2)) * shrink**2
    error = float(np.sqrt((by_misfit + as_they_are) / 2.0))
    return Chance(error, number - 1, effects, quotients, fit.effect / own, own / common / shrink)


def by_time(
    kind: Kind,
    treated: Array,
    controls: Array,
    start: int,
    after: int,
    rng: np.random.Generator,
    *,
    time_ridge: float = 0.0,
) -> list[Pretended]:
    """Pretended starts before ``start``, each with placebos in space of its own.

    A past half as long is matched less well, so the error of the true start would be too small.
    """
    found = []
    for pretended, until in windows(start, after):
        starts = [pretended] * treated.shape[0]
        fit = compare_cohorts(kind, treated[:, :until], starts, controls[:, :until], time_ridge=time_ridge)
        chance = by_space(kind, fit, controls[:, :until], starts, rng, time_ridge=time_ridge)
        if chance is not None and chance.error > 0:
            found.append(Pretended(pretended, fit.effect, chance.error, chance.quotients))
    return found


def windows(start: int, after: int, *, most: int = 4) -> list[tuple[int, int]]:
    """Pretended starts before ``start`` and their ends, the latest first; they do not overlap.

    Each has twice as many periods before it as after it, and a third of those that there are.
    """
    window = min(after, max(1, start // 3))
    found = []
    for place in range(1, most + 1):
        pretended = start - place * window
        if pretended < max(2 * window, start // 3, 3):
            break
        found.append((pretended, pretended + window))
    return found
