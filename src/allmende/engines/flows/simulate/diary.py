"""What the devices do on one day: where they wake, work, visit, sleep, and when; drawn for all of them at once.

A piece is a stretch of a day at one point.  A device has up to six: where it wakes (or the gate through which it comes),
four activities, where it sleeps (or the gate through which it leaves).  Between two pieces it travels in a straight line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.simulate.calendar import Day
from allmende.engines.flows.simulate.population import Devices, Night, Role
from allmende.engines.flows.simulate.profiles import PLACES, Profile
from allmende.engines.flows.simulate.world import EXTENT, World, draw_places, near

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

KINDS = ("home", "work", "visit", "lodging", "second_home")
HOME, WORK, VISIT, LODGING, SECOND = range(5)
GATE = -1
SLOTS = 6
NO_PLACE, SOMEWHERE = -1, -2
"""Place numbers of what is no attraction: home, work and lodging; an errand."""
SHORTEST = 72
"""Seconds: a piece that is shorter is not kept."""
LATEST = 21.5
"""A visit that would end later is not begun."""
SPEED, TRANSIT_SPEED, OVERHEAD = 55.0, 80.0, 0.15
"""Kilometres an hour as the crow flies, and hours to set off and to park."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Columns of equal length, in order of device and time.  Times in whole seconds since 1970, UTC."""

    device: Ints
    start: Floats
    end: Floats
    kind: npt.NDArray[np.int8]
    """Position in ``KINDS``, or ``GATE``: a moment at which a device comes or leaves, no stay."""
    place: npt.NDArray[np.int32]
    x: Floats
    y: Floats


@dataclass(slots=True)
class _Plan:
    """The day in the making: columns by device, rows by slot."""

    device: Ints
    t0: Floats
    t1: Floats
    kind: npt.NDArray[np.int8]
    place: npt.NDArray[np.int32]
    at: Floats
    """(slots, devices, 2)"""
    valid: Mask
    now: Floats
    """Hour at which each device is free to go on."""
    here: Floats
    """(devices, 2): where it is then."""
    speed: Floats


@dataclass(frozen=True, slots=True)
class _Who:
    """What a day holds for each device."""

    working: Mask
    festival: Mask
    transit: Mask
    visits: Ints
    """Activities wished for; ignored if working, in transit or at the festival."""
    to_place: Floats
    """Chance that an activity is an attraction rather than an errand nearby."""
    base: Floats
    """(devices, 2): errands are near it."""
    must: Mask
    """The first visit is not given up for being far."""


def draw_day(
    profile: Profile, world: World, devices: Devices, day: Day, active: Ints, rng: np.random.Generator
) -> Pieces:
    """The pieces of all active devices on a day."""
    before, after = devices.night_before(day.number, active), devices.night_before(day.number + 1, active)
    role = devices.role[active]
    who = _who(profile, devices, day, active, before, after, rng)
    plan = _begin(profile, world, devices, day, active, before, who, rng)
    away = _gates(world, len(active), rng)
    if len(away):
        came = before == Night.AWAY
        plan.at[0, came], plan.here[came] = away[0][came], away[0][came]
    for slot in range(1, 5):
        _activity(profile, world, devices, day, plan, who, slot, rng)
    _finish(devices, plan, after, role, away)
    if profile.kind == "benchmark":
        _come_and_go(plan, role, before == Night.AWAY, after == Night.AWAY)
    return _flatten(plan, day)


def _who(
    profile: Profile,
    devices: Devices,
    day: Day,
    active: Ints,
    before: npt.NDArray[np.int8],
    after: npt.NDArray[np.int8],
    rng: np.random.Generator,
) -> _Who:
    n = len(active)
    role = devices.role[active]
    at_home = (before == Night.HOME) & (after == Night.HOME)
    working = day.working & at_home & ~np.isnan(devices.work[active, 0]) & (rng.random(n) < 0.93)
    local = role <= Role.NEIGHBOUR
    visits = rng.poisson(np.where(local, 0.8, 2.2))
    to_place = np.where(local, 0.35, 0.85)
    must = np.zeros(n, bool)
    festival = np.zeros(n, bool)
    base = np.where((before == Night.OTHER)[:, None], devices.other[active], devices.home[active])
    base = np.where((before == Night.AWAY)[:, None] & (after == Night.OTHER)[:, None], devices.other[active], base)
    if profile.kind == "benchmark":
        return _Who(working, festival, np.zeros(n, bool), visits, to_place, _lodging_or_home(devices, active), must)
    to_place[role == Role.COMMUTER] = 0.1
    out = (role == Role.NEIGHBOUR) & (rng.random(n) < (0.02 if day.working else 0.12) * min(day.factor, 3.0))
    one_day = (role == Role.DAY_VISITOR) | out
    visits[one_day] = np.maximum(visits[one_day], 1)
    to_place[one_day] = 1.0
    to_place[(role == Role.NEIGHBOUR) & ~out] = 0.0
    must |= one_day
    visits[(role == Role.SECOND_HOME) & (before == Night.AWAY)] = 0
    held = profile.festival
    if held is not None and held.first_day <= day.number < held.first_day + held.days:
        locals_go = (role == Role.RESIDENT) & at_home & ~working & (rng.random(n) < held.residents)
        festival = (role == Role.FESTIVAL) | locals_go
    return _Who(working, festival, role == Role.TRANSIT, visits, to_place, base, must)


