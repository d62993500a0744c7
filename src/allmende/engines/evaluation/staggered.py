"""Treatments that start at different times: group-time effects, and imputation.

Two-way fixed effects compare late starters with early ones, whose own effects may still grow; the coefficient can even have
the wrong sign (Goodman-Bacon 2021).  Two estimators that do not:

* **Group-time effects** (Callaway and Sant'Anna 2021, without covariates): for the units that start at g and the period t,

      ATT(g, t) = change of the group since g − 1 − change of the controls since g − 1

  with the never treated, or those not treated yet, as controls; averaged over all treated group-periods, by time since the
  start (event study), or by group.  Standard errors from the influence function, clustered by unit.
* **Imputation** (Borusyak, Jaravel, Spiess 2024): unit and period effects from the untreated figures alone, imputed for the
  treated ones, and averaged.  Takes gaps.  Conservative standard errors by their theorem 3, effects pooled by start and time since.

Arrays are units × periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

import numpy as np
from scipy import stats

from allmende.engines.evaluation.did import Numbers
from allmende.engines.evaluation.values import Array

Controls = Literal["never", "not_yet"]
NEVER: Final = 10**9


@dataclass(frozen=True, slots=True)
class Effect:
    """A mean effect with its uncertainty."""

    effect: float
    error: float

    def interval(self, level: float, freedom: float) -> tuple[float, float]:
        """By Student's t."""
        reach = float(stats.t.ppf(0.5 + level / 2.0, freedom)) * self.error
        return self.effect - reach, self.effect + reach


@dataclass(frozen=True, slots=True)
class GroupTime:
    """Effect of the units that start at ``group`` in ``period``; before ``group`` it should be nil."""

    group: int
    period: int
    effect: float
    error: float


@dataclass(frozen=True, slots=True)
class Staggered:
    """What staggered starts say."""

    overall: Effect
    """Mean over all treated units and periods."""
    by_group: Effect
    """Mean over the periods of each group, then over the groups by size."""
    events: tuple[tuple[int, Effect], ...]
    """Periods since the start (0 the first treated one, negative before) and the effect then."""
    cells: tuple[GroupTime, ...]
    pre_trend_p: float | None
    """Of the hypothesis that all effects before the start are nil; None: none can be told."""
    units: int


def staggered(
    outcomes: Array, starts: Sequence[int | None], *, controls: Controls = "never", weights: Array | None = None
) -> Staggered:
    """Group-time effects of ``outcomes`` (units × periods, NaN where there is none) with ``starts`` (None: never treated).

    ``weights``: units.  Units treated from the first period on say nothing and are left out.  In each comparison of two
    periods units without figures in both are left out.  Raises ``ValueError`` where no group has controls.
    """
    begin = np.array([NEVER if start is None else start for start in starts])
    mass = np.ones(begin.size) if weights is None else np.asarray(weights, dtype=np.float64)
    groups = [int(group) for group in np.unique(begin) if 0 < group < outcomes.shape[1]]
    cells: list[GroupTime] = []
    influences: list[Array] = []
    for group in groups:
        for period in range(1, outcomes.shape[1]):
            # Before the start: changes from one period to the next; from it on: changes since the last untreated period.
            base = group - 1 if period >= group else period - 1
            found = _cell(outcomes, begin, mass, group, period, base, controls)
            if found is not None:
                effect, influence = found
                cells.append(GroupTime(group, period, effect, _error(influence)))
                influences.append(influence)
    if not any(cell.period >= cell.group for cell in cells):
        raise ValueError("no group has controls")
    stacked = np.array(influences)
    sizes = {group: float(mass[begin == group].sum()) for group in groups}
    shares = {group: (begin == group) * mass for group in groups}

    def mean(chosen: list[int], by: Array) -> Effect:
        """Mean of cells with weights by the sizes of their groups, which are estimated too."""
        total = by.sum()
        effect = float(by @ np.array([cells[place].effect for place in chosen]) / total)
        influence = by @ stacked[chosen] / total
        # The sizes of groups are shares of a sample: their own influence (Callaway and Sant'Anna, theorem 2).
        for place in chosen:
            own = shares[cells[place].group] - sizes[cells[place].group] / mass.sum() * mass
            ratio = by[chosen.index(place)] / sizes[cells[place].group] * mass.sum() / mass.size
            influence = influence + own * ratio * (cells[place].effect - effect) / total * (mass.size / mass.sum())
        return Effect(effect, _error(influence))

    def sizes_of(chosen: list[int]) -> Array:
        return np.array([sizes[cells[place].group] for place in chosen])

    post = [place for place, cell in enumerate(cells) if cell.period >= cell.group]
    lengths = {group: sum(1 for place in post if cells[place].group == group) for group in groups}
    by_length = np.array([sizes[cells[place].group] / lengths[cells[place].group] for place in post])
    events = []
    for since in sorted({cell.period - cell.group for cell in cells}):
        chosen = [place for place, cell in enumerate(cells) if cell.period - cell.group == since]
        events.append((since, mean(chosen, sizes_of(chosen))))
    freedom = max(1, int(((begin > 0) & (begin < outcomes.shape[1])).sum()) - len(groups))
    return Staggered(
        overall=mean(post, sizes_of(post)),
        by_group=mean(post, by_length),
        events=tuple(events),
        cells=tuple(cells),
        pre_trend_p=_pre_trend([effect for since, effect in events if since < 0], freedom),
        units=int(begin.size),
    )


