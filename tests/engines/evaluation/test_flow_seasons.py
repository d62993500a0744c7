"""Seasons of the flow engine's generator, an intervention built in: what really happened lies in the interval.  Few and short
ones; ``bench/evaluation_flows.py`` counts 500."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.evaluation import evaluate
from bench.evaluation_flows import QUICK, interval, panel, season, truth

BEFORE, AFTER, RUNS = 56, 21, 5


def test_the_interval_covers_what_places_really_lost() -> None:
    covered = alarms = 0
    for number in range(RUNS):
        one = season(number, devices=1000, before=BEFORE, after=AFTER)
        np.testing.assert_array_equal(one.treated[:, :BEFORE], one.without[:, :BEFORE])
        lost = truth(one, BEFORE)
        assert -0.6 < lost < 0
        with_, without = (
            interval(evaluate(panel(one, outcomes, controls=None, before=BEFORE), QUICK))
            for outcomes in (one.treated, one.without)
        )
        assert with_ is not None
        assert without is not None
        covered += with_[0] <= lost <= with_[1]
        alarms += not without[0] <= 0.0 <= without[1]
    # With 95 of 100 each, fewer than 3 of 5 come by chance once in a thousand such tests, and so do more than 2 alarms.
    assert covered >= 3
    assert alarms <= 2


def test_those_who_left_the_crowded_place_are_at_the_quiet_one() -> None:
    one = season(2, devices=1000, before=BEFORE, after=AFTER)
    change = (one.treated - one.without)[:, BEFORE:].sum(axis=1)
    assert change[one.crowded] < 0 < change[one.quiet]
    assert change[one.quiet] == pytest.approx(-change[one.crowded], rel=0.5)
    others = [place for place in range(len(change)) if place not in (one.crowded, one.quiet)]
    assert np.abs(change[others]).sum() < 0.5 * one.without[others][:, BEFORE:].sum()
