"""Staggered starts with effects that grow: where plain two-way fixed effects go wrong."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.evaluation.did import did
from allmende.engines.evaluation.staggered import imputation, staggered
from allmende.engines.evaluation.values import Array

STARTS = [3] * 6 + [5] * 6 + [8] * 4 + [None] * 6
TREATED = [start for start in STARTS if start is not None]


def growing(noise: float = 0.0, seed: int = 1, periods: int = 12) -> Array:
    """Effect 1 in the first treated period and one more in each later one."""
    rng = np.random.default_rng(seed)
    outcomes = rng.normal(size=(len(STARTS), 1)) * 5 + np.arange(periods) * 0.4
    outcomes = outcomes + noise * rng.normal(size=outcomes.shape)
    for unit, start in enumerate(STARTS):
        if start is not None:
            outcomes[unit, start:] += 1.0 + np.arange(periods - start)
    return outcomes


def truth(periods: int = 12) -> float:
    return float(np.mean([1.0 + since for start in TREATED for since in range(periods - start)]))


@pytest.mark.parametrize("controls", ["never", "not_yet"])
def test_group_time_effects_are_exact_without_noise(controls: str) -> None:
    found = staggered(growing(), STARTS, controls=controls)  # type: ignore[arg-type]
    assert found.overall.effect == pytest.approx(truth())
    events = dict(found.events)
    assert events[0].effect == pytest.approx(1.0)
    assert events[4].effect == pytest.approx(5.0)
    assert events[-2].effect == pytest.approx(0.0, abs=1e-9)
    by_group = [np.mean(1.0 + np.arange(12 - start)) for start in TREATED]
    assert found.by_group.effect == pytest.approx(np.mean(by_group))


def test_imputation_is_exact_without_noise_and_with_gaps() -> None:
    outcomes = growing()
    outcomes[np.random.default_rng(2).random(outcomes.shape) < 0.15] = np.nan
    found = imputation(outcomes, STARTS)
    assert dict(found.events)[3].effect == pytest.approx(4.0)
    assert dict(found.events)[0].effect == pytest.approx(1.0)


def test_plain_two_way_fixed_effects_are_not() -> None:
    assert did(growing(), STARTS).effect < 0.8 * truth()


def test_errors_cover_the_truth() -> None:
    covered = {"group_time": 0, "imputation": 0}
    for run in range(120):
        outcomes = growing(noise=1.0, seed=run)
        for name, effect in (
            ("group_time", staggered(outcomes, STARTS).overall),
            ("imputation", imputation(outcomes, STARTS).overall),
        ):
            low, high = effect.interval(0.95, 15)
            covered[name] += low <= truth() <= high
    assert all(104 <= hits <= 120 for hits in covered.values()), covered


def test_different_paths_before_the_start_are_seen() -> None:
    outcomes = growing(noise=0.3)
    assert (staggered(outcomes, STARTS).pre_trend_p or 0.0) > 0.01
    outcomes[:16] += np.arange(12) * 0.8
    assert (staggered(outcomes, STARTS).pre_trend_p or 1.0) < 0.01


def test_without_controls_it_says_so() -> None:
    with pytest.raises(ValueError, match="no group has controls"):
        staggered(growing()[:6], STARTS[:6])
