"""Difference-in-differences by two-way fixed effects, for panels with gaps, weights and covariates.

    outcome(unit, period) = unit effect + period effect + effect × treated(unit, period) + covariates + noise

Standard errors are robust to any dependence within a cluster (Liang and Zeger 1986), with the correction for few clusters
G / (G − 1) × (n − 1) / (n − k), where k counts the coefficients and the period effects (unit effects are nested in the
clusters and do not count, as in Stata's ``reghdfe`` and R's ``fixest``), and Student's t with G − 1 degrees of freedom.

Where the treated clusters are few these errors are far too small (MacKinnon and Webb 2017): take placebos.  The **wild cluster bootstrap** with the
null imposed (Cameron, Gelbach, Miller 2008; six-point weights of Webb 2023) helps where all clusters are few but the treated are not.

With staggered starts and effects that change over time the coefficient is no average of effects (Goodman-Bacon 2021): ``staggered`` is for
those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from scipy import stats

from allmende.engines.evaluation.values import Array

Numbers = np.ndarray[Any, np.dtype[np.int64]]
WEBB: Final = np.sqrt(np.array([1.5, 1.0, 0.5])).repeat(2) * np.array([1.0, -1.0] * 3)
"""Six-point weights: more distinct draws than two signs when clusters are few."""


@dataclass(frozen=True, slots=True)
class Regression:
    """The coefficients of a two-way fixed-effects regression, the effect first."""

    effect: float
    error: float
    """Cluster-robust standard error."""
    low: float
    high: float
    p: float
    coefficients: Array
    covariance: Array
    freedom: int
    """Degrees of freedom of Student's t: clusters less one."""
    observations: int
    wild_p: float | None = None
    """Of the wild cluster bootstrap, if asked for."""


def did(
    outcomes: Array,
    starts: Sequence[int | None],
    *,
    covariates: Array | None = None,
    weights: Array | None = None,
    clusters: Sequence[int] | None = None,
    is_pooled: bool = False,
    level: float = 0.95,
    draws: int = 0,
    seed: int = 1,
) -> Regression:
    """The effect of treatment in ``outcomes`` (units × periods, NaN where there is none) that begins at ``starts``.

    ``starts``: for each unit its first treated period, None for never.  ``covariates``: k × units × periods.  ``weights``:
    units, or units × periods.  ``clusters``: for each unit its cluster; else each unit is one.  ``is_pooled``: one effect for
    all units that start together in place of one for each unit (repeated cross-sections, or units seen only once).
    ``draws``: of the wild bootstrap, none for 0.  Raises ``ValueError`` where the effect cannot be told from the fixed effects.
    """
    periods = np.arange(outcomes.shape[1])
    treated = np.array([periods >= start if start is not None else periods < 0 for start in starts], dtype=np.float64)
    regressors = treated[None] if covariates is None else np.concatenate([treated[None], covariates])
    groups = (
        np.unique([-1 if start is None else start for start in starts], return_inverse=True)[1] if is_pooled else None
    )
    return fixed_effects(outcomes, regressors, weights, clusters, groups=groups, level=level, draws=draws, seed=seed)


def fixed_effects(
    outcomes: Array,
    regressors: Array,
    weights: Array | None = None,
    clusters: Sequence[int] | None = None,
    *,
    groups: Numbers | None = None,
    level: float = 0.95,
    draws: int = 0,
    seed: int = 1,
) -> Regression:
    """Least squares of ``outcomes`` (units × periods) on ``regressors`` (k × units × periods) with unit and period effects.

    ``groups``: for each unit the number of the group whose effect it has; else each has its own.
    """
    mass = _masses(outcomes, regressors, weights, is_alone_useless=groups is None)
    number = (
        np.arange(outcomes.shape[0]) if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1]
    )
    filled = np.where(mass > 0, outcomes, 0.0)
    centred = without_means(np.concatenate([filled[None], np.where(mass > 0, regressors, 0.0)]), mass, groups)
    target, columns = centred[0], centred[1:]
    size = columns.shape[0]
    inner = np.einsum("aut,but,ut->ab", columns, columns, mass)
    scale = np.einsum("aut,ut->a", np.where(mass > 0, regressors, 0.0) ** 2, mass)
    if (np.diag(inner) <= 1e-10 * np.maximum(scale, 1e-300)).any() or np.linalg.cond(inner) > 1e13:
        raise ValueError("the effect cannot be told from unit and period effects")
    bread = np.linalg.inv(inner)
    coefficients = bread @ np.einsum("aut,ut,ut->a", columns, target, mass)
    residuals = target - np.einsum("a,aut->ut", coefficients, columns)
    scores = np.zeros((int(number.max()) + 1, size))
    np.add.at(scores, number, np.einsum("aut,ut,ut->ua", columns, residuals, mass))
    used = np.unique(number[(mass > 0).any(axis=1)]).size
    observations = int((mass > 0).sum())
    parameters = size + int((mass > 0).any(axis=0).sum()) + (0 if groups is None else int(groups.max()))
    factor = _small_sample(used, observations, parameters)
    covariance = bread @ (scores.T @ scores) @ bread * factor
    error = float(np.sqrt(max(0.0, covariance[0, 0])))
    effect, freedom = float(coefficients[0]), max(1, used - 1)
    reach = float(stats.t.ppf(0.5 + level / 2.0, freedom)) * error
    wild = None
    if draws and error > 0:
        wild = _wild_p(target, columns, mass, number, groups, effect / error, factor, draws, seed)
    return Regression(
        effect=effect,
        error=error,
        low=effect - reach,
        high=effect + reach,
        p=float(2.0 * stats.t.sf(abs(effect) / error, freedom)) if error > 0 else 1.0,
        coefficients=coefficients,
        covariance=covariance,
        freedom=freedom,
        observations=observations,
        wild_p=wild,
    )


