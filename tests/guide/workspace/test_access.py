"""Who gets which page: member, editor, manager, colleague of another organisation, operator, stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from allmende.catalogue.actions import report_mistake
from allmende.catalogue.models import Event, ImportRun, MistakeReport, Source
from tests.guide.workspace.conftest import NOW, People, calendar, event, the_delivery, upload

pytestmark = pytest.mark.django_db

ALL = {"member": 200, "editor": 200, "manager": 200, "colleague": 200, "operator": 200, "stranger": 302}
EDITORS = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
MANAGERS = {"member": 404, "editor": 404, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
ANY_MANAGER = MANAGERS | {"colleague": 200}


@pytest.mark.parametrize("path", ["", "records/", "records/?kind=place", "sources/", "reports/", "reports/?state=done"])
def test_first_pages_are_for_everyone_who_is_signed_in(people: People, concert: Event, path: str) -> None:
    assert people.answers(lambda client: client.get(f"/en/workspace/{path}")) == ALL


def test_record_page_is_for_its_editors(people: People, concert: Event) -> None:
    assert people.answers(lambda client: client.get(f"/en/workspace/records/event/{concert.pk}/")) == EDITORS


def test_unknown_records_and_kinds_are_404(people: People, concert: Event) -> None:
    for path in (f"records/event/{concert.pk + 1}/", f"records/thing/{concert.pk}/", "sources/none/", "deliveries/99/"):
        assert people.operator.get(f"/en/workspace/{path}").status_code == 404


def test_source_pages_are_for_its_managers(people: People, concert: Event) -> None:
    run = ImportRun.objects.get()
    for path in ("", f"runs/{run.pk}/", f"runs/{run.pk}/problems.csv"):
        assert people.answers(lambda c, path=path: c.get(f"/en/workspace/sources/agenda/{path}")) == MANAGERS


def test_new_source_is_for_every_manager(people: People, source: Source) -> None:
    assert people.answers(lambda client: client.get("/en/workspace/sources/new/")) == ANY_MANAGER


def test_deliveries_are_for_managers_of_their_source(people: People, source: Source) -> None:
    people.manager.post("/en/workspace/sources/agenda/upload/", {"file": upload(calendar(event("a")))})
    here = f"/en/workspace/deliveries/{the_delivery().pk}/"
    assert people.answers(lambda client: client.get(here)) == MANAGERS
    assert people.answers(lambda client: client.get(f"{here}state.json")) == MANAGERS


def test_brand_is_for_managers_of_the_region(people: People) -> None:
    assert people.answers(lambda client: client.get("/en/workspace/brand/")) == MANAGERS
    assert people.answers(lambda client: client.get("/en/workspace/brand/preview.css")) == MANAGERS


def _posts(concert: Event, delivery: ImportRun, report: MistakeReport) -> dict[str, dict[str, Any]]:
    record = f"records/event/{concert.pk}/"
    return {
        record: {"name.fr": "Taken over"},
        f"{record}release/": {"field": "name"},
        f"{record}publication/": {"state": "withdrawn"},
        "sources/agenda/": {"title": "Taken over"},
        "sources/agenda/upload/": {"file": upload(calendar(event("z")))},
        f"deliveries/{delivery.pk}/mapping/": {},
        f"deliveries/{delivery.pk}/apply/": {"insist": "1"},
        f"deliveries/{delivery.pk}/abort/": {},
        f"reports/{report.pk}/": {"state": "done"},
    }


def test_whoever_may_not_see_a_record_cannot_change_it_either(people: People, concert: Event) -> None:
    report_mistake("event", concert.pk, "Wrong time", "", "en", now=NOW)
    people.manager.post("/en/workspace/sources/agenda/upload/", {"file": upload(calendar(event("a")))})
    before = (list(Event.objects.values()), list(Source.objects.values()), list(MistakeReport.objects.values()))
    for path, data in _posts(concert, the_delivery(), MistakeReport.objects.get()).items():
        for client in (people.colleague, people.member):
            assert client.post(f"/en/workspace/{path}", data).status_code == 404, path
        answer = people.stranger.post(f"/en/workspace/{path}", data)
        assert (answer.status_code, answer.url) == (302, "/en/workspace/sign-in/"), path
    assert before == (list(Event.objects.values()), list(Source.objects.values()), list(MistakeReport.objects.values()))
    assert the_delivery().delivery


def test_editors_edit_but_do_not_import(people: People, concert: Event) -> None:
    for path in ("sources/agenda/", "sources/agenda/upload/", "sources/new/", "brand/"):
        assert people.editor.post(f"/en/workspace/{path}", {}).status_code == 404


def test_a_person_without_organisation_sees_only_that(db: None) -> None:
    from tests.guide.workspace.conftest import signed_in

    _, client = signed_in("alone@example.org")
    answer = client.get("/en/workspace/")
    assert answer.status_code == 200
    assert "does not belong to an organisation yet" in answer.content.decode()
    assert client.get("/en/workspace/brand/").status_code == 404


def test_no_page_of_the_workspace_is_kept_by_any_cache(people: People, concert: Event) -> None:
    for path in ("", "records/", f"records/event/{concert.pk}/", "sources/", "sources/agenda/", "reports/", "brand/"):
        for client in (people.manager, people.stranger):
            answer = client.get(f"/en/workspace/{path}")
            assert answer["Cache-Control"] == "private, no-store", path
    assert people.stranger.get("/en/workspace/sign-in/")["Cache-Control"] == "private, no-store"


def test_every_form_wants_its_csrf_token(people: People, concert: Event) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = people.manager.cookies
    report_mistake("event", concert.pk, "Wrong time", "", "en", now=NOW)
    people.manager.post("/en/workspace/sources/agenda/upload/", {"file": upload(calendar(event("a")))})
    posts = _posts(concert, the_delivery(), MistakeReport.objects.get())
    for path, data in (posts | {"brand/": {}, "sources/new/": {}, "sign-out/": {}}).items():
        assert strict.post(f"/en/workspace/{path}", data).status_code == 403, path
    assert Client(enforce_csrf_checks=True).post("/en/workspace/sign-in/", {"email": "a@b.c"}).status_code == 403
