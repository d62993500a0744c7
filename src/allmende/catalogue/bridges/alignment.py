"""Records to what the engines of planning together take: clashes, season, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import Any

import numpy as np

from allmende.catalogue.values import AUDIENCE_FLAGS, ONGOING_RANK, Flag
from allmende.catalogue.vocabulary.alignment import INDOOR, RELATED_AUDIENCES, RELATED_CATEGORIES
from allmende.catalogue.vocabulary.gap_rules import RULES
from allmende.engines import opening
from allmende.engines.clash import (
    Alternative,
    Assessment,
    DayLevel,
    Draft,
    Happening,
    Kinship,
    Numbers,
    Pair,
    Rival,
    Rivalry,
    Showing,
    Weights,
    assess,
    find_pairs,
    reach_km,
)
from allmende.engines.gaps import Filler, Gap, Offer, Rule, Spot, When, find_gaps
from allmende.engines.holidays import is_public_holiday
from allmende.engines.season import THIN, Season, Week, monday_of, season_of, thin_runs, weeks_from
from allmende.formats.records import Hours

__all__ = [
    "AUDIENCE_MASK",
    "KIN",
    "ONGOING_RANK",
    "THIN",
    "Alternative",
    "Assessment",
    "DayLevel",
    "Draft",
    "Filler",
    "Gap",
    "Happening",
    "Offer",
    "Pair",
    "Rival",
    "Rivalry",
    "Rule",
    "Season",
    "Showing",
    "Spot",
    "Week",
    "Weights",
    "assess",
    "audience_of",
    "find_gaps",
    "find_pairs",
    "holidays_of",
    "monday_of",
    "open_days",
    "reach_km",
    "rules",
    "season_of",
    "severity_of",
    "thin_runs",
    "to_event_offer",
    "to_place_offer",
    "to_showings",
    "weeks_from",
]

KIN = Kinship(RELATED_CATEGORIES, RELATED_AUDIENCES)
AUDIENCE_MASK = int(sum(AUDIENCE_FLAGS.values()))


@lru_cache(maxsize=1024)
def _audience(mask: int) -> frozenset[str]:
    names = {name for name, flag in AUDIENCE_FLAGS.items() if flag & Flag(mask)}
    # Whoever is for children has the families' flag as well; it says nothing more.
    return frozenset(names - {"families"} if "children" in names else names)


def audience_of(flags: int) -> frozenset[str]:
    """For whom, from the packed facts; empty: for everyone, or not told."""
    return _audience(flags & AUDIENCE_MASK)


def to_showings(rows: Sequence[tuple[int, int, int, int]]) -> Numbers:
    """Rows of (event, number of the day, start or -1, minutes or -1) as the engine's table."""
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def holidays_of(country: str) -> Any:
    """Whether a day is a public holiday in a country."""
    return partial(is_public_holiday, country, "")


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The rules for gaps that ship."""
    found = []
    for one in RULES:
        told: dict[str, Any] = {name: When(**value) if name == "when" else value for name, value in one.items()}
        found.append(Rule(**told))
    return tuple(found)


SEVERITIES = ((20_000, 5_000), (10, 3))
"""From which population, or from how many events and places, a gap is of severity 3 and 2."""


def severity_of(population: int | None, content: int) -> tuple[int, int]:
    """(severity, weight) of a municipality; where nobody told the population, by how much there is for guests."""
    weight, (high, middle) = (content, SEVERITIES[1]) if population is None else (population, SEVERITIES[0])
    return (3 if weight >= high else 2 if weight >= middle else 1), weight


def _yes_or_no(told: str | None) -> bool | None:
    return None if not told else told == "yes"


def _free(flags: int, prices: Any, price_text: Any) -> bool | None:
    return True if flags & Flag.FREE else False if prices or price_text else None


def to_event_offer(row: Mapping[str, Any], days: Mapping[date, int | None]) -> Offer:
    """An event with the days on which it takes place."""
    return Offer(
        "event",
        row["pk"],
        row["lon"],
        row["lat"],
        row["category"],
        audience_of(row["flags"]),
        days,
        INDOOR.get(row["category"]),
        _yes_or_no(row["accessibility"].get("step_free")),
        _free(row["flags"], row["prices"], row["price_text"]),
        source=row["source_id"],
    )


def to_place_offer(row: Mapping[str, Any], days: Sequence[date]) -> Offer:
    """A place with those of ``days`` on which it is open."""
    texts = (row["description"] or row["summary"] or {}).get("texts", {})
    return Offer(
        "place",
        row["pk"],
        row["lon"],
        row["lat"],
        row["category"],
        audience_of(row["flags"]),
        open_days(row["hours"], days),
        INDOOR.get(row["category"]),
        _yes_or_no(row["accessibility"].get("step_free")),
        _free(row["flags"], row["prices"], row["price_text"]),
        frozenset(texts),
        source=row["source_id"],
    )


def open_days(hours: Sequence[Mapping[str, Any]], days: Iterable[date]) -> dict[date, int | None] | None:
    """On which days a place is open, and from which minute on; None where no hours are told."""
    if not hours:
        return None
    lines = [
        Hours(
            tuple(line["days"]),
            line["opens"],
            line["closes"],
            _day(line.get("valid_from")),
            _day(line.get("valid_through")),
            bool(line.get("every_year")),
        )
        for line in hours
    ]
    found: dict[date, int | None] = {}
    for day in days:
        spans = opening.spans_of(lines, day, opening.no_holidays)
        if spans:
            hour, minute = spans[0][0].split(":")
            found[day] = int(hour) * 60 + int(minute)
    return found


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
