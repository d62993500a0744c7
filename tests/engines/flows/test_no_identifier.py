"""No identifier as it was delivered is kept, shown, logged or told in an error, whichever way it came in."""

from __future__ import annotations

import gzip
import importlib.util
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.door import Secret
from allmende.engines.flows.hashing import through
from allmende.engines.flows.intake import IntakeError, split_by_day
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.reading import check, stage
from allmende.engines.flows.run import run
from allmende.engines.flows.spark import run_on_spark
from allmende.engines.flows.tables import TableError
from allmende.engines.flows.waiting import Waiting
from tests.engines.flows.world import MONDAY, events, resident

KEY = Secret(b"a secret for the tests alone").device_key("2026-06")
NUMBERS = tuple(70_912_345_678_901 + 7 * n for n in range(6))
WORDS = tuple(f"imsi-2400{n}-anna" for n in range(6))
SMALL = Parameters(shards=2, threads=1)
needs_sail = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("pyspark", "pysail", "grpc"))), reason="scripts/setup-test-tools installs it"
)


def table(ids: tuple[Any, ...]) -> pa.Table:
    """Five days of six devices; the last one has rows that cannot be used."""
    made = [resident(n, days=5, home=(n * 1500.0, 0)) for n in range(5)]
    bad = events((30, 34, 0, 0), device=5)
    made.append(
        bad.set_column(2, "lon", pa.array([None if n % 2 else 999.0 for n in range(bad.num_rows)], pa.float64()))
    )
    whole = pa.concat_tables(made).sort_by("ts")
    names = pa.array(ids).take(whole["device_id"].combine_chunks())
    return whole.set_column(0, "device_id", names)


def as_csv(rows: pa.Table, path: Path) -> None:
    pa_csv.write_csv(rows, path)
    torn = f'{rows["device_id"][0].as_py()},not a time,1,2,3\n{rows["device_id"][1].as_py()},"torn,,,\n'
    with path.open("a", encoding="utf-8") as file:
        file.write(torn)


def as_packed_csv(rows: pa.Table, path: Path) -> None:
    plain = path.with_suffix("")
    as_csv(rows, plain)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()


def as_lines(rows: pa.Table, path: Path) -> None:
    texts = rows.set_column(1, "ts", rows["ts"].cast(pa.string()))
    lines = [str(row).replace("'", '"').replace("None", "null") for row in texts.to_pylist()]
    path.write_text("\n".join([*lines, f'{{"device_id": "{rows["device_id"][0]}", torn']) + "\n", "utf-8")


def as_arrow(rows: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows)


def as_other_parquet(rows: pa.Table, path: Path) -> None:
    pq.write_table(rows.rename_columns(["subscriber_id", *rows.column_names[1:]]), path)


WAYS: dict[str, Callable[[pa.Table, Path], None]] = {
    "e.parquet": pq.write_table,
    "other.parquet": as_other_parquet,
    "e.csv": as_csv,
    "e.csv.gz": as_packed_csv,
    "e.jsonl": as_lines,
    "e.arrow": as_arrow,
}


