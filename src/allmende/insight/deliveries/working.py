"""Large deliveries are read, previewed and applied by a process of its own, while a page says how far it is.

What was asked for is a row (``DeliveryWork``); how far it is, and that somebody is still at it, is a file beside the delivery.
A process that is killed leaves both behind: the work is begun again from the start, which changes nothing twice, for a
delivery is applied in one transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop

from allmende.core.models import User
from allmende.core.processes import start_command
from allmende.insight.deliveries import keeping
from allmende.insight.deliveries.actions import (
    DeliveryForbidden,
    DeliveryRefused,
    apply_delivery,
    preview_delivery,
    propose_columns,
)
from allmende.insight.deliveries.saying import Said, kept_sentences
from allmende.insight.deliveries.values import Progress
from allmende.insight.models import Delivery, DeliveryWork
from allmende.insight.rules import may_edit_for

log = logging.getLogger("allmende.insight")

Task = DeliveryWork.Task
LARGE_BYTES: Final = 4 * 2**20
"""About a hundred thousand rows, or a second."""
LARGE_FIGURES: Final = 200_000
PACKED: Final = 6
"""Workbooks and Parquet unpack to about so many times their size."""
STALE: Final = timedelta(minutes=3)
"""Work of which nothing was heard for so long was interrupted, and is begun again."""
MOST_AT_ONCE: Final = 2
MOST_TRIES: Final = 3
BEAT_SECONDS: Final = 1.0
PROGRESS: Final = "progress.json"
STOP: Final = "stop.json"
Clock = Callable[[], datetime]


class Stopped(Exception):
    """Somebody stopped the work."""


@dataclass(frozen=True, slots=True)
class Work:
    """How far the work on a delivery is."""

    task: str
    is_running: bool
    """Waiting for its turn, or begun."""
    step: str = ""
    """reading, understanding, comparing, writing; empty: not begun."""
    done: int = 0
    total: int = 0
    """0: not known."""
    failure: str = ""
    """Why it could not be done, in the reader's language."""


def is_large(delivery: Delivery) -> bool:
    """Whether working on the delivery takes longer than a person waits for a page."""
    path = keeping.file_of(delivery)
    if path is None:
        return False
    return path.is_dir() or keeping.weight_of(path, PACKED) > LARGE_BYTES or delivery.read > LARGE_FIGURES


def ask(delivery: Delivery, task: str, *, site: str = "", by: User | None, now: datetime) -> None:
    """Let a process of its own do it; what was asked for and failed before is forgotten."""
    if not may_edit_for(by, delivery.organisation_id):
        raise DeliveryForbidden("Only editors of an organisation take figures in for it.")
    DeliveryWork.objects.filter(delivery=delivery, failure__isnull=False).delete()
    told = {"task": task, "by": by, "site": site[:200], "asked_at": now}
    _work, is_new = DeliveryWork.objects.get_or_create(delivery=delivery, defaults=told)
    if is_new:
        _forget_traces(delivery)
        start_working()


def start_working() -> None:
    """Start the process; without it the periodic work does so within a minute."""
    start_command("work_deliveries")


def start_if_waiting(now: datetime) -> bool:
    """The periodic part: whether there was something to do for a process, which was then started."""
    is_waiting = any(not is_at_it(work, now) for work in _open())
    if is_waiting:
        start_working()
    return is_waiting


def work_deliveries(clock: Clock) -> int:
    """Do what waits, the oldest first, until nothing is left; return how many were done."""
    done = 0
    while (work := _claimed(clock())) is not None:
        done += _do(work, clock)
    return done


def _open() -> list[DeliveryWork]:
    return list(DeliveryWork.objects.filter(failure__isnull=True).select_related("delivery", "by").order_by("asked_at"))


def is_at_it(work: DeliveryWork, now: datetime) -> bool:
    """Whether a process works on it."""
    if work.claimed_at is None:
        return False
    last = max(work.claimed_at.timestamp(), keeping.written_at(work.delivery, PROGRESS))
    return now.timestamp() - last < STALE.total_seconds()


