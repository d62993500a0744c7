"""What people write down of an intervention, step by step, and in which state it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

from allmende.insight.models import Intervention, InterventionSite


class State(models.TextChoices):
    """How far it is; follows from its dates and from whether it is locked."""

    DRAFT = "draft", pgettext_lazy("intervention", "Draft")
    PLANNED = "planned", pgettext_lazy("intervention", "Planned")
    RUNNING = "running", pgettext_lazy("intervention", "Running")
    ENDED = "ended", pgettext_lazy("intervention", "Ended")
    CANCELLED = "cancelled", pgettext_lazy("intervention", "Cancelled")


Part = InterventionSite.Part
MOST_SITES: Final = 80
"""Places in one intervention."""


def state_of(intervention: Intervention, *, today: date) -> State:
    """The state on a day."""
    if intervention.cancelled_at is not None:
        return State.CANCELLED
    if intervention.locked_at is None:
        return State.DRAFT
    if intervention.ends_on is not None and intervention.ends_on < today:
        return State.ENDED
    return State.RUNNING if intervention.starts_on <= today else State.PLANNED


@dataclass(frozen=True, slots=True)
class What:
    """The first step: what is done, and when."""

    organisation_id: int
    network_id: int | None
    title: str
    kind: str
    what: str
    starts_on: date
    ends_on: date | None
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """The second step: one place and its part."""

    site_id: int
    part: str
    starts_on: date | None = None
    """Only for treated ones that begin on another day."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The third step: what should come of it."""

    hypothesis: str
    direction: str
    expected_percent: float | None
    """With or without its sign; the direction decides."""
    cost: Decimal | None = None
    currency: str = "EUR"
