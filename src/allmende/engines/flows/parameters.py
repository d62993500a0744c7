"""What a run may be told, with units, defaults and where each default comes from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any


class ParameterError(ValueError):
    """A parameter cannot be; the message names it and says what it may be."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters of a run.  Distances in metres, times in seconds, hours of the local day.

    Stops follow Hariharan and Toyama (2004): at least ``stay_seconds`` within ``stay_radius``.  The usual environment
    follows UN IRTS 2008 (2.21-2.24) and the definitions of Eurostat's multimno (home by nights, work by working hours,
    regular places by days).
    """

    timezone: str = "UTC"
    """IANA name of the local time zone (days, nights, working hours and published hours are local)."""

    # cleaning
    max_speed: float = 70.0
    """Metres a second (252 km/h): faster there and back again is a jump of the data, not of the person."""
    max_accuracy: float = 2000.0
    """Metres: sightings with a worse accuracy are left out."""
    ping_pong_seconds: int = 3600
    ping_pong_reach: float = 6000.0
    """Events placed by cells: the cell that saw a device most within so many seconds before and after takes the sightings
    of cells no farther than so many metres, for a device at rest is seen by neighbouring cells in turn."""
    cell_place_radius: float = 2000.0
    """Events placed by cells: in place of ``place_radius`` if that is less, for cells are coarse."""

    # stays
    stay_radius: float = 300.0
    stay_seconds: int = 1200
    gap_seconds: int = 6 * 3600
    """Without an event for longer than this a stay ends, unless a night is bridged."""
    bridge_seconds: int = 16 * 3600
    """A gap up to this long that covers night hours and begins and ends at one place is a stay."""
    travel_speed: float = 15.0
    """Metres a second (54 km/h): what is left of a gap between two places after the way is time at the places."""
    way_seconds: int = 300
    """Setting out and arriving take at least this long each."""
    lone_seconds: int = 1200
    lone_detour: float = 1000.0
    lone_radius: float = 7500.0
    """A lone sighting off the way is a visit if there was ``lone_seconds`` of time for one and ``lone_detour`` metres were
    gone out of the way for it.  From one place and back to the same it must not be farther than ``lone_radius`` (farther
    ones are more often jumps of the data)."""
    position_noise: float = 50.0
    """Metres, standard deviation of a sighting around the device."""
    trim: float = 120.0
    """Metres: a first or last sighting of a piece farther than this from the others was already on the way."""
    place_radius: float = 250.0
    """Stays closer than this to a place of the device are stays at that place."""

    # usual environment
    night_from: int = 21
    night_until: int = 7
    work_from: int = 9
    work_until: int = 16
    home_nights: float = 0.5
    """Share of the nights that makes a place a home; below it the device is visiting."""
    home_nights_when_here: float = 0.9
    """The same without the longest absence: who lives somewhere goes away for one long holiday in the window, who has a
    second home goes away again and again."""
    home_window: int = 56
    """So many nights make a window in which ``home_nights`` alone tells a home from a second home.  The first months of a
    delivery, which have no days before them, look so far ahead as is needed to have as many."""
    home_nights_foreign: int = 28
    """A device of a foreign network needs at least so many nights."""
    regular_days: float = 0.25
    """Share of the days on which a place is visited that makes it part of the usual environment."""
    transit_seconds: int = 1200
    """Less time than this at rest in the area in a day is transit."""
    home_mcc: tuple[int, ...] = ()
    """Country codes of the country itself; empty: the most frequent one."""

    # windows
    context_before: int = 28
    context_after: int = 7
    """Days before and after a month that are looked at to know the usual environment and trips across its edges."""

    # memory and work
    shards: int = 16
    """Devices are dealt into so many shards; one shard at a time is in memory per thread."""
    threads: int = 2

    def __post_init__(self) -> None:
        for name in ("stay_radius", "travel_speed", "place_radius", "max_speed", "max_accuracy"):
            if not getattr(self, name) > 0:
                raise ParameterError(f"{name} is {getattr(self, name)}; it must be more than 0.")
        for name in ("stay_seconds", "gap_seconds", "bridge_seconds", "shards", "threads"):
            if not getattr(self, name) >= 1:
                raise ParameterError(f"{name} is {getattr(self, name)}; it must be 1 or more.")
        for name in ("context_before", "context_after"):
            if not 0 <= getattr(self, name) <= 800:
                raise ParameterError(f"{name} is {getattr(self, name)}; it must be from 0 to 800 days.")
        for name in ("night_from", "night_until", "work_from", "work_until"):
            if not 0 <= getattr(self, name) <= 24:
                raise ParameterError(f"{name} is {getattr(self, name)}; it must be an hour from 0 to 24.")
        for name in ("home_nights", "home_nights_when_here", "regular_days"):
            if not 0 < getattr(self, name) <= 1:
                raise ParameterError(f"{name} is {getattr(self, name)}; it must be a share above 0, at most 1.")

    def by_cells(self) -> Parameters:
        """The same for events placed by cells."""
        return replace(self, place_radius=max(self.place_radius, self.cell_place_radius))

    @classmethod
    def for_noise(cls, metres: float, **given: Any) -> Parameters:
        """Parameters for sightings that scatter by ``metres`` (standard deviation, each axis) around the device.

        The defaults serve up to some 60 m.  Beyond, radii are four times the noise and more, so that sightings at one spot
        stay together; places closer to each other than that are then one.  ``given`` goes before.
        """
        usual = cls()
        scaled: dict[str, Any] = {
            "position_noise": max(usual.position_noise, metres),
            "stay_radius": max(usual.stay_radius, 4 * metres),
            "place_radius": max(usual.place_radius, metres * 10 / 3),
            "trim": max(usual.trim, 2.5 * metres),
        }
        return cls(**(scaled | given))

    def digest(self) -> str:
        """A short fingerprint of what changes results: two runs with the same one and the same input agree bit for bit."""
        values = {name: value for name, value in asdict(self).items() if name != "threads"}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
