"""What is known about a person: shown, exported, erased, kept no longer than said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.models import MistakeReport, Submission
from allmende.core import consent, erasure
from allmende.core.models import AuditEntry, Consent, ErasureRequest, Notice, User
from allmende.core.notices import tell
from allmende.core.personal import export, hindrances, holdings
from allmende.core.retention import forget_daily, forget_what_is_over, retention_rules
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.keys.actions import make_key
from allmende.partners.keys.queries import open_with
from allmende.partners.models import Invitation, JoinRequest, Membership, Network, NetworkPerson, Task
from allmende.partners.people import actions
from tests.core.personal_things import give_everything

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough password"
WEEK = timedelta(days=7)


def person(name: str, **more: Any) -> User:
    return User.objects.create_user(f"{name}@example.org", PASSWORD, name=name.title(), **more)


@pytest.fixture
def anna() -> User:
    """Somebody of whom something of each kind is known."""
    anna, bo = person("anna"), person("bo")
    museum = found_organisation("Musée de Lodève", by=anna, now=NOW)
    for user in (anna, bo):
        join_organisation(user, museum, "manager", by=None, now=NOW)
    network = Network.objects.create(name="Culture", slug="culture", created_at=NOW, updated_at=NOW)
    NetworkPerson.objects.create(network=network, user=anna, since=NOW)
    Task.objects.create(network=network, title="Call", assigned_to=anna, created_by=bo, created_at=NOW)
    make_key(museum, "export", may_write=False, by=anna, now=NOW)
    consent.give_consent(anna, "digest", now=NOW)
    tell([anna], "test.done", "Saved", subject=("event", 1), path="/", now=NOW)
    JoinRequest.objects.create(
        organisation=museum, user=anna, email=anna.email, name="Anna", language="en", state="accepted", created_at=NOW
    )
    Invitation.objects.create(
        organisation=museum, email="ANNA@example.org", language="en", digest="x", created_at=NOW, expires_at=NOW
    )
    give_everything(anna, network, museum, now=NOW)
    mine = Membership.objects.get(user=anna)
    actions.name_deputy(mine, bo, starts_at=NOW, ends_at=NOW + WEEK, by=anna, now=NOW)
    MistakeReport.objects.create(
        kind="event", item_id=1, message="Wrong", reply_to="Anna@example.org", language="en", created_at=NOW
    )
    return anna


def test_the_export_holds_all_kinds_and_machines_can_read_it(anna: User) -> None:
    told = json.loads(json.dumps(export(anna, now=NOW)))
    rows = {key: len(one["rows"]) for key, one in told["holdings"].items()}
    empty = {key for key, n in rows.items() if not n}
    assert empty == {"erasures", "misuse", "imports", "federation"}
    assert told["holdings"]["profile"]["rows"][0]["email"] == "anna@example.org"
    assert rows["audit"] == AuditEntry.objects.filter(actor=anna).count()


def test_others_data_is_not_in_it(anna: User) -> None:
    stranger = person("stranger")
    rows = {key: one["rows"] for key, one in export(stranger, now=NOW)["holdings"].items()}
    assert {key for key, found in rows.items() if found} == {"profile"}


def test_every_table_that_points_at_a_person_is_told_of() -> None:
    """A new table with people in it must say so: its name stands with the holding that shows it."""
    from django.apps import apps  # after set-up

    known = {
        "AuditEntry": "audit",
        "Notice": "notices",
        "Consent": "consents",
        "ErasureRequest": "erasures",
        "Membership": "memberships",
        "NetworkPerson": "networks",
        "Task": "tasks",
        "Deputy": "deputies",
        "Invitation": "invitations",
        "JoinRequest": "join_requests",
        "ApiKey": "keys",
        "ImportRun": "imports",
        "Match": "imports",
        "GapSetAside": "imports",
        "Following": "federation",
        "DomainBlock": "federation",
        "SignIn": "sign_ins",
        "AddressChange": "address_change",
        "LetterChoice": "letters",
        "NoticeChoice": "letters",
        "NoticeMute": "letters",
        "CalendarFeed": "letters",
        "FormDraft": "drafts",
        "Authenticator": "second_factors",
        "SocialAccount": "identities",
        "EmailAddress": "identities",
        "WorkingGroup": "groups",
        "WorkingGroupPerson": "groups",
        "NetworkFeed": "network_calendars",
        "NetworkNews": "contributions",
        "NetworkDate": "contributions",
        "NetworkFileVersion": "contributions",
        "NetworkProposal": "contributions",
        "OrganisationChange": "organisation_changes",
        "TerritoryChange": "organisation_changes",
        "Submission": "reviews",
        "RecordComment": "comments",
        "BulkEdit": "versions",
        "Revision": "versions",
        "PublicationPlan": "versions",
        "TranslationOrder": "versions",
        "Picture": "pictures",
        "Site": "insight",
        "Delivery": "insight",
        "Intervention": "insight",
        "Evaluation": "insight",
        "IndicatorValue": "insight",
        "DeliveryWork": "insight",
        "EvaluationRequest": "insight",
    }
    pointing = {
        model.__name__
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.related_model is User and model.__module__.startswith(("allmende.", "allauth."))
    }
    assert pointing - set(known) == set(), "offer a Holding (core/personal.py) for these, and name it here"
    assert set(known.values()) <= {one.key for one in holdings()}


def test_erasure_waits_can_be_stopped_and_is_done(anna: User, mailoutbox: list[Any]) -> None:
    asked = erasure.ask_erasure(anna, language="de", now=NOW)
    assert erasure.ask_erasure(anna, language="de", now=NOW) == asked
    assert len(mailoutbox) == 1
    assert mailoutbox[0].to == ["anna@example.org"]
    assert erasure.erase_due(now=NOW + WEEK - timedelta(seconds=1)) == 0
    assert erasure.cancel_erasure(anna, now=NOW)
    assert not erasure.cancel_erasure(anna, now=NOW)
    assert erasure.erase_due(now=NOW + WEEK) == 0
    erasure.ask_erasure(anna, language="de", now=NOW)
    assert erasure.erase_due(now=NOW + WEEK) == 1
    assert erasure.erase_due(now=NOW + WEEK) == 0


def test_nothing_is_left_of_the_person_but_a_number(anna: User, mailoutbox: list[Any]) -> None:
    _, token = make_key(Membership.objects.get(user=anna).organisation, "x", may_write=True, by=anna, now=NOW)
    lines = AuditEntry.objects.filter(actor=anna).count()
    erasure.ask_erasure(anna, language="en", now=NOW)
    erasure.erase_due(now=NOW + WEEK)
    gone = User.objects.get(pk=anna.pk)
    assert (gone.email, gone.name, gone.is_active, gone.has_usable_password()) == (
        f"erased-{anna.pk}@erased.invalid",
        f"№ {anna.pk}",
        False,
        False,
    )
    assert authenticate(username="anna@example.org", password=PASSWORD) is None
    assert open_with(token, now=NOW) is None
    left = {key for key, one in export(gone, now=NOW)["holdings"].items() if one["rows"]}
    kept = {one.key for one in holdings() if one.is_kept} - {"imports", "federation"}
    assert left == {"profile", "keys"} | kept
    assert (kept - {"audit", "erasures"}) == {
        "contributions", "organisation_changes", "reviews", "comments", "versions", "pictures", "insight"
    }  # fmt: skip
    assert Submission.objects.get().claimed_by is None
    assert AuditEntry.objects.filter(actor=anna).count() == lines + 1  # that they asked
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "anna@example" not in str(cursor.fetchall()).lower(), table
    assert mailoutbox[-1].to == ["anna@example.org"]


def test_a_name_on_a_done_task_goes_with_the_account(anna: User) -> None:
    Task.objects.update(done_at=NOW, done_by=anna)
    erasure.ask_erasure(anna, language="en", now=NOW)
    erasure.erase_due(now=NOW + WEEK)
    assert str(Task.objects.get().done_by) == f"№ {anna.pk}"


def test_the_last_manager_hands_over_first(anna: User) -> None:
    museum = Membership.objects.get(user=anna).organisation
    asked = erasure.ask_erasure(anna, language="en", now=NOW)
    bo = Membership.objects.exclude(user=anna).get()
    actions.change_role(bo, "member", by=anna, now=NOW)
    assert erasure.erase_due(now=NOW + WEEK) == 0
    asked.refresh_from_db()
    assert "last manager of Musée de Lodève" in asked.hindrance
    assert User.objects.get(pk=anna.pk).is_active
    with pytest.raises(erasure.ErasureHindered):
        erasure.ask_erasure(User.objects.get(pk=_sole_coordinator().pk), language="en", now=NOW)
    actions.leave_organisation(Membership.objects.get(user=anna), successor=bo.user, by=anna, now=NOW)
    assert erasure.erase_due(now=NOW + WEEK) == 1
    assert Membership.objects.get(organisation=museum).role == "manager"


def _sole_coordinator() -> User:
    carl = person("carl")
    network = Network.objects.create(name="Events", slug="events", created_at=NOW, updated_at=NOW)
    NetworkPerson.objects.create(network=network, user=carl, role="coordinator", since=NOW)
    return carl


def test_who_is_alone_in_an_organisation_may_go_and_the_operator_is_told() -> None:
    alone, operator = person("alone"), person("operator", is_operator=True)
    farm = found_organisation("Ferme", by=None, now=NOW)
    join_organisation(alone, farm, "manager", by=None, now=NOW)
    assert hindrances(alone) == []
    assert hindrances(operator) != []
    erasure.ask_erasure(alone, language="en", now=NOW)
    assert erasure.erase_due(now=NOW + WEEK) == 1
    assert Notice.objects.get(user=operator).kind == "partners.unmanaged"


def test_nothing_is_allowed_before_it_is_said(anna: User) -> None:
    bo = User.objects.get(email="bo@example.org")
    assert consent.who_consents([anna.pk, bo.pk], "digest") == {anna.pk}
    assert not consent.has_consent(anna.pk, "public_contact")
    assert not consent.give_consent(anna, "digest", now=NOW + WEEK)
    assert Consent.objects.get().wording.startswith("I want a letter")
    assert consent.withdraw_consent(anna, "digest", now=NOW + WEEK)
    assert not consent.has_consent(anna.pk, "digest")
    assert Consent.objects.get().withdrawn_at == NOW + WEEK


def test_each_kind_goes_when_its_days_are_over(anna: User) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=NOW - timedelta(days=2))
    Session.objects.create(session_key="new", session_data="", expire_date=NOW + timedelta(days=2))
    Notice.objects.update(read_at=NOW)
    JoinRequest.objects.update(decided_at=NOW)
    assert forget_what_is_over(now=NOW) == {"sessions": 1}
    later = NOW + timedelta(days=181)
    gone = forget_what_is_over(now=later)
    assert {key: gone[key] for key in ("sessions", "read_notices", "invitations", "join_requests")} == {
        "sessions": 1,
        "read_notices": Notice.objects.count() + gone["read_notices"],
        "invitations": 1,
        "join_requests": 1,
    }
    assert AuditEntry.objects.filter(action="core.forget").count() == 1 + len(gone)
    assert Membership.objects.filter(user=anna).exists()


def test_the_job_does_it_once_a_day(anna: User) -> None:
    Invitation.objects.update(expires_at=NOW - timedelta(days=100))
    assert forget_daily(now=NOW) == {"invitations": 1}
    with CaptureQueriesContext(connection) as seen:
        assert forget_daily(now=NOW + timedelta(minutes=1)) == {}
    assert not any("DELETE" in query["sql"] for query in seen)


def test_the_tables_of_the_record_are_whole() -> None:
    assert {rule.key for rule in retention_rules()} == {
        "address_changes",
        "bulk_edits",
        "sessions",
        "read_notices",
        "old_notices",
        "consents",
        "erasures",
        "letters",
        "invitations",
        "unconfirmed_requests",
        "join_requests",
        "deputies",
    }
    for one in holdings():
        assert all((one.name, one.purpose, one.legal_basis, one.retention, one.recipients)), one.key
    assert not ErasureRequest.objects.exists()
