"""Invitations: made, sent again, revoked, accepted, declined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.partners.models import (
    Invitation,
    Membership,
    Network,
    NetworkOrganisation,
    NetworkPerson,
    Organisation,
)
from allmende.partners.networks.actions.members import put_on_invited_list
from allmende.partners.networks.rules import NetworkRefused, managers_of
from allmende.partners.people.errors import (
    PeopleForbidden,
    PeopleRefused,
    check_manages,
    clean_email,
    clean_word,
)
from allmende.partners.people.letters import is_pestered, name_of, send_invitation
from allmende.partners.people.tokens import new_token
from allmende.partners.rules import may_coordinate_network, may_manage

VALID: Final = timedelta(days=14)
RANK: Final = {role: place for place, role in enumerate(Membership.Role.values)}
NETWORK_RANK: Final = {role: place for place, role in enumerate(NetworkPerson.Role.values)}


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made, and whether its letter went out."""

    invitation: Invitation
    is_sent: bool


@dataclass(frozen=True, slots=True)
class InvitedOrganisation:
    """How an organisation stands to a network now, and the letter to its address, if it got one."""

    row: NetworkOrganisation
    letter: Invited | None


class InvitationOver(PeopleRefused):
    """The invitation was used, revoked, or is too old."""


def invite_person(
    organisation: Organisation, email: str, role: str, *, message: str = "", language: str, by: User, now: datetime
) -> Invited:
    """Invite ``email`` into ``organisation`` with ``role``; an open invitation of the same address is replaced."""
    check_manages(by, organisation.pk)
    if role not in Membership.Role.values:
        raise PeopleRefused(gettext("Please choose a role."))
    email = clean_email(email)
    if Membership.objects.filter(organisation=organisation, user__email__iexact=email).exists():
        raise PeopleRefused(gettext("This address belongs to somebody who is a member already."))
    return _invite(organisation, None, email, role, message, language, by, now)


def invite_to_network(
    network: Network, email: str, role: str, *, message: str = "", language: str, by: User, now: datetime
) -> Invited:
    """Invite a single person into ``network`` with a role of their own."""
    if not may_coordinate_network(by, network.pk):
        raise PeopleForbidden("Only coordinators of a network invite into it.")
    if role not in NetworkPerson.Role.values:
        raise PeopleRefused(gettext("Please choose a role."))
    email = clean_email(email)
    same = NetworkPerson.objects.filter(network=network, user__email__iexact=email).first()
    if same is not None and NETWORK_RANK[same.role] >= NETWORK_RANK[role]:
        raise PeopleRefused(gettext("This address belongs to somebody who is a member already."))
    return _invite(None, network, email, role, message, language, by, now)


def invite_organisation(
    network: Network, organisation_id: int, *, message: str = "", language: str, by: User, now: datetime
) -> InvitedOrganisation:
    """Invite an organisation into ``network``: its managers are told, and any of them may say yes.

    Where nobody manages it yet, its own address on record gets a letter, and whoever accepts becomes its manager; a second
    press sends no second letter while the first is open.  One that asked to join is in at once.  Raise
    :class:`NetworkRefused` where there is nobody to ask; nothing is changed then.
    """
    with transaction.atomic():
        row = put_on_invited_list(network, organisation_id, by=by, now=now)
        organisation = row.organisation
        letters = Invitation.objects.filter(network=network, organisation=organisation)
        is_asked = letters.filter(accepted_at=None, revoked_at=None, expires_at__gt=now).exists()
        if row.state != NetworkOrganisation.State.INVITED or managers_of(organisation_id) or is_asked:
            return InvitedOrganisation(row, None)
        if not organisation.email:
            raise NetworkRefused(
                gettext(
                    "Nobody manages this organisation yet, and no address of it is known. Enter one in its profile."
                )
            )
        if is_pestered(organisation.email, now=now):
            raise NetworkRefused(gettext("This address got many letters today. Please try again tomorrow."))
        role = Membership.Role.MANAGER
        invitation, token = _write(organisation, network, organisation.email, role, message, language, by, now)
    return InvitedOrganisation(row, Invited(invitation, _post(invitation, token, now)))


def _invite(
    organisation: Organisation | None,
    network: Network | None,
    email: str,
    role: str,
    message: str,
    language: str,
    by: User,
    now: datetime,
) -> Invited:
    if is_pestered(email, now=now):
        raise PeopleRefused(gettext("This address got many letters today. Please try again tomorrow."))
    invitation, token = _write(organisation, network, email, role, message, language, by, now)
    return Invited(invitation, _post(invitation, token, now))


def _write(
    organisation: Organisation | None,
    network: Network | None,
    email: str,
    role: str,
    message: str,
    language: str,
    by: User,
    now: datetime,
) -> tuple[Invitation, str]:
    """The invitation, and the secret of its link."""
    token, digest = new_token()
    with transaction.atomic():
        Invitation.objects.filter(
            organisation=organisation, network=network, email__iexact=email, accepted_at=None, revoked_at=None
        ).update(revoked_at=now)
        invitation = Invitation.objects.create(
            organisation=organisation,
            network=network,
            email=email,
            role=role,
            message=clean_word(message),
            language=language,
            digest=digest,
            invited_by=by,
            created_at=now,
            expires_at=now + VALID,
        )
        record("partners.invite", _subject(invitation), by=by, now=now, invitation=invitation.pk, role=str(role))
    return invitation, token


def _subject(invitation: Invitation) -> tuple[str, int]:
    if invitation.network_id is not None:
        return "network", invitation.network_id
    return "organisation", invitation.organisation_id or 0


