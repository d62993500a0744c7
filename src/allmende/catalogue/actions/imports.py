"""Imports in four steps: read, match to what this source delivered before, preview, apply."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from allmende.catalogue import search
from allmende.catalogue.actions.apply import Applier, Clock, Waiting
from allmende.catalogue.actions.report import ImportReport
from allmende.catalogue.actions.spool import Spool
from allmende.catalogue.bridges.readers import (
    Problem,
    RawRecord,
    Reader,
    ReadOptions,
    UnusableInput,
    choose_reader,
    reader_named,
    with_mapping,
)
from allmende.catalogue.models import ITEM_MODELS, ImportRun, Source, SourceRecord
from allmende.catalogue.rules import ImportForbidden, may_import
from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.partners.actions import found_organisation
from allmende.partners.models import Organisation

BATCH = 500
TOGETHER = 2000
"""So many records are applied together; memory holds no more of a delivery."""
TRANSACTION = 10_000
TRANSACTION_SECONDS = 3.0
"""On SQLite a transaction ends after so many records, or when it has kept other writers waiting for so long.

Every batch touches the indexes of the occurrences all over, so that few large transactions write much less.  PostgreSQL
gains nothing, and two imports that hold many locks for long could come to wait for each other.
"""
VANISH_SHARE = 0.2
"""A delivery in which more of the known records are missing is refused unless told."""
VANISH_FLOOR = 5
CUT_SHORT = frozenset({"open-calendar", "truncated"})
"""Notes that say that a delivery breaks off."""
MANY = 1000
"""After so many changes the search index is tidied up."""

Progress = Callable[[int, str], None]


class ImportRefused(Exception):
    """The delivery was read but not applied; the message says why and how to insist."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the person who imports says."""

    format: str = ""
    """Name of a reader; empty: recognised."""
    mapping: Mapping[str, Any] | None = None
    preview: bool = False
    """Read and match, change nothing."""
    allow_vanish: bool = False
    """Apply even if more than a fifth of the known records are missing."""
    unattended: bool = False
    """Nobody looks: an empty delivery is refused too, however few records are known."""


def open_source(
    name: str, *, defaults: Mapping[str, Any], by: User | None = None, now: datetime, preview: bool = False
) -> Source:
    """The source of that short name, made if there is none; with ``preview`` nothing is stored.

    ``defaults``: title, organisation (name), format, language, timezone, country, kind, licence, credit ...; what is given
    and not empty also brings an existing source up to date.
    """
    given = {key: value for key, value in defaults.items() if value not in ("", None)}
    owner = given.pop("organisation", "")
    source = Source.objects.filter(slug=name).first()
    if preview:
        source = source or Source(slug=name, title=given.get("title") or name, created_at=now)
        for key, value in given.items():
            setattr(source, key, value)
        return source
    with transaction.atomic():
        if source is None:
            organisation = found_organisation(owner or given.get("title") or name, by=by, now=now)
            source = Source(slug=name, title=given.get("title") or name, organisation=organisation, created_at=now)
        elif owner:
            _hand_over(source, found_organisation(owner, by=by, now=now), by=by, now=now)
        changed = source.pk is None or any(getattr(source, key) != value for key, value in given.items())
        for key, value in given.items():
            setattr(source, key, value)
        if changed or owner:
            source.full_clean(exclude=["mapping", "organisation", "location", "format"])
            source.save()
    return source


def _hand_over(source: Source, organisation: Organisation, *, by: User | None, now: datetime) -> None:
    """Give a source and the records it owns through it to another organisation."""
    if source.organisation_id == organisation.pk:
        return
    for model in ITEM_MODELS.values():
        items = model.objects.filter(source=source, organisation_id=source.organisation_id)  # type: ignore[attr-defined]
        items.update(organisation=organisation, updated_at=now)
    record("catalogue.hand_over", ("source", source.pk), by=by, now=now, to=organisation.pk)
    source.organisation = organisation
    touch_content()


