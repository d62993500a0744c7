"""Whole registers with known answers."""

from __future__ import annotations

import pytest

from allmende.engines.linkage import link
from bench.linkage import (
    STARNBERG,
    fodors_zagats,
    occitanie,
    pairs_of,
    restaurant_matches,
    restaurants,
    score,
    starnberg_events,
    starnberg_matches,
)


def test_restaurants_of_two_guides() -> None:
    found = fodors_zagats()
    assert found["probable"]["f1"] >= 0.99
    assert found["joined"]["precision"] >= 0.99


def test_restaurants_of_two_guides_within_one_list() -> None:
    """Without knowing which guide each is of, and without one-to-one."""
    found = link([*restaurants("fodors"), *restaurants("zagats")])
    joined = pairs_of(d for d in found if d.band == "join")
    assert score(joined, restaurant_matches())["precision"] >= 0.98


def test_museums_that_were_held_out_of_training() -> None:
    assert occitanie(rounds=1)["joined_and_asked"] >= 0.93


@pytest.mark.skipif(not STARNBERG.exists(), reason="the events around Lake Starnberg may not be passed on")
def test_events_of_many_sources_around_a_lake() -> None:
    found, true = link(starnberg_events()), starnberg_matches()
    joined = pairs_of(d for d in found if d.band == "join" and d.relation == "same")
    asked = pairs_of(found) - joined
    assert score(joined, true)["precision"] >= 0.98
    assert true <= joined | asked
    assert len(asked) <= 60
