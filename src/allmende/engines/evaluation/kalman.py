"""The Kalman filter of a structural time series, with what is forecast after the start summed up on the way.

State: 0 level, 1 slope, 2 a deviation that fades (autoregressive of order one), 3 … coefficients of regressors, each
constant or walking at random.  All variances are in units of the noise's, which is left to the caller.
"""

from __future__ import annotations

import numpy as np

from allmende.engines.evaluation.values import Array
from allmende.engines.flows.kernels.compiled import compiled


@compiled
def filtered(
    outcomes: Array, loadings: Array, fading: float, steps: Array, begin: Array, start: int, predicted: Array
) -> tuple[float, float, int, float, float, int]:
    """Runs over ``outcomes`` (periods, NaN where there is none); from ``start`` on nothing is learnt, only forecast.

    ``loadings``: periods × states.  ``fading``: of state 2.  ``steps``, ``begin``: variances of the states' steps and first values.
    ``predicted`` (periods) is filled with what was expected one step ahead, and after the start from the start on.
    Returns: sum of squared standardised errors, sum of log variances, number of figures learnt from; mean of the sum of the
    forecasts after the start, its variance (noise of the figures included), number of figures after the start.
    """
    periods, size = loadings.shape
    state = np.zeros(size)
    spread = np.diag(begin)
    shared = np.zeros(size)
    # Covariance of the state with the sum of the forecasts.
    squares, logs, learnt = 0.0, 0.0, 0
    total, variance, forecast = 0.0, 0.0, 0
    reached = np.zeros(size)
    for period in range(periods):
        expected = 0.0
        for row in range(size):
            expected += loadings[period, row] * state[row]
            one = 0.0
            for column in range(size):
                one += spread[row, column] * loadings[period, column]
            reached[row] = one
        predicted[period] = expected
        if not np.isnan(outcomes[period]):
            own = 0.0
            for row in range(size):
                own += loadings[period, row] * reached[row]
            if period < start:
                width = own + 1.0
                error = outcomes[period] - expected
                squares += error * error / width
                logs += np.log(width)
                learnt += 1
                for row in range(size):
                    gain = reached[row] / width
                    state[row] += gain * error
                    for column in range(size):
                        spread[row, column] -= gain * reached[column]
            else:
                for row in range(size):
                    variance += 2.0 * loadings[period, row] * shared[row]
                variance += own + 1.0
                total += expected
                forecast += 1
                for row in range(size):
                    shared[row] += reached[row]
        # One step on: the slope moves the level, the deviation fades.
        state[0] += state[1]
        state[2] *= fading
        shared[0] += shared[1]
        shared[2] *= fading
        for column in range(size):
            spread[0, column] += spread[1, column]
            spread[2, column] *= fading
        for row in range(size):
            spread[row, 0] += spread[row, 1]
            spread[row, 2] *= fading
        for row in range(size):
            spread[row, row] += steps[row]
    return squares, logs, learnt, total, variance, forecast
