"""Who is in a network: organisations, guests from elsewhere, people with their roles."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.models import User
from allmende.partners.models import (
    Invitation,
    Membership,
    Network,
    NetworkGuest,
    NetworkOrganisation,
    NetworkPerson,
    Organisation,
)
from allmende.partners.networks.actions._base import filled, need, need_running, note, tell_of
from allmende.partners.networks.queries.scope import is_from_here
from allmende.partners.networks.rules import (
    COORDINATOR,
    OBSERVER,
    NetworkForbidden,
    NetworkRefused,
    coordinators_of,
    managers_of,
    manages,
)

State = NetworkOrganisation.State


def _row(network: Network, organisation_id: int) -> NetworkOrganisation | None:
    rows = NetworkOrganisation.objects.select_for_update().select_related("organisation")
    return rows.filter(network=network, organisation_id=organisation_id).first()


def _set_state(network: Network, organisation: Organisation, state: str, now: datetime) -> NetworkOrganisation:
    """One organisation has one row in a network, whatever happened before."""
    row = _row(network, organisation.pk) or NetworkOrganisation(
        network=network, organisation=organisation, is_guest=not is_from_here(network, organisation)
    )
    row.state, row.since, row.until = state, now, now if state == State.LEFT else None
    row.save()
    return row


def _tell_managers(
    network: Network, row: NetworkOrganisation, message: str, *, by: User, now: datetime, page: str = ""
) -> None:
    facts = {"organisation": row.organisation.name}
    tell_of(network, managers_of(row.organisation_id), "membership", message, page=page, now=now, by=by, facts=facts)


def _tell_coordinators(network: Network, row: NetworkOrganisation, message: str, *, by: User, now: datetime) -> None:
    tell_of(
        network,
        coordinators_of(network.pk),
        "members",
        message,
        page="members/",
        now=now,
        by=by,
        subject=("network_organisation", row.pk),
        facts={"organisation": row.organisation.name},
    )


def put_on_invited_list(network: Network, organisation_id: int, *, by: User, now: datetime) -> NetworkOrganisation:
    """Invite an organisation; its managers are told and answer.  One that asks already is taken in.

    A step of ``people.actions.invite_organisation``, which also writes to those that nobody manages.
    """
    need(network, COORDINATOR, by)
    with transaction.atomic():
        organisation = Organisation.objects.filter(pk=organisation_id).first()
        if organisation is None:
            raise NetworkRefused(gettext("There is no such organisation."))
        there = _row(network, organisation_id)
        if there is not None and there.state in {State.MEMBER, State.INVITED}:
            return there
        asked = there is not None and there.state == State.ASKED
        row = _set_state(network, organisation, State.MEMBER if asked else State.INVITED, now)
        note(network, "invite", by=by, now=now, organisation=organisation_id)
        sentence = (
            gettext_noop("%(organisation)s is a member of %(network)s now.")
            if asked
            else gettext_noop("%(organisation)s is invited to join %(network)s.")
        )
        _tell_managers(network, row, sentence, by=by, now=now)
    return row


def _end_letters(network: Network, organisation_id: int, now: datetime) -> None:
    """Make the links of open letters useless: the question they ask is answered."""
    letters = Invitation.objects.filter(network=network, organisation_id=organisation_id)
    letters.filter(accepted_at=None, revoked_at=None).update(revoked_at=now)


def withdraw_invitation(network: Network, organisation_id: int, *, by: User, now: datetime) -> bool:
    """Take an invitation back that nobody has answered, with its letter; say whether there was one."""
    need(network, COORDINATOR, by)
    with transaction.atomic():
        row = _row(network, organisation_id)
        if row is None or row.state != State.INVITED:
            return False
        row.delete()
        _end_letters(network, organisation_id, now)
        note(network, "withdraw_invitation", by=by, now=now, organisation=organisation_id)
    return True


def answer_invitation(network: Network, organisation_id: int, *, accept: bool, by: User, now: datetime) -> None:
    """A manager of the invited organisation says yes or no."""
    if not manages(by, organisation_id):
        raise NetworkForbidden("Only managers of the organisation answer for it.")
    need_running(network)
    with transaction.atomic():
        row = _row(network, organisation_id)
        if row is None or row.state != State.INVITED:
            raise NetworkRefused(gettext("There is no open invitation."))
        row.state, row.since, row.until = (State.MEMBER, now, None) if accept else (State.LEFT, now, now)
        row.save()
        _end_letters(network, organisation_id, now)
        note(network, "answer", by=by, now=now, organisation=organisation_id, accept=accept)
        sentence = (
            gettext_noop("%(organisation)s has joined %(network)s.")
            if accept
            else gettext_noop("%(organisation)s does not wish to join %(network)s.")
        )
        _tell_coordinators(network, row, sentence, by=by, now=now)


def ask_to_join(network: Network, organisation_id: int, *, by: User, now: datetime) -> NetworkOrganisation:
    """Ask in the name of an organisation; coordinators are told and decide.  One that is invited is in at once."""
    if not manages(by, organisation_id):
        raise NetworkForbidden("Only managers of the organisation ask for it.")
    need_running(network)
    with transaction.atomic():
        organisation = Organisation.objects.get(pk=organisation_id)
        there = _row(network, organisation_id)
        if there is not None and there.state in {State.MEMBER, State.ASKED}:
            return there
        if not network.is_public and there is None:
            raise NetworkForbidden("Who is not invited does not know of this network.")
        invited = there is not None and there.state == State.INVITED
        row = _set_state(network, organisation, State.MEMBER if invited else State.ASKED, now)
        _end_letters(network, organisation_id, now)
        note(network, "ask", by=by, now=now, organisation=organisation_id)
        sentence = (
            gettext_noop("%(organisation)s has joined %(network)s.")
            if invited
            else gettext_noop("%(organisation)s asks to join %(network)s.")
        )
        _tell_coordinators(network, row, sentence, by=by, now=now)
    return row


def decide_request(network: Network, organisation_id: int, *, accept: bool, by: User, now: datetime) -> None:
    """A coordinator takes an organisation in that asks, or does not; its managers are told."""
    need(network, COORDINATOR, by)
    with transaction.atomic():
        row = _row(network, organisation_id)
        if row is None or row.state != State.ASKED:
            raise NetworkRefused(gettext("This was decided already."))
        row.state, row.since, row.until = (State.MEMBER, now, None) if accept else (State.LEFT, now, now)
        row.save()
        note(network, "decide_request", by=by, now=now, organisation=organisation_id, accept=accept)
        sentence = (
            gettext_noop("%(organisation)s is a member of %(network)s now.")
            if accept
            else gettext_noop("%(network)s does not take %(organisation)s in for now.")
        )
        _tell_managers(network, row, sentence, by=by, now=now)


def leave_network(network: Network, organisation_id: int, *, by: User, now: datetime) -> None:
    """An organisation leaves, by one of its managers or by a coordinator; its people lose their roles for it."""
    own = manages(by, organisation_id)
    if not own:
        need(network, COORDINATOR, by)
    with transaction.atomic():
        row = _row(network, organisation_id)
        if row is None or row.state not in {State.MEMBER, State.ASKED}:
            raise NetworkRefused(gettext("This organisation is not in the network."))
        Network.objects.select_for_update().get(pk=network.pk)
        people = NetworkPerson.objects.filter(network=network, organisation_id=organisation_id)
        leaving = set(people.filter(role=COORDINATOR).values_list("user_id", flat=True))
        if leaving and not set(coordinators_of(network.pk)) - leaving:
            raise NetworkRefused(
                gettext("Its last coordinator takes part for this organisation. Name another one first.")
            )
        row.state, row.until = State.LEFT, now
        row.save()
        people.delete()
        note(network, "leave", by=by, now=now, organisation=organisation_id)
        if own:
            _tell_coordinators(network, row, gettext_noop("%(organisation)s has left %(network)s."), by=by, now=now)
        else:
            _tell_managers(network, row, gettext_noop("%(organisation)s is no longer in %(network)s."), by=by, now=now)


def mark_member(
    network: Network, organisation_id: int, *, is_trusted: bool, is_guest: bool, by: User, now: datetime
) -> None:
    """Whether a member publishes without review, and whether it is a guest from elsewhere."""
    need(network, COORDINATOR, by)
    with transaction.atomic():
        changed = NetworkOrganisation.objects.filter(
            network=network, organisation_id=organisation_id, state=State.MEMBER
        ).update(is_trusted=is_trusted, is_guest=is_guest)
        if not changed:
            raise NetworkRefused(gettext("This organisation is not in the network."))
        note(network, "mark", by=by, now=now, organisation=organisation_id, trusted=is_trusted, guest=is_guest)


def add_guest(network: Network, name: str, url: str, *, by: User, now: datetime) -> NetworkGuest:
    """An organisation from elsewhere that has no account here."""
    need(network, COORDINATOR, by)
    name = filled(name, 200, gettext("Write the name of the guest."))
    with transaction.atomic():
        guest, _ = NetworkGuest.objects.update_or_create(
            network=network, name=name, defaults={"url": url}, create_defaults={"url": url, "since": now}
        )
        note(network, "add_guest", by=by, now=now, guest=name)
    return guest


def remove_guest(network: Network, guest_id: int, *, by: User, now: datetime) -> bool:
    """Take a guest off the list; say whether it was there."""
    need(network, COORDINATOR, by)
    with transaction.atomic():
        gone, _ = NetworkGuest.objects.filter(network=network, pk=guest_id).delete()
        if gone:
            note(network, "remove_guest", by=by, now=now, guest=guest_id)
    return bool(gone)


def _keep_one_coordinator(network: Network, user_id: int) -> None:
    # Two who leave at the same moment must not both see the other as the one who stays.
    Network.objects.select_for_update().get(pk=network.pk)
    now_there = set(coordinators_of(network.pk))
    if user_id in now_there and len(now_there) == 1:
        raise NetworkRefused(gettext("A network needs a coordinator. Name another one first."))


def set_person(network: Network, user_id: int, role: str, *, by: User, now: datetime) -> NetworkPerson:
    """Give a person of a member organisation (or one who has a role already) a role in the network; they are told."""
    need(network, COORDINATOR, by)
    if role not in NetworkPerson.Role.values:
        raise NetworkRefused(gettext("There is no such role."))
    with transaction.atomic():
        person = NetworkPerson.objects.select_for_update().filter(network=network, user_id=user_id).first()
        if person is None:
            members = NetworkOrganisation.objects.filter(network=network, state=State.MEMBER)
            through = Membership.objects.filter(
                user_id=user_id, user__is_active=True, organisation__in=members.values("organisation_id")
            ).first()
            if through is None:
                raise NetworkRefused(gettext("Only people of member organisations take a role. Invite theirs first."))
            person = NetworkPerson(
                network=network, user_id=user_id, organisation_id=through.organisation_id, since=now, role=OBSERVER
            )
        elif role != COORDINATOR:
            _keep_one_coordinator(network, user_id)
        person.role = role
        person.save()
        note(network, "set_person", by=by, now=now, user=user_id, role=role)
        sentences = {
            "observer": gettext_noop("You are an observer of %(network)s now."),
            "member": gettext_noop("You are a member of %(network)s now."),
            "editor": gettext_noop("You are an editor of %(network)s now."),
            "coordinator": gettext_noop("You coordinate %(network)s now."),
        }
        tell_of(network, [user_id], "role", sentences[role], now=now, by=by)
    return person


def remove_person(network: Network, user_id: int, *, by: User, now: datetime) -> bool:
    """Take a person's own role away, by a coordinator or by themselves; the last coordinator stays."""
    if by.pk != user_id:
        need(network, COORDINATOR, by)
    with transaction.atomic():
        people = NetworkPerson.objects.select_for_update().filter(network=network)
        if not people.filter(user_id=user_id).exists():
            return False
        _keep_one_coordinator(network, user_id)
        people.filter(user_id=user_id).delete()
        note(network, "remove_person", by=by, now=now, user=user_id)
        sentence = gettext_noop("You have no role of your own in %(network)s any more.")
        tell_of(network, [user_id], "role", sentence, now=now, by=by)
    return True
