"""Synthetic comparisons: exact where the truth is exact."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.evaluation.placebos import by_space, windows
from allmende.engines.evaluation.simulate import Season, season
from allmende.engines.evaluation.synthetic import (
    KINDS,
    compare,
    compare_cohorts,
    steady,
    synthetic_control,
    synthetic_did,
)
from allmende.engines.evaluation.values import Array


def factors(units: int, periods: int, seed: int = 1) -> Array:
    """Two paths that each unit follows in its own share."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.2, 1.0, (units, 2)) @ np.cumsum(rng.normal(size=(2, periods)), axis=1)


def test_a_mixture_of_controls_is_found_and_what_was_added_comes_out() -> None:
    outcomes = factors(9, 40)
    outcomes[0] = 0.4 * outcomes[3] + 0.6 * outcomes[7]
    outcomes[0, 30:] -= 2.5
    fit = synthetic_control(outcomes, [0], 30)
    assert fit.effect == pytest.approx(-2.5, abs=1e-4)
    assert fit.misfit < 1e-4


def test_synthetic_did_does_not_mind_another_level() -> None:
    outcomes = factors(9, 40)
    outcomes[0] = 0.4 * outcomes[3] + 0.6 * outcomes[7] + 50.0
    outcomes[0, 30:] += 1.0
    assert synthetic_did(outcomes, [0], 30, ridge=0.0).effect == pytest.approx(1.0, abs=1e-3)
    assert abs(synthetic_control(outcomes, [0], 30).effect) > 10.0


def test_covariates_pick_the_control_that_is_alike() -> None:
    rng = np.random.default_rng(2)
    outcomes = np.ones((6, 12)) + rng.normal(0, 1e-3, (6, 12))
    height = np.array([[5.0], [1.0], [2.0], [5.0], [9.0], [8.0]])
    weights = synthetic_control(outcomes, [0], 8, covariates=height).units
    assert weights @ height[1:, 0] == pytest.approx(5.0, abs=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_constant_effect_shifts_the_estimate_and_nothing_else(kind: str) -> None:
    outcomes = factors(8, 30, 3)
    one = compare(kind, outcomes[:1], outcomes[1:], 20)  # type: ignore[arg-type]
    outcomes[0, 20:] += 7.0
    other = compare(kind, outcomes[:1], outcomes[1:], 20)  # type: ignore[arg-type]
    assert other.effect == pytest.approx(one.effect + 7.0)
    assert other.misfit == one.misfit


def test_cohorts_are_averaged_by_their_treated_figures() -> None:
    outcomes = np.zeros((7, 20))
    outcomes[0, 10:] += 3.0
    outcomes[1, 15:] += 9.0
    fit = compare_cohorts("did", outcomes[:2], [10, 15], outcomes[2:])
    assert fit.effect == pytest.approx((10 * 3.0 + 5 * 9.0) / 15)


def test_time_weights_get_a_ridge_only_where_periods_outnumber_controls() -> None:
    few, many = factors(30, 20), factors(5, 60)
    assert steady(few, 15) == 0.0
    assert steady(many, 50) > 0.0


def test_the_error_by_placebos_is_that_of_many_seasons() -> None:
    errors, effects = [], []
    for seed in range(30):
        panel = season(Season(sites=14, before=100, after=28, effect=0.0), seed).panel
        outcomes = np.log(panel.outcomes)
        ridge = steady(outcomes[1:], 100)
        fit = compare("synthetic_did", outcomes[:1], outcomes[1:], 100, time_ridge=ridge)
        chance = by_space("synthetic_did", fit, outcomes[1:], [100], np.random.default_rng(seed), time_ridge=ridge)
        assert chance is not None
        assert chance.freedom == 12
        errors.append(chance.error)
        effects.append(fit.effect)
    ratio = float(np.sqrt(np.mean(np.square(effects)) / np.mean(np.square(errors))))
    assert 0.65 < ratio < 1.35


def test_pretended_windows_do_not_overlap_and_leave_a_past() -> None:
    found = windows(100, 14)
    assert found == [(86, 100), (72, 86), (58, 72), (44, 58)]
    assert windows(10, 30) == [(7, 10)]
    assert windows(4, 30) == [(3, 4)]
    assert windows(3, 5) == []


def test_gaps_and_missing_controls_are_errors() -> None:
    outcomes = factors(5, 20)
    outcomes[2, 3] = np.nan
    with pytest.raises(ValueError, match="complete"):
        synthetic_did(outcomes, [0], 10)
    with pytest.raises(ValueError, match="controls"):
        synthetic_did(factors(2, 20), [0, 1], 10)
