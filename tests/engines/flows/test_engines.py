"""One suite over all engines: one machine, Sail, and a real local Apache Spark give the same tables to the row and bit."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.cellplan import cell_plan
from allmende.engines.flows.door import Key
from allmende.engines.flows.grid import unproject
from allmende.engines.flows.intake import Chunk, IntakeError, parts_of
from allmende.engines.flows.months import Shard
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.placing import Placing
from allmende.engines.flows.plan import DayPlan, Expansion, plan_days
from allmende.engines.flows.run import Result, run
from allmende.engines.flows.spark import SparkMissing, opened, run_on_spark
from allmende.engines.flows.spark.blocks import Told, packed, together, unpacked
from allmende.engines.flows.spark.days import deal, waves_of
from allmende.engines.flows.spark.months import added_up
from allmende.engines.flows.store import Store
from allmende.engines.flows.tables import SPECS
from tests.engines.flows.world import DAY, MONDAY, X0, Y0, deliver, events, resident, visitor

KEY = Key(11, 12)
SMALL = Parameters(shards=5)
Engine = Callable[..., Result]

needs_spark = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("pyspark", "pysail", "grpc"))), reason="scripts/setup-test-tools installs it"
)
needs_java = pytest.mark.skipif(shutil.which("java") is None, reason="scripts/setup-test-tools installs Java")
# PySpark's own: it asks pandas and Python for what they will leave out some day
quiet = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
pytestmark = quiet


def _on(name: str, session: Any) -> Engine:
    def one(events: Path, out: Path, **arguments: Any) -> Result:
        return run_on_spark(events, out, session=session, blocks=2, ranges=3, **arguments)

    return run if name == "one machine" else one


def _engines(*names: str) -> Any:
    marks: dict[str, list[Any]] = {
        "one machine": [],
        "sail": [needs_spark, pytest.mark.xdist_group("sail")],
        "local[2]": [needs_spark, needs_java, pytest.mark.spark, pytest.mark.xdist_group("spark")],
    }
    return pytest.mark.parametrize("engine", [pytest.param(name, marks=marks[name]) for name in names], indirect=True)


@pytest.fixture(scope="module")
def sessions() -> Iterator[dict[str, Any]]:
    """Opened once: Java takes its time to start."""
    held: dict[str, Any] = {}
    yield held
    for manager, _ in held.values():
        manager.__exit__(None, None, None)


@pytest.fixture
def engine(request: pytest.FixtureRequest, sessions: dict[str, Any]) -> Engine:
    name: str = request.param
    if name != "one machine" and name not in sessions:
        manager = opened(name)
        sessions[name] = manager, manager.__enter__()
    return _on(name, sessions[name][1] if name in sessions else None)


def people() -> list[pa.Table]:
    return [
        *(resident(d, home=(d * 1500.0, 0)) for d in range(1, 8)),
        visitor(20, day=3, nights=2, mcc=262),
        visitor(21, day=5, nights=0),
        visitor(22, day=8, nights=3, mcc=752),
    ]


def tables(out: Path) -> dict[str, pa.Table]:
    """All tables of a run, those that are shown and those that are kept for the next one."""
    return {str(path.relative_to(out)): pq.read_table(path) for path in sorted(out.rglob("*.parquet"))}


def assert_same(a: Path, b: Path) -> None:
    ours, theirs = tables(a), tables(b)
    assert ours.keys() == theirs.keys()
    for name, table in ours.items():
        assert table.equals(theirs[name], check_metadata=True), name
    assert json.loads((a / "summary.json").read_text()) == json.loads((b / "summary.json").read_text())


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bad = events((30, 34, 0, 0), device=30, every=300)
    bad = bad.set_column(2, "lon", pa.array([None if i % 3 else 999.0 for i in range(bad.num_rows)], pa.float64()))
    return deliver(tmp_path_factory.mktemp("delivery"), *people(), bad, rows=150)


@_engines("sail", "local[2]")
def test_counts_and_rows_are_those_of_one_machine(engine: Engine, delivery: Path, tmp_path: Path) -> None:
    ours = run(delivery, tmp_path / "a", key=KEY, parameters=SMALL)
    theirs = engine(delivery, tmp_path / "b", key=KEY, parameters=SMALL)
    assert ours.unusable == theirs.unusable > 0
    assert ours.quality == theirs.quality
    assert (ours.days_made, ours.months_made) == (theirs.days_made, theirs.months_made)
    assert_same(tmp_path / "a", tmp_path / "b")
    assert list((tmp_path / "b").rglob("spool")) == list((tmp_path / "b").rglob(".new-*")) == []


@_engines("sail", "local[2]")
def test_evaluation_files_are_those_of_one_machine(engine: Engine, delivery: Path, tmp_path: Path) -> None:
    run(delivery, tmp_path / "a", unprotected=True, parameters=SMALL)
    engine(delivery, tmp_path / "b", unprotected=True, parameters=SMALL)
    assert_same(tmp_path / "a", tmp_path / "b")


@_engines("one machine", "sail")
def test_a_new_day_costs_a_day_on_every_engine(engine: Engine, tmp_path: Path) -> None:
    deliver(tmp_path / "in", *people())
    held = sorted((tmp_path / "in").iterdir())[-1]
    held.rename(tmp_path / "held")
    engine(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    (tmp_path / "held").rename(held)
    result = engine(tmp_path / "in", tmp_path / "out", key=KEY, parameters=SMALL)
    assert result.days_made == ["2026-06-14"]
    run(tmp_path / "in", tmp_path / "full", key=KEY, parameters=SMALL)
    assert_same(tmp_path / "out", tmp_path / "full")


@_engines("one machine", "sail")
def test_an_engine_goes_on_where_the_other_one_stopped(engine: Engine, delivery: Path, tmp_path: Path) -> None:
    engine(delivery, tmp_path / "out", key=KEY, parameters=SMALL)
    result = run(delivery, tmp_path / "out", key=KEY, parameters=SMALL)
    assert (result.days_made, result.months_made) == ([], [])


@_engines("sail")
def test_order_and_bounds_that_the_files_do_not_tell_change_nothing(engine: Engine, tmp_path: Path) -> None:
    table = pa.concat_tables(people())
    deliver(tmp_path / "in", table)
    run(tmp_path / "in", tmp_path / "a", key=KEY, parameters=SMALL)
    mixed = table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows)))
    (tmp_path / "mixed").mkdir()
    pq.write_table(mixed, tmp_path / "mixed" / "all.parquet", row_group_size=700, write_statistics=False)
    engine(tmp_path / "mixed", tmp_path / "b", key=KEY, parameters=SMALL)
    assert {k: v for k, v in tables(tmp_path / "a").items() if "counts" in k} == {
        k: v for k, v in tables(tmp_path / "b").items() if "counts" in k
    }


def by_country(apart: bool) -> Expansion:
    """Weights by how many devices of the same country there are, which no shard knows alone."""

    class Weigh:
        def __call__(self, shards: list[Shard]) -> list[Any]:
            known = self.settle([self.look(shard) for shard in shards])
            return [known(shard) for shard in shards]

        def look(self, shard: Shard) -> Any:
            return np.bincount(shard.mcc, minlength=1000)

        def settle(self, looks: list[Any]) -> Callable[[Shard], Any]:
            seen = np.sum(looks, axis=0)
            return lambda shard: 1000 + seen[shard.mcc] * 10

    whole = Weigh()
    return Expansion(whole if apart else lambda shards: whole(shards), "test")


@_engines("sail", "local[2]")
def test_weights_see_all_devices(engine: Engine, delivery: Path, tmp_path: Path) -> None:
    run(delivery, tmp_path / "a", key=KEY, parameters=SMALL, expansion=by_country(apart=True))
    engine(delivery, tmp_path / "b", key=KEY, parameters=SMALL, expansion=by_country(apart=True))
    assert_same(tmp_path / "a", tmp_path / "b")
    region = pq.read_table(tmp_path / "a" / "counts" / "presence_region_hour.parquet")
    assert len(set(region["people_milli"].to_pylist())) > 2


@_engines("sail")
def test_weights_that_want_all_devices_in_one_place_get_them(engine: Engine, delivery: Path, tmp_path: Path) -> None:
    run(delivery, tmp_path / "a", key=KEY, parameters=SMALL, expansion=by_country(apart=True))
    engine(delivery, tmp_path / "b", key=KEY, parameters=SMALL, expansion=by_country(apart=False))
    assert_same(tmp_path / "a", tmp_path / "b")


def by_cell(device: int) -> pa.Table:
    """Two nights and two days at cells of a plan that changes on the second day; one cell is not in it at all."""
    t = MONDAY * DAY + np.arange(0, 2 * DAY, 1800)
    cells = [(1, 2, 3, 9)[(device + at // 16) % 4] for at in range(len(t))]
    return pa.table(
        {
            "device_id": np.full(len(t), device),
            "ts": pa.array(t * 1_000_000, pa.timestamp("us", tz="UTC")),
            "cell_id": pa.array(cells, pa.int32()),
            "mcc": pa.array(np.full(len(t), 240), pa.int16()),
        }
    )


@_engines("sail", "local[2]")
def test_presence_laid_on_the_grid_is_that_of_one_machine(engine: Engine, tmp_path: Path) -> None:
    deliver(tmp_path / "in", *(by_cell(device) for device in range(9)))
    lon, lat = unproject(X0 + np.array([0.0, 1700, 9000]), np.full(3, Y0))
    until = pa.array([None, MONDAY, None], pa.int32()).cast(pa.date32())
    plan = cell_plan(
        pa.table({"cell_id": pa.array([1, 2, 3], pa.int32()), "lon": lon, "lat": lat, "range_m": [4000.0] * 3, "valid_until": until})
    )  # fmt: skip
    told: dict[str, Any] = {
        "key": KEY, "located": Placing(plan, "Europe/Copenhagen"), "presence": "cells", "expansion": by_country(apart=True),
        "parameters": Parameters(shards=5, timezone="Europe/Copenhagen"),
    }  # fmt: skip
    run(tmp_path / "in", tmp_path / "a", **told)
    engine(tmp_path / "in", tmp_path / "b", **told)
    expected = pq.read_table(tmp_path / "a" / "counts" / "presence_cells_hour.parquet")
    assert expected.num_rows > 500
    assert_same(tmp_path / "a", tmp_path / "b")
    assert list((tmp_path / "b").rglob("spool")) == []


@_engines("sail")
def test_the_same_refusals(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(IntakeError, match="no Parquet files"):
        engine(tmp_path / "in", tmp_path / "out", unprotected=True)
    with pytest.raises(ValueError, match="key"):
        engine(tmp_path / "in", tmp_path / "out")


def test_no_identifier_travels(delivery: Path) -> None:
    # what leaves the task that reads a file is all that other machines and their disks see
    plan = planned(delivery, Path(delivery.parent / "store"))
    (wave,) = waves_of(plan, 5, blocks=2, wave_rows=1 << 40)
    ids = pa.record_batch([pa.array(range(len(wave.parts)))], names=["id"])
    rows = list(deal([ids], wave=wave, shards=5, key=KEY, located=None, max_accuracy=2000.0, timezone="UTC"))
    keys = {int(key) for batch in rows for i in range(batch.num_rows) for key in unpacked(batch, i).key}
    assert len(keys) == 10
    assert not keys & set(range(1000))


def planned(folder: Path, store: Path) -> DayPlan:
    files = sorted(folder.rglob("*.parquet"))
    return plan_days(parts_of(files), {str(path): "x" for path in files}, "base", Store(store, 5))


def test_waves_make_each_day_once_and_count_each_row_once(delivery: Path, tmp_path: Path) -> None:
    plan = planned(delivery, tmp_path)
    waves = list(waves_of(plan, 5, blocks=None, wave_rows=1500))
    assert len(waves) > 3
    assert sorted(day for wave in waves for day in wave.days) == sorted(plan.wanted)
    counted = [seq for wave in waves for seq, _, counts in wave.parts if counts]
    assert sorted(counted) == list(range(len(plan.parts)))


def test_a_block_that_got_lost_is_noticed() -> None:
    batch = pa.record_batch({"day": [1, 1, 2], "block": [0, 0, 0], "seq": [4, 3, 1]})
    found = together([batch], ("day", "block"), {1: 2, 2: 2}.__getitem__, lambda _, row: row)
    assert next(found) == ((1, 0), [(3, 1), (4, 0)])
    with pytest.raises(RuntimeError, match="1 of 2 blocks"):
        next(found)


def test_events_keep_their_order_within_a_block() -> None:
    t = np.arange(6, dtype=np.int32)
    chunk = Chunk(t.astype(np.uint64), t, t, t, t.astype(np.int16))
    batch = packed(1, 7, Told(3), chunk, np.array([2, 0, 2, 0, 2, 0], np.int32), 3)
    assert [unpacked(batch, i).t.tolist() for i in range(3)] == [[1, 3, 5], [], [0, 2, 4]]
    assert batch.column("unusable").to_pylist() == [3, 0, 0]


def test_counts_of_different_devices_add_up_in_order() -> None:
    schema = SPECS["od"].schema
    rows = [
        pa.table([[9, 9], [5, 7], [7, 5], [0, 0], [2, 1], [1, 1], [10, 20], [100, 400]], schema=schema),
        pa.table([[8, 9], [5, 5], [7, 7], [0, 0], [1, 3], [1, 2], [30, 40], [900, 800]], schema=schema),
    ]
    assert added_up("od_cell_day", rows).to_pylist() == [
        dict(zip(schema.names, row, strict=True))
        for row in ((8, 5, 7, 0, 1, 1, 30, 900), (9, 5, 7, 0, 5, 3, 50, 900), (9, 7, 5, 0, 1, 1, 20, 400))
    ]


@pytest.mark.parametrize("master", ["sail", "sc://127.0.0.1:1", "local[1]"])
def test_a_missing_package_is_named_with_the_command(
    master: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] in {"pyspark", "pysail"}]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pysail", None)
    with pytest.raises(SparkMissing, match=r"pip install 'pyspark\[connect\]"):
        run_on_spark(tmp_path, tmp_path / "out", master=master, unprotected=True)
