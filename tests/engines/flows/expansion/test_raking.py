"""Raking against a published table, and where margins cannot be met."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.flows.expansion import Margin, rake


def margin(name: str, cell: list[int], target: list[float]) -> Margin:
    unit = np.arange(len(cell))
    return Margin(name, unit, np.array(cell), np.ones(len(cell)), np.array(target, float))


def test_a_table_takes_the_margins_and_keeps_its_odds_ratio() -> None:
    # Raking changes margins only: the association (cross-product ratio) of the table stays what it was.
    before = np.array([40.0, 10.0, 20.0, 30.0])
    done = rake(before, [margin("rows", [0, 0, 1, 1], [120, 80]), margin("columns", [0, 1, 0, 1], [90, 110])])
    after = done.weights
    assert after.reshape(2, 2).sum(axis=1) == pytest.approx([120, 80])
    assert after.reshape(2, 2).sum(axis=0) == pytest.approx([90, 110])
    assert after[0] * after[3] / (after[1] * after[2]) == pytest.approx(40 * 30 / (10 * 20), rel=1e-4)
    assert done.gap < 1e-6


def test_margins_that_hold_already_change_nothing() -> None:
    before = np.array([40.0, 10.0, 20.0, 30.0])
    done = rake(before, [margin("rows", [0, 0, 1, 1], [50, 50])])
    assert done.weights.tolist() == before.tolist()
    assert done.rounds == 1


def test_a_unit_that_adds_to_two_cells_meets_both_targets() -> None:
    # Unit 0 spends 6 nights in July and 2 in August, unit 1 July only, unit 2 August only.
    nights = Margin(
        "nights",
        unit=np.array([0, 0, 1, 2]),
        cell=np.array([0, 1, 0, 1]),
        amount=np.array([6.0, 2.0, 3.0, 4.0]),
        target=np.array([150.0, 60.0]),
    )
    done = rake(np.full(3, 10.0), [nights])
    july, august = 6 * done.weights[0] + 3 * done.weights[1], 2 * done.weights[0] + 4 * done.weights[2]
    assert (july, august) == (pytest.approx(150), pytest.approx(60))


def test_margins_that_contradict_each_other_leave_a_gap_and_no_error() -> None:
    done = rake(np.ones(2), [margin("one", [0, 0], [10]), margin("other", [0, 0], [20])])
    assert done.rounds == 2  # the second leads where the first did
    assert done.gap == pytest.approx(1.0)


def test_no_weight_leaves_its_limits() -> None:
    done = rake(np.array([1.0, 1.0]), [margin("far", [0, 1], [100, 1])], max_factor=4)
    assert done.weights == pytest.approx([4, 1])
    assert done.limited == 1
    assert done.gaps[0] == pytest.approx([-0.96, 0])


def test_no_margin_no_change() -> None:
    done = rake(np.array([1.5, 2.5]), [])
    assert (done.weights.tolist(), done.rounds, done.gap) == ([1.5, 2.5], 0, 0.0)
