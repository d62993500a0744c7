"""What safe releases cost: CPU seconds, and how far released figures are from the counts.

    .venv/bin/python bench/disclosure.py --devices 20000 --days 7

A made-up region: devices with a home and a class, who are at home at night and at places that draw unequally by day.
Distinct devices are counted by cell, zone, hour, day and class.  WAPE is the sum of the differences between released and
counted people over the sum of the counted people of the finest level; what is left out counts as 0.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows.disclosure import Dimension, Disclosure, Plan, TablePlan, hierarchy, protect
from allmende.engines.flows.disclosure.facts import as_words
from allmende.engines.flows.door import CELL_KEY_MASK, Secret, record_keys

Ints = npt.NDArray[np.int64]
FIRST_HOUR = 490_008
SECRET = Secret(b"of no use, for measurements only")
WEIGHT = 3000
CELLS_OF_A_ZONE = 25


def sightings(devices: int, days: int, seed: int) -> tuple[Ints, Ints, Ints, Ints]:
    """(device, cell, hour, class) of everybody at every hour seen."""
    rng = np.random.default_rng(seed)
    cells = max(devices // 25, 50)
    draw = rng.pareto(1.1, cells) + 0.05
    home = rng.choice(cells, devices, p=draw / draw.sum())
    kind = rng.choice(6, devices, p=[0.55, 0.15, 0.12, 0.1, 0.05, 0.03])
    hours = np.arange(24 * days)
    device = np.repeat(np.arange(devices), len(hours))
    hour = np.tile(hours, devices)
    out = (hour % 24 >= 8) & (hour % 24 < 19) & (rng.random(len(hour)) < 0.7)
    cell = np.where(out, rng.choice(cells, len(hour), p=draw / draw.sum()), home[device])
    seen = rng.random(len(hour)) < 0.35
    return device[seen], cell[seen], hour[seen], kind[device[seen]]


def level(device: Ints, keys: Ints, dims: dict[str, Ints | list[str]], parts: dict[str, Ints]) -> pa.Table:
    """Distinct devices by the given parts."""
    once = np.ones(len(keys), np.int64)
    code = np.zeros(len(keys), np.int64)
    for part in parts.values():
        code = code * (int(part.max()) + 1) + part
    pairs = np.unique(code * (int(device.max()) + 1) + device, return_index=True)[1]
    _, first, where = np.unique(code[pairs], return_index=True, return_inverse=True)
    counted = np.bincount(where, once[pairs]).astype(np.int64)
    key = np.zeros(len(first), np.uint64)
    np.add.at(key, where, keys[pairs].view(np.uint64))
    rows = pairs[first]
    columns = {name: np.asarray(values)[rows] for name, values in dims.items()}
    return pa.table(
        {
            **columns,
            "devices": counted,
            "people_milli": counted * WEIGHT,
            "people_milli2": counted * WEIGHT**2,
            "cell_key": (key & np.uint64(CELL_KEY_MASK)).astype(np.int64),
        }
    )


def region(devices: int, days: int, seed: int) -> tuple[Plan, list[pa.Table]]:
    """The plan, and the counts of all levels; the first one is the finest."""
    device, cell, hour, kind = sightings(devices, days, seed)
    keys = record_keys(np.arange(devices), SECRET)[device]
    zone, day = cell // CELLS_OF_A_ZONE, hour // 24
    zones = np.array([f"zone {i}" for i in range(int(zone.max()) + 1)])
    day_words = np.array([f"day {i}" for i in range(days)])
    levels = []
    for area, area_words in ((cell, cell), (zone, zones[zone])):
        for when, when_words in ((hour, hour + FIRST_HOUR), (day, day_words[day])):
            for by_class in (True, False):
                dims = {"cell": area_words, "hour": when_words} | (
                    {"visitor_class": kind.astype(np.int8)} if by_class else {}
                )
                parts = {"cell": area, "hour": when} | ({"visitor_class": kind} if by_class else {})
                levels.append(level(device, keys, dims, parts))
    dimensions = (
        Dimension("cell", "areas", additive=False),
        Dimension("hour", "times", additive=False, words="hour"),
        Dimension("visitor_class", words="class"),
    )
    hours = as_words(pa.array(FIRST_HOUR + np.arange(24 * days)), "hour").to_pylist()
    trees = {
        "areas": hierarchy((str(c), f"zone {c // CELLS_OF_A_ZONE}") for c in range(int(cell.max()) + 1)),
        "times": hierarchy((word, f"day {i // 24}") for i, word in enumerate(hours)),
    }
    return Plan((TablePlan("presence", dimensions),), trees), levels


def error(released: pa.Table, counted: pa.Table, names: list[str], least: int = 0) -> float:
    """WAPE of released against counted people (in thousandths)."""
    keys = counted.select(names)
    words = {"hour": "hour", "visitor_class": "class"}
    text = [as_words(keys[n].combine_chunks(), words.get(n, "")).to_pylist() for n in names]
    if "visitor_class" not in names:
        released = released.filter(pc.equal(released["visitor_class"], "*"))
    shown = dict(
        zip(zip(*(released[n].to_pylist() for n in names), strict=True), released["people"].to_pylist(), strict=True)
    )
    truth = counted["people_milli"].to_numpy() / 1000
    found = np.array([shown.get(key, 0) for key in zip(*text, strict=True)], dtype=np.float64)
    asked = counted["devices"].to_numpy() >= least
    return float(np.abs(found - truth)[asked].sum() / truth[asked].sum())


def main() -> None:
    """Measure all methods once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lp-limit", type=int, default=0, help="rows left out that linear programs check")
    asked = parser.parse_args()
    plan, levels = region(asked.devices, asked.days, asked.seed)
    small, _ = region(300, 1, 1)
    protect({"presence": region(300, 1, 1)[1]}, small)  # compiles
    rows = sum(one.num_rows for one in levels)
    allowed = sum(int((one["devices"].to_numpy() >= 10).sum()) for one in levels)
    print(f"{rows:,} rows at all levels, {allowed:,} of them from 10 devices or more")
    totals = ["cell", "hour"]
    naive = levels[1]["devices"].to_numpy()
    print(f"threshold alone: WAPE of cells by hours {naive[naive < 10].sum() / naive.sum():.3f}")
    for method in ("suppression", "rounding", "cell_key"):
        began = time.process_time()
        wanted = Disclosure(method=method, lp_limit=asked.lp_limit)  # type: ignore[arg-type]
        release = protect({"presence": levels}, plan, wanted, secret=SECRET).release
        spent = time.process_time() - began
        shown = release.table("presence").rows
        figures = [
            error(shown, levels[1], totals),
            error(shown, levels[1], totals, 20),
            error(shown, levels[5], totals),
        ]
        print(
            f"{method}: {spent:.2f} CPU s, {shown.num_rows:,} rows shown, WAPE cells by hours {figures[0]:.3f}"
            f" (20 devices or more {figures[1]:.3f}), zones by hours {figures[2]:.3f}, unsafe "
            f"{release.protection['relations']['presence']['unsafe']}"
        )


if __name__ == "__main__":
    main()