def run_import(
    source: Source,
    path: Path,
    *,
    options: ImportOptions,
    by: User | None,
    now: datetime,
    progress: Progress = lambda done, phase: None,
    trusted: bool = False,
    location: str = "",
    more: Sequence[Path] = (),
    clock: Clock = timezone.now,
) -> ImportReport:
    """Read the delivery at ``path`` for ``source``; preview or apply it.  ``more``: its further pages.

    ``clock`` stamps what is written, batch by batch; ``now`` stands for the import as a whole.
    ``trusted``: called from the command line of the machine itself, where rules do not apply.  Raises
    :class:`UnusableInput` if the delivery cannot be read at all, :class:`ImportRefused` when the guard holds it back
    (the report hangs on the exception as ``report``).
    """
    if not trusted and not may_import(by, source):
        raise ImportForbidden("Only managers of the owning organisation may import.")
    reader = reader_named(options.format or source.format) if options.format or source.format else choose_reader(path)
    wanted = options.mapping if options.mapping is not None else source.mapping
    read = ReadOptions(mapping=wanted, language=source.language, timezone=source.timezone, kind=_kind(source))
    if wanted is None:
        read = with_mapping(reader, path, read)
    report = ImportReport(format=reader.NAME, mapping=read.mapping)
    with Spool(settings.ALLMENDE_DATA / "tmp") as spool:
        known = SourceRecord.objects.filter(source_id=source.pk or 0, state=SourceRecord.State.CURRENT).count()
        seen = _match(source, (path, *more), reader, read, spool, report, progress)
        vanished = _vanished(known - seen, report, options)
        applier = Applier(source, reader, read, report, now=now, clock=clock)
        if options.preview:
            for batch in spool.waiting(BATCH):
                applier.preview([Waiting(*row) for row in batch])
            if vanished > 0:
                report.withdrawn = applier.preview_withdrawals(spool, BATCH)
            report.refused = _guard(known, vanished, report, options)
            return report
        refusal = _guard(known, vanished, report, options)
        if refusal:
            report.refused = refusal
            report.withdrawn = 0
            _keep_run(source, ImportRun.State.REFUSED, report, by=by, now=now, location=location, message=refusal)
            error = ImportRefused(refusal)
            error.report = report  # type: ignore[attr-defined]
            raise error
        mapping = source.mapping if read.mapping is None else dict(read.mapping)
        _remember(source, format=reader.NAME, location=_kept_location(source, location), mapping=mapping)
        _apply(source, spool, applier, report, vanished, by=by, now=now, location=location, progress=progress)
    return report


def _kept_location(source: Source, location: str) -> str:
    """A file that a person uploads in between does not take the place of an address that is fetched again and again."""
    return source.location if source.every_minutes and "://" not in location else location[:1000]


def _remember(source: Source, **told: Any) -> None:
    """Keep what the next import goes by.  Validators speak of the delivery before this one, so they go."""
    told |= {"etag": "", "last_modified": ""}
    changed = [name for name, value in told.items() if getattr(source, name) != value]
    for name in changed:
        setattr(source, name, told[name])
    if changed:
        source.save(update_fields=changed)


def _kind(source: Source) -> Any:
    return source.kind


def _vanished(missing: int, report: ImportReport, options: ImportOptions) -> int:
    """How many records count as dropped by their source: none, if the delivery was not read whole."""
    if missing > 0 and report.unread and not options.allow_vanish:
        report.note(
            Problem(
                "the delivery",
                f"{missing} known records are missing. None is withdrawn, because the delivery could not be read whole.",
                "not-read-whole",
                "note",
            )
        )
        return 0
    return missing


def _guard(known: int, vanished: int, report: ImportReport, options: ImportOptions) -> str:
    if options.unattended and known and not report.read:
        return (
            "The delivery is empty. What was delivered before stays; if it is meant, import again with --allow-vanish."
        )
    if options.allow_vanish or known < VANISH_FLOOR or vanished <= known * VANISH_SHARE:
        return ""
    return (
        f"{vanished} of {known} known records are missing from this delivery, more than a fifth. "
        "If the source really dropped them, import again with --allow-vanish."
    )


def fingerprint(raw: bytes, salt: bytes) -> str:
    """What tells two deliveries of one record apart."""
    return hashlib.blake2b(raw, digest_size=16, key=salt).hexdigest()


