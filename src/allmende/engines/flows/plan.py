"""Which days of a delivery are to be made, from which parts: the same plan for every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from allmende.engines.flows import months as m
from allmende.engines.flows.days import Key
from allmende.engines.flows.intake import IntakeError, Part, days_between
from allmende.engines.flows.kernels.group import DAY_US
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.store import Store, fingerprint, name_of_day

FAR_PAST, FAR_FUTURE = 0, 40_000
LONGEST = 4000
"""Days that one delivery may span; more is taken for a wrong unit of time."""

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
        steps: Any, *, unprotected: bool,
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
    """What is to be made, given what is there.

    Raises:
        IntakeError: the times span more days than a delivery can.
    """
    bounds = days_between(parts)
    lo, hi = bounds if bounds else (FAR_PAST, FAR_FUTURE)
    if bounds and hi - lo > LONGEST:
        raise IntakeError(
            f"The times span {hi - lo} days, from {name_of_day(lo)} to {name_of_day(hi)}. Check the unit of the column ts."
        )
    keys: dict[int, str] | None = None
    whole_key = ""
    if bounds:
        touching: dict[int, list[tuple[str, int]]] = {day: [] for day in range(lo, hi + 1)}
        for part in parts:
            for day in days_of(part):
                touching[day].append((prints[part.path], part.group))
        keys = {day: fingerprint(base, sorted(found)) for day, found in touching.items() if found}
        wanted = {day for day, made_of in keys.items() if store.day_key(day) != made_of}
    else:
        whole_key = fingerprint(base, sorted(prints.values()))
        known = store.days()
        wanted = set() if known and all(store.day_key(day) == whole_key for day in known) else set(range(lo, hi + 1))
    todo = [part for part in parts if part.first is None or any(day in wanted for day in days_of(part))]
    return DayPlan(todo, lo, hi - lo + 1, wanted, keys, whole_key)


def day_of(micros: int | None) -> int:
    """The UTC day (days since 1970) of a time in microseconds."""
    return (micros or 0) // DAY_US


def days_of(part: Part) -> range:
    """The days that a part with known times may touch."""
    return range(day_of(part.first), day_of(part.last) + 1)