def _claimed(now: datetime) -> DeliveryWork | None:
    """The next one, which nobody else gets."""
    waiting, at_it = [], 0
    for work in _open():
        if is_at_it(work, now):
            at_it += 1
        else:
            waiting.append(work)
    for work in waiting if at_it < MOST_AT_ONCE else []:
        if work.tries >= MOST_TRIES:
            _fail(work, Said(gettext_noop("It was begun several times and never came to an end. Split the file.")))
            continue
        if _mine(work).update(claimed_at=now, tries=F("tries") + 1):
            work.claimed_at = now
            return work
    return None


def _do(work: DeliveryWork, clock: Clock) -> bool:
    delivery = work.delivery
    progress = _progress(delivery)
    try:
        progress("", 0, 0)
        if work.task == Task.APPLY:
            if delivery.state != Delivery.State.APPLIED:
                apply_delivery(delivery, by=work.by, now=clock(), progress=progress)
            else:  # killed between the last figure and the end of the work
                keeping.forget_file(delivery)
        else:
            if work.task == Task.READ:
                propose_columns(delivery, work.site, by=work.by, progress=progress)
            preview_delivery(delivery, by=work.by, progress=progress)
    except Stopped:
        _end(work)
        return False
    except DeliveryRefused as error:
        if work.task == Task.APPLY and Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.APPLIED).exists():
            _end(work)  # somebody who was thought to be gone did it meanwhile
            return True
        return _fail(work, *error.said)
    except DeliveryForbidden:
        return _fail(work, Said(gettext_noop("Whoever asked for it may not take figures in any more.")))
    except Exception:  # it would be begun again, and what waits behind it would wait with it
        log.exception("Delivery %s: %s failed", delivery.pk, work.task)
        return _fail(work, Said(gettext_noop("Something went wrong here; the log of the server says what.")))
    _end(work)
    return True


def _progress(delivery: Delivery) -> Progress:
    last = 0.0

    def told(step: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last < BEAT_SECONDS:
            return
        last = time.monotonic()
        if keeping.read(delivery, STOP) is not None:
            raise Stopped
        keeping.write(delivery, PROGRESS, {"step": step, "done": done, "total": total})

    return told


def _mine(work: DeliveryWork) -> QuerySet[DeliveryWork]:
    """The work, as long as nobody else began it anew: whoever was too slow ends nothing that is another's by now."""
    return DeliveryWork.objects.filter(pk=work.pk, claimed_at=work.claimed_at, failure__isnull=True)


def _end(work: DeliveryWork) -> None:
    if _mine(work).delete()[0]:
        _forget_traces(work.delivery)


def _fail(work: DeliveryWork, *said: Said) -> bool:
    if _mine(work).update(failure=[one.as_json() for one in said]):
        _forget_traces(work.delivery)
    return False


def _forget_traces(delivery: Delivery) -> None:
    for name in (PROGRESS, STOP):
        keeping.unwrite(delivery, name)


def stop_work(delivery: Delivery, *, by: User | None, now: datetime) -> None:
    """Stop what waits or is at work; nothing of the figures is changed then."""
    if not may_edit_for(by, delivery.organisation_id):
        raise DeliveryForbidden("Only editors of an organisation take figures in for it.")
    work = DeliveryWork.objects.filter(delivery=delivery, failure__isnull=True).select_related("delivery").first()
    if work is None:
        return
    if is_at_it(work, now):
        keeping.write(delivery, STOP, {})
    elif DeliveryWork.objects.filter(pk=work.pk, claimed_at=work.claimed_at).delete()[0]:
        _forget_traces(delivery)


def work_of(delivery: Delivery) -> Work | None:
    """What is being done with the delivery, or was tried in vain; None where there is nothing to tell."""
    work = DeliveryWork.objects.filter(delivery=delivery).first()
    if work is None:
        return None
    if work.failure is not None:
        return Work(work.task, False, failure=kept_sentences(work.failure))
    told = (keeping.read(delivery, PROGRESS) or {}) if work.claimed_at else {}
    return Work(work.task, True, told.get("step", ""), told.get("done", 0), told.get("total", 0))
