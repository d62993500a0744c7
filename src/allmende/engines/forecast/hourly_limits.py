"""Limits of hourly forecasts from the errors of the last half year.

Split conformal prediction (Lei et al. 2018, JASA 113): quantiles of the log errors of forecasts made by trees that had not seen
them, by week ahead and part of the day, on each side for itself.  They are stretched
by ``Past.year_to_stretch`` (normalised residuals, ibid., section 5.2).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from allmende.engines.forecast.hourly_past import SMALL
from allmende.engines.forecast.values import LEVELS, Array

MOST_LOG_ERROR: Final = 3.0
PARTS: Final = np.repeat([0, 1, 2, 3], 6)
"""Night, morning, afternoon, evening: the part of the day of each hour."""
UNKNOWN: Final = np.array([-1.5, -0.8, 0.0, 0.8, 1.5])
"""Log quantiles where too few forecasts of the past could be judged."""


def log_errors(came: Array, made: Array, rows: Array | None = None) -> Array:
    """Quantiles of the log errors by part of the day, (4 × levels), of (days × 24) or some of its days."""
    off = np.log((came + SMALL) / (made + SMALL))
    off = off if rows is None else off[rows]
    out = np.empty((4, len(LEVELS)))
    for part in range(4):
        there = off[:, part == PARTS].ravel()
        there = np.clip(there[~np.isnan(there)], -MOST_LOG_ERROR, MOST_LOG_ERROR)
        if len(there) < 20:
            out[part] = UNKNOWN
            continue
        # The finite-sample correction of conformal prediction: a little wider than the plain quantiles.
        # The hours of one part of a day err together.
        n = len(there) / 6
        wanted = [min(1.0, max(0.0, 0.5 + (p - 0.5) * (1 + 1 / n))) for p in LEVELS]
        out[part] = np.quantile(there, wanted)
    return out


def limits(made: Array, errors: Array) -> Array:
    """Quantiles (days × 24 × levels) around ``made`` (days × 24) from ``errors`` (2 weeks × 4 parts × levels), never below zero."""
    week = np.minimum(np.arange(len(made)) // 7, 1)
    shift = errors[week][:, PARTS]
    # The middle stays the forecast: a bias of half a year is no forecast of the next one.
    shift = shift - shift[..., 2:3] * np.array([0.5, 0.5, 1.0, 0.5, 0.5])
    out = (made[..., None] + SMALL) * np.exp(shift) - SMALL
    result: Array = np.sort(np.maximum(out, 0.0), axis=-1)
    return result
