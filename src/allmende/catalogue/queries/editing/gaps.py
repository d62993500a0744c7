"""What the published records of a person still lack, the most useful step first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from allmende.catalogue.queries.editing.records import MISSING, editable
from allmende.catalogue.values import KINDS
from allmende.core.publication import Publication
from allmende.partners.rules import Someone

WEIGHTS = {"point": 4, "accessibility": 3, "description": 2, "prices": 1}
"""Without a point a record is on no map and near nobody; without access facts, some guests cannot come at all."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Published records of one kind that lack one thing."""

    kind: str
    missing: str
    n: int
    total: int

    @property
    def share(self) -> int:
        """Part of the records that have it, in per cent, rounded down: 100 only when none lacks it."""
        return 100 * (self.total - self.n) // self.total if self.total else 100


def gaps_of(user: Someone, *, now: datetime) -> list[Gap]:
    """Gaps in what ``user`` may edit; past events are left alone."""
    found: list[Gap] = []
    for kind in KINDS:
        items = editable(user, kind).filter(state=Publication.PUBLISHED).order_by()
        if kind == "event":
            items = items.filter(last_day__gte=now.date() - timedelta(days=1))
        told = items.aggregate(total=Count("pk"), **{name: Count("pk", filter=MISSING[name]) for name in WEIGHTS})
        found += [Gap(kind, name, told[name], told["total"]) for name in WEIGHTS if told["total"]]
    return sorted(found, key=lambda gap: -gap.n * WEIGHTS[gap.missing])
