"""Opening hours to the engine and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from allmende.engines import opening
from allmende.engines.holidays import is_public_holiday

Spans = list[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Doors:
    """Whether a place is open at a moment, and until when."""

    is_open: bool | None
    """None: nobody said."""
    until: datetime | None
    """Naive local time; None: closed, or for ever."""


def doors_at(hours: list[Any], at: datetime, *, country: str) -> Doors:
    """Open or closed at the local time ``at``."""
    state = opening.state(hours, at, is_holiday=partial(is_public_holiday, country or "", ""))
    return Doors(state.open, state.next_change if state.open else None)


def open_spans(hours: list[Any], first: date, days: int, *, country: str) -> Spans | None:
    """Openings that touch the local days from ``first``, naive; None where nobody said anything about them."""
    is_holiday = partial(is_public_holiday, country or "", "")
    spans: Spans = []
    day = first - timedelta(days=1)  # what began the evening before
    while day < first + timedelta(days=days):
        for openings in opening.week(hours, day, is_holiday=is_holiday):
            spans += openings
        day += timedelta(days=7)
    noon = datetime.combine(first, time(12))
    if not spans and opening.state(hours, noon, is_holiday=is_holiday).open is None:
        return None
    return spans
