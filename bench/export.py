"""Everything out again: CPU seconds, peak memory, size and time to the first byte of each format, by size of the catalogue.

Each size is loaded by the importer from bench/loadset.py (kept in --work and reused).  Every export runs in a process of
its own that throws the bytes away; "base" is the memory of a process that exports nothing, so that what an export itself
needs can be read off.

    .venv/bin/python bench/export.py --sizes 1000 10000 100000 --work /some/folder [--formats ical csv]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.guide import load_catalogue
from bench.measure import machine

FORMATS = ("ical", "json", "csv", "geojson", "schema-org", "alpinebits", "parquet", "xlsx")
ONE = """
import json, resource, sys, time
import django
django.setup()
from datetime import UTC, datetime
from allmende.catalogue import queries
name = sys.argv[1]
counts = queries.count(queries.Choice())
kinds = tuple(kind for kind in ("event", "place", "offer") if kind in queries.FORMATS[name].kinds) if name != "base" else ()
if name in {"ical", "alpinebits"}:
    kinds = ("event",)
start, wall = time.process_time(), time.monotonic()
size, first = 0, 0.0
if kinds:
    pieces = queries.export(name, queries.Choice(kinds), origin="https://bench.example", title="Bench", now=datetime.now(UTC))
    for piece in pieces:
        first = first or time.process_time() - start
        size += len(piece)
print(json.dumps({
    "cpu": time.process_time() - start, "first": first, "bytes": size,
    "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    "records": sum(counts[kind] for kind in kinds),
}))
"""


def measure(name: str, env: dict[str, str]) -> dict[str, float]:
    """One export in a process of its own."""
    done = subprocess.run([sys.executable, "-c", ONE, name], env=env, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    print(machine())
    print("| format | events | records | CPU s | to first byte | MB | peak RSS MB | above base MB |")
    print("|---|---|---|---|---|---|---|---|")
    for size in args.sizes:
        folder = args.work / str(size)
        (folder / "data").mkdir(parents=True, exist_ok=True)
        env = os.environ | {"ALLMENDE_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "allmende.site.settings"}
        load_catalogue(folder, size, size // 5, env)
        base = measure("base", env)["rss"]
        for name in args.formats:
            found = measure(name, env)
            print(
                f"| {name} | {size:,} | {found['records']:,.0f} | {found['cpu']:.2f} | {found['first']:.2f}"
                f" | {found['bytes'] / 1e6:.1f} | {found['rss'] / 1024:.0f} | {(found['rss'] - base) / 1024:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
