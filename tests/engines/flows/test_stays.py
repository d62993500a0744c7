"""Stays of few or scattered sightings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.run import run
from tests.engines.flows.world import DAY, MONDAY, X0, Y0, deliver, events, placed

SMALL = Parameters(shards=2)
Row = dict[str, float]


def stays_of(folder: Path, *tables: pa.Table, parameters: Parameters = SMALL) -> list[Row]:
    deliver(folder / "in", *tables)
    run(folder / "in", folder / "out", unprotected=True, parameters=parameters)
    rows: list[Row] = pq.read_table(folder / "out" / "stays.parquet").to_pylist()
    return [
        {"from": (r["t0"] - MONDAY * DAY) / 3600, "to": (r["t1"] - MONDAY * DAY) / 3600, "east": r["x"] - X0}
        for r in rows
    ]


def lone(hour: float, east: float, north: float = 0.0) -> pa.Table:
    """One sighting."""
    return placed([MONDAY * DAY + hour * 3600], [X0 + east], [Y0 + north])


def at_home(*hours: tuple[float, float]) -> pa.Table:
    return events(*((a, b, 0, 0) for a, b in hours), every=600)


def test_one_sighting_far_off_between_two_places_with_time_for_it_is_a_visit(tmp_path: Path) -> None:
    there = events((15, 18, 30_000, 0), every=600)
    found = stays_of(tmp_path, at_home((6, 10)), lone(12.4, 15_000, 12_000), there)
    assert [round(stay["east"], -3) for stay in found] == [0, 15_000, 30_000]


def test_one_sighting_on_the_way_is_none(tmp_path: Path) -> None:
    there = events((12, 18, 30_000, 0), every=600)
    found = stays_of(tmp_path, at_home((6, 10)), lone(11, 15_000, 200), there)
    assert [round(stay["east"], -3) for stay in found] == [0, 30_000]


def test_time_on_one_side_only_is_no_sign_of_a_visit(tmp_path: Path) -> None:
    """Seen off the way two minutes' way before the next place: the hours before were spent elsewhere."""
    there = events((15, 18, 20_000, 0), every=600)
    found = stays_of(tmp_path, at_home((6, 10)), lone(14.9, 20_000, 3000), there)
    assert [round(stay["east"], -3) for stay in found] == [0, 20_000]


def test_a_quiet_night_belongs_to_the_place_where_nights_are_spent(tmp_path: Path) -> None:
    home = at_home((0, 9), (18, 33), (44, 57), (66, 80))
    dinner = events((89, 91, 6000, 0), every=600)
    found = stays_of(tmp_path, home, dinner, at_home((103, 106)))
    evening, night = found[-2], found[-1]
    assert evening["east"] == pytest.approx(6000, abs=50)
    assert evening["to"] < 91.5
    assert night["from"] < 92
    assert night["east"] == pytest.approx(0, abs=50)


def scattered(seed: int, noise: float, *, hours: int = 48) -> pa.Table:
    return pa.concat_tables(
        events((0, hours, east, 0), device=device, noise=noise, every=1800, seed=seed)
        for device, east in ((1, 0.0), (2, 20_000.0))
    )


def test_scattered_sightings_stay_together_when_the_noise_is_told(tmp_path: Path) -> None:
    usual = stays_of(tmp_path / "usual", scattered(4, 150))
    told = stays_of(tmp_path / "told", scattered(4, 150), parameters=Parameters.for_noise(150, shards=2))
    assert len(told) == 2
    assert len(usual) >= len(told)
    assert told[0]["east"] == pytest.approx(0, abs=60)


def test_little_noise_changes_no_parameter_and_what_is_given_goes_before() -> None:
    assert Parameters.for_noise(20) == Parameters()
    assert Parameters.for_noise(150, stay_radius=350).stay_radius == 350


def test_every_sighting_of_scattered_days_is_in_one_piece_or_a_jump(tmp_path: Path) -> None:
    """Where sightings scatter by as much as the radius, pieces are trimmed and begun anew again and again."""
    rng = np.random.default_rng(5)
    n = 20_000
    t = MONDAY * DAY + np.sort(rng.integers(0, DAY, n))
    x, y = X0 + rng.normal(0, 250, n), Y0 + rng.normal(0, 250, n)
    tables = [placed(t[i::20], x[i::20], y[i::20], device=i) for i in range(20)]
    deliver(tmp_path / "in", *tables)
    result = run(tmp_path / "in", tmp_path / "out", unprotected=True, parameters=Parameters(shards=1))
    pieces = [pa.ipc.open_file(path).read_all() for path in (tmp_path / "out").rglob("*.arrow")]
    assert sum(sum(table["events"].to_pylist()) for table in pieces) == result.quality.kept
    assert result.quality.kept + result.quality.jumps + result.quality.duplicates == n
    assert result.quality.jumps >= 0


def test_sightings_of_one_second_count_the_same_in_any_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    t = MONDAY * DAY + np.sort(rng.integers(0, 3000, 4000))
    table = placed(t, X0 + rng.normal(0, 400, 4000), np.full(4000, Y0))
    found = []
    for name, order in (("given", np.arange(4000)), ("turned", np.arange(4000)[::-1])):
        pq.write_table(table.take(pa.array(order)), tmp_path / f"{name}.parquet")
        result = run(tmp_path / f"{name}.parquet", tmp_path / name, unprotected=True, parameters=SMALL)
        found.append((result.quality, pq.read_table(tmp_path / name / "stays.parquet").to_pylist()))
    assert found[0] == found[1]
