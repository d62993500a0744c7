"""What goes into the calculation of occurrences, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

When = date | datetime


class OverrideLike(Protocol):
    """One occurrence that differs; ``formats.records.Override`` has this shape."""

    @property
    def recurrence_id(self) -> When: ...
    @property
    def start(self) -> When | None: ...
    @property
    def end(self) -> When | None: ...
    @property
    def name(self) -> str: ...
    @property
    def cancelled(self) -> bool: ...


class ScheduleLike(Protocol):
    """When an event takes place; ``formats.records.Schedule`` and :class:`Rule` have this shape."""

    @property
    def start(self) -> When: ...
    @property
    def end(self) -> When | None: ...
    @property
    def timezone(self) -> str: ...
    @property
    def rrule(self) -> str: ...
    @property
    def rdates(self) -> Sequence[When]: ...
    @property
    def exdates(self) -> Sequence[When]: ...
    @property
    def overrides(self) -> Sequence[OverrideLike]: ...
    @property
    def dates(self) -> Sequence[tuple[When, When | None]]: ...


@dataclass(frozen=True, slots=True)
class Change:
    """One occurrence that differs from its rule."""

    recurrence_id: When
    start: When | None = None
    end: When | None = None
    name: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A schedule as a value.  Dates are whole days, the end included; datetimes are naive wall time of ``timezone``."""

    start: When
    end: When | None = None
    timezone: str = ""
    rrule: str = ""
    rdates: Sequence[When] = ()
    exdates: Sequence[When] = ()
    overrides: Sequence[Change] = ()
    dates: Sequence[tuple[When, When | None]] = ()


class Occurrence(NamedTuple):
    """One time at which an event takes place."""

    start_utc: datetime
    end_utc: datetime | None
    """Exclusive; None where the end is not known."""
    start: When
    """A date for whole days, else naive wall time."""
    end: When | None
    """The last day (inclusive) for whole days, else naive wall time."""
    all_day: bool
    name: str = ""
    """Its own name where it has one."""
    cancelled: bool = False


class Occurrences(list[Occurrence]):
    """Occurrences by start; ``cut`` says why some of the span may be missing, and is empty where none is."""

    def __init__(self, found: list[Occurrence], cut: str = "") -> None:
        super().__init__(found)
        self.cut = cut
