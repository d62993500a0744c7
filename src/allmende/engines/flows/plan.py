"""Which days of a delivery are to be made, from which parts: the same plan for every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from allmende.engines.flows import months as m
from allmende.engines.flows.door import Key
from allmende.engines.flows.intake import IntakeError, Part, days_between, middle_day
from allmende.engines.flows.kernels.group import DAY_US
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.store import Store, fingerprint, name_of_day

FAR_PAST, FAR_FUTURE = 0, 40_000
EARLIEST = 7305
"""1990: an event before is one of a clock that was never set, or of another unit of time."""
LONGEST = 4000
"""Days that one delivery may span; what lies farther off is left out."""
MOST_OUTSIDE = 0.05
"""Share of the events that may lie outside these days; more is taken for a wrong unit of time."""

Progress = Callable[[str, int, int], None]
"""Called with the step, how much is done, and of how much (events, or months)."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """How devices become people: a function from shards to weights, and what it was made of (for the fingerprint)."""

    weigh: m.Weigher = m.unexpanded
    made_of: str = "none"


class Engine(Protocol):
    """What does the two dear steps of a run: on one machine, or on many."""

    def make_days(
        self, plan: DayPlan, store: Store, p: Parameters, key: Key | None,
        located: Callable[[pa.Table], pa.Table] | None, memory: int, progress: Progress,
    ) -> tuple[list[int], int]:  # fmt: skip
        """Pieces of the plan's days into the store; the days made, in order, and how many rows could not be used."""
        ...

    def make_month(
        self, store: Store, month: m.Month, clock: m.Clock, ground: m.Ground, expansion: Expansion, p: Parameters,
        steps: Any, *, unprotected: bool, located: Any = None,
    ) -> tuple[Mapping[str, pa.Table | Iterable[pa.Table]], dict[str, Any]]:  # fmt: skip
        """All tables of a month (whole, or bit by bit in their order) and what is to be noted about it."""
        ...


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The days that are to be made (days since 1970) and the parts that hold them."""

    parts: list[Part]
    """In order of their first times; the order decides between two sightings of the same second."""
    first: int
    days: int
    """From ``first`` so many days may occur."""
    wanted: set[int]
    keys: dict[int, str] | None
    """Fingerprint of what each day is made of; None if the files do not tell their times."""
    whole_key: str

    def key_of(self, day: int) -> str:
        """The fingerprint that a made day is kept under."""
        return self.whole_key if self.keys is None else self.keys.get(day, "")

    def judge(self, outside: int, read: int) -> None:
        """Refuse a delivery of which too much lies far away.

        Raises:
            IntakeError: the unit of time is probably another one.
        """
        if outside > MOST_OUTSIDE * read:
            raise IntakeError(
                f"{outside} of {read} events lie outside {name_of_day(self.first)} to "
                f"{name_of_day(self.first + self.days - 1)}. Check the unit of the column ts."
            )

    def settle(self, store: Store, made: list[int]) -> None:
        """Forget the days that are no longer delivered, and those of which nothing can be used."""
        if self.keys is not None or self.wanted:
            for day in store.days():
                if (self.keys is not None and day not in self.keys) or (self.keys is None and day not in made):
                    store.drop_day(day)
        for day in self.wanted - set(made):
            if self.keys is not None and day in self.keys:
                store.drop_day(day)  # announced by the file's bounds, but nothing of it can be used


def plan_days(parts: list[Part], prints: dict[str, str], base: str, store: Store) -> DayPlan:
    """What is to be made, given what is there."""
    bounds = days_between(parts)
    lo, hi = _sensible(parts, *bounds) if bounds else (FAR_PAST, FAR_FUTURE)
    keys: dict[int, str] | None = None
    whole_key = ""
    if bounds:
        touching: dict[int, list[tuple[int, int, str]]] = {day: [] for day in range(lo, hi + 1)}
        for part in parts:
            for day in range(max(day_of(part.first), lo), min(day_of(part.last), hi) + 1):
                touching[day].append((part.file, part.group, prints[part.path]))
        # what counts is the order of the files, since the newest delivery wins, and not their numbers
        keys = {
            day: fingerprint(base, [(print_, group) for _, group, print_ in sorted(found)])
            for day, found in touching.items()
            if found
        }
        wanted = {day for day, made_of in keys.items() if store.day_key(day) != made_of}
    else:
        whole_key = fingerprint(base, sorted(prints.values()))
        known = store.days()
        wanted = set() if known and all(store.day_key(day) == whole_key for day in known) else set(range(lo, hi + 1))
    todo = [part for part in parts if part.first is None or any(day in wanted for day in days_of(part))]
    return DayPlan(todo, lo, hi - lo + 1, wanted, keys, whole_key)


def _sensible(parts: list[Part], lo: int, hi: int) -> tuple[int, int]:
    """The days to look at: all of them, unless single events lie years away (a clock that was never set)."""
    if lo >= EARLIEST and hi - lo <= LONGEST:
        return lo, hi
    # a part with a sensible span votes with its last day; if there is none, the times themselves are looked at
    votes = [
        (day_of(part.last), part.rows)
        for part in parts
        if day_of(part.first) >= EARLIEST and day_of(part.last) - day_of(part.first) <= LONGEST
    ]
    if votes:
        days, n = (np.array(column) for column in zip(*sorted(votes), strict=True))
        middle = int(days[np.searchsorted(np.cumsum(n), n.sum() / 2)])
    else:
        middle = max(middle_day(max(parts, key=lambda part: part.rows)), EARLIEST)
    return max(lo, EARLIEST, middle - LONGEST // 2), max(min(hi, middle + LONGEST // 2), EARLIEST)


def day_of(micros: int | None) -> int:
    """The UTC day (days since 1970) of a time in microseconds."""
    return (micros or 0) // DAY_US


def days_of(part: Part) -> range:
    """The days that a part with known times may touch."""
    return range(day_of(part.first), day_of(part.last) + 1)
