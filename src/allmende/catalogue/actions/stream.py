"""Single records of a source that sends them one by one: what is not among them is not missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction

from allmende.catalogue.actions.apply import Applier, Waiting
from allmende.catalogue.actions.imports import _salt, fingerprint
from allmende.catalogue.actions.report import ImportReport
from allmende.catalogue.bridges.readers import RawRecord, ReadOptions, reader_named
from allmende.catalogue.models import ITEM_MODELS, Event, ImportRun, Source, SourceRecord
from allmende.core.audit import record
from allmende.core.content import touch_content


def known_keys(source: Source, *, upcoming_on: date | None = None) -> list[str]:
    """The keys of what the source has at present; with ``upcoming_on`` only of events that are not over that day."""
    kept = SourceRecord.objects.filter(source=source, state=SourceRecord.State.CURRENT)
    if upcoming_on is not None:
        events = Event.objects.filter(source=source, last_day__gte=upcoming_on)
        kept = kept.filter(kind="event", item_id__in=events.values("pk"))
    return list(kept.order_by("pk").values_list("key", flat=True))


def take_in(
    source: Source, records: Sequence[RawRecord], *, withdrawn: Sequence[str] = (), now: datetime, location: str = ""
) -> ImportReport:
    """Apply ``records`` of ``source`` as an import would, and withdraw the records with the keys ``withdrawn``.

    The same records twice change nothing.  A run is kept only if something changed or could not be understood.
    """
    reader = reader_named(source.format)
    read = ReadOptions(
        mapping=source.mapping,
        language=source.language,
        timezone=source.timezone,
        kind=source.kind,  # type: ignore[arg-type]
    )
    report = ImportReport(format=reader.NAME, read=len(records))
    salt = _salt(source, reader, read)
    last = {raw.key: raw for raw in records}
    kept = SourceRecord.objects.filter(source=source, key__in=last)
    known = {key: (mark, state) for key, mark, state in kept.values_list("key", "fingerprint", "state")}
    waiting = []
    for key, raw in last.items():
        mark = fingerprint(raw.raw, salt)
        if known.get(key) == (mark, SourceRecord.State.CURRENT):
            report.unchanged += 1
        else:
            waiting.append(Waiting(key, mark, raw.raw, raw.where))
    with transaction.atomic():
        run = ImportRun.objects.create(
            source=source, state=ImportRun.State.APPLYING, started_at=now, location=location[:1000]
        )
        applier = Applier(source, reader, read, report, now=now)
        report.run_id = applier.run_id = run.pk
        if waiting:
            applier.apply(waiting)
        report.withdrawn = _withdraw(applier, [key for key in withdrawn if key not in last])
        changed = report.created + report.updated + report.withdrawn
        if changed:
            record(
                "catalogue.import",
                ("source", source.pk),
                by=None,
                now=now,
                run=run.pk,
                created=report.created,
                updated=report.updated,
                withdrawn=report.withdrawn,
            )
            touch_content()
        _close(run, report, now=now, keep=bool(changed or report.problems))
    return report


def _withdraw(applier: Applier, keys: Sequence[str]) -> int:
    rows = list(
        SourceRecord.objects.filter(source=applier.source, key__in=keys, state=SourceRecord.State.CURRENT).only(
            "pk", "kind", "item_id"
        )
    )
    SourceRecord.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=SourceRecord.State.WITHDRAWN, changed_at=applier.now, run_id=applier.run_id
    )
    for kind in ITEM_MODELS:
        applier._withdraw(kind, [row.item_id for row in rows if row.kind == kind])
    return len(rows)


def _close(run: ImportRun, report: ImportReport, *, now: datetime, keep: bool) -> None:
    if not keep:
        run.delete()
        report.run_id = None
        return
    for name in ("read", "created", "updated", "unchanged", "withdrawn", "failed"):
        setattr(run, name, getattr(report, name))
    run.problems = [asdict(problem) for problem in report.problems]
    run.state, run.finished_at = ImportRun.State.APPLIED, now
    run.save()
