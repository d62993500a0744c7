"""Deliveries in any form become what the engine reads: same rows, good ones beside bad ones, each file once."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.door import Key
from allmende.engines.flows.grid import project
from allmende.engines.flows.intake import IntakeError, keys_of
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.reading import stage, staged, staged_files
from allmende.engines.flows.run import run
from allmende.engines.flows.tables import CELL_EVENTS, EVENTS, TableError, check
from tests.engines.flows.world import deliver, events, resident, visitor


def rows(path: Path) -> list[tuple[object, ...]]:
    """Device, microseconds, lon, lat of all rows at a place, in order of time."""
    found = []
    for file in sorted(path.rglob("*.parquet")) if path.is_dir() else [path]:
        table = pq.ParquetFile(file).read()
        assert check(table, EVENTS) == []
        ts = table["ts"].cast(pa.int64()).to_pylist()
        found += list(
            zip(table["device_id"].to_pylist(), ts, table["lon"].to_pylist(), table["lat"].to_pylist(), strict=True)
        )
    return sorted(found, key=str)


def some() -> pa.Table:
    return pa.concat_tables([events((8, 10, 0, 0), device=3), events((30, 33, 500, 0), device=4, mcc=262)])


def write(table: pa.Table, folder: Path, form: str) -> Path:
    """The table as an operator of another house would deliver it."""
    folder.mkdir(parents=True, exist_ok=True)
    ts = table["ts"].cast(pa.int64())
    if form == "csv":
        pacsv.write_csv(table, folder / "e.csv")
    elif form == "csv.gz":
        pacsv.write_csv(
            table.rename_columns(["IMSI_hash", "Event time", "Longitude", "Latitude", "home MCC"]), folder / "e.csv"
        )
        (folder / "e.csv.gz").write_bytes(gzip.compress((folder / "e.csv").read_bytes()))
        (folder / "e.csv").unlink()
    elif form == "many csv":
        for i in range(3):
            pacsv.write_csv(table.slice(i * 9, 9 if i < 2 else None), folder / f"e{i}.csv")
    elif form == "semicolons":
        lines = ["user;datetime;lng;lat"]
        for row in table.to_pylist():
            at = f"{row['ts']:%Y-%m-%dT%H:%M:%S}Z"
            lines.append(
                f"{row['device_id']};{at};{str(row['lon']).replace('.', ',')};{str(row['lat']).replace('.', ',')}"
            )
        (folder / "e.csv").write_text("\n".join(lines) + "\n")
    elif form == "json":
        with (folder / "e.jsonl").open("w") as file:
            for row, at in zip(table.to_pylist(), ts.to_pylist(), strict=True):
                file.write(
                    json.dumps({"uid": row["device_id"], "epoch": at // 1000, "lon": row["lon"], "lat": row["lat"]})
                    + "\n"
                )
    elif form == "arrow":
        with pa.OSFile(str(folder / "e.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=7)
    elif form == "feather":
        feather.write_feather(table, folder / "e.feather")
    elif form == "parquet":
        other = pa.table(
            {
                "subscriber": table["device_id"],
                "t": pa.array(np.asarray(ts) // 1_000_000),
                "x": table["lon"],
                "y": table["lat"],
            }
        )
        (folder / "date=2026-06-01").mkdir()
        pq.write_table(
            other.rename_columns(["subscriber", "t", "long", "latitude"]), folder / "date=2026-06-01" / "e.parquet"
        )
    return folder


@pytest.mark.parametrize("form", ["csv", "csv.gz", "many csv", "semicolons", "json", "arrow", "feather", "parquet"])
def test_every_form_gives_the_same_rows(tmp_path: Path, form: str) -> None:
    table = some()
    pq.write_table(table, tmp_path / "plain.parquet")
    path = staged(write(table, tmp_path / "in", form), tmp_path / "work")
    assert rows(path) == rows(tmp_path / "plain.parquet")
    assert {p.name for p in path.rglob("day=*")} == {"day=2026-06-01", "day=2026-06-02"}
    assert (tmp_path / "work" / "staged").stat().st_mode & 0o077 == 0


def test_plain_parquet_is_left_where_it_is(tmp_path: Path) -> None:
    deliver(tmp_path / "in", some())
    result = stage(tmp_path / "in", tmp_path / "work")
    assert result.path == tmp_path / "in"
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("written", "zone", "hour"),
    [
        ("2026-06-01T10:30:00Z", None, 10.5),
        ("2026-06-01 12:30:00+02:00", None, 10.5),
        ("2026-06-01 12:30:00", "Europe/Copenhagen", 10.5),
        ("2026-06-01 10:30:00", None, 10.5),
        ("2026-06-01T10:30:00Z", "Europe/Copenhagen", 10.5),
        ("20260601123000", "Europe/Copenhagen", 10.5),
        ("01.06.2026 10:30:00", None, 10.5),
        ("1780309800", None, 10.5),
        ("1780309800.5", None, 10.5),
        ("1780309800000", None, 10.5),
        ("1780309800000000", "Europe/Copenhagen", 10.5),
        ("1780309800000000000", None, 10.5),
    ],
)
def test_times_are_read_as_they_are_written(tmp_path: Path, written: str, zone: str | None, hour: float) -> None:
    (tmp_path / "e.csv").write_text(f"device,time,lon,lat\n1,{written},10,55\n")
    (found,) = rows(staged(tmp_path / "e.csv", tmp_path / "work", zone=zone))
    assert int(str(found[1])) / 1e6 == pytest.approx(1780272000 + hour * 3600, abs=0.6)


def test_local_times_in_the_nights_of_daylight_saving(tmp_path: Path) -> None:
    # the hour that is not: one hour on; the hour that comes twice: the second one, in winter time
    (tmp_path / "e.csv").write_text("device,time,lon,lat\n1,2026-03-29 02:30:00,10,55\n1,2026-10-25 02:30:00,10,55\n")
    found = rows(staged(tmp_path / "e.csv", tmp_path / "work", zone="Europe/Copenhagen"))
    assert [int(str(r[1])) // 1_000_000 for r in found] == [1774747800, 1792891800]


def test_bad_rows_are_named_by_line_and_good_ones_go_in(tmp_path: Path) -> None:
    lines = [
        "device,time,lon,lat,mcc",
        "1,2026-06-01T10:00:00Z,10,55,240",
        "1,yesterday,10,55,240",
        "1,2026-06-01T10:10:00Z,10,55,240,7,8",
        "1,2026-06-01T10:20:00Z,ten,55,240",
        ",2026-06-01T10:20:00Z,10,55,240",
        "1,2026-06-01T10:30:00Z,,,240",
        "1,12,10,55,240",
        "1,2026-06-01T10:40:00Z,10,55,24000",
    ]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    result = stage(tmp_path / "e.csv", tmp_path / "work")
    said = {v.column: (v.count, v.rows) for v in result.violations}
    assert said == {"*": (1, (4,)), "device_id": (1, (6,)), "ts": (2, (3, 8)), "lon": (1, (5,)), "mcc": (1, (9,))}
    assert all("e.csv" in v.problem and v.remedy for v in result.violations)
    (file,) = result.files
    assert (file.rows, file.good) == (8, 2)
    assert len(rows(result.path)) == 2
    assert staged_files(result.path) == result.files


def test_only_what_is_new_or_changed_is_read(tmp_path: Path) -> None:
    write(some(), tmp_path / "in", "many csv")
    assert stage(tmp_path / "in", tmp_path / "work").read == ("e0.csv", "e1.csv", "e2.csv")
    before = rows(tmp_path / "work" / "staged")
    assert stage(tmp_path / "in", tmp_path / "work").read == ()
    (tmp_path / "in" / "e3.csv").write_text("device_id,ts,lon,lat\n9,2026-06-05T00:00:00Z,10,55\n")
    assert stage(tmp_path / "in", tmp_path / "work").read == ("e3.csv",)
    (tmp_path / "in" / "e3.csv").unlink()
    assert stage(tmp_path / "in", tmp_path / "work").read == ()
    assert rows(tmp_path / "work" / "staged") == before
    assert len(stage(tmp_path / "in", tmp_path / "work", zone="Europe/Paris").read) == 3  # told otherwise: read again


KILLED = """
import os, sys
from pathlib import Path
from allmende.engines.flows.reading import staging
plain = staging._Days._write
def dying(self, day):
    plain(self, day)
    os._exit(9)
