"""Months with a known shape are forecast as that shape; what is too short is refused with the reason."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.forecast import TooShort, forecast_coherent, forecast_monthly
from allmende.engines.forecast.kernels import smoothing, theta
from allmende.engines.forecast.members import ets, seasonal_naive
from allmende.engines.forecast.univariate import point_forecast, usual_season

MONTHS = np.arange(96)
SHAPE = 100 + 40 * np.sin(2 * np.pi * np.arange(12) / 12)


def season(noise: float, seed: int = 3) -> np.ndarray:
    return SHAPE[MONTHS % 12] * (1 + noise * np.random.default_rng(seed).standard_normal(96))


def test_a_pure_season_goes_on_as_it_was() -> None:
    prediction, judgement = forecast_monthly(season(0.001))
    assert prediction.quantiles.shape == (24, 5)
    assert np.abs(prediction.median / np.tile(SHAPE, 2) - 1).max() < 0.02
    assert judgement.origins == 6
    assert judgement.scores[0].wape < 0.01


def test_limits_hold_what_comes_about_as_often_as_they_say() -> None:
    inside = []
    for seed in range(12):
        y = season(0.1, seed)
        prediction, _ = forecast_monthly(y[:72])
        came = y[72:]
        inside.append((came >= prediction.quantiles[:, 1]) & (came <= prediction.quantiles[:, 3]))
    assert 0.7 <= np.mean(inside) <= 0.95


def test_quantiles_ascend_and_are_never_negative() -> None:
    y = np.maximum(0, np.random.default_rng(1).poisson(1.5, 60)).astype(float)
    quantiles = forecast_monthly(y)[0].quantiles
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()


def test_a_gap_is_counted_and_a_series_of_a_year_is_refused() -> None:
    y = season(0.01)
    y[[30, 31]] = np.nan
    assert forecast_monthly(y)[0].notes == {"figures": 96, "gaps_bridged": 2}
    with pytest.raises(TooShort, match="25 figures; at least 26 are needed"):
        forecast_monthly(y[:25])


def test_simple_exponential_smoothing_is_the_weighted_mean_of_the_textbook() -> None:
    """l_t = alpha y_t + (1 - alpha) l_{t-1}: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 8.1."""
    y, alpha = np.array([446.66, 454.47, 455.66, 423.63, 456.71]), 0.8339
    state, fitted = np.array([446.59, 0.0, 0.0]), np.empty(5)
    assert smoothing.ets_pass(y, 1, smoothing.NONE, smoothing.NONE, alpha, 0.0, 0.0, 1.0, 0, state, fitted)
    weights = alpha * (1 - alpha) ** np.arange(5)[::-1]
    assert state[0] == pytest.approx(weights @ y + (1 - alpha) ** 5 * 446.59)
    assert fitted[0] == 446.59


def test_theta_two_with_full_weight_on_the_last_value_is_a_random_walk_with_half_the_slope() -> None:
    """Hyndman and Billah (2003): the theta method is simple smoothing with a drift of half the trend's slope."""
    y = 10 + 2.0 * np.arange(30)
    path = np.empty(32)
    theta.theta_run(y, 2, y[0], 0.999999, 2.0, path)
    assert path[30] - y[-1] == pytest.approx(1.0, abs=1e-3)


def test_ets_finds_a_season_that_grows_with_the_level() -> None:
    y = SHAPE[MONTHS % 12] * 1.02**MONTHS
    found = ets(y, 12, 12)
    assert found.method.startswith("ETS(M")
    assert np.abs(found.ahead / (SHAPE * 1.02 ** np.arange(96, 108)) - 1).max() < 0.08


def test_the_seasonal_naive_repeats_the_last_year() -> None:
    assert seasonal_naive(np.arange(24.0), 12, 14).ahead.tolist() == [*np.arange(12.0, 24.0), 12.0, 13.0]


def test_the_usual_season_moves_figures_within_a_year_and_never_the_year() -> None:
    y = season(0.2)
    odd = np.concatenate((SHAPE[::-1], 3 * SHAPE[::-1]))
    drawn = usual_season(odd, y, 12)
    assert drawn.reshape(2, 12).sum(axis=1) == pytest.approx(odd.reshape(2, 12).sum(axis=1))
    shape = y.reshape(8, 12) / y.reshape(8, 12).mean(axis=1, keepdims=True)
    # Six tenths of what was forecast, four tenths of the mean season of eight years.
    assert drawn[12:] == pytest.approx(0.6 * odd[12:] + 0.4 * odd[12:].mean() * shape.mean(axis=0))


def test_years_without_a_single_figure_above_zero_say_nothing_about_the_season() -> None:
    ahead = np.array([1.0, 2.0, 3.0, 6.0])
    closed = np.zeros(12)
    assert usual_season(ahead, closed, 4).tolist() == ahead.tolist()
    once = np.concatenate((closed, [4.0, 8.0, 12.0, 0.0]))
    assert usual_season(ahead, once, 4) == pytest.approx(0.6 * ahead + 0.4 * 3.0 * np.array([4, 8, 12, 0]) / 6)
    assert usual_season(ahead, once, 1).tolist() == ahead.tolist()


def test_a_forecast_does_not_depend_on_how_far_one_asks() -> None:
    y = season(0.1)
    assert point_forecast(y, 12, 24)[:7] == pytest.approx(point_forecast(y, 12, 7))


def test_one_odd_year_moves_the_season_ahead_by_little() -> None:
    """A month that one event doubled is not expected to be so again; by the median alone it would be a third higher."""
    y = season(0.02)
    y[-12 + 3] *= 2
    assert point_forecast(y, 12, 12)[3] / SHAPE[3] < 1.3


def test_municipalities_add_up_to_their_region() -> None:
    chance = np.random.default_rng(5)
    parts = np.array([season(0.05, seed) * scale for seed, scale in ((1, 1.0), (2, 0.2), (3, 3.0))])
    parts[1, 40] = np.nan
    found = forecast_coherent(parts, [[0, 1, 2]], horizon=12)
    assert found.quantiles.shape == (4, 12, 5)
    assert found.median[0] == pytest.approx(found.median[1:].sum(axis=0))
    assert np.abs(found.median[0] / (SHAPE * 4.2) - 1).max() < 0.12
    with pytest.raises(TooShort, match="periods in common"):
        forecast_coherent(chance.random((2, 20)), [[0, 1]])


def test_a_year_whose_figures_cancel_out_does_not_blow_up_the_season() -> None:
    y = np.tile([-5.0, 5.0, -4.0, 4.1], 4)  # a balance, not a count: each year's mean is next to nothing
    ahead = np.full(8, 10.0)
    assert usual_season(ahead, y, 4).tolist() == ahead.tolist()
