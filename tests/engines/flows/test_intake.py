"""What is known of a delivery before it is read, and how a day's devices are dealt into shards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.days import pieces_of_day
from allmende.engines.flows.intake import Chunk, parts_of
from allmende.engines.flows.parameters import Parameters

US = 1_780_000_000_123_456


@pytest.mark.parametrize(
    ("unit", "first", "last"),
    [
        ("s", 1_780_000_000_000_000, 1_780_000_007_000_000),
        ("ms", 1_780_000_000_123_000, 1_780_000_007_123_000),
        ("us", US, US + 7_000_000),
        ("ns", US, US + 7_000_000),
    ],
)
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_part_knows_its_times_in_every_unit(
    tmp_path: Path, unit: str, first: int, last: int, zone: str | None
) -> None:
    ts = pa.array([US + 7_000_000, US], pa.timestamp("us", zone)).cast(pa.timestamp(unit, zone), safe=False)
    table = pa.table({"device_id": pa.array([1, 2]), "ts": ts, "lon": [10.0, 10.0], "lat": [50.0, 50.0]})
    pq.write_table(table, tmp_path / "e.parquet")
    assert [(part.first, part.last) for part in parts_of([tmp_path / "e.parquet"])] == [(first, last)]


def test_a_part_without_statistics_does_not_tell_its_times(tmp_path: Path) -> None:
    ts = pa.array([US], pa.timestamp("us", "UTC"))
    table = pa.table({"device_id": pa.array([1]), "ts": ts, "lon": [10.0], "lat": [50.0]})
    pq.write_table(table, tmp_path / "e.parquet", write_statistics=False)
    assert [(part.first, part.last) for part in parts_of([tmp_path / "e.parquet"])] == [(None, None)]


def a_day(rng: np.random.Generator) -> list[Chunk]:
    chunks = []
    for hours in ((0, 12), (12, 24)):
        n = 4_000
        t = np.sort(rng.integers(hours[0] * 3600, hours[1] * 3600, n)).astype(np.int32)
        spot = rng.integers(0, 3, n)
        lon, lat = (100_000_000 + spot * 400_000).astype(np.int32), np.full(n, 500_000_000, np.int32)
        chunks.append(Chunk(rng.integers(0, 70, n).astype(np.uint64), t, lon, lat, np.full(n, 262, np.int16)))
    return chunks


def test_the_pieces_of_a_device_do_not_depend_on_the_number_of_shards() -> None:
    by_shards = []
    for shards in (1, 8):
        batches, quality = pieces_of_day(a_day(np.random.default_rng(3)), shards, Parameters(), None)
        assert len(batches) == shards
        devices = [set(batch.column("device").to_pylist()) for batch in batches]
        assert sum(map(len, devices)) == len(set.union(*devices)) == quality.devices == 70
        rows = pa.Table.from_batches(batches).to_pylist()
        assert [row["first"] for row in rows if row["device"] == 7] == sorted(
            row["first"] for row in rows if row["device"] == 7
        )
        by_shards.append(sorted(tuple(row.values()) for row in rows))
    assert by_shards[0] == by_shards[1]
