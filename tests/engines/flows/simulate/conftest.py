"""Small worlds, each simulated once for all tests, and how to read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.grid import project
from allmende.engines.flows.simulate import EVERY_DIRT, Delivery, Profile, Summary, benchmark, region, simulate


@dataclass(frozen=True)
class Written:
    """A simulated folder."""

    profile: Profile
    folder: Path
    summary: Summary

    def table(self, name: str) -> pa.Table:
        return pq.read_table(self.folder / f"{name}.parquet")

    def days(self) -> list[pa.Table]:
        """The first delivery of each day, in order of the days."""
        return [pq.read_table(path, partitioning=None) for path in sorted(self.folder.glob("events/*/part-0.parquet"))]

    def events(self) -> pa.Table:
        return pa.concat_tables(self.days())


def columns(table: pa.Table) -> dict[str, Any]:
    """As arrays; times as seconds since 1970."""
    found = {}
    for name in table.column_names:
        values = table[name]
        if pa.types.is_timestamp(values.type):
            found[name] = values.cast(pa.int64()).to_numpy() / 1e6
        else:
            found[name] = values.to_numpy()
    return found


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Profile], Written]:
    made: dict[str, Written] = {}

    def make(name: str, profile: Profile) -> Written:
        if name not in made:
            folder = tmp_path_factory.mktemp("simulated") / name
            made[name] = Written(profile, folder, simulate(profile, folder, seed=11))
        return made[name]

    return make


Make = Callable[[str, Profile], Written]


@pytest.fixture(scope="session")
def bench(written: Make) -> Written:
    """150 devices of the benchmark, a week."""
    return written("benchmark", benchmark(devices=150, days=7))


@pytest.fixture(scope="session")
def summer(written: Make) -> Written:
    """A clean region for two weeks of August, with its festival, on a GPS logger every ten minutes."""
    profile = region(
        devices=250,
        days=14,
        start=date(2026, 8, 3),
        events_per_day=144,
        rhythm="steady",
        noise_m=15,
        visits=0.05,
        sites=200,
        delivery=Delivery(accuracy=True),
    )
    return written("summer", profile)


@pytest.fixture(scope="session")
def dirty(written: Make) -> Written:
    """The nights of a change to daylight-saving time, with some of every dirt."""
    profile = region(devices=200, days=5, start=date(2026, 3, 26), dirt=EVERY_DIRT, sites=200)
    return written("dirty", profile)


@pytest.fixture(scope="session")
def year(written: Make) -> Written:
    """A year of a few devices, few events."""
    return written("year", region(devices=80, events_per_day=1, visits=0.08, sites=100))


def positions(events: pa.Table) -> tuple[Any, Any]:
    """Metres, EPSG:3035, of events with coordinates."""
    return project(events["lon"].to_numpy(), events["lat"].to_numpy())


def stay_of_each(events: pa.Table, stays: pa.Table) -> Any:
    """Row in ``stays`` of the true stay at the time of each event; -1: on the way."""
    truth, seen = columns(stays), columns(events)
    found = np.full(len(seen["ts"]), -1)
    for device in np.unique(truth["device_id"]):
        mine = np.flatnonzero(truth["device_id"] == device)
        mine = mine[np.argsort(truth["t0"][mine])]
        rows = np.flatnonzero(seen["device_id"] == device)
        at = np.searchsorted(truth["t0"][mine], seen["ts"][rows], "right") - 1
        fits = (at >= 0) & (seen["ts"][rows] <= truth["t1"][mine][np.maximum(at, 0)])
        found[rows[fits]] = mine[at[fits]]
    return found
