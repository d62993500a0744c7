"""A profile is saved by its editors alone, never over somebody else's change, and shows persons only if they agree."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue import vocabulary
from allmende.core.models import AuditEntry, User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Network, NetworkOrganisation, Organisation, Profile, TopicContact
from allmende.partners.profiles import queries
from allmende.partners.profiles.actions import ProfileForbidden, ProfileOvertaken, ProfileRefused, save_profile
from allmende.partners.profiles.completeness import ANCHORS, NAMES, PARTS, SENTENCES
from allmende.partners.vocabulary import GROUPS, terms
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
DOES = {"original": "fr", "texts": {"fr": "Nous montrons des vases."}}
SCHOOLS_DESK = {"topic": "schools", "name": "Education desk", "email": "schools@example.org"}


@pytest.fixture
def museum() -> Organisation:
    return found_organisation("Musée de Nîmes", kind="museum", by=None, now=NOW)


def person(name: str, organisation: Organisation | None = None, role: str = "editor") -> User:
    user = User.objects.create_user(f"{name}@example.org")
    if organisation:
        join_organisation(user, organisation, role, by=None, now=NOW)
    return user


def save(museum: Organisation, **changes: Any) -> list[str]:
    return save_profile(museum.pk, changes, by=None, now=NOW, trusted=True)


@pytest.mark.parametrize(("role", "may"), [("member", False), ("editor", True), ("manager", True)])
def test_editors_and_managers_save_and_members_do_not(museum: Organisation, role: str, may: bool) -> None:
    user = person("anna", museum, role)
    if may:
        assert save_profile(museum.pk, {"does": DOES}, by=user, now=NOW) == ["does"]
        assert Profile.objects.get(pk=museum.pk).does == DOES
    else:
        with pytest.raises(ProfileForbidden):
            save_profile(museum.pk, {"does": DOES}, by=user, now=NOW)
        assert queries.profile_to_edit(user, museum.pk) is None


def test_a_colleague_of_another_organisation_and_a_stranger_neither_read_nor_save(museum: Organisation) -> None:
    elsewhere = person("bo", found_organisation("Ferme", by=None, now=NOW), "manager")
    for user in (elsewhere, person("charlie"), None):
        assert queries.profile_to_edit(user, museum.pk) is None
        with pytest.raises(ProfileForbidden):
            save_profile(museum.pk, {"does": DOES}, by=user, now=NOW)


def test_what_was_saved_meanwhile_is_not_overwritten(museum: Organisation) -> None:
    user = person("anna", museum)
    entry = queries.profile_to_edit(user, museum.pk)
    assert entry is not None
    save(museum, size="1-9")
    with pytest.raises(ProfileOvertaken):
        save_profile(museum.pk, {"size": "250+"}, by=user, now=NOW, seen=entry.revision)
    assert Profile.objects.get(pk=museum.pk).size == "1-9"


def test_saving_the_same_again_changes_nothing_and_writes_no_line(museum: Organisation) -> None:
    assert save(museum, contacts=[SCHOOLS_DESK], services=["workshops"]) == ["contacts", "services"]
    lines = AuditEntry.objects.count()
    assert save(museum, contacts=[SCHOOLS_DESK], services=["workshops"]) == []
    assert (AuditEntry.objects.count(), Profile.objects.get(pk=museum.pk).revision) == (lines, 1)


def test_the_audit_line_tells_the_change_and_no_person(museum: Organisation) -> None:
    save(museum, size="10-49", contacts=[{**SCHOOLS_DESK, "name": "Ada Lovelace", "is_person": True}])
    line = AuditEntry.objects.get(action="partners.edit_profile")
    assert line.details["changed"] == {"size": {"from": "", "to": "10-49"}, "contacts": {"from": 0, "to": 1}}
    assert "Ada" not in str(line.details)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("services", ["flying"]),
        ("audiences", ["ghosts"]),
        ("section", "Z"),
        ("size", "12"),
        ("schools", "maybe"),
        ("does", {"original": "fr", "texts": {"fr": "x" * 3001}}),
        ("service_words", ["x" * 81]),
        ("service_words", ["x"] * 31),
        ("rooms", [{"name": "Hall"}] * 61),
        ("contacts", [{"topic": "gossip", "email": "a@example.org"}]),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(museum: Organisation, field: str, value: Any) -> None:
    with pytest.raises(ProfileRefused) as refused:
        save(museum, **{field: value})
    assert refused.value.field == field
    assert not Profile.objects.exists()


def test_only_the_operator_moves_a_municipality_to_another_area(museum: Organisation) -> None:
    from allmende.partners.models import Territory

    town = found_organisation("Uzès", kind="municipality", by=None, now=NOW)
    area = Territory.objects.create(country="FR", level="municipality", code="1", name="A", slug="a")
    with pytest.raises(ProfileRefused):
        save_profile(town.pk, {"municipality_id": area.pk}, by=person("anna", town, "manager"), now=NOW)
    operator = User.objects.create_user("op@example.org", is_operator=True)
    assert save_profile(town.pk, {"municipality_id": area.pk}, by=operator, now=NOW) == ["municipality_id"]


@pytest.mark.parametrize(
    ("more", "everybody", "partners"),
    [
        ({}, 1, 1),
        ({"seen_by": "partners"}, 0, 1),
        ({"is_person": True}, 0, 0),
        ({"is_person": True, "has_consent": True}, 1, 1),
        ({"is_person": True, "seen_by": "partners"}, 0, 0),
    ],
)
def test_who_sees_a_contact(museum: Organisation, more: dict[str, Any], everybody: int, partners: int) -> None:
    save(museum, contacts=[{**SCHOOLS_DESK, **more}])
    public = queries.public_profile(museum.pk, language="en", today=NOW.date())
    assert public is not None
    assert len(public.contacts) == everybody
    assert len(queries.public_contacts([museum.pk])) == everybody
    assert len(queries.contacts_for_partners([museum.pk], language="en").get(museum.pk, [])) == partners


def test_the_page_shows_certificates_that_are_valid_and_networks_that_are_public(museum: Organisation) -> None:
    save(museum, certifications=[{"name": "Old", "valid_until": date(2026, 11, 28)}, {"name": "Good"}])
    for name, is_public, state in (("Culture", True, "member"), ("Secret", False, "member"), ("Asked", True, "asked")):
        network = Network.objects.create(
            name=name, slug=name.lower(), is_public=is_public, created_at=NOW, updated_at=NOW
        )
        NetworkOrganisation.objects.create(network=network, organisation=museum, state=state, since=NOW)
    profile = queries.public_profile(museum.pk, language="de", today=NOW.date())
    assert profile is not None
    assert [one.name for one in profile.certifications] == ["Good"]
    assert [name for name, _, _ in profile.networks] == ["Culture"]


def test_an_empty_profile_is_a_page_too(museum: Organisation) -> None:
    profile = queries.public_profile(museum.pk, language="sv", today=NOW.date())
    assert profile is not None
    assert not profile.has_sides
    assert queries.public_profile(museum.pk + 99, language="sv", today=NOW.date()) is None


def test_the_next_step_is_the_one_that_helps_most(museum: Organisation) -> None:
    steps = []
    answers: dict[str, dict[str, Any]] = {
        "does": {"does": DOES},
        "contacts": {"contacts": [SCHOOLS_DESK]},
        "ask_us": {"ask_us": DOES},
        "services": {"services": ["workshops"]},
        "reach": {"email": "a@example.org", "locality": "Nîmes"},
        "does_not": {"ask_others": DOES},
        "schools": {"schools": "no"},
        "audiences": {"audiences": ["everyone"]},
        "section": {"section": "R", "size": "1-9"},
        "purpose": {"purpose": DOES},
    }
    while step := queries.next_step(museum.pk, "en"):
        steps.append((step.key, step.share))
        save(museum, **answers[step.key])
    assert steps == [
        ("does", 0),
        ("contacts", 20),
        ("ask_us", 35),
        ("services", 50),
        ("reach", 60),
        ("does_not", 70),
        ("schools", 80),
        ("audiences", 85),
        ("section", 90),
        ("purpose", 95),
    ]


def test_the_next_step_is_said_in_the_language_that_is_asked_for(museum: Organisation) -> None:
    said = {language: queries.next_step(museum.pk, language) for language in ("en", "de", "fr")}
    assert len({step.sentence for step in said.values() if step}) == 3


def test_every_part_has_words_and_the_weights_make_a_whole() -> None:
    keys = {key for key, *_ in PARTS}
    assert keys == set(SENTENCES) == set(NAMES)
    assert set(ANCHORS) <= keys
    assert sum(weight for _, weight, *_ in PARTS) == 100


def test_every_term_has_a_label_in_six_languages_and_audiences_agree_with_the_catalogue() -> None:
    for group in GROUPS:
        for term in terms(group).values():
            assert set(term.labels) == {"de", "sv", "da", "nl", "fr", "en"}
            assert all(text.strip() for text in term.labels.values())
    for audience in vocabulary.audiences():
        assert terms("audiences")[audience.key].labels == audience.labels
    assert "".join(terms("sections")) == "ABCDEFGHIJKLMNOPQRSTU"


def test_a_list_of_three_costs_as_many_queries_as_a_list_of_one(museum: Organisation) -> None:
    operator = User.objects.create_user("op@example.org", is_operator=True)
    save(museum, contacts=[SCHOOLS_DESK])
    with CaptureQueriesContext(connection) as one:
        assert len(queries.profiles_to_edit(operator).rows) == 1
    for name in ("Ferme", "Théâtre"):
        save(found_organisation(name, by=None, now=NOW), contacts=[SCHOOLS_DESK])
    with CaptureQueriesContext(connection) as three:
        assert len(queries.profiles_to_edit(operator).rows) == 3
    assert len(one) == len(three) == 3


def test_contacts_of_many_organisations_cost_one_query(museum: Organisation) -> None:
    others = [found_organisation(f"O {n}", by=None, now=NOW) for n in range(3)]
    for one in (museum, *others):
        TopicContact.objects.create(organisation=one, topic="press", email="p@example.org")
    with CaptureQueriesContext(connection) as asked:
        assert len(queries.contacts_for_partners([one.pk for one in others], language="nl")) == 3
    assert len(asked) == 1


def test_the_reference_names_every_term() -> None:
    page = (ROOT / "docs" / "reference" / "organisation-words.md").read_text(encoding="utf-8")
    for group in GROUPS:
        for term in terms(group).values():
            labels = " | ".join(term.labels[code] for code in ("de", "sv", "da", "nl", "fr", "en"))
            assert f"| `{term.key}` | {labels} |" in page
