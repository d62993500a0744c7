"""Bonds from what is done together, and their order on a circle."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from allmende.engines.cooperation import Bond, bond_matrix, incidence, on_ring, ring_order, strongest_bonds

TIES = st.lists(st.dictionaries(st.integers(0, 7), st.integers(1, 3), min_size=1, max_size=8), max_size=8)


def test_a_large_tie_binds_less_than_a_small_one() -> None:
    bonds = bond_matrix(incidence([{0: 1, 1: 1}, {0: 1, 1: 1, 2: 1}], 3))
    assert strongest_bonds(bonds, 9) == [Bond(0, 1, 1.5), Bond(0, 2, 0.5), Bond(1, 2, 0.5)]


def test_somebody_alone_is_bound_to_nobody() -> None:
    assert strongest_bonds(bond_matrix(incidence([{0: 1}], 2)), 9) == []


@given(TIES)
def test_bonds_are_symmetric_and_a_tie_of_single_nodes_gives_each_one_unit(found: list[dict[int, int]]) -> None:
    singles = [dict.fromkeys(tie, 1) for tie in found]
    bonds = bond_matrix(incidence(singles, 8))
    assert (bonds == bonds.T).all()
    for node in range(8):
        units = sum(node in tie and len(tie) > 1 for tie in singles)
        assert math.isclose(bonds[node].sum(), units, abs_tol=1e-9)


@given(TIES)
def test_the_order_names_every_node_once_and_the_same_way(found: list[dict[int, int]]) -> None:
    bonds = bond_matrix(incidence(found, 8))
    order = ring_order(bonds)
    assert sorted(order) == list(range(8))
    assert order == ring_order(bonds.copy())


def test_two_circles_of_friends_stand_apart() -> None:
    bonds = bond_matrix(incidence([{0: 1, 2: 1, 4: 1}, {1: 1, 3: 1, 5: 1}, {4: 1, 1: 1}], 6))
    order = ring_order(bonds)
    turned = order * 2
    assert any(set(turned[i : i + 3]) == {0, 2, 4} for i in range(6))


def test_places_are_on_the_circle() -> None:
    assert all(math.isclose(math.hypot(x, y), 5) for x, y, _ in on_ring(7, 5))