def _error(influence: Array) -> float:
    """Standard error of a mean from its influence, one figure for each unit (already divided by their number)."""
    return float(np.sqrt(np.sum(influence**2)))


def _cell(
    outcomes: Array, begin: Numbers, mass: Array, group: int, period: int, base: int, controls: Controls
) -> tuple[float, Array] | None:
    """ATT(group, period) and each unit's share in its error."""
    change = outcomes[:, period] - outcomes[:, base]
    is_known = np.isfinite(change)
    is_group = is_known & (begin == group)
    is_control = is_known & (begin == NEVER)
    if controls == "not_yet":
        is_control = is_known & (begin > max(period, base)) & (begin != group)
    if not is_group.any() or not is_control.any():
        return None
    influence = np.zeros(begin.size)
    means = []
    for members, sign in ((is_group, 1.0), (is_control, -1.0)):
        share = mass[members] / mass[members].sum()
        mean = float(share @ change[members])
        influence[members] = sign * share * (change[members] - mean)
        means.append(mean)
    return means[0] - means[1], influence


def _pre_trend(leads: list[Effect], freedom: int) -> float | None:
    """The smallest p of the effects before the start, times their number (Bonferroni).

    A joint test of all cells needs more units than cells; with the few that there are it rejects far too often.
    """
    known = [lead for lead in leads if lead.error > 0]
    if not known:
        return None
    smallest = min(float(2.0 * stats.t.sf(abs(lead.effect) / lead.error, freedom)) for lead in known)
    return min(1.0, smallest * len(known))


@dataclass(frozen=True, slots=True)
class Imputed:
    """Effects as observed less imputed."""

    overall: Effect
    events: tuple[tuple[int, Effect], ...]
    expected: Array
    """Imputed outcomes without treatment, units × periods; NaN where they cannot be told."""


def imputation(outcomes: Array, starts: Sequence[int | None], *, weights: Array | None = None) -> Imputed:
    """Imputation of the treated figures of ``outcomes`` (units × periods, NaN where there is none); ``weights``: units.

    Raises ``ValueError`` where no treated figure can be imputed.
    """
    units, periods = outcomes.shape
    begin = np.array([NEVER if start is None else start for start in starts])
    is_treated = np.arange(periods)[None, :] >= begin[:, None]
    is_known = np.isfinite(outcomes)
    mass = np.ones(units) if weights is None else np.asarray(weights, dtype=np.float64)
    usable = is_known & ~is_treated
    base = usable * mass[:, None]
    of_units = base.sum(axis=1)
    safe = np.where(of_units > 0, of_units, 1.0)
    filled = np.where(usable, outcomes, 0.0)
    system = np.diag(base.sum(axis=0)) - base.T @ (base / safe[:, None])
    solver = np.linalg.pinv(system, rcond=1e-12)
    less_units = filled - ((base * filled).sum(axis=1) / safe)[:, None]
    of_periods = solver @ (base * less_units).sum(axis=0)
    of_unit = (base * (filled - of_periods)).sum(axis=1) / safe
    is_seen = (of_units > 0)[:, None] & (base.sum(axis=0) > 0)[None, :]
    expected = np.where(is_seen, of_unit[:, None] + of_periods[None, :], np.nan)
    target = is_known & is_treated & is_seen
    if not target.any():
        raise ValueError("no treated figure can be imputed")
    gaps = np.where(target, outcomes - np.where(is_seen, expected, 0.0), 0.0)
    since = np.arange(periods)[None, :] - begin[:, None]
    residuals = np.where(usable, outcomes - np.where(is_seen, expected, 0.0), 0.0)

    def mean(chosen: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Effect:
        share = chosen * mass[:, None] / (chosen * mass[:, None]).sum()
        # Weights of the untreated figures in the estimate: the share of the treated seen through the fixed effects.
        of_rows, of_columns = share.sum(axis=1), share.sum(axis=0)
        columns = solver @ (of_columns - (base / safe[:, None]).T @ of_rows)
        rows = (of_rows - base @ columns) / safe
        untreated = -base * (rows[:, None] + columns[None, :])
        scores = (untreated * residuals).sum(axis=1)
        for start in np.unique(begin[begin < NEVER]):
            for period in range(periods):
                members = chosen[:, period] & (begin == start)
                if members.any():
                    own = share[members, period]
                    middle = float((own**2 @ gaps[members, period]) / (own**2).sum())
                    scores[members] += own * (gaps[members, period] - middle)
        return Effect(float((share * gaps).sum()), float(np.sqrt((scores**2).sum())))

    numbers = sorted({int(value) for value in since[target]})
    events = tuple(
        (number, mean(cast("np.ndarray[tuple[int, int], np.dtype[np.bool_]]", target & (since == number))))
        for number in numbers
    )
    return Imputed(mean(cast("np.ndarray[tuple[int, int], np.dtype[np.bool_]]", target)), events, expected)
