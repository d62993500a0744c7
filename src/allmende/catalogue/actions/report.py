"""What an import says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from allmende.catalogue.bridges.readers import Problem

SHOWN_CHANGES = 200
KEPT_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that would change."""

    field: str
    before: str
    after: str
    pinned: bool
    """A person's edit holds; the delivered value is shown and not taken."""


@dataclass(frozen=True, slots=True)
class PreviewChange:
    """What would become of one record."""

    action: str
    """create, update or withdraw."""
    kind: str
    key: str
    name: str
    item_id: int | None
    differences: list[Difference]


@dataclass(slots=True)
class ImportReport:
    """What became of a delivery."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    failed: int = 0
    unread: int = 0
    """Pieces of the delivery that no reader could take apart; where there are any, absence proves nothing."""
    problems: list[Problem] = field(default_factory=list)
    """The first thousand."""
    refused: str = ""
    changes: list[PreviewChange] = field(default_factory=list)
    """The first two hundred."""
    run_id: int | None = None
    format: str = ""
    mapping: Mapping[str, Any] | None = None

    def note(self, problem: Problem) -> None:
        """Keep a problem, and count it if it is an error."""
        if problem.severity == "error":
            self.failed += 1
        if len(self.problems) < KEPT_PROBLEMS:
            self.problems.append(problem)

    def show(self, change: PreviewChange) -> None:
        """Keep a change for the preview."""
        if len(self.changes) < SHOWN_CHANGES:
            self.changes.append(change)