def _lodging_or_home(devices: Devices, active: Ints) -> Floats:
    """The lodging if a device has one, else its home."""
    other = devices.other[active]
    return np.where(np.isnan(other), devices.home[active], other)


def _begin(
    profile: Profile,
    world: World,
    devices: Devices,
    day: Day,
    active: Ints,
    before: npt.NDArray[np.int8],
    who: _Who,
    rng: np.random.Generator,
) -> _Plan:
    n = len(active)
    noise = rng.standard_normal(n)
    leave = np.where(who.working, 7.4 + 0.4 * noise, 8.6 + 0.8 * noise)
    leave = np.where(who.festival, 10.5 + 0.8 * noise, leave)
    if profile.kind == "region":
        role, came = devices.role[active], before == Night.AWAY
        leave = np.where(came & (role == Role.GUEST), 14 + 2 * noise, leave)
        leave = np.where(came & (role == Role.SECOND_HOME), 17.5 + noise, leave)
        leave = np.where(came & (role == Role.RESIDENT), 15 + 2 * noise, leave)
        leave = np.where(came & who.transit, rng.uniform(5, 20, n), leave)
    leave = np.clip(leave, 0.5, 20.5)
    start = np.where((before == Night.OTHER)[:, None], devices.other[active], devices.home[active])
    kind = np.where(before == Night.OTHER, _other_kind(devices.role[active]), HOME)
    if profile.kind == "benchmark":
        start, kind = who.base, np.where(devices.role[active] == Role.GUEST, LODGING, HOME)
        gate = np.zeros(n, bool)
    else:
        gate = before == Night.AWAY
    plan = _Plan(
        device=active,
        t0=np.zeros((SLOTS, n)),
        t1=np.zeros((SLOTS, n)),
        kind=np.full((SLOTS, n), VISIT, np.int8),
        place=np.full((SLOTS, n), NO_PLACE, np.int32),
        at=np.zeros((SLOTS, n, 2)),
        valid=np.zeros((SLOTS, n), bool),
        now=leave,
        here=start.copy(),
        speed=np.where(who.transit, TRANSIT_SPEED, SPEED),
    )
    plan.valid[0] = True
    plan.t0[0], plan.t1[0] = np.where(gate, leave, 0.0), leave
    plan.kind[0] = np.where(gate, GATE, kind)
    plan.at[0] = start
    return plan


