"""The files of the truth."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.grid import unproject
from allmende.engines.flows.simulate.calendar import Day
from allmende.engines.flows.simulate.delivery import Writer
from allmende.engines.flows.simulate.diary import KINDS, Pieces
from allmende.engines.flows.simulate.population import Devices, Role
from allmende.engines.flows.simulate.profiles import PLACES
from allmende.engines.flows.simulate.truth import Columns
from allmende.engines.flows.simulate.world import HOME_MCC, World, capacity
from allmende.engines.flows.tables import US

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def when(seconds: npt.NDArray[np.generic]) -> pa.Array:
    """Seconds since 1970 as a time."""
    return pa.array(np.rint(np.asarray(seconds, np.float64)).astype(np.int64) * 1_000_000).cast(US)


def _dates(numbers: Ints, first: date) -> pa.Array:
    return pa.array((numbers + (first - date(1970, 1, 1)).days).astype(np.int32)).cast(pa.date32())


class Records:
    """The tables of the truth that grow by the day."""

    def __init__(self, folder: Path, ids: pa.Array) -> None:
        self._ids = ids
        device = pa.field("device_id", ids.type)

        def table(name: str, *columns: pa.Field) -> Writer:
            return Writer(folder / f"truth_{name}.parquet", pa.schema(columns))

        number = pa.int64()
        self._stays = table(
            "stays", device, pa.field("kind", pa.string()), pa.field("place_id", pa.int32()),
            pa.field("x", pa.float64()), pa.field("y", pa.float64()), pa.field("t0", US), pa.field("t1", US),
        )  # fmt: skip
        self._presence = table("presence", pa.field("grid1km", number), pa.field("hour", US), pa.field("n", number))
        self._moves = table(
            "od", pa.field("day", number), pa.field("o_grid1km", number), pa.field("d_grid1km", number),
            pa.field("n", number), pa.field("date", pa.date32()),
        )  # fmt: skip
        self._classes = table(
            "classes", device, pa.field("day", pa.date32()), pa.field("visitor_class", pa.int8()),
            pa.field("origin", pa.int32()), pa.field("night", pa.bool_()),
        )  # fmt: skip
        self._trips = table(
            "trips", device, pa.field("trip", number), pa.field("first_day", pa.date32()),
            pa.field("last_day", pa.date32()), pa.field("nights", number), pa.field("stays", number),
        )  # fmt: skip

    def _device(self, devices: npt.NDArray[np.generic]) -> pa.Array:
        return self._ids.take(pa.array(devices))

    def stays(self, stays: Pieces) -> None:
        """Stays that are over."""
        kind = pa.array(KINDS).take(pa.array(stays.kind))
        self._add(
            self._stays,
            [self._device(stays.device), kind, stays.place, stays.x, stays.y, when(stays.start), when(stays.end)],
        )

    def presence(self, columns: Columns) -> None:
        """Devices by cell and hour of a day."""
        self._add(self._presence, [columns["grid1km"], when(columns["hour"]), columns["n"]])

    def moves(self, columns: Columns, day: Day) -> None:
        """Moves between cells of a day."""
        dates = pa.array([day.date] * len(columns["n"]), pa.date32())
        self._add(self._moves, [columns["day"], columns["o_grid1km"], columns["d_grid1km"], columns["n"], dates])

    def classes(self, columns: Columns, day: Day) -> None:
        """Visitor classes of a day."""
        dates = pa.array([day.date] * len(columns["device"]), pa.date32())
        device = self._device(columns["device"])
        self._add(self._classes, [device, dates, columns["visitor_class"], columns["origin"], columns["night"]])

    def trips(self, columns: Columns, first: date) -> None:
        """Tourism trips that are over; ``first`` is day 0."""
        days = [_dates(np.asarray(columns[name], np.int64), first) for name in ("first_day", "last_day")]
        device = self._device(columns["device"])
        self._add(self._trips, [device, columns["trip"], *days, columns["nights"], columns["stays"]])

    @staticmethod
    def _add(writer: Writer, columns: list[object]) -> None:
        writer.write(pa.table(columns, schema=writer.schema))

    def close(self) -> tuple[int, int]:
        """Finish the files; how many stays and trips there are."""
        for writer in (self._stays, self._presence, self._moves, self._classes, self._trips):
            writer.close()
        return self._stays.rows, self._trips.rows


def devices_table(
    devices: Devices, world: World, ids: pa.Array, rows: Ints, first: Floats, last: Floats
) -> pa.Table:  # fmt: skip
    """device_id, klass, mcc, home and work (metres; of a visitor from beyond the map the lodging), first, last, and more."""
    role, mcc, zone = devices.role[rows], devices.mcc[rows], devices.zone[rows]
    klass = np.where(mcc == HOME_MCC, 2, 3)
    klass[role == Role.RESIDENT], klass[role == Role.COMMUTER] = 0, 1
    home = np.where(np.isnan(devices.home[rows]), devices.other[rows], devices.home[rows])
    codes = pa.array([z.code for z in world.zones.zones])
    return pa.table(
        {
            "device_id": ids.take(pa.array(rows)),
            "klass": pa.array(["resident", "commuter", "domestic", "inbound"]).take(pa.array(klass)),
            "mcc": mcc,
            "home_x": home[:, 0],
            "home_y": home[:, 1],
            "work_x": devices.work[rows, 0],
            "work_y": devices.work[rows, 1],
            "first": when(first[rows]),
            "last": when(last[rows]),
            "role": pa.array([r.name.lower() for r in Role]).take(pa.array(role)),
            "zone": codes.take(pa.array(zone, mask=zone < 0)),
            "people": 1 / devices.share[rows],
        }
    )


def places_table(world: World) -> pa.Table:
    """place_id, lon, lat, x, y, popularity, capacity, kind."""
    from_world = world.places
    lon, lat = unproject(from_world[:, 0], from_world[:, 1])
    n = len(from_world)
    return pa.table(
        {
            "place_id": np.arange(n),
            "lon": lon,
            "lat": lat,
            "x": from_world[:, 0],
            "y": from_world[:, 1],
            "popularity": world.popularity,
            "capacity": capacity(world),
            "kind": pa.array(["attraction" if i < PLACES else "festival" for i in range(n)]),
        }
    )


def accommodation_table(lodged: dict[str, Floats], world: World) -> pa.Table:
    """zone, month, nights, nights_inbound: people's nights in lodgings, as official statistics count them."""
    rows = [
        (zone.code, month, round(float(nights[i].sum())), round(float(nights[i, 1])))
        for month, nights in lodged.items()
        for i, zone in enumerate(world.zones.zones)
        if zone.inside
    ]
    names = ("zone", "month", "nights", "nights_inbound")
    types = (pa.string(), pa.string(), pa.int64(), pa.int64())
    return pa.table({name: pa.array([row[i] for row in rows], types[i]) for i, name in enumerate(names)})
