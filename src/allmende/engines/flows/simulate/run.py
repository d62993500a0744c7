"""``simulate``: one day after the other, into a folder that is there whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows.simulate import (
    cells,
    delivery,
    diary,
    events,
    market,
    records,
    streams,
    truth,
    visits,
    world,
    zones,
)
from allmende.engines.flows.simulate.calendar import Day, days_of
from allmende.engines.flows.simulate.profiles import Profile

Progress = Callable[[int, int], None]
"""Is told after each day: days done, days in all."""


class SimulationError(RuntimeError):
    """The folder cannot be written; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written."""

    folder: Path
    days: int
    devices: int
    events: int
    """Rows delivered, second deliveries not counted twice."""
    stays: int
    trips: int
    files: int
    """Files of events."""


def simulate(profile: Profile, folder: Path, *, seed: int, progress: Progress | None = None) -> Summary:
    """Write a simulated delivery and the truth about it into ``folder``, which must not exist or be empty.

    Memory is bounded by what the devices do on one day and a million events, whatever the number of days.  The work is done
    in a hidden folder beside it, which takes the name when all is written; what an earlier run left there is removed.

    Raises:
        SimulationError: if the folder is in use.
        ProfileError: if the time zone is not whole hours from UTC in the period.
    """
    if seed < 0:
        raise SimulationError(f"The seed is {seed}; it must be 0 or more.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SimulationError(f"{folder} exists; name a new folder or remove it first.")
    days = days_of(profile)
    partial = folder.with_name(f".{folder.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    try:
        run = _Run(profile, partial, seed, days)
        run.all_days(progress)
        summary = run.finish(folder)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return summary


class _Run:
    """The state between two days."""

    def __init__(self, profile: Profile, folder: Path, seed: int, days: list[Day]) -> None:
        self.profile, self.folder, self.seed, self.days = profile, folder, seed, days
        people = visits.people_of(profile, days, seed=seed)
        self.world, self.market, self.devices = people.world, people.market, people.devices
        n = len(self.devices)
        self.network = cells.build(profile, self.world, self.chance(streams.NETWORK))
        spread = profile.heterogeneity
        self.activity = np.ones(n)
        if spread:
            self.activity = np.maximum(self.chance(streams.ACTIVITY).gamma(spread**-2, spread**2, n), 1e-3)
        self.ids = delivery.identifiers(n, profile.delivery.string_ids, self.chance(streams.IDS))
        again = self.chance(streams.AGAIN).choice(len(days), profile.dirt.redelivered_days, replace=False)
        self.again = sorted(int(day) for day in again)
        self.post = delivery.Post(profile, folder, self.ids, self.devices.mcc)
        self.records = records.Records(folder, self.ids)
        self.stays = truth.StayBook.empty(n)
        self.trips = truth.TripBook.empty(n)
        self.first, self.last = np.full(n, np.inf), np.full(n, -np.inf)
        self.lodged: dict[str, npt.NDArray[np.float64]] = {}

    def chance(self, *stream: int) -> np.random.Generator:
        """The generator of one part, on one day."""
        return streams.chance(self.seed, *stream)

    def all_days(self, progress: Progress | None) -> None:
        """Every day of the period, and the late rest."""
        for day in self.days:
            self.one_day(day)
            if progress is not None:
                progress(day.number + 1, len(self.days))
        if self.post.late:
            last = self.days[-1]
            after = Day(last.number + 1, date.fromordinal(last.date.toordinal() + 1), last.end, (), 99.0, 0, True, 1.0)
            writer = self.post.open_day(after)
            self.post.deliver_late((writer, None), self.chance(streams.POST, after.number))
            if writer is not None:
                writer.close()
        self.post.close()
        self.records.stays(self.stays.close())
        going_on = np.flatnonzero(self.trips.first >= 0)
        self.records.trips(truth.end_trips(self.trips, going_on, len(self.days) - 1), self.days[0].date)

    def one_day(self, day: Day) -> None:
        """Diaries, truth and events of a day."""
        active = self.devices.active(day.number)
        chance = self.chance(streams.DIARY, day.number)
        pieces = diary.draw_day(self.profile, self.world, self.devices, day, active, chance)
        self.note(pieces, day)
        ways = events.segments(pieces, self.profile.noise_m)
        post = self.chance(streams.POST, day.number)
        self.post.set_clocks(active, day, post)
        second = self.post.open_day(day, 1) if day.number in self.again else None
        writers = (self.post.open_day(day), second)
        self.post.deliver_late(writers, post)
        drawn = events.sample_day(
            self.profile,
            self.network,
            self.world.border,
            self.activity,
            ways,
            day,
            self.chance(streams.EVENTS, day.number),
        )
        for some in drawn:
            self.post.deliver(some, writers, post)
        for writer in writers:
            if writer is not None:
                writer.close()

    def note(self, pieces: diary.Pieces, day: Day) -> None:
        """Write down what is true on a day."""
        np.minimum.at(self.first, pieces.device, pieces.start)
        np.maximum.at(self.last, pieces.device, pieces.end)
        seen = truth.observable(pieces, self.world.border)
        closed, moves = self.stays.add(seen, day)
        self.records.stays(closed)
        self.records.moves(moves, day)
        self.records.presence(truth.presence(seen, day))
        at_rest, _ = truth.joined(pieces)
        classes, ended = truth.classes(at_rest, self.world, self.devices, day, self.trips)
        self.records.classes(classes, day)
        self.records.trips(ended, self.days[0].date)
        month = f"{day.date:%Y-%m}"
        nights = truth.guest_nights(pieces, self.world, self.devices, day)
        self.lodged[month] = self.lodged.get(month, np.zeros_like(nights)) + nights

    def finish(self, folder: Path) -> Summary:
        """The tables that are known only at the end."""
        stays, trips = self.records.close()
        seen = np.flatnonzero(np.isfinite(self.first))
        self._write(
            "truth_devices", records.devices_table(self.devices, self.world, self.ids, seen, self.first, self.last)
        )
        self._write("places", records.places_table(self.world))
        self._write("cells", self.network.plan)
        self._write("market", market.table(self.market, self.world, self.devices.zone[seen], self.devices.mcc[seen]))
        self._write("accommodation", records.accommodation_table(self.lodged, self.world))
        self._json("zones.geojson", zones.geojson(self.world.zones, self._population(), self.profile.timezone))
        summary = Summary(folder, len(self.days), len(seen), self.post.events, stays, trips, self.post.files)
        self._json("meta.json", self._meta(summary))
        return summary

    def _population(self) -> npt.NDArray[np.int64]:
        """As counted with the customers; across the border from those who come, and the others who live there."""
        people = self.market.population.copy()
        for i, zone in enumerate(self.world.zones.zones):
            if zone.country != world.HOME_MCC:
                here = self.devices.zone == i
                people[i] = round(float(np.sum(1 / self.devices.share[here])) * (1 + market.NOT_SEEN))
        return people

    def _meta(self, summary: Summary) -> dict[str, Any]:
        profile = self.profile
        return {
            "simulated": True,
            "note": "Simulated by Allmende. No person, device, operator or place in it is real.",
            "seed": self.seed,
            "profile": asdict(profile),
            "events": summary.events,
            "devices": summary.devices,
            "stays": summary.stays,
            "trips": summary.trips,
            "files": summary.files,
            "clock_changes": [day.date for day in self.days if day.shift],
            "redelivered": [self.days[number].date for number in self.again],
            "festival_place": len(self.world.places) - 1 if profile.festival else None,
            "cells_change_on": self.days[self.network.switch].date if self.network.switch < len(self.days) else None,
        }

    def _write(self, name: str, table: pa.Table) -> None:
        pq.write_table(table, self.folder / f"{name}.parquet", compression="zstd")

    def _json(self, name: str, value: dict[str, Any]) -> None:
        text = json.dumps(value, ensure_ascii=False, indent=1, default=str)
        (self.folder / name).write_text(text + "\n", encoding="utf-8")
