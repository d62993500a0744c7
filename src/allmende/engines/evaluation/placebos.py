"""How large an effect comes by chance: the same comparison where nothing was done.

**In space** every control (or group of as many controls as there are treated units) is treated in pretence, with the
others as its controls.  Sites differ in how much they swing, so each apparent effect is divided by the misfit before the
start of its own comparison, as in the ratio of Abadie, Diamond and Hainmueller (2010).  The spread of these quotients,
times the misfit of the treated, is the standard error; its quantiles are those of Student's t with as many degrees of freedom
as there are controls less one (Arkhangelsky et al. 2021, algorithm 4, with this scale and this t for few controls).

**In time** the start is pretended earlier, with the true periods after left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from allmende.engines.evaluation.synthetic import Fit, Kind, compare
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


def by_space(kind: Kind, fit: Fit, controls: Array, start: int, size: int, rng: np.random.Generator) -> Chance | None:
    """Placebos of ``kind`` for ``fit``, whose treatment of ``size`` units began at ``start``; None for fewer than 3 controls."""
    number = controls.shape[0]
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
        placebo = compare(kind, controls[is_member], controls[~is_member], start)
        effects[place], misfits[place] = placebo.effect, placebo.misfit
    common = float(np.sqrt(np.mean(misfits**2)))
    weight = start / (start + SHRUNK)
    scales = np.sqrt(weight * misfits**2 + (1.0 - weight) * common**2)
    if common == 0.0:
        return None
    scales = np.maximum(scales, 1e-9 * common)
    own = float(np.sqrt(weight * fit.misfit**2 + (1.0 - weight) * common**2 * group / size))
    quotients = effects / scales
    spread = float(np.sqrt(np.mean(quotients**2)))
    return Chance(spread * own, number - 1, effects, quotients, fit.effect / own)


def by_time(
    kind: Kind, treated: Array, controls: Array, start: int, after: int, *, most: int = 6
) -> list[tuple[int, float]]:
    """Pretended starts before ``start`` and the apparent effects over as many periods as there are ``after``.

    Each needs twice as many periods before it as after it (or at least half of those there are).
    """
    window = min(after, max(1, start // 3))
    found = []
    for place in range(1, most + 1):
        pretended = start - place * window
        if pretended < max(2 * window, start // 3, 3):
            break
        until = pretended + window
        found.append((pretended, compare(kind, treated[:, :until], controls[:, :until], pretended).effect))
    return found
