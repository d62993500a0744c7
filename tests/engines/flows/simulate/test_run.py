"""The folder: the same for the same seed, whole or not at all, in the shape that was ordered."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows import tables
from allmende.engines.flows.simulate import EVERY_DIRT, Delivery, Dirt, SimulationError, benchmark, region, simulate

from .conftest import Written, columns

TINY = benchmark(devices=20, days=2, sites=50)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    profile = region(devices=30, days=3, sites=50, dirt=EVERY_DIRT, delivery=Delivery(string_ids=True, ordered=False))
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        simulate(profile, tmp_path / name, seed=seed)
    a, b, c = (digests(tmp_path / name) for name in "abc")
    assert a == b
    assert {name for name in a if c.get(name) == a[name]} == set()


def test_the_files_are_those_that_the_documentation_names(tmp_path: Path) -> None:
    summary = simulate(TINY, tmp_path / "made", seed=1)
    assert sorted(digests(tmp_path / "made")) == [
        "accommodation.parquet",
        "cells.parquet",
        "events/day=2026-06-01/part-0.parquet",
        "events/day=2026-06-02/part-0.parquet",
        "market.parquet",
        "meta.json",
        "places.parquet",
        "truth_classes.parquet",
        "truth_devices.parquet",
        "truth_od.parquet",
        "truth_presence.parquet",
        "truth_stays.parquet",
        "truth_trips.parquet",
        "zones.geojson",
    ]
    meta = json.loads((tmp_path / "made" / "meta.json").read_text())
    assert (meta["simulated"], meta["seed"], meta["events"]) == (True, 1, summary.events)
    assert (tmp_path / "made") == summary.folder


def test_progress_is_told_after_each_day(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    simulate(TINY, tmp_path / "made", seed=1, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("two years")
    with pytest.raises(SimulationError, match="name a new folder or remove it first"):
        simulate(TINY, tmp_path / "mine", seed=1)
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "thesis.txt"]


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(TINY, tmp_path / "made", seed=1, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_process_killed_half_way_leaves_no_folder_and_the_next_run_clears_up(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from allmende.engines.flows.simulate import benchmark, simulate
def die(done, of):
    os.kill(os.getpid(), signal.SIGKILL)
simulate(benchmark(devices=20, days=2, sites=50), Path({str(tmp_path / "made")!r}), seed=1, progress=die)
"""
    killed = subprocess.run([sys.executable, "-c", code], check=False, env=os.environ.copy())
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "made").exists()
    simulate(TINY, tmp_path / "made", seed=1)
    simulate(TINY, tmp_path / "other", seed=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "other"]
    assert digests(tmp_path / "made") == digests(tmp_path / "other")


def test_events_keep_to_the_schema_and_come_in_order_of_time(bench: Written, summer: Written) -> None:
    for world in (bench, summer):
        for day in world.days():
            assert tables.check(day, tables.EVENTS) == []
            assert tables.check(day, tables.CELL_EVENTS) == []
            ts = day["ts"].cast(pa.int64()).to_numpy()
            assert (np.diff(ts) >= 0).all()
    assert "accuracy" in summer.days()[0].column_names
    assert "accuracy" not in bench.days()[0].column_names
    assert bench.summary.events == bench.events().num_rows


def test_a_million_at_a_time_or_a_hundred_is_the_same_kind_of_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small pieces of work give days in order of time, too, with the same truth."""
    monkeypatch.setattr("allmende.engines.flows.simulate.events.MOST", 100)
    simulate(TINY, tmp_path / "small", seed=1)
    monkeypatch.undo()
    simulate(TINY, tmp_path / "large", seed=1)
    small, large = digests(tmp_path / "small"), digests(tmp_path / "large")
    assert {name for name in small if small[name] != large[name]} <= {
        "events/day=2026-06-01/part-0.parquet",
        "events/day=2026-06-02/part-0.parquet",
        "meta.json",
    }
    first = pq.read_table(tmp_path / "small" / "events" / "day=2026-06-01" / "part-0.parquet", partitioning=None)
    assert (np.diff(first["ts"].cast(pa.int64()).to_numpy()) >= 0).all()


def test_one_flat_csv_file_without_coordinates(tmp_path: Path) -> None:
    shape = Delivery(format="csv", files="flat", coordinates=False, string_ids=True)
    summary = simulate(replace(TINY, delivery=shape), tmp_path / "made", seed=1)
    assert not (tmp_path / "made" / "events").exists()
    read = csv.read_csv(tmp_path / "made" / "events_flat.csv")
    assert read.column_names == ["device_id", "ts", "cell_id", "mcc"]
    assert read.num_rows == summary.events
    ids = pq.read_table(tmp_path / "made" / "truth_devices.parquet")["device_id"]
    assert pc.all(pc.match_substring_regex(ids, "^[0-9a-f]{16}$")).as_py()
    assert set(read["device_id"].to_pylist()) <= set(ids.to_pylist())


def test_files_in_no_order_hold_as_many_events_in_another_order(tmp_path: Path) -> None:
    simulate(replace(TINY, delivery=Delivery(ordered=False)), tmp_path / "made", seed=1)
    day = pq.read_table(tmp_path / "made" / "events" / "day=2026-06-01" / "part-0.parquet", partitioning=None)
    assert np.mean(np.diff(day["ts"].cast(pa.int64()).to_numpy()) < 0) > 0.4
    assert 800 < day.num_rows < 2000


def test_events_are_as_dense_as_ordered(summer: Written, bench: Written) -> None:
    # Residents who are there all day: 144 events by the clock, 75 by chance, each times the activity of the device.
    for world, expected in ((summer, 144), (bench, 75)):
        devices, stays = columns(world.table("truth_devices")), columns(world.table("truth_stays"))
        residents = devices["device_id"][devices["klass"] == "resident"]
        own = np.isin(stays["device_id"], residents)
        present = np.sum((stays["t1"] - stays["t0"])[own]) / 86400 / len(residents)
        assert present > world.profile.days * 0.8
        count = np.isin(world.events()["device_id"].to_numpy(), residents).sum()
        # The mean of 100 to 200 activities with a coefficient of variation of 0.5 is within 15 %.
        assert count / len(residents) / world.profile.days == pytest.approx(expected, rel=0.15)


def test_a_steady_rhythm_has_equal_intervals(summer: Written) -> None:
    events = summer.events()
    device = pc.mode(events["device_id"])[0].as_py()["mode"]
    ts = events.filter(pc.equal(events["device_id"], device))["ts"].cast(pa.int64()).to_numpy()
    gaps = np.diff(ts) / 1e6
    assert np.median(gaps) > 60
    assert np.mean(np.abs(gaps - np.median(gaps)) < 1) > 0.95


def test_one_file_beside_the_days_holds_the_same_rows(tmp_path: Path) -> None:
    profile = replace(TINY, dirt=Dirt(late=0.1, redelivered_days=1), delivery=Delivery(files="both"))
    summary = simulate(profile, tmp_path / "made", seed=1)
    flat = pq.read_table(tmp_path / "made" / "events_flat.parquet")
    days = [
        pq.read_table(sorted(folder.iterdir())[-1], partitioning=None)
        for folder in sorted((tmp_path / "made" / "events").iterdir())
    ]
    assert flat.equals(pa.concat_tables(days))
    assert (summary.events, summary.files) == (flat.num_rows, 5)
