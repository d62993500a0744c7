"""One job in a process of its own, so that its time and memory are its own.  Prints a line of JSON.

python -m bench.flows.job bound FLAT | evaluate EVENTS OUT | protect EVENTS OUT ZONES
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from allmende.engines.flows.areas import Zones, read_zones
from allmende.engines.flows.door import Key
from allmende.engines.flows.kernels.group import count_into
from allmende.engines.flows.months import Ground
from allmende.engines.flows.run import Expansion, run

THREADS = 2
PROGRAMS = 2_000
"""Figures left out that linear programs look at."""
NOT_A_SECRET = b"a bench hides nothing, so this may be known"


def bound(flat: Path, memory: str) -> dict[str, Any]:
    """What every engine that sorts has to do at least: scan, sort by device and time, look back once, group; no meaning."""
    db = duckdb.connect()
    db.execute(f"set threads = {THREADS}; set TimeZone = 'UTC'; set memory_limit = '{memory}'")
    db.execute(f"set temp_directory = '{flat.parent / 'spill'}'")
    db.execute(
        f"""create table t as select device_id, count(*) n, sum(case when d < 9e-6 * 300 then dt else 0 end) still from (
        select device_id, epoch(ts) - epoch(lag(ts) over w) dt, abs(lon - lag(lon) over w) + abs(lat - lag(lat) over w) d
        from '{flat}' window w as (partition by device_id order by ts)) group by 1"""
    )
    return {"devices": db.execute("select count(*) from t").fetchall()[0][0]}


def ground_of(zones: Path) -> Ground:
    """The ground of a simulation: its municipalities, and which of them are the area."""
    known = {f["properties"]["code"]: f["properties"]["inside"] for f in json.loads(zones.read_text())["features"]}
    areas = read_zones(zones)
    return Ground(zones=areas, inside=np.array([known[code] for code in areas.codes]))


def evaluate(events: Path, out: Path) -> dict[str, Any]:
    """The job of the comparison with other engines: stays, home, presence, OD."""
    result = run(events, out, unprotected=True)
    return {"steps": _cpu(result.steps), "jumps": result.quality.jumps}


def protect(events: Path, out: Path, zones: Path) -> dict[str, Any]:
    """All steps: cleaning, stays, environment, classes, trips, presence and OD on all levels, expansion, disclosure control."""
    ground = ground_of(zones)
    assert isinstance(ground.zones, Zones)
    expansion, of_population = None, _part("expanding")
    if of_population is not None:
        weigh = of_population.by_population(ground.zones.population)
        expansion = Expansion(weigh, "population") if weigh is not None else None
    result = run(events, out, key=Key(1, 2), ground=ground, ground_made_of="bench", expansion=expansion)
    found: dict[str, Any] = {"steps": _cpu(result.steps), "expanded": expansion is not None, "published": False}
    publishing = _part("publish")
    if publishing is not None:
        begun = time.process_time()
        secret = importlib.import_module("allmende.engines.flows.door").Secret(NOT_A_SECRET)
        # as all rounds before: the usual 20,000 figures looked at by programs cost a quarter of a minute, whatever the events are
        wanted = importlib.import_module("allmende.engines.flows.disclosure").Disclosure(lp_limit=PROGRAMS)
        published = publishing.publish(
            out, wanted=wanted, secret=secret, zone_names=list(ground.zones.codes), zones=ground.zones
        )
        found |= {"published": True, "shown": published.shown, "counted": published.counted}
        found["steps"]["publish"] = round(time.process_time() - begun, 2)
    return found


def _part(name: str) -> Any:
    """A part of the engine that may not be there yet."""
    whole = f"allmende.engines.flows.{name}"
    return importlib.import_module(whole) if importlib.util.find_spec(whole) else None


def _cpu(steps: dict[str, tuple[float, float]]) -> dict[str, float]:
    return {name: round(cpu, 2) for name, (_, cpu) in steps.items()}


def start(name: str) -> None:
    """What a process loads once, however much it has to do, and what is therefore not counted as the job's work: DuckDB's
    instance for the bound; for the engine Numba's own modules, which come with the first call of a kernel (here with no
    rows), and pandas, for which pyarrow looks when it makes its first array (only Spark's packages bring it)."""
    if name == "bound":
        duckdb.connect().execute("select 1").fetchall()
        return
    pa.array(np.zeros(1))
    count_into(np.empty(0, np.int32), np.empty(0, np.int64))


def _used() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _peak_mb() -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) * 1024 / 1e6, 1)


def main() -> None:
    name, *args = sys.argv[1:]
    jobs: dict[str, Callable[[], dict[str, Any]]] = {
        "bound": lambda: bound(Path(args[0]), args[1] if len(args) > 1 else "4GB"),
        "evaluate": lambda: evaluate(Path(args[0]), Path(args[1])),
        "protect": lambda: protect(Path(args[0]), Path(args[1]), Path(args[2])),
    }
    before = _used()
    start(name)
    wall, cpu = time.perf_counter(), _used()
    found = jobs[name]()
    times = {"wall_s": round(time.perf_counter() - wall, 3), "cpu_s": round(_used() - cpu, 3), "peak_mb": _peak_mb()}
    times["start_cpu_s"] = round(cpu - before, 3)
    print(json.dumps(times | found))


if __name__ == "__main__":
    main()
