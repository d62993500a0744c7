"""Mistakes that readers report."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from allmende.catalogue.models import ITEM_MODELS, MistakeReport
from allmende.catalogue.rules import EditForbidden, may_see_reports
from allmende.core.audit import record
from allmende.core.models import User


def report_mistake(
    kind: str, item_id: int, message: str, reply_to: str, language: str, *, now: datetime
) -> MistakeReport:
    """Keep what a reader says is wrong with an item; the audit line holds neither text nor address."""
    with transaction.atomic():
        report = MistakeReport.objects.create(
            kind=kind, item_id=item_id, message=message[:2000], reply_to=reply_to, language=language, created_at=now
        )
        record("catalogue.report_mistake", (kind, item_id), by=None, now=now, report=report.pk)
    return report


def settle_report(report: MistakeReport, *, is_done: bool, by: User | None, now: datetime) -> None:
    """Say that a reported mistake is put right, or take that back.  The reader's address is forgotten when it is done."""
    item = ITEM_MODELS[report.kind].objects.filter(pk=report.item_id).first()  # type: ignore[attr-defined]
    if item is None or not may_see_reports(by, item):
        raise EditForbidden("Only editors of the owning organisation may settle its reports.")
    state = MistakeReport.State.DONE if is_done else MistakeReport.State.OPEN
    changes = {"state": state} | ({"reply_to": ""} if is_done else {})
    with transaction.atomic():
        if MistakeReport.objects.filter(pk=report.pk).exclude(state=state).update(**changes):
            record(
                "catalogue.settle_report", (report.kind, report.item_id), by=by, now=now, report=report.pk, done=is_done
            )
