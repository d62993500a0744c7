"""A look at a delivery says what is in it, what is wrong with it, and what a run would cost."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.intake import IntakeError
from allmende.engines.flows.reading import Checked, check
from allmende.engines.flows.run import run
from tests.engines.flows.world import deliver, events, resident, visitor


def people() -> pa.Table:
    return pa.concat_tables([*(resident(d, days=5) for d in range(1, 4)), visitor(9, day=1, nights=1, mcc=262)])


def said(checked: Checked) -> dict[str, str]:
    return {v.problem: v.remedy for v in checked.violations}


def test_a_good_delivery_in_figures(tmp_path: Path) -> None:
    table = people()
    deliver(tmp_path / "in", table)
    found = check(tmp_path / "in", tmp_path / "work")
    facts = found.facts
    assert facts is not None
    assert found.violations == []
    assert (facts.rows, facts.devices, facts.files) == (table.num_rows, 4, 5)
    assert (facts.first, facts.last) == ("2026-06-01T00Z", "2026-06-05T23Z")
    assert sum(facts.days.values()) == table.num_rows
    assert (facts.missing_days, facts.in_order, facts.ordered_parts, facts.late) == ((), 1.0, True, 0.0)
    assert facts.countries[262] == pytest.approx(124 / table.num_rows, abs=1e-6)
    assert facts.events_per_device_day["max"] == 92
    assert facts.cpu_seconds == pytest.approx(table.num_rows / 1e6)
    assert facts.memory > 100_000_000
    assert json.loads(json.dumps(found.as_dict()))["facts"]["rows"] == table.num_rows


def test_what_is_wrong_is_said_with_its_remedy(tmp_path: Path) -> None:
    table = people()
    deliver(tmp_path / "in", table, table.slice(0, table.num_rows // 2))
    (tmp_path / "in" / "day=2026-06-03" / "part-0.parquet").unlink()
    thin = tmp_path / "in" / "day=2026-06-02" / "part-0.parquet"
    pq.write_table(pq.ParquetFile(thin).read().slice(0, 20), thin)
    found = check(tmp_path / "in", tmp_path / "work")
    assert found.facts is not None
    assert found.facts.missing_days == ("2026-06-03",)
    assert found.facts.missing_hours >= 24
    assert found.facts.duplicates > 0.2
    problems = " ".join(said(found))
    assert "1 days have no events (2026-06-03)" in problems
    assert "half the usual events (2026-06-02)" in problems
    assert "there twice" in problems


def test_exchanged_coordinates_and_units_of_time(tmp_path: Path) -> None:
    table = people()
    turned = table.rename_columns(["device_id", "ts", "lat", "lon", "mcc"])
    pq.write_table(turned, tmp_path / "turned.parquet")
    found = check(tmp_path / "turned.parquet", tmp_path / "work")
    assert "longitude and latitude seem to be exchanged" in said(found)
    seconds = (table["ts"].cast(pa.int64()).to_numpy() // 1_000_000).astype(np.int64)
    as_us = table.set_column(1, "ts", pa.array(seconds, pa.timestamp("us", tz="UTC")))
    pq.write_table(as_us, tmp_path / "seconds.parquet")
    found = check(tmp_path / "seconds.parquet", tmp_path / "work")
    assert found.facts is None
    assert said(found) == {"no time lies between 1990 and 2100": "Check the unit of the column ts."}


def test_late_rows_are_a_share(tmp_path: Path) -> None:
    table = people()
    deliver(tmp_path / "in", table)
    early = tmp_path / "in" / "day=2026-06-02" / "part-0.parquet"
    late = tmp_path / "in" / "day=2026-06-04" / "part-1.parquet"
    rows = pq.ParquetFile(early).read()
    pq.write_table(rows.slice(0, 30), late)
    pq.write_table(rows.slice(30), early)
    facts = check(tmp_path / "in", tmp_path / "work").facts
    assert facts is not None
    assert facts.late == pytest.approx(30 / table.num_rows)


def test_a_missing_column_is_no_crash(tmp_path: Path) -> None:
    pq.write_table(events((8, 10, 0, 0)).drop_columns(["lat"]), tmp_path / "all.parquet")
    found = check(tmp_path / "all.parquet", tmp_path / "work")
    assert found.facts is None
    assert found.violations[0].column == "lat"
    with pytest.raises(IntakeError, match="no files"):
        check(tmp_path / "work", tmp_path / "work2")


def test_other_forms_are_checked_as_they_will_be_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    table = people().drop_columns(["mcc"])
    pacsv.write_csv(table, tmp_path / "in" / "e.csv")
    with (tmp_path / "in" / "e.csv").open("a") as file:
        file.write("1,never,10,55\n")
    found = check(tmp_path / "in", tmp_path / "work")
    assert found.facts is not None
    assert found.facts.rows == table.num_rows
    assert {v.column for v in found.violations} == {"ts", "mcc"}
    assert found.path is not None
    run(found.path, tmp_path / "out", unprotected=True)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["read"], summary["dropped"]["invalid"]) == (table.num_rows + 1, 1)


def test_cells(tmp_path: Path) -> None:
    table = people()
    cells = table.drop_columns(["lon", "lat"]).append_column(
        "cell_id", pa.array([1, None] * (table.num_rows // 2), pa.int32())
    )
    pq.write_table(cells, tmp_path / "e.parquet")
    facts = check(tmp_path / "e.parquet", tmp_path / "work", cells=True).facts
    assert facts is not None
    assert facts.without_place == 0.5
