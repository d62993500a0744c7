"""Cell plans: dense numbers, validity, positions, and what cannot be placed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.cellplan import (
    EMPTY,
    FIRST,
    LAST,
    LONGEST,
    NOT_VALID,
    UNKNOWN,
    cell_plan,
    locate,
    read_cell_plan,
    silent_cells,
)
from allmende.engines.flows.tables import TableError


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def a_plan(**columns: list[Any]) -> pa.Table:
    types = {"range_m": pa.float64(), "azimuth": pa.float64(), "beam": pa.float64(), "coverage": pa.string()}
    types |= {"valid_from": pa.date32(), "valid_until": pa.date32(), "lon": pa.float64(), "lat": pa.float64()}
    return pa.table({name: pa.array(values, types.get(name)) for name, values in columns.items()})


MOVED = a_plan(
    cell_id=["B", "A", "A", "C"],
    lon=[10.2, 10.0, 10.1, 10.3],
    lat=[52.0, 52.0, 52.0, 52.0],
    range_m=[1000.0, 1000.0, 2000.0, 500.0],
    valid_from=[None, date(2026, 3, 10), date(2026, 1, 1), date(2026, 1, 1)],
    valid_until=[None, None, date(2026, 3, 8), date(2026, 2, 1)],
)


def test_a_cell_that_moved_is_where_it_was_on_that_day() -> None:
    plan = cell_plan(MOVED)
    days = [day("2026-03-08"), day("2026-03-10"), day("1999-01-01"), day("2026-03-09"), day("2026-02-02"), 0, 0, 0]
    found = locate(plan, pa.array(["A", "A", "B", "A", "C", "D", None, ""]), days)
    np.testing.assert_allclose(found.lon[:3], [10.1, 10.0, 10.2])
    np.testing.assert_allclose(found.lat[:3], 52.0)
    np.testing.assert_allclose(found.accuracy[:3], np.sqrt(0.68) * np.array([2000, 1000, 1000]), rtol=1e-6)
    assert found.row[3:].tolist() == [NOT_VALID, NOT_VALID, UNKNOWN, EMPTY, EMPTY]
    assert np.isnan(found.lon[3:]).all()
    assert (found.events, found.not_valid, found.unknown, found.empty) == (8, 2, 1, 2)
    said = [str(violation) for violation in found.violations()]
    assert len(said) == 3
    assert "not in the plan (D) in 1 rows (row 5)" in said[1]


def test_all_is_placed_in_silence() -> None:
    assert locate(cell_plan(MOVED), pa.array(["B", "B"]), 20_000).violations() == []


def test_the_arrays_can_be_walked_by_a_kernel() -> None:
    plan = cell_plan(MOVED)
    assert plan.ids.to_pylist() == ["A", "B", "C"]
    assert plan.starts.tolist() == [0, 2, 3, 4]
    assert plan.valid_from.tolist() == [day("2026-01-01"), day("2026-03-10"), FIRST, day("2026-01-01")]
    assert plan.valid_until.tolist() == [day("2026-03-08"), LAST, LAST, day("2026-02-01")]
    for column in (plan.cell, plan.valid_from, plan.valid_until):
        assert column.dtype == np.int32


@pytest.mark.parametrize(
    "given",
    [
        pa.array([7, 9, None, 8]),
        pa.array(["7", "9", None, "8"]),
        pa.array(["7", "9", None, "8"], pa.large_string()),
        pa.array(["7", "9", None, "8"]).dictionary_encode(),
        pa.chunked_array([["7", "9"], [None, "8"]]),
        pa.array([7, 9, None, 8], pa.int32()),
    ],
)
def test_cells_are_known_however_they_are_written(given: Any) -> None:
    plan = cell_plan(a_plan(cell_id=[8, 7], lon=[10.0, 10.1], lat=[52.0, 52.0]))
    assert plan.dense(given).tolist() == [0, UNKNOWN, EMPTY, 1]


def test_the_plan_says_when_it_changes() -> None:
    plan = cell_plan(MOVED)
    assert plan.changes(day("2026-02-01"), day("2026-03-31")) == [
        (day("2026-02-01"), day("2026-02-01")),
        (day("2026-02-02"), day("2026-03-08")),
        (day("2026-03-09"), day("2026-03-09")),
        (day("2026-03-10"), day("2026-03-31")),
    ]
    assert plan.on(day("2026-03-09")).tolist() == [NOT_VALID, 2, NOT_VALID]


def test_rows_that_overlap_are_cut_and_said() -> None:
    plan = cell_plan(
        a_plan(
            cell_id=[1, 1, 2],
            lon=[10.0, 11.0, 12.0],
            lat=[52.0] * 3,
            valid_from=[date(2026, 1, 1), date(2026, 2, 1), date(2026, 5, 1)],
            valid_until=[date(2026, 12, 31), None, date(2026, 4, 1)],
        )
    )
    found = locate(plan, pa.array([1, 1, 2]), [day("2026-01-31"), day("2026-02-01"), day("2026-04-15")])
    np.testing.assert_allclose(found.lon[:2], [10, 11])
    assert found.row[2] == NOT_VALID
    assert [(violation.column, violation.rows) for violation in plan.violations] == [
        ("valid_until", (2,)),
        ("valid_from", (1,)),
    ]


def test_devices_of_a_sector_are_before_the_antenna() -> None:
    plan = cell_plan(
        a_plan(cell_id=[1, 2], lon=[10.0, 10.0], lat=[52.0, 52.0], range_m=[3000.0, 3000.0], azimuth=[90.0, None])
    )
    # centroid of a sector of 120 degrees: 2 r sin(60°) / (3 · π/3)
    assert plan.x[0] - plan.antenna_x[0] == pytest.approx(2 * 3000 * np.sin(np.pi / 3) / np.pi)
    assert plan.y[0] - plan.antenna_y[0] == pytest.approx(0, abs=1e-6)
    assert plan.x[1] == plan.antenna_x[1]
    assert plan.radius[0] < plan.radius[1] == pytest.approx(3000 * np.sqrt(0.68))


def test_the_coverage_area_says_better_where_devices_are() -> None:
    square = "POLYGON((10.1 52.0,10.2 52.0,10.2 52.1,10.1 52.1,10.1 52.0))"
    plan = cell_plan(
        a_plan(
            cell_id=[3, 2, 1], lon=[10.0] * 3, lat=[52.0] * 3, range_m=[900.0] * 3, coverage=[square, None, "POLYGON(("]
        )
    )
    assert plan.ids.to_pylist() == [1, 2, 3]
    assert plan.covered.tolist() == [-1, -1, 0]
    assert (plan.lon[2], plan.lat[2]) == (pytest.approx(10.15, abs=1e-3), pytest.approx(52.05, abs=1e-3))
    assert 3000 < plan.radius[2] < 5000
    assert [(violation.column, violation.rows) for violation in plan.violations] == [("coverage", (2,))]


def test_a_range_that_is_not_told_follows_from_the_neighbours() -> None:
    line = a_plan(cell_id=list(range(5)), lon=[10.0 + 0.01 * i for i in range(5)], lat=[52.0] * 5)
    ranges = cell_plan(line).range_m
    spacing = np.diff(cell_plan(line).antenna_x).mean()
    np.testing.assert_allclose(ranges, 2 * spacing * np.array([3, 2, 2, 2, 3]), rtol=1e-2)
    assert cell_plan(a_plan(cell_id=[1], lon=[10.0], lat=[52.0])).range_m.tolist() == [LONGEST]


def test_cells_that_fell_silent_are_named() -> None:
    plan = cell_plan(MOVED)
    seen = [plan.dense(pa.array(["B", "Z", None]))]
    assert silent_cells(plan, seen, day("2026-03-08")).to_pylist() == ["A"]
    assert silent_cells(plan, [], day("2026-01-02")).to_pylist() == ["A", "B", "C"]


def test_better_positions_can_be_put_in() -> None:
    plan = cell_plan(MOVED)
    moved = plan.moved(np.array([2], np.int32), plan.x[2:3] + 500, plan.y[2:3], np.array([77.0]))
    found = locate(moved, pa.array(["B", "A"]), day("2026-03-10"))
    assert found.accuracy[0] == 77
    assert found.lon[0] > 10.2
    assert found.lon[1] == pytest.approx(10.0)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_csv_and_parquet_say_the_same(tmp_path: Path, delimiter: str) -> None:
    pq.write_table(MOVED, tmp_path / "plan.parquet")
    pacsv.write_csv(MOVED, tmp_path / "plan.csv", pacsv.WriteOptions(delimiter=delimiter))
    one, other = read_cell_plan(tmp_path / "plan.parquet"), read_cell_plan(tmp_path / "plan.csv")
    assert one.ids.to_pylist() == other.ids.to_pylist()
    assert (one.valid_from == other.valid_from).all()
    np.testing.assert_allclose(one.lon, other.lon)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b"cell_id,lon\n1,2\n", b"cell_id,lon,lat\n1,ten,2\n", b"PAR1"]
)
def test_garbage_is_refused_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    for name in ("plan.csv", "plan.parquet"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(TableError, match="cell_plan"):
            read_cell_plan(tmp_path / name)
    with pytest.raises(TableError, match="cannot be read"):
        read_cell_plan(tmp_path / "none.csv")


def test_a_plan_without_cells_is_refused() -> None:
    with pytest.raises(TableError, match="there is no cell"):
        cell_plan(a_plan(cell_id=[1], lon=[1.0], lat=[1.0]).slice(0, 0))
