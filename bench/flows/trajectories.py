"""Real tracks of people (GeoLife, which may not ship), as they are: does it run, and does what it finds agree with the labels?

Labels say when a person was under way, and by what.  A stay that lies in such a time by half or more is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.run import run

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ALLMENDE_SHARED", ROOT.parent / "shared"))


def tracks(folder: Path) -> pa.Table:
    """Events of the sample of scikit-mobility (one CSV) and of trackintel (a folder a person), side by side."""
    db = duckdb.connect()
    db.execute("set TimeZone = 'UTC'")
    parts = []
    sample = folder / "geolife_skmob" / "geolife_sample.txt.gz"
    if sample.exists():
        parts.append(
            db.sql(
                f"select 1000 + uid::bigint device_id, datetime::timestamp ts, lng lon, lat from read_csv('{sample}')"
            )
        )
    if list((folder / "geolife_trackintel").rglob("*.plt")):
        files = f"{folder}/geolife_trackintel/*/Trajectory/*.plt"
        parts.append(
            db.sql(
                f"""select regexp_extract(filename, '/(\\d+)/Trajectory', 1)::bigint device_id, (d || ' ' || t)::timestamp ts, lon, lat
                from read_csv('{files}', skip = 6, header = false, filename = true, auto_detect = false, delim = ',', columns = {{
                'lat': 'double', 'lon': 'double', 'zero': 'double', 'alt': 'double', 'day': 'double', 'd': 'varchar', 't': 'varchar'}})"""
            )
        )
    if not parts:
        raise SystemExit(f"{folder}: no tracks. Name the folder that holds geolife_skmob or geolife_trackintel.")
    rows = pa.concat_tables(part.to_arrow_table() for part in parts)
    return rows.set_column(1, "ts", rows["ts"].cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")))


def labelled(folder: Path, stays: Path) -> dict[str, Any]:
    """Labelled ways, their hours, how much of them the stays found cover, and how many stays lie in one by half."""
    db = duckdb.connect()
    db.execute("set TimeZone = 'UTC'")
    db.execute(
        f"""create table ways as select regexp_extract(filename, '/(\\d+)/labels', 1)::bigint device_id, epoch("Start Time"::timestamp) a,
        epoch("End Time"::timestamp) b from read_csv('{folder}/geolife_trackintel/*/labels.txt', delim = '\t', filename = true,
        all_varchar = true);
        create table both_ways as select device_id, s.t0, s.t1, least(t1, b) - greatest(t0, a) ov, a, b from ways
        join '{stays}' s using (device_id) where t0 < b and a < t1"""
    )
    ways, hours = db.sql("select count(*), sum(b - a) / 3600 from ways").fetchall()[0]
    covered = db.sql("select coalesce(sum(ov), 0) / 3600 from both_ways").fetchall()[0][0]
    wrong = db.sql(
        "select count(*) from (select 1 from both_ways group by device_id, t0, t1 having sum(ov) >= .5 * (t1 - t0))"
    )
    persons = "select distinct device_id from ways"
    n = db.sql(f"select count(*) from '{stays}' where device_id in ({persons})").fetchall()[0][0]
    return {
        "labelled_ways": ways, "hours": round(hours, 1), "hours_covered_by_stays": round(covered, 1),
        "stays_of_labelled_persons": n, "stays_that_are_ways": wrong.fetchall()[0][0],
    }  # fmt: skip


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench flows trajectories", description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=SHARED / "data" / "trajectories")
    args = parser.parse_args(argv)
    if not args.data.is_dir():
        print(f"{args.data} is not there: left out.")
        return
    events, out = args.work / "tracks.parquet", args.work / "out-tracks"
    args.work.mkdir(parents=True, exist_ok=True)
    pq.write_table(tracks(args.data), events)
    shutil.rmtree(out, ignore_errors=True)
    result = run(events, out, unprotected=True, parameters=Parameters(timezone="Asia/Shanghai"))
    found: dict[str, Any] = {
        "events": result.events, "days": len(result.days), "jumps": result.quality.jumps, "cpu_s": round(result.cpu_seconds, 2),
        "stays": pq.read_metadata(out / "stays.parquet").num_rows,
    }  # fmt: skip
    if list(args.data.rglob("labels.txt")):
        found["labels"] = labelled(args.data, out / "stays.parquet")
    shutil.rmtree(out)
    print(json.dumps(found, indent=1))
