"""Feeds on a schedule: who is due, one fetch, and what follows from it."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from allmende.catalogue.actions.alerts import tell_owner
from allmende.catalogue.actions.download import Delivery, download
from allmende.catalogue.actions.imports import ImportOptions, ImportRefused, run_import
from allmende.catalogue.actions.lease import Lease, LeaseLost, free
from allmende.catalogue.actions.report import ImportReport
from allmende.catalogue.actions.runs import forget_uneventful_runs, record_failure, record_unchanged
from allmende.catalogue.bridges.readers import UnusableInput
from allmende.catalogue.feeds import LONGEST_MINUTES, SHORTEST_MINUTES, is_scheduled, next_fetch
from allmende.catalogue.models import Source
from allmende.catalogue.rules import ImportForbidden, may_import
from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.fetch import AddressRefused, Bounds, FetchFailed, Resolver, checked_address, system_resolver
from allmende.core.models import User

log = logging.getLogger("allmende.feeds")

FEED: Final = Bounds(seconds=120)
"""For all pages of one feed."""
SCHEDULE: Final = ("location", "every_minutes", "is_paused", "precedence", "is_indexed", "inside_only")
MOST_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What became of one fetch."""

    source: str
    """Short name."""
    state: str
    """applied, unchanged, refused, unusable, or busy (another process is at it)."""
    message: str = ""
    report: ImportReport | None = None
    retry_after: str = ""


def due_sources(now: datetime) -> list[Source]:
    """Sources that are to be fetched and that nobody fetches, the longest waiting first."""
    due = Source.objects.filter(free(now), next_fetch_at__lte=now).exclude(location="")
    return list(due.order_by("next_fetch_at", "pk")[:MOST_AT_ONCE])


def scheduled_sources() -> list[Source]:
    """Sources that are fetched without anybody asking, due or not."""
    return list(Source.objects.filter(every_minutes__isnull=False, is_paused=False).exclude(location="").order_by("pk"))


def fetch_due(
    *, now: datetime, budget_seconds: float, bounds: Bounds = FEED, resolve: Resolver = system_resolver
) -> list[FetchResult]:
    """Fetch what is due, one after the other; none is begun after ``budget_seconds``, the next round goes on."""
    started = time.monotonic()
    results = []
    for source in due_sources(now):
        spent = time.monotonic() - started
        if spent >= budget_seconds:
            break
        result = fetch_source(
            source, now=now + timedelta(seconds=int(spent)), due_only=True, bounds=bounds, resolve=resolve
        )
        results.append(result)
    return results


def fetch_source(
    source: Source,
    *,
    now: datetime,
    due_only: bool = False,
    is_whole: bool = False,
    bounds: Bounds = FEED,
    resolve: Resolver = system_resolver,
    progress: Callable[[int, str], None] = lambda done, phase: None,
) -> FetchResult:
    """Fetch one source and import what came; whatever goes wrong is in the result and in a run.

    ``due_only``: not if another process was quicker.  ``is_whole``: even if the server says that nothing changed.
    """
    lease = Lease(source.pk, now)
    if not lease.take(due_only=due_only):
        return FetchResult(source.slug, "busy", "Another process fetches this source.")
    source.refresh_from_db()
    folder = Path(settings.ALLMENDE_DATA) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)

    def at_work(done: int = 0, phase: str = "") -> None:
        lease.renew()
        progress(done, phase)

    try:
        # The name is that of an import's own leftovers, which are cleared away after a day.
        with tempfile.TemporaryDirectory(prefix="allmende-import-", dir=folder) as inside:
            result, delivery = _take(source, Path(inside), now, is_whole, bounds, resolve, at_work)
        _settle(source, lease, result, delivery, now=now)
    except LeaseLost:
        return FetchResult(source.slug, "busy", "Another process has taken this source over.")
    log.log(
        logging.INFO if result.state in {"applied", "unchanged"} else logging.WARNING,
        "Feed %s: %s",
        source.slug,
        result.state,
    )
    return result


