"""The network: antenna sites, their cells, and which cell serves where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.spatial import cKDTree

from allmende.engines.flows.grid import unproject
from allmende.engines.flows.simulate.profiles import Profile
from allmende.engines.flows.simulate.world import EXTENT, SIDE, SOUTH, WEST, World

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.int32]

PIXEL = 200.0
PIXELS = int(SIDE / PIXEL)


@dataclass(frozen=True, slots=True)
class Network:
    """The cell plan and, per time of validity, the best and the second best cell of every pixel (a best-server map)."""

    plan: pa.Table
    switch: int
    """Day from which the second map holds; the number of days if there is no second."""
    best: tuple[Cells, ...]
    second: tuple[Cells, ...]

    def maps(self, day: int) -> tuple[Cells, Cells]:
        """Best and second best cell by pixel on a day."""
        version = int(day >= self.switch)
        return self.best[version], self.second[version]


def pixel(x: Floats, y: Floats) -> npt.NDArray[np.int64]:
    """Number of the pixel of each point; points beyond the edge belong to the pixel there."""
    column = np.clip((x - WEST) * (1 / PIXEL), 0, PIXELS - 1).astype(np.int64)
    row = np.clip((y - SOUTH) * (1 / PIXEL), 0, PIXELS - 1).astype(np.int64)
    return row * PIXELS + column


def _centres() -> Floats:
    at = (np.arange(PIXELS) + 0.5) * PIXEL
    x, y = np.meshgrid(WEST + at, SOUTH + at)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _sites(world: World, rng: np.random.Generator, n: int) -> Floats:
    """Six in ten around towns, the others anywhere in the country."""
    towns = np.concatenate([world.towns, world.near_towns])
    weight = towns[:, 2] / towns[:, 2].sum()
    in_towns = int(n * 0.6)
    town = rng.choice(len(towns), in_towns, p=weight)
    crowded = towns[town, :2] + rng.standard_normal((in_towns, 2)) * towns[town, 3:]
    low = (max(WEST, world.border), SOUTH)
    anywhere = rng.uniform(low, EXTENT[2:], (n - in_towns, 2))
    sites = np.concatenate([crowded, anywhere])
    sites[:, 0] = np.maximum(sites[:, 0], world.border + 100)
    return sites


def _serve(sites: Floats, first_cell: Cells, sectors: int, centres: Floats) -> tuple[Cells, Cells, Floats]:
    """Best and second best cell of every pixel, and the distance to the best one's site."""
    distance, nearest = cKDTree(sites).query(centres, k=2)
    bearing = np.arctan2(*(centres[:, None, :] - sites[nearest]).transpose(2, 0, 1)) % (2 * np.pi)
    width = 2 * np.pi / sectors
    sector = np.floor((bearing / width + 0.5) % sectors).astype(np.int32) if sectors > 1 else np.int32(0)
    cell = first_cell[nearest] + sector
    return cell[:, 0].astype(np.int32), cell[:, 1].astype(np.int32), distance[:, 0]


def build(profile: Profile, world: World, rng: np.random.Generator) -> Network:
    """The network of a profile: cells are numbered by site and sector; replaced sites get new numbers behind them."""
    n, sectors = profile.sites, profile.sectors
    sites = _sites(world, rng, n)
    replaced = np.sort(rng.choice(n, round(n * profile.replaced_sites), replace=False))
    switch = profile.days // 2
    if not len(replaced) or switch == 0:
        replaced, switch = replaced[:0], profile.days
    moved = sites[replaced] + rng.uniform(-400, 400, (len(replaced), 2))
    moved[:, 0] = np.maximum(moved[:, 0], world.border + 100)
    every = np.concatenate([sites, moved])
    first = (np.arange(len(every)) * sectors).astype(np.int32)
    centres = _centres()
    versions = [_serve(sites, first[:n], sectors, centres)]
    if len(replaced):
        later_sites, later_first = sites.copy(), first[:n].copy()
        later_sites[replaced], later_first[replaced] = moved, first[n:]
        versions.append(_serve(later_sites, later_first, sectors, centres))
    reach = np.zeros(len(every) * sectors)
    for best, _, distance in versions:
        np.maximum.at(reach, best, distance)
    valid_from: list[date | None] = [None] * len(every)
    valid_until: list[date | None] = [None] * len(every)
    day = profile.start + timedelta(switch)
    for i, site in enumerate(replaced):
        valid_until[site], valid_from[n + i] = day - timedelta(1), day
    plan = _plan(every, sectors, np.maximum(reach * 1.1 + 250, 500), valid_from, valid_until)
    return Network(plan, switch, tuple(v[0] for v in versions), tuple(v[1] for v in versions))


def _plan(
    sites: Floats, sectors: int, reach: Floats, valid_from: list[date | None], valid_until: list[date | None]
) -> pa.Table:
    x, y = np.repeat(sites[:, 0], sectors), np.repeat(sites[:, 1], sectors)
    lon, lat = unproject(x, y)
    columns = {
        "cell_id": pa.array(np.arange(len(x), dtype=np.int32)),
        "lon": lon,
        "lat": lat,
        "x": x,
        "y": y,
        "site": pa.array(np.repeat(np.arange(len(sites), dtype=np.int32), sectors)),
        "range_m": np.round(reach, 1),
    }
    if sectors > 1:
        columns["azimuth"] = np.tile(np.arange(sectors) * (360.0 / sectors), len(sites))
        columns["beam"] = np.full(len(x), 360.0 / sectors)
    for name, dates in (("valid_from", valid_from), ("valid_until", valid_until)):
        columns[name] = pa.array([day for day in dates for _ in range(sectors)], pa.date32())
    return pa.table(columns)