def _other_kind(role: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
    return np.where(role == Role.SECOND_HOME, SECOND, LODGING)


def _gates(world: World, n: int, rng: np.random.Generator) -> list[Floats]:
    """A gate to come in and, mostly, another to leave by, for each device; a few hundred metres apart from each other's."""
    if not len(world.gates):
        return []
    first = rng.integers(0, len(world.gates), n)
    last = (first + rng.integers(1, len(world.gates), n)) % len(world.gates)
    return [world.gates[g] + rng.uniform(-400, 400, (n, 2)) for g in (first, last)]


def _hours(plan: _Plan, target: Floats) -> Floats:
    way: Floats = np.hypot(*(target - plan.here).T) / 1000
    return OVERHEAD + way / plan.speed


def _activity(
    profile: Profile,
    world: World,
    devices: Devices,
    day: Day,
    plan: _Plan,
    who: _Who,
    slot: int,
    rng: np.random.Generator,
) -> None:
    """Fill one slot: work, the festival, a stop on the way, an attraction or an errand."""
    n = len(plan.device)
    special = who.working | who.festival | who.transit
    free = ~special & (slot <= who.visits)
    attraction = free & (rng.random(n) < who.to_place)
    place = np.where(attraction, _choose(profile, world, day, plan.now, rng), SOMEWHERE)
    nearby = near(rng, np.where(np.isnan(who.base), plan.here, who.base), 800, 9000, EXTENT)
    spread = rng.standard_normal((n, 2)) * 60
    target = np.where(attraction[:, None], world.places[place * attraction] + spread, nearby)
    length = rng.uniform(0.6, 3.0, n)
    go = free
    if slot == 1:
        target = np.where(who.working[:, None], devices.work[plan.device], target)
        place = np.where(who.working, NO_PLACE, place)
        go = go | who.working
        if who.festival.any():
            target = np.where(who.festival[:, None], world.places[-1] + rng.standard_normal((n, 2)) * 120, target)
            place, go = np.where(who.festival, PLACES, place), go | who.festival
        if who.transit.any():
            # Somewhere in the middle of the map, so that the way leads through the area; some stop there to fill up.
            middle = np.array([(world.area[0] + world.area[2]) / 2, (world.area[1] + world.area[3]) / 2])
            target = np.where(who.transit[:, None], middle + rng.uniform(-15e3, 15e3, (n, 2)), target)
            length = np.where(who.transit, rng.uniform(5, 14, n) / 60, length)
            go = go | (who.transit & (rng.random(n) < 0.4))
    elif slot == 2:
        errand = who.working & (rng.random(n) < 0.35)
        home = devices.home[plan.device]
        target = np.where(errand[:, None], near(rng, np.nan_to_num(home, nan=world.area[0]), 800, 6000, EXTENT), target)
        length = np.where(errand, rng.uniform(0.5, 1.8, n), length)
        go = go | errand
    arrive = plan.now + _hours(plan, target)
    leave = arrive + length
    if slot == 1:
        until = np.where(who.festival, 22.3 + 0.4 * rng.standard_normal(n), 16.3 + 0.7 * rng.standard_normal(n))
        leave = np.where(who.working | who.festival, np.maximum(arrive + 0.5, until), leave)
    far = np.hypot(*(target - plan.here).T) > 60_000
    given_up = far & attraction & (rng.random(n) < 0.7) & ~(who.must & (slot == 1))
    late = ~special & (leave > LATEST) & ~given_up & go
    who.visits[late] = 0  # the day's visits are over
    go = go & ~given_up & ~late & (leave < 23.8)
    plan.valid[slot] = go
    plan.t0[slot], plan.t1[slot] = arrive, leave
    plan.kind[slot] = np.where(who.working & (slot == 1), WORK, VISIT)
    plan.place[slot], plan.at[slot] = place, target
    plan.now = np.where(go, leave, plan.now)
    plan.here = np.where(go[:, None], target, plan.here)


def _choose(profile: Profile, world: World, day: Day, now: Floats, rng: np.random.Generator) -> Ints:
    """Attractions by popularity; an intervention moves some of the visits to another place."""
    place = draw_places(rng, world.popularity, len(now))
    shift = profile.intervention
    if shift is not None and day.number >= shift.first_day:
        hour = now + 0.5
        moved = (place == shift.crowded) & (hour >= shift.hours[0]) & (hour < shift.hours[1])
        place[moved & (rng.random(len(now)) < shift.share)] = shift.quiet
    return place


def _finish(
    devices: Devices,
    plan: _Plan,
    after: npt.NDArray[np.int8],
    role: npt.NDArray[np.int8],
    away: list[Floats],
) -> None:
    """The way back, or on, and the night."""
    end = np.where((after == Night.OTHER)[:, None], devices.other[plan.device], devices.home[plan.device])
    kind = np.where(after == Night.OTHER, _other_kind(role), HOME)
    leaves = after == Night.AWAY
    if away:
        end = np.where(leaves[:, None], away[1], end)
    else:
        end = np.where(leaves[:, None], plan.at[0], end)
        kind = np.where(leaves, plan.kind[0], kind)
    still = ~plan.valid[1:5].any(axis=0) & (np.abs(plan.at[0] - end).sum(axis=1) < 1) & (plan.kind[0] != GATE)
    back = np.minimum(plan.now + _hours(plan, end), 23.9)
    if away:
        # Who does not go out stays where it is, and the two pieces become one stay.  In the benchmark nine minutes stay
        # between them, as in the world in which other engines were measured, so that figures per stay compare.
        back = np.where(still, plan.now, back)
    plan.valid[5] = True
    plan.t0[5], plan.t1[5] = back, np.where(leaves & bool(away), back, 24.0)
    plan.kind[5] = np.where(leaves & bool(away), GATE, kind)
    plan.at[5] = end


def _come_and_go(plan: _Plan, role: npt.NDArray[np.int8], comes: Mask, leaves: Mask) -> None:
    """In the benchmark visitors appear with their first visit and vanish after their last."""
    visitor = role == Role.GUEST
    plan.valid[0, visitor & comes] = False
    some = plan.valid[:5].any(axis=0)
    plan.valid[5, visitor & leaves & some] = False


def _flatten(plan: _Plan, day: Day) -> Pieces:
    order = np.flatnonzero(plan.valid.T.ravel())
    at = plan.at.transpose(1, 0, 2).reshape(-1, 2)[order]
    return Pieces(
        device=np.repeat(plan.device, SLOTS)[order],
        start=day.utc(plan.t0.T.ravel()[order]),
        end=day.utc(plan.t1.T.ravel()[order]),
        kind=plan.kind.T.ravel()[order],
        place=plan.place.T.ravel()[order],
        x=np.round(at[:, 0], 1),
        y=np.round(at[:, 1], 1),
    )