def _post(invitation: Invitation, token: str, now: datetime) -> bool:
    """Send the letter once the change is in the table: nothing holds a transaction while a mail server thinks."""
    is_sent = send_invitation(invitation, token)
    invitation.sent_at = now if is_sent else None
    invitation.save(update_fields=["sent_at"])
    return is_sent


def _check_may_undo(invitation: Invitation, by: User) -> None:
    allowed = (
        may_coordinate_network(by, invitation.network_id)
        if invitation.network_id is not None
        else may_manage(by, invitation.organisation_id)
    )
    if not allowed:
        raise PeopleForbidden("Only whoever may invite may change an invitation.")


def resend_invitation(invitation: Invitation, *, by: User, now: datetime) -> Invited:
    """Send the letter again with a new link and new days; the old link is worth nothing from now on."""
    _check_may_undo(invitation, by)
    if is_pestered(invitation.email, now=now):
        raise PeopleRefused(gettext("This address got many letters today. Please try again tomorrow."))
    token, digest = new_token()
    with transaction.atomic():
        changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
            digest=digest, expires_at=now + VALID
        )
        if not changed:
            raise InvitationOver(gettext("This invitation was answered or taken back."))
        record("partners.invite_again", _subject(invitation), by=by, now=now, invitation=invitation.pk)
    invitation.refresh_from_db()
    return Invited(invitation, _post(invitation, token, now))


def revoke_invitation(invitation: Invitation, *, by: User, now: datetime) -> bool:
    """Make the link useless at once; say whether it was not so before."""
    _check_may_undo(invitation, by)
    with transaction.atomic():
        revoked = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=now)
        if revoked:
            record("partners.revoke_invitation", _subject(invitation), by=by, now=now, invitation=invitation.pk)
    return bool(revoked)


def make_account(invitation: Invitation, name: str, password: str, *, now: datetime) -> User:
    """Make the account of the invited address and accept for it; raise ``ValidationError`` for a weak password."""
    name = " ".join(name.split())[:150]
    if not name:
        raise ValidationError({"name": [gettext("Please fill this in.")]})
    try:
        validate_password(password, User(email=invitation.email, name=name))
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    with transaction.atomic():
        _use(invitation, now)
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise InvitationOver(gettext("There is an account with this address by now. Please sign in."))
        user = User.objects.create_user(invitation.email, password, name=name)
        user.language = invitation.language
        user.save(update_fields=["language"])
        record("partners.make_account", ("user", user.pk), by=user, now=now, invitation=invitation.pk)
        _enter(invitation, user, now)
    return user


def accept_invitation(invitation: Invitation, *, by: User, now: datetime) -> None:
    """Let ``by`` in, who holds the link; a second try, even at the same moment, finds it used."""
    with transaction.atomic():
        _use(invitation, now)
        _enter(invitation, by, now)


def decline_invitation(invitation: Invitation, *, by: User | None, now: datetime) -> bool:
    """Say no; whoever invited is told."""
    with transaction.atomic():
        declined = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=now)
        if declined:
            NetworkOrganisation.objects.filter(
                network=invitation.network_id,
                organisation=invitation.organisation_id,
                state=NetworkOrganisation.State.INVITED,
            ).update(state=NetworkOrganisation.State.LEFT, until=now)
            record("partners.decline_invitation", _subject(invitation), by=by, now=now, invitation=invitation.pk)
            _tell_inviter(invitation, gettext_noop("%(who)s declined your invitation."), invitation.email, by, now)
    return bool(declined)


def _use(invitation: Invitation, now: datetime) -> None:
    used = Invitation.objects.filter(
        pk=invitation.pk, digest=invitation.digest, accepted_at=None, revoked_at=None, expires_at__gt=now
    ).update(accepted_at=now)
    if not used:
        raise InvitationOver(gettext("This invitation was answered or taken back."))


def _enter(invitation: Invitation, user: User, now: datetime) -> None:
    """Inside the transaction that used the link: write what it gives, never less than the person has."""
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    if invitation.organisation_id is not None and invitation.role:
        mine, is_new = Membership.objects.get_or_create(
            user=user, organisation_id=invitation.organisation_id, defaults={"role": invitation.role, "since": now}
        )
        if not is_new and RANK[mine.role] < RANK[invitation.role]:
            mine.role = invitation.role
            mine.save(update_fields=["role"])
    if invitation.network_id is not None and invitation.organisation_id is not None:
        NetworkOrganisation.objects.update_or_create(
            network_id=invitation.network_id,
            organisation_id=invitation.organisation_id,
            defaults={"state": NetworkOrganisation.State.MEMBER, "since": now, "until": None},
        )
    elif invitation.network_id is not None:
        own, is_new = NetworkPerson.objects.get_or_create(
            network_id=invitation.network_id, user=user, defaults={"role": invitation.role, "since": now}
        )
        if not is_new and NETWORK_RANK[own.role] < NETWORK_RANK[invitation.role]:
            own.role = invitation.role
            own.save(update_fields=["role"])
    record(
        "partners.accept_invitation",
        _subject(invitation),
        by=user,
        now=now,
        invitation=invitation.pk,
        role=invitation.role,
        other_address=user.email.lower() != invitation.email.lower(),
    )
    _tell_inviter(invitation, gettext_noop("%(who)s accepted your invitation."), name_of(user), user, now)


def _tell_inviter(invitation: Invitation, message: str, who: str, by: User | None, now: datetime) -> None:
    if invitation.invited_by_id is not None:
        path = (
            f"/workspace/organisations/{invitation.organisation_id}/people/"
            if invitation.network_id is None
            else "/workspace/"
        )
        tell(
            [invitation.invited_by_id],
            "partners.invitation_answered",
            message,
            subject=("invitation", invitation.pk),
            path=path,
            facts={"who": who},
            by=by,
            now=now,
        )
