"""Exponential smoothing: filter and likelihood of the ETS family, with initial states found by running backwards.

Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing; backcasting of the initial states as in
Svetunkov (2023), Forecasting and Analytics with the Augmented Dynamic Adaptive Model, section 11.4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allmende.engines.forecast.kernels.compiled import njit

Array = NDArray[np.float64]

NONE, ADDITIVE, MULTIPLICATIVE = 0, 1, 2
TINY = 1e-10
HUGE = 1e300


@njit
def ets_pass(
    y: Array,
    m: int,
    trend: int,
    season: int,
    alpha: float,
    beta: float,
    gamma: float,
    phi: float,
    start: int,
    state: Array,
    fitted: Array,
) -> bool:
    """One run through ``y`` (NaN: no figure, the state moves on) from ``state`` [level, slope, seasonal…]; -> ok.

    The seasonal index of period t is ``state[2 + (start + t) % m]``.  ``fitted`` gets the one-step forecasts.
    """
    level, slope = state[0], state[1]
    for t in range(len(y)):
        if trend == ADDITIVE:
            base, growth = level + phi * slope, phi * slope
        elif trend == MULTIPLICATIVE:
            if slope <= 0.0 or level <= 0.0:
                return False
            growth = slope**phi
            base = level * growth
        else:
            base, growth = level, 0.0
        at = 2 + (start + t) % m
        s = state[at]
        if season == ADDITIVE:
            mu = base + s
        elif season == MULTIPLICATIVE:
            mu = base * s
        else:
            mu = base
        fitted[t] = mu
        if not abs(mu) < HUGE:
            return False
        if np.isnan(y[t]):
            level = base
            if trend != NONE:
                slope = growth
            continue
        if season == ADDITIVE:
            p = y[t] - s
        elif season == MULTIPLICATIVE:
            if s < TINY:
                return False
            p = y[t] / s
        else:
            p = y[t]
        level = base + alpha * (p - base)
        if trend == ADDITIVE:
            slope = growth + beta / alpha * (level - base)
        elif trend == MULTIPLICATIVE:
            before = base / growth
            slope = growth + beta / alpha * (level / before - growth)
        if season == ADDITIVE:
            state[at] = s + gamma * (y[t] - base - s)
        elif season == MULTIPLICATIVE:
            if abs(base) < TINY:
                return False
            state[at] = s + gamma * (y[t] / base - s)
    state[0], state[1] = level, slope
    return True


@njit
def ets_backcast(
    y: Array,
    backwards: Array,
    m: int,
    trend: int,
    season: int,
    alpha: float,
    beta: float,
    gamma: float,
    phi: float,
    first: Array,
    state: Array,
    fitted: Array,
) -> bool:
    """Start from the guess ``first``, run forwards and backwards, and leave the initial state in ``state``; -> ok."""
    n = len(y)
    state[:] = first
    if not ets_pass(y, m, trend, season, alpha, beta, gamma, phi, 0, state, fitted):
        return False
    _turn(state, trend)
    # Backwards the period n-1 comes first; its index is (n-1) % m, and it falls by one with each step.
    turned = state.copy()
    for k in range(m):
        turned[2 + k] = state[2 + (n - 1 - k) % m]
    if not ets_pass(backwards, m, trend, season, alpha, beta, gamma, phi, 0, turned, fitted):
        return False
    _turn(turned, trend)
    for k in range(m):
        state[2 + (n - 1 - k) % m] = turned[2 + k]
    state[0], state[1] = turned[0], turned[1]
    return True


@njit
def _turn(state: Array, trend: int) -> None:
    if trend == ADDITIVE:
        state[1] = -state[1]
    elif trend == MULTIPLICATIVE and state[1] > 0:
        state[1] = 1.0 / state[1]


@njit
def ets_likelihood(
    y: Array,
    backwards: Array,
    m: int,
    error: int,
    trend: int,
    season: int,
    alpha: float,
    beta: float,
    gamma: float,
    phi: float,
    first: Array,
    state: Array,
    fitted: Array,
) -> float:
    """Minus twice the concentrated log-likelihood (up to a constant); ``HUGE`` where the model breaks down."""
    if not ets_backcast(y, backwards, m, trend, season, alpha, beta, gamma, phi, first, state, fitted):
        return HUGE
    if not ets_pass(y, m, trend, season, alpha, beta, gamma, phi, 0, state, fitted):
        return HUGE
    total, logs, count = 0.0, 0.0, 0
    for t in range(len(y)):
        if np.isnan(y[t]):
            continue
        e = y[t] - fitted[t]
        if error == MULTIPLICATIVE:
            if fitted[t] < TINY:
                return HUGE
            e /= fitted[t]
            logs += np.log(fitted[t])
        total += e * e
        count += 1
    return float(count * np.log(total / count + TINY * TINY) + 2.0 * logs)


@njit
def ets_ahead(state: Array, m: int, trend: int, season: int, phi: float, start: int, horizon: int) -> Array:
    """Point forecasts from ``state``, whose next period has the seasonal index ``start`` % m."""
    out = np.empty(horizon)
    damped, power = 0.0, 1.0
    for h in range(horizon):
        power *= phi
        damped += power
        if trend == ADDITIVE:
            base = state[0] + damped * state[1]
        elif trend == MULTIPLICATIVE:
            base = state[0] * max(state[1], TINY) ** damped
        else:
            base = state[0]
        s = state[2 + (start + h) % m]
        out[h] = base + s if season == ADDITIVE else base * s if season == MULTIPLICATIVE else base
    return out
