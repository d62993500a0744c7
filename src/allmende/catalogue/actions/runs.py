"""Runs in which nothing happened: kept, but not for ever and not at length."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from allmende.catalogue.models import ImportRun, Source

UNEVENTFUL_KEPT: Final = 100
SWEEP: Final = 50
"""So many are deleted at once: each time the records' table is looked through for what points to them."""


def record_unchanged(source: Source, *, now: datetime) -> ImportRun:
    """A run in which the server said that nothing changed; its figures are those of the last one."""
    last = source.runs.filter(state=ImportRun.State.APPLIED).defer("problems").first()
    good = last.read - last.failed if last else 0
    return ImportRun.objects.create(
        source=source,
        state=ImportRun.State.APPLIED,
        started_at=now,
        finished_at=now,
        location=source.location,
        read=good,
        unchanged=good,
    )


def record_failure(source: Source, message: str, *, now: datetime) -> ImportRun:
    """A run that brought nothing; ``message`` says why."""
    return ImportRun.objects.create(
        source=source,
        state=ImportRun.State.UNUSABLE,
        started_at=now,
        finished_at=now,
        location=source.location,
        message=message,
    )


def _uneventful(source: Source) -> QuerySet[ImportRun]:
    """Runs of the schedule that changed no record, newest first."""
    runs = source.runs.filter(by=None, created=0, updated=0, withdrawn=0)
    return runs.exclude(state__in=(ImportRun.State.PREVIEWED, ImportRun.State.APPLYING))


def forget_uneventful_runs(source: Source) -> None:
    """Keep the problems of the newest run only where nothing changed, and delete what is old and plenty."""
    newest = list(_uneventful(source)[:2])
    if len(newest) == 2 and newest[1].problems and newest[0].problems == newest[1].problems:
        ImportRun.objects.filter(pk=newest[1].pk).update(problems=[])
    surplus = list(_uneventful(source).values_list("pk", flat=True)[UNEVENTFUL_KEPT : UNEVENTFUL_KEPT + SWEEP])
    if len(surplus) == SWEEP:
        ImportRun.objects.filter(pk__in=surplus).delete()
