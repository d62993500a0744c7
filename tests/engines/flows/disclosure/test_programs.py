"""How many of the doubtful figures linear programs looked at is told; numbers to the owner, a share to everybody."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import linprog

from allmende.engines.flows.disclosure import Disclosure, programs, protect
from tests.engines.flows.disclosure.regions import by_cell_and_hour


def test_all_doubtful_figures_are_looked_at_if_the_limit_allows() -> None:
    _, plan, counts = by_cell_and_hour(1, 400)
    protected = protect(counts, plan)
    assert protected.checked["presence"].unchecked == 0
    told = protected.release.protection["relations"]["presence"]["checked"]
    assert (told["all_circles"], told["share_of_doubtful"]) == (True, 1.0)


@pytest.mark.parametrize("limit", [0, 60])
def test_what_was_not_looked_at_is_said(limit: int) -> None:
    _, plan, counts = by_cell_and_hour(1, 400)
    protected = protect(counts, plan, Disclosure(lp_limit=limit))
    checked = protected.checked["presence"]
    told = protected.release.protection["relations"]["presence"]["checked"]
    assert checked.unchecked > 0
    assert (checked.by_programs > 0) == (limit > 0)
    assert told["all_circles"] is False
    assert told["share_of_doubtful"] == pytest.approx(checked.share, abs=0.01)
    # a number of figures left out would tell empty ones from others
    assert not [value for value in told.values() if type(value) is int]


def test_many_facts_at_once_are_bounded_as_each_by_itself() -> None:
    chance = np.random.default_rng(1)
    told: list[bool] = []
    for _ in range(20):
        n = int(chance.integers(4, 12))
        true = chance.integers(1, 15, n).astype(float)
        sums, parts = (
            chance.random((rows, n)) < share for rows, share in ((int(chance.integers(1, 5)), 0.5), (2, 0.4))
        )
        equal, under = sp.csr_matrix(sums.astype(float)), sp.csr_matrix(parts.astype(float))
        low, high = np.zeros(n), true + chance.integers(0, 30, n)
        label = programs._components(equal, under)
        program = programs.Program(
            equal, equal @ true, under, under @ true + chance.integers(0, 4, 2), low, high, label
        )
        interval = float(chance.integers(3, 12))
        found = programs._tight(program, true, np.zeros(n, np.bool_), interval)
        for fact, tight in enumerate(found):
            bounds = [
                linprog(
                    sign * np.eye(n)[fact],
                    under,
                    program.under_to,
                    equal,
                    program.equal_to,
                    np.column_stack([low, high]),
                ).x[fact]
                for sign in (1, -1)
            ]
            assert tight == (bounds[1] - bounds[0] < interval - programs.EPS)
        told += found.tolist()
    assert {True, False} == set(told)
