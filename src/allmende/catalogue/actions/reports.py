"""Mistakes that readers report."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from allmende.catalogue.models import MistakeReport
from allmende.core.audit import record


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
