"""Comparisons made of weighted units: synthetic control, synthetic difference-in-differences, and the even case between.

All three are one formula.  With weights ω for the control units and λ for the periods before,

    effect = (treated after − λ·treated before) − Σ ω (control after − λ·control before)

* **Synthetic control** (Abadie, Diamond, Hainmueller 2010, 2015): ω on the simplex so that outcomes before (and, if given,
  covariates) are met in level; λ = 0.
* **Synthetic difference-in-differences** (Arkhangelsky, Athey, Hirshberg, Imbens, Wager 2021): ω on the simplex up to a
  constant with ridge ζ = (treated units × periods after)^¼ σ, λ on the simplex likewise; σ is the standard deviation of the
  first differences of the controls.
* **Difference-in-differences**: both even.

λ of the paper has no ridge to speak of: it was made for as many controls as periods.  Daily figures have many more periods than
controls, and then λ follows noise.  ``steady`` gives the ridge that a noise of λ·(deviations) asks for; ``judge`` uses it there.

Starts may differ: units that start together are compared on their own, and averaged by treated figures (Arkhangelsky et al., appendix A;
Clarke, Pailañir, Athey, Imbens 2023).

Arrays are units × periods.  Nothing may be missing here; ``panels`` sees to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from allmende.engines.evaluation.simplex import simplex_weights
from allmende.engines.evaluation.values import Array

Kind = Literal["did", "synthetic_control", "synthetic_did"]
KINDS: Final[tuple[Kind, ...]] = ("did", "synthetic_control", "synthetic_did")
FAINT: Final = 1e-6
"""A ridge in shares of σ that only makes the answer unique."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One comparison."""

    effect: float
    """Mean over the treated units and the periods after, in the unit of the outcomes."""
    units: Array
    """ω, one for each control."""
    periods: Array
    """λ, one for each period before."""
    observed: Array
    """Mean of the treated, all periods."""
    expected: Array
    """What it would have been without treatment, all periods; before the start it shows the fit."""

    @property
    def gaps(self) -> Array:
        """Observed less expected."""
        return self.observed - self.expected

    @property
    def misfit(self) -> float:
        """Root mean square of the gaps before the start."""
        return float(np.sqrt(np.mean(self.gaps[: self.periods.size] ** 2)))


def noise_level(controls: Array, start: int) -> float:
    """σ: the standard deviation of the first differences of the controls (units × periods) before ``start``."""
    steps = np.diff(controls[:, :start], axis=1)
    return float(np.std(steps, ddof=1)) if steps.size > 1 else 0.0


def steady(controls: Array, start: int) -> float:
    """The ridge of λ for panels with more periods before ``start`` than ``controls``, else nil (the paper's).

    Twice the standard deviation of the first differences that the controls do not share: a mean of deviations with weights
    λ has the variance σ² ‖λ‖², more where they last.
    """
    if start <= controls.shape[0]:
        return 0.0
    steps = np.diff(controls[:, :start], axis=1)
    return 2.0 * float(np.std(steps - steps.mean(axis=0)))


def compare(
    kind: Kind,
    treated: Array,
    controls: Array,
    start: int,
    *,
    covariates: tuple[Array, Array] | None = None,
    ridge: float | None = None,
    time_ridge: float = 0.0,
) -> Fit:
    """The comparison of ``treated`` (treated units × periods) with ``controls`` (units × periods) from ``start`` on.

    ``covariates``: (treated units × k, controls × k), for ω only; every covariate counts as much as the outcomes before,
    divided by their number (both are scaled by their spread over units).  ``ridge``: ζ of ω instead of the paper's.
    ``time_ridge``: of λ, if larger than the paper's.
    """
    observed = treated.mean(axis=0)
    size, before = controls.shape[0], start
    after = controls.shape[1] - start
    sigma = noise_level(controls, start)
    units, periods = np.full(size, 1.0 / size), np.full(before, 1.0 / before)
    is_level = kind == "synthetic_control"
    if kind != "did":
        if ridge is None:
            ridge = FAINT * sigma if is_level else (treated.shape[0] * after) ** 0.25 * sigma
        columns, target = controls[:, :start].T, observed[:start]
        if covariates is not None:
            columns, target = _with_covariates(columns, target, covariates)
        units = simplex_weights(columns, target, ridge=ridge, has_intercept=not is_level)
    if kind == "synthetic_did":
        periods = simplex_weights(
            controls[:, :start],
            controls[:, start:].mean(axis=1),
            ridge=max(FAINT * sigma, time_ridge),
            has_intercept=True,
        )
    mixed = units @ controls
    level = 0.0 if is_level else float(periods @ (observed - mixed)[:start])
    effect = float((observed - mixed)[start:].mean()) - level
    return Fit(effect, units, periods, observed, mixed + level)


