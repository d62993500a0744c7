"""What is true, day by day: stays that run over midnight, presence, moves, classes, trips, nights in lodgings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.grid import cell_1km
from allmende.engines.flows.simulate.calendar import Day
from allmende.engines.flows.simulate.diary import GATE, LODGING, SHORTEST, Pieces
from allmende.engines.flows.simulate.population import Devices, Role
from allmende.engines.flows.simulate.world import HOME_MCC, World
from allmende.engines.flows.simulate.zones import crosses, within
from allmende.engines.flows.words import VisitorClass

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Columns = dict[str, npt.NDArray[np.generic]]

TRANSIT_SECONDS = 1200
"""Without a stay of this length a device passes through."""
ABROAD = 1_000_000
"""Added to the country code in ``origin``."""


def observable(pieces: Pieces, border: float) -> Pieces:
    """The stays that the operator can see: at rest for at least ``SHORTEST`` seconds, not across the border."""
    rows = np.flatnonzero(
        (pieces.kind != GATE) & (pieces.end - pieces.start >= SHORTEST) & (pieces.x >= border)
    )  # fmt: skip
    return Pieces(*(getattr(pieces, name)[rows] for name in pieces.__slots__))


def joined(pieces: Pieces) -> tuple[Pieces, Ints]:
    """Pieces (in order of device and time) that touch at one point made one; and where in the input each begins."""
    n = len(pieces.device)
    if n == 0:
        return pieces, np.empty(0, np.int64)
    new = np.ones(n, bool)
    new[1:] = (
        (pieces.device[1:] != pieces.device[:-1])
        | (pieces.kind[1:] != pieces.kind[:-1])
        | (pieces.start[1:] - pieces.end[:-1] >= SHORTEST)
        | (np.abs(pieces.x[1:] - pieces.x[:-1]) + np.abs(pieces.y[1:] - pieces.y[:-1]) >= 1)
    )
    first = np.flatnonzero(new)
    last = np.append(first[1:], n) - 1
    return Pieces(
        pieces.device[first], pieces.start[first], pieces.end[last], pieces.kind[first],
        pieces.place[first], pieces.x[first], pieces.y[first],
    ), first  # fmt: skip


def _stacked(first: Pieces, then: Pieces) -> Pieces:
    """Both, in order of device and, for one device, ``first`` before ``then``."""
    device = np.concatenate([first.device, then.device])
    order = np.argsort(device, kind="stable")
    return Pieces(
        *(np.concatenate([getattr(first, name), getattr(then, name)])[order] for name in Pieces.__slots__)
    )  # fmt: skip


def _some(pieces: Pieces, rows: npt.NDArray[np.bool_]) -> Pieces:
    return Pieces(*(getattr(pieces, name)[rows] for name in Pieces.__slots__))


def counted(keys: Ints) -> tuple[Ints, Ints]:
    """Different keys in order, and how often each occurs; by a plain sort, several times as fast as ``numpy.unique``."""
    ordered = np.sort(keys)
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    return ordered[first], np.diff(np.append(first, len(ordered)))


@dataclass(slots=True)
class StayBook:
    """Stays that go on at midnight, and where each device was last."""

    open: Pieces
    last_cell: Ints

    @classmethod
    def empty(cls, n: int) -> StayBook:
        """A book for ``n`` devices."""
        none = np.empty(0)
        nothing = Pieces(
            none.astype(np.int64), none, none, none.astype(np.int8), none.astype(np.int32), none, none
        )  # fmt: skip
        return cls(nothing, np.full(n, -1, np.int64))

    def add(self, pieces: Pieces, day: Day) -> tuple[Pieces, Columns]:
        """Stays that end on ``day`` in order of device and time, and the moves of the day: day, o, d, n.

        A move is two consecutive stays of a device in different cells of 1 km, on the day on which the second begins.
        """
        together, _ = joined(_stacked(self.open, pieces))
        goes_on = together.end >= day.end
        closed, self.open = _some(together, ~goes_on), _some(together, goes_on)
        return closed, self._moves(together, day)

    def close(self) -> Pieces:
        """What is still open at the end of the period."""
        found, self.open = self.open, _some(self.open, np.zeros(len(self.open.device), bool))
        return found

    def _moves(self, stays: Pieces, day: Day) -> Columns:
        cell = cell_1km(stays.x, stays.y)
        same = np.zeros(len(cell), bool)
        same[1:] = stays.device[1:] == stays.device[:-1]
        before = self.last_cell[stays.device]
        before[same] = cell[:-1][same[1:]]
        moved = (stays.start >= day.start) & (before >= 0) & (before != cell)
        last = np.append(~same[1:], True)[: len(cell)]
        self.last_cell[stays.device[last]] = cell[last]
        cells, position = np.unique(np.concatenate([before[moved], cell[moved]]), return_inverse=True)
        half = len(position) // 2
        pair, n = counted(position[:half] * (len(cells) + 1) + position[half:])
        if not len(pair):
            cells = np.zeros(1, np.int64)
        return {
            "day": np.full(len(pair), day.number, np.int64),
            "o_grid1km": cells[pair // (len(cells) + 1)],
            "d_grid1km": cells[pair % (len(cells) + 1)],
            "n": n,
        }


def presence(pieces: Pieces, day: Day) -> Columns:
    """Different devices with a stay that touches a cell of 1 km in an hour: grid1km, hour (seconds since 1970), n."""
    if not len(pieces.device):
        return {name: np.empty(0, np.int64) for name in ("grid1km", "hour", "n")}
    cells, cell = np.unique(cell_1km(pieces.x, pieces.y), return_inverse=True)
    low = np.floor((pieces.start - day.start) / 3600).astype(np.int64)
    high = np.maximum(np.ceil((pieces.end - day.start) / 3600).astype(np.int64), low + 1)
    high = np.minimum(high, len(day.hours))
    span = np.maximum(high - low, 0)
    row = np.repeat(np.arange(len(span)), span)
    hour = low[row] + np.arange(len(row)) - np.repeat(np.cumsum(span) - span, span)
    devices = int(pieces.device.max()) + 1
    key, _ = counted((cell[row] * 32 + hour) * devices + pieces.device[row])
    where, n = counted(key // devices)
    return {"grid1km": cells[where // 32], "hour": day.start + 3600 * (where % 32), "n": n}


@dataclass(slots=True)
class TripBook:
    """The tourism trips that go on, by device; -1 in ``first``: none."""

    first: Ints
    nights: Ints
    stays: Ints
    number: Ints

    @classmethod
    def empty(cls, n: int) -> TripBook:
        """A book for ``n`` devices."""
        return cls(np.full(n, -1), np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64))


def classes(pieces: Pieces, world: World, devices: Devices, day: Day, trips: TripBook) -> tuple[Columns, Columns]:
    """Classes of the day (device, visitor_class, origin, night) and the trips that end on it.

    The definitions are in the package's docstring.
    """
    inside = within(world.area, pieces.x, pieces.y)
    here = inside & (pieces.kind != GATE)
    device, seconds = _longest(pieces, here)
    passing = _passing(pieces, world)
    present = np.union1d(device, passing)
    longest = np.zeros(len(present))
    longest[np.searchsorted(present, device)] = seconds
    night_after = np.isin(present, pieces.device[here & (pieces.end >= day.end)])
    night_before = np.isin(present, pieces.device[here & (pieces.start <= day.start)])
    role, mcc, zone = devices.role[present], devices.mcc[present], devices.zone[present]
    inbound = mcc != HOME_MCC
    insiders = np.array([zone.inside for zone in world.zones.zones] + [False])
    overnight = night_before | night_after
    found = np.where(inbound, VisitorClass.INBOUND_SAME_DAY, VisitorClass.DOMESTIC_SAME_DAY)
    found = np.where(overnight, found + 1, found)
    found = np.where(longest < TRANSIT_SECONDS, VisitorClass.TRANSIT, found)
    found = np.where(role == Role.COMMUTER, VisitorClass.COMMUTER, found)
    found = np.where(insiders[zone], VisitorClass.RESIDENT, found).astype(np.int8)
    origin = np.where(inbound, ABROAD + mcc.astype(np.int64), zone).astype(np.int32)
    columns: Columns = {"device": present, "visitor_class": found, "origin": origin, "night": night_after}
    touring = (found >= VisitorClass.DOMESTIC_SAME_DAY) & (found <= VisitorClass.INBOUND_OVERNIGHT)
    stays = np.bincount(np.searchsorted(present, pieces.device[here]), minlength=len(present))
    ended = _follow(trips, present[touring], night_after[touring], night_before[touring], stays[touring], day)
    return columns, ended


def _longest(pieces: Pieces, here: npt.NDArray[np.bool_]) -> tuple[Ints, Floats]:
    """Devices with a stay in the area, and the seconds of the longest one on this day."""
    rows = np.flatnonzero(here)
    if not len(rows):
        return np.empty(0, np.int64), np.empty(0)
    device, first = np.unique(pieces.device[rows], return_index=True)
    return device, np.maximum.reduceat(pieces.end[rows] - pieces.start[rows], first)


def _passing(pieces: Pieces, world: World) -> Ints:
    """Devices of which a way leads through the area."""
    step = np.flatnonzero(pieces.device[1:] == pieces.device[:-1])
    x, y = pieces.x, pieces.y
    hit = crosses(world.area, x[step], y[step], x[step + 1], y[step + 1])
    return np.unique(pieces.device[step[hit]])


def _follow(
    trips: TripBook,
    device: Ints,
    night_after: npt.NDArray[np.bool_],
    night_before: npt.NDArray[np.bool_],
    stays: Ints,
    day: Day,
) -> Columns:
    """Go on with the trips of the day's visitors; those that spend no further night here end."""
    new = (trips.first[device] < 0) | ~night_before
    trips.first[device[new]] = day.number
    trips.nights[device[new]] = 0
    trips.stays[device[new]] = 0
    trips.nights[device[night_after]] += 1
    trips.stays[device] += stays
    return end_trips(trips, device[~night_after], day.number)


def end_trips(trips: TripBook, device: Ints, last_day: int) -> Columns:
    """The trips of ``device``, which end on ``last_day``: device, trip, first_day, last_day, nights, stays."""
    columns: Columns = {
        "device": device,
        "trip": trips.number[device],
        "first_day": trips.first[device],
        "last_day": np.full(len(device), last_day),
        "nights": trips.nights[device],
        "stays": trips.stays[device],
    }
    trips.number[device] += 1
    trips.first[device] = -1
    return columns


def guest_nights(pieces: Pieces, world: World, devices: Devices, day: Day) -> Floats:
    """(zones, 2): people who spend the night after ``day`` in a lodging, of the country and from abroad."""
    rows = np.flatnonzero((pieces.kind == LODGING) & (pieces.end >= day.end))
    device = pieces.device[rows]
    zone = world.zones.of(pieces.x[rows], pieces.y[rows])
    found = np.zeros((len(world.zones.zones) + 1, 2))
    np.add.at(found, (zone, (devices.mcc[device] != HOME_MCC).astype(int)), 1 / devices.share[device])
    return found[:-1]
