"""Sightings: sampled from stays and ways hour by hour, for all devices at once, in order of time, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.grid import unproject
from allmende.engines.flows.simulate.calendar import RHYTHM, Day
from allmende.engines.flows.simulate.cells import Network, pixel
from allmende.engines.flows.simulate.diary import GATE, Pieces
from allmende.engines.flows.simulate.profiles import Profile
from allmende.engines.flows.simulate.world import SIDE, SOUTH, WEST

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST = 1_000_000
"""Events sampled at a time."""
BLOCK = 1 << 15
"""Points whose degrees are computed at a time: they fit into the processor's cache."""
_SEGMENT_BITS = 27
DEGREE = 6
MARGIN = 45_000.0


@dataclass(frozen=True, slots=True)
class Events:
    """Columns of equal length.  ``device`` counts from 0; ``ts`` is microseconds since 1970, UTC; ``cell`` -1: none."""

    device: npt.NDArray[np.int32]
    ts: Ints
    lon: Floats
    lat: Floats
    cell: npt.NDArray[np.int32]
    no_position: npt.NDArray[np.int64]
    """Rows without coordinates."""
    no_mcc: npt.NDArray[np.int64]
    """Rows without the home network's country."""
    accuracy: npt.NDArray[np.float32] | None

    def __len__(self) -> int:
        return len(self.ts)


@dataclass(frozen=True, slots=True)
class Segments:
    """Stays and ways of a day.  Position at ``t`` is ``x + (t - start) * vx``; seconds, metres."""

    device: npt.NDArray[np.int32]
    start: Floats
    end: Floats
    x: Floats
    y: Floats
    vx: Floats
    vy: Floats
    sigma: npt.NDArray[np.float32]

    def take(self, rows: Ints) -> Segments:
        """Some of the rows."""
        return Segments(*(getattr(self, name)[rows] for name in self.__slots__))


def segments(pieces: Pieces, noise_m: float) -> Segments:
    """The stays among ``pieces`` and the ways between them."""
    rest = np.flatnonzero((pieces.kind != GATE) & (pieces.end > pieces.start))
    same = pieces.device[1:] == pieces.device[:-1]
    way = np.flatnonzero(same & (pieces.start[1:] > pieces.end[:-1]))
    duration = pieces.start[way + 1] - pieces.end[way]
    none = np.zeros(len(rest))
    return Segments(
        device=np.concatenate([pieces.device[rest], pieces.device[way]]).astype(np.int32),
        start=np.concatenate([pieces.start[rest], pieces.end[way]]),
        end=np.concatenate([pieces.end[rest], pieces.start[way + 1]]),
        x=np.concatenate([pieces.x[rest], pieces.x[way]]),
        y=np.concatenate([pieces.y[rest], pieces.y[way]]),
        vx=np.concatenate([none, (pieces.x[way + 1] - pieces.x[way]) / duration]),
        vy=np.concatenate([none, (pieces.y[way + 1] - pieces.y[way]) / duration]),
        sigma=np.concatenate([np.full(len(rest), noise_m), np.full(len(way), noise_m * 1.5)]).astype(np.float32),
    )


@cache
def _coefficients() -> tuple[Floats, Floats]:
    """Polynomials in x and y, (power of y, power of x), for longitude and latitude: exact to a centimetre, and fast."""
    nodes = np.cos((np.arange(24) + 0.5) * np.pi / 24)
    u, v = (grid.ravel() for grid in np.meshgrid(nodes, nodes))
    half = SIDE / 2 + MARGIN
    lon, lat = unproject(WEST + SIDE / 2 + u * half, SOUTH + SIDE / 2 + v * half)
    powers = [(i, j) for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i)]
    basis = np.stack([v**i * u**j for i, j in powers], axis=1)
    found = []
    for values in (lon, lat):
        solved = np.linalg.lstsq(basis, values, rcond=None)[0]
        table = np.zeros((DEGREE + 1, DEGREE + 1))
        for (i, j), value in zip(powers, solved, strict=True):
            table[i, j] = value
        found.append(table)
    return found[0], found[1]


def degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude of points on the map and up to 45 km beyond, rounded to six decimals."""
    half = SIDE / 2 + MARGIN
    out = (np.empty(len(x)), np.empty(len(x)))
    for low in range(0, len(x), BLOCK):
        part = slice(low, low + BLOCK)
        u, v = (x[part] - (WEST + SIDE / 2)) / half, (y[part] - (SOUTH + SIDE / 2)) / half
        for table, target in zip(_coefficients(), out, strict=True):
            total: Floats | None = None
            for i in range(DEGREE, -1, -1):
                inner = np.full(len(u), table[i, DEGREE - i])
                for j in range(DEGREE - i - 1, -1, -1):
                    inner *= u
                    inner += table[i, j]
                if total is None:
                    total = inner
                else:
                    total *= v
                    total += inner
            assert total is not None
            total *= 1e6
            np.rint(total, out=total)
            target[part] = total / 1e6
    return out


def _hourly(profile: Profile, day: Day) -> Floats:
    """Events a second of a device with average activity, in each UTC hour of the day."""
    shape = RHYTHM if profile.rhythm == "phone" else np.ones(24)
    rate = profile.events_per_day * shape / shape.sum() / 3600
    return rate[np.array(day.hours)]


def _times(
    profile: Profile, part: Segments, low: Floats, high: Floats, rate: Floats, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Position in ``part`` and time (seconds) of each sighting between ``low`` and ``high`` of its segment."""
    if profile.rhythm == "phone":
        counts = rng.poisson(rate * (high - low))
        row = np.repeat(np.arange(len(counts)), counts)
        return row, low[row] + rng.random(len(row)) * (high - low)[row]
    step = 1 / rate
    phase = (part.device * 0.6180339887498949 % 1.0) * step  # each device in a rhythm of its own
    first = np.ceil((low - phase) / step)
    counts = np.maximum(np.ceil((high - phase) / step) - first, 0).astype(np.int64)
    row = np.repeat(np.arange(len(counts)), counts)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, (first[row] + nth) * step[row] + phase[row]


