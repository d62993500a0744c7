"""Organisations merged, renamed, split: decided now, done on their date."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.locks import hold
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.core.slugs import name_key, slugify
from allmende.partners.models import Membership, Organisation, OrganisationChange
from allmende.partners.rules import may_decide_about, may_manage
from allmende.partners.succession import follow

LOCK: Final = "succession"
KINDS_WITH_POWER: Final = frozenset({"region", "dmo", "municipality"})
"""Kinds whose managers decide for others; a new organisation is never one of these by itself."""
_Kind, _State = OrganisationChange.Kind, OrganisationChange.State


class ChangeForbidden(PermissionError):
    """This person may not decide about these organisations."""


class ChangeRefused(Exception):
    """The change makes no sense; ``field`` names what is wrong, the message says what to do instead."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def plan_merge(
    organisation: Organisation,
    into: Organisation,
    on: date,
    *,
    by: User | None,
    now: datetime,
    note: str = "",
    trusted: bool = False,
) -> OrganisationChange:
    """``organisation`` becomes part of ``into`` on a date; at once, if that is not in the future."""
    _may(by, trusted, organisation.pk, into.pk)
    _is_there(organisation)
    if organisation.pk == into.pk:
        raise ChangeRefused("other", gettext("An organisation cannot become part of itself."))
    if into.ended_on is not None:
        raise ChangeRefused("other", gettext("“%(name)s” is no longer there itself.") % {"name": into.name})
    return _plan(_Kind.MERGED, organisation, on, by=by, now=now, note=note, other=into)


def plan_renaming(
    organisation: Organisation,
    name: str,
    on: date,
    *,
    by: User | None,
    now: datetime,
    note: str = "",
    trusted: bool = False,
) -> OrganisationChange:
    """``organisation`` gets a new name on a date; feeds that write the old one still mean it."""
    _may(by, trusted, organisation.pk)
    _is_there(organisation)
    name = " ".join(name.split())[:200]
    if not name_key(name):
        raise ChangeRefused("name", gettext("Please write the new name."))
    if name == organisation.name:
        raise ChangeRefused("name", gettext("This is its name already."))
    if Organisation.objects.filter(name_key=name_key(name)).exclude(pk=organisation.pk).exists():
        raise ChangeRefused("name", gettext("There is an organisation of this name. If they are one, merge them."))
    return _plan(_Kind.RENAMED, organisation, on, by=by, now=now, note=note, new_name=name)


def plan_split(
    organisation: Organisation,
    name: str,
    on: date,
    *,
    by: User | None,
    now: datetime,
    note: str = "",
    trusted: bool = False,
) -> OrganisationChange:
    """A new organisation splits off on a date.  Its managers are those of the old one; records stay until somebody moves them."""
    _may(by, trusted, organisation.pk)
    _is_there(organisation)
    name = " ".join(name.split())[:200]
    if not name_key(name):
        raise ChangeRefused("name", gettext("Please write the name of the new organisation."))
    if Organisation.objects.filter(name_key=name_key(name)).exists():
        raise ChangeRefused("name", gettext("There is an organisation of this name already."))
    return _plan(_Kind.SPLIT, organisation, on, by=by, now=now, note=note, new_name=name)


def _may(by: User | None, trusted: bool, *organisations: int) -> None:
    if not trusted and not may_decide_about(by, *organisations):
        raise ChangeForbidden("Only managers of all organisations concerned, or of the region, may decide this.")


def _is_there(organisation: Organisation) -> None:
    if organisation.ended_on is not None:
        raise ChangeRefused("organisation", gettext("“%(name)s” is no longer there.") % {"name": organisation.name})


def _plan(
    kind: str, organisation: Organisation, on: date, *, by: User | None, now: datetime, **more: Any
) -> OrganisationChange:
    if not 1800 <= on.year <= now.year + 10:
        raise ChangeRefused("on", gettext("Choose a day within ten years from now."))
    with transaction.atomic():
        hold(LOCK)
        waiting = OrganisationChange.objects.filter(organisation=organisation, kind=kind, state=_State.PLANNED)
        if kind != _Kind.SPLIT and waiting.exists():
            raise ChangeRefused("on", gettext("Such a change is planned already; take it back first."))
        change = OrganisationChange.objects.create(
            kind=kind,
            organisation=organisation,
            effective_on=on,
            old_name=organisation.name,
            old_key=organisation.name_key,
            by=by,
            decided_at=now,
            **more,
        )
        record(f"partners.plan_{kind}", ("organisation", organisation.pk), by=by, now=now, on=on.isoformat())
        if on <= now.date():
            _apply(change, now=now)
    return change


def apply_due(*, now: datetime) -> int:
    """Do what is planned for today or earlier; return how many changes were done."""
    due = OrganisationChange.objects.filter(state=_State.PLANNED, effective_on__lte=now.date())
    done = 0
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            hold(LOCK)
            change = due.filter(pk=pk).select_related("organisation", "other", "by").first()
            if change is not None:
                _apply(change, now=now)
                done += change.state == _State.DONE
    return done


