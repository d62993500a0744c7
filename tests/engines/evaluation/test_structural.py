"""Structural series: several models, honest intervals, gaps left open."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.evaluation.structural import structural
from allmende.engines.evaluation.values import Array


def weekly(days: int, seed: int, lasting: float = 0.6) -> Array:
    rng = np.random.default_rng(seed)
    noise = np.zeros(days)
    for day in range(1, days):
        noise[day] = lasting * noise[day - 1] + rng.normal(0, 0.1)
    return 5.0 + 0.3 * np.sin(2 * np.pi * np.arange(days) / 7) + noise


def test_intervals_cover_and_seldom_alarm_without_any_control() -> None:
    covered = alarms = 0
    for run in range(80):
        series = weekly(170, run)
        alarms += structural(series, None, 140, season=7).p < 0.05
        series[140:] -= 0.2
        found = structural(series, None, 140, season=7)
        covered += found.low <= -0.2 <= found.high
    assert covered >= 71
    assert alarms <= 8


def test_a_control_makes_the_interval_narrower() -> None:
    rng = np.random.default_rng(1)
    shared = np.cumsum(rng.normal(0, 0.1, 150))
    series, control = shared + rng.normal(0, 0.05, 150), shared + rng.normal(0, 0.02, 150)
    alone, helped = structural(series, None, 120), structural(series, control[None], 120)
    assert helped.high - helped.low < 0.4 * (alone.high - alone.low)
    assert "control" in helped.parts[0].name


def test_several_models_share_the_weight() -> None:
    found = structural(weekly(170, 3), None, 140, season=7)
    assert sum(part.weight for part in found.parts) == pytest.approx(1.0)
    assert sum(part.weight > 0.02 for part in found.parts) >= 3
    assert "season" in found.parts[0].name


def test_gaps_are_left_open() -> None:
    series = weekly(170, 4)
    series[140:] -= 0.3
    whole = structural(series, None, 140, season=7)
    series[[20, 21, 50, 90, 91, 92, 150]] = np.nan
    gappy = structural(series, None, 140, season=7)
    assert gappy.effect == pytest.approx(whole.effect, abs=0.05)
    assert np.isfinite(gappy.expected).all()


def test_the_unit_of_the_figures_does_not_matter() -> None:
    series, control = weekly(120, 5), weekly(120, 6)[None]
    small, large = structural(series, control, 100), structural(series * 1000 + 7, control * 3 - 1, 100)
    assert large.effect == pytest.approx(1000 * small.effect)
    assert large.error == pytest.approx(1000 * small.error)


def test_too_few_figures_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least four figures"):
        structural(np.array([1.0, 2.0, np.nan, 3.0, 4.0]), None, 4)