def without_means(columns: Array, mass: Array, groups: Numbers | None = None) -> Array:
    """``columns`` (k × units × periods) less their unit and period effects, weighted by ``mass`` (units × periods, 0: none).

    Exact for any pattern of gaps: unit effects are solved out, what remains is a system of the size of the periods.
    ``groups``: for each unit the number of the group whose effect it shares.
    """
    own = np.arange(mass.shape[0]) if groups is None else groups
    of_groups = np.zeros((int(own.max()) + 1, mass.shape[1]))
    np.add.at(of_groups, own, mass)
    totals = of_groups.sum(axis=1)
    safe = np.where(totals > 0, totals, 1.0)

    def less_effects(values: Array) -> Array:
        sums = np.zeros((safe.size, values.shape[0]))
        np.add.at(sums, own, np.einsum("kut,ut->uk", values, mass))
        return values - (sums / safe[:, None])[own].T[:, :, None]

    system = np.diag(mass.sum(axis=0)) - of_groups.T @ (of_groups / safe[:, None])
    right = np.einsum("kut,ut->kt", less_effects(columns), mass)
    effects = np.linalg.lstsq(system, right.T, rcond=1e-12)[0].T
    centred = less_effects(columns - effects[:, None, :])
    return cast(Array, np.where(mass > 0, centred, 0.0))


def _masses(outcomes: Array, regressors: Array, weights: Array | None, *, is_alone_useless: bool) -> Array:
    """The weight of each figure; 0 where something is missing or a unit or period has one figure only (it says nothing)."""
    mass = np.isfinite(outcomes) & np.isfinite(regressors).all(axis=0)
    while is_alone_useless:
        alone = mass & ((mass.sum(axis=1) == 1)[:, None] | (mass.sum(axis=0) == 1)[None, :])
        if not alone.any():
            break
        mass &= ~alone
    if weights is None:
        return mass.astype(np.float64)
    return cast(Array, mass * (weights[:, None] if weights.ndim == 1 else weights))


def _small_sample(clusters: int, observations: int, parameters: int) -> float:
    if clusters < 2 or observations <= parameters:
        return 1.0
    return clusters / (clusters - 1.0) * (observations - 1.0) / (observations - parameters)


def _wild_p(
    target: Array,
    columns: Array,
    mass: Array,
    number: Numbers,
    groups: Numbers | None,
    quotient: float,
    factor: float,
    draws: int,
    seed: int,
) -> float:
    """Two-sided p of the wild cluster bootstrap: residuals without the effect, their sign and size drawn by cluster.

    Everything is a sum over clusters, so a draw costs as little as a product of small matrices.
    """
    others = columns[1:]
    own = columns[0]
    if others.size:
        inner = np.einsum("aut,but,ut->ab", others, others, mass)
        fit = np.linalg.solve(inner, np.einsum("aut,but,ut->ab", others, np.stack([target, own]), mass))
        restricted = target - np.einsum("a,aut->ut", fit[:, 0], others)
        own = own - np.einsum("a,aut->ut", fit[:, 1], others)
    else:
        restricted = target
    size = int(number.max()) + 1
    membership = np.zeros((size, number.size))
    membership[number, np.arange(number.size)] = 1.0
    # For each pair of clusters: what the residuals of one add to the score of the other, through the fixed effects.
    by_cluster = restricted[None] * membership[:, :, None]
    centred = without_means(by_cluster, mass, groups)
    if others.size:
        refit = np.linalg.solve(inner, np.einsum("aut,gut,ut->ag", others, centred, mass))
        centred = centred - np.einsum("ag,aut->gut", refit, others)
    scores = membership @ np.einsum("ut,gut,ut->ug", own, centred, mass)
    leverage = membership @ np.einsum("ut,ut->u", own**2, mass)
    total = leverage.sum()
    rng = np.random.default_rng(seed)
    signs = rng.choice(WEBB, size=(draws, size))
    drawn = signs @ scores.T
    found = drawn.sum(axis=1) / total
    spread = np.sqrt(factor * ((drawn - found[:, None] * leverage) ** 2).sum(axis=1)) / total
    return float((np.abs(found) >= abs(quotient) * spread * (1.0 - 1e-12)).mean())