def compare_cohorts(
    kind: Kind, treated: Array, starts: Sequence[int], controls: Array, *, time_ridge: float = 0.0
) -> Fit:
    """As ``compare`` where the treated units start at ``starts`` (one for each): cohorts averaged by their treated figures.

    ω and λ are those of the cohorts averaged; λ is for the periods before the first start.
    """
    begin = np.asarray(starts)
    first = int(begin.min())
    cohorts = np.unique(begin)
    if cohorts.size == 1:
        return compare(kind, treated, controls, first, time_ridge=time_ridge)
    total = float((controls.shape[1] - begin).sum())
    effect, units, periods = 0.0, np.zeros(controls.shape[0]), np.zeros(first)
    expected = np.zeros(controls.shape[1])
    for start in cohorts:
        members = begin == start
        fit = compare(kind, treated[members], controls, int(start), time_ridge=time_ridge)
        share = float(members.sum() * (controls.shape[1] - start)) / total
        effect += share * fit.effect
        units += share * fit.units
        periods += share * fit.periods[:first]
        expected += members.mean() * fit.expected
    return Fit(effect, units, periods, treated.mean(axis=0), expected)


def _with_covariates(columns: Array, target: Array, covariates: tuple[Array, Array]) -> tuple[Array, Array]:
    """Rows for the covariates below those of the outcomes, on the outcomes' scale."""
    of_treated, of_controls = covariates
    mean = of_treated.mean(axis=0)
    spread = np.std(np.vstack([of_controls, mean]), axis=0)
    spread[spread == 0.0] = 1.0
    scale = float(np.std(columns, axis=1).mean()) * np.sqrt(columns.shape[0] / max(1, mean.size))
    return np.vstack([columns, (of_controls / spread * scale).T]), np.concatenate([target, mean / spread * scale])


def synthetic_control(
    outcomes: Array,
    treated: Sequence[int],
    start: int,
    *,
    covariates: Array | None = None,
    ridge: float | None = None,
) -> Fit:
    """Synthetic control of the units ``treated`` by all others of ``outcomes`` (units × periods) from ``start`` on.

    ``covariates``: units × k, to be met too.
    """
    return _of_panel("synthetic_control", outcomes, treated, start, covariates, ridge)


def synthetic_did(outcomes: Array, treated: Sequence[int], start: int, *, ridge: float | None = None) -> Fit:
    """Synthetic difference-in-differences of the units ``treated`` by all others of ``outcomes`` (units × periods)."""
    return _of_panel("synthetic_did", outcomes, treated, start, None, ridge)


def _of_panel(
    kind: Kind, outcomes: Array, treated: Sequence[int], start: int, covariates: Array | None, ridge: float | None
) -> Fit:
    is_treated = np.zeros(outcomes.shape[0], dtype=bool)
    is_treated[list(treated)] = True
    if np.isnan(outcomes).any():
        raise ValueError("synthetic comparisons need a complete panel: leave units or periods out")
    if not 1 <= start < outcomes.shape[1] or is_treated.all() or not is_treated.any():
        raise ValueError("there must be treated units, controls, and periods before and after")
    both = None if covariates is None else (covariates[is_treated], covariates[~is_treated])
    return compare(kind, outcomes[is_treated], outcomes[~is_treated], start, covariates=both, ridge=ridge)
