"""Many series that add up, forecast together: municipalities and their region, with limits for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from allmende.engines.forecast import members
from allmende.engines.forecast.reconcile import reconcile, shrunken_covariance, summing_matrix
from allmende.engines.forecast.univariate import METHODS, Method, bridged, together, two_years, yearly_totals
from allmende.engines.forecast.values import LEVELS, Array, TooShort

QUICK: Final[tuple[Method, ...]] = (
    members.dynamic_theta,
    members.ces,
    members.seasonal_naive,
    yearly_totals,
    two_years,
)
"""What forecasts of the past are made with: all but the slowest, whose share in a median of six is small."""
ORIGINS: Final = 3
PRIOR_ERRORS: Final = 24
"""One-step errors of a series are worth as many of its seasonal ones as this, when few are there."""


@dataclass(frozen=True, slots=True)
class Coherent:
    """Forecasts of sums (in the order of the groups) and then of the bottom series."""

    quantiles: Array
    """(all, horizon, levels); the medians add up exactly, limits do not and must not."""
    levels: tuple[float, ...]
    standard: Array
    """Error of one step of each series, (all,)."""

    @property
    def median(self) -> Array:
        """(all, horizon)."""
        return self.quantiles[:, :, self.levels.index(0.5)]


def forecast_coherent(
    figures: Array,
    groups: Sequence[Sequence[int]],
    *,
    season: int = 12,
    horizon: int = 24,
    levels: tuple[float, ...] = LEVELS,
) -> Coherent:
    """Forecast ``figures`` (bottom × n, the same periods, NaN for gaps) and the sums named by ``groups`` (indices of rows).

    Every series is forecast by itself (median of six methods); MinT with a shrunken covariance of the one-step errors makes
    them add up.  Limits are quantiles of the errors that forecasts from ``ORIGINS`` earlier years made, pooled over all series in
    parts of each one's own error, by step.  Raises ``TooShort`` if the common stretch has less than three years.
    """
    bottom = _common(figures, season)
    summing = summing_matrix([list(g) for g in groups], len(bottom))
    every = summing @ bottom
    n = every.shape[1]
    median, errors = _base(every, season, horizon, METHODS)
    covariance = shrunken_covariance(errors[:, 2 * season if n > 4 * season else season :])
    median = reconcile(median, summing, covariance)
    standard = np.sqrt(np.diag(covariance))
    scaled = _past_errors(every, summing, season, horizon)
    shape = _shape(scaled, standard, horizon, levels)
    quantiles = np.maximum(median[..., None] + standard[:, None, None] * shape[None], 0.0)
    return Coherent(np.sort(quantiles, axis=-1), levels, standard)


def _common(figures: Array, season: int) -> Array:
    """The stretch that all series have, gaps inside bridged for the methods."""
    there = ~np.isnan(figures)
    if not there.any(axis=1).all():
        raise TooShort("a series has no figures")
    first = int(there.argmax(axis=1).max())
    last = int(figures.shape[1] - there[:, ::-1].argmax(axis=1).max())
    if last - first < 3 * season:
        raise TooShort(f"{max(0, last - first)} periods in common; at least {3 * season} are needed")
    rows = []
    for row in figures[:, first:last]:
        z, _ = bridged(row, season)
        if len(z) < last - first:
            raise TooShort("a series has gaps at the ends of the common stretch")
        rows.append(z)
    return np.array(rows)


def _base(every: Array, season: int, horizon: int, methods: Sequence[Method]) -> tuple[Array, Array]:
    """Forecasts (all × horizon) and mean one-step errors (all × n) of those methods that have them."""
    median = np.empty((len(every), horizon))
    errors = np.empty_like(every)
    for row, y in enumerate(every):
        median[row], found = together(y, season, horizon, methods)
        fitted = [
            one.fitted for one in found if not np.isnan(one.fitted[season:]).any() and one.method != "seasonal naive"
        ]
        errors[row] = y - (np.mean(fitted, axis=0) if fitted else np.concatenate((y[:season], y[:-season])))
    return median, np.nan_to_num(errors)


def _past_errors(every: Array, summing: Array, season: int, horizon: int) -> list[Array]:
    """Errors in parts of the series' own one-step error, (all × steps), from each of the earlier years."""
    out = []
    n = every.shape[1]
    for k in range(1, ORIGINS + 1):
        end = n - k * max(season, horizon // 2)
        if end < 3 * season:
            break
        median, errors = _base(every[:, :end], season, horizon, QUICK)
        covariance = shrunken_covariance(errors[:, season:])
        coherent = reconcile(median, summing, covariance)
        came = every[:, end : end + horizon]
        off = came - coherent[:, : came.shape[1]]
        out.append(off / np.sqrt(np.diag(covariance))[:, None])
    return out


def _shape(scaled: list[Array], standard: Array, horizon: int, levels: tuple[float, ...]) -> Array:
    """Quantiles in parts of the one-step error by step, (horizon, levels); the middle is zero."""
    probabilities = np.array(levels)
    steps = np.arange(1, horizon + 1)
    if not scaled:
        from_normal = np.interp(probabilities, [0.025, 0.1, 0.5, 0.9, 0.975], [-2.2, -1.4, 0, 1.4, 2.2])
        grown: Array = np.sqrt(1 + 0.05 * (steps - 1))[:, None] * from_normal
        return grown
    # Each origin weighs the same; errors of one origin and step hang together, so steps are pooled and their growth is a line.
    size = np.full(horizon, np.nan)
    for h in range(horizon):
        mine = [one[:, h] for one in scaled if one.shape[1] > h]
        if mine:
            size[h] = np.quantile(np.abs(np.concatenate(mine)), 0.8)
    there = ~np.isnan(size)
    slope, level = np.polyfit(steps[there], size[there], 1) if there.sum() > 2 else (0.0, float(np.nanmean(size)))
    if slope < 0:
        slope, level = 0.0, float(np.nanmean(size))
    growth = np.maximum(level + slope * steps, 0.2 * float(np.nanmean(size)))
    pooled = np.concatenate([(one / growth[: one.shape[1]]).ravel() for one in scaled])
    # The finite-sample correction of conformal prediction; errors of one origin and step count as one.
    count = sum(one.shape[1] for one in scaled)
    wider = np.clip(0.5 + (probabilities - 0.5) * (1 + 1 / count), 0.0, 1.0)
    quantile = np.quantile(pooled, wider)
    out: Array = growth[:, None] * (quantile - np.quantile(pooled, 0.5))
    return out
