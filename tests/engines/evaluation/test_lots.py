"""Days by lot: the effect is found with its interval, and chance alone seldom makes one."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.evaluation.lots import by_lot

DAYS, UNITS = 70, 3


def season(seed: int, effect: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ten weeks of three places: weekdays, weeks that differ, noise that lasts, and lots at even odds."""
    rng = np.random.default_rng(seed)
    weekdays = np.arange(DAYS) % 7
    week = np.repeat(rng.normal(0, 0.2, (UNITS, DAYS // 7)), 7, axis=1)
    noise = np.zeros((UNITS, DAYS))
    for day in range(DAYS):
        noise[:, day] = 0.4 * noise[:, day - 1] * (day > 0) + rng.normal(0, 0.12, UNITS)
    lots = rng.random((UNITS, DAYS)) < 0.5
    level = np.log([[400.0], [900.0], [150.0]]) + np.where(weekdays >= 5, 0.5, 0.0)
    people = rng.poisson(np.exp(level + week + noise + np.log1p(effect) * lots)).astype(float)
    return people, lots, np.full(lots.shape, 0.5), weekdays


def test_a_known_effect_lies_in_the_interval() -> None:
    found = by_lot(*season(7, -0.15))
    assert found.effect == pytest.approx(-0.15, abs=0.05)
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.15 < found.high < 0
    assert found.p is not None
    assert found.p < 0.01
    assert found.days_on + found.days_off == DAYS * UNITS
    assert sum(n for *_, n in found.redrawn) == 4000
    edges = [low for low, *_ in found.redrawn] + [found.redrawn[-1][1]]
    assert edges == sorted(edges)
    assert edges[0] < 1.05 * found.effect, "drawn as a mark it stands within the picture"
    assert max(found.redrawn, key=lambda one: one[2])[0] == pytest.approx(0, abs=0.05)


def test_intervals_cover_and_chance_seldom_alarms() -> None:
    covered = alarms = 0
    runs = 60
    for seed in range(100, 100 + runs):
        found = by_lot(*season(seed, -0.1), draws=400)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= -0.1 <= found.high
        alarms += (by_lot(*season(seed + 1000, 0.0), draws=400).p or 1) <= 0.05
    assert covered >= 0.88 * runs
    assert alarms <= 0.12 * runs


def test_days_without_figures_are_left_out() -> None:
    people, lots, shares, weekdays = season(3, -0.1)
    people[:, 5:15] = np.nan
    people[0, 20] = 0
    found = by_lot(people, lots, shares, weekdays)
    assert found.days_on + found.days_off == (DAYS - 10) * UNITS - 1


def test_too_few_days_give_no_answer() -> None:
    people, lots, shares, weekdays = season(3, -0.1)
    lots[:] = True
    lots[0, :9] = False
    found = by_lot(people, lots, shares, weekdays)
    assert (found.effect, found.p, found.days_off) == (None, None, 9)


def test_what_was_no_lot_is_refused() -> None:
    people, lots, shares, weekdays = season(3, -0.1)
    with pytest.raises(ValueError, match="not drawn by lot"):
        by_lot(people, lots, np.ones_like(shares), weekdays)
    with pytest.raises(ValueError, match="units x days"):
        by_lot(people, lots, shares, weekdays[1:])


def test_lots_that_fell_as_the_weekdays_do_give_no_answer_and_no_alarm() -> None:
    people, lots, shares, weekdays = season(3, 0.0)
    lots[:] = weekdays >= 5
    found = by_lot(people, lots, shares, weekdays)
    assert (found.effect, found.low, found.high, found.p) == (None, None, None, None)
    assert found.days_on == 60
