"""What the published records of a person still lack, the most useful step first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Value

from allmende.catalogue.queries.editing.records import MISSING, each_kind, editable_for
from allmende.catalogue.values import KINDS
from allmende.core.prepared import prepared
from allmende.core.publication import Publication
from allmende.partners.rules import Someone, organisations_to_edit

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
    allowed = organisations_to_edit(user)
    counted = _counts(allowed, now.date() - timedelta(days=1)) if allowed != [] else []
    lines = {kind: (total, lacking) for kind, total, *lacking in counted}
    found = [
        Gap(kind, name, n, lines[kind][0])
        for kind in KINDS
        if kind in lines
        for name, n in zip(WEIGHTS, lines[kind][1], strict=True)
    ]
    return sorted(found, key=lambda gap: -gap.n * WEIGHTS[gap.missing])


@prepared
def _counts(allowed: Sequence[int] | None, first: date) -> QuerySet[Any, Any]:
    """(kind, records, then how many of them lack what ``WEIGHTS`` names, in its order); only kinds with records."""
    lacking = {f"no_{name}": Count("pk", filter=MISSING[name]) for name in WEIGHTS}
    queries = []
    for kind in KINDS:
        items = editable_for(allowed, kind).filter(state=Publication.PUBLISHED).order_by()
        items = items.filter(last_day__gte=first) if kind == "event" else items
        counted = items.values(of=Value(kind)).annotate(total=Count("pk"), **lacking)
        queries.append(counted.values_list("of", "total", *lacking))
    return each_kind(queries)
