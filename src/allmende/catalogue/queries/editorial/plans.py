"""When records are to appear and to leave.  Whoever asks has been asked whether they may edit them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from allmende.catalogue.models import PublicationPlan
from allmende.core.prepared import prepared


@dataclass(frozen=True, slots=True)
class Plan:
    """The times of one record."""

    publish_at: datetime | None = None
    withdraw_at: datetime | None = None
    is_reviewed: bool = False


def plans_of(kind: str, identifiers: Iterable[int]) -> dict[int, Plan]:
    """Record -> its plan, for those that have one."""
    return {
        row.item_id: Plan(row.publish_at, row.withdraw_at, row.is_reviewed)
        for row in _plans(list(identifiers), kind=kind)
    }


@prepared
def _plans(identifiers: Sequence[int], *, kind: str) -> QuerySet[PublicationPlan]:
    return PublicationPlan.objects.filter(kind=kind, item_id__in=identifiers)
