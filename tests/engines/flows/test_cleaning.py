"""What is wrong with a delivery is taken out, counted by day and reason, and changes the figures little."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.cleaning import clock_faults, named_day, natural
from allmende.engines.flows.door import Key
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.quality import quality_of
from allmende.engines.flows.report.summary import read_summary
from allmende.engines.flows.run import Result, run
from allmende.engines.flows.simulate import EVERY_DIRT, Profile, region, simulate
from tests.engines.flows.world import DAY, MONDAY, X0, Y0, deliver, events, placed, resident

KEY = Key(11, 12)
COPENHAGEN = Parameters(shards=2, timezone="Europe/Copenhagen")


def counted(out: Path, level: str = "cell_hour") -> dict[tuple[int, int], int]:
    table = (
        pq.read_table(out / "counts" / f"presence_{level}.parquet")
        .group_by(["cell", "hour"])
        .aggregate([("devices", "sum")])
    )
    return {(r["cell"], r["hour"]): r["devices_sum"] for r in table.to_pylist()}


def apart(a: dict[tuple[int, int], int], b: dict[tuple[int, int], int]) -> float:
    """Sum of absolute differences, relative to the sum of ``a``."""
    return sum(abs(a.get(k, 0) - b.get(k, 0)) for k in {*a, *b}) / sum(a.values())


def profile() -> Profile:
    """The nights of a change to daylight-saving time."""
    return region(devices=150, days=6, start=date(2026, 3, 26), events_per_day=96, sites=150, visits=0.05)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A clean delivery, and the same people with some of every dirt."""
    folder = tmp_path_factory.mktemp("worlds")
    # duplicates are planted below, for the simulator draws other noise when there are some
    dirt = replace(EVERY_DIRT, duplicates=0.0)
    for name, made in (("clean", profile()), ("dirty", replace(profile(), dirt=dirt))):
        simulate(made, folder / name, seed=5)
    rng = np.random.default_rng(1)
    for path in sorted((folder / "dirty" / "events").rglob("*.parquet")):
        table = pq.ParquetFile(path).read()
        twice = np.sort(np.r_[np.arange(table.num_rows), rng.integers(0, table.num_rows, table.num_rows // 200)])
        pq.write_table(table.take(pa.array(twice)), path)
    return folder / "clean", folder / "dirty"


@pytest.fixture(scope="module")
def ran(worlds: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Result]:
    out = tmp_path_factory.mktemp("ran")
    run(worlds[0] / "events", out / "clean", key=KEY, parameters=COPENHAGEN)
    result = run(worlds[1] / "events", out / "dirty", key=KEY, parameters=COPENHAGEN)
    return out / "clean", out / "dirty", result


def everything(folder: Path) -> pa.Table:
    return pa.concat_tables([pq.ParquetFile(p).read() for p in sorted((folder / "events").rglob("*.parquet"))])


def test_every_dirt_changes_presence_by_less_than_two_in_a_hundred(ran: tuple[Path, Path, Result]) -> None:
    clean, dirty, _ = ran
    assert apart(counted(clean), counted(dirty)) < 0.02
    assert apart(counted(clean, "region_hour"), counted(dirty, "region_hour")) < 0.005


def test_what_was_planted_is_found_and_counted(worlds: tuple[Path, Path], ran: tuple[Path, Path, Result]) -> None:
    delivered = everything(worlds[1])
    found = quality_of(ran[1])
    assert found["read"] == delivered.num_rows
    assert found["kept"] + sum(found["dropped"].values()) == found["read"]
    no_place = delivered["lon"].null_count
    assert found["dropped"]["no_place"] == pytest.approx(
        no_place, abs=0.01 * no_place
    )  # of some the clock was wrong as well
    rows = set(
        zip(everything(worlds[0])["device_id"].to_pylist(), everything(worlds[0])["ts"].to_pylist(), strict=True)
    )
    moments = zip(delivered["device_id"].to_pylist(), delivered["ts"].to_pylist(), strict=True)
    wrong = [moment for moment in moments if moment not in rows]
    assert found["dropped"]["clock"] == pytest.approx(len(wrong), rel=0.05)
    again = json.loads((worlds[1] / "meta.json").read_text())["redelivered"]
    first = [pq.ParquetFile(worlds[1] / "events" / f"day={day}" / "part-0.parquet").metadata.num_rows for day in again]
    assert found["reasons"]["redelivered"] == pytest.approx(sum(first), rel=0.03)
    assert found["noted"]["late"] == pytest.approx(0.01 * rows.__len__(), rel=0.15)
    jumps = 0.002 * len(rows)
    assert 0.6 * jumps < found["dropped"]["jump"] < 1.2 * jumps
    assert sum(day["kept"] for day in found["days"].values()) == found["kept"]


def test_the_summary_is_what_the_report_reads(ran: tuple[Path, Path, Result]) -> None:
    summary = read_summary(ran[1])
    found = quality_of(ran[1])
    assert (summary.read, summary.kept, summary.dropped) == (found["read"], found["kept"], found["dropped"])
    assert (summary.simulated, summary.timezone) == (True, "Europe/Copenhagen")
    assert summary.nights[0] > 0
    assert [check.passed for check in summary.checks[:2]] == [True, True]


def test_a_network_that_is_not_told_on_some_events_is_known_from_the_others(ran: tuple[Path, Path, Result]) -> None:
    clean, dirty, _ = ran
    origins = [
        set(pq.read_table(out / "counts" / "presence_region_month.parquet")["origin"].to_pylist())
        for out in (clean, dirty)
    ]
    assert origins[0] == origins[1]


def test_clocks_stand_out_from_the_order_of_arrival_only() -> None:
    ts = np.arange(0, 20_000, 10, dtype=np.int64) * 1_000_000
    assert clock_faults(ts) is None
    wrong = np.array([50, 51, 700, 1500])
    moved = ts.copy()
    moved[wrong] += 3 * 3600 * 1_000_000
    found = clock_faults(moved)
    assert found is not None
    assert np.flatnonzero(found).tolist() == wrong.tolist()
    assert clock_faults(np.random.default_rng(1).permutation(ts)) is None  # in no order
    assert clock_faults(np.concatenate([ts, ts])) is None  # by device, then time
    late = np.concatenate([np.arange(-86_400, 0, 900, dtype=np.int64) * 1_000_000, ts])
    assert clock_faults(late) is None  # what was late comes first
    late[200] -= 2 * 3600 * 1_000_000
    found = clock_faults(late)
    assert found is not None
    assert np.flatnonzero(found).tolist() == [200]


def test_the_newest_delivery_of_a_moment_wins(tmp_path: Path) -> None:
    t = MONDAY * DAY + np.arange(8 * 3600, 12 * 3600, 300)
    first = placed(t, np.full(len(t), X0 + 5000), np.full(len(t), Y0))
    second = placed(t[: len(t) // 2], np.full(len(t) // 2, X0), np.full(len(t) // 2, Y0))
    folder = tmp_path / "in" / "day=2026-06-01"
    folder.mkdir(parents=True)
    pq.write_table(first, folder / "part-9.parquet")
    pq.write_table(second, folder / "part-10.parquet")
    result = run(tmp_path / "in", tmp_path / "out", unprotected=True, parameters=Parameters(shards=1))
    stays = pq.read_table(tmp_path / "out" / "stays.parquet").to_pylist()
    assert [round(s["x"] - X0, -2) for s in stays] == [0, 5000]
    assert (result.quality.redelivered, result.quality.kept) == (len(second), len(t))
    # by way of the disk the same
    other = run(tmp_path / "in", tmp_path / "b", unprotected=True, parameters=Parameters(shards=1), memory=1)
    assert other.quality == result.quality


def test_late_events_make_their_own_day_again(tmp_path: Path) -> None:
    people = pa.concat_tables([resident(d, days=4, home=(d * 1500.0, 0)) for d in range(1, 5)])
    rows = np.arange(people.num_rows)
    day = people["ts"].cast(pa.int64()).to_numpy() // (DAY * 1_000_000) - MONDAY
    late = (day == 2) & (rows % 7 == 0)
    deliver(tmp_path / "in", people.filter(pa.array(~late & (day < 3))))
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=Parameters(shards=2))
    last = tmp_path / "in" / "day=2026-06-04"
    last.mkdir()
    both = pa.concat_tables([people.filter(pa.array(late)), people.filter(pa.array(day == 3)).sort_by("ts")])
    pq.write_table(both, last / "part-0.parquet")
    result = run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=Parameters(shards=2))
    assert result.days_made == ["2026-06-03", "2026-06-04"]
    assert (result.quality.late, result.quality.kept) == (int(late.sum()), people.num_rows)
    run(tmp_path / "in", tmp_path / "full", key=KEY, parameters=Parameters(shards=2))
    assert counted(tmp_path / "out") == counted(tmp_path / "full")


def test_a_clock_that_was_never_set_does_not_stop_a_run(tmp_path: Path) -> None:
    good = resident(1, days=3)
    far = pa.array([0, 4_000_000_000_000_000], pa.timestamp("us", tz="UTC"))
    pq.write_table(pa.concat_tables([good, good.slice(0, 2).set_column(1, "ts", far)]), tmp_path / "all.parquet")
    result = run(tmp_path / "all.parquet", tmp_path / "out", unprotected=True, parameters=Parameters(shards=1))
    assert (result.quality.delivered, result.quality.outside, len(result.days)) == (good.num_rows, 2, 3)


def test_vague_and_placeless_events_have_their_own_reasons(tmp_path: Path) -> None:
    table = events((8, 12, 0, 0), every=300)
    accuracy = pa.array(np.where(np.arange(table.num_rows) < 5, 9000, 20).astype(np.float32))
    lon = pa.array([None if i == 6 else x for i, x in enumerate(table["lon"].to_pylist())], pa.float64())
    ts = pa.array([None if i == 8 else x for i, x in enumerate(table["ts"].to_pylist())], table["ts"].type)
    table = table.append_column("accuracy", accuracy).set_column(2, "lon", lon).set_column(1, "ts", ts)
    pq.write_table(table, tmp_path / "all.parquet")
    result = run(tmp_path / "all.parquet", tmp_path / "out", unprotected=True, parameters=Parameters(shards=1))
    found = quality_of(tmp_path / "out")
    assert found["dropped"] == {"inaccurate": 5, "no_place": 1, "invalid": 1}
    assert result.unusable == 7
    assert pc.sum(pq.read_table(tmp_path / "all.parquet")["ts"].is_null()).as_py() == 1


def test_the_order_of_sightings_of_one_second_makes_no_difference(tmp_path: Path) -> None:
    t = MONDAY * DAY + np.repeat(np.arange(8 * 3600, 12 * 3600, 300), 2)
    x = X0 + np.tile([0.0, 700.0], len(t) // 2)
    table = placed(t, x, np.full(len(t), Y0))
    for name, order in (("a", np.arange(len(t))), ("b", np.arange(len(t)).reshape(-1, 2)[:, ::-1].ravel())):
        pq.write_table(table.take(pa.array(order)), tmp_path / f"{name}.parquet")
        run(tmp_path / f"{name}.parquet", tmp_path / name, unprotected=True, parameters=Parameters(shards=1))
    assert pq.read_table(tmp_path / "a" / "stays.parquet").equals(pq.read_table(tmp_path / "b" / "stays.parquet"))


def test_names_say_the_day_and_the_order() -> None:
    assert named_day("events/day=2026-06-01/part-0.parquet") == MONDAY
    assert named_day("events/20260601.parquet") == MONDAY
    assert named_day("events/2026-13-01.parquet") is None
    assert named_day("events/20260601103000.parquet") is None
    assert sorted(["p-10", "p-9", "p-1"], key=natural) == ["p-1", "p-9", "p-10"]
