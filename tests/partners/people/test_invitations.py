"""Invitations: by those who may, for a time, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, connections

from allmende.core.models import AuditEntry, Notice, User
from allmende.core.notices import in_words
from allmende.partners.actions import join_organisation
from allmende.partners.models import Invitation, Membership, NetworkOrganisation, NetworkPerson, Organisation
from allmende.partners.networks.actions import NetworkForbidden, NetworkRefused, answer_invitation, withdraw_invitation
from allmende.partners.people import actions, queries
from allmende.partners.people.actions.invitations import InvitationOver
from allmende.partners.people.errors import PeopleForbidden, PeopleRefused
from tests.partners.people.conftest import NOW, PASSWORD, World, person, token_in


def invite(world: World, email: str = "new@example.org", role: str = "editor", **more: Any) -> Invitation:
    by = more.pop("by", world.anna)
    return actions.invite_person(world.museum, email, role, language="de", by=by, now=NOW, **more).invitation


def test_the_letter_has_a_link_that_makes_an_account(world: World, mailoutbox: list[Any]) -> None:
    invite(world, message="Willkommen!")
    (letter,) = mailoutbox
    assert letter.to == ["new@example.org"]
    assert "Willkommen!" in letter.body
    assert "/de/workspace/invitations/" in letter.body
    invitation = queries.invitation_with(token_in(letter))
    assert invitation is not None
    assert token_in(letter) not in invitation.digest
    user = actions.make_account(invitation, " Nina  Ny ", PASSWORD, now=NOW)
    assert (user.email, user.name, user.language, user.check_password(PASSWORD)) == (
        "new@example.org",
        "Nina Ny",
        "de",
        True,
    )
    mine = Membership.objects.get(user=user)
    assert (mine.organisation_id, mine.role, mine.since) == (world.museum.pk, "editor", NOW)
    assert in_words(Notice.objects.get(user=world.anna)) == "Nina Ny accepted your invitation."
    assert list(
        AuditEntry.objects.filter(action__startswith="partners.").order_by("pk").values_list("action", flat=True)
    )[-3:] == ["partners.invite", "partners.make_account", "partners.accept_invitation"]


def test_only_managers_invite(world: World) -> None:
    for by in (world.bo, world.carl, world.stranger):
        with pytest.raises(PeopleForbidden):
            invite(world, by=by)
        with pytest.raises(PeopleForbidden):
            actions.invite_to_network(world.network, "x@example.org", "member", language="en", by=by, now=NOW)
        with pytest.raises(NetworkForbidden):
            actions.invite_organisation(world.network, world.other.pk, language="en", by=by, now=NOW)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", "a@example.org\nBcc: all@example.org", "a@example.org, b@example.org", "a b@example.org"]
)
def test_an_address_that_is_none_gets_no_letter(world: World, mailoutbox: list[Any], email: str) -> None:
    with pytest.raises(PeopleRefused):
        invite(world, email)
    assert mailoutbox == []


def test_names_cannot_add_heads_to_a_letter(world: World, mailoutbox: list[Any]) -> None:
    world.museum.name = "Museum\nBcc: all@example.org"
    world.museum.save()
    invite(world, message="Hello\nBcc: all@example.org")
    message = mailoutbox[0].message()
    assert message["Bcc"] is None
    assert message["Subject"] is not None
    assert mailoutbox[0].recipients() == ["new@example.org"]


@pytest.mark.parametrize("what", ["expired", "revoked", "used", "sent again", "replaced"])
def test_a_link_that_is_over_lets_nobody_in(world: World, mailoutbox: list[Any], what: str) -> None:
    invitation = invite(world)
    now = NOW
    if what == "expired":
        now = NOW + timedelta(days=14)
    elif what == "revoked":
        assert actions.revoke_invitation(invitation, by=world.anna, now=NOW)
    elif what == "used":
        actions.make_account(invitation, "X", PASSWORD, now=NOW)
    elif what == "sent again":
        actions.resend_invitation(Invitation.objects.get(), by=world.anna, now=NOW)
        assert queries.invitation_with(token_in(mailoutbox[0])) is None
        assert queries.invitation_with(token_in(mailoutbox[1])) is not None
    else:
        invite(world, "NEW@example.org", "manager")
    before = User.objects.count()
    with pytest.raises(InvitationOver):
        actions.make_account(invitation, "Y", PASSWORD, now=now)
    with pytest.raises(InvitationOver):
        actions.accept_invitation(invitation, by=world.stranger, now=now)
    assert User.objects.count() == before
    assert not Membership.objects.filter(user=world.stranger).exists()


def test_sending_again_gives_new_days(world: World) -> None:
    invitation = invite(world)
    later = NOW + timedelta(days=20)
    assert queries.state_of(invitation, now=later) == "expired"
    again = actions.resend_invitation(invitation, by=world.anna, now=later).invitation
    assert queries.state_of(again, now=later) == "open"
    for by in (world.bo, world.carl, world.stranger):
        assert queries.invitation_to_manage(by, invitation.pk) is None
        with pytest.raises(PeopleForbidden):
            actions.resend_invitation(again, by=by, now=later)
        with pytest.raises(PeopleForbidden):
            actions.revoke_invitation(again, by=by, now=later)


@pytest.mark.parametrize("password", ["short", "password1234", ""])
def test_a_weak_password_leaves_the_link_in_force(world: World, password: str) -> None:
    invitation = invite(world)
    with pytest.raises(ValidationError):
        actions.make_account(invitation, "X", password, now=NOW)
    assert queries.state_of(Invitation.objects.get(), now=NOW) == "open"


def test_nobody_loses_a_role_by_accepting(world: World) -> None:
    invitation = invite(world)
    actions.accept_invitation(invitation, by=world.anna, now=NOW)
    assert world.membership(world.anna).role == "manager"


def test_an_address_is_not_pestered(world: World, mailoutbox: list[Any]) -> None:
    for _ in range(10):
        invite(world)
    with pytest.raises(PeopleRefused, match="tomorrow"):
        invite(world)
    assert len(mailoutbox) == 10
    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_a_person_comes_into_a_network(world: World) -> None:
    done = actions.invite_to_network(world.network, "bo@example.org", "editor", language="en", by=world.anna, now=NOW)
    assert done.is_sent
    actions.accept_invitation(done.invitation, by=world.bo, now=NOW)
    assert NetworkPerson.objects.get(user=world.bo).role == "editor"
    with pytest.raises(PeopleRefused):
        actions.invite_to_network(world.network, "bo@example.org", "member", language="en", by=world.anna, now=NOW)


def test_an_organisation_comes_into_a_network_by_its_managers(world: World, mailoutbox: list[Any]) -> None:
    for _ in range(2):  # pressed twice
        done = actions.invite_organisation(world.network, world.other.pk, language="en", by=world.anna, now=NOW)
        assert (done.row.state, done.letter) == ("invited", None)
    assert mailoutbox == []
    told = Notice.objects.get(user=world.carl)
    assert (in_words(told), told.times) == ("Musée de Nîmes is invited to join Culture.", 1)
    answer_invitation(world.network, world.other.pk, accept=True, by=world.carl, now=NOW)
    assert NetworkOrganisation.objects.get().state == "member"
    assert not NetworkPerson.objects.filter(user=world.carl).exists()


def test_an_organisation_without_managers_is_written_to_at_its_own_address(world: World, mailoutbox: list[Any]) -> None:
    Membership.objects.filter(organisation=world.other).delete()
    with pytest.raises(NetworkRefused, match="profile"):
        actions.invite_organisation(world.network, world.other.pk, language="en", by=world.anna, now=NOW)
    assert not NetworkOrganisation.objects.exists(), "nobody was asked, so it is not invited"
    world.other.email = "museum@example.org"
    world.other.save()
    done = actions.invite_organisation(world.network, world.other.pk, language="en", by=world.anna, now=NOW)
    again = actions.invite_organisation(world.network, world.other.pk, language="en", by=world.anna, now=NOW)
    assert [letter.to for letter in mailoutbox] == [["museum@example.org"]]
    assert done.letter is not None
    assert again.letter is None
    user = actions.make_account(done.letter.invitation, "M", PASSWORD, now=NOW)
    assert Membership.objects.get(user=user).role == "manager"
    assert NetworkOrganisation.objects.get().state == "member"


def letter_to_the_other(world: World) -> Invitation:
    """The letter to a museum that nobody manages."""
    Membership.objects.filter(organisation=world.other).delete()
    Organisation.objects.filter(pk=world.other.pk).update(email="museum@example.org")
    done = actions.invite_organisation(world.network, world.other.pk, language="en", by=world.anna, now=NOW)
    assert done.letter is not None
    return done.letter.invitation


def test_a_letter_is_worth_nothing_once_the_invitation_is_taken_back(world: World) -> None:
    letter = letter_to_the_other(world)
    assert withdraw_invitation(world.network, world.other.pk, by=world.anna, now=NOW)
    with pytest.raises(InvitationOver):
        actions.accept_invitation(letter, by=world.carl, now=NOW)
    assert not NetworkOrganisation.objects.exists()


def test_a_letter_is_worth_nothing_once_the_organisation_has_answered(world: World) -> None:
    letter = letter_to_the_other(world)
    join_organisation(world.carl, world.other, "manager", by=None, now=NOW)
    answer_invitation(world.network, world.other.pk, accept=False, by=world.carl, now=NOW)
    with pytest.raises(InvitationOver):
        actions.accept_invitation(letter, by=world.stranger, now=NOW)


def test_declining_is_told(world: World) -> None:
    letter = letter_to_the_other(world)
    assert actions.decline_invitation(letter, by=world.carl, now=NOW)
    assert not actions.decline_invitation(letter, by=world.carl, now=NOW)
    assert NetworkOrganisation.objects.get().state == "left"
    assert "declined" in in_words(Notice.objects.get(user=world.anna))


def test_nothing_personal_is_logged(
    world: World, settings: Any, caplog: pytest.LogCaptureFixture, mailoutbox: list[Any]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    with caplog.at_level("DEBUG"):
        done = actions.invite_person(world.museum, "new@example.org", "editor", language="en", by=world.anna, now=NOW)
    assert not done.is_sent
    assert Invitation.objects.get().sent_at is None
    assert "could not be sent" in caplog.text
    assert not {"new@example.org", "anna@example.org", "Anna", "Lodève"} & set(caplog.text.split())
    assert "@example" not in caplog.text


@pytest.fixture
def trail_that_goes_with_the_test(transactional_db: None) -> Iterator[None]:
    """Take the audit lines out at the end, which nobody else can: the database is emptied after such a test."""
    yield
    if connection.vendor == "postgresql":
        return  # it is emptied by TRUNCATE there, which the tests allow themselves
    migration = import_module("allmende.core.migrations.0002_append_only_audit")
    with connection.schema_editor() as editor:
        migration.allow(apps, editor)
        AuditEntry.objects.all().delete()
        migration.forbid(apps, editor)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("trail_that_goes_with_the_test")
def test_two_who_accept_at_the_same_moment_get_one_membership(world: World) -> None:
    invitation = invite(world)
    people = [person("one"), person("two")]
    gate = threading.Barrier(2)
    outcomes: list[str] = []

    def accept(user: User) -> None:
        try:
            gate.wait(10)
            actions.accept_invitation(invitation, by=user, now=NOW)
            outcomes.append("in")
        except InvitationOver:
            outcomes.append("over")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["in", "over"]
    assert Membership.objects.filter(user__in=people).count() == 1
