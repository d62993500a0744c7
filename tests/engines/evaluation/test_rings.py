"""Displacement: what the treated lose and the neighbours gain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allmende.engines.evaluation import evaluate
from allmende.engines.evaluation.rings import kilometres, with_neighbours
from allmende.engines.evaluation.simulate import Season, season
from allmende.engines.evaluation.values import Options
from tests.engines.evaluation.cases import daily

NOISELESS = Season(sites=25, before=200, after=42, noise=0.03, effect=-0.4, displaced=0.5)


def test_half_of_those_who_stay_away_come_to_the_neighbours() -> None:
    made = season(NOISELESS, 11)
    answer = evaluate(made.panel)
    assert answer.displacement is not None
    assert answer.displacement.share == pytest.approx(0.5, abs=0.2)
    assert answer.displacement.low is not None
    assert answer.displacement.high is not None
    assert answer.displacement.low < 0.5 < answer.displacement.high
    assert answer.facts["displaced_percent"] == pytest.approx(100 * answer.displacement.share)


def test_intervals_of_the_share_cover_the_truth() -> None:
    said = covered = 0
    for seed in range(12):
        found = evaluate(season(NOISELESS, 100 + seed).panel, Options(rings_km=())).displacement
        if found is None or found.low is None or found.high is None:
            continue
        said += 1
        covered += found.low <= 0.5 <= found.high
    assert said >= 8
    assert covered >= said - 3


def test_a_loss_that_may_be_nil_has_no_share() -> None:
    made = season(replace(NOISELESS, effect=0.0), 12)
    answer = evaluate(made.panel)
    assert answer.displacement is not None
    assert answer.displacement.share is None
    assert "displaced_percent" not in answer.facts


def test_rings_hold_the_units_at_their_distance() -> None:
    made = season(NOISELESS, 13)
    answer = evaluate(made.panel, Options(rings_km=(5.0, 15.0, 60.0)))
    assert answer.displacement is not None
    assert made.panel.points is not None
    distances = kilometres(made.panel.points, [0])[1:]
    for ring in answer.displacement.rings:
        assert ring.units == int(((distances > ring.from_km) & (distances <= ring.to_km)).sum())
        assert ring.low is not None
        assert ring.high is not None
        assert ring.low < ring.effect < ring.high


def test_distances_are_those_of_the_earth() -> None:
    toulouse, carcassonne, nowhere = (1.444, 43.605), (2.354, 43.213), (np.nan, np.nan)
    found = kilometres(np.array([toulouse, carcassonne, nowhere]), [0])
    assert found[:2] == pytest.approx([0.0, 85.4], abs=1.0)
    assert np.isnan(found[2])


def test_where_nobody_named_neighbours_those_near_are_set_aside() -> None:
    points = np.column_stack([np.r_[0.0, 0.01, 0.02, np.linspace(1, 3, 12)], np.full(15, 45.0)])
    panel = daily(np.ones((15, 20)), (10, *[None] * 14), points=points)
    assert with_neighbours(panel, (2.0, 5.0, 1000.0)).neighbours == {1, 2}
    named = replace(panel, neighbours=frozenset({7}))
    assert with_neighbours(named, (2.0, 5.0)) is named
