"""How well and how fast records of one thing are recognised.  Prints JSON.

    .venv/bin/python bench/linkage.py [--size 100000] [--only fodors_zagats starnberg occitanie scale]

``fodors_zagats`` are restaurants of two guides (nothing is tuned on them), ``starnberg`` real events with 25 true
duplicates (read from ``ALLMENDE_SHARED`` or ``../shared``, left out when absent), ``occitanie`` museums that were held out
of training, spoiled like those of the training set, ``scale`` a load set of events with a tenth of it listed twice.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import os
import random
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from allmende.engines.linkage import Decision, Thing, candidates, decide, link, prepare  # noqa: E402
from allmende.engines.linkage.training import real  # noqa: E402
from allmende.engines.linkage.training.material import held_out  # noqa: E402
from allmende.engines.linkage.training.spoil import STYLES, spoil  # noqa: E402
from bench.loadset import make_events  # noqa: E402

EXAMPLES = ROOT / "examples"
FODORS_ZAGATS = ROOT / "tests/engines/linkage/data/fodors_zagats"
SHARED = Path(os.environ.get("ALLMENDE_SHARED", ROOT.parent / "shared"))
STARNBERG = SHARED / "data/linkage/events_starnberg"
Pairs = set[frozenset[str]]


def score(found: Pairs, true: Pairs) -> dict[str, float]:
    hits = len(found & true)
    precision = hits / len(found) if found else 1.0
    recall = hits / len(true) if true else 1.0
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"pairs": len(found), "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def pairs_of(decisions: Iterable[Decision]) -> Pairs:
    return {frozenset((d.left, d.right)) for d in decisions}


# --- Fodor's and Zagat's -------------------------------------------------------------------------------------------


def restaurants(name: str) -> list[Thing]:
    with (FODORS_ZAGATS / f"{name}.csv").open(newline="") as file:
        return [
            Thing(
                id=f"{name}-{row['id']}", kind="place", source=name, names=(row["name"],), street=row["addr"], locality=row["city"],
                phone=row["phone"], categories=(row["type"],),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


def restaurant_matches() -> Pairs:
    with (FODORS_ZAGATS / "matches_fodors_zagats.csv").open(newline="") as file:
        return {frozenset((f"fodors-{row['fodors_id']}", f"zagats-{row['zagats_id']}")) for row in csv.DictReader(file)}


def fodors_zagats() -> dict[str, Any]:
    found = link(restaurants("fodors"), restaurants("zagats"))
    true = restaurant_matches()
    return {
        "joined": score(pairs_of(d for d in found if d.band == "join"), true),
        "joined_and_asked": score(pairs_of(found), true),
        "probable": score(pairs_of(d for d in found if d.probability >= 0.5), true),
    }


# --- events around Lake Starnberg ----------------------------------------------------------------------------------


def starnberg_events() -> list[Thing]:
    rows = json.loads((STARNBERG / "events_428.json").read_bytes())["events"]
    return [starnberg_event(row) for row in rows]


def starnberg_event(row: dict[str, Any]) -> Thing:
    day = date.fromisoformat(row["date"])
    clock = [int(part) for part in (row.get("time") or "").split(":")] if row.get("time") else None
    start = datetime(day.year, day.month, day.day, clock[0], clock[1]) if clock else day
    return Thing(
        id=str(row["id"]), kind="event", source=row["source"], names=(row["title"],), street=row["address"], locality=row["location"],
        url=row["url"], categories=(row["category"],), text=row["description"], dates=((start, None),), venue=row.get("venue") or "",
    )  # fmt: skip


def starnberg_matches() -> Pairs:
    gold = json.loads((STARNBERG / "gold_pairs.json").read_bytes())["gold"]
    return {frozenset(map(str, pair)) for pair in [*gold, *json.loads((STARNBERG / "extra.json").read_bytes())]}


def starnberg() -> dict[str, Any] | None:
    if not STARNBERG.exists():
        return None
    found, true = link(starnberg_events()), starnberg_matches()
    joined = pairs_of(d for d in found if d.band == "join" and d.relation == "same")
    asked = pairs_of(found) - joined
    return {
        "true": len(true),
        "joined": score(joined, true),
        "asked": len(asked),
        "asked_and_true": len(asked & true),
        "missed": sorted(sorted(pair) for pair in true - joined - asked),
    }


# --- museums that were held out ------------------------------------------------------------------------------------


def occitanie(seed: int = 7, rounds: int = 6) -> dict[str, Any]:
    spots = [spot for spot in real.places(EXAMPLES)["occitanie"] if held_out(spot)]
    chance = random.Random(seed)
    total: dict[str, list[float]] = {}
    for _ in range(rounds):
        left = [spoil(chance, spot, chance.choice(STYLES[:6]), f"a{n}") for n, spot in enumerate(spots)]
        right = [spoil(chance, spot, chance.choice(STYLES[:6]), f"b{n}") for n, spot in enumerate(spots)]
        true = {frozenset((f"a{n}", f"b{n}")) for n in range(len(spots))}
        found = link(left, right)
        for name, decisions in (("joined", [d for d in found if d.band == "join"]), ("joined_and_asked", found)):
            total.setdefault(name, []).append(score(pairs_of(decisions), true)["f1"])
    return {"museums": len(spots), **{name: round(sum(values) / len(values), 4) for name, values in total.items()}}


# --- scale ---------------------------------------------------------------------------------------------------------


def load_things(size: int, seed: int = 5) -> Iterator[Thing]:
    """Events of the load set, one in eleven of them listed a second time by another source."""
    chance = random.Random(seed)
    for row in make_events(size * 10 // 11, date(2026, 11, 1)):
        start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
        weekly = "WEEKLY" in row["rule"]
        thing = Thing(
            id=row["id"], kind="event", source=f"s{chance.randrange(40)}", names=(row["title"],), lon=row["lon"], lat=row["lat"],
            text=row["text"][:500], venue=row["place"], organiser=row["organiser"], categories=(row["category"],),
            dates=tuple((start + timedelta(days=7 * week), None) for week in range(20)) if weekly else ((start, end),),
        )  # fmt: skip
        yield thing
        if chance.random() < 0.1:
            words = row["title"].split()
            words.pop(chance.randrange(len(words) - 1))
            yield replace(thing, id=f"{row['id']}-again", source="again", names=(" ".join(words),), venue="")


def scale(size: int) -> dict[str, Any]:
    # A bulk run makes no cycles, and looking for them among a million records costs a quarter of the time.
    gc.disable()
    prepared, preparing = [], 0.0
    for thing in load_things(size):
        clock = time.process_time()
        prepared.append(prepare(thing))
        preparing += time.process_time() - clock
    true = {frozenset((p.id, p.id.removesuffix("-again"))) for p in prepared if p.id.endswith("-again")}
    clock = time.process_time()
    pairs = list(candidates(prepared))
    at_pairs = time.process_time()
    decisions = [d for i, j in pairs if (d := decide(prepared[i], prepared[j])).band != "apart"]
    done = time.process_time()
    gc.enable()
    joined = pairs_of(d for d in decisions if d.band == "join")
    return {
        "records": len(prepared),
        "pairs": len(pairs),
        "joined": score(joined, true),
        "asked": len(decisions) - len(joined),
        "cpu_s": {
            "prepare": round(preparing, 1),
            "keys_and_candidates": round(at_pairs - clock, 1),
            "decide": round(done - at_pairs, 1),
            "all": round(done - clock + preparing, 1),
        },
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--only", nargs="*", default=["fodors_zagats", "starnberg", "occitanie", "scale"])
    options = parser.parse_args()
    measures = {
        "fodors_zagats": fodors_zagats,
        "starnberg": starnberg,
        "occitanie": occitanie,
        "scale": lambda: scale(options.size),
    }
    print(json.dumps({name: measures[name]() for name in options.only}, indent=1))


if __name__ == "__main__":
    main()
