"""What is simulated: small values that check themselves."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = 86400


class ProfileError(ValueError):
    """A profile cannot be; the message names the field, its value and what it may be."""


def _need(fine: bool, name: str, value: object, must: str) -> None:
    if not fine:
        raise ProfileError(f"{name} is {value!r}; it must be {must}.")


def _shares(owner: object, prefix: str, names: tuple[str, ...]) -> None:
    for name in names:
        _need(0 <= getattr(owner, name) <= 1, prefix + name, getattr(owner, name), "a share from 0 to 1")


@dataclass(frozen=True, slots=True)
class Dirt:
    """What is wrong with the delivery.  Everything is off unless asked for; shares are of the events if nothing else is said."""

    duplicates: float = 0.0
    """Delivered twice, exactly."""
    jumps: float = 0.0
    """Placed 8 to 30 km off."""
    ping_pong: float = 0.0
    """Seen by the second best cell rather than the best."""
    clock_jumps: float = 0.0
    """Share of device-days on which the clock is off by one to six hours for two to eight hours."""
    late: float = 0.0
    """Delivered in the file of the next day, before its first event; what is late on the last day comes in one more file."""
    redelivered_days: int = 0
    """Days delivered a second time, in full, as ``part-1``; the first delivery lacks three rows in a hundred."""
    empty_cells: float = 0.0
    """Without a cell."""
    empty_positions: float = 0.0
    """Without coordinates."""
    unknown_mcc: float = 0.0
    """Without the country of the home network."""

    def __post_init__(self) -> None:
        _shares(self, "dirt.", tuple(f.name for f in fields(self) if f.name != "redelivered_days"))
        _need(self.redelivered_days >= 0, "dirt.redelivered_days", self.redelivered_days, "0 or more")


EVERY_DIRT = Dirt(0.005, 0.002, 0.12, 0.01, 0.01, 1, 0.01, 0.01, 0.01)
"""Some of everything, as a first delivery often looks."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The shape of the files."""

    format: Literal["parquet", "csv"] = "parquet"
    files: Literal["days", "flat", "both"] = "days"
    """``days``: ``events/day=.../part-0``; ``flat``: one file ``events_flat``, without second deliveries; ``both``."""
    ordered: bool = True
    """In order of time (of arrival, if clocks jump); otherwise each file is in no order."""
    string_ids: bool = False
    """Devices as 16 hexadecimal digits rather than as a number, in the truth as well."""
    accuracy: bool = False
    """With a column ``accuracy``, metres."""
    coordinates: bool = True
    """With ``lon`` and ``lat``; False: placed by the cell only."""

    def __post_init__(self) -> None:
        _need(self.format in ("parquet", "csv"), "delivery.format", self.format, "'parquet' or 'csv'")
        _need(self.files in ("days", "flat", "both"), "delivery.files", self.files, "'days', 'flat' or 'both'")


@dataclass(frozen=True, slots=True)
class Intervention:
    """From a day on, a share of the visits to a crowded place go to a quiet one instead."""

    first_day: int = 7
    share: float = 0.3
    crowded: int = 0
    quiet: int = 9
    hours: tuple[int, int] = (10, 15)
    """Local hours in which a visit is shifted, from and until."""

    def __post_init__(self) -> None:
        _shares(self, "intervention.", ("share",))
        _need(self.first_day >= 0, "intervention.first_day", self.first_day, "a day from 0")
        _need(self.quiet != self.crowded, "intervention.quiet", self.quiet, "another place than intervention.crowded")
        _need(
            0 <= self.hours[0] < self.hours[1] <= 24, "intervention.hours", self.hours, "two hours from 0 to 24, rising"
        )


@dataclass(frozen=True, slots=True)
class Festival:
    """A few days at one site, with a crowd from far away."""

    first_day: int
    days: int = 3
    guests: float = 0.25
    """Guests from outside, as a share of the regular devices."""
    overnight: float = 0.5
    """Share of the guests who camp there for all days; the others come on one day."""
    inbound: float = 0.3
    """Share of the guests who come from abroad."""
    residents: float = 0.05
    """Share of the residents who are free that day and go."""

    def __post_init__(self) -> None:
        _shares(self, "festival.", ("overnight", "inbound", "residents"))
        _need(self.first_day >= 0, "festival.first_day", self.first_day, "a day from 0")
        _need(self.days >= 1, "festival.days", self.days, "1 or more")
        _need(self.guests >= 0, "festival.guests", self.guests, "0 or more")


