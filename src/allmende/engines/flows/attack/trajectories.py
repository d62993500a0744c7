"""Trajectories recovered from counts by place and hour.

At night people stay where they are, by day they go on as they went: assigning the counts of one hour to those of the next at the
least cost (the Hungarian method) chains them to trajectories.  F. Xu, Z. Tu, Y. Li, P. Zhang, X. Fu, D. Jin, Trajectory Recovery From
Ash: User Privacy Is NOT Preserved in Aggregated Mobility Data, WWW 2017.  A chain tells of a person only while that person is
alone in its place; chains through crowds of the threshold or more are the crowd's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from allmende.engines.flows.attack.cube import Floats, Ints
from allmende.engines.flows.attack.findings import MOST_NAMED, Finding, Limits, Truth, capped
from allmende.engines.flows.attack.hours import Hourly, hour_of, hourly
from allmende.engines.flows.attack.knowledge import Sums

ATTACK = "trajectories"
NIGHT = (22, 6)
LONGEST = 48
"""Hours that are chained."""
ELSEWHERE = 50_000.0
"""Metres between two places of which nothing is known."""


@dataclass
class Chain:
    """Places hour by hour, and whether the device was alone in each."""

    start: int
    places: list[int] = field(default_factory=list)
    alone: list[bool] = field(default_factory=list)

    def longest_alone(self) -> tuple[int, int]:
        """(first step, number of steps) of the longest time alone."""
        best, run = (0, 0), 0
        for step, alone in enumerate(self.alone):
            run = run + 1 if alone else 0
            if run > best[1]:
                best = (step - run + 1, run)
        return best


def trajectories(sums: Sums, limits: Limits, truth: Truth | None) -> Iterator[Finding]:
    """Single devices that can be followed for ``chained_hours`` or more."""
    table = hourly(sums.cube)
    if table is None:
        return
    weight = sums.known.weight
    devices = np.maximum(np.rint(table.people / weight), 1).astype(np.int64)
    if not (devices == 1).any():
        return  # nobody is alone anywhere
    chains = [
        chain for chain in chain_counts(table, devices, limits) if chain.longest_alone()[1] >= limits.chained_hours
    ]
    chains.sort(key=lambda chain: -chain.longest_alone()[1])
    success = (
        "" if truth is None else f" {_success(table, chains, truth):.0%} of their hours are those of one real person."
    )
    found = []
    for chain in chains[:MOST_NAMED]:
        first, hours = chain.longest_alone()
        path = chain.places[first : first + hours]
        place = {
            table.cube.axes[table.area].name: table.place_names[path[0]],
            table.cube.axes[table.hour].name: _label(table, chain.start + first),
        }
        found.append(
            Finding(
                ATTACK,
                sums.cube.sources[0].name,
                {**place, "followed": f"{hours} hours"},
                f"one device can be followed for {hours} hours through {len(set(path))} places",
                f"Counts of each hour assigned to the next at the least distance; it was alone all the time.{success}",
                "leak",
                "Withhold figures below the threshold, counted in devices.",
                weight,
                weight,
                1.0 if sums.known.weight_from != "assumed" else None,
                1.0 if sums.known.weight_from != "assumed" else None,
            )
        )
    yield from capped(found, len(chains), ATTACK, sums.cube.sources[0].name)


def _label(table: Hourly, hour: int) -> str:
    return table.cube.axes[table.hour].labels[int(np.flatnonzero(table.hour_of_code == hour)[0])]


def chain_counts(table: Hourly, devices: Ints, limits: Limits) -> list[Chain]:
    """Chains over the first ``LONGEST`` hours; the largest crowds are left out until an hour has at most ``most_units``."""
    done: list[Chain] = []
    active: list[Chain] = []
    first = int(table.hours[devices == 1].min())
    for hour in range(first, min(first + LONGEST, int(table.hours.max()) + 1)):
        at = np.flatnonzero(table.hours == hour)
        at = at[np.argsort(devices[at], kind="stable")]
        at = at[np.cumsum(devices[at]) <= limits.most_units]
        places = np.repeat(table.place[at], devices[at])
        alone = np.repeat(devices[at] == 1, devices[at])
        active, ended = _assign(active, places, alone, hour, table.xy, table.ahead)
        done += ended
    return done + active


def _assign(
    active: list[Chain], places: Ints, alone: np.typing.NDArray[np.bool_], hour: int, xy: Floats, ahead: int
) -> tuple[list[Chain], list[Chain]]:
    taken = np.full(len(places), -1, np.int64)
    if active and len(places):
        last = np.array([chain.places[-1] for chain in active])
        before = np.array([chain.places[-2] if len(chain.places) > 1 else chain.places[-1] for chain in active])
        aim = xy[last]
        if NIGHT[1] <= (hour + ahead) % 24 < NIGHT[0]:
            aim = aim + (xy[last] - xy[before])
        cost = np.hypot(aim[:, None, 0] - xy[places][None, :, 0], aim[:, None, 1] - xy[places][None, :, 1])
        apart = np.where(last[:, None] == places[None, :], 0.0, ELSEWHERE)
        cost = np.where(np.isfinite(cost), cost, apart)
        rows, columns = linear_sum_assignment(cost)
        taken[columns] = rows
    following = []
    for position, place in enumerate(places.tolist()):
        chain = active[taken[position]] if taken[position] >= 0 else Chain(hour)
        chain.places.append(place)
        chain.alone.append(bool(alone[position]))
        following.append(chain)
    kept = set(taken[taken >= 0].tolist())
    return following, [chain for number, chain in enumerate(active) if number not in kept]


def _success(table: Hourly, chains: list[Chain], truth: Truth) -> float:
    """Mean over the chains of the share of their hours that agree with the one person that fits best."""
    code = {label: number for number, label in enumerate(table.place_names)}
    people = [{hour_of(hour): code.get(str(place), -1) for place, hour in points} for points in truth.paths.values()]
    shares = []
    for chain in chains:
        hits = [
            sum(person.get(chain.start + step) == place for step, place in enumerate(chain.places)) for person in people
        ]
        shares.append(max(hits, default=0) / len(chain.places))
    return float(np.mean(shares)) if shares else 0.0
