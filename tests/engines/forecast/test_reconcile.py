"""Forecasts that add up: against closed forms and by their properties."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.forecast import reconcile, shrunken_covariance, summing_matrix
from allmende.engines.forecast.scores import mase, relative_mse, scaled_crps, wape

TWO = summing_matrix([[0, 1]], 2)


def test_equal_weights_spread_the_gap_evenly() -> None:
    """With equal errors, total 10 against parts 3 and 4: the gap of 3 is split in three (ordinary least squares)."""
    base = np.array([[10.0], [3.0], [4.0]])
    assert reconcile(base, TWO, np.ones(3)).ravel() == pytest.approx([9.0, 4.0, 5.0])


def test_a_total_that_is_certain_is_kept() -> None:
    base = np.array([[10.0], [3.0], [4.0]])
    out = reconcile(base, TWO, np.array([1e-9, 1.0, 2.0])).ravel()
    assert out == pytest.approx([10.0, 4.0, 6.0], abs=1e-6)


def test_what_adds_up_already_stays() -> None:
    base = np.array([[7.0, 9.0], [3.0, 4.0], [4.0, 5.0]])
    errors = np.random.default_rng(1).standard_normal((3, 40))
    assert reconcile(base, TWO, shrunken_covariance(errors)) == pytest.approx(base)


def test_no_part_becomes_negative_and_shapes_must_fit() -> None:
    out = reconcile(np.array([[1.0], [-5.0], [2.0]]), TWO, np.ones(3))
    assert (out >= 0).all()
    assert out[0] == out[1] + out[2]
    with pytest.raises(ValueError, match="a row for each series"):
        reconcile(np.ones((2, 1)), TWO, np.ones(3))


def test_correlations_of_chance_shrink_more_than_true_ones() -> None:
    chance = np.random.default_rng(2)
    common = chance.standard_normal(60)
    tied = np.stack([common + 0.3 * chance.standard_normal(60) for _ in range(3)])
    loose = chance.standard_normal((3, 60))

    def kept(errors: np.ndarray) -> float:
        c = shrunken_covariance(errors)
        return float(c[0, 1] / np.sqrt(c[0, 0] * c[1, 1]))

    assert kept(tied) > 0.8
    assert abs(kept(loose)) < abs(np.corrcoef(loose)[0, 1]) + 1e-9


def test_scores_are_what_the_literature_says() -> None:
    actual, forecast = np.array([10.0, 20.0]), np.array([12.0, 17.0])
    assert wape(actual, forecast) == pytest.approx(5 / 30)
    assert mase(actual, forecast, np.array([1.0, 3.0, 2.0, 5.0]), 2) == pytest.approx(2.5 / 1.5)
    assert relative_mse(actual[None], forecast[None], np.array([10.0])) == pytest.approx(13 / 100)
    # A point mass: the CRPS is the absolute error.
    levels = np.arange(1, 100) / 100
    points = np.repeat(forecast[:, None], 99, axis=1)
    assert scaled_crps(actual, points, levels) == pytest.approx(5 / 30)
