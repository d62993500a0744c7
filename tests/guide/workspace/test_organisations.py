"""The pages of profiles, succession and the directory: who sees them, that nothing typed is lost, what files hold."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.directory.keep import forget_index
from allmende.partners.models import Membership, Organisation, OrganisationChange, Profile, TopicContact
from allmende.partners.profiles.actions import save_profile
from tests.guide.workspace.conftest import NOW, People, form_of, note_of, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_index() -> None:
    forget_index()


@pytest.fixture
def town(people: People) -> Organisation:
    return Organisation.objects.get(kind="dmo")


def path_of(town: Organisation, more: str = "") -> str:
    return f"/en/workspace/organisations/{town.pk}/{more}"


def save(client: Client, town: Organisation, **changes: str) -> Any:
    form = form_of(words(client.get(path_of(town))), "edit")
    return client.post(path_of(town), form | {name.replace("__", "."): value for name, value in changes.items()})


def test_who_sees_and_saves_a_profile(people: People, town: Organisation) -> None:
    expected = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    assert people.answers(lambda client: client.get(path_of(town))) == expected
    posted = {name: 303 if status == 200 else status for name, status in expected.items()}
    assert people.answers(lambda client: client.post(path_of(town), {"does.en": "We guide."})) == posted


def test_a_profile_is_typed_in_and_stands_on_the_public_page(people: People, town: Organisation) -> None:
    answer = save(
        people.editor,
        town,
        does__fr="Nous accueillons les visiteurs.",
        ask_others__fr="Les musées : le musée.",
        kind__section="N",
        kind__audiences="guests",
        offer__services="visitor_information",
        offer__service_words="Plans de ville\nPlans de ville; Vélos",
        schools__schools="on_request",
        contacts__0__topic="press",
        contacts__0__name="Presse",
        contacts__0__email="presse@example.org",
        rooms__0__name="Salle",
        rooms__0__seats="80",
        equipment__0__name="Barnum",
        certifications__0__name="Qualité Tourisme",
        certifications__0__valid_until="2031-01-01",
    )
    assert answer.status_code == 303, words(answer)
    assert Profile.objects.get(pk=town.pk).service_words == ["Plans de ville", "Vélos"]
    page = words(Client().get(f"/fr/organisations/{town.slug}-{town.pk}/"))
    for text in ("Nous accueillons", "Les musées : le musée.", "Plans de ville", "presse@example.org", "80 places"):
        assert text in page
    for text in ("Sur demande", "Barnum", "Qualité Tourisme", "NACE N", '"@type":"Organization"', "contactPoint"):
        assert text in page


def test_nothing_typed_is_lost_when_something_is_wrong(people: People, town: Organisation) -> None:
    answer = save(
        people.editor,
        town,
        does__en="A long text",
        reach__email="nobody",
        reach__municipality="Atlantis",
        contacts__0__email="a@example.org",
        rooms__0__seats="many",
        kind__section="Z",
        certifications__0__valid_until="soon",
    )
    html = words(answer)
    assert answer.status_code == 422
    for text in ("A long text", 'value="nobody"', 'value="Atlantis"', 'value="many"', 'value="soon"'):
        assert text in html
    assert html.count('aria-invalid="true"') >= 5
    assert not Profile.objects.exists()


def test_what_somebody_else_changed_is_shown_and_the_rest_is_merged(people: People, town: Organisation) -> None:
    form = form_of(words(people.editor.get(path_of(town))), "edit")
    save(people.manager, town, does__en="Theirs", offer__services="advice")
    answer = people.editor.post(path_of(town), form | {"does.en": "Mine", "kind.size": "1-9"})
    html = words(answer)
    assert answer.status_code == 409
    assert "Theirs" in html
    assert "Mine" in html
    assert Profile.objects.get(pk=town.pk).does["texts"]["en"] == "Theirs"
    answer = people.editor.post(path_of(town), form_of(html, "edit"))
    assert answer.status_code == 303
    profile = Profile.objects.get(pk=town.pk)
    assert (profile.does["texts"]["en"], profile.size, profile.services) == ("Mine", "1-9", ["advice"])


@pytest.mark.parametrize(
    "garbage",
    [
        {"seen": "[1"},
        {"seen": "[]", "does.xx": "?", "contacts.99999.topic": "x", "rooms.x.name": "y"},
        {"contacts.0.topic": "gossip", "contacts.0.email": "a@example.org"},
        {"offer.services": ["flying", "advice"], "kind.audiences": "ghosts"},
        {"does.en": "\x00\x01", "reach.url": "javascript:alert(1)"},
        {"offer.service_words": "x" * 5000},
    ],
)
def test_garbage_does_no_harm(people: People, town: Organisation, garbage: dict[str, Any]) -> None:
    assert people.editor.post(path_of(town), garbage).status_code in {303, 422}
    assert not TopicContact.objects.exists()


def test_whoever_edits_one_is_led_to_it_and_who_edits_more_has_a_list(people: People, town: Organisation) -> None:
    assert people.editor.get("/en/workspace/organisations/").headers["Location"] == path_of(town)
    listing = words(people.operator.get("/en/workspace/organisations/"))
    assert "Musée de Nîmes" in listing
    assert "Say in two sentences what you do." in listing
    for query in ("?q=nothing", "?page=99", "?page=x", "?q=%00"):
        assert people.operator.get(f"/en/workspace/organisations/{query}").status_code == 200


def test_an_empty_profile_is_still_a_good_page(town: Organisation) -> None:
    page = words(Client().get(f"/de/organisations/{town.slug}-{town.pk}/"))
    assert "noch nicht gesagt" in page
    assert "Auf einen Blick" in page


# ---------------------------------------------------------------------- succession


def merge_form(**more: str) -> dict[str, str]:
    return {"kind": "merged", "name": "Musée de Nîmes", "on": "2026-01-01", **more}


def test_a_merge_is_looked_at_first_and_old_addresses_lead_on(people: People, town: Organisation) -> None:
    here = path_of(town, "succession/")
    answer = people.operator.post(here, merge_form())
    assert answer.status_code == 200
    assert not OrganisationChange.objects.exists()
    answer = people.operator.post(here, merge_form(sure="1"))
    museum = Organisation.objects.get(kind="museum")
    assert answer.headers["Location"] == path_of(museum, "succession/")
    moved = Client().get(f"/fr/organisations/{town.slug}-{town.pk}/")
    assert (moved.status_code, moved.headers["Location"]) == (
        301,
        f"/fr/organisations/{museum.slug}-{museum.pk}/#history",
    )
    page = words(Client().get(moved.headers["Location"]))
    assert 'id="history"' in page
    assert "«\u00a0Ville d’Uzès\u00a0» fait partie de «\u00a0Musée de Nîmes\u00a0»" in page.replace("&#39;", "’")
    assert people.editor.get(path_of(museum)).status_code == 200
    told = Client().get(f"/api/v1/organisations/{town.pk}").json()
    assert (told["ended_on"], told["successor"]["id"]) == ("2026-01-01", museum.pk)
    assert [one["id"] for one in Client().get("/api/v1/organisations").json()["items"]] == [museum.pk]
    changed = Client().get("/api/v1/organisations?modified_since=2020-01-01T00:00:00Z").json()["items"]
    assert {one["id"] for one in changed} == {town.pk, museum.pk}


def test_a_merge_is_taken_back_from_the_page(people: People, town: Organisation) -> None:
    people.operator.post(path_of(town, "succession/"), merge_form(sure="1"))
    change, museum = OrganisationChange.objects.get(), Organisation.objects.get(kind="museum")
    page = words(people.operator.get(path_of(museum, "succession/")))
    assert f"{change.pk}/take-back/" in page
    answer = people.operator.post(path_of(museum, f"succession/{change.pk}/take-back/"))
    assert note_of(answer) == ["Taken back. Everything is where it was."]
    assert Client().get(f"/fr/organisations/{town.slug}-{town.pk}/").status_code == 200


def test_who_changes_what_becomes_of_an_organisation(people: People, town: Organisation) -> None:
    here = path_of(town, "succession/")
    rename = {"kind": "renamed", "name": "Uzès", "on": "2026-01-01"}
    assert people.answers(lambda client: client.get(here)) == {
        "member": 404,
        "editor": 200,
        "manager": 200,
        "colleague": 404,
        "operator": 200,
        "stranger": 302,
    }
    for client in (people.member, people.editor, people.colleague):
        assert client.post(here, rename).status_code == 404
    # A manager of one of the two, also of a destination organisation, merges nothing on their own.
    assert people.manager.post(here, merge_form(sure="1")).status_code == 422
    assert people.manager.post(here, rename).status_code == 303
    assert Organisation.objects.get(pk=town.pk).name == "Uzès"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"kind": "eaten"},
        merge_form(on="soon"),
        merge_form(name="Nobody"),
        merge_form(name=""),
        {"kind": "renamed", "name": "\x00", "on": "2026-01-01"},
        {"kind": "renamed", "name": "Musée de Nîmes", "on": "2026-01-01"},
        {"kind": "split", "name": "Part", "on": "9999-12-31"},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(people: People, town: Organisation, asked: dict[str, str]) -> None:
    assert people.operator.post(path_of(town, "succession/"), asked).status_code == 422
    assert not OrganisationChange.objects.exists()


def test_a_change_of_another_organisation_is_not_taken_back_from_here(people: People, town: Organisation) -> None:
    museum = Organisation.objects.get(kind="museum")
    people.operator.post(path_of(museum, "succession/"), {"kind": "renamed", "name": "M", "on": "2030-01-01"})
    change = OrganisationChange.objects.get()
    for client in (people.manager, people.operator):
        assert client.post(path_of(town, f"succession/{change.pk}/take-back/")).status_code == 404
    assert people.colleague.post(path_of(museum, f"succession/{change.pk}/take-back/")).status_code == 303


# ---------------------------------------------------------------------- directory


def test_the_directory_shows_partners_more_than_the_public_page(people: People, town: Organisation) -> None:
    lines = [
        {"topic": "press", "name": "Everybody’s", "email": "a@example.org"},
        {"topic": "press", "name": "Partners’", "email": "b@example.org", "seen_by": "partners"},
        {"topic": "press", "name": "Nobody’s", "email": "c@example.org", "is_person": True},
    ]
    save_profile(town.pk, {"contacts": lines}, by=None, now=NOW, trusted=True)
    inside = words(people.colleague.get("/en/workspace/directory/"))
    outside = words(Client().get(f"/en/organisations/{town.slug}-{town.pk}/"))
    assert ["a@example.org" in inside, "b@example.org" in inside, "c@example.org" in inside] == [True, True, False]
    assert ["a@example.org" in outside, "b@example.org" in outside, "c@example.org" in outside] == [True, False, False]
    told = Client().get(f"/api/v1/organisations/{town.pk}").json()["profile"]["contacts"]
    assert [one["email"] for one in told] == ["a@example.org"]
    for form in ("csv", "json", "vcf"):
        file = people.member.get(f"/en/workspace/directory/organisations.{form}").content
        assert b"b@example.org" not in file


def test_people_without_an_organisation_have_no_directory_for_partners(people: People) -> None:
    _, nobody = signed_in("nobody@example.org")
    assert nobody.get("/en/workspace/directory/").status_code == 404
    assert nobody.get("/en/workspace/directory/organisations.csv").status_code == 404
    assert people.stranger.get("/en/workspace/directory/organisations.csv").status_code == 302
    assert people.member.get("/en/workspace/directory/organisations.exe").status_code == 404


def test_files_are_safe_in_spreadsheets_and_hold_what_was_found(people: People, town: Organisation) -> None:
    found_organisation("=cmd|' /C calc'!A0", kind="company", by=None, now=NOW)
    file = people.member.get("/en/workspace/directory/organisations.csv?kind=company").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(file), delimiter=";")
    assert row["name"] == "'=cmd|' /C calc'!A0"
    told = json.loads(people.member.get("/en/workspace/directory/organisations.json?kind=dmo").content)
    assert [one["name"] for one in told] == ["Ville d’Uzès"]
    book = people.member.get("/en/workspace/directory/organisations.xlsx?kind=company").content
    from openpyxl import load_workbook  # only this test reads a workbook

    cells = [cell.value for cell in next(load_workbook(io.BytesIO(book)).active.iter_rows(min_row=2))]
    assert cells[1] == "'=cmd|' /C calc'!A0"


def test_the_public_directory_takes_any_query(people: People) -> None:
    for query in ("", "?q=nimes", "?q=nmies", "?kind=museum&sort=name", "?q=%00&page=-1&near=x&radius=9", "?q=zzzzzzz"):
        assert Client().get(f"/nl/organisations/{query}").status_code == 200
    assert "Musée de Nîmes" in words(Client().get("/sv/organisations/?q=nimse"))


def test_one_who_manages_both_merges_them(people: People, town: Organisation) -> None:
    user = Membership.objects.get(organisation=town, role="manager").user
    join_organisation(user, Organisation.objects.get(kind="museum"), "manager", by=None, now=NOW)
    assert people.manager.post(path_of(town, "succession/"), merge_form(sure="1")).status_code == 303
    assert Organisation.objects.get(pk=town.pk).successor is not None
