"""The API under load: CPU ms per request, inside one process and served, with requests/s and p95 for 8 clients.

Uses the load set of bench/guide.py (loaded once into --work, on SQLite or PostgreSQL) and asks for lists, searches, single
records and changes at many addresses.  The first line of the figures inside the process is a fixed loop: it tells how fast
the machine is at the moment.

    .venv/bin/python bench/api.py --size 100000 --work /some/folder [--postgres]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.guide import load_catalogue, quoted
from bench.measure import load, machine, one, served

TIMES = 40


def addresses(ids: list[int], towns: list[str]) -> dict[str, list[str]]:
    """For each kind of request a number of different addresses."""
    words = ["concert", "musée", "exposition", "festival", "théâtre", "enfants", "jazz", "nature", "atelier", "danse"]
    keys = ["music", "theatre-dance", "exhibition", "festival", "sport", "workshop"]
    days = [f"2027-{month:02d}-{day:02d}" for month in range(1, 9) for day in (3, 12, 21)]
    root = "/api/v1"
    return {
        "list of 20": [f"{root}/events", *(f"{root}/events?since={day}" for day in days)],
        "list of 20, three fields": [f"{root}/events?since={day}&fields=name,next,place" for day in days],
        "list by category": [f"{root}/events?category={key}&since={day}" for key in keys for day in days[:8]],
        "list by municipality": [f"{root}/events?municipality={code}" for code in towns],
        "near a point": [f"{root}/events?near={1.2 + n / 20:.2f},43.{n:02d}&radius_km=10" for n in range(20, 60)],
        "places": [f"{root}/places?limit=20", *(f"{root}/places?category={key}" for key in ("museum", "church"))],
        "words in a list": [f"{root}/events?q={word}" for word in words],
        "search": [f"{root}/search?q={word}" for word in words],
        "one event": [f"{root}/events/{pk}" for pk in ids],
        "changes, 100": [f"{root}/changes?modified_since=1970-01-01T00:00:00Z&limit=100"],
        "changes, 1000": [f"{root}/changes?modified_since=1970-01-01T00:00:00Z&limit=1000"],
    }


PROBE = """
import json, sys, time
import django
django.setup()
from django.test import Client
from allmende.catalogue.models import Event, FacetCount
from allmende.partners.models import Territory
from allmende.site.api import ANONYMOUS
from bench.api import TIMES, addresses
ANONYMOUS.quota = 10**9
towns = dict(Territory.objects.filter(level="municipality").values_list("pk", "code"))
counts = FacetCount.objects.filter(kind="event", facet="municipality").order_by("-n")[:60].values_list("value", flat=True)
asked = addresses(list(Event.objects.order_by("?").values_list("pk", flat=True)[:200]), [towns[int(v)] for v in counts])
client = Client(HTTP_HOST="127.0.0.1", HTTP_ACCEPT_LANGUAGE="fr")
def cpu(work):
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000
rows = {"fixed loop": [cpu(lambda: sum(n * n for n in range(2_000_000))) for _ in range(3)]}
for name, paths in asked.items():
    for path in paths[:5]:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.content)
    rows[name] = [cpu(lambda: client.get(paths[n % len(paths)])) for n in range(TIMES)]
etag = client.get(asked["list of 20"][0])["ETag"]
rows["unchanged (304)"] = [cpu(lambda: client.get(asked["list of 20"][0], headers={"if-none-match": etag})) for _ in range(TIMES)]
print(json.dumps({"asked": asked, "rows": rows}))
"""


def figures(env: dict[str, str]) -> tuple[dict[str, list[str]], dict[str, list[float]]]:
    """Addresses, and CPU ms of each request through the whole middleware inside one process."""
    environment = env | {
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }
    done = subprocess.run([sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout)
    return found["asked"], found["rows"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--no-load", action="store_true", help="only inside one process")
    args = parser.parse_args()
    folder = args.work.absolute() / str(args.size)
    env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    env["ALLMENDE_DATA"] = str(folder / ("data-postgres" if args.postgres else "data"))
    server = None
    if args.postgres:
        from tests.postgres import start_postgres

        server = start_postgres()
        env["DATABASE_URL"] = server.url
        (folder / "loaded-postgres").unlink(missing_ok=True)
    print(json.dumps(machine()))
    try:
        load_catalogue(folder, args.size, max(200, args.size // 5), env)
        asked, inside = figures(env)
        results: list[dict[str, Any]] = []
        for name, times in inside.items():
            ordered = sorted(times)
            results.append(
                {"name": name, "median": ordered[len(ordered) // 2], "p95": ordered[int(len(ordered) * 0.95) - 1]}
            )
        served_figures: dict[str, dict[str, Any]] = {}
        print(table(results, {}), flush=True)
        if not args.no_load:
            # A limit for each sender would stop the load: one machine asks for all.
            with served(env, ALLMENDE_API_PER_MINUTE="1000000000") as (pid, port):
                for name, paths in asked.items():
                    quoted_paths = quoted(paths)
                    for path in quoted_paths[:8]:
                        one(port, path)
                    served_figures[name] = load(pid, port, quoted_paths, seconds=args.seconds)
        print(table(results, served_figures))
    finally:
        if server:
            server.stop()


def table(results: list[dict[str, Any]], served_figures: dict[str, dict[str, Any]]) -> str:
    lines = [
        "| request | in one process: CPU ms, median / p95 | served: CPU ms | requests/s | p50 / p95 ms | kB |",
        "|---|---|---|---|---|---|",
    ]
    for row in results:
        far = served_figures.get(row["name"], {})
        told = f"{far['cpu_ms']} | {far['rps']:.0f} | {far['p50']} / {far['p95']} | {far['kB']}" if far else " | | | "
        lines.append(f"| {row['name']} | {row['median']:.1f} / {row['p95']:.1f} | {told} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
