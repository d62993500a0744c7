"""The dynamic optimised theta model: Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler (2016), Int. J. Forecasting 32."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allmende.engines.forecast.kernels.compiled import njit

Array = NDArray[np.float64]

HUGE = 1e300


@njit
def theta_run(y: Array, horizon: int, level: float, alpha: float, theta: float, fitted: Array) -> float:
    """Run through ``y`` (no gaps) and ``horizon`` steps on; ``fitted`` (n + horizon) gets the forecasts; -> sum of squares."""
    n = len(y)
    mean, slope, total = 0.0, 0.0, 0.0
    weight = 1.0 - 1.0 / theta
    power = 1.0
    intercept = 0.0
    for t in range(n + horizon):
        # t figures are known.
        if t == 0:
            mu = y[0]
        elif t == 1:
            mu = level + weight * (power * intercept + slope * (1.0 - power * (1.0 - alpha)) / alpha)
        else:
            mu = level + weight * (power * intercept + slope * (1.0 - power * (1.0 - alpha)) / alpha)
        fitted[t] = mu
        value = y[t] if t < n else mu
        if t < n and t > 2:
            total += (value - mu) ** 2
        k = t + 1.0
        if t == 0:
            slope, mean = 0.0, value
        else:
            slope = ((k - 2.0) * slope + 6.0 / k * (value - mean)) / (k + 1.0)
            mean += (value - mean) / k
        intercept = mean - (k + 1.0) / 2.0 * slope
        level = alpha * value + (1.0 - alpha) * level
        power *= 1.0 - alpha
        if not abs(level) < HUGE:
            return HUGE
    return total
