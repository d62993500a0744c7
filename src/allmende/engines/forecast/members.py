"""The methods whose median is the forecast of a monthly or quarterly series; each takes a series without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines.forecast.kernels import fit, smoothing, theta

Array = NDArray[np.float64]
N, A, M = smoothing.NONE, smoothing.ADDITIVE, smoothing.MULTIPLICATIVE

ETS_SPECS: Final = tuple(
    (error, trend, damped, season)
    for error in (A, M)
    for trend, damped in ((N, 0), (A, 0), (A, 1), (M, 1))
    for season in (N, A, M)
    # Unstable pairs are left out, as R's ``ets`` does.
    if not (error == A and (season == M or trend == M)) and not (trend == M and season == A)
)
"""Error, trend, damped, season: the thirteen stable forms."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one method says."""

    method: str
    ahead: Array
    """Point forecasts, (horizon,)."""
    fitted: Array
    """One-step forecasts in the sample, (n,); NaN where the method has none."""


def seasonal_start(y: Array, m: int) -> tuple[Array, Array]:
    """Additive and multiplicative seasonal indices (m,) of the first few years; 0 and 1 where the series is too short."""
    n = len(y)
    if m == 1 or n < 2 * m:
        return np.zeros(m), np.ones(m)
    used = y[: min(n, 5 * m)]
    trend = moving_average(used, m)
    there = ~np.isnan(trend)
    place = np.arange(len(used)) % m
    added, multiplied = np.zeros(m), np.ones(m)
    for k in range(m):
        mine = there & (place == k)
        if mine.any():
            added[k] = (used[mine] - trend[mine]).mean()
            multiplied[k] = used[mine].mean() / trend[mine].mean() if trend[mine].mean() > 0 else 1.0
    multiplied = np.maximum(multiplied, 0.01)
    return added - added.mean(), multiplied / multiplied.mean()


def moving_average(y: Array, m: int) -> Array:
    """Centred moving average over one year, (n,); NaN at the ends."""
    weights = np.full(m, 1.0 / m) if m % 2 else np.concatenate(([0.5], np.ones(m - 1), [0.5])) / m
    half = len(weights) // 2
    out = np.full(len(y), np.nan)
    if len(y) >= len(weights):
        out[half : len(y) - half] = np.convolve(y, weights, "valid")
    return out


def _first_state(y: Array, m: int, trend: int, season: int) -> Array:
    added, multiplied = seasonal_start(y, m)
    head = y[: min(len(y), max(10, m))]
    place = np.arange(len(head)) % m
    flat = head - added[place] if season == A else head / multiplied[place] if season == M else head
    slope, level = np.polyfit(np.arange(1, len(flat) + 1), flat, 1) if len(flat) > 2 else (0.0, float(flat.mean()))
    if trend == N:
        level, slope = float(flat.mean()), 0.0
    elif trend == M:
        level = max(level, flat.mean() * 0.1, 1e-6)
        slope = float(np.clip(1 + slope / level, 0.9, 1.1))
    return np.concatenate(([level, slope], multiplied if season == M else added if season == A else np.zeros(m)))


FIRST_LOOK, SHORT_LIST = 45, 3
"""Evaluations that every form gets, and how many forms get the rest."""


def ets(y: Array, m: int, horizon: int, *, most: int = 160) -> Outlook:
    """The ETS model with the smallest AICc (Hyndman et al. 2008, chapter 7); the best few after a first look are fitted fully."""
    n = len(y)
    backwards = y[::-1].copy()
    fitted = np.empty(n)
    positive = y.min() > 0
    seen: list[tuple[float, tuple[int, int, int, int], Array, Array, float]] = []
    state = np.empty(2 + m)
    for spec in ETS_SPECS:
        error, trend, damped, season = spec
        if not positive and M in (error, trend, season):
            continue
        if season != N and (m == 1 or n < 2 * m + 2):
            continue
        count = 1 + (trend != N) + damped + (season != N)
        k = count + 1 + (trend != N) + (m - 1 if season != N else 0) + 1
        if n - k - 1 <= 0:
            continue
        first = _first_state(y, m, trend, season)
        start = np.array([-0.8] + [-2.5] * (trend != N) + [-2.0] * (season != N) + [1.5] * damped)
        penalty = 2 * k + 2 * k * (k + 1) / (n - k - 1)
        x, value = fit.simplex(
            fit.ETS, start, np.full(count, 1.2), y, backwards, m, np.array(spec), first, state, fitted, FIRST_LOOK
        )
        if value < smoothing.HUGE:
            seen.append((value + penalty, spec, x, first, penalty))
    if not seen:
        return Outlook("ets", np.full(horizon, y[-1]), np.concatenate(([np.nan], y[:-1])))
    best: tuple[float, tuple[int, int, int, int], Array, Array] | None = None
    for _, spec, x, first, penalty in sorted(seen, key=lambda one: one[0])[:SHORT_LIST]:
        x, value = fit.simplex(
            fit.ETS, x, np.full(len(x), 0.4), y, backwards, m, np.array(spec), first, state, fitted, most
        )
        if best is None or value + penalty < best[0]:
            best = value + penalty, spec, x, first
    assert best is not None
    _, (error, trend, damped, season), x, first = best
    fit.objective(fit.ETS, x, y, backwards, m, np.array((error, trend, damped, season)), first, state, fitted)
    phi = fit.ets_parameters(x, trend, damped, season)[3]
    ahead = smoothing.ets_ahead(state, m, trend, season, phi, n, horizon)
    name = "ETS({}{}{}{})".format("NAM"[error], "NAM"[trend], "d" if damped else "", "NAM"[season])
    return Outlook(name, ahead, fitted)


