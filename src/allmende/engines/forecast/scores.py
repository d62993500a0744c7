"""Measures of error, as the literature defines them."""

from __future__ import annotations

import numpy as np

from allmende.engines.forecast.values import Array


def mape(actual: Array, forecast: Array) -> float:
    """Mean absolute percentage error, in per cent, over the figures that are not zero."""
    there = actual != 0
    return float(100 * np.mean(np.abs((actual[there] - forecast[there]) / actual[there]))) if there.any() else np.nan


def mase(actual: Array, forecast: Array, past: Array, season: int) -> float:
    """Mean absolute error in parts of the seasonal naive's in ``past`` (Hyndman and Koehler 2006); NaN where either is not known."""
    steps, errors = np.abs(past[season:] - past[:-season]), np.abs(actual - forecast)
    if len(past) <= season or np.isnan(steps).all() or np.isnan(errors).all():
        return np.nan
    scale = np.nanmean(steps)
    return float(np.nanmean(errors) / scale) if scale > 0 else np.nan


def wape(actual: Array, forecast: Array) -> float:
    """Sum of absolute errors in parts of the sum of the figures; what is missing in either is left out."""
    there = ~np.isnan(actual) & ~np.isnan(forecast)
    total = float(np.abs(actual[there]).sum())
    return float(np.abs(actual[there] - forecast[there]).sum() / total) if total > 0 else np.nan


def relative_mse(actual: Array, forecast: Array, last: Array) -> float:
    """Squared errors of all series in parts of those of the last known figure (series × horizon; ``last``: series)."""
    return float(((actual - forecast) ** 2).sum() / ((actual - last[:, None]) ** 2).sum())


def scaled_crps(actual: Array, quantiles: Array, levels: Array) -> float:
    """Twice the mean quantile loss in parts of the mean figure (Rangapuram et al. 2021); quantiles: (…, levels)."""
    off = actual[..., None] - quantiles
    loss = np.maximum(levels * off, (levels - 1) * off).mean(-1).sum()
    return float(2 * loss / np.abs(actual).sum())


def covered(actual: Array, low: Array, high: Array) -> float:
    """Share of the figures within their limits; what is missing is left out."""
    there = ~np.isnan(actual) & ~np.isnan(low)
    return float(np.mean((actual[there] >= low[there]) & (actual[there] <= high[there]))) if there.any() else np.nan
