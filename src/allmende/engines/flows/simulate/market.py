"""The operator's share of the market by zone, and how many people live there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.simulate.profiles import Profile
from allmende.engines.flows.simulate.world import HOME_MCC, World, draw_homes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NOT_SEEN = 5
"""People of a neighbouring zone who never come, per person who does: they live there, and are not in the delivery."""


@dataclass(slots=True)
class Market:
    """Shares by zone and by home network, and the people counted so far."""

    zone_share: Floats
    mcc_share: dict[int, float]
    population: Ints

    def of(self, zone: Ints, mcc: npt.NDArray[np.int16]) -> Floats:
        """The share where each device lives: of its zone, or of its country if that is beyond the map or abroad."""
        codes, position = np.unique(mcc, return_inverse=True)
        found = np.array([self.mcc_share[int(code)] for code in codes], np.float64)[position]
        local = (zone >= 0) & (mcc == HOME_MCC)
        found[local] = self.zone_share[zone[local]]
        return found


def open_market(profile: Profile, world: World, codes: list[int], rng: np.random.Generator) -> Market:
    """Shares around ``profile.market_share``, biased by zone and by home network."""

    def draw(n: int) -> Floats:
        drawn = profile.market_share * np.exp(profile.share_bias * rng.standard_normal(n))
        return np.asarray(np.round(np.clip(drawn, 0.02, 1.0), 4), np.float64)

    zones = len(world.zones.zones)
    shares = draw(len(codes))
    return Market(draw(zones), dict(zip(codes, map(float, shares), strict=True)), np.zeros(zones, np.int64))


def customers(rng: np.random.Generator, world: World, market: Market, towns: Floats, n: int) -> Floats:
    """(n, 2) homes of the operator's customers.

    People are drawn one after the other, each a customer with the share of the zone, until there are ``n`` customers; all
    people drawn are added to the population, so that it, the devices and the shares fit together.
    """
    found = []
    missing = n
    inside = towns is world.towns
    while missing:
        people = draw_homes(rng, towns, int(missing / market.zone_share.mean() * 1.1) + 50, None)
        zone = world.zones.of(people[:, 0], people[:, 1])
        fine = zone >= 0
        if inside:
            fine &= (people[:, 0] >= world.area[0]) & (people[:, 0] <= world.area[2])
            fine &= (people[:, 1] >= world.area[1]) & (people[:, 1] <= world.area[3])
        else:
            fine &= np.array([z.country == HOME_MCC and not z.inside for z in world.zones.zones])[zone]
        people, zone = people[fine], zone[fine]
        customer = rng.random(len(people)) < market.zone_share[zone]
        enough = np.searchsorted(np.cumsum(customer), missing) + 1
        people, zone, customer = people[:enough], zone[:enough], customer[:enough]
        market.population += np.bincount(zone, minlength=len(market.population)) * (1 if inside else 1 + NOT_SEEN)
        found.append(people[customer])
        missing -= int(customer.sum())
    return np.concatenate(found) if found else np.empty((0, 2))


def table(market: Market, world: World, zone: Ints, mcc: npt.NDArray[np.int16]) -> pa.Table:
    """zone (code of the municipality, or the country code of visitors from beyond), devices, share, population."""
    abroad = np.flatnonzero((zone < 0) | (mcc != HOME_MCC))
    local = np.setdiff1d(np.arange(len(zone)), abroad)
    by_zone = np.bincount(zone[local], minlength=len(world.zones.zones))
    rows = [
        (z.code, int(by_zone[i]), float(market.zone_share[i]), int(market.population[i]))
        for i, z in enumerate(world.zones.zones)
        if z.country == HOME_MCC
    ]
    for code in sorted(market.mcc_share):
        rows.append((str(code), int((mcc[abroad] == code).sum()), market.mcc_share[code], None))  # type: ignore[arg-type]
    names = ("zone", "devices", "share", "population")
    types = (pa.string(), pa.int64(), pa.float64(), pa.int64())
    return pa.table({name: pa.array([row[i] for row in rows], types[i]) for i, name in enumerate(names)})
