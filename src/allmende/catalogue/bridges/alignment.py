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
from allmende.engines.season import THIN, Season, Week, monday_of, season_of, tally, thin_runs, weeks_from
from allmende.formats.records import Hours

__all__ = [
    "AUDIENCE_MASK",
    "KIN",
    "ONGOING_RANK",
    "THIN",
    "UNTOLD",
    "Alternative",
    "Assessment",
    "DayLevel",
    "Draft",
    "Filler",
    "Gap",
    "Happening",
    "OccurrenceTable",
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


FREE = int(Flag.FREE)
UNTOLD = "untold"
"""The audience of events that name none, where events are counted by audience."""


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


def _free(flags: int, priced: int) -> bool | None:
    return True if flags & FREE else False if priced else None


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
        _yes_or_no(row["step_free"]),
        _free(row["flags"], row["priced"]),
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
        _yes_or_no(row["step_free"]),
        _free(row["flags"], row["priced"]),
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


class OccurrenceTable:
    """Days of events as columns, to be counted by week and facts.

    ``rows``: (week, municipality or 0, category, audience flags, 1 where something begins).  ``department``: of each
    municipality, where known.
    """

    def __init__(self, rows: Iterable[tuple[int, int, str, int, int]], *, department: Mapping[int, int | None]) -> None:
        categories: dict[str, int] = {}
        blocks = []
        block: list[tuple[int, int, int, int, int]] = []
        for week, municipality, category, mask, begins in rows:
            block.append((week, municipality, categories.setdefault(category, len(categories)), mask, begins))
            if len(block) == 100_000:
                blocks.append(np.array(block, dtype=np.int64))
                block = []
        blocks.append(np.array(block, dtype=np.int64).reshape(-1, 5))
        self._week, self._municipality, self._category, self._mask, self._begins = np.concatenate(blocks).T
        self._names = list(categories)
        towns, place = np.unique(self._municipality, return_inverse=True)
        above = np.array([department.get(town) or 0 for town in towns.tolist()], dtype=np.int64)
        self._department = above[place] if len(towns) else self._municipality
        self.weeks: list[int] = np.unique(self._week).tolist()

    def counts(self, axis: str, by: str) -> Iterable[tuple[str, str, int, int, int]]:
        """(value, value of ``by`` or nothing, week, days, days on which something begins), for all that is there."""
        for value, rows, column in self._parts(axis):
            for other, more, second in self._parts(by):
                here = rows & more
                first_column = np.zeros(here.sum(), dtype=np.int64) if column is None else column[here]
                second_column = np.zeros(here.sum(), dtype=np.int64) if second is None else second[here]
                keys = [first_column, second_column, self._week[here]]
                (one, two, week), (n, begins) = tally(keys, [np.ones(len(first_column)), self._begins[here]])
                told = zip(one.tolist(), two.tolist(), week.tolist(), n.tolist(), begins.tolist(), strict=True)
                for a, b, when, days, new in told:
                    yield value or self._name(axis, a), other or self._name(by, b), when, days, new

    def _parts(self, axis: str) -> list[tuple[str, Any, Any]]:
        """(fixed value or nothing, which rows, column of values): an audience has rows of its own, others a column."""
        every = np.ones(len(self._week), dtype=bool)
        if axis == "audience":
            told = [(name, (self._mask & int(flag)) > 0, None) for name, flag in AUDIENCE_FLAGS.items()]
            return [*told, (UNTOLD, self._mask == 0, None)]
        if axis == "category":
            return [("", every, self._category)]
        if axis in {"municipality", "department"}:
            column = self._municipality if axis == "municipality" else self._department
            return [("", column > 0, column)]
        return [("", every, None)]

    def _name(self, axis: str, value: int) -> str:
        if axis == "category":
            return self._names[value]
        return str(value) if axis in {"municipality", "department"} else ""