@dataclass(frozen=True, slots=True)
class Mix:
    """Who the regular devices of a region are; the five shares add up to 1."""

    residents: float = 0.80
    commuters: float = 0.07
    """Home in a neighbouring zone of the same country."""
    commuters_abroad: float = 0.04
    """Home across the border, foreign network."""
    neighbours: float = 0.05
    """Home in a neighbouring zone, in the area for a day now and then."""
    second_homes: float = 0.04
    """Home far away, here on weekends and holidays."""
    outbound: float = 0.04
    """Share of the residents who work across the border."""

    def __post_init__(self) -> None:
        names = ("residents", "commuters", "commuters_abroad", "neighbours", "second_homes")
        _shares(self, "mix.", (*names, "outbound"))
        total = sum(getattr(self, name) for name in names)
        _need(abs(total - 1) < 1e-9, "mix", round(total, 9), "five shares that add up to 1: " + ", ".join(names))


@dataclass(frozen=True, slots=True)
class Profile:
    """One world and one delivery.  Made by ``benchmark`` or ``region``; any field may be given there."""

    kind: Literal["benchmark", "region"]
    devices: int
    """``benchmark``: all devices.  ``region``: the regular ones; visitors come on top."""
    days: int
    start: date
    timezone: str
    events_per_day: float
    """Events of a device with average activity in 24 hours of presence: 288 is GPS every 5 minutes, 48 cell data."""
    rhythm: Literal["phone", "steady"] = "phone"
    """``phone``: by chance, few at night.  ``steady``: at equal intervals, day and night, as a GPS logger."""
    noise_m: float = 40.0
    """Standard deviation of a position at rest, each axis; half as much again when moving."""
    heterogeneity: float = 0.5
    """Coefficient of variation of the activity of devices; 0: all alike."""
    market_share: float = 0.35
    share_bias: float = 0.0
    """Standard deviation of the logarithm of the market share over zones."""
    municipalities: int = 20
    sites: int = 900
    sectors: int = 3
    replaced_sites: float = 0.03
    """Share of the antenna sites replaced, with new cells, in the middle of the period."""
    visits: float = 0.03
    """``region``: trips that begin on an average day, per regular device."""
    season: tuple[float, ...] = (1.0,) * 12
    """Visits by month, January first, relative to the average."""
    week: tuple[float, ...] = (1.0,) * 7
    """Visits by weekday, Monday first, relative to the average."""
    country: str = ""
    """ISO 3166-1 code of the country whose public holidays are kept; empty: none."""
    mix: Mix = field(default_factory=Mix)
    dirt: Dirt = field(default_factory=Dirt)
    delivery: Delivery = field(default_factory=Delivery)
    intervention: Intervention | None = None
    festival: Festival | None = None

    def __post_init__(self) -> None:
        _need(self.kind in ("benchmark", "region"), "kind", self.kind, "'benchmark' or 'region'")
        _need(1 <= self.devices <= 2**24, "devices", self.devices, "from 1 to 16,777,216")
        _need(1 <= self.days <= 3660, "days", self.days, "from 1 to 3660")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            must = "a name of the time zone data base, as Europe/Copenhagen"
            raise ProfileError(f"timezone is {self.timezone!r}; it must be {must}.") from error
        _need(0 < self.events_per_day <= DAY, "events_per_day", self.events_per_day, "above 0, at most one a second")
        _need(self.rhythm in ("phone", "steady"), "rhythm", self.rhythm, "'phone' or 'steady'")
        _need(0 <= self.noise_m <= 5000, "noise_m", self.noise_m, "from 0 to 5000 metres")
        _need(0 <= self.heterogeneity <= 2, "heterogeneity", self.heterogeneity, "from 0 to 2")
        _need(0 < self.market_share <= 1, "market_share", self.market_share, "a share above 0, at most 1")
        _need(0 <= self.share_bias <= 1, "share_bias", self.share_bias, "from 0 to 1")
        _need(12 <= self.municipalities <= 30, "municipalities", self.municipalities, "from 12 to 30")
        _need(10 <= self.sites <= 100_000, "sites", self.sites, "from 10 to 100,000")
        _need(self.sectors in (1, 2, 3, 4, 6), "sectors", self.sectors, "1, 2, 3, 4 or 6")
        _shares(self, "", ("replaced_sites",))
        _need(0 <= self.visits <= 1, "visits", self.visits, "from 0 to 1")
        _need(len(self.season) == 12 and min(self.season) >= 0, "season", self.season, "twelve numbers, 0 or more")
        _need(len(self.week) == 7 and min(self.week) >= 0, "week", self.week, "seven numbers, 0 or more")
        _need(
            self.dirt.redelivered_days <= self.days,
            "dirt.redelivered_days",
            self.dirt.redelivered_days,
            f"at most the number of days, {self.days}",
        )
        _need(
            not (self.delivery.files == "flat" and self.dirt.redelivered_days),
            "dirt.redelivered_days",
            self.dirt.redelivered_days,
            "0 with delivery.files 'flat', since one file has no days",
        )
        shift = self.intervention
        if shift is not None:
            for name, place in (("crowded", shift.crowded), ("quiet", shift.quiet)):
                _need(0 <= place < PLACES, f"intervention.{name}", place, f"a place from 0 to {PLACES - 1}")
        if self.festival is not None:
            _need(self.kind == "region", "festival", self.festival, "None in a benchmark")
            first = self.festival.first_day
            _need(first < self.days, "festival.first_day", first, f"a day of the period, less than {self.days}")