staging._Days._write = dying
staging.stage(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_killed_reading_leaves_no_half_file(tmp_path: Path) -> None:
    write(some(), tmp_path / "in", "csv")
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "in", tmp_path / "work"], check=False)
    assert done.returncode == 9
    assert list((tmp_path / "work" / "staged").glob("e.csv*")) == []
    stage(tmp_path / "in", tmp_path / "work")
    assert len(rows(tmp_path / "work" / "staged")) == some().num_rows
    assert list((tmp_path / "work").rglob(".new-*")) == []


def test_columns_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("who,wann,laenge,breite\n1,2026-06-01T10:00:00Z,10,55\n")
    with pytest.raises(TableError, match=r"events\.ts: the column is missing in e\.csv.*who, wann, laenge, breite"):
        stage(tmp_path / "e.csv", tmp_path / "work")
    names = {"device_id": "who", "ts": "wann", "lon": "laenge", "lat": "breite"}
    assert len(rows(staged(tmp_path / "e.csv", tmp_path / "work", columns=names))) == 1
    with pytest.raises(TableError, match=r"e\.csv has no column wo"):
        stage(tmp_path / "e.csv", tmp_path / "work", columns={**names, "lon": "wo"})


def test_metres_need_a_reference_system(tmp_path: Path) -> None:
    x, y = project(np.array([10.5]), np.array([55.5]))
    (tmp_path / "e.csv").write_text(f"device,time,x,y\n1,2026-06-01T10:00:00Z,{x[0]},{y[0]}\n")
    with pytest.raises(TableError, match="coordinate reference system"):
        stage(tmp_path / "e.csv", tmp_path / "work")
    (found,) = rows(staged(tmp_path / "e.csv", tmp_path / "work", crs="EPSG:3035"))
    assert found[2:] == pytest.approx((10.5, 55.5), abs=1e-6)
    with pytest.raises(IntakeError, match="EPSG:25832"):
        stage(tmp_path / "e.csv", tmp_path / "work", crs="EPSG:25832")


