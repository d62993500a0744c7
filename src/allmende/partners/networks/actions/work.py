"""What a network does: working groups.  Its tasks are those of ``partners.tasks``."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.models import User
from allmende.partners.models import Network, WorkingGroup, WorkingGroupPerson
from allmende.partners.networks.actions._base import filled, need, note, tell_of
from allmende.partners.networks.queries.people import people_of
from allmende.partners.networks.rules import COORDINATOR, MEMBER, NetworkForbidden, NetworkRefused, reaches


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