def _apply(change: OrganisationChange, *, now: datetime) -> None:
    """Do a change, or say on it why it could not be done."""
    organisation, other = change.organisation, change.other
    change.old_name, change.old_key = organisation.name, organisation.name_key
    problem = ""
    if organisation.ended_on is not None or (other and other.ended_on is not None):
        problem = gettext_noop("One of the two was no longer there.")
    elif change.kind == _Kind.MERGED and other:
        _merge(change, organisation, other, now)
    elif Organisation.objects.filter(name_key=name_key(change.new_name)).exclude(pk=organisation.pk).exists():
        problem = gettext_noop("Meanwhile there was another organisation of this name.")
    elif change.kind == _Kind.RENAMED:
        organisation.name = change.new_name
        organisation.slug, organisation.name_key = slugify(change.new_name), name_key(change.new_name)
    else:
        change.other = _split_off(change, organisation, now)
    change.state = _State.FAILED if problem else _State.DONE
    change.note = problem or change.note
    change.done_at = now
    change.save()
    if not problem:
        organisation.updated_at = now
        organisation.save()
        facts = {"kind": change.kind, "other": change.other_id, "on": change.effective_on.isoformat()}
        record("partners.succession", ("organisation", organisation.pk), by=change.by, now=now, **facts)
        touch_content()
    _tell(change, now=now)


def _merge(change: OrganisationChange, organisation: Organisation, into: Organisation, now: datetime) -> None:
    # Whoever managed a museum does not come to decide for the region because the museum is part of it now.
    gains_power = into.kind in KINDS_WITH_POWER and organisation.kind != into.kind
    highest = "editor" if gains_power else "manager"
    roles = follow.raise_roles(organisation.pk, into.pk, highest=highest)
    states = follow.join_networks(organisation.pk, into.pk)
    moved = follow.follow(Organisation, organisation.pk, into.pk, now=now)
    roles += follow.lower_roles(moved.get("partners.membership.organisation", []), highest=highest)
    change.moved = moved | {"roles": roles, "states": states}
    organisation.ended_on, organisation.successor = change.effective_on, into
    into.updated_at = now
    into.save(update_fields=["updated_at"])


def _split_off(change: OrganisationChange, organisation: Organisation, now: datetime) -> Organisation:
    fresh = Organisation.objects.create(
        name=change.new_name,
        slug=slugify(change.new_name),
        name_key=name_key(change.new_name),
        kind="other" if organisation.kind in KINDS_WITH_POWER else organisation.kind,
        municipality_id=organisation.municipality_id,
        created_at=now,
        updated_at=now,
    )
    manager = Membership.Role.MANAGER
    people = Membership.objects.filter(organisation=organisation, role=manager).values_list("user_id", flat=True)
    Membership.objects.bulk_create([Membership(user_id=user, organisation=fresh, role=manager) for user in people])
    return fresh


MESSAGES: Final = {
    _Kind.MERGED: gettext_noop("“%(old)s” is part of “%(new)s” now."),
    _Kind.RENAMED: gettext_noop("“%(old)s” is called “%(new)s” now."),
    _Kind.SPLIT: gettext_noop("“%(new)s” has split off from “%(old)s”."),
}
COULD_NOT: Final = gettext_noop("What was planned for “%(old)s” could not be done.")


def _tell(change: OrganisationChange, *, now: datetime) -> None:
    stays = change.other if change.kind == _Kind.MERGED and change.other else change.organisation
    people = list(Membership.objects.filter(organisation=stays).values_list("user_id", flat=True))
    is_done = change.state == _State.DONE
    new = change.new_name or (change.other.name if change.other else "")
    tell(
        people,
        "partners.succession",
        MESSAGES[_Kind(change.kind)] if is_done else COULD_NOT,
        subject=("organisation", stays.pk),
        path=f"/workspace/organisations/{stays.pk}/",
        facts={"old": change.old_name, "new": new},
        by=change.by,
        now=now,
    )


def may_take_back(change: OrganisationChange) -> bool:
    """Whether nothing stands against it: planned changes, and merges after which nothing was changed."""
    if change.state == _State.PLANNED:
        return True
    into = change.other
    if change.state != _State.DONE or change.kind != _Kind.MERGED or into is None or change.done_at is None:
        return False
    if change.organisation.successor_id != into.pk or into.ended_on is not None or into.updated_at > change.done_at:
        return False
    return follow.is_untouched(change.moved, into.pk, since=change.done_at)


def take_back(change: OrganisationChange, *, by: User | None, now: datetime, trusted: bool = False) -> None:
    """Cancel what is planned; undo a merge while nothing has changed since."""
    parties = [change.organisation_id, *([change.other_id] if change.other_id else [])]
    if not trusted and not may_decide_about(by, *parties) and not _was_theirs(by, change):
        raise ChangeForbidden("Only who may decide this may take it back.")
    with transaction.atomic():
        hold(LOCK)
        change.refresh_from_db()
        if not may_take_back(change):
            raise ChangeRefused("change", gettext("Something was changed since; this can no longer be taken back."))
        if change.state == _State.DONE:
            follow.bring_back(change.moved, change.organisation_id, now=now)
            Organisation.objects.filter(pk=change.organisation_id).update(ended_on=None, successor=None, updated_at=now)
            if change.other_id is not None:
                Organisation.objects.filter(pk=change.other_id).update(updated_at=now)
        change.state = _State.UNDONE
        change.save()
        record("partners.take_back", ("organisation", change.organisation_id), by=by, now=now, kind=change.kind)
        touch_content()


def _was_theirs(by: User | None, change: OrganisationChange) -> bool:
    """After a merge nobody is a member of the old organisation: who decided it and manages the new one may undo it."""
    return by is not None and change.by_id == by.pk and may_manage(by, change.other_id or change.organisation_id)
