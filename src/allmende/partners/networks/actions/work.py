"""What a network does: working groups and tasks."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.models import User
from allmende.partners.models import Network, Task, WorkingGroup, WorkingGroupPerson
from allmende.partners.networks.actions._base import filled, need, note, tell_of
from allmende.partners.networks.queries.people import people_of
from allmende.partners.networks.rules import COORDINATOR, EDITOR, MEMBER, NetworkForbidden, NetworkRefused, reaches


def _need_one_of_us(network: Network, user_id: int | None) -> None:
    if user_id is not None and user_id not in {person.id for person in people_of(network.pk)}:
        raise NetworkRefused(gettext("Choose somebody of the network."))


def save_group(
    network: Network,
    name: str,
    *,
    purpose: str = "",
    lead_id: int | None = None,
    change: WorkingGroup | None = None,
    by: User,
    now: datetime,
) -> WorkingGroup:
    """A working group, new or changed, by a coordinator; its lead is one of its people."""
    need(network, COORDINATOR, by)
    _need_one_of_us(network, lead_id)
    group = change or WorkingGroup(network=network, created_at=now)
    new_lead = lead_id if lead_id != group.lead_id else None
    group.name = filled(name, 200, gettext("Give the working group a name."))
    group.purpose, group.lead_id = purpose.strip()[:4000], lead_id
    with transaction.atomic():
        group.save()
        if lead_id is not None:
            WorkingGroupPerson.objects.get_or_create(group=group, user_id=lead_id, defaults={"since": now})
        note(network, "edit_group" if change else "found_group", by=by, now=now, group=group.pk)
        if new_lead:
            _tell_of_group(group, [new_lead], gettext_noop("You lead %(group)s in %(network)s now."), by=by, now=now)
    return group


def _tell_of_group(group: WorkingGroup, people: list[int], message: str, *, by: User, now: datetime) -> None:
    tell_of(
        group.network,
        people,
        "group",
        message,
        page=f"groups/{group.pk}/",
        now=now,
        by=by,
        subject=("working_group", group.pk),
        facts={"group": group.name},
    )


def end_group(group: WorkingGroup, *, is_over: bool, by: User, now: datetime) -> None:
    """A working group has done what it was for, or goes on."""
    need(group.network, COORDINATOR, by)
    with transaction.atomic():
        group.ended_at = now if is_over else None
        group.save(update_fields=["ended_at"])
        note(group.network, "end_group" if is_over else "reopen_group", by=by, now=now, group=group.pk)


def join_group(group: WorkingGroup, user_id: int, *, by: User, now: datetime) -> None:
    """Take part oneself (any member), or put somebody in (the lead, or a coordinator)."""
    role = need(group.network, MEMBER, by)
    if user_id != by.pk and not reaches(role, COORDINATOR) and group.lead_id != by.pk:
        raise NetworkForbidden("Only the lead and coordinators put others in.")
    _need_one_of_us(group.network, user_id)
    with transaction.atomic():
        _, is_new = WorkingGroupPerson.objects.get_or_create(group=group, user_id=user_id, defaults={"since": now})
        if is_new:
            note(group.network, "join_group", by=by, now=now, group=group.pk, user=user_id)
            _tell_of_group(
                group, [user_id], gettext_noop("You take part in %(group)s of %(network)s now."), by=by, now=now
            )


def leave_group(group: WorkingGroup, user_id: int, *, by: User, now: datetime) -> None:
    """No longer take part; the lead's place is free then."""
    role = need(group.network, MEMBER, by)
    if user_id != by.pk and not reaches(role, COORDINATOR) and group.lead_id != by.pk:
        raise NetworkForbidden("Only the lead and coordinators take others out.")
    with transaction.atomic():
        WorkingGroupPerson.objects.filter(group=group, user_id=user_id).delete()
        if group.lead_id == user_id:
            group.lead_id = None
            group.save(update_fields=["lead"])
        note(group.network, "leave_group", by=by, now=now, group=group.pk, user=user_id)


def save_task(
    network: Network,
    title: str,
    *,
    notes: str = "",
    due: date | None = None,
    assigned_to: int | None = None,
    group_id: int | None = None,
    change: Task | None = None,
    by: User,
    now: datetime,
) -> Task:
    """A task of the network, new or changed, by any member; whoever it is given to is told."""
    need(network, MEMBER, by)
    _need_one_of_us(network, assigned_to)
    if group_id is not None and not WorkingGroup.objects.filter(pk=group_id, network=network).exists():
        raise NetworkRefused(gettext("There is no such working group."))
    task = change or Task(network=network, created_by=by, created_at=now)
    given = assigned_to if assigned_to != task.assigned_to_id else None
    task.title = filled(title, 200, gettext("Write what is to do."))
    task.notes, task.due, task.assigned_to_id, task.group_id = notes.strip()[:4000], due, assigned_to, group_id
    with transaction.atomic():
        task.save()
        note(network, "edit_task" if change else "add_task", by=by, now=now, task=task.pk)
        if given:
            _tell_of_task(task, [given], gettext_noop("%(network)s: %(task)s was given to you."), by=by, now=now)
    return task


def _tell_of_task(task: Task, people: list[int], message: str, *, by: User, now: datetime) -> None:
    assert task.network is not None
    tell_of(
        task.network,
        people,
        "task",
        message,
        page="tasks/",
        now=now,
        by=by,
        subject=("task", task.pk),
        facts={"task": task.title},
    )


def settle_task(task: Task, *, is_done: bool, by: User, now: datetime) -> None:
    """A task is done, or is not after all; whoever made it is told that it is done."""
    assert task.network is not None
    need(task.network, MEMBER, by)
    if (task.done_at is not None) == is_done:
        return
    with transaction.atomic():
        task.done_at, task.done_by = (now, by) if is_done else (None, None)
        task.save(update_fields=["done_at", "done_by"])
        note(task.network, "task_done" if is_done else "task_open", by=by, now=now, task=task.pk)
        if is_done and task.created_by_id:
            _tell_of_task(task, [task.created_by_id], gettext_noop("%(network)s: %(task)s is done."), by=by, now=now)


def remove_task(task: Task, *, by: User, now: datetime) -> None:
    """Take a task off the list: whoever made it, editors, coordinators."""
    assert task.network is not None
    role = need(task.network, MEMBER, by)
    if task.created_by_id != by.pk and not reaches(role, EDITOR):
        raise NetworkForbidden("Only whoever made a task, editors and coordinators take it off.")
    with transaction.atomic():
        note(task.network, "remove_task", by=by, now=now, task=task.pk, title=task.title)
        task.delete()
