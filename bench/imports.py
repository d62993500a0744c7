"""Imports: records per CPU second, the first time and again without change; peak memory by size.

Whole processes are measured.  ``start`` is what one costs that reads a single unchanged record: the start of the program,
which weighs on small deliveries; ``inside_per_cpu_s`` leaves it out.

.venv/bin/python bench/imports.py --sizes 10000 100000 --work /some/folder
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import command, machine


def run(args: list[str], env: dict[str, str]) -> tuple[float, float, str]:
    """CPU seconds, peak MiB and output of one whole process."""
    process = subprocess.Popen(command(*args), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:
        raise SystemExit(process.stderr.read() if process.stderr else "failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out


def write_files(folder: Path, size: int) -> list[dict[str, str]]:
    """The load set, written by a process of its own: Linux counts the peak of a parent as that of its children."""
    events = round(size * 5 / 6)
    program = [sys.executable, str(Path(__file__).with_name("loadset.py")), "--out", str(folder)]
    options = ["--events", str(events), "--places", str(size - events)]
    subprocess.run([*program, *options], check=True, stdout=subprocess.DEVNULL)
    deliveries: list[dict[str, str]] = json.loads((folder / "deliveries.json").read_bytes())
    return deliveries


def start_cost(folder: Path, env: dict[str, str]) -> float:
    """CPU seconds of an import that finds one record, unchanged: the least of three."""
    path = folder / "one.csv"
    path.write_text("title;start\nConcert;2030-01-01\n")
    options = ["import", "--source", "one", "--format", "csv", "--json", str(path)]
    run(options, env)
    return min(run(options, env)[0] for _ in range(3))


def rates(read: int, cpu: float, start: float) -> dict[str, float]:
    """Records per CPU second of whole processes, and without their start."""
    inside = round(read / (cpu - start)) if cpu > start else 0
    return {"cpu_s": round(cpu, 2), "per_cpu_s": round(read / cpu), "inside_per_cpu_s": inside}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    print(json.dumps(machine()))
    for size in args.sizes:
        folder = args.work.absolute() / f"import-{size}"
        shutil.rmtree(folder, ignore_errors=True)
        env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"ALLMENDE_DATA": str(folder / "data")}
        deliveries = write_files(folder / "files", size)
        subprocess.run(command("demo", "--outlines-only"), env=env, check=True, stdout=subprocess.DEVNULL)
        start = start_cost(folder, env)
        print(json.dumps({"size": size, "start_cpu_s": round(start, 2)}), flush=True)
        for turn in ("new", "again"):
            total_cpu, total_read, peak = 0.0, 0, 0.0
            for delivery in deliveries:
                options = ["import", "--source", delivery["source"], "--format", delivery["format"], "--json"]
                options += ["--kind", delivery["kind"], "--language", "fr", "--timezone", "Europe/Paris"]
                if delivery["mapping"]:
                    options += ["--mapping", delivery["mapping"]]
                cpu, memory, out = run([*options, delivery["file"]], env)
                report = json.loads(out)
                total_cpu += cpu
                total_read += report["read"]
                peak = max(peak, memory)
                row = {"size": size, "turn": turn, "format": delivery["format"], "kind": delivery["kind"]}
                row |= {"read": report["read"], "created": report["created"], "unchanged": report["unchanged"]}
                row |= rates(report["read"], cpu, start) | {"peak_MiB": round(memory)}
                print(json.dumps(row), flush=True)
            row = {"size": size, "turn": turn, "format": "all", "read": total_read}
            row |= rates(total_read, total_cpu, start * len(deliveries)) | {"peak_MiB": round(peak)}
            print(json.dumps(row), flush=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
