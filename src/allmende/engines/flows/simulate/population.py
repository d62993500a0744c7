"""Who is there: devices with their homes, work places, second homes and lodgings, and the nights they spend where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.simulate.calendar import Day
from allmende.engines.flows.simulate.market import Market, customers
from allmende.engines.flows.simulate.profiles import PLACES, Profile
from allmende.engines.flows.simulate.world import HOME_MCC, World, draw_homes, draw_places, keep_in, near

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]

FOREIGN_MCC = np.array([238, 262, 204, 242, 260, 234])
FOREIGN_SHARE = np.array([0.35, 0.28, 0.12, 0.1, 0.1, 0.05])
BEFORE = 14
"""Days before the period in which trips may have begun that reach into it."""


class Role(IntEnum):
    """Why a device is in the delivery."""

    RESIDENT = 0
    COMMUTER = 1
    NEIGHBOUR = 2
    SECOND_HOME = 3
    GUEST = 4
    DAY_VISITOR = 5
    TRANSIT = 6
    FESTIVAL = 7


class Night(IntEnum):
    """Where a night is spent."""

    AWAY = -1
    HOME = 0
    OTHER = 1
    """The second home or the lodging."""


@dataclass(slots=True)
class Devices:
    """Columns of equal length, a device each; the regular ones first, then trips in order of their first day."""

    role: Codes
    mcc: npt.NDArray[np.int16]
    home: Floats
    """(n, 2), NaN: far beyond the map."""
    work: Floats
    """(n, 2), NaN: none."""
    other: Floats
    """(n, 2): second home or lodging, NaN: none."""
    first: npt.NDArray[np.int32]
    """First and last day of a trip; of a regular device those of the period."""
    last: npt.NDArray[np.int32]
    zone: Ints
    """Home municipality as position in the zones; -1 beyond the map."""
    share: Floats
    """Market share of the operator where the device lives: each device stands for 1 / share people."""
    regular: int
    nights: Codes
    """(days + 1, regular): where the regular devices spend the night before each day."""

    def __len__(self) -> int:
        return len(self.role)

    def night_before(self, day: int, devices: Ints) -> Codes:
        """Where each of ``devices`` spends the night that ends on the morning of ``day``."""
        found = np.full(len(devices), Night.AWAY, np.int8)
        regular = devices < self.regular
        found[regular] = self.nights[day, devices[regular]]
        trip = devices[~regular]
        inside = (self.first[trip] < day) & (day <= self.last[trip])
        found[~regular] = np.where(inside, Night.OTHER, Night.AWAY)
        return found

    def active(self, day: int) -> Ints:
        """Devices of which anything happens on a day."""
        regular = np.flatnonzero((self.nights[day] != Night.AWAY) | (self.nights[day + 1] != Night.AWAY))
        trips = self.first[self.regular :]
        # No trip is longer than 60 days, so only those that began since then are looked at.
        low, high = np.searchsorted(trips, [day - 60, day + 1])
        candidates = np.arange(low, high) + self.regular
        return np.concatenate([regular, candidates[self.last[candidates] >= day]])


def _foreign(rng: np.random.Generator, n: int) -> Ints:
    return rng.choice(FOREIGN_MCC, n, p=FOREIGN_SHARE)


@dataclass(slots=True)
class _Group:
    """Devices of one role in the making."""

    role: Role
    mcc: Ints
    home: Floats
    work: Floats
    other: Floats
    first: Ints
    last: Ints


def _nowhere(n: int) -> Floats:
    return np.full((n, 2), np.nan)


def _group(
    role: Role,
    n: int,
    days: int,
    *,
    mcc: Ints | int = HOME_MCC,
    home: Floats | None = None,
    work: Floats | None = None,
    other: Floats | None = None,
    first: Ints | int = 0,
    last: Ints | None = None,
) -> _Group:
    return _Group(
        role,
        np.broadcast_to(mcc, n).astype(np.int64),
        _nowhere(n) if home is None else home,
        _nowhere(n) if work is None else work,
        _nowhere(n) if other is None else other,
        np.broadcast_to(first, n).astype(np.int64),
        np.full(n, days - 1) if last is None else last,
    )


def _join(groups: list[_Group], world: World, market: Market, regular: int, nights: Codes) -> Devices:
    def all_of(name: str) -> npt.NDArray[np.float64]:
        return np.concatenate([getattr(group, name) for group in groups])

    home, mcc = all_of("home"), all_of("mcc").astype(np.int16)
    zone = np.full(len(mcc), -1, np.int64)
    known = ~np.isnan(home[:, 0])
    zone[known] = world.zones.of(home[known, 0], home[known, 1])
    return Devices(
        role=np.concatenate([np.full(len(group.mcc), group.role, np.int8) for group in groups]),
        mcc=mcc, home=home, work=all_of("work"), other=all_of("other"),
        first=all_of("first").astype(np.int32), last=all_of("last").astype(np.int32),
        zone=zone, share=market.of(zone, mcc), regular=regular, nights=nights,
    )  # fmt: skip


def populate(profile: Profile, world: World, days: list[Day], market: Market, rng: np.random.Generator) -> Devices:
    """The devices of a profile; ``market`` learns how many people live where."""
    make = _benchmark if profile.kind == "benchmark" else _region
    return make(profile, world, days, market, rng)


def _benchmark(profile: Profile, world: World, days: list[Day], market: Market, rng: np.random.Generator) -> Devices:
    klass = rng.choice(4, profile.devices, p=[0.70, 0.08, 0.14, 0.08])
    n = np.bincount(klass, minlength=4)
    homes = customers(rng, world, market, world.towns, int(n[0]))
    work = draw_homes(rng, world.towns, int(n[0]))
    work[rng.random(len(work)) >= 0.62] = np.nan
    far_work = draw_homes(rng, world.towns, int(n[1]))
    groups = [
        _group(Role.RESIDENT, int(n[0]), profile.days, home=homes, work=work),
        _group(
            Role.COMMUTER,
            int(n[1]),
            profile.days,
            home=near(rng, far_work, 35_000, 70_000, world.area),
            work=far_work,
        ),
    ]
    visitors = int(n[2] + n[3])
    nights = rng.choice([0, 1, 2, 3, 4, 7], visitors, p=[0.34, 0.2, 0.17, 0.13, 0.09, 0.07])
    first = np.sort(rng.integers(0, profile.days, visitors))
    mcc = np.full(visitors, HOME_MCC)
    inbound = rng.permutation(visitors)[: n[3]]
    mcc[inbound] = _foreign(rng, int(n[3]))
    at = world.places[draw_places(rng, world.popularity, visitors)]
    lodging = near(rng, at, 400, 5000, world.area)
    last = np.minimum(profile.days - 1, first + nights)
    groups.append(
        _group(Role.GUEST, visitors, profile.days, mcc=mcc, other=lodging, first=first, last=last)
    )  # fmt: skip
    regular = int(n[0] + n[1])
    return _join(groups, world, market, regular, np.zeros((profile.days + 1, regular), np.int8))


def _counts(profile: Profile) -> list[int]:
    mix = profile.mix
    edges = np.cumsum([0, mix.residents, mix.commuters, mix.commuters_abroad, mix.neighbours, mix.second_homes])
    return [int(n) for n in np.diff(np.rint(edges * profile.devices))]


def _region(profile: Profile, world: World, days: list[Day], market: Market, rng: np.random.Generator) -> Devices:
    n_res, n_com, n_abr, n_nei, n_sec = _counts(profile)
    area = world.area
    work = draw_homes(rng, world.towns, n_res, area)
    work[rng.random(n_res) >= 0.62] = np.nan
    out = rng.random(n_res) < profile.mix.outbound
    work[out] = draw_homes(rng, world.far_towns, int(out.sum()), world.zones.boxes[1])
    quiet = world.popularity[:PLACES].copy()
    quiet[: PLACES // 2] = 0
    second = near(rng, world.places[draw_places(rng, quiet, n_sec)], 400, 3000, area)
    second_mcc = np.where(rng.random(n_sec) < 0.4, 262, HOME_MCC)
    near_homes = customers(rng, world, market, world.near_towns, n_com + n_nei)
    groups = [
        _group(Role.RESIDENT, n_res, profile.days, home=customers(rng, world, market, world.towns, n_res), work=work),
        _group(
            Role.COMMUTER,
            n_com,
            profile.days,
            home=near_homes[:n_com],
            work=draw_homes(rng, world.towns, n_com, area),
        ),
        _group(
            Role.COMMUTER,
            n_abr,
            profile.days,
            mcc=238,
            home=keep_in(draw_homes(rng, world.far_towns, n_abr), world.zones.boxes[1]),
            work=draw_homes(rng, world.towns, n_abr, area),
        ),
        _group(Role.NEIGHBOUR, n_nei, profile.days, home=near_homes[n_com:]),
        _group(Role.SECOND_HOME, n_sec, profile.days, mcc=second_mcc, other=second),
    ]
    regular = profile.devices
    nights = np.zeros((profile.days + 1, regular), np.int8)
    _holidays(nights[:, :n_res], days, rng)
    _second_homes(nights[:, regular - n_sec :], days, rng)
    groups.extend(_trips(profile, world, days, rng))
    made = _join(groups, world, market, regular, nights)
    return _by_first_day(made)


def _by_first_day(devices: Devices) -> Devices:
    order = np.concatenate(
        [np.arange(devices.regular), devices.regular + np.argsort(devices.first[devices.regular :], kind="stable")]
    )
    for name in ("role", "mcc", "home", "work", "other", "first", "last", "zone", "share"):
        setattr(devices, name, getattr(devices, name)[order])
    return devices


def _holidays(nights: Codes, days: list[Day], rng: np.random.Generator) -> None:
    """Residents are away for one or two weeks a year, more often when visitors come, too."""
    factor = np.array([day.factor for day in days])
    weight = factor / max(factor.sum(), 1e-9)
    n = nights.shape[1]
    years = len(days) / 365
    away = np.flatnonzero(rng.random(n) < min(1.0, years))
    for _ in range(max(1, round(years))):
        start = np.minimum(np.searchsorted(np.cumsum(weight), rng.random(len(away))), len(days) - 1)
        length = rng.choice([7, 14], len(away))
        for day in range(len(days) + 1):
            nights[day, away[(start < day) & (day <= start + length)]] = Night.AWAY


def _second_homes(nights: Codes, days: list[Day], rng: np.random.Generator) -> None:
    """Used on some weekends, on the eves of public holidays, and for two or three weeks of summer."""
    n = nights.shape[1]
    nights[:] = Night.AWAY
    summer = rng.integers(170, 215, n)  # day of the year
    length = rng.choice([14, 21], n)
    going = rng.random(n) < 0.4
    for number in range(len(days) + 1):
        evening = days[max(number - 1, 0)]
        weekday = evening.date.weekday() if number else (evening.date.weekday() - 1) % 7
        if weekday == 4 or number == 0:  # one choice holds for the weekend
            going = rng.random(n) < min(0.9, 0.35 * max(evening.factor, 0.2))
        following = days[min(number, len(days) - 1)]
        holiday = not following.working and following.date.weekday() < 5
        ordinal = evening.date.timetuple().tm_yday
        in_summer = (summer <= ordinal) & (ordinal < summer + length)
        nights[number, (going & ((weekday in (4, 5)) or holiday)) | in_summer] = Night.OTHER


def _trips(profile: Profile, world: World, days: list[Day], rng: np.random.Generator) -> list[_Group]:
    """Guests, visitors for a day, transit and the festival's crowd: a pseudonym lasts for one trip."""
    factor = np.array([day.factor for day in days])
    factor = np.concatenate([np.full(BEFORE, factor[0]), factor])
    begun = rng.poisson(profile.visits * profile.devices * factor)
    first = np.repeat(np.arange(-BEFORE, len(days)), begun)
    role = rng.choice([Role.GUEST, Role.DAY_VISITOR, Role.TRANSIT], len(first), p=[0.4, 0.38, 0.22])
    nights = rng.choice([1, 2, 3, 4, 7, 13], len(first), p=[0.28, 0.26, 0.18, 0.12, 0.12, 0.04])
    groups = []
    for kind, inbound in ((Role.GUEST, 0.4), (Role.DAY_VISITOR, 0.3), (Role.TRANSIT, 0.5)):
        mine = role == kind
        start = first[mine]
        end = start + nights[mine] if kind == Role.GUEST else start
        reaching = end >= 0
        start, end = start[reaching], end[reaching]
        n = len(start)
        mcc = np.where(rng.random(n) < inbound, _foreign(rng, n), HOME_MCC)
        at = world.places[draw_places(rng, world.popularity, n)]
        lodging = near(rng, at, 400, 5000, world.area) if kind == Role.GUEST else None
        groups.append(_group(kind, n, profile.days, mcc=mcc, other=lodging, first=start, last=end))
    festival = profile.festival
    if festival is not None:
        n = round(festival.guests * profile.devices)
        camps = rng.random(n) < festival.overnight
        mcc = np.where(rng.random(n) < festival.inbound, _foreign(rng, n), HOME_MCC)
        start = festival.first_day + np.where(camps, 0, rng.integers(0, festival.days, n))
        end = np.where(camps, festival.first_day + festival.days - 1, start)
        site = np.broadcast_to(world.places[-1], (n, 2))
        camp = np.where(camps[:, None], near(rng, site, 400, 1500, world.area), np.nan)
        groups.append(
            _group(Role.FESTIVAL, n, profile.days, mcc=mcc, other=camp, first=start, last=end)
        )  # fmt: skip
    return groups
