"""Squares of the grid on the map, and a simulated release."""

from __future__ import annotations

from datetime import date

import pytest

from allmende.insight.bridges.crowding import cell_code, square_of
from allmende.insight.crowding.simulated import months_before


@pytest.mark.parametrize(("lon", "lat"), [(4.36, 43.84), (6.63, 51.45), (18.06, 59.33), (-4.1, 48.4)])
def test_the_square_of_a_code_holds_the_point_that_the_code_was_made_of(lon: float, lat: float) -> None:
    code = cell_code(lon, lat)
    square = square_of(code)
    assert square is not None
    west, south, east, north = square
    assert west <= lon <= east
    assert south <= lat <= north
    beside = square_of(cell_code(lon, lat, east=1))
    assert beside is not None
    assert beside[0] > west


@pytest.mark.parametrize(
    "code", ["", "no code", "CRS3035RES1000mN12E", "CRS4326RES1000mN2300000E3850000", "CRS3035RESxmN1E1"]
)
def test_what_is_no_code_has_no_square(code: str) -> None:
    assert square_of(code) is None


def test_the_months_before_a_day() -> None:
    assert months_before(date(2026, 2, 28), 3) == [date(2026, 1, 1), date(2025, 12, 1), date(2025, 11, 1)]
