"""Matching: CPU seconds and peak memory for comparing everything, and after one more delivery.

.venv/bin/python bench/match.py --size 100000 --work /some/folder

A tenth of the records is delivered by a second source too, with other words.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.imports import run
from bench.loadset import EVENT_FIELDS, FIELDS, make_events, make_places, write_json
from bench.measure import command, machine


def told_again(row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same thing as another source tells it: a word less, a point some metres off."""
    words = row["title"].split()
    if len(words) > 4:
        words.pop(chance.randrange(len(words) - 1))
    moved = {
        "lon": round(row["lon"] + chance.gauss(0, 0.0006), 5),
        "lat": round(row["lat"] + chance.gauss(0, 0.0004), 5),
    }
    return {**row, "id": f"again-{row['id']}", "title": " ".join(words), "text": row["text"][:200], **moved}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    folder = args.work.absolute() / f"match-{args.size}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"ALLMENDE_DATA": str(folder / "data")}
    print(json.dumps(machine()))
    subprocess.run(command("demo", "--outlines-only"), env=env, check=True, stdout=subprocess.DEVNULL)
    chance = random.Random(44)
    unique = round(args.size / 1.1)
    events = list(make_events(round(unique * 5 / 6), date.today()))
    places = list(make_places(unique - len(events)))

    def take_in(source: str, rows: list[dict[str, Any]], kind: str) -> None:
        write_json(folder / f"{source}.json", rows)
        fields = EVENT_FIELDS if kind == "event" else FIELDS
        mapping = folder / f"{kind}.mapping.json"
        mapping.write_text(json.dumps({"kind": kind, "records": "", "key": "id", "language": "fr", "fields": fields}))
        options = ["--kind", kind, "--language", "fr", "--timezone", "Europe/Paris", "--mapping", str(mapping)]
        run(["import", "--source", source, "--format", "json", "--json", *options, str(folder / f"{source}.json")], env)

    def match(what: str) -> None:
        cpu, memory, out = run(["match", "--json"], env)
        report = json.loads(out)
        names = ("records", "compared", "joined", "asked", "unions", "members", "open")
        row = {"what": what, "cpu_s": round(cpu, 2), "peak_MiB": round(memory)} | {name: report[name] for name in names}
        print(json.dumps(row), flush=True)

    take_in("first", events, "event")
    take_in("places", places, "place")
    take_in("second", [told_again(row, chance) for row in chance.sample(events, len(events) // 10)], "event")
    take_in("register", [told_again(row, chance) for row in chance.sample(places, len(places) // 10)], "place")
    match("everything")
    match("nothing changed")
    take_in("third", [told_again(row, chance) for row in chance.sample(events, 200)], "event")
    match("200 more")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
