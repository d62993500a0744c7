"""Deliveries that a person uploads: kept as they are, previewed, then applied or thrown away.

A delivery is an ``ImportRun`` in the state "previewed" and a folder below ``deliveries`` with the file itself, the
chosen mapping, the preview, and how far a running job is.  What is applied is the very file that was previewed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from allmende.catalogue.actions.derive import refresh_derived_if_small
from allmende.catalogue.actions.imports import ImportOptions, ImportRefused, run_import
from allmende.catalogue.actions.report import ImportReport
from allmende.catalogue.bridges.readers import (
    READERS,
    ReadOptions,
    UnusableInput,
    choose_reader,
    reader_named,
    with_mapping,
)
from allmende.catalogue.models import ImportRun, Source
from allmende.catalogue.rules import ImportForbidden, may_import
from allmende.core.models import User
from allmende.core.uploads import UploadRefused, keep_upload, shown_name

KEPT_DAYS: Final = 14
LARGE_BYTES: Final = 8 * 2**20
"""Beyond this size a job of its own reads the delivery, and the page shows how far it is."""
LARGE_RECORDS: Final = 20_000
STALE_SECONDS: Final = 180
"""A job that has written nothing for so long was killed."""
BEAT_SECONDS: Final = 1.0


class DeliveryBusy(Exception):
    """A job is at work on this delivery already."""


class DeliveryGone(Exception):
    """The file was applied or thrown away meanwhile."""


@dataclass(frozen=True, slots=True)
class Job:
    """How far a job is."""

    task: str
    """preview or apply."""
    phase: str
    done: int
    state: str
    """running, failed, or interrupted."""
    message: str = ""


def folder_of(run: ImportRun) -> Path:
    """Where a delivery is kept."""
    return Path(settings.ALLMENDE_DATA) / "deliveries" / run.delivery


def file_of(run: ImportRun) -> Path:
    """The delivered file itself."""
    if run.delivery:
        for path in folder_of(run).glob("delivery*"):
            return path
    raise DeliveryGone("The file was applied or thrown away meanwhile.")


def keep_delivery(
    source: Source, name: str, pieces: Iterable[bytes], *, format: str = "", by: User | None, now: datetime
) -> ImportRun:
    """Keep an uploaded file for ``source``; raises ``UploadRefused`` for what is no data file."""
    if not may_import(by, source):
        raise ImportForbidden("Only managers of the owning organisation may import.")
    _sweep(now)
    root = Path(settings.ALLMENDE_DATA) / "deliveries"
    folder = keep_upload(name, pieces, root)
    run = ImportRun(
        source=source,
        state=ImportRun.State.PREVIEWED,
        by=by,
        started_at=now,
        location=shown_name(name),
        delivery=folder,
    )
    try:
        reader = reader_named(format).NAME if format in READERS else choose_reader(file_of(run)).NAME
    except UnusableInput as error:
        shutil.rmtree(root / folder, ignore_errors=True)
        raise UploadRefused(
            gettext("The format of this file was not recognised. Choose its format and upload it again.")
        ) from error
    _write(run, "options.json", {"format": reader, "mapping": source.mapping if source.format == reader else None})
    run.save()
    return run


def _sweep(now: datetime) -> None:
    """Throw away deliveries that nobody came back to."""
    old = ImportRun.objects.filter(state=ImportRun.State.PREVIEWED, started_at__lt=now - timedelta(days=KEPT_DAYS))
    for run in old[:20]:
        if not _is_at_work(run):
            _throw_away(run)


def _throw_away(run: ImportRun) -> None:
    if run.delivery:
        shutil.rmtree(folder_of(run), ignore_errors=True)
    run.delete()


def discard_delivery(run: ImportRun, *, by: User | None) -> None:
    """Throw an upload away without applying it."""
    _may(run, by)
    if _is_at_work(run):
        raise DeliveryBusy("This delivery is being worked on already.")
    _throw_away(run)


def _is_at_work(run: ImportRun) -> bool:
    job = job_of(run)
    return bool(job and job.state == "running") or (
        bool(run.delivery) and (folder_of(run) / "claim").exists() and _age(run) <= STALE_SECONDS
    )


def _may(run: ImportRun, by: User | None) -> None:
    if not may_import(by, run.source):
        raise ImportForbidden("Only managers of the owning organisation may import.")


def _write(run: ImportRun, name: str, value: Any) -> None:
    path = folder_of(run) / name
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_bytes(orjson.dumps(value))
    scratch.replace(path)


def _read(run: ImportRun, name: str) -> Any:
    try:
        return orjson.loads((folder_of(run) / name).read_bytes())
    except (OSError, ValueError):
        return None


def options_of(run: ImportRun) -> dict[str, Any]:
    """The format and mapping with which the delivery is read."""
    return _read(run, "options.json") or {"format": "", "mapping": None}


def choose_mapping(run: ImportRun, mapping: Mapping[str, Any] | None, *, by: User | None) -> None:
    """Read the delivery with ``mapping`` from now on; None lets the reader propose one again."""
    _may(run, by)
    _write(run, "options.json", {**options_of(run), "mapping": mapping})
    (folder_of(run) / "preview.json").unlink(missing_ok=True)


def preview_of(run: ImportRun) -> dict[str, Any] | None:
    """The last preview: ``ImportReport`` as plain values; None until there is one."""
    found: dict[str, Any] | None = _read(run, "preview.json")
    return found


def is_large(run: ImportRun) -> bool:
    """Whether reading the delivery takes longer than a person waits for a page.  Packed tables grow some sixfold."""
    path = file_of(run)
    return path.stat().st_size * (6 if path.suffix == ".xlsx" else 1) > LARGE_BYTES or run.read > LARGE_RECORDS


# ---------------------------------------------------------------------- jobs


def job_of(run: ImportRun) -> Job | None:
    """The job at work on the delivery, or the one that failed; None where there is none."""
    found = _read(run, "job.json") if run.delivery else None
    if found is None:
        return None
    job = Job(**found)
    if job.state == "running" and _age(run) > STALE_SECONDS:
        return Job(job.task, job.phase, job.done, "interrupted")
    return job


def _age(run: ImportRun) -> float:
    try:
        return time.time() - (folder_of(run) / "job.json").stat().st_mtime
    except OSError:
        return 0.0


@contextmanager
def _working(run: ImportRun, task: str) -> Iterator[Any]:
    """Be the only one at work on the delivery, and say how far the work is."""
    claim = folder_of(run) / "claim"
    if claim.exists() and _age(run) > STALE_SECONDS:
        claim.unlink(missing_ok=True)
    try:
        claim.touch(exist_ok=False)
    except FileExistsError as error:
        raise DeliveryBusy("This delivery is being worked on already.") from error
    except FileNotFoundError as error:
        raise DeliveryGone("The file was applied or thrown away meanwhile.") from error
    last = 0.0

    def progress(done: int, phase: str) -> None:
        nonlocal last
        if time.monotonic() - last >= BEAT_SECONDS:
            last = time.monotonic()
            _write(run, "job.json", asdict(Job(task, phase, done, "running")))

    try:
        progress(0, "read")
        yield progress
        (folder_of(run) / "job.json").unlink(missing_ok=True)
    except (UnusableInput, ImportRefused) as error:
        _write(run, "job.json", asdict(Job(task, "", 0, "failed", str(error))))
        raise
    except BaseException:
        _write(run, "job.json", asdict(Job(task, "", 0, "interrupted")))
        raise
    finally:
        claim.unlink(missing_ok=True)


def start_job(run: ImportRun, task: str, *, insist: bool = False) -> None:
    """Let a process of its own do the work; it outlives this request and a restart of the server."""
    _write(run, "job.json", asdict(Job(task, "start", 0, "running")))
    command = [sys.executable, "-m", "django", "deliver", task, str(run.pk), *(["--insist"] if insist else [])]
    with (folder_of(run) / "job.log").open("wb") as log:
        subprocess.Popen(  # noqa: S603  our own interpreter, our own command, a number
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=True
        )


# ---------------------------------------------------------------------- the two tasks


def _with_proposal(run: ImportRun) -> dict[str, Any]:
    """The options, with the reader's own proposal where a mapping is needed; kept even if it turns out unusable."""
    told = options_of(run)
    if told["mapping"] is None:
        source = run.source
        asked = ReadOptions(language=source.language, timezone=source.timezone, kind=source.kind)  # type: ignore[arg-type]
        proposed = with_mapping(reader_named(told["format"]), file_of(run), asked).mapping
        told = {**told, "mapping": proposed}
        _write(run, "options.json", told)
    return told