PLACES = 60
"""Attractions; a festival's site comes after them."""


def benchmark(**given: Any) -> Profile:
    """The world on which engines are compared: 20,000 devices, 14 days of June, 75 events a day, UTC.

    Towns and attractions by Zipf's law on 120 km x 120 km; 70 % residents, 8 % commuters from far, 14 % domestic and 8 %
    inbound visitors; duplicates, far jumps and ping-pong; from the eighth day on an intervention.

    Raises:
        ProfileError: if a field cannot be.
        TypeError: if there is no such field.
    """
    plain: dict[str, Any] = {
        "kind": "benchmark",
        "devices": 20_000,
        "days": 14,
        "start": date(2026, 6, 1),
        "timezone": "UTC",
        "events_per_day": 75.0,
        "sites": 2500,
        "sectors": 1,
        "replaced_sites": 0.0,
        "dirt": Dirt(duplicates=0.005, jumps=0.002, ping_pong=0.12),
        "intervention": Intervention(),
    }
    return Profile(**(plain | given))


def region(**given: Any) -> Profile:
    """A region on a border through the seasons: 2,000 regular devices and their visitors, a year, 48 events a day.

    With a festival on the second weekend of August (or, if that is not in the period, from the first Friday of a period of
    at least a week) and an intervention from the middle of the period on, unless they are given.

    Raises:
        ProfileError: if a field cannot be.
        TypeError: if there is no such field.
    """
    plain: dict[str, Any] = {
        "kind": "region",
        "devices": 2_000,
        "days": 365,
        "start": date(2026, 1, 1),
        "timezone": "Europe/Copenhagen",
        "events_per_day": 48.0,
        "share_bias": 0.25,
        "season": (0.5, 0.55, 0.65, 0.85, 1.05, 1.3, 1.9, 1.75, 1.1, 0.85, 0.6, 0.7),
        "week": (0.75, 0.7, 0.75, 0.85, 1.25, 1.5, 1.2),
        "country": "DK",
    }
    values = plain | given
    made = Profile(**values)
    if "festival" not in given:
        made = replace(made, festival=_usual_festival(made.start, made.days))
    if "intervention" not in given:
        made = replace(made, intervention=Intervention(first_day=made.days // 2))
    return made


def _usual_festival(start: date, days: int) -> Festival | None:
    fridays = [d for d in range(days - 2) if (start + timedelta(d)).weekday() == 4]
    august = [d for d in fridays if (start + timedelta(d)).month == 8 and 8 <= (start + timedelta(d)).day <= 14]
    chosen = (august or (fridays if days >= 7 else []))[:1]
    return Festival(first_day=chosen[0]) if chosen else None
