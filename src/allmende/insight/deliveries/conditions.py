"""Deliveries of what figures depend on: weather and holidays.  They go the same steps as figures, each by its own package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from allmende.insight.bridges.tables import Columns, UnusableInput
from allmende.insight.deliveries import holiday_steps as holidays
from allmende.insight.deliveries import weather_steps as weather
from allmende.insight.models import Delivery
from allmende.partners.models import Organisation

Told = tuple[dict[str, Any], list[dict[str, Any]]]
"""Counts and what else is shown of it; and the problems."""


class Steps(Protocol):
    """The steps of one kind of delivery."""

    def propose(self, delivery: Delivery, path: Path, columns: Columns | None) -> dict[str, Any] | None:
        """How a file is read; None where it is of another kind."""

    def choose(self, delivery: Delivery, told: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """What is kept of what somebody chose, and its faults."""

    def read(self, delivery: Delivery, path: Path) -> Any:
        """What is in the file; raises ``UnusableInput``."""

    def preview(self, delivery: Delivery, found: Any) -> Told:
        """What applying what was read would do."""

    def write(self, delivery: Delivery, found: Any, *, now: datetime) -> Told:
        """Apply it, in the caller's transaction."""

    def built_upon(self, delivery: Delivery) -> list[str]:
        """What was applied upon it."""

    def undo(self, delivery: Delivery, *, now: datetime) -> None:
        """Take it back, in the caller's transaction."""


STEPS: Final[Mapping[str, Steps]] = {"weather": weather, "holidays": holidays}
"""By shape, which is also the origin of such a delivery."""


def steps_of(delivery: Delivery) -> Steps | None:
    """The steps of a delivery of weather or holidays; None: it holds figures."""
    return STEPS.get(delivery.columns.get("shape", ""))


def proposed(delivery: Delivery, path: Path, columns: Columns | None) -> dict[str, Any] | None:
    """How the file is read if it holds weather or holidays; what it is becomes its origin."""
    said = delivery.origin in STEPS
    # What somebody says comes last: an unmistakable file of another kind is taken for what it is.
    for shape in sorted(STEPS, key=lambda one: one == delivery.origin):
        found = STEPS[shape].propose(delivery, path, columns)
        if found is not None:
            delivery.origin = shape
            return found
    if said:
        raise UnusableInput("The file holds neither weather nor holidays.")
    return None


def hold(organisation_id: int) -> None:
    """Wait until no other delivery of weather or holidays to the organisation is being written or taken back; in a transaction.

    Each reads what is there and writes whole blocks: of two at once one would undo the other, or write the same one twice.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)


def note(delivery: Delivery, told: Told) -> None:
    """Write down with the delivery what was found in it."""
    counts, problems = told
    for name in ("read", "failed", "created", "changed", "unchanged"):
        setattr(delivery, name, counts[name])
    delivery.problems = problems
