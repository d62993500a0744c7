"""Values of the clash check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple

Sameness = Literal["same", "everyone", "open", "related", "other"]
"""How near two audiences or two categories are.  ``everyone``: both are for everyone, or name nobody; ``open``: one is."""
TimeCode = Literal["overlap", "evening", "near", "untold", "day", "weekend"]
TIME_CODES: Final[tuple[TimeCode, ...]] = ("overlap", "evening", "near", "untold", "day", "weekend")

DAY_MINUTES: Final = 1440
USUAL_MINUTES: Final = 120
"""What an event without an end is taken to last."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The figures of the formula.  All are assumptions that a region may know better."""

    audience_share: float = 0.55
    """Part of the likeness that the audience makes; the category makes the rest."""
    audience: Mapping[Sameness, float] = field(
        default_factory=lambda: {"same": 1.0, "everyone": 1.0, "open": 0.7, "related": 0.5, "other": 0.1}
    )
    category: Mapping[Sameness, float] = field(default_factory=lambda: {"same": 1.0, "related": 0.5, "other": 0.2})
    time: Mapping[TimeCode, float] = field(
        default_factory=lambda: {
            "overlap": 0.85,
            "evening": 0.75,
            "near": 0.6,
            "untold": 0.6,
            "day": 0.4,
            "weekend": 0.2,
        }
    )
    """An overlap grows from this to 1 with the part of the shorter of the two that is shared."""
    near_minutes: int = 120
    """A break of so much between two events still keeps guests from going to both."""
    evening_from: int = 17 * 60
    half_km: float = 10.0
    """Over this distance a rival loses half of its weight."""
    halvings: float = 3.0
    """After so many halvings a rival no longer counts."""
    usual_visitors: int = 300
    """An event that expects more than this draws from further away, by the cube root of the ratio."""
    few_days: int = 3
    """Up to so many days in the weeks looked at, an event counts fully; then by the square root of few / number."""
    least_rarity: float = 0.15
    free_day: float = 0.85
    """On Saturdays, Sundays and public holidays more people have time: each rival weighs less."""
    notable: float = 20.0
    """Points from which a rival is worth a warning."""
    clear_gain: float = 10.0
    """A better date is better by at least so many points."""
    other_weekday: float = 25.0
    """Points that another day of the week must be better, to be named before the same one."""
    per_week: float = 2.0
    """Points that each week further away must be better."""


@dataclass(frozen=True, slots=True)
class Kinship:
    """Which categories and audiences are related: each key with those that are like it, in both directions."""

    categories: Mapping[str, frozenset[str]] = field(default_factory=dict)
    audiences: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that is being planned."""

    day: date
    lon: float
    lat: float
    start: int | None = None
    """Minutes after local midnight; None: all day, or not known yet."""
    minutes: int = USUAL_MINUTES
    days: int = 1
    categories: frozenset[str] = frozenset()
    audience: frozenset[str] = frozenset()
    """Empty: for everyone."""
    visitors: int | None = None
    """How many are expected."""


class Rival(NamedTuple):
    """What is known of another event, whenever it takes place."""

    id: int
    lon: float
    lat: float
    category: str
    audience: frozenset[str]


class Showing(NamedTuple):
    """One local day on which a rival takes place."""

    id: int
    """Of the rival."""
    day: date
    start: int | None
    """None: all day, or going on since an earlier day."""
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Why a rival weighs what it weighs; the factors lie between 0 and 1."""

    audience: Sameness
    category: Sameness
    likeness: float
    time: TimeCode
    time_factor: float
    km: float
    distance: float
    days: int
    """On how many days of the weeks looked at it takes place."""
    rarity: float
    free_day: bool
    day: float


@dataclass(frozen=True, slots=True)
class Rivalry:
    """One rival on the planned day."""

    id: int
    points: float
    """0 to 100."""
    on: date
    """The day on which it takes place: another one of the same weekend where ``parts.time`` is ``weekend``."""
    parts: Parts


@dataclass(frozen=True, slots=True)
class DayLevel:
    """The competition that the planned event would meet on one day."""

    day: date
    points: float
    rivals: int
    """Rivals worth a warning."""
    is_weekend: bool
    is_holiday: bool


@dataclass(frozen=True, slots=True)
class Alternative:
    """A better day, and what speaks for it."""

    day: date
    points: float
    rivals: int
    gain: float
    """Points less than on the planned day."""
    same_weekday: bool
    weeks: int
    """How many weeks away, rounded; negative: before."""
    is_weekend: bool
    is_holiday: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer of a clash check."""

    level: DayLevel
    """The planned day."""
    rivals: tuple[Rivalry, ...]
    """Strongest first."""
    days: tuple[DayLevel, ...]
    """Every day of the weeks around, in order."""
    better: tuple[Alternative, ...]
    """The best first; empty where no day is clearly better."""


class Happening(NamedTuple):
    """One day of an event, for the search for pairs."""

    id: int
    day: date
    start: int | None
    minutes: int | None
    lon: float
    lat: float
    category: str
    audience: frozenset[str]
    hand: str
    """Who puts it on: two of the same hand do not clash, they were planned so."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two events that take guests from one another."""

    left: int
    right: int
    points: float
    on: date
    """The first day on which they clash most."""
    days: int
    """On how many days they clash."""
    km: float
    time: TimeCode
    audience: Sameness
    category: Sameness
