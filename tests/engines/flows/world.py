"""A small world of devices whose days are known: what the tests of the steps share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows.grid import unproject

DAY = 86_400
MONDAY = 20_605
"""1 June 2026 in days since 1970."""
X0, Y0 = 4_500_500.0, 3_650_500.0


def events(
    *visits: tuple[float, float, float, float],
    device: int = 1,
    every: int = 600,
    noise: float = 10.0,
    mcc: int = 240,
    seed: int = 1,
) -> pa.Table:
    """Sightings of a device that is at (x, y) metres from the corner between two hours since Monday, 0 o'clock UTC."""
    rng = np.random.default_rng([seed, device])
    t, x, y = [], [], []
    for begin, end, east, north in visits:
        at = np.arange(begin * 3600, end * 3600, every)
        t.append(at + MONDAY * DAY)
        x.append(X0 + east + rng.normal(0, noise, len(at)))
        y.append(Y0 + north + rng.normal(0, noise, len(at)))
    return placed(np.concatenate(t), np.concatenate(x), np.concatenate(y), device=device, mcc=mcc)


def placed(t: Any, x: Any, y: Any, *, device: int = 1, mcc: int = 240) -> pa.Table:
    """Sightings at given seconds and metres."""
    lon, lat = unproject(np.asarray(x, float), np.asarray(y, float))
    n = len(t)
    return pa.table(
        {
            "device_id": pa.array(np.full(n, device, np.int64)),
            "ts": pa.array((np.asarray(t, float) * 1_000_000).astype(np.int64), pa.timestamp("us", tz="UTC")),
            "lon": np.round(lon, 6),
            "lat": np.round(lat, 6),
            "mcc": pa.array(np.full(n, mcc, np.int16)),
        }
    )


def deliver(folder: Path, *tables: pa.Table, rows: int = 5000) -> Path:
    """Write sightings as an operator does: in order of time, one file a day."""
    table = pa.concat_tables(tables).sort_by([("ts", "ascending"), ("device_id", "ascending")])
    day = table["ts"].cast(pa.int64()).to_numpy() // (DAY * 1_000_000)
    for d in np.unique(day):
        at = np.flatnonzero(day == d)
        part = folder / f"day={np.datetime64(int(d), 'D')}"
        part.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.slice(int(at[0]), len(at)), part / "part-0.parquet", row_group_size=rows)
    return folder


def resident(
    device: int,
    *,
    days: int = 14,
    home: tuple[float, float] = (0, 0),
    work: tuple[float, float] = (6000, 0),
    every: int = 900,
) -> pa.Table:
    """At home but from 8 to 16 o'clock on working days, when at work half an hour's way off."""
    visits: list[tuple[float, float, float, float]] = []
    for day in range(days):
        if day % 7 < 5:
            visits += [
                (day * 24, day * 24 + 7.5, *home),
                (day * 24 + 8, day * 24 + 16, *work),
                (day * 24 + 16.5, day * 24 + 24, *home),
            ]
        else:
            visits.append((day * 24, day * 24 + 24, *home))
    return events(*visits, device=device, every=every)


def visitor(
    device: int, *, day: int, nights: int, at: tuple[float, float] = (3000, 9000), mcc: int = 240, every: int = 900
) -> pa.Table:
    """Comes at 10 o'clock, spends the nights, leaves at 17 o'clock of the last day."""
    return events((day * 24 + 10, (day + nights) * 24 + 17, *at), device=device, mcc=mcc, every=every)