def contents(folder: Path) -> Iterator[tuple[Path, str, bytes]]:
    """Each file below a folder: what its values are as text, and its bytes."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        raw = path.read_bytes()
        text = raw.decode("utf-8", "replace")
        if raw[:4] == b"PAR1":
            read = pq.read_table(path)
            raw = b"".join(
                read[name].combine_chunks().to_numpy(zero_copy_only=False).tobytes()
                for name in read.column_names
                if pa.types.is_integer(read[name].type)
            )
            text = "\n".join(str(read[name].unique().to_pylist()) for name in read.column_names) + str(read.schema)
        yield path, text, raw


def assert_unknown(ids: tuple[Any, ...], folder: Path, *told: str) -> None:
    files = 0
    for path, text, raw in contents(folder):
        files += 1
        for one in ids:
            assert str(one) not in text, path
            if isinstance(one, int):
                assert np.int64(one).tobytes() not in raw, path
    assert files > 5
    for text in told:
        assert text
        assert not [one for one in ids if str(one) in text]


def devices(out: Path) -> set[int]:
    path = out / "work" / "months" / "2026-06" / "device_days.parquet"
    return set(pq.read_table(path, columns=["device"])["device"].to_pylist())


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[Any, ...], set[int]]:
    """The devices of a run from plain Parquet."""
    found = {}
    for ids in (NUMBERS, WORDS):
        folder = tmp_path_factory.mktemp("plain")
        pq.write_table(table(ids), folder / "e.parquet")
        run(folder / "e.parquet", folder / "out", key=KEY, parameters=SMALL)
        found[ids] = devices(folder / "out")
    return found


@pytest.mark.parametrize(("way", "ids"), [*((way, WORDS) for way in WAYS), ("e.parquet", NUMBERS), ("e.csv", NUMBERS)])
def test_what_was_delivered_is_nowhere_to_be_found(
    way: str,
    ids: tuple[Any, ...],
    tmp_path: Path,
    plain: dict[tuple[Any, ...], set[int]],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "in").mkdir()
    WAYS[way](table(ids), tmp_path / "in" / way)
    checked = check(tmp_path / "in", tmp_path / "looked")
    staging = stage(tmp_path / "in", tmp_path / "out" / "work", key=KEY)
    told = {"key": KEY, "hashed": staging.hashed, "parameters": SMALL}
    result = run(staging.path, tmp_path / "out", **told)  # type: ignore[arg-type]
    said = [str(one) for one in (*staging.violations, *checked.violations)]
    shutil.move(tmp_path / "looked", tmp_path / "out" / "looked") if (tmp_path / "looked").exists() else None
    assert_unknown(ids, tmp_path / "out", f"{said} {result}", f"log {caplog.text} {capfd.readouterr()}")
    assert said or result.unusable
    assert devices(tmp_path / "out") == plain[ids]  # one device is one number, whichever way it came


def test_events_that_wait_on_disk_wait_under_hashes(tmp_path: Path) -> None:
    chunks, _ = split_by_day(table(NUMBERS), MONDAY, 5, max_accuracy=1e9)
    patient = Waiting(tmp_path, 0, KEY)
    patient.add(dict(chunks))
    on_disk = b"".join(path.read_bytes() for path in tmp_path.glob("*.key"))
    assert len(on_disk) == 8 * sum(len(chunk.key) for chunk in chunks.values())
    assert not [one for one in NUMBERS if np.int64(one).tobytes() in on_disk]
    patient.limit = 1 << 30
    patient.add({MONDAY: chunks[MONDAY]})  # what comes later stays in memory
    taken, left = patient.take(MONDAY)
    assert left is None
    hashed = through(chunks[MONDAY].key, KEY).tolist()
    assert [chunk.key.tolist() for chunk in taken] == [hashed, hashed]


def test_waiting_on_disk_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pq.write_table(table(NUMBERS), tmp_path / "in" / "e.parquet", row_group_size=300)
    run(tmp_path / "in", tmp_path / "little", key=KEY, parameters=SMALL, memory=30_000)
    run(tmp_path / "in", tmp_path / "much", key=KEY, parameters=SMALL)
    little, much = (
        pq.read_table(tmp_path / out / "work" / "months" / "2026-06" / "stays.parquet") for out in ("little", "much")
    )
    assert little.equals(much)


@needs_sail
@pytest.mark.xdist_group("sail")
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:pyspark", "ignore::FutureWarning:pyspark", "ignore::ResourceWarning"
)
def test_nor_on_the_second_engine(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pq.write_table(table(WORDS), tmp_path / "in" / "e.parquet")
    result = run_on_spark(tmp_path / "in", tmp_path / "out", master="sail", key=KEY, parameters=SMALL)
    assert_unknown(WORDS, tmp_path / "out", str(result))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.csv", "device_id,ts,lon,lat\nimsi-24000-anna,never,1,2\n"),
        ("e.csv", 'device_id,ts,lon,lat\n"imsi-24000-anna,2026-06-01T08:00:00Z,1,2\n'),
        ("e.jsonl", '{"device_id": "imsi-24000-anna", "ts": "never", "lon": 1, "lat": 2}\n'),
        ("e.jsonl", '{"device_id": "imsi-24000-anna", "ts"\n'),
        ("e.arrow", "imsi-24000-anna"),
        ("e.parquet", "imsi-24000-anna"),
    ],
)
def test_a_refusal_names_the_place_and_nobody(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises((IntakeError, TableError)) as caught:
        stage(tmp_path / name, tmp_path / "work", key=KEY)
    assert "anna" not in str(caught.value)
    assert "24000" not in str(caught.value)


def test_numbers_too_large_for_the_table_are_not_told(tmp_path: Path) -> None:
    rows = table(NUMBERS)
    large = pa.array(np.full(rows.num_rows, 18_446_744_073_709_551_557, np.uint64))
    as_other_parquet(rows.set_column(0, "device_id", large), tmp_path / "e.parquet")
    try:
        said = str(stage(tmp_path / "e.parquet", tmp_path / "work", key=KEY))
    except (IntakeError, TableError) as error:
        said = str(error)
    assert "18446744073709551557" not in said
    assert said
