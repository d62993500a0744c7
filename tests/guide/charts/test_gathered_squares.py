"""Squares of which a part is withheld, squares with names, and a map that is cut to them."""

from __future__ import annotations

import pytest

from allmende.guide import charts
from allmende.guide.charts import Chart
from allmende.guide.charts.ground import cropped
from tests.guide.charts.pictures import paths, texts

CELLS = [(9.0, 47.0, 9.1, 47.1, 40.0), (9.1, 47.0, 9.2, 47.1, None), (9.2, 47.0, 9.3, 47.1, 90.0)]


def picture(**more: object) -> Chart:
    return charts.squares(CELLS, steps=[50], words=["few", "many"], title="Noon", language="en", **more)  # type: ignore[arg-type]


def test_a_lower_bound_is_one_in_the_picture_the_legend_the_table_and_the_spoken_words() -> None:
    chart = picture(at_least=[True, True, False], names=["Near A", "Near B", "Near C"])
    assert texts(chart)[0] == ["Near A: at least 40", "Near B: no figure", "Near C: 90"]
    assert [row[:2] for row in chart.table.rows] == [
        ["Near A", "at least 40"],
        ["Near B", "no figure"],
        ["Near C", "90"],
    ]
    assert len(paths(chart, "ch-part")) == 1
    assert "in part withheld: at least so many" in str(chart.key)
    assert "in part withheld" not in str(picture().key)


def test_a_cropped_map_shows_the_squares_large_and_the_coast_only_near_them() -> None:
    region = [[(0.0, 40.0), (9.15, 47.05), (20.0, 47.05)]]
    large, small = (paths(picture(outlines=region, is_cropped=crop), "ch-cell q0")[0] for crop in (True, False))
    width = [float(path.split("h")[1].split("v")[0]) for path in (large, small)]
    assert width[0] > 20 * width[1]


def test_a_line_is_cut_at_the_edge_of_the_box() -> None:
    box = [(0.0, 0.0), (10.0, 10.0)]
    assert cropped([[(-5.0, 5.0), (15.0, 5.0)]], box, 0.0) == [[(0.0, 5.0), (10.0, 5.0)]]
    assert cropped([[(-5.0, 11.0), (15.0, 11.0)], [(20.0, 20.0), (20.0, 30.0)]], box, 0.0) == []
    inside_twice = [[(5.0, 5.0), (5.0, 15.0), (6.0, 15.0), (6.0, 5.0)]]
    assert cropped(inside_twice, box, 0.0) == [[(5.0, 5.0), (5.0, 10.0)], [(6.0, 10.0), (6.0, 5.0)]]
    assert cropped([[(1.0, 1.0), (2.0, 2.0), (3.0, 1.0)]], box, 0.0) == [[(1.0, 1.0), (2.0, 2.0), (3.0, 1.0)]]


@pytest.mark.parametrize("key", ["c1 outer", "c1 inner"])
def test_bands_of_one_forecast_look_in_the_legend_as_in_the_picture(key: str) -> None:
    band = charts.Band("80 of 100", [(0, 1, 3), (1, 2, 4)], key)
    chart = charts.lines(
        [charts.Line("Expected", [(0, 2.0), (1, 3.0)])],
        bands=[band],
        x=charts.Axis(""),
        y=charts.Axis("V"),
        title="T",
        language="en",
    )
    assert paths(chart, f"ch-band {key}")
    assert f'class="ch-band {key}"' in str(chart.key)
