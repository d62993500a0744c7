"""The chain of steps on one machine: results, resuming, re-delivery, order, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.door import Key
from allmende.engines.flows.intake import IntakeError
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.run import UNPROTECTED, run
from allmende.engines.flows.tables import SPECS, TableError, check
from tests.engines.flows.world import DAY, MONDAY, X0, Y0, deliver, events, placed, resident, visitor

KEY = Key(11, 12)
SMALL = Parameters(shards=4)


def counts(out: Path) -> dict[str, list[dict[str, object]]]:
    return {path.stem: pq.read_table(path).to_pylist() for path in sorted((out / "counts").glob("*.parquet"))}


def month(out: Path, table: str) -> pa.Table:
    return pq.read_table(out / "work" / "months" / "2026-06" / f"{table}.parquet")


def some_people() -> list[pa.Table]:
    return [
        *(resident(d, home=(d * 1500.0, 0)) for d in range(1, 6)),
        visitor(20, day=3, nights=2, mcc=262),
        visitor(21, day=5, nights=0),
        visitor(22, day=8, nights=3),
    ]


def test_a_stay_is_found_where_and_when_it_was(tmp_path: Path) -> None:
    deliver(tmp_path / "in", events((8, 10, 0, 0), (11, 13, 5000, 0), every=300))
    run(tmp_path / "in", tmp_path / "out", unprotected=True, parameters=SMALL)
    stays = pq.read_table(tmp_path / "out" / "stays.parquet").to_pylist()
    assert len(stays) == 2
    first, second = stays
    assert abs(first["x"] - X0) < 10
    assert abs(second["x"] - X0 - 5000) < 10
    assert first["t0"] == MONDAY * DAY + 8 * 3600
    # seen last at 9:55; the way takes 333 s and twice 300 s to set out and arrive, what is left is shared
    gap = 11 * 3600 - (9 * 3600 + 55 * 60)
    way = 5000 / 15 + 600
    assert first["t1"] == pytest.approx(MONDAY * DAY + 9 * 3600 + 55 * 60 + (gap - way) / 2, abs=5)


def test_an_outlier_does_not_split_a_stay(tmp_path: Path) -> None:
    t = MONDAY * DAY + np.arange(0, 7200, 300)
    x = np.full(len(t), X0)
    x[10] += 20_000
    deliver(tmp_path / "in", placed(t, x, np.full(len(t), Y0)))
    result = run(tmp_path / "in", tmp_path / "out", unprotected=True, parameters=SMALL)
    assert pq.read_table(tmp_path / "out" / "stays.parquet").num_rows == 1
    assert (result.quality.jumps, result.quality.kept) == (1, len(t) - 1)


def test_a_quiet_night_at_home_is_bridged_but_not_a_quiet_day(tmp_path: Path) -> None:
    deliver(tmp_path / "in", events((18, 21, 0, 0), (32, 34, 0, 0), (43, 45, 0, 0), every=300))
    run(tmp_path / "in", tmp_path / "out", unprotected=True, parameters=SMALL)
    stays = pq.read_table(tmp_path / "out" / "stays.parquet").to_pylist()
    hours = [((s["t0"] - MONDAY * DAY) // 3600, (s["t1"] - MONDAY * DAY) // 3600) for s in stays]
    assert hours[0] == (18, 33)
    assert len(hours) == 2


def test_every_table_between_the_steps_keeps_to_its_schema(tmp_path: Path) -> None:
    deliver(tmp_path / "in", *some_people())
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    for name in ("stays", "places", "device_days", "trips"):
        table = month(tmp_path / "out", name)
        assert table.num_rows > 0
        assert check(table, SPECS[name]) == []
    for path in (tmp_path / "out" / "counts").glob("*.parquet"):
        assert check(pq.read_table(path), SPECS.get(path.stem) or SPECS[path.stem.partition("_")[0]]) == []


def test_classes_of_residents_and_visitors(tmp_path: Path) -> None:
    deliver(tmp_path / "in", *some_people())
    run(tmp_path / "in", tmp_path / "out", unprotected=True, parameters=SMALL)
    days = pq.read_table(tmp_path / "out" / "device_days.parquet").to_pylist()
    by_device: dict[int, dict[int, int]] = {}
    for row in days:
        by_device.setdefault(row["device_id"], {})[row["day"] - MONDAY] = row["visitor_class"]
    assert by_device[1] == dict.fromkeys(range(14), 0)
    assert by_device[20] == {3: 5, 4: 5, 5: 5}
    assert by_device[21] == {5: 2}
    assert by_device[22] == {8: 3, 9: 3, 10: 3, 11: 3}


def test_a_trip_has_its_nights(tmp_path: Path) -> None:
    deliver(tmp_path / "in", *some_people())
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    trips = month(tmp_path / "out", "trips").to_pylist()
    assert sorted((t["first_day"] - MONDAY, t["last_day"] - MONDAY, t["nights"]) for t in trips) == [
        (3, 5, 2),
        (5, 5, 0),
        (8, 11, 3),
    ]


def test_presence_counts_different_devices(tmp_path: Path) -> None:
    deliver(tmp_path / "in", *some_people())
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    region = pc.sum(pq.read_table(tmp_path / "out" / "counts" / "presence_region_month.parquet")["devices"]).as_py()
    assert region == 8
    hour = (MONDAY + 1) * 24 + 12
    rows = [r for r in counts(tmp_path / "out")["presence_cell_hour"] if r["hour"] == hour]
    assert sum(int(str(r["devices"])) for r in rows) == 5  # all at work on Tuesday noon


def test_the_order_of_delivery_does_not_matter(tmp_path: Path) -> None:
    people = some_people()
    deliver(tmp_path / "ordered", *people)
    table = pa.concat_tables(people)
    mixed = table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows)))
    (tmp_path / "mixed").mkdir()
    pq.write_table(mixed, tmp_path / "mixed" / "all.parquet", row_group_size=700)
    run(tmp_path / "ordered", tmp_path / "a", key=KEY, parameters=SMALL)
    run(
        tmp_path / "mixed", tmp_path / "b", key=KEY, parameters=SMALL, memory=60_000
    )  # so little that it goes by way of the disk
    assert counts(tmp_path / "a") == counts(tmp_path / "b")
    assert month(tmp_path / "a", "stays").equals(month(tmp_path / "b", "stays"))


def test_a_new_day_costs_a_day_and_the_result_is_that_of_the_full_run(tmp_path: Path) -> None:
    people = some_people()
    deliver(tmp_path / "in", *people)
    held = sorted((tmp_path / "in").iterdir())[-1]
    held.rename(tmp_path / "held")
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    (tmp_path / "held").rename(held)
    result = run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    assert result.days_made == ["2026-06-14"]
    run(tmp_path / "in", tmp_path / "full", key=KEY, parameters=SMALL)
    assert counts(tmp_path / "out") == counts(tmp_path / "full")
    assert month(tmp_path / "out", "stays").equals(month(tmp_path / "full", "stays"))


def test_a_day_delivered_again_replaces_its_own(tmp_path: Path) -> None:
    people = some_people()
    deliver(tmp_path / "in", *people)
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    again = [p for p in people if p["device_id"][0].as_py() != 22]
    deliver(tmp_path / "in2", *again)
    for path in sorted((tmp_path / "in2").rglob("*.parquet")):
        if "2026-06-09" in str(path):
            os.replace(path, tmp_path / "in" / path.parent.name / path.name)
    result = run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    assert result.days_made == ["2026-06-09"]
    run(tmp_path / "in", tmp_path / "full", key=KEY, parameters=SMALL)
    assert counts(tmp_path / "out") == counts(tmp_path / "full")


def test_nothing_is_made_again_that_is_there(tmp_path: Path) -> None:
    deliver(tmp_path / "in", *some_people())
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    result = run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    assert (result.days_made, result.months_made) == ([], [])


KILLED = """
import os, sys
from pathlib import Path
from allmende.engines.flows import quality, store
from allmende.engines.flows.door import Key
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.run import run
left = int(sys.argv[3])
plain = store.whole
def dying(path):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    return plain(path)
store.whole = dying
import allmende.engines.flows.run as module
module.whole = quality.whole = dying
run(Path(sys.argv[1]), Path(sys.argv[2]), key=Key(11, 12), parameters=Parameters(shards=4, threads=1))
"""


@pytest.mark.parametrize("writes", [1, 5, 28, 29, 30])
def test_a_run_that_was_killed_goes_on_and_shows_no_half_output(tmp_path: Path, writes: int) -> None:
    deliver(tmp_path / "in", *some_people())
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "in", tmp_path / "out", str(writes)], check=False)
    assert done.returncode == 9
    for path in (tmp_path / "out").rglob("*.parquet"):
        if ".new-" not in str(path):
            pq.read_table(path)  # whole
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    run(tmp_path / "in", tmp_path / "full", key=KEY, parameters=SMALL)
    assert counts(tmp_path / "out") == counts(tmp_path / "full")
    assert list((tmp_path / "out").rglob(".new-*")) == []


def test_shards_and_threads_change_nothing(tmp_path: Path) -> None:
    deliver(tmp_path / "in", *some_people())
    run(tmp_path / "in", tmp_path / "a", key=KEY, parameters=Parameters(shards=1, threads=1))
    run(tmp_path / "in", tmp_path / "b", key=KEY, parameters=Parameters(shards=8, threads=3))
    assert counts(tmp_path / "a") == counts(tmp_path / "b")


def test_identifiers_are_hashed_at_the_door(tmp_path: Path) -> None:
    deliver(tmp_path / "in", resident(123_456_789), visitor(987_654_321, day=2, nights=1))
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    for path in (tmp_path / "out").rglob("*"):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
        elif path.suffix == ".arrow":
            table = pa.ipc.open_file(path).read_all()
        else:
            continue
        for column in table.columns:
            if pa.types.is_integer(column.type):
                assert not {123_456_789, 987_654_321} & set(column.to_pylist())
    assert (tmp_path / "out" / "work").stat().st_mode & 0o077 == 0


def test_without_a_key_there_is_no_run_but_for_evaluation_which_says_so(tmp_path: Path) -> None:
    deliver(tmp_path / "in", resident(1))
    with pytest.raises(ValueError, match="key"):
        run(tmp_path / "in", tmp_path / "out")
    run(tmp_path / "in", tmp_path / "out", unprotected=True, parameters=SMALL)
    for name in ("stays", "home", "presence", "od"):
        assert pq.read_schema(tmp_path / "out" / f"{name}.parquet").metadata[b"allmende"].decode() == UNPROTECTED
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["unprotected"] == UNPROTECTED


def test_a_foreign_unit_of_time_is_refused(tmp_path: Path) -> None:
    good = events((8, 10, 0, 0))
    far = good.set_column(1, "ts", pa.array([0] * good.num_rows, pa.timestamp("us", tz="UTC")))
    pq.write_table(pa.concat_tables([far, good]), tmp_path / "all.parquet")
    with pytest.raises(IntakeError, match="unit"):
        run(tmp_path / "all.parquet", tmp_path / "out", unprotected=True)


def test_a_missing_column_is_named_with_its_remedy(tmp_path: Path) -> None:
    pq.write_table(events((8, 10, 0, 0)).drop_columns(["lat"]), tmp_path / "all.parquet")
    with pytest.raises(TableError, match=r"events\.lat: the column is missing"):
        run(tmp_path / "all.parquet", tmp_path / "out", unprotected=True)


def test_no_files_and_damaged_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(IntakeError, match="no Parquet files"):
        run(tmp_path / "in", tmp_path / "out", unprotected=True)
    (tmp_path / "in" / "x.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(IntakeError, match=r"x\.parquet"):
        run(tmp_path / "in", tmp_path / "out", unprotected=True)


def test_good_rows_go_in_beside_bad_ones(tmp_path: Path) -> None:
    good = events((8, 12, 0, 0), every=300)
    bad = good.set_column(2, "lon", pa.array([None if i % 4 else 999.0 for i in range(good.num_rows)], pa.float64()))
    deliver(tmp_path / "in", good, bad.set_column(0, "device_id", pa.array([5] * good.num_rows, pa.int64())))
    result = run(tmp_path / "in", tmp_path / "out", unprotected=True, parameters=SMALL)
    assert (result.quality.kept, result.unusable) == (good.num_rows, good.num_rows)


def test_identifiers_may_be_text(tmp_path: Path) -> None:
    table = pa.concat_tables(some_people())
    words = pa.array([f"d{i:08x}" for i in table["device_id"].to_pylist()])
    deliver(tmp_path / "words", table.set_column(0, "device_id", words))
    deliver(tmp_path / "numbers", table)
    run(tmp_path / "words", tmp_path / "a", key=KEY, parameters=SMALL)
    run(tmp_path / "numbers", tmp_path / "b", key=KEY, parameters=SMALL)
    assert counts(tmp_path / "a") == counts(tmp_path / "b")


def test_local_days_follow_daylight_saving(tmp_path: Path) -> None:
    # from 28 March 2026, 22 h UTC: Copenhagen leaves winter time in the night to the 29th
    saturday = 20_540  # 28 March 2026
    t = saturday * DAY + np.arange(12 * 3600, 36 * 3600, 600)
    deliver(tmp_path / "in", placed(t, np.full(len(t), X0), np.full(len(t), Y0)))
    run(tmp_path / "in", tmp_path / "out", key=KEY, parameters=Parameters(shards=1, timezone="Europe/Copenhagen"))
    days = {r["hour"] for r in counts(tmp_path / "out")["presence_region_day"]}
    assert days == {saturday, saturday + 1}
    hours = {r["hour"] for r in counts(tmp_path / "out")["presence_region_hour"]}
    assert hours == set(range(saturday * 24 + 12, saturday * 24 + 36))


@pytest.mark.parametrize(
    ("name", "value"), [("stay_radius", 0.0), ("threads", 0), ("night_from", 30), ("home_nights", 1.5)]
)
def test_a_parameter_that_cannot_be_is_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        Parameters(**{name: value})  # type: ignore[arg-type]
