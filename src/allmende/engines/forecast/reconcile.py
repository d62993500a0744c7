"""Forecasts that add up: municipalities to regions, months to years."""

from __future__ import annotations

import numpy as np

from allmende.engines.forecast.values import Array


def shrunken_covariance(errors: Array) -> Array:
    """Covariance of ``errors`` (series × times, NaN allowed) with correlations shrunk towards none.

    Schäfer and Strimmer (2005), Statistical Applications in Genetics and Molecular Biology 4, with their estimate of how far.
    """
    there = ~np.isnan(errors).any(axis=0)
    e = errors[:, there]
    n = e.shape[1]
    scale = np.sqrt((e**2).mean(axis=1))
    # A series that is always zero has no error; a small one keeps the matrix regular.
    floor = max(float(scale.max()) * 1e-6, 1e-12)
    scale = np.maximum(scale, floor)
    x = e / scale[:, None]
    r = x @ x.T / n
    variance = ((x**2) @ (x**2).T / n - r**2) * n**2 / max(1, n - 1) ** 3
    np.fill_diagonal(variance, 0.0)
    off = r.copy()
    np.fill_diagonal(off, 0.0)
    total = float((off**2).sum())
    weight = float(np.clip(variance.sum() / total, 0.0, 1.0)) if total > 0 else 1.0
    r = (1 - weight) * r
    np.fill_diagonal(r, 1.0)
    out: Array = scale[:, None] * r * scale[None, :]
    return out


def projection(summing: Array, covariance: Array) -> Array:
    """The matrix that makes base forecasts coherent with least variance: MinT of Wickramasuriya et al. (2019), JASA 114.

    ``summing`` (all × bottom) says which bottom series each adds up; ``covariance`` (all × all) is that of the base errors,
    or its diagonal (all,) alone.  Returned: bottom × all.
    """
    is_diagonal = covariance.ndim == 1
    weighted = summing / covariance[:, None] if is_diagonal else np.linalg.solve(covariance, summing)
    return np.asarray(np.linalg.solve(weighted.T @ summing, weighted.T))


def reconcile(base: Array, summing: Array, covariance: Array, *, not_negative: bool = True) -> Array:
    """Coherent forecasts (all × horizon) nearest to ``base`` (all × horizon) in the metric of the errors.

    With ``not_negative`` bottom forecasts below zero are set to zero before they are added up.  Raises ``ValueError`` if the
    shapes do not fit, ``numpy.linalg.LinAlgError`` if the covariance is not regular.
    """
    if base.shape[0] != summing.shape[0] or covariance.shape[0] != summing.shape[0]:
        raise ValueError("forecasts, summing matrix and covariance must have a row for each series")
    bottom = projection(summing, covariance) @ base
    if not_negative:
        bottom = np.maximum(bottom, 0.0)
    out: Array = summing @ bottom
    return out


def summing_matrix(groups: list[list[int]], bottom: int) -> Array:
    """Rows of sums above the bottom rows: each of ``groups`` lists the bottom series that it adds up."""
    out = np.zeros((len(groups) + bottom, bottom))
    for row, members in enumerate(groups):
        out[row, members] = 1.0
    out[len(groups) :] = np.eye(bottom)
    return out
