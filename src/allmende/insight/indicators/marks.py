"""What stood in a cell when somebody looked: a short mark, so that a change by others in the meantime is noticed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from allmende.insight.models import IndicatorValue

FIELDS: Final = ("value", "source", "note", "is_shared", "is_provisional")
"""What a person fills in for one figure."""
EMPTY: Final = ""
"""The mark of a cell without a figure."""


def mark_of(told: tuple[Any, ...] | None) -> str:
    """The mark of a figure's ``FIELDS`` in their order; the same figure has the same mark."""
    return blake2b(repr(told).encode(), digest_size=9).hexdigest() if told is not None else EMPTY


def fields_of(row: IndicatorValue | None) -> tuple[Any, ...] | None:
    """``FIELDS`` of a row."""
    return tuple(getattr(row, name) for name in FIELDS) if row is not None else None


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What others left in a cell since somebody looked at it."""

    value: float | None
    """None: they took the figure away."""
    source: str
    at: datetime | None
    mark: str


def meanwhile(row: IndicatorValue | None) -> Meanwhile:
    """What stands in the cell by now."""
    if row is None:
        return Meanwhile(None, "", None, EMPTY)
    return Meanwhile(row.value, row.source, row.updated_at, mark_of(fields_of(row)))
