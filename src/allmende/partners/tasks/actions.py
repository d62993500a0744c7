"""Making tasks, and saying that they are done."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.partners.models import Task
from allmende.partners.tasks.rules import homes_of


class TaskForbidden(PermissionError):
    """This person may not make or finish this task."""


def make_task(
    title: str,
    home: str,
    *,
    due: date | None = None,
    notes: str = "",
    for_me: bool = True,
    path: str = "",
    by: User,
    now: datetime,
) -> Task:
    """A task of ``by``, or (unless ``for_me``) of everybody in its home: ``organisation:5`` or ``network:7``."""
    where, _, number = home.partition(":")
    homes, identifier = homes_of(by), int(number) if number.isdecimal() else 0
    allowed = {"organisation": homes.may_make_for_organisation, "network": homes.may_make_for_network}.get(where)
    if allowed is None or not allowed(identifier):
        raise TaskForbidden("Tasks are made by an organisation's people, and by a network's editors and coordinators.")
    with transaction.atomic():
        task = Task.objects.create(
            title=title.strip()[:200],
            notes=notes.strip(),
            due=due,
            path=path,
            assigned_to=by if for_me else None,
            created_by=by,
            created_at=now,
            **{f"{where}_id": identifier},
        )
        record("partners.make_task", ("task", task.pk), by=by, now=now, due=due.isoformat() if due else None)
    return task


def finish_task(identifier: int, *, by: User, now: datetime) -> Task | None:
    """Say that a task is done; the person who made it hears of it.  None where ``by`` may not see it."""
    return _set_done(identifier, now, by=by, now=now)


def take_up_again(identifier: int, *, by: User, now: datetime) -> Task | None:
    """Take back that a task is done.  None where ``by`` may not see it."""
    return _set_done(identifier, None, by=by, now=now)


def _set_done(identifier: int, done_at: datetime | None, *, by: User, now: datetime) -> Task | None:
    homes = homes_of(by)
    with transaction.atomic():
        task = Task.objects.filter(homes.visible(), pk=identifier).first()
        if task is None:
            return None
        if not homes.may_finish(task):
            raise TaskForbidden("Somebody else does this task.")
        if (task.done_at is None) == (done_at is None):
            return task
        task.done_at, task.done_by = done_at, by if done_at else None
        task.save(update_fields=["done_at", "done_by"])
        action = "partners.finish_task" if done_at else "partners.reopen_task"
        record(action, ("task", task.pk), by=by, now=now)
        if done_at and task.created_by_id:
            tell(
                [task.created_by_id],
                "partners.task_done",
                gettext_noop("%(name)s finished “%(task)s”."),
                subject=("task", task.pk),
                path="/workspace/tasks/?show=done",
                facts={"name": by.name or by.email, "task": task.title},
                within=("network", task.network_id) if task.network_id else None,
                by=by,
                now=now,
            )
    return task