def _take(
    source: Source,
    folder: Path,
    now: datetime,
    is_whole: bool,
    bounds: Bounds,
    resolve: Resolver,
    at_work: Callable[..., None],
) -> tuple[FetchResult, Delivery]:
    """Download, then import; an exception becomes a result with its run."""
    nothing = Delivery(())
    try:
        delivery = download(
            source,
            folder,
            bounds=bounds,
            is_whole=is_whole,
            allow=settings.ALLMENDE_FETCH_ALLOW,
            resolve=resolve,
            at_work=at_work,
        )
        if not delivery.pages:
            record_unchanged(source, now=now)
            return FetchResult(source.slug, "unchanged"), delivery
        report = run_import(
            source,
            delivery.pages[0],
            more=delivery.pages[1:],
            options=ImportOptions(unattended=True),
            by=None,
            now=now,
            progress=at_work,
            trusted=True,
            location=source.location,
        )
        # What was not read whole is asked for again, unchanged or not.
        whole = delivery if not report.unread else nothing
        return FetchResult(source.slug, "applied", report=report), whole
    except ImportRefused as error:
        return FetchResult(source.slug, "refused", str(error), vars(error)["report"]), nothing
    except FetchFailed as error:
        record_failure(source, str(error), now=now)
        return FetchResult(source.slug, "unusable", str(error), retry_after=error.retry_after), nothing
    except UnusableInput as error:
        record_failure(source, str(error), now=now)
        return FetchResult(source.slug, "unusable", str(error)), nothing
    except LeaseLost:
        raise
    except Exception as error:
        # A mistake of ours with one feed must neither stop the others nor come back every minute.
        log.exception("Feed %s could not be taken in", source.slug)
        message = f"Reading this delivery failed here ({type(error).__name__}). The operator's log says where."
        record_failure(source, message, now=now)
        return FetchResult(source.slug, "unusable", message), nothing


def _settle(source: Source, lease: Lease, result: FetchResult, delivery: Delivery, *, now: datetime) -> None:
    """Say when to come back, give the lease back, and tell the owner if need be."""
    with transaction.atomic():
        # A person may have changed the schedule meanwhile.
        held = Source.objects.select_for_update().filter(lease.mine).first()
        if held is None:
            raise LeaseLost
        is_good = result.state in {"applied", "unchanged"}
        held.failures = 0 if is_good else held.failures + 1
        if held.location == source.location:
            held.next_fetch_at = next_fetch(held, now=now, retry_after=result.retry_after)
            if is_good:
                held.etag, held.last_modified = _kept(delivery.etag, 300), _kept(delivery.last_modified, 100)
        held.leased_until = None
        held.save(update_fields=["failures", "etag", "last_modified", "next_fetch_at", "leased_until"])
    forget_uneventful_runs(held)
    tell_owner(held, now=now)


def _kept(validator: str, length: int) -> str:
    """A validator, unless it is too long to be kept: half of one is none."""
    return validator if len(validator) <= length else ""


def ask_for_fetch(source: Source, *, by: User | None, now: datetime) -> None:
    """Let the periodic work fetch ``source`` in its next round, whatever its schedule says, and read all of it."""
    if not may_import(by, source):
        raise ImportForbidden("Only managers of the owning organisation may fetch a source.")
    if "://" not in source.location:
        raise ValidationError(gettext("Give the address of the feed first."))
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(next_fetch_at=now, etag="", last_modified="")
        record("catalogue.ask_for_fetch", ("source", source.pk), by=by, now=now)


def change_schedule(source: Source, changes: Mapping[str, Any], *, by: User | None, now: datetime) -> list[str]:
    """Change where and when ``source`` is fetched (names as in ``SCHEDULE``); return the names of those that changed.

    Raises ``ValidationError`` by field.
    """
    if not may_import(by, source):
        raise ImportForbidden("Only managers of the owning organisation may change a source.")
    with transaction.atomic():
        held = Source.objects.select_for_update().get(pk=source.pk)
        changed = sorted(name for name in SCHEDULE if name in changes and getattr(held, name) != changes[name])
        if not changed:
            return []
        for name in changed:
            setattr(held, name, changes[name])
        _check(held, changed)
        if "location" in changed:
            held.etag = held.last_modified = ""
        if {"location", "every_minutes", "is_paused"} & set(changed):
            held.failures = 0
            held.next_fetch_at = now if is_scheduled(held) else None
        held.save(update_fields=[*changed, "etag", "last_modified", "failures", "next_fetch_at"])
        record("catalogue.change_schedule", ("source", held.pk), by=by, now=now, fields=changed)
        if "is_indexed" in changed:
            touch_content()
    source.refresh_from_db()
    return changed


def _check(source: Source, changed: list[str]) -> None:
    every = source.every_minutes
    if every is not None and not SHORTEST_MINUTES <= every <= LONGEST_MINUTES:
        raise ValidationError({"every_minutes": gettext("Between 5 minutes and 30 days, please.")})
    if every is not None or "location" in changed:
        if every is None and not source.location:
            return
        try:
            checked_address(source.location)
        except AddressRefused as error:
            raise ValidationError(
                {"location": gettext("Write the whole address of the feed, such as https://example.org/events.ics.")}
            ) from error


__all__ = [
    "SCHEDULE",
    "FetchResult",
    "ask_for_fetch",
    "change_schedule",
    "due_sources",
    "fetch_due",
    "fetch_source",
    "scheduled_sources",
]