def is_seasonal(y: Array, m: int) -> bool:
    """The test of Fiorucci et al. (2016): is the autocorrelation at one season beyond its 90 % limit?"""
    n = len(y)
    if m == 1 or n < 3 * m:
        return False
    x = y - y.mean()
    total = float(x @ x)
    if total <= 0:
        return False
    r = np.array([float(x[k:] @ x[:-k]) / total for k in range(1, m + 1)])
    return bool(abs(r[-1]) > 1.645 * np.sqrt((1 + 2 * (r[:-1] ** 2).sum()) / n))


def adjust(y: Array, m: int) -> tuple[Array, Array, bool]:
    """Classical decomposition from all years: adjusted series, indices (m,), whether they multiply (else they add)."""
    if not is_seasonal(y, m):
        return y, np.zeros(m), False
    place = np.arange(len(y)) % m
    trend = moving_average(y, m)
    if y.min() > 0:
        ratio = y / trend
        index = np.array([np.nanmean(ratio[place == k]) for k in range(m)])
        index /= index.mean()
        # An index near zero would blow the adjusted series up.
        if index.min() > 0.01:
            return y / index[place], index, True
    rest = y - trend
    index = np.array([np.nanmean(rest[place == k]) for k in range(m)])
    index -= index.mean()
    return y - index[place], index, False


def dynamic_theta(y: Array, m: int, horizon: int, *, most: int = 200) -> Outlook:
    """The dynamic optimised theta model on the seasonally adjusted series."""
    n = len(y)
    flat, index, multiplies = adjust(y, m)
    scale = max(float(np.abs(flat).mean()), 1e-9)
    z = flat / scale
    fitted = np.empty(n)
    none = np.empty(0)
    x, _ = fit.simplex(
        fit.THETA, np.array([z[0] / 2, 0.0, 0.0]), np.array([0.5, 1.0, 1.0]), z, z, m, np.zeros(1, np.int64), none, none, fitted, most
    )  # fmt: skip
    path = np.empty(n + horizon)
    alpha = float(fit.between(x[1], 0.1, 0.99))
    theta.theta_run(z, horizon, x[0], alpha, 1.0 + float(np.exp(min(x[2], 6.0))), path)
    seasonal = index[np.arange(n + horizon) % m]
    path = path * scale * seasonal if multiplies else path * scale + seasonal
    return Outlook("theta", path[n:], path[:n])


def ces(y: Array, m: int, horizon: int, *, most: int = 200) -> Outlook:
    """Complex exponential smoothing, the form with the smallest AICc: Svetunkov, Kourentzes and Ord (2022), NRL 69."""
    n = len(y)
    scale = max(float(np.abs(y).mean()), 1e-9)
    z = y / scale
    backwards = z[::-1].copy()
    best: tuple[float, int, Array, Array, Array] | None = None
    for kind in (0, 1, 2) if m > 1 and n >= 2 * m + 2 else (0,):
        fitted, state = np.empty(n), np.empty(2 + 2 * m)
        start = np.array([1.3, 1.0, 1.3, 1.0]) if kind == 2 else np.array([1.3, 1.0])
        numbers = np.array([kind])
        none = np.empty(0)
        x, value = fit.simplex(
            fit.CES, start, np.full(len(start), 0.1), z, backwards, m, numbers, none, state, fitted, most
        )
        k = len(start) + 1 + (0 if kind == 0 else 2 * m if kind == 1 else 2 * m + 2) + (2 if kind == 0 else 0)
        if value >= smoothing.HUGE or n - k - 1 <= 0:
            continue
        criterion = n * np.log(value / n + 1e-20) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
        if best is None or criterion < best[0]:
            fit.objective(fit.CES, x, z, backwards, m, numbers, none, state, fitted)
            best = criterion, kind, x, state.copy(), fitted.copy()
    if best is None:
        return Outlook("ces", np.full(horizon, y[-1]), np.concatenate(([np.nan], y[:-1])))
    _, kind, x, state, fitted = best
    ahead = _ces_ahead(state, m, kind, x, n, horizon)
    return Outlook("ces", ahead * scale, fitted * scale)


def _ces_ahead(state: Array, m: int, kind: int, x: Array, n: int, horizon: int) -> Array:
    level, hidden = state[0], state[1]
    low, high = state[2 : 2 + m].copy(), state[2 + m :].copy()
    a0, a1 = x[0], x[1]
    b0, b1 = (x[2], x[3]) if kind == 2 else (a0, a1)
    out = np.empty(horizon)
    for h in range(horizon):
        at = (n + h) % m
        out[h] = low[at] if kind == 1 else level + low[at] if kind == 2 else level
        if kind:
            low[at], high[at] = low[at] - (1 - b1) * high[at], low[at] + (1 - b0) * high[at]
        level, hidden = level - (1 - a1) * hidden, level + (1 - a0) * hidden
    return out


def seasonal_naive(y: Array, m: int, horizon: int) -> Outlook:
    """The figure of the same season one year before."""
    n = len(y)
    if n < m:
        return Outlook("seasonal naive", np.full(horizon, y[-1]), np.concatenate(([np.nan], y[:-1])))
    return Outlook("seasonal naive", np.resize(y[n - m :], horizon), np.concatenate((np.full(m, np.nan), y[: n - m])))