def preview_delivery(run: ImportRun, *, by: User | None, now: datetime) -> dict[str, Any]:
    """Say what applying the delivery would do, and keep the answer; raises ``UnusableInput``, ``DeliveryBusy``."""
    _may(run, by)
    with _working(run, "preview") as progress:
        told = _with_proposal(run)
        options = ImportOptions(format=told["format"], mapping=told["mapping"], preview=True)
        report = run_import(run.source, file_of(run), options=options, by=by, now=now, progress=progress)
        for name in ("read", "created", "updated", "unchanged", "withdrawn", "failed"):
            setattr(run, name, getattr(report, name))
        run.problems = [asdict(problem) for problem in report.problems]
        run.save()
        preview = {**asdict(report), "problems": []}
        _write(run, "preview.json", preview)
    return {**preview, "problems": run.problems}


def apply_delivery(run: ImportRun, *, insist: bool, by: User | None, now: datetime) -> ImportReport:
    """Apply the file that was previewed.  The delivery is gone afterwards; its own run holds what became of it.

    Raises ``ImportRefused`` (the guard; the delivery stays), ``UnusableInput``, ``DeliveryBusy``, ``DeliveryGone``.
    """
    _may(run, by)
    told = options_of(run)
    options = ImportOptions(format=told["format"], mapping=told["mapping"], allow_vanish=insist)
    with _working(run, "apply") as progress:
        report = run_import(
            run.source, file_of(run), options=options, by=by, now=now, progress=progress, location=run.location
        )
    refresh_derived_if_small()
    shutil.rmtree(folder_of(run), ignore_errors=True)
    # The row stays, without a file, so that the page of a running job finds its way to the result.
    ImportRun.objects.filter(pk=run.pk).update(delivery="", message=str(report.run_id))
    return report


def do_job(run_id: int, task: str, *, insist: bool) -> None:
    """What the process that ``start_job`` started does."""
    run = ImportRun.objects.select_related("source", "by").get(pk=run_id)
    if task == "preview":
        preview_delivery(run, by=run.by, now=timezone.now())
    else:
        apply_delivery(run, insist=insist, by=run.by, now=timezone.now())
