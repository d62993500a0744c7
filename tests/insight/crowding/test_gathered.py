"""Squares of a wide region are gathered so that they can be told apart, and nothing withheld is guessed."""

from __future__ import annotations

import pytest

from allmende.insight.crowding.queries.gathered import clusters_of, code_of, gather, size_for
from allmende.partners.models import Territory

KM = 1000


def cell(north: int, east: int) -> str:
    """The square so many kilometres north and east of a round corner of the grid."""
    return code_of((KM, 2_300_000 + north * KM, 3_800_000 + east * KM))


def test_a_town_is_drawn_as_it_was_delivered_and_a_region_in_larger_squares() -> None:
    assert size_for([cell(n, e) for n in range(10) for e in range(10)]) == KM
    assert size_for([cell(0, 0), cell(0, 39)]) == 2 * KM
    assert size_for([cell(0, 0), cell(350, 20)]) == 20 * KM
    assert size_for([]) == 0
    assert size_for(["no code"]) == 0


@pytest.mark.django_db
def test_a_larger_square_has_the_sum_of_what_is_known_and_says_what_is_withheld() -> None:
    figures = {cell(0, 0): 100.0, cell(0, 1): None, cell(1, 0): 20.5, cell(30, 0): None, cell(60, 0): 7.0}
    found = gather(figures, 10 * KM, clusters_of(figures))
    assert [(one.people, one.parts, one.withheld) for one in found] == [(120.5, 3, 1), (None, 1, 1), (7.0, 1, 0)]
    west, south, east, north = found[0].square
    assert 0.1 < east - west < 0.16
    assert 0.08 < north - south < 0.12


@pytest.mark.django_db
def test_squares_that_lie_together_have_the_name_of_the_town_beside_them(django_assert_num_queries: object) -> None:
    figures = {cell(0, 0): 100.0, cell(1, 3): 50.0, cell(100, 0): 900.0, cell(100, 1): None}
    plain = {"country": "FR", "level": "municipality"}
    for code, name, lon, lat in (("1", "Ici", 3.56, 43.62), ("2", "Là-bas", 3.65, 43.65), ("3", "Loin", 9.0, 50.0)):
        Territory.objects.create(**plain, code=code, name=name, slug=name.lower(), lon=lon, lat=lat)
    with django_assert_num_queries(1):  # type: ignore[operator]
        large, small = clusters_of(figures)
    assert (large.people, large.withheld, large.codes, large.name) == (900, 1, (cell(100, 0), cell(100, 1)), "")
    assert (small.people, small.withheld, small.name) == (150, 0, "Ici")
