"""Mistake reports about the records that a person may edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from allmende.catalogue.models import ITEM_MODELS, MistakeReport
from allmende.catalogue.queries.editing.records import editable_for
from allmende.catalogue.values import KINDS
from allmende.core.prepared import prepared
from allmende.core.text import Picked, pick
from allmende.partners.rules import Someone, organisations_to_edit


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report with the record it is about."""

    id: int
    kind: str
    item_id: int
    slug: str
    name: Picked
    message: str
    reply_to: str
    language: str
    created_at: datetime
    is_open: bool


def _mine(user: Someone) -> QuerySet[MistakeReport]:
    return _about(organisations_to_edit(user))


def _about(allowed: Sequence[int] | None) -> QuerySet[MistakeReport]:
    reports = MistakeReport.objects.all()
    if allowed is None:
        return reports
    if not allowed:
        return reports.none()
    mine = Q()
    for kind in KINDS:
        mine |= Q(kind=kind, item_id__in=editable_for(allowed, kind).order_by().values("pk"))
    return reports.filter(mine)


def open_reports(user: Someone) -> int:
    """How many reports wait for ``user``."""
    allowed = organisations_to_edit(user)
    return sum(_open(allowed)) if allowed != [] else 0


@prepared
def _open(allowed: Sequence[int] | None) -> QuerySet[MistakeReport, int]:
    rows = _about(allowed).filter(state=MistakeReport.State.OPEN).order_by().values("state")
    return rows.annotate(n=Count("pk")).values_list("n", flat=True)


@prepared
def _latest(allowed: Sequence[int] | None, *, state: str, limit: int) -> QuerySet[MistakeReport]:
    return _about(allowed).filter(state=state)[:limit]


def reports_to_see(user: Someone, *, is_open: bool, language: str, limit: int = 100) -> list[ReportRow]:
    """Reports about the records that ``user`` may edit, the latest first."""
    state = MistakeReport.State.OPEN if is_open else MistakeReport.State.DONE
    allowed = organisations_to_edit(user)
    reports = _latest(allowed, state=str(state), limit=limit) if allowed != [] else []
    names: dict[tuple[str, int], tuple[str, Picked]] = {}
    for kind in KINDS:
        ids = {report.item_id for report in reports if report.kind == kind}
        if not ids:
            continue
        rows = ITEM_MODELS[kind].objects.filter(pk__in=ids).values_list("pk", "slug", "name")  # type: ignore[attr-defined]
        names.update({(kind, pk): (slug, pick(name, language)) for pk, slug, name in rows})
    return [
        ReportRow(
            report.pk,
            report.kind,
            report.item_id,
            *names[report.kind, report.item_id],
            report.message,
            report.reply_to,
            report.language,
            report.created_at,
            report.state == MistakeReport.State.OPEN,
        )
        for report in reports
        if (report.kind, report.item_id) in names
    ]


def report_to_settle(user: Someone, identifier: int) -> MistakeReport | None:
    """The report if it is about a record that ``user`` may edit."""
    return _mine(user).filter(pk=identifier).first()
