"""Making tasks, changing them, saying that they are done, taking them off the list."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.partners.models import Membership, Task, WorkingGroup
from allmende.partners.networks.queries.people import people_of
from allmende.partners.tasks.rules import homes_of


class TaskForbidden(PermissionError):
    """This person may not make, change, finish or remove this task."""


class TaskRefused(ValueError):
    """It cannot be done; the message says why and what to do."""


def make_task(
    title: str,
    home: str,
    *,
    assigned_to: int | None,
    due: date | None = None,
    notes: str = "",
    group_id: int | None = None,
    path: str = "",
    by: User,
    now: datetime,
) -> Task:
    """A task in ``home`` (``organisation:5`` or ``network:7``), by whoever takes part there.

    It is ``assigned_to`` one of its people, who is told, or to nobody: then it is whoever's gets to it first.
    """
    where, _, number = home.partition(":")
    identifier = int(number) if number.isdecimal() else 0
    if where not in {"organisation", "network"} or not homes_of(by).takes_part(**{f"{where}_id": identifier}):
        raise TaskForbidden("Tasks are made by whoever takes part in an organisation or a network.")
    task = Task(path=path, created_by=by, created_at=now, **{f"{where}_id": identifier})
    _fill(task, title, notes, due, assigned_to, group_id)
    with transaction.atomic():
        task.save()
        record("partners.make_task", ("task", task.pk), by=by, now=now, due=due.isoformat() if due else None)
        _tell_of_gift(task, by, now)
    return task


def change_task(
    identifier: int,
    title: str,
    *,
    assigned_to: int | None,
    due: date | None,
    notes: str,
    group_id: int | None,
    by: User,
    now: datetime,
) -> Task | None:
    """Say it in other words, put it off, give it to somebody else; by whoever takes part.  None where it is not seen."""
    homes = homes_of(by)
    with transaction.atomic():
        task = Task.objects.filter(homes.visible(), pk=identifier).first()
        if task is None:
            return None
        if not homes.takes_part(organisation_id=task.organisation_id, network_id=task.network_id):
            raise TaskForbidden("Tasks are changed by whoever takes part.")
        before = task.assigned_to_id
        _fill(task, title, notes, due, assigned_to, group_id)
        task.save()
        record("partners.edit_task", ("task", task.pk), by=by, now=now)
        if assigned_to != before:
            _tell_of_gift(task, by, now)
    return task


def _fill(task: Task, title: str, notes: str, due: date | None, assigned_to: int | None, group_id: int | None) -> None:
    title = " ".join(title.split())[:200]
    if not title:
        raise TaskRefused(gettext("Write what is to do."))
    if assigned_to is not None and assigned_to not in _people_of(task):
        raise TaskRefused(gettext("Choose somebody who takes part."))
    if group_id is not None and not WorkingGroup.objects.filter(pk=group_id, network=task.network_id).exists():
        raise TaskRefused(gettext("There is no such working group."))
    task.title, task.notes, task.due = title, notes.strip()[:4000], due
    task.assigned_to_id, task.group_id = assigned_to, group_id


def _people_of(task: Task) -> set[int]:
    if task.network_id is not None:
        return {person.id for person in people_of(task.network_id)}
    members = Membership.objects.filter(organisation=task.organisation_id, user__is_active=True)
    return set(members.values_list("user_id", flat=True))


def _tell_of_gift(task: Task, by: User, now: datetime) -> None:
    """Whoever a task is given to hears of it; who takes it on themselves knows."""
    home = task.network or task.organisation
    if task.assigned_to_id in {None, by.pk} or home is None:
        return
    tell(
        [task.assigned_to_id or 0],
        "partners.task_given",
        gettext_noop("%(home)s: %(task)s was given to you."),
        subject=("task", task.pk),
        path=f"/workspace/networks/{task.network.slug}/tasks/" if task.network else "/workspace/tasks/",
        facts={"home": home.name, "task": task.title},
        within=("network", task.network_id) if task.network_id else None,
        by=by,
        now=now,
    )


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


def remove_task(identifier: int, *, by: User, now: datetime) -> bool:
    """Take a task off the list: whoever made it, and who runs its home.  False where ``by`` may not see it.

    The line in the trail stands at the home, for the task is gone.
    """
    homes = homes_of(by)
    with transaction.atomic():
        task = Task.objects.filter(homes.visible(), pk=identifier).first()
        if task is None:
            return False
        if not homes.may_remove(task):
            raise TaskForbidden("Only whoever made a task, and who runs its home, takes it off.")
        home = ("network", task.network_id) if task.network_id else ("organisation", task.organisation_id or 0)
        record("partners.remove_task", home, by=by, now=now, task=task.pk, title=task.title)
        task.delete()
    return True
