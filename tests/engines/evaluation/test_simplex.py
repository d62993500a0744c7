"""Weights on the simplex are optimal: no other weights are nearer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.evaluation.simplex import simplex_weights
from allmende.engines.evaluation.values import Array


def loss(columns: Array, target: Array, weights: Array, ridge: float) -> float:
    return float(np.mean((columns @ weights - target) ** 2) + ridge**2 * weights @ weights)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    size=st.integers(1, 12),
    rows=st.integers(2, 30),
    ridge=st.sampled_from([0.0, 0.1, 1.0]),
)
def test_the_conditions_of_the_optimum_hold(seed: int, size: int, rows: int, ridge: float) -> None:
    rng = np.random.default_rng(seed)
    columns, target = rng.normal(10.0, 2.0, (rows, size)), rng.normal(10.0, 2.0, rows)
    weights = simplex_weights(columns, target, ridge=ridge)
    assert weights.min() >= 0.0
    assert weights.sum() == pytest.approx(1.0)
    # Kuhn and Tucker: the slope is the same wherever there is weight, and nowhere less.
    slope = 2 * columns.T @ (columns @ weights - target) / rows + 2 * ridge**2 * weights
    scale = float(np.mean(columns**2))
    assert slope[weights > 1e-9].max() - slope.min() < 1e-5 * scale


def test_a_unit_that_is_a_mixture_of_two_gets_their_weights() -> None:
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(40, 6))
    weights = simplex_weights(columns, 0.3 * columns[:, 1] + 0.7 * columns[:, 4])
    assert weights == pytest.approx([0, 0.3, 0, 0, 0.7, 0], abs=1e-6)


def test_with_an_intercept_a_shift_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    columns = rng.normal(size=(40, 5))
    target = columns[:, 2] + 100.0
    assert simplex_weights(columns, target, has_intercept=True) == pytest.approx([0, 0, 1, 0, 0], abs=1e-6)


def test_where_all_are_equally_good_weights_stay_even() -> None:
    assert simplex_weights(np.ones((5, 4)), np.zeros(5)) == pytest.approx([0.25] * 4)
