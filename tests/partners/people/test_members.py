"""Requests, roles, deputies, and leaving."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from allmende.core.audit import record
from allmende.core.models import AuditEntry, Notice, User
from allmende.core.notices import in_words
from allmende.partners import rules
from allmende.partners.actions import join_organisation
from allmende.partners.keys.actions import make_key
from allmende.partners.keys.queries import open_with
from allmende.partners.models import ApiKey, JoinRequest, Membership, NetworkPerson, Task
from allmende.partners.people import actions, queries
from allmende.partners.people.errors import LastManager, PeopleForbidden, PeopleRefused
from tests.partners.people.conftest import NOW, PASSWORD, World, token_in

WEEK = timedelta(days=7)


def ask(world: World, by: User) -> JoinRequest:
    return actions.ask_to_join(world.museum, "I work in the café.", language="en", by=by, now=NOW)


def test_managers_let_in_who_asks(world: World) -> None:
    request = ask(world, world.stranger)
    assert in_words(Notice.objects.get(user=world.anna)) == "Stranger asks to join Musée de Lodève."
    assert ask(world, world.stranger) == request
    for by in (world.bo, world.carl, world.stranger):
        assert queries.request_to_decide(by, request.pk) is None
        with pytest.raises(PeopleForbidden):
            actions.decide_request(request, role="member", by=by, now=NOW)
    actions.decide_request(request, role="member", by=world.anna, now=NOW)
    assert world.membership(world.stranger).role == "member"
    assert in_words(Notice.objects.get(user=world.stranger)) == "Anna let you into Musée de Lodève."
    with pytest.raises(PeopleRefused):
        actions.decide_request(request, role="manager", by=world.anna, now=NOW)
    assert world.membership(world.stranger).role == "member"


def test_a_refusal_has_a_word(world: World) -> None:
    actions.decide_request(ask(world, world.stranger), role="", word="Not now.", by=world.anna, now=NOW)
    assert in_words(Notice.objects.get(user=world.stranger)).endswith("declined your request to join. Not now.")
    assert not Membership.objects.filter(user=world.stranger).exists()
    ask(world, world.stranger)  # one may ask again


def without_account(world: World, email: str = "new@example.org") -> None:
    actions.ask_without_account(world.museum, email, "Nina", "", language="fr", now=NOW)


def test_without_an_account_the_address_is_confirmed_first(world: World, mailoutbox: list[Any]) -> None:
    without_account(world)
    assert not Notice.objects.exists()
    assert queries.people_of(world.anna, world.museum.pk, now=NOW).requests == []  # type: ignore[union-attr]
    token = token_in(mailoutbox[0], "join/confirm")
    assert actions.confirm_request("wrong", now=NOW) is None
    assert actions.confirm_request(token, now=NOW + timedelta(days=14)) is None
    request = actions.confirm_request(token, now=NOW)
    assert request is not None
    assert actions.confirm_request(token, now=NOW) is None
    assert Notice.objects.get().user_id == world.anna.pk
    actions.decide_request(request, role="editor", by=world.anna, now=NOW)
    invitation = queries.invitation_with(token_in(mailoutbox[1]))
    assert invitation is not None
    user = actions.make_account(invitation, "Nina", PASSWORD, now=NOW)
    assert world.membership(user).role == "editor"


def test_asking_tells_nothing_about_accounts(world: World, mailoutbox: list[Any]) -> None:
    without_account(world)
    without_account(world, "stranger@example.org")
    new, known = mailoutbox
    assert new.subject == known.subject
    assert new.body.replace(token_in(new, "join/confirm"), "") == known.body.replace(
        token_in(known, "join/confirm"), ""
    )
    request = actions.confirm_request(token_in(known, "join/confirm"), now=NOW)
    assert request is not None
    assert request.user == world.stranger


def test_the_last_manager_stays_one(world: World) -> None:
    mine = world.membership(world.anna)
    with pytest.raises(LastManager):
        actions.change_role(mine, "editor", by=world.anna, now=NOW)
    with pytest.raises(LastManager):
        actions.leave_organisation(mine, successor=None, by=world.anna, now=NOW)
    for by in (world.bo, world.carl, world.stranger):
        with pytest.raises(PeopleForbidden):
            actions.change_role(world.membership(world.bo), "manager", by=by, now=NOW)
    assert actions.change_role(world.membership(world.bo), "manager", by=world.anna, now=NOW)
    assert not actions.change_role(world.membership(world.bo), "manager", by=world.anna, now=NOW)
    assert actions.change_role(mine, "member", by=world.bo, now=NOW)
    User.objects.filter(pk=world.anna.pk).update(is_active=False)
    with pytest.raises(LastManager):
        actions.change_role(world.membership(world.bo), "member", by=world.bo, now=NOW)


def test_a_deputy_has_the_rights_for_the_time_and_no_longer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = world.membership(world.anna)

    def at(moment: Any) -> tuple[bool, list[int], list[int]]:
        monkeypatch.setattr("allmende.partners.standing.timezone.now", lambda: moment)
        bo = User.objects.get(pk=world.bo.pk)
        return rules.may_manage(bo, world.museum.pk), rules.managed_ids(bo), rules.organisations_to_edit(bo) or []

    assert at(NOW) == (False, [], [world.museum.pk])
    named = actions.name_deputy(mine, world.bo, starts_at=NOW + WEEK, ends_at=NOW + 2 * WEEK, by=world.anna, now=NOW)
    may = (True, [world.museum.pk], [world.museum.pk])
    assert at(NOW + WEEK - timedelta(seconds=1))[0] is False
    assert at(NOW + WEEK) == may
    assert at(NOW + 2 * WEEK)[0] is False
    assert at(NOW + WEEK) == may
    actions.change_role(mine, "manager", by=world.anna, now=NOW)
    assert actions.revoke_deputy(named, by=world.bo, now=NOW + WEEK)
    assert at(NOW + WEEK)[0] is False


def test_what_a_deputy_does_says_for_whom(world: World) -> None:
    mine = world.membership(world.anna)
    actions.name_deputy(mine, world.bo, starts_at=NOW, ends_at=NOW + WEEK, by=world.anna, now=NOW)
    with transaction.atomic():
        inside = record("test.do", ("organisation", world.museum.pk), by=world.bo, now=NOW)
        elsewhere = record("test.do", ("organisation", world.other.pk), by=world.bo, now=NOW)
        later = record("test.do", ("organisation", world.museum.pk), by=world.bo, now=NOW + WEEK)
    assert [line.details for line in (inside, elsewhere, later)] == [{"deputy_of": [world.anna.pk]}, {}, {}]


def test_who_may_name_and_end_a_deputy(world: World) -> None:
    mine = world.membership(world.anna)
    days = {"starts_at": NOW, "ends_at": NOW + WEEK, "now": NOW}
    for by in (world.bo, world.carl, world.stranger):
        with pytest.raises(PeopleForbidden):
            actions.name_deputy(mine, world.bo, by=by, **days)
    for whom in (world.anna, world.carl, world.stranger):
        with pytest.raises(PeopleRefused):
            actions.name_deputy(mine, whom, by=world.anna, **days)
    with pytest.raises(PeopleRefused):
        actions.name_deputy(mine, world.bo, by=world.anna, starts_at=NOW, ends_at=NOW, now=NOW)
    named = actions.name_deputy(mine, world.bo, by=world.anna, **days)
    for by in (world.carl, world.stranger):
        assert queries.deputy_to_end(by, named.pk) is None
        with pytest.raises(PeopleForbidden):
            actions.revoke_deputy(named, by=by, now=NOW)


def test_leaving_hands_everything_over(world: World) -> None:
    _, token = make_key(world.museum, "export", may_write=True, by=world.anna, now=NOW)
    task = Task.objects.create(
        organisation=world.museum, title="Call", assigned_to=world.anna, created_at=NOW, due=date(2026, 12, 1)
    )
    elsewhere = Task.objects.create(network=world.network, title="Ask", assigned_to=world.anna, created_at=NOW)
    NetworkPerson.objects.create(network=world.network, user=world.bo, role="observer", since=NOW)
    mine = world.membership(world.anna)
    assert actions.what_to_hand_over(mine).counts == {
        "Open tasks": 2,
        "Roles in networks": 1,
        "Keys for other systems (they are revoked)": 1,
    }
    for by in (world.carl, world.stranger, world.bo):
        with pytest.raises(PeopleForbidden):
            actions.leave_organisation(mine, successor=world.bo, by=by, now=NOW)
    with pytest.raises(PeopleRefused):
        actions.leave_organisation(mine, successor=world.carl, by=world.anna, now=NOW)
    assert Task.objects.filter(assigned_to=world.anna).count() == 2
    actions.leave_organisation(mine, successor=world.bo, by=world.anna, now=NOW)
    assert set(Task.objects.filter(assigned_to=world.bo)) == {task, elsewhere}
    assert world.membership(world.bo).role == "manager"
    assert [(row.user_id, row.role) for row in NetworkPerson.objects.all()] == [(world.bo.pk, "coordinator")]
    assert open_with(token, now=NOW) is None
    assert ApiKey.objects.get().revoked_at == NOW
    assert rules.organisations_to_edit(world.anna) == []
    assert not rules.may_coordinate_network(world.anna, world.network.pk)
    line = AuditEntry.objects.get(action="partners.leave")
    assert (line.details["user"], line.details["to"]) == (world.anna.pk, world.bo.pk)
    with pytest.raises(PeopleRefused):
        actions.leave_organisation(mine, successor=world.bo, by=User(pk=mine.user_id, is_active=True), now=NOW)


def test_who_holds_nothing_simply_leaves(world: World) -> None:
    actions.leave_organisation(world.membership(world.bo), successor=None, by=world.bo, now=NOW)
    assert not Membership.objects.filter(user=world.bo).exists()


def test_what_belongs_to_another_organisation_stays(world: World) -> None:
    join_organisation(world.anna, world.other, "editor", by=None, now=NOW)
    mine = NetworkPerson.objects.get()
    mine.organisation = world.other
    mine.save()
    join_organisation(world.bo, world.museum, "manager", by=None, now=NOW)
    actions.leave_organisation(world.membership(world.anna), successor=None, by=world.anna, now=NOW)
    assert NetworkPerson.objects.get().user == world.anna


def test_the_page_of_people_is_for_those_who_belong_there(world: World) -> None:
    def seen(by: User) -> Any:
        return queries.people_of(by, world.museum.pk, now=NOW)

    assert seen(world.carl) is None
    assert seen(world.stranger) is None
    assert [row.email for row in seen(world.bo).members] == ["", ""]
    assert [row.email for row in seen(world.anna).members] == ["anna@example.org", "bo@example.org"]
    assert [row.seen for row in seen(world.anna).members] == ["never", "never"]
