"""Who is at which place in which hour, without the events: the truth that ``simulate`` writes down, hundreds of seasons of it.

World, devices and diaries are drawn from the same streams of chance as by ``simulate`` with the same profile and seed, so that
these are the same people.  Every day has a stream of its own: days may be left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.simulate import diary, market, population, world
from allmende.engines.flows.simulate.calendar import Day, days_of
from allmende.engines.flows.simulate.profiles import Profile
from allmende.engines.flows.simulate.streams import DIARY, GROUND, MARKET, PEOPLE, chance
from allmende.engines.flows.simulate.truth import observable

Counts = npt.NDArray[np.int64]
HOURS = 24


@dataclass(frozen=True, slots=True)
class People:
    """A world and who is in it: what every day of a profile begins with."""

    world: world.World
    market: market.Market
    devices: population.Devices


def people_of(profile: Profile, days: Sequence[Day], *, seed: int) -> People:
    """The world and the devices of a profile, drawn with ``seed``."""
    ground = world.build(profile, chance(seed, GROUND))
    codes = [world.HOME_MCC, *map(int, population.FOREIGN_MCC)]
    opened = market.open_market(profile, ground, codes, chance(seed, MARKET))
    return People(ground, opened, population.populate(profile, ground, list(days), opened, chance(seed, PEOPLE)))


def place_hours(profile: Profile, *, seed: int, first: int = 0, people: People | None = None) -> Counts:
    """Different devices at each place in each local hour: (days from ``first`` on, places, 24).

    A place is an attraction, and behind them all a festival's site in a region.  ``people``: those of this profile and seed,
    where they are known already; an intervention does not change them.

    Raises:
        ProfileError: if the time zone is not whole hours from UTC in the period.
    """
    days = days_of(profile)
    there = people or people_of(profile, days, seed=seed)
    found = np.zeros((len(days) - first, len(there.world.places), HOURS), np.int64)
    for day in days[first:]:
        active = there.devices.active(day.number)
        pieces = diary.draw_day(profile, there.world, there.devices, day, active, chance(seed, DIARY, day.number))
        found[day.number - first] = _by_hour(observable(pieces, there.world.border), day, len(there.world.places))
    return found


def _by_hour(pieces: diary.Pieces, day: Day, places: int) -> Counts:
    """(places, 24) of a day; the hour that comes twice in autumn counts whoever is there in either."""
    rows = np.flatnonzero(pieces.place >= 0)
    place, device = pieces.place[rows].astype(np.int64), pieces.device[rows]
    low = np.maximum(np.floor((pieces.start[rows] - day.start) / 3600).astype(np.int64), 0)
    high = np.minimum(np.ceil((pieces.end[rows] - day.start) / 3600).astype(np.int64), len(day.hours))
    span = np.maximum(high - low, 0)
    row = np.repeat(np.arange(len(span)), span)
    step = low[row] + np.arange(len(row)) - np.repeat(np.cumsum(span) - span, span)
    hour = np.array(day.hours, np.int64)[step]
    once = np.unique((place[row] * HOURS + hour) * (int(device.max(initial=0)) + 1) + device[row])
    return np.bincount(once // (int(device.max(initial=0)) + 1), minlength=places * HOURS).reshape(places, HOURS)
