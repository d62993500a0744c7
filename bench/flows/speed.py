"""Events per CPU-second and memory of the visitor-flow engine beside the bound of every engine that sorts."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from allmende.engines.flows.simulate import Delivery, benchmark, simulate
from bench.flows import peers
from bench.measure import machine

DEVICES = {"1m": 1_000, "20m": 20_000, "200m": 200_000}
"""Devices for about so many events in 14 days at 75 events a day."""
SEED = 7
GOALS = {"ordered": 1.05, "unordered": 0.7}


def calibrate() -> float:
    """CPU ms of the fixed loop of ``bench/views.py``, which says how fast the machine is at the moment."""
    start = time.process_time()
    sum(number * number for number in range(2_000_000))
    return (time.process_time() - start) * 1000


def world(work: Path, size: str) -> Path:
    """The simulated delivery: events by day in order of time, the same in one file, and that file in no order."""
    data = work / f"benchmark-{size}"
    if not data.exists():
        print(f"simulating {size} …", file=sys.stderr, flush=True)
        simulate(benchmark(devices=DEVICES[size], delivery=Delivery(files="both")), data, seed=SEED)
    mixed = data / "events_mixed.parquet"
    if not mixed.exists():
        db = duckdb.connect()
        spill = data / "spill"
        db.execute(f"set threads = 2; set memory_limit = '3GB'; set temp_directory = '{spill}'; set TimeZone = 'UTC'")
        db.execute(
            f"""copy (from '{data}/events_flat.parquet' order by hash(device_id, ts, lon)) to '{data}/mixed.partial'
            (format parquet, compression zstd)"""
        )
        (data / "mixed.partial").rename(mixed)
        shutil.rmtree(spill, ignore_errors=True)
    return data


def job(*args: str | Path) -> dict[str, Any]:
    """One job in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.flows.job", *map(str, args)],
        cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{args[0]} failed ({done.returncode}):\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(data: Path, out: Path, times: int) -> dict[str, Any]:
    """Each job ``times`` times in turn, so that what slows the machine slows all; medians, and ratios to the bound beside it."""
    events = json.loads((data / "meta.json").read_text())["events"]
    flat, mixed, days, zones = (
        data / name for name in ("events_flat.parquet", "events_mixed.parquet", "events", "zones.geojson")
    )
    rounds: list[dict[str, dict[str, Any]]] = []
    loops = [calibrate()]
    for turn in range(times):
        found: dict[str, dict[str, Any]] = {}
        for name, args in (
            ("bound", ("bound", flat)),
            ("ordered", ("evaluate", days, out)),
            ("unordered", ("evaluate", mixed, out)),
            ("all steps", ("protect", days, out, zones)),
        ):
            shutil.rmtree(out, ignore_errors=True)
            found[name] = job(*args)
            print(f"{turn + 1}/{times} {name}: {json.dumps(found[name])}", file=sys.stderr, flush=True)
        rounds.append(found)
        loops.append(calibrate())
    shutil.rmtree(out, ignore_errors=True)
    result: dict[str, Any] = {"events": events, "fixed_loop_ms": [round(loop) for loop in loops], "jobs": {}}
    for name in rounds[0]:
        runs = [found[name] for found in rounds]
        cpu, wall = (statistics.median(run[key] for run in runs) for key in ("cpu_s", "wall_s"))
        ratio = statistics.median(found["bound"]["cpu_s"] / found[name]["cpu_s"] for found in rounds)
        result["jobs"][name] = {
            "cpu_s": [run["cpu_s"] for run in runs],
            "wall_s": [run["wall_s"] for run in runs],
            "events_per_cpu_s": round(events / cpu),
            "events_per_wall_s": round(events / wall),
            "start_cpu_s": [run["start_cpu_s"] for run in runs],
            "peak_mb": max(run["peak_mb"] for run in runs),
            "to_bound": round(ratio, 3),
            "goal_to_bound": GOALS.get(name),
        } | {key: runs[-1][key] for key in ("steps", "expanded", "published", "shown", "counted") if key in runs[-1]}
    return result


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench flows speed", description=__doc__)
    parser.add_argument("--events", choices=sorted(DEVICES), default="20m")
    parser.add_argument("--work", type=Path, required=True, help="where the simulated data are kept")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument(
        "--peer-python", action="append", default=[], metavar="ENGINE=PYTHON",
        help="infostop, skmob or trackintel and a Python that has it; with --peers",
    )  # fmt: skip
    parser.add_argument("--peers", type=Path, help="the folder of the scripts bench_ENGINE.py")
    parser.add_argument(
        "--peer-devices", type=int, default=1000, help="devices of the peers' run, about 1,050 events each"
    )
    args = parser.parse_args(argv)
    args.work.mkdir(parents=True, exist_ok=True)
    warm = args.work / "benchmark-tiny"
    if not warm.exists():
        simulate(benchmark(devices=50, days=3, intervention=None), warm, seed=SEED)
    for name, more in (
        ("evaluate", ()),
        ("protect", (warm / "zones.geojson",)),
    ):  # compiled kernels are kept from now on
        job(name, warm / "events", args.work / "out-tiny", *more)
        shutil.rmtree(args.work / "out-tiny", ignore_errors=True)
    found: dict[str, Any] = {"day": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "machine": machine()}
    found |= measure(world(args.work, args.events), args.work / f"out-{os.getpid()}", args.times)
    if args.peers and args.peer_python:
        ours = found["jobs"]["ordered"]["events_per_cpu_s"]
        found["peers"] = peers.measure(
            args.peers, args.peer_python, world(args.work, "1m"), args.peer_devices, args.work
        )
        for peer in found["peers"].values():
            if "events_per_cpu_s" in peer:
                peer["ours_is_times"] = round(ours / peer["events_per_cpu_s"], 1)
    print(json.dumps(found, indent=1))
