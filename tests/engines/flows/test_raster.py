"""The table of cells: every cell is said to be inside, outside or cut as exact geometry has it."""

from __future__ import annotations

import numpy as np

from allmende.engines.flows.raster import Edges, expand, fitting_size, rasterise


def square(x: float, y: float, side: float, area: int = 0) -> Edges:
    xs = np.array([x, x + side, x + side, x])
    ys = np.array([y, y, y + side, y + side])
    return Edges(xs, ys, np.roll(xs, -1), np.roll(ys, -1), np.full(4, area, np.int32))


def both(one: Edges, other: Edges) -> Edges:
    return Edges(
        *(np.concatenate([getattr(one, name), getattr(other, name)]) for name in ("x0", "y0", "x1", "y1", "area"))
    )


def test_ranges_are_laid_out_one_after_the_other() -> None:
    number, element = expand(np.array([3, 0, 7]), np.array([5, 0, 8]))
    assert number.tolist() == [0, 0, 2]
    assert element.tolist() == [3, 4, 7]


def test_cells_inside_need_no_test_and_cells_on_the_outline_do() -> None:
    raster = rasterise(square(1050, 1050, 400), 100)
    middle = raster.find(np.array([1250.0]), np.array([1250.0]))
    border = raster.find(np.array([1060.0]), np.array([1250.0]))
    away = raster.find(np.array([2000.0, 5.0, np.nan, np.inf]), np.array([1250.0, 1250.0, 1.0, 1.0]))
    assert middle.tolist() == [0]
    assert border[0] < -1
    assert away.tolist() == [-1, -1, -1, -1]


def test_an_outline_on_a_line_of_the_grid_touches_the_cells_of_both_sides() -> None:
    raster = rasterise(square(1000, 1000, 300), 100)
    assert (raster.find(np.array([950.0, 1050.0]), np.array([1150.0, 1150.0])) < -1).all()
    assert raster.find(np.array([1150.0]), np.array([1150.0])).tolist() == [0]


def test_a_cell_inside_two_areas_names_both_as_whole() -> None:
    raster = rasterise(both(square(0, 0, 1000), square(250, 250, 300, area=1)), 100)
    values = raster.find(np.array([350.0, 50.0 + 700]), np.array([350.0, 750.0]))
    point, area, whole = raster.entries(values)
    assert sorted(zip(point.tolist(), area.tolist(), whole.tolist(), strict=True)) == [
        (0, 0, True),
        (0, 1, True),
        (1, 0, True),
    ]


def test_the_size_of_cells_grows_with_the_country() -> None:
    assert fitting_size(square(0, 0, 50_000), 50_000.0**2) == 50
    assert fitting_size(square(0, 0, 1_000_000), 1_000_000.0**2) == 500


def test_no_areas_are_an_empty_table() -> None:
    nothing = np.zeros(0)
    raster = rasterise(Edges(nothing, nothing, nothing, nothing, np.zeros(0, np.int32)), 1000)
    assert raster.find(np.array([0.0]), np.array([0.0])).tolist() == [-1]
