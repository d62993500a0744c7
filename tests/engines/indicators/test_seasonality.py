"""The measures of a season against worked examples of others."""

from __future__ import annotations

import math

import pytest

from allmende.engines.indicators import gini, month_ratio, per_day, redundancy

INEQ = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]
"""The vector in the manual of the R package ineq (A. Zeileis), whose results others repeat in their tests."""


def test_gini_is_that_of_the_r_package_ineq() -> None:
    assert gini(INEQ) == pytest.approx(0.462091130267624, abs=1e-12)


def test_gini_is_that_of_the_r_package_phylotools() -> None:
    # https://rdocumentation.org/packages/phylotools/versions/0.1.2/topics/gini
    assert gini([1, 3, 2, 1, 1, 1, 4]) == pytest.approx(0.3076923, abs=1e-7)


def test_gini_of_the_first_numbers_has_a_closed_form() -> None:
    for n in (2, 12, 365):
        assert gini(list(range(1, n + 1))) == pytest.approx((1 - 1 / n) / 3)


def test_everything_in_one_month_is_as_uneven_as_can_be() -> None:
    one = [0.0] * 11 + [500.0]
    assert gini(one) == pytest.approx(11 / 12)
    assert month_ratio(one) == pytest.approx(12)
    assert redundancy(one) == pytest.approx(1)


def test_equal_months_are_even() -> None:
    assert gini([7.0] * 12) == 0
    assert month_ratio([7.0] * 12) == 1
    assert redundancy([7.0] * 12) == pytest.approx(0)


def test_redundancy_is_theils_measure_by_its_largest_value() -> None:
    # Theil's T of 10, 10, 10, 20, 50, written out: each share of the mean times its logarithm, averaged.
    values = [10.0, 10.0, 10.0, 20.0, 50.0]
    theil = (3 * 0.5 * math.log(0.5) + 0 + 2.5 * math.log(2.5)) / 5
    assert redundancy(values) == pytest.approx(theil / math.log(5))


@pytest.mark.parametrize("measure", [gini, month_ratio, redundancy])
def test_the_size_of_a_place_makes_no_difference(measure: object) -> None:
    assert callable(measure)
    assert measure(INEQ) == pytest.approx(measure([1000 * x for x in INEQ]))
    assert measure([0.0, 0.0]) is None
    assert measure([-1.0, 2.0]) is None


def test_february_is_short_and_not_quiet() -> None:
    assert per_day([310.0, 280.0, None, 300.0], 2025) == [10.0, 10.0, None, 10.0]
    assert per_day([310.0, 290.0], 2024) == [10.0, 10.0]