def sample_day(
    profile: Profile,
    network: Network,
    border: float,
    activity: Floats,
    ways: Segments,
    day: Day,
    rng: np.random.Generator,
) -> Iterator[Events]:
    """The sightings of a day, about a million at a time at most.

    In order of time if the delivery is; otherwise by blocks of devices, each in no order.  ``activity`` by device.
    """
    hourly = _hourly(profile, day)
    act = activity[ways.device]
    if not profile.delivery.ordered:
        yield from _blocks(profile, network, border, activity, ways, day, rng)
        return
    for hour, rate in enumerate(hourly):
        begin = day.start + 3600.0 * hour
        rows = np.flatnonzero((ways.start < begin + 3600) & (ways.end > begin))
        expected = rate * float(np.sum(act[rows])) * 3600
        parts = int(expected // MOST) + 1
        for i in range(parts):
            low, high = begin + 3600 * i / parts, begin + 3600 * (i + 1) / parts
            yield _observe(profile, network, border, ways.take(rows), act[rows] * rate, low, high, day, rng)


def _blocks(
    profile: Profile,
    network: Network,
    border: float,
    activity: Floats,
    ways: Segments,
    day: Day,
    rng: np.random.Generator,
) -> Iterator[Events]:
    hourly = _hourly(profile, day)
    ways = ways.take(np.argsort(ways.device, kind="stable"))
    present = np.unique(ways.device)
    total = float(activity[present].sum() * hourly.sum() * 3600)
    for block in np.array_split(present, int(total // MOST) + 1):
        low, high = np.searchsorted(ways.device, [block[0], block[-1] + 1]) if len(block) else (0, 0)
        mine = ways.take(np.arange(low, high))
        act = activity[mine.device]
        hours = []
        for hour, rate in enumerate(hourly):
            begin = day.start + 3600.0 * hour
            hours.append(_observe(profile, network, border, mine, act * rate, begin, begin + 3600, day, rng))
        yield shuffled(concat(hours), rng)


def _observe(
    profile: Profile,
    network: Network,
    border: float,
    ways: Segments,
    rate: Floats,
    begin: float,
    end: float,
    day: Day,
    rng: np.random.Generator,
) -> Events:
    """The sightings between two moments: times, positions with noise, cells, and what is wrong with them by chance."""
    dirt = profile.dirt
    low, high = np.maximum(ways.start, begin), np.minimum(ways.end, end)
    hit = np.flatnonzero(high > low)
    part = ways.take(hit)
    row, seconds = _times(profile, part, low[hit], high[hit], rate[hit], rng)
    # Time in front and segment behind in one number: one plain sort, and never a tie that another sort would break.
    base = int(begin) * 1_000_000
    key = (((seconds - begin) * 1e6).astype(np.int64) + round((begin - int(begin)) * 1e6)) << _SEGMENT_BITS
    key |= row
    if dirt.duplicates:
        twice = rng.integers(0, len(key), rng.binomial(len(key), dirt.duplicates)) if len(key) else np.empty(0, int)
        key = np.concatenate([key, key[np.unique(twice)]])
    key.sort()
    row, after = key & ((1 << _SEGMENT_BITS) - 1), key >> _SEGMENT_BITS
    again = np.flatnonzero(key[1:] == key[:-1]) + 1
    passed = after * 1e-6 + (int(begin) - part.start[row])
    sigma = part.sigma[row]
    x = part.x[row] + passed * part.vx[row] + sigma * rng.standard_normal(len(row), dtype=np.float32)
    y = part.y[row] + passed * part.vy[row] + sigma * rng.standard_normal(len(row), dtype=np.float32)
    _jump(x, y, dirt.jumps, rng)
    x[again], y[again] = x[again - 1], y[again - 1]
    pixels = pixel(x, y)
    best, second = network.maps(day.number)
    cell = best[pixels]
    other = some_rows(len(row), dirt.ping_pong, rng)
    cell[other] = second[pixels[other]]
    cell[some_rows(len(row), dirt.empty_cells, rng)] = -1
    cell[again] = cell[again - 1]
    lon, lat = degrees(x, y)
    accuracy = None
    if profile.delivery.accuracy:
        accuracy = np.rint(np.maximum(sigma * 1.5 * rng.gamma(8, 1 / 8, len(row)), 1)).astype(np.float32)
        accuracy[again] = accuracy[again - 1]
    no_position = _also(some_rows(len(row), dirt.empty_positions, rng), again)
    no_mcc = _also(some_rows(len(row), dirt.unknown_mcc, rng), again)
    made = Events(part.device[row], base + after, lon, lat, cell, no_position, no_mcc, accuracy)
    seen = x >= border
    return made if seen.all() else taken(made, np.flatnonzero(seen))


def some_rows(n: int, share: float, rng: np.random.Generator) -> Ints:
    """Different rows by chance, in order, each with probability ``share`` to a close approximation when that is small."""
    if share <= 0 or n == 0:
        return np.empty(0, np.int64)
    if share > 0.02:
        return np.flatnonzero(rng.random(n, dtype=np.float32) < share)
    return np.unique(rng.integers(0, n, rng.binomial(n, share)))


def _also(rows: Ints, again: Ints) -> Ints:
    """``rows`` with their duplicates, without duplicates of other rows: what is delivered twice is the same twice."""
    if not len(rows):
        return rows
    original = np.setdiff1d(rows, again)
    return np.union1d(original, again[np.isin(again - 1, original)])


def _jump(x: Floats, y: Floats, share: float, rng: np.random.Generator) -> None:
    rows = some_rows(len(x), share, rng)
    angle, distance = rng.uniform(0, 2 * np.pi, len(rows)), rng.uniform(8000, 30_000, len(rows))
    x[rows] += distance * np.cos(angle)
    y[rows] += distance * np.sin(angle)


def taken(events: Events, rows: Ints) -> Events:
    """Some of the rows, in the order given."""
    place = np.full(len(events), -1, np.int64)
    place[rows] = np.arange(len(rows))

    def moved(marked: Ints) -> Ints:
        found = place[marked]
        return np.sort(found[found >= 0])

    return Events(
        events.device[rows], events.ts[rows], events.lon[rows], events.lat[rows], events.cell[rows],
        moved(events.no_position), moved(events.no_mcc),
        None if events.accuracy is None else events.accuracy[rows],
    )  # fmt: skip


def shuffled(events: Events, rng: np.random.Generator) -> Events:
    """The same rows in no order."""
    return taken(events, rng.permutation(len(events)))


def concat(parts: list[Events]) -> Events:
    """The rows of all parts, one after the other."""
    offsets = np.cumsum([0, *(len(part) for part in parts)])[:-1]

    def marks(name: str) -> Ints:
        found = [getattr(part, name) + offset for part, offset in zip(parts, offsets, strict=True)]
        return np.concatenate(found).astype(np.int64)

    accuracy = [part.accuracy for part in parts if part.accuracy is not None]
    return Events(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("device", "ts", "lon", "lat", "cell")),
        marks("no_position"), marks("no_mcc"), np.concatenate(accuracy) if accuracy else None,
    )  # fmt: skip
