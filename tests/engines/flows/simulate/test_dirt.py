"""What is wrong with a delivery is there when it was ordered, and only then."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.simulate import Dirt, Profile, region, simulate

from .conftest import Written, columns, positions, stay_of_each


def plain(**given: object) -> Profile:
    return region(devices=120, days=3, sites=100, replaced_sites=0.0, **given)


def seen(tmp_path: Path, name: str, **dirt: float) -> Written:
    profile = plain(dirt=Dirt(**dirt))  # type: ignore[arg-type]
    return Written(profile, tmp_path / name, simulate(profile, tmp_path / name, seed=4))


def again(table: pa.Table) -> int:
    return table.num_rows - len({tuple(row.values()) for row in table.to_pylist()})


def test_a_clean_delivery_has_none_of_it(summer: Written) -> None:
    events = summer.events()
    assert sum(events[name].null_count for name in events.column_names) == 0
    assert again(summer.days()[0]) == 0
    assert len(list(summer.folder.glob("events/*/*"))) == 14
    zone_days = [columns(day)["ts"] for day in summer.days()]
    for i, ts in enumerate(zone_days):
        start = zone_days[0].min() // 3600 * 3600 + 86400 * i
        assert start <= ts.min()
        assert ts.max() < start + 86400


def test_duplicates_are_exact(tmp_path: Path) -> None:
    world = seen(tmp_path, "made", duplicates=0.05)
    events = world.events()
    assert again(events) / events.num_rows == pytest.approx(0.048, abs=0.008)


def test_gaps_in_cells_positions_and_countries(tmp_path: Path) -> None:
    events = seen(tmp_path, "made", empty_cells=0.03, empty_positions=0.02, unknown_mcc=0.01, duplicates=0.01).events()
    for column, share in (("cell_id", 0.03), ("lon", 0.02), ("lat", 0.02), ("mcc", 0.01)):
        assert events[column].null_count / events.num_rows == pytest.approx(share, abs=0.006)
    assert events["lon"].is_null().equals(events["lat"].is_null())


def test_a_duplicate_lacks_what_the_original_lacks(tmp_path: Path) -> None:
    events = seen(tmp_path, "made", duplicates=0.2, empty_cells=0.2, empty_positions=0.2, unknown_mcc=0.2).events()
    moments = Counter(zip(events["device_id"].to_pylist(), events["ts"].to_pylist(), strict=True))
    assert again(events) == events.num_rows - len(moments) > 500


def test_ping_pong_shows_the_second_best_cell(tmp_path: Path) -> None:
    clean, noisy = seen(tmp_path, "clean"), seen(tmp_path, "noisy", ping_pong=0.2)

    def switches(world: Written) -> float:
        """Share of the events at one stay that are not in the stay's usual cell."""
        events, found = world.events(), []
        row = stay_of_each(events, world.table("truth_stays"))
        cell = events["cell_id"].to_numpy()
        for stay in np.unique(row[row >= 0]):
            mine = cell[row == stay]
            found.append((np.sum(mine != np.bincount(mine).argmax()), len(mine)))
        return float(sum(a for a, _ in found) / sum(b for _, b in found))

    assert switches(clean) < 0.1
    assert switches(noisy) == pytest.approx(switches(clean) + 0.2, abs=0.05)


def test_clock_jumps_shift_a_whole_device_for_hours(tmp_path: Path) -> None:
    clean, wrong = seen(tmp_path, "clean"), seen(tmp_path, "wrong", clock_jumps=0.2)
    a, b = columns(clean.events()), columns(wrong.events())
    # The same sightings, row by row: only the clock differs.
    for name in ("device_id", "lon", "lat", "cell_id", "mcc"):
        np.testing.assert_array_equal(a[name], b[name])
    off = b["ts"] - a["ts"]
    jumped = off != 0
    assert 0.005 < jumped.mean() < 0.15
    assert np.abs(off[jumped]).min() >= 3600 - 1
    assert np.abs(off[jumped]).max() <= 6 * 3600 + 1
    # One offset for a device and a day, for at most eight hours.
    for device in np.unique(a["device_id"][jumped])[:20]:
        mine = jumped & (a["device_id"] == device)
        day = (a["ts"][mine] + 3600) // 86400
        for one in np.unique(day):
            assert len(np.unique(off[mine][day == one])) == 1
            assert np.ptp(a["ts"][mine][day == one]) <= 8 * 3600


def test_late_events_come_with_the_next_day_before_its_own(tmp_path: Path) -> None:
    clean, late = seen(tmp_path, "clean"), seen(tmp_path, "late", late=0.05)
    days = late.days()
    assert [len(clean.days()), len(days)] == [3, 4]
    assert late.summary.events == clean.summary.events == sum(day.num_rows for day in days)
    for before, day in zip(clean.days(), days[1:], strict=True):
        limit = before["ts"].cast(pa.int64()).to_numpy().max()
        ts = day["ts"].cast(pa.int64()).to_numpy()
        number = int(np.sum(ts <= limit))
        assert number / before.num_rows == pytest.approx(0.05, abs=0.015)
        assert (ts[:number] <= limit).all()
    both = [sorted(map(str, table.to_pylist())) for table in (clean.events(), late.events())]
    assert both[0] == both[1]


def test_a_day_delivered_again_is_complete_the_second_time(tmp_path: Path) -> None:
    clean, twice = seen(tmp_path, "clean"), seen(tmp_path, "twice", redelivered_days=1)
    second = list(twice.folder.glob("events/*/part-1.parquet"))
    assert len(second) == 1
    day = second[0].parent.name
    full = pq.read_table(second[0], partitioning=None)
    first = pq.read_table(second[0].with_name("part-0.parquet"), partitioning=None)
    assert full.equals(pq.read_table(clean.folder / "events" / day / "part-0.parquet", partitioning=None))
    assert 1 - first.num_rows / full.num_rows == pytest.approx(0.03, abs=0.01)
    assert twice.summary.events == clean.summary.events


def test_the_truth_does_not_depend_on_the_dirt(tmp_path: Path) -> None:
    clean, noisy = seen(tmp_path, "clean"), seen(tmp_path, "noisy", jumps=0.1, duplicates=0.1, late=0.1)
    for path in sorted(clean.folder.glob("truth_*")):
        assert path.read_bytes() == (noisy.folder / path.name).read_bytes()


def test_some_of_everything_at_once(dirty: Written) -> None:
    events = dirty.events()
    assert all(events[name].null_count for name in ("lon", "lat", "cell_id", "mcc"))
    assert again(events)
    assert len(dirty.days()) == 6
    known = events.filter(events["lon"].is_valid())
    stays = dirty.table("truth_stays")
    row = stay_of_each(known, stays)
    x, y = positions(known)
    away = np.hypot(x - stays["x"].to_numpy()[row], y - stays["y"].to_numpy()[row])[row >= 0]
    assert (away > 7500).mean() == pytest.approx(dirty.profile.dirt.jumps, abs=0.003)