def _salt(source: Source, reader: Reader, read: ReadOptions) -> bytes:
    """Everything beside the bytes that decides what is understood: a new mapping means reading all again."""
    told = [
        reader.NAME,
        reader.VERSION,
        read.mapping,
        read.language,
        read.timezone,
        read.kind,
        source.shift_days,
        source.country,
    ]
    if source.inside_only:
        told.append("inside")
    return hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _batches(found: Iterator[RawRecord | Problem], report: ImportReport) -> Iterator[list[RawRecord]]:
    batch: list[RawRecord] = []
    for entry in found:
        if isinstance(entry, Problem):
            if entry.severity == "error":
                report.read += 1
                report.unread += 1
            elif entry.code in CUT_SHORT:
                report.unread += 1
            report.note(entry)
            continue
        batch.append(entry)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _match(
    source: Source,
    pages: Sequence[Path],
    reader: Reader,
    read: ReadOptions,
    spool: Spool,
    report: ImportReport,
    progress: Progress,
) -> int:
    """Walk through the delivery; put what is new or changed into the spool; return how many known records it holds."""
    salt = _salt(source, reader, read)
    seen = 0
    for number, path in enumerate(pages, start=1):
        with path.open("rb") as stream:
            for batch in _batches(_placed(reader.split(stream, read), number), report):
                seen += _match_batch(source, batch, salt, spool, report)
                progress(report.read, "read")
    return seen


def _placed(found: Iterator[RawRecord | Problem], page: int) -> Iterator[RawRecord | Problem]:
    """What a reader found, with the page that it stands on where there is more than one."""
    if page == 1:
        return found
    return (replace(entry, where=f"page {page}, {entry.where}") for entry in found)


def _match_batch(source: Source, batch: list[RawRecord], salt: bytes, spool: Spool, report: ImportReport) -> int:
    """Put what is new or changed into the spool; return how many known records the batch holds."""
    seen = 0
    report.read += len(batch)
    for raw in spool.note_seen(batch):
        batch.remove(raw)
        report.note(
            Problem(
                raw.where,
                "The identifier stands in this delivery twice; only the first one goes in. Give each its own.",
                "duplicate-key",
                key=raw.key,
            )
        )
    stored = SourceRecord.objects.filter(source_id=source.pk or 0, key__in=[raw.key for raw in batch])
    known = {key: (print_, state) for key, print_, state in stored.values_list("key", "fingerprint", "state")}
    waiting = []
    for raw in batch:
        now_print = fingerprint(raw.raw, salt)
        before = known.get(raw.key)
        if before and before[1] == SourceRecord.State.CURRENT:
            seen += 1
            if before[0] == now_print:
                report.unchanged += 1
                continue
        waiting.append((raw.key, now_print, raw.raw, raw.where))
    spool.put(waiting)
    return seen


def _apply(
    source: Source,
    spool: Spool,
    applier: Applier,
    report: ImportReport,
    vanished: int,
    *,
    by: User | None,
    now: datetime,
    location: str,
    progress: Progress,
) -> None:
    ImportRun.objects.filter(source=source, state=ImportRun.State.APPLYING).update(state=ImportRun.State.INTERRUPTED)
    run = _keep_run(source, ImportRun.State.APPLYING, report, by=by, now=now, location=location)
    report.run_id = applier.run_id = run.pk
    done = 0
    most = TRANSACTION if connection.vendor == "sqlite" else TOGETHER
    batches = spool.waiting(TOGETHER)
    batch = next(batches, None)
    while batch:
        with transaction.atomic():
            began, first = time.monotonic(), done
            while batch:
                applier.apply([Waiting(*row) for row in batch])
                done += len(batch)
                progress(done, "apply")
                batch = next(batches, None)
                if done - first >= most or time.monotonic() - began >= TRANSACTION_SECONDS:
                    break
            touch_content()
    if vanished > 0:
        report.withdrawn = applier.withdraw_missing(spool, BATCH)
    changed = report.created + report.updated + report.withdrawn
    if changed:
        applier.link_places()
    if changed >= MANY:
        search.optimize(connection)
    with transaction.atomic():
        for name in ("read", "created", "updated", "unchanged", "withdrawn", "failed"):
            setattr(run, name, getattr(report, name))
        run.problems = [asdict(problem) for problem in report.problems]
        run.state, run.finished_at = ImportRun.State.APPLIED, now
        run.save()
        record(
            "catalogue.import",
            ("source", source.pk),
            by=by,
            now=now,
            run=run.pk,
            created=report.created,
            updated=report.updated,
            withdrawn=report.withdrawn,
        )
        if changed:
            touch_content()


def _keep_run(
    source: Source,
    state: str,
    report: ImportReport,
    *,
    by: User | None,
    now: datetime,
    location: str,
    message: str = "",
) -> ImportRun:
    return ImportRun.objects.create(
        source=source,
        state=state,
        by=by,
        started_at=now,
        location=location[:1000],
        message=message,
        read=report.read,
        unchanged=report.unchanged,
        failed=report.failed,
        problems=[asdict(problem) for problem in report.problems],
    )


__all__ = ["ImportForbidden", "UnusableInput", "open_source", "run_import"]
