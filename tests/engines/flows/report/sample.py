"""A small released region: a town, a beach and a forest through two weeks of July, with commuters and guests."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from allmende.engines.flows.grid import inspire_code, unproject
from allmende.engines.flows.release import Release, ReleasedTable, write_release
from allmende.engines.flows.report import Check, RunSummary, Uncertainty, Zone, write_summary

FIRST, DAYS = date(2026, 7, 4), 14
EAST, NORTH = 4_300_000, 3_000_000
SIDE = 8_000
"""metres of a zone"""
NAMES = ("Havn", "Strand", "Skov", "Mark", "Nørre By", "Lillebæk")
CLASSES = {
    "resident": 0.46, "commuter": 0.07, "domestic_same_day": 0.13, "domestic_overnight": 0.14,
    "inbound_same_day": 0.05, "inbound_overnight": 0.1, "transit": 0.05,
}  # fmt: skip
ORIGINS = {"Z0": 0.2, "Z1": 0.17, "Z2": 0.12, "Z3": 0.09, "1000262": 0.2, "1000240": 0.09, "1000204": 0.07, "-1": 0.06}


def zones() -> tuple[Zone, ...]:
    found = []
    for at, name in enumerate(NAMES):
        x, y = EAST + at % 3 * SIDE, NORTH + at // 3 * SIDE
        ring = np.array([[x, y], [x + SIDE, y], [x + SIDE, y + SIDE], [x, y + SIDE], [x, y]], float)
        lon, lat = unproject(ring[:, 0], ring[:, 1])
        middle = unproject(np.array([x + SIDE / 2]), np.array([y + SIDE / 2]))
        outline = (tuple(zip(lon.tolist(), lat.tolist(), strict=True)),)
        found.append(Zone(f"Z{at}", name, float(middle[0][0]), float(middle[1][0]), outline))
    return tuple(found)


def _rows(rows: list[tuple[object, ...]], names: tuple[str, ...]) -> pa.Table:
    return pa.table({name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)})


def presence() -> ReleasedTable:
    """Whole area per hour and day by class and origin; cells per day."""
    rng = np.random.default_rng(7)
    names = ("area", "level", "hour", "visitor_class", "origin", "people")
    rows: list[tuple[object, ...]] = []
    for at in range(DAYS):
        day = FIRST + timedelta(days=at)
        weekend = 1.35 if day.weekday() >= 5 else 1.0
        people = round(21_000 * weekend * rng.uniform(0.94, 1.06))
        stamp = day.isoformat()
        rows.append(("*", "region", stamp, "*", "*", people))
        rows += [("*", "region", stamp, name, "*", round(people * share * (weekend if "same_day" in name else 1))) for name, share in CLASSES.items()]  # fmt: skip
        rows += [("*", "region", stamp, "*", name, round(people * share)) for name, share in ORIGINS.items()]
        for hour in range(24):
            amount = round(people * (0.55 + 0.3 * np.exp(-(((hour - 14.5) / 4) ** 2))))
            rows.append(("*", "region", f"{stamp}T{hour:02d}", "*", "*", amount))
        for zone, share in enumerate((0.34, 0.21, 0.06, 0.09, 0.12, 0.26)):
            rows.append((f"Z{zone}", "municipality", stamp, "*", "*", round(people * share * rng.uniform(0.95, 1.05))))
    for x in range(24):
        for y in range(16):
            mean = 900 * np.exp(-((x - 5) ** 2 + (y - 5) ** 2) / 14) + 400 * np.exp(
                -((x - 17) ** 2 + (y - 11) ** 2) / 20
            )
            for at in range(DAYS):
                people = round(mean * rng.uniform(0.8, 1.2))
                if people >= 45:  # the threshold of ten devices, expanded
                    code = inspire_code((EAST // 1000 + x) * 100_000 + NORTH // 1000 + y)
                    rows.append((code, "cell_1km", (FIRST + timedelta(days=at)).isoformat(), "*", "*", people))
    return ReleasedTable("presence", _rows(rows, names), names[:-1])


def od() -> ReleasedTable:
    rng = np.random.default_rng(8)
    names = ("period", "o", "d", "visitor_class", "people")
    week = (FIRST - date(1970, 1, 1)).days
    rows = [
        (week + 7 * part, f"Z{o}", f"Z{d}", "*", round(4000 * rng.uniform(0.2, 1.0) / (1 + abs(o - d)) ** 1.5))
        for part in range(2)
        for o in range(6)
        for d in range(6)
    ]
    return ReleasedTable("od", _rows(rows, names), names[:-1])


def summary(**changes: object) -> RunSummary:
    values: dict[str, object] = {
        "area": "Havn & Strand",
        "simulated": True,
        "timezone": "Europe/Copenhagen",
        "created": "2026-11-29T06:00:00+00:00",
        "uncertainty": Uncertainty(4.5, 0.0004),
        "nights": {0: 40_100, 1: 6_200, 2: 9_300, 3: 5_100, 4: 3_800, 5: 2_200, 6: 1_900, 7: 4_400, 8: 700, 9: 400, 10: 300, 14: 900},
        "read": 20_481_233,
        "kept": 19_562_101,
        "dropped": {"duplicate": 402_113, "inaccurate": 311_204, "jump": 122_001, "no_place": 61_775, "clock": 22_039},
        "figures": 412_000,
        "suppressed": 128_300,
        "people_share_suppressed": 0.061,
        "checks": (Check("presence adds up", True), Check("no device twice", True, "0 of 20,000"), Check("nothing below the threshold", True)),
        "zones": zones(),
    }  # fmt: skip
    return RunSummary(**{**values, **changes})  # type: ignore[arg-type]


PROTECTION = {"method": "suppression", "threshold": 10, "interval": 5, "rounding": "to 5", "complementary": True}
LINEAGE = {
    "inputs": {"2026-07-04": "sha256 5f1c…", "2026-07-05": "sha256 a901…"},
    "parameters": {"timezone": "Europe/Copenhagen", "stay_radius": 300.0, "stay_seconds": 1200},
    "version": "0.2.0",
    "engine": "duckdb",
}


def write_run(folder: Path, *, tables: tuple[ReleasedTable, ...] | None = None, told: RunSummary | None = None) -> Path:
    """A run folder with its release and summary."""
    write_release(
        Release(tables=tables if tables is not None else (presence(), od()), protection=PROTECTION, lineage=LINEAGE),
        folder / "release",
    )
    write_summary(told or summary(), folder)
    return folder
