"""How full places are, as a page or another system is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from allmende.catalogue.queries.brief import PlaceBrief
from allmende.insight.models import Site
from allmende.insight.values import Level

RANK: Final[dict[str, int]] = {Level.QUIET: 0, Level.LIVELY: 1, Level.FULL: 2}
"""Order of the levels."""


class Basis(StrEnum):
    """What a word rests on."""

    MEASURED = "measured"
    EXPECTED = "expected"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class ShownSite:
    """A measured place of which its owner shows something; figures by the hour."""

    id: int
    slug: str
    name: str
    kind: str
    place_id: int | None
    territory_id: int | None
    network_id: int | None
    owner_id: int
    owner: str
    timezone: str
    capacity: int
    lively_from: float
    full_from: float
    shown: str
    may_be_suggested: bool
    is_demo: bool
    lon: float | None
    lat: float | None
    series_id: int
    unit: str
    is_stock: bool
    has_page: bool
    """Everybody may see its figures, on a page of their own."""
    is_shared: bool
    """Its figures are shared in its insight space: what only its owner sees in detail is on no screen of the space."""

    @property
    def shows_forecast(self) -> bool:
        return self.shown in {Site.Shown.FORECAST, Site.Shown.FIGURES}

    @property
    def shows_figures(self) -> bool:
        return self.shown == Site.Shown.FIGURES

    def level(self, figure: float) -> Level:
        """The word for a figure."""
        pressure = figure / self.capacity
        if pressure >= self.full_from:
            return Level.FULL
        return Level.LIVELY if pressure >= self.lively_from else Level.QUIET


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a day at a place."""

    at: datetime
    """Its begin, local."""
    level: Level | None
    """None: nothing is known."""
    basis: Basis | None
    is_sure: bool
    perhaps: Level | None = None
    """The word that it may well turn out to be instead."""
    is_open: bool = True
    is_past: bool = False
    figure: float | None = None
    """This and what follows only where the owner shows figures."""
    low: float | None = None
    high: float | None = None
    """Four in five times it is between these."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: hour by hour."""

    day: date
    hours: tuple[Hour, ...]

    @property
    def peak(self) -> Level | None:
        """The fullest word of its open hours."""
        told = [hour.level for hour in self.hours if hour.level and hour.is_open]
        return max(told, key=RANK.__getitem__, default=None)


@dataclass(frozen=True, slots=True)
class Now:
    """How full it is at this moment."""

    level: Level
    basis: Basis
    at: datetime
    """End of the counted hour (measured), else begin of the hour that is meant; local."""
    is_sure: bool
    compared: str = ""
    """busier, quieter, same: beside what is usual at that hour; empty: not known."""
    figure: float | None = None


@dataclass(frozen=True, slots=True)
class Busyness:
    """All that is told of one place."""

    site: ShownSite
    now: Now | None
    days: tuple[Day, ...]
    counted_until: datetime | None
    """End of the last counted hour, local."""
    forecast_at: datetime | None
    """When the forecast was made; None: none is shown."""
    place: PlaceBrief | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive hours with one word, local; ``until`` is the begin of the first hour after."""

    level: Level
    start: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Alternative:
    """A quieter place that fits, with the reasons."""

    site: ShownSite
    place: PlaceBrief
    distance_km: float
    at: datetime
    """When one would be there, local."""
    basis: Basis
    is_sure: bool
    is_same_kind: bool
    open_until: datetime | None
    is_open_air: bool
    """It has no opening hours."""
    is_free: bool
    access: tuple[str, ...]
    """What is as accessible there as here."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do instead of standing in a crowd."""

    at: datetime
    """The hour in which it is crowded, local."""
    is_now: bool
    level: Level
    basis: Basis
    alternatives: tuple[Alternative, ...]
    quieter: tuple[Span, ...]
    """Quiet hours of the same day at the same place."""
