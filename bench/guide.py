"""The guide under load: CPU ms per request, requests/s, p50 and p95 with 8 clients, by size of the catalogue.

Each size is loaded by the importer from bench/loadset.py (kept in --work and reused).  "First view" turns the page cache
off, so that every request renders; "repeat view" asks for the same few pages with the cache on.

    .venv/bin/python bench/guide.py --sizes 1000 10000 100000 --work /some/folder [--postgres]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.loadset import write_loadset
from bench.measure import command, load, machine, one, served


def load_catalogue(folder: Path, events: int, places: int, env: dict[str, str]) -> None:
    """Fill an installation, unless it is filled."""
    done = folder / f"loaded{'-postgres' if env.get('DATABASE_URL') else ''}"
    if done.exists():
        return
    deliveries = write_loadset(folder / "files", events, places, date.today())
    subprocess.run(command("demo", "--outlines-only"), env=env, check=True, stdout=subprocess.DEVNULL)
    for delivery in deliveries:
        args = ["import", "--source", delivery["source"], "--format", delivery["format"], "--kind", delivery["kind"]]
        args += ["--language", "fr", "--timezone", "Europe/Paris", "--organisation", "Bench", "--json"]
        if delivery["mapping"]:
            args += ["--mapping", delivery["mapping"]]
        start = time.monotonic()
        answer = subprocess.run(command(*args, delivery["file"]), env=env, capture_output=True, text=True)
        if answer.returncode not in {0, 1}:
            raise SystemExit(answer.stderr + answer.stdout)
        report = json.loads(answer.stdout)
        print(f"  {delivery['source']}: {report['created']} in {time.monotonic() - start:.0f} s", file=sys.stderr)
    subprocess.run(command("tick"), env=env, check=True, stdout=subprocess.DEVNULL)
    done.touch()


def pages(env: dict[str, str]) -> dict[str, list[str]]:
    """For each page type a number of different addresses."""
    chance = random.Random(5)
    code = (
        "import django; django.setup()\n"
        "import json\n"
        "from allmende.catalogue.models import Event, Place, FacetCount\n"
        "from allmende.partners.models import Territory\n"
        "towns = dict(Territory.objects.filter(level='municipality').values_list('pk', 'code'))\n"
        "counts = FacetCount.objects.filter(kind='event', facet='municipality').order_by('-n')[:100]\n"
        "print(json.dumps({'events': list(Event.objects.order_by('?').values_list('slug', 'pk')[:400]),"
        " 'places': list(Place.objects.order_by('?').values_list('slug', 'pk')[:200]),"
        " 'towns': [towns[int(v)] for v in counts.values_list('value', flat=True)],"
        " 'categories': list(FacetCount.objects.filter(kind='event', facet='category').values_list('value', flat=True)),"
        " 'counts': [Event.objects.count(), Place.objects.count()]}))"
    )
    found = json.loads(
        subprocess.run(
            [sys.executable, "-c", code],
            env=env | {"DJANGO_SETTINGS_MODULE": "allmende.site.settings"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    today = date.today()
    days = [(today + timedelta(days=n)).isoformat() for n in range(0, 330, 3)]
    words = [
        "concert",
        "musée",
        "exposition",
        "festival",
        "théâtre",
        "enfants",
        "visite",
        "jazz",
        "nature",
        "conference",
        "atelier",
        "patrimoine",
        "toulouse",
        "marche",
        "cinéma",
        "danse",
        "photo",
        "livre",
        "balade",
        "chateau",
    ]
    boxes = []
    for _ in range(100):
        zoom = chance.randrange(7, 14)
        width = 360 / 2**zoom * 3
        lon, lat = chance.uniform(0.2, 4.4), chance.uniform(42.8, 44.6)
        box = f"{lon - width / 2:.4f},{lat - width / 3:.4f},{lon + width / 2:.4f},{lat + width / 3:.4f}"
        boxes.append(f"/fr/map/data.json?bbox={box}&zoom={zoom}")
    months = [f"{today.year + (today.month + n - 1) // 12}-{(today.month + n - 1) % 12 + 1:02d}" for n in range(11)]
    return {
        "home": [f"/{code}/" for code in ("fr", "en", "de", "sv", "da", "nl")],
        "list": ["/fr/events/", *(f"/fr/events/?from={day}" for day in days)],
        "list by category": [f"/fr/events/?category={c}&from={d}" for c in found["categories"][:10] for d in days[:20]],
        "list by municipality": [f"/fr/events/?municipality={code}" for code in found["towns"]],
        "places": ["/fr/places/", *(f"/fr/places/?category={c}" for c in ("museum", "food", "church"))],
        "search": [f"/fr/search/?q={word}" for word in words]
        + [f"/fr/search/?q={a}+{b}" for a in words[:8] for b in words[8:16]],
        "search with a typo": [
            f"/fr/search/?q={w}" for w in ("expositoin", "festivla", "muzique", "conferance", "tehatre")
        ],
        "calendar month": [f"/fr/calendar/?month={month}" for month in months],
        "event": [f"/fr/events/{slug}-{pk}/" for slug, pk in found["events"]],
        "place": [f"/fr/places/{slug}-{pk}/" for slug, pk in found["places"]],
        "map data": boxes,
        "calendar file of a search": [f"/fr/events.ics?category={c}" for c in found["categories"][:10]],
    }


def quoted(paths: list[str]) -> list[str]:
    from urllib.parse import quote

    return [quote(path, safe="/?&=,+:.") for path in paths]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--only", nargs="*", default=[])
    args = parser.parse_args()
    server = None
    results: list[dict[str, Any]] = []
    print(json.dumps(machine()))
    for size in args.sizes:
        folder = args.work.absolute() / str(size)
        env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL"}}
        env["ALLMENDE_DATA"] = str(folder / ("data-postgres" if args.postgres else "data"))
        if args.postgres:
            from tests.postgres import start_postgres

            server = start_postgres()
            env["DATABASE_URL"] = server.url
            (folder / "loaded-postgres").unlink(missing_ok=True)
        try:
            load_catalogue(folder, size, max(200, size // 5), env)
            asked = pages(env)
            for view, settings in (("first", {"ALLMENDE_PAGE_CACHE_MB": "0"}), ("repeat", {})):
                with served(env, **settings) as (pid, port):
                    for name, paths in asked.items():
                        if args.only and name not in args.only:
                            continue
                        paths = quoted(paths if view == "first" else paths[:5])
                        status, bytes_sent = one(port, paths[0])
                        for path in paths[:12]:
                            one(port, path)
                        figures = load(pid, port, paths, seconds=args.seconds)
                        row = {
                            "events": size,
                            "view": view,
                            "page": name,
                            "status": status,
                            "bytes": bytes_sent,
                            **figures,
                        }
                        results.append(row)
                        print(json.dumps(row), flush=True)
        finally:
            if server:
                server.stop()
                server = None
    print(table(results))


def table(results: list[dict[str, Any]]) -> str:
    lines = [
        "| page | view | events | CPU ms | requests/s | p50 ms | p95 ms | kB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['page']} | {r['view']} | {r['events']:,} | {r['cpu_ms']} | {r['rps']:.0f} | {r['p50']} | {r['p95']} | {r['kB']:.0f} |"
        for r in sorted(results, key=lambda r: (r["page"], r["view"], r["events"]))
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
