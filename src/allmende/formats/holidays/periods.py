"""A stretch of holidays as a file tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from allmende.formats.records import Problem

LONGEST: Final = 200
"""Days; a longer stretch is a mistake."""
LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both off."""

    first: date
    last: date
    names: Mapping[str, str]
    """Language (``""``: not told) -> name."""
    kind: str = ""
    """``school``, ``public``; ``""``: not told."""
    country: str = ""
    subdivisions: tuple[str, ...] = ()
    """ISO 3166-2; none: the whole country, or nobody says."""
    nationwide: bool = False
    where: str = ""


@dataclass(slots=True)
class HolidayFile:
    """What a file tells."""

    service: str
    periods: list[Period] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    read: int = 0
    left_out: int = 0
    """Entries that are no holidays, such as the first day of school."""

    def wrong(self, where: str, message: str, code: str) -> None:
        """One more entry stays out."""
        self.problems.append(Problem(where, message, code))

    def add(self, period: Period) -> None:
        """One more, unless it cannot be right."""
        if period.last < period.first:
            self.wrong(period.where, "It ends before it begins. Correct the days at the source.", "backwards")
        elif (period.last - period.first).days >= LONGEST:
            self.wrong(period.where, f"It is longer than {LONGEST} days. Correct the days at the source.", "too-long")
        elif not 1990 <= period.first.year <= 2100:
            self.wrong(period.where, f"{period.first} cannot be right. Correct the year at the source.", "far-day")
        elif not any(period.names.values()):
            self.wrong(period.where, "It has no name. Write one.", "no-name")
        else:
            # PostgreSQL keeps no NUL.
            names = {language: name.replace("\0", "") for language, name in period.names.items()}
            self.periods.append(replace(period, names=names))
