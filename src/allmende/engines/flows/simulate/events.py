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


Window = tuple[float, float, float]
"""Begin and end (seconds since 1970, UTC), and events a second of a device with average activity."""


@dataclass(frozen=True, slots=True)
class Sight:
    """By what, and what of the world, is seen on a day."""

    profile: Profile
    network: Network
    border: float
    day: Day


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
    return np.asarray(rate[np.array(day.hours)], np.float64)


def _times(
    profile: Profile,
    device: npt.NDArray[np.int32],
    low: Floats,
    high: Floats,
    rate: Floats,
    rng: np.random.Generator,
) -> tuple[Ints, Floats]:
    """Row and time (seconds) of each sighting between ``low`` and ``high`` of its row."""
    if profile.rhythm == "phone":
        counts = rng.poisson(rate * (high - low))
        row = np.repeat(np.arange(len(counts)), counts)
        return row, low[row] + rng.random(len(row)) * (high - low)[row]
    step = 1 / rate
    phase = (device * 0.6180339887498949 % 1.0) * step  # each device in a rhythm of its own
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
    windows = [(day.start + 3600.0 * hour, day.start + 3600.0 * (hour + 1), rate) for hour, rate in enumerate(hourly)]
    sight = Sight(profile, network, border, day)
    if not profile.delivery.ordered:
        ways = ways.take(np.argsort(ways.device, kind="stable"))
        present = np.unique(ways.device)
        total = float(activity[present].sum() * hourly.sum() * 3600)
        for block in np.array_split(present, int(total // MOST) + 1):
            low, high = np.searchsorted(ways.device, [block[0], block[-1] + 1]) if len(block) else (0, 0)
            mine = ways.take(np.arange(low, high))
            yield shuffled(_observe(sight, mine, activity[mine.device], windows, rng), rng)
        return
    act = activity[ways.device]
    for batch in _batches(windows, float(act.sum()) if len(act) else 0.0, ways, act):
        rows = np.flatnonzero((ways.start < batch[-1][1]) & (ways.end > batch[0][0]))
        yield _observe(sight, ways.take(rows), act[rows], batch, rng)


def _batches(windows: list[Window], most: float, ways: Segments, act: Floats) -> Iterator[list[Window]]:
    """Hours together as long as they hold less than a million sightings, and a fuller one in parts."""
    batch: list[Window] = []
    held = 0.0
    for low, high, rate in windows:
        expected = rate * 3600 * most
        if held + expected > MOST:
            # The sum over all segments of the day is too much; only now count those of this hour.
            now = (ways.start < high) & (ways.end > low)
            expected = rate * 3600 * float(act[now].sum())
        if batch and held + expected > MOST:
            yield batch
            batch, held = [], 0.0
        parts = int(expected // MOST) + 1
        if parts > 1:
            step = (high - low) / parts
            yield from ([(low + i * step, low + (i + 1) * step, rate)] for i in range(parts))
        else:
            batch.append((low, high, rate))
            held += expected
    if batch:
        yield batch


def _keys(
    profile: Profile, ways: Segments, act: Floats, windows: list[Window], rng: np.random.Generator
) -> tuple[Ints, int]:
    """Time (microseconds since the first window) in front and segment behind in one number, in order; bits of the segment.

    One plain sort of numbers, and never a tie that another sort would break differently.
    """
    bits = max(len(ways.device), 1).bit_length()
    base = int(windows[0][0])
    assert bits + int((windows[-1][1] - base) * 1e6).bit_length() < 64, "too many segments for one batch"
    keys = [np.empty(0, np.int64)]
    for begin, end, rate in windows:
        low, high = np.maximum(ways.start, begin), np.minimum(ways.end, end)
        hit = np.flatnonzero(high > low)
        row, seconds = _times(profile, ways.device[hit], low[hit], high[hit], rate * act[hit], rng)
        keys.append((((seconds - base) * 1e6).astype(np.int64) << bits) | hit[row])
    key = np.concatenate(keys)
    if profile.dirt.duplicates and len(key):
        twice = rng.integers(0, len(key), rng.binomial(len(key), profile.dirt.duplicates))
        key = np.concatenate([key, key[np.unique(twice)]])
    key.sort()
    return key, bits


def _observe(sight: Sight, ways: Segments, act: Floats, windows: list[Window], rng: np.random.Generator) -> Events:
    """The sightings in windows of time: when, where with noise, by which cell, and what is wrong with them by chance."""
    profile, dirt = sight.profile, sight.profile.dirt
    key, bits = _keys(profile, ways, act, windows, rng)
    base = int(windows[0][0])
    row, after = key & ((1 << bits) - 1), key >> bits
    again = np.flatnonzero(key[1:] == key[:-1]) + 1
    passed = after * 1e-6 + (base - ways.start[row])
    sigma = ways.sigma[row]
    x = ways.x[row] + passed * ways.vx[row] + sigma * rng.standard_normal(len(row), dtype=np.float32)
    y = ways.y[row] + passed * ways.vy[row] + sigma * rng.standard_normal(len(row), dtype=np.float32)
    _jump(x, y, dirt.jumps, rng)
    x[again], y[again] = x[again - 1], y[again - 1]
    pixels = pixel(x, y)
    best, second = sight.network.maps(sight.day.number)
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
    made = Events(ways.device[row], base * 1_000_000 + after, lon, lat, cell, no_position, no_mcc, accuracy)
    seen = x >= sight.border
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
        device=np.concatenate([part.device for part in parts]),
        ts=np.concatenate([part.ts for part in parts]),
        lon=np.concatenate([part.lon for part in parts]),
        lat=np.concatenate([part.lat for part in parts]),
        cell=np.concatenate([part.cell for part in parts]),
        no_position=marks("no_position"),
        no_mcc=marks("no_mcc"),
        accuracy=np.concatenate(accuracy) if accuracy else None,
    )
