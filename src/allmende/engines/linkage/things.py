"""What is compared, and what comes out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

Relation = Literal["same", "occurrence", "part"]
Band = Literal["join", "ask", "apart"]
When = date | datetime


@dataclass(frozen=True, slots=True)
class Thing:
    """One record, as far as it matters for recognising it.  Everything but ``id`` and ``kind`` may be missing."""

    id: str
    kind: str
    """``event``, ``place``, ``offer`` or ``organisation``; only things of one kind are compared."""
    source: str = ""
    """The register that it comes from.  Two things of one register are different as a rule."""
    names: tuple[str, ...] = ()
    """All languages and alternative names, the main one first."""
    lon: float | None = None
    lat: float | None = None
    """Degrees, EPSG:4326."""
    street: str = ""
    """Street and house number; a whole address in one line is understood too."""
    postal_code: str = ""
    locality: str = ""
    country: str = ""
    area: str = ""
    """Municipality code or identifier."""
    url: str = ""
    email: str = ""
    phone: str = ""
    categories: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    """Identifiers elsewhere: URIs, Wikidata items."""
    text: str = ""
    """Description; 500 characters are enough."""
    dates: tuple[tuple[When, When | None], ...] = ()
    """Local (start, end) pairs without a zone, at most 60; a ``date``, or midnight, means that no time is known."""
    is_series: bool = False
    venue: str = ""
    organiser: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence.  ``weight`` in log odds, positive for the same thing; ``code`` is listed in ``reasons``."""

    code: str
    weight: float
    left: str = ""
    right: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the engine would do with two records; ``left`` is the smaller identifier.

    ``relation``: the same thing, one date of a series (``occurrence``), or a part of the other (``part``).
    ``band``: ``join`` by itself, ``ask`` a person, or leave ``apart``.  ``probability`` is that of the relation.
    """

    left: str
    right: str
    relation: Relation
    band: Band
    probability: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From ``join`` on records are joined without asking; from ``ask`` on a person is asked."""

    join: float
    ask: float

    def __post_init__(self) -> None:
        if not 0.0 < self.ask <= self.join <= 1.0:
            raise ValueError(f"thresholds must be 0 < ask <= join <= 1, not ask={self.ask} and join={self.join}")

    def band(self, probability: float) -> Band:
        return "join" if probability >= self.join else "ask" if probability >= self.ask else "apart"


MAX_NAMES: Final = 4
"""Further names of one thing are not looked at."""
MAX_DATES: Final = 60

Changed = Collection[str]
