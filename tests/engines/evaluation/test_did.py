"""Two-way fixed effects: exact where the truth is exact, honest errors otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.evaluation.did import did, without_means
from allmende.engines.evaluation.values import Array


def additive(units: int, periods: int, seed: int = 1) -> Array:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(units, 1)) * 3 + rng.normal(size=(1, periods)) * 2


def test_without_noise_the_effect_is_exact_whatever_is_missing() -> None:
    outcomes = additive(12, 10)
    starts = [5, 5, 7] + [None] * 9
    outcomes[:2, 5:] -= 1.5
    outcomes[2, 7:] -= 1.5
    outcomes[np.random.default_rng(3).random(outcomes.shape) < 0.2] = np.nan
    assert did(outcomes, starts).effect == pytest.approx(-1.5, abs=1e-9)


def test_covariates_are_taken_out() -> None:
    rng = np.random.default_rng(4)
    outcomes, rain = additive(15, 12), rng.normal(size=(15, 12))
    outcomes += 0.7 * rain
    outcomes[:4, 6:] += 2.0
    found = did(outcomes, [6] * 4 + [None] * 11, covariates=rain[None])
    assert found.coefficients == pytest.approx([2.0, 0.7])


def test_weights_are_as_if_units_were_repeated() -> None:
    rng = np.random.default_rng(5)
    outcomes = rng.normal(size=(6, 8))
    starts = [4, 4, None, None, None, None]
    weights = np.array([1.0, 2.0, 1.0, 3.0, 1.0, 1.0])
    repeated = np.repeat(np.arange(6), weights.astype(int))
    found = did(outcomes, starts, weights=weights)
    assert found.effect == pytest.approx(did(outcomes[repeated], [starts[unit] for unit in repeated]).effect)


def test_two_groups_and_two_periods_are_the_difference_of_differences() -> None:
    outcomes = np.array([[1.0, 5.0], [3.0, 6.0], [2.0, 2.5], [4.0, 4.5]])
    assert did(outcomes, [1, 1, None, None]).effect == pytest.approx((5.5 - 2.0) - (3.5 - 3.0))


def test_units_seen_once_count_only_if_pooled() -> None:
    outcomes = np.array([[1.0, 5.0], [3.0, np.nan], [2.0, 2.5], [np.nan, 4.5]])
    starts = [1, 1, None, None]
    assert did(outcomes, starts).effect == pytest.approx((5.0 - 1.0) - (2.5 - 2.0))
    assert did(outcomes, starts, is_pooled=True).effect == pytest.approx((5.0 - 2.0) - (3.5 - 2.0))


def test_an_effect_that_is_one_with_the_fixed_effects_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot be told"):
        did(additive(5, 6), [3] * 5)


def test_errors_know_that_noise_lasts() -> None:
    """Clustered errors reject a true nil in about 5 of 100 (Bertrand, Duflo, Mullainathan 2004); the bootstrap too."""
    rng = np.random.default_rng(6)
    clustered = wild = 0
    for run in range(200):
        outcomes = np.cumsum(rng.normal(size=(24, 15)), axis=1)
        found = did(outcomes, [7] * 12 + [None] * 12, draws=199, seed=run)
        clustered += found.p < 0.05
        wild += found.wild_p is not None and found.wild_p < 0.05
    assert 2 <= clustered <= 20
    assert 2 <= wild <= 20


def test_the_wild_bootstrap_is_not_fooled_by_one_treated_unit() -> None:
    rng = np.random.default_rng(7)
    outcomes = rng.normal(size=(20, 16))
    found = did(outcomes, [8] + [None] * 19, draws=399)
    assert found.wild_p is not None
    assert found.wild_p > 0.2


def test_residuals_have_no_unit_and_no_period_mean_left() -> None:
    rng = np.random.default_rng(8)
    mass = rng.random((7, 9)) * (rng.random((7, 9)) > 0.3)
    left = without_means(rng.normal(size=(2, 7, 9)), mass)
    assert np.einsum("kut,ut->ku", left, mass) == pytest.approx(np.zeros((2, 7)), abs=1e-9)
    assert np.einsum("kut,ut->kt", left, mass) == pytest.approx(np.zeros((2, 9)), abs=1e-9)
