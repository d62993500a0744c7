"""The grid against PROJ's published figures and against itself."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.flows.grid import cell_1km, cell_100m, corner, inspire_code, project, unproject


def test_the_origin_of_the_projection_is_its_false_origin() -> None:
    x, y = project(np.array([10.0]), np.array([52.0]))
    assert x[0] == pytest.approx(4321000, abs=1e-6)
    assert y[0] == pytest.approx(3210000, abs=1e-6)


def test_the_example_of_the_epsg_guidance_note() -> None:
    # IOGP Guidance Note 7-2, Lambert Azimuthal Equal Area: 50°N 5°E -> 3962799.45, 2999718.85
    x, y = project(np.array([5.0]), np.array([50.0]))
    assert (x[0], y[0]) == (pytest.approx(3962799.45, abs=0.01), pytest.approx(2999718.85, abs=0.01))


def test_there_and_back_again() -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-10, 30, 500), rng.uniform(35, 70, 500)
    back = unproject(*project(lon, lat))
    np.testing.assert_allclose(back, (lon, lat), atol=1e-9)


def test_a_cell_knows_its_corner_and_its_code() -> None:
    cell = cell_1km(np.array([4480123.0]), np.array([3600999.0]))
    assert corner(cell) == (4480000.0, 3600000.0)
    assert inspire_code(int(cell[0])) == "CRS3035RES1000mN3600000E4480000"
    small = cell_100m(np.array([4480123.0]), np.array([3600999.0]))
    assert corner(small, 100) == (4480100.0, 3600900.0)
    assert inspire_code(int(small[0]), 100) == "CRS3035RES100mN3600900E4480100"