def test_cells_and_networks(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("imsi_hash,timestamp,CGI,PLMN\nab,1780309800,240-1-7,24001\ncd,1780309800,,26202\n")
    with pytest.raises(TableError, match="cell plan"):
        stage(tmp_path / "e.csv", tmp_path / "work")
    path = staged(tmp_path / "e.csv", tmp_path / "work", cells=True)
    (file,) = path.rglob("*.parquet")
    table = pq.ParquetFile(file).read()
    assert check(table, CELL_EVENTS) == []
    assert (table["cell_id"].to_pylist(), table["mcc"].to_pylist()) == (["240-1-7", None], [240, 262])


def test_an_identifier_is_the_same_however_it_is_delivered(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("device,time,lon,lat\n7,2026-06-01T10:00:00Z,10,55\n8,2026-06-01T10:00:00Z,10,55\n")
    (tmp_path / "b.csv").write_text(
        "device,time,lon,lat\n7,2026-06-02T10:00:00Z,10,55\n0x,2026-06-02T10:00:00Z,10,55\n"
    )
    staged(tmp_path, tmp_path / "work")
    kept = [pq.ParquetFile(p).read()["device_id"] for p in sorted((tmp_path / "work").rglob("*.parquet"))]
    assert [c.type for c in kept] == [pa.int64(), pa.string()]
    assert keys_of(kept[0])[0] == keys_of(kept[1])[0] == 7
    assert keys_of(pa.chunked_array([["07", "7", "-7", "9" * 30]]))[0] != 7


def test_a_run_of_a_csv_is_that_of_the_parquet(tmp_path: Path) -> None:
    people = pa.concat_tables(
        [*(resident(d, days=4, home=(d * 1500.0, 0)) for d in range(1, 4)), visitor(9, day=1, nights=1)]
    )
    deliver(tmp_path / "plain", people)
    write(people, tmp_path / "in", "many csv")
    for name, path in (("a", tmp_path / "plain"), ("b", staged(tmp_path / "in", tmp_path / "work"))):
        run(path, tmp_path / name, key=Key(1, 2), parameters=Parameters(shards=2))
    for path in sorted((tmp_path / "a" / "counts").glob("*.parquet")):
        assert pq.read_table(path).equals(pq.read_table(tmp_path / "b" / "counts" / path.name))


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(IntakeError, match="no files with events"):
        stage(tmp_path / "in", tmp_path / "work")
    for name, content in (("x.parquet", b"PAR1 no"), ("x.arrow", b"no"), ("x.csv", b""), ("x.csv.gz", b"no")):
        (tmp_path / "in" / name).write_bytes(content)
        with pytest.raises(IntakeError, match=name.replace(".", r"\.")):
            stage(tmp_path / "in", tmp_path / "work")
        os.unlink(tmp_path / "in" / name)
