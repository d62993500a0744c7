"""Presence from cells: nobody is lost, nobody is invented."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.flows import cellpresence
from allmende.engines.flows.cellplan import cell_plan
from allmende.engines.flows.cellpresence import EXPECTED_PRESENCE, MEASURES, cell_counts, presence_from_cells
from allmende.engines.flows.footprints import Footprints, footprints
from allmende.engines.flows.grid import unproject
from allmende.engines.flows.tables import TableError, check

CELLS = 12


@pytest.fixture(scope="module")
def feet() -> Footprints:
    rng = np.random.default_rng(4)
    lon, lat = unproject(4_000_000 + rng.normal(0, 5000, CELLS), 2_800_000 + rng.normal(0, 5000, CELLS))
    plan = cell_plan(
        pa.table(
            {
                "cell_id": pa.array(np.arange(CELLS, dtype=np.int32)),
                "lon": lon,
                "lat": lat,
                "valid_until": pa.array([None] * (CELLS - 1) + [5], pa.date32()),  # the last one is gone on day 10
            }
        )
    )
    return footprints(plan, 10)


def counts(cell: list[int], hour: list[int], people: list[int], **more: list[int]) -> pa.Table:
    types = {"visitor_class": pa.int8(), "origin": pa.int32()}
    columns = {name: pa.array(values, types.get(name, pa.int64())) for name, values in more.items()}
    return pa.table({"cell": pa.array(cell, pa.int32()), "hour": hour, **columns, "people_milli": people})


rows = st.lists(
    st.tuples(st.integers(-1, CELLS), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2**40), st.integers(0, 9)),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(given_rows=rows, dense=st.booleans(), at_once=st.sampled_from([1, 100, 10**6]))
def test_every_thousandth_is_placed_or_said_to_be_unplaced(
    feet: Footprints, given_rows: list[tuple[int, int, int, int, int]], dense: bool, at_once: int
) -> None:
    cell, hour, visitor_class, people, devices = (list(column) for column in zip(*given_rows, strict=True))
    table = counts(cell, hour, people, visitor_class=visitor_class, devices_milli=devices)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cellpresence, "DENSE", -1.0 if dense else 2.0)
        patch.setattr(cellpresence, "AT_ONCE", at_once)
        found = presence_from_cells(table, feet)
    assert check(found.table, EXPECTED_PRESENCE) == []
    for name, given_values in (("people_milli", people), ("devices_milli", devices)):
        assert sum(found.table[name].to_pylist()) + found.unplaced[name] == sum(given_values)
    placed = table.filter(pc.and_(pc.greater_equal(table["cell"], 0), pc.less(table["cell"], CELLS - 1)))
    key = ["hour", "visitor_class"]
    before = placed.group_by(key).aggregate([("people_milli", "sum")])
    after = found.table.group_by(key).aggregate([("people_milli", "sum")])
    assert {tuple(r.values()) for r in before.to_pylist() if r["people_milli_sum"]} == {
        tuple(r.values()) for r in after.to_pylist() if r["people_milli_sum"]
    }


def test_the_product_is_what_the_probabilities_say(feet: Footprints) -> None:
    people = 7_000_000
    found = presence_from_cells(counts([3], [12], [people]), feet).table
    by_cell = dict(zip(found["cell"].to_pylist(), found["people_milli"].to_pylist(), strict=True))
    exact = dict(zip(feet.grid.tolist(), (feet.location.toarray()[3] * people).tolist(), strict=True))
    assert set(by_cell) <= set(exact)
    assert max(abs(by_cell.get(cell, 0) - value) for cell, value in exact.items()) <= 1


def test_both_products_agree_to_a_thousandth(feet: Footprints, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    table = counts(
        rng.integers(0, 11, 50).tolist(), rng.integers(0, 5, 50).tolist(), rng.integers(0, 10**7, 50).tolist()
    )
    found = []
    for share in (-1.0, 2.0):
        monkeypatch.setattr(cellpresence, "DENSE", share)
        result = presence_from_cells(table, feet).table
        found.append({(r["hour"], r["cell"]): r["people_milli"] for r in result.to_pylist()})
    assert all(abs(found[0].get(key, 0) - found[1].get(key, 0)) <= 1 for key in {*found[0], *found[1]})


def test_no_counts_give_an_empty_table(feet: Footprints) -> None:
    found = presence_from_cells(counts([], [], []).cast(counts([1], [1], [1]).schema), feet)
    assert found.table.num_rows == 0
    assert found.table.column_names == ["cell", "hour", "people_milli"]
    assert found.unplaced == {"people_milli": 0}


def test_counts_that_break_the_schema_are_named(feet: Footprints) -> None:
    with pytest.raises(TableError, match="people_milli"):
        presence_from_cells(counts([1], [1], [-5]), feet)


def test_a_device_in_several_cells_is_one_device() -> None:
    table = cell_counts(
        cells=np.array([4, 5, 4, 6, 4, 4]),
        hours=np.array([1, 1, 1, 1, 1, 2]),
        devices=np.array([9, 9, 9, 9, 8, 9]),
        weights_milli=np.array([5130] * 6),
    )
    assert table.select(["hour", "cell", "devices_milli"]).to_pydict() == {
        "hour": [1, 1, 1, 2],
        "cell": [4, 5, 6, 4],
        "devices_milli": [1333, 333, 334, 1000],
    }
    assert sum(table["people_milli"].to_pylist()) == 3 * 5130
    assert table.column_names == ["cell", "hour", *MEASURES]
