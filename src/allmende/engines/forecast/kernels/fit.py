"""Fitting: one simplex search for all families, since a search that takes a function could not be kept compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allmende.engines.forecast.kernels.compiled import njit
from allmende.engines.forecast.kernels.smoothing import (
    HUGE,
    NONE,
    ets_likelihood,
)
from allmende.engines.forecast.kernels.theta import theta_run

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

ETS, THETA, CES = 0, 1, 2


@njit
def between(x: float, low: float, high: float) -> float:
    if x > 40:
        return high
    if x < -40:
        return low
    return float(low + (high - low) / (1.0 + np.exp(-x)))


@njit
def ets_parameters(x: Array, trend: int, damped: int, season: int) -> tuple[float, float, float, float]:
    """alpha, beta, gamma, phi in their usual region from unbounded numbers."""
    alpha = between(x[0], 1e-4, 0.9999)
    at, beta, gamma, phi = 1, 0.0, 0.0, 1.0
    if trend != NONE:
        beta = between(x[at], 1e-4, 0.9999) * alpha
        at += 1
    if season != NONE:
        gamma = between(x[at], 1e-4, 0.9999) * (1.0 - alpha)
        at += 1
    if damped:
        phi = between(x[at], 0.80, 0.98)
    return alpha, beta, gamma, phi


@njit
def objective(
    family: int, x: Array, y: Array, backwards: Array, m: int, spec: Ints, first: Array, state: Array, fitted: Array
) -> float:
    """What is made small: minus twice a log-likelihood, or a sum of squares."""
    if family == ETS:
        alpha, beta, gamma, phi = ets_parameters(x, spec[1], spec[2], spec[3])
        return ets_likelihood(y, backwards, m, spec[0], spec[1], spec[3], alpha, beta, gamma, phi, first, state, fitted)
    if family == THETA:
        alpha = between(x[1], 0.1, 0.99)
        theta = 1.0 + np.exp(min(x[2], 6.0))
        return theta_run(y, 0, x[0], alpha, theta, fitted)
    return ces_run(x, y, backwards, m, spec[0], state, fitted)


@njit
def ces_pass(
    y: Array,
    m: int,
    kind: int,
    a0: float,
    a1: float,
    b0: float,
    b1: float,
    level: Array,
    hidden: Array,
    sl: Array,
    sh: Array,
    start: int,
    fitted: Array,
) -> float:
    """Complex exponential smoothing through ``y``; states are changed in place; -> sum of squares."""
    total = 0.0
    low, high = level[0], hidden[0]
    for t in range(len(y)):
        at = (start + t) % m
        mu = sl[at] if kind == 1 else low + sl[at] if kind == 2 else low
        fitted[t] = mu
        e = y[t] - mu
        total += e * e
        if not abs(mu) < 1e100:
            return HUGE
        if kind == 1:
            old, older = sl[at], sh[at]
            sl[at] = old - (1.0 - a1) * older + (a0 - a1) * e
            sh[at] = old + (1.0 - a0) * older + (a0 + a1) * e
        else:
            low, high = low - (1.0 - a1) * high + (a0 - a1) * e, low + (1.0 - a0) * high + (a0 + a1) * e
            if kind == 2:
                old, older = sl[at], sh[at]
                sl[at] = old - (1.0 - b1) * older + (b0 - b1) * e
                sh[at] = old + (1.0 - b0) * older + (b0 + b1) * e
    level[0], hidden[0] = low, high
    return total


@njit
def ces_run(x: Array, y: Array, backwards: Array, m: int, kind: int, state: Array, fitted: Array) -> float:
    """kind 0: not seasonal, 1: simple seasonal, 2: full.  ``state`` (2 + 2 m) is left at the end of the series."""
    a0, a1 = x[0], x[1]
    b0, b1 = (x[2], x[3]) if kind == 2 else (0.0, 0.0)
    level, hidden = np.empty(1), np.empty(1)
    sl, sh = np.zeros(m), np.zeros(m)
    k = min(len(y), 2 * m)
    mean = y[:k].mean()
    level[0], hidden[0] = mean, mean / 1.1
    if kind == 1:
        for j in range(m):
            sl[j] = y[j]
            sh[j] = y[j] / 1.1
    if kind == 2:
        for j in range(m):
            sl[j] = y[j] - mean
            sh[j] = sl[j] / 1.1
    total = 0.0
    n = len(y)
    for turn in range(3):
        series = backwards if turn == 1 else y
        total = ces_pass(series, m, kind, a0, a1, b0, b1, level, hidden, sl, sh, 0, fitted)
        if total >= HUGE:
            return HUGE
        if turn < 2:
            l2, h2 = sl.copy(), sh.copy()
            for j in range(m):
                sl[j] = l2[(n - 1 - j) % m]
                sh[j] = h2[(n - 1 - j) % m]
    state[0], state[1] = level[0], hidden[0]
    state[2 : 2 + m] = sl
    state[2 + m : 2 + 2 * m] = sh
    return total


@njit
def simplex(
    family: int,
    x0: Array,
    steps: Array,
    y: Array,
    backwards: Array,
    m: int,
    spec: Ints,
    first: Array,
    state: Array,
    fitted: Array,
    most: int,
) -> tuple[Array, float]:
    """Nelder and Mead (1965) from ``x0``; -> best point and value, after at most ``most`` evaluations."""
    d = len(x0)
    points = np.empty((d + 1, d))
    values = np.empty(d + 1)
    for i in range(d + 1):
        points[i] = x0
        if i:
            points[i, i - 1] += steps[i - 1]
        values[i] = objective(family, points[i], y, backwards, m, spec, first, state, fitted)
    used = d + 1
    while used < most:
        order = np.argsort(values)
        points, values = points[order], values[order]
        if values[d] - values[0] <= 1e-7 * (abs(values[0]) + 1e-7):
            break
        centre = np.zeros(d)
        for i in range(d):
            centre += points[i] / d
        trial = 2.0 * centre - points[d]
        value = objective(family, trial, y, backwards, m, spec, first, state, fitted)
        used += 1
        if value < values[0]:
            further = 3.0 * centre - 2.0 * points[d]
            best = objective(family, further, y, backwards, m, spec, first, state, fitted)
            used += 1
            if best < value:
                points[d], values[d] = further, best
            else:
                points[d], values[d] = trial, value
        elif value < values[d - 1]:
            points[d], values[d] = trial, value
        else:
            inner = 0.5 * (centre + (trial if value < values[d] else points[d]))
            best = objective(family, inner, y, backwards, m, spec, first, state, fitted)
            used += 1
            if best < min(value, values[d]):
                points[d], values[d] = inner, best
            else:
                for i in range(1, d + 1):
                    points[i] = 0.5 * (points[i] + points[0])
                    values[i] = objective(family, points[i], y, backwards, m, spec, first, state, fitted)
                used += d
    at = np.argmin(values)
    return points[at], values[at]
