"""Events placed by cells: validity by day, ping-pong, presence from connection probabilities."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.cellplan import CellPlan, cell_plan, read_cell_plan
from allmende.engines.flows.cellpresence import EXPECTED_PRESENCE
from allmende.engines.flows.door import Key
from allmende.engines.flows.grid import cell_1km, unproject
from allmende.engines.flows.kernels.arrival import settle
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.placing import Placing, placing
from allmende.engines.flows.publish import publish
from allmende.engines.flows.quality import quality_of
from allmende.engines.flows.run import run
from allmende.engines.flows.simulate import Delivery, Dirt, region, simulate
from allmende.engines.flows.tables import check
from tests.engines.flows.world import DAY, MONDAY, X0, Y0

FIRST, LAST = MONDAY, MONDAY + 4
SMALL = Parameters(shards=2)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cells") / "world"
    profile = region(
        devices=100,
        days=5,
        start=date(2026, 6, 1),
        timezone="UTC",
        events_per_day=144,
        dirt=Dirt(ping_pong=0.12),
        delivery=Delivery(coordinates=False),
    )
    simulate(profile, folder, seed=3)
    return folder


@pytest.fixture(scope="module")
def plan(world: Path) -> CellPlan:
    return read_cell_plan(world / "cells.parquet")


def small_plan(**columns: object) -> CellPlan:
    lon, lat = unproject(X0 + np.array([0.0, 1500, 20_000]), np.full(3, Y0))
    return cell_plan(pa.table({"cell_id": pa.array([1, 2, 3], pa.int32()), "lon": lon, "lat": lat, **columns}))


def by_cell(cells: list[int | None], *, every: int = 600, day: int = MONDAY) -> pa.Table:
    n = len(cells)
    ts = (day * DAY + 8 * 3600 + np.arange(n) * every) * 1_000_000
    return pa.table(
        {
            "device_id": pa.array(np.full(n, 7, np.int64)),
            "ts": pa.array(ts, pa.timestamp("us", tz="UTC")),
            "cell_id": pa.array(cells, pa.int32()),
        }
    )


def where_people_live(world: Path) -> tuple[np.ndarray, np.ndarray]:
    """A grid of population as statistical offices have it: here of the customers."""
    devices = pq.read_table(world / "truth_devices.parquet")
    devices = devices.filter(pc.is_finite(devices["home_x"]))
    cells, people = np.unique(cell_1km(devices["home_x"].to_numpy(), devices["home_y"].to_numpy()), return_counts=True)
    return cells, people.astype(float)


def found_and_whole(world: Path, out: Path) -> tuple[float, float, float]:
    """Share of the true stays half of whose time was found; half of which one found stay covers; precision by time."""
    truth = pq.read_table(world / "truth_stays.parquet")
    columns = {n: truth[n].to_numpy() for n in ("device_id", "x", "y")}
    t0, t1 = (truth[n].cast(pa.int64()).to_numpy() / 1e6 for n in ("t0", "t1"))
    stays = {n: pq.read_table(out / "stays.parquet")[n].to_numpy() for n in ("device_id", "x", "y", "t0", "t1")}
    long = np.flatnonzero(t1 - t0 >= 1200)
    found = whole = 0
    good = np.zeros(len(stays["t0"]))
    for i in long:
        mine = np.flatnonzero(stays["device_id"] == columns["device_id"][i])
        near = np.hypot(stays["x"][mine] - columns["x"][i], stays["y"][mine] - columns["y"][i]) < 2000
        both = np.maximum(np.minimum(stays["t1"][mine], t1[i]) - np.maximum(stays["t0"][mine], t0[i]), 0) * near
        found += both.sum() >= 0.5 * (t1[i] - t0[i])
        whole += both.max(initial=0) >= 0.5 * (t1[i] - t0[i])
        good[mine] += both
    right = good >= 0.5 * (stays["t1"] - stays["t0"])
    return found / len(long), whole / len(long), float(right.mean())


def test_ping_pong_no_longer_splits_stays(world: Path, plan: CellPlan, tmp_path: Path) -> None:
    located = placing(plan, first=FIRST, last=LAST)
    as_before = Parameters(shards=2, ping_pong_seconds=0, cell_place_radius=1.0)
    run(world / "events", tmp_path / "before", unprotected=True, located=located, parameters=as_before)
    result = run(world / "events", tmp_path / "after", unprotected=True, located=located, parameters=SMALL)
    before, after = found_and_whole(world, tmp_path / "before"), found_and_whole(world, tmp_path / "after")
    assert result.quality.ping_pong > 0.1 * result.quality.delivered
    assert after[0] > max(0.92, before[0])  # recall
    assert after[1] > 0.9 > 0.65 > before[1]  # in one piece
    assert after[2] > 0.9
    stays = [pq.read_metadata(tmp_path / name / "stays.parquet").num_rows for name in ("before", "after")]
    assert stays[1] < 0.4 * stays[0]


@pytest.mark.parametrize(
    ("cells", "settled"),
    [
        ([1, 1, 2, 1, 1], [1, 1, 1, 1, 1]),
        ([1, 2, 1, 2, 1, 2, 1], [1] * 7),
        ([1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 1, 1, 2, 2, 2, 2]),  # went on
        ([1, 1, 3, 1, 1], [1, 1, 3, 1, 1]),  # too far for ping-pong
    ],
)
def test_a_sighting_goes_to_the_cell_that_saw_most(cells: list[int], settled: list[int]) -> None:
    place = {1: 0, 2: 15_000_0, 3: 3_000_000}
    lon = np.array([place[c] for c in cells], np.int32)
    t = np.arange(len(cells), dtype=np.int32) * 600
    lat = np.full(len(cells), 550_000_000, np.int32)
    moved = settle(np.array([0, len(cells)]), t, lon, lat, 3600, 6000.0)
    assert lon.tolist() == [place[c] for c in settled]
    assert moved == sum(a != b for a, b in zip(cells, settled, strict=True))


def test_cells_that_cannot_be_placed_are_counted_by_reason_and_day(tmp_path: Path) -> None:
    until = pa.array([None, MONDAY, None], pa.int32()).cast(pa.date32())
    located = Placing(small_plan(valid_until=until))
    pq.write_table(
        pa.concat_tables([by_cell([1, 1, None, 99, 2, 1]), by_cell([1, 2, 2, 1], day=MONDAY + 1)]),
        tmp_path / "e.parquet",
    )
    result = run(tmp_path / "e.parquet", tmp_path / "out", unprotected=True, located=located, parameters=SMALL)
    found = quality_of(tmp_path / "out")
    assert found["dropped"] == {"no_place": 1, "unknown_cell": 3}
    days = {day: (q["empty_cell"], q["unknown_cell"], q["expired_cell"]) for day, q in found["days"].items()}
    assert days == {"2026-06-01": (1, 1, 0), "2026-06-02": (0, 0, 2)}
    assert (result.unusable, result.quality.kept) == (4, 6)


def test_validity_is_of_local_days() -> None:
    until = pa.array([MONDAY, None, None], pa.int32()).cast(pa.date32())
    late = by_cell([1], every=1).set_column(
        1, "ts", pa.array([(MONDAY * DAY + 23 * 3600) * 1_000_000], pa.timestamp("us", tz="UTC"))
    )
    assert Placing(small_plan(valid_until=until))(late)["cell_row"].to_pylist() == [0]
    assert Placing(small_plan(valid_until=until), "Europe/Copenhagen")(late)["cell_row"].to_pylist() == [-2]


def test_another_plan_makes_days_again(tmp_path: Path) -> None:
    pq.write_table(by_cell([1] * 10), tmp_path / "e.parquet")
    plan = small_plan()
    for located, made in ((Placing(plan), 1), (Placing(small_plan()), 0), (placing(plan, first=FIRST, last=LAST), 1)):
        result = run(tmp_path / "e.parquet", tmp_path / "out", unprotected=True, located=located, parameters=SMALL)
        assert len(result.days_made) == made


def test_presence_from_cells_counts_the_same_devices_elsewhere(world: Path, plan: CellPlan, tmp_path: Path) -> None:
    located = placing(plan, first=FIRST, last=LAST, prior=where_people_live(world))
    run(world / "events", tmp_path / "out", key=Key(1, 2), located=located, presence="cells", parameters=SMALL)
    table = pq.read_table(tmp_path / "out" / "counts" / "presence_cells_hour.parquet")
    assert check(table, EXPECTED_PRESENCE) == []
    points = pq.read_table(tmp_path / "out" / "counts" / "presence_cell_hour.parquet")
    sums = [sum(points["devices"].to_pylist()) * 1000, sum(table["devices_milli"].to_pylist())]
    assert sums[1] == pytest.approx(sums[0], rel=0.02)

    def error(cells: pa.Table, column: str, scale: float) -> float:
        """Against the truth, hour by hour."""
        true = pq.read_table(world / "truth_presence.parquet")
        wanted: dict[tuple[int, int], float] = {}
        hours = true["hour"].cast(pa.int64()).to_numpy() // 3_600_000_000
        for cell, hour, n in zip(true["grid1km"].to_pylist(), hours.tolist(), true["n"].to_pylist(), strict=True):
            wanted[cell, hour] = wanted.get((cell, hour), 0) - n
        for cell, hour, n in zip(*(cells[c].to_pylist() for c in ("cell", "hour", column)), strict=True):
            wanted[cell, hour] = wanted.get((cell, hour), 0) + n / scale
        return sum(map(abs, wanted.values()))

    assert error(table, "devices_milli", 1000) < error(points, "devices", 1)


def test_presence_laid_on_the_grid_is_published_where_enough_are_expected(tmp_path: Path) -> None:
    rows = by_cell([1] * 12)
    many = [rows.set_column(0, "device_id", pa.array(np.full(12, device, np.int64))) for device in range(100)]
    pq.write_table(pa.concat_tables(many), tmp_path / "e.parquet")
    here = cell_1km(np.array([X0]), np.array([Y0])), np.array([1.0])
    located = placing(small_plan(), first=FIRST, last=LAST, prior=here)
    run(tmp_path / "e.parquet", tmp_path / "out", key=Key(1, 2), located=located, presence="cells", parameters=SMALL)
    expected = pq.read_table(tmp_path / "out" / "counts" / "presence_cells_hour.parquet")
    summed = expected.group_by(["cell", "hour"]).aggregate([("devices_milli", "sum")])["devices_milli_sum"].to_numpy()
    released = {t.name: t.rows for t in publish(tmp_path / "out").release.tables}["presence_laid"]
    assert 0 < released.num_rows <= int((summed >= 10_000).sum())
    assert min(released["people"].to_pylist()) >= 10


def test_presence_from_cells_needs_a_plan(tmp_path: Path) -> None:
    pq.write_table(by_cell([1] * 10), tmp_path / "e.parquet")
    with pytest.raises(ValueError, match="cell plan"):
        run(tmp_path / "e.parquet", tmp_path / "out", unprotected=True, presence="cells", parameters=SMALL)
