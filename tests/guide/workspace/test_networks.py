"""Pages of networks: who sees what, nothing of the members' leaks, and a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import (
    Invitation,
    Network,
    NetworkFile,
    NetworkOrganisation,
    NetworkPerson,
    Organisation,
    Task,
)
from allmende.partners.networks import actions
from allmende.partners.people.actions import invite_organisation
from allmende.partners.tasks.actions import make_task
from tests.guide.workspace.conftest import NOW, note_of, signed_in

PAGES = ("", "news/", "calendar/", "tasks/", "groups/", "files/", "members/", "table/", "web/")
SECRET = "Budget of the members"


@dataclass
class World:
    network: Network
    carla: User
    clients: dict[str, Client]

    def get(self, who: str, page: str) -> Any:
        return self.clients[who].get(f"/en/workspace/networks/culture/{page}")

    def post(self, who: str, page: str, **data: Any) -> Any:
        return self.clients[who].post(f"/en/workspace/networks/culture/{page}", data)


@pytest.fixture
def world(db: None) -> World:
    dmo = found_organisation("Destination Uzège", by=None, now=NOW, kind="dmo")
    museum = found_organisation("Musée d’Uzès", by=None, now=NOW, kind="museum")
    university = found_organisation("Université de Nîmes", by=None, now=NOW, kind="university")
    clients = {"guest": Client(headers={"accept-language": "en"})}
    users = {}
    for name, home, role in (
        ("coordinator", dmo, "manager"),
        ("editor", museum, "member"),
        ("member", museum, "manager"),
        ("observer", university, "member"),
        ("colleague", university, "manager"),
    ):
        users[name], clients[name] = signed_in(f"{name}@example.org")
        join_organisation(users[name], home, role, by=None, now=NOW)
    _, clients["operator"] = signed_in("operator@example.org", is_operator=True)
    carla = users["coordinator"]
    network = actions.found_network("Culture", kind="culture", by=carla, now=NOW, language="en", organisation_id=dmo.pk)
    NetworkOrganisation.objects.create(network=network, organisation=museum, since=NOW)
    actions.set_person(network, users["editor"].pk, "editor", by=carla, now=NOW)
    NetworkPerson.objects.create(network=network, user=users["observer"], role="observer", since=NOW)
    return World(network, carla, clients)


@pytest.mark.parametrize("page", PAGES[1:])
def test_only_people_of_a_network_see_its_pages(world: World, page: str) -> None:
    got = {who: world.get(who, page).status_code for who in world.clients}
    assert got == {
        "guest": 302, "coordinator": 200, "editor": 200, "member": 200, "observer": 200, "colleague": 404, "operator": 200,
    }  # fmt: skip


def test_what_is_for_members_shows_nowhere_in_public(world: World, tmp_path: Any) -> None:
    told: dict[str, Any] = {"by": world.carla, "now": NOW}
    network = world.network
    actions.post_news(network, SECRET, SECRET, is_public=False, language="en", **told)
    actions.post_news(network, "Open day", "Come!", is_public=True, language="en", **told)
    day = NOW.date() + timedelta(days=3)
    actions.save_date(network, title=SECRET, day=day, **told)
    actions.save_date(network, title="Open meeting", day=day, is_public=True, **told)
    make_task(SECRET, f"network:{network.pk}", assigned_to=None, **told)
    actions.save_group(network, SECRET, **told)
    guest = world.clients["guest"]
    page = guest.get("/en/networks/culture/").content.decode()
    calendar = b"".join(guest.get("/en/networks/culture/calendar.ics").streaming_content).decode()
    assert ("Open day" in page, "Open meeting" in page, "Open meeting" in calendar) == (True, True, True)
    outside = world.clients["colleague"].get("/en/workspace/networks/culture/").content.decode()
    region = world.clients["colleague"].get("/en/workspace/networks/cooperation/").content.decode()
    for text in (page, calendar, outside, region, guest.get("/en/networks/").content.decode()):
        assert SECRET not in text


def test_the_calendar_address_is_secret_and_can_be_revoked(world: World) -> None:
    actions.save_date(world.network, title=SECRET, day=NOW.date(), by=world.carla, now=NOW)
    page = world.post("observer", "calendar/", do="feed").content.decode()
    address = page.partition("/networks/feeds/")[2].partition('"')[0]
    path = f"/en/networks/feeds/{address}"
    guest = world.clients["guest"]
    answer = guest.get(path)
    assert SECRET in b"".join(answer.streaming_content).decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert address not in world.get("observer", "calendar/").content.decode(), "it is shown once"
    NetworkPerson.objects.filter(user__email="observer@example.org").delete()
    assert guest.get(path).status_code == 404, "whoever has left reads no more"
    other = world.post("member", "calendar/", do="feed").content.decode()
    path = f"/en/networks/feeds/{other.partition('/networks/feeds/')[2].partition(chr(34))[0]}"
    assert guest.get(path).status_code == 200
    world.post("member", "calendar/", do="revoke")
    assert guest.get(path).status_code == 404


def upload(name: str = "plan.pdf", content: bytes = b"%PDF-1.7 plan") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_files_are_for_members_until_an_editor_opens_them(world: World) -> None:
    assert world.post("observer", "files/", do="keep", upload=upload()).status_code == 404
    assert world.post("member", "files/", do="keep", upload=upload(), is_public="1").status_code == 404
    assert world.post("member", "files/", do="keep", upload=upload()).status_code == 303
    file = NetworkFile.objects.get()
    answer = world.get("observer", f"files/{file.pk}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 plan"
    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    guest = world.clients["guest"]
    assert world.get("colleague", f"files/{file.pk}/").status_code == 404
    assert guest.get(f"/en/networks/culture/files/{file.pk}/").status_code == 404
    world.post("editor", "files/", do="publish", file=file.pk)
    assert b"".join(guest.get(f"/en/networks/culture/files/{file.pk}/").streaming_content) == b"%PDF-1.7 plan"
    world.post("editor", "files/", do="replace", file=file.pk, upload=upload("new.pdf", b"%PDF-1.7 new"))
    assert b"".join(guest.get(f"/en/networks/culture/files/{file.pk}/").streaming_content) == b"%PDF-1.7 new"
    assert b"".join(world.get("member", f"files/{file.pk}/?version=1").streaming_content) == b"%PDF-1.7 plan"
    actions.edit_network(world.network, {"is_public": False}, by=world.carla, now=NOW)
    assert guest.get(f"/en/networks/culture/files/{file.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("page.html", b"<html>"),
        ("page.txt", b"  <!DOCTYPE html><script>alert(1)</script>"),
        ("plan.pdf", b"MZ program"),
        ("table.xlsx", b"PK\x03\x04 not an archive"),
        ("empty.pdf", b""),
        ("noending", b"text"),
    ],
)
def test_files_that_could_run_or_are_not_what_they_say_are_refused(world: World, name: str, content: bytes) -> None:
    assert world.post("member", "files/", do="keep", upload=upload(name, content)).status_code == 422
    assert not NetworkFile.objects.exists()


def test_a_task_is_done_and_undone_and_its_maker_is_told(world: World) -> None:
    assert world.post("observer", "tasks/", do="add", title="Write").status_code == 404
    world.post("member", "tasks/", do="add", title="Write", due=(NOW - timedelta(days=3)).date().isoformat())
    task = Task.objects.get()
    assert "overdue since" in world.get("member", "tasks/").content.decode()
    world.post("editor", "tasks/", do="done", task=task.pk)
    assert Task.objects.get().done_at is not None
    world.post("editor", "tasks/", do="undo", task=task.pk)
    assert Task.objects.get().done_at is None
    assert world.post("member", "tasks/", do="add", title="X", due="soon").status_code == 422


def test_one_press_invites_and_one_press_takes_it_back(world: World) -> None:
    page = world.get("coordinator", "table/").content.decode()
    assert "University" in page.partition("Missing:")[2].partition("</p>")[0]
    assert "none of 1" in page
    organisation = Organisation.objects.get(kind="university")
    for who in ("member", "editor", "observer"):
        assert world.post(who, "table/", do="invite", organisation=organisation.pk).status_code == 404
    world.post("coordinator", "table/", do="invite", organisation=organisation.pk)
    rows = NetworkOrganisation.objects.filter(organisation=organisation)
    assert rows.get().state == "invited"
    world.post("coordinator", "table/", do="withdraw", organisation=organisation.pk)
    assert not rows.exists()


def test_the_table_goes_into_a_spreadsheet_safely(world: World) -> None:
    invite_organisation(
        world.network,
        found_organisation("=cmd", by=None, now=NOW, kind="school", email="school@example.org").pk,
        by=world.carla,
        language="en",
        now=NOW,
    )
    text = world.get("observer", "table/table.csv").content.decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("axis;line;in_region;members;")
    university = next(line for line in lines if line.startswith("kind;University"))
    assert university.split(";")[2:4] == ["1", "0"]
    assert "missing" in university


@pytest.mark.parametrize("page", PAGES)
def test_pages_take_the_same_number_of_queries_with_1_and_3_rows(world: World, page: str) -> None:
    def fill(n: int) -> None:
        told: dict[str, Any] = {"by": world.carla, "now": NOW}
        for number in range(n):
            name = f"Atelier {Task.objects.count()} {number}"
            other = found_organisation(name, by=None, now=NOW, kind="company")
            user, _ = signed_in(f"u{other.pk}@example.org")
            join_organisation(user, other, "member", by=None, now=NOW)
            NetworkOrganisation.objects.create(network=world.network, organisation=other, since=NOW)
            asking = found_organisation(f"{name} asks", by=None, now=NOW, kind="school")
            NetworkOrganisation.objects.create(network=world.network, organisation=asking, since=NOW, state="asked")
            actions.post_news(world.network, name, "", is_public=True, language="en", **told)
            actions.save_date(world.network, title=name, day=NOW.date() + timedelta(days=1), **told)
            group = actions.save_group(world.network, name, lead_id=user.pk, **told)
            make_task(name, f"network:{world.network.pk}", assigned_to=user.pk, group_id=group.pk, **told)
            file = NetworkFile.objects.create(network=world.network, title=name, created_at=NOW, updated_at=NOW)
            file.versions.create(number=1, name=name, folder="x", media_type="text/plain", size=1, uploaded_at=NOW)

    def queries() -> int:
        world.get("coordinator", page)
        with CaptureQueriesContext(connection) as caught:
            assert world.get("coordinator", page).status_code == 200
        return len(caught)

    fill(1)
    one = queries()
    fill(2)
    assert queries() == one


@pytest.mark.parametrize("path", ["/en/networks/", "/en/networks/culture/", "/en/workspace/networks/"])
def test_lists_of_networks_take_the_same_number_of_queries_with_1_and_3_rows(world: World, path: str) -> None:
    def queries() -> int:
        world.clients["coordinator"].get(path)
        with CaptureQueriesContext(connection) as caught:
            assert world.clients["coordinator"].get(path).status_code == 200
        return len(caught)

    one = queries()
    for number in range(2):
        actions.found_network(f"More {number}", kind="tourism", by=world.carla, now=NOW, language="en")
        other = found_organisation(f"Gîte {number}", by=None, now=NOW, kind="company")
        NetworkOrganisation.objects.create(network=world.network, organisation=other, since=NOW)
    assert queries() == one


def test_an_ended_network_can_be_read_by_its_people_alone(world: World) -> None:
    world.post("coordinator", "settings/", do="end")
    guest = world.clients["guest"]
    assert guest.get("/en/networks/culture/").status_code == 404
    assert world.get("member", "news/").status_code == 200
    assert world.get("colleague", "").status_code == 404
    assert world.post("member", "tasks/", do="add", title="Write").status_code == 404
    world.post("coordinator", "settings/", do="reopen")
    assert guest.get("/en/networks/culture/").status_code == 200


def test_news_is_told_in_several_languages(world: World) -> None:
    news = actions.post_news(world.network, "Hello", "Text", is_public=True, language="en", by=world.carla, now=NOW)
    world.clients["editor"].post(
        f"/en/workspace/networks/culture/news/{news.pk}/",
        {"in": "de", "title": "Hallo", "text": "Wort", "is_public": "1"},
    )
    guest = world.clients["guest"]
    german = guest.get("/de/networks/culture/").content.decode()
    assert "Hallo" in german
    assert "Hello" not in german
    assert "Hello" in guest.get("/sv/networks/culture/").content.decode()


def test_what_is_typed_stays_when_it_is_refused(world: World) -> None:
    answer = world.post("member", "calendar/", do="save", title="Round table", day="2030-13-45", place="Uzès")
    assert answer.status_code == 422
    page = answer.content.decode()
    missing = [text for text in ('value="Round table"', 'value="Uzès"', 'role="alert"') if text not in page]
    assert missing == []


def test_an_organisation_without_people_is_invited_by_a_letter_to_its_address(world: World, mailoutbox: Any) -> None:
    farm = found_organisation("Ferme du Gardon", by=None, now=NOW, kind="farm", email="ferme@example.org")
    quiet = found_organisation("Ferme sans adresse", by=None, now=NOW, kind="farm")
    assert note_of(world.post("coordinator", "table/", do="invite", organisation=farm.pk)) == [
        "Ferme du Gardon is invited by a letter to its address."
    ]
    assert [letter.to for letter in mailoutbox] == [["ferme@example.org"]]
    letter = Invitation.objects.get()
    assert (letter.organisation_id, letter.network_id, letter.role) == (farm.pk, world.network.pk, "manager")
    world.post("coordinator", "table/", do="withdraw", organisation=farm.pk)
    letter.refresh_from_db()
    assert letter.revoked_at is not None
    said = note_of(world.post("coordinator", "table/", do="invite", organisation=quiet.pk))[-1]
    assert said.startswith("Nobody manages this organisation yet")
    assert not NetworkOrganisation.objects.filter(organisation=quiet).exists()
