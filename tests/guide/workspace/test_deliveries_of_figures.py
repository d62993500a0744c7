"""Files of figures through the pages: upload, match, preview, apply, take back; watched folders."""

from __future__ import annotations

from typing import Any

import pytest

from allmende.insight.deliveries import keeping, working
from allmende.insight.models import Delivery, Series, Site, WatchedFolder
from allmende.partners.models import Organisation
from tests.guide.workspace.conftest import NOW, People, form_of, note_of, upload, words

BASE = "/en/workspace/insight/deliveries/"
FILE = "site;time;count\nDuché;2026-06-01 12:00;10\nDuché;2026-06-01 13:00;<5\nHaras;2026-06-01 13:00;7\n".encode()


@pytest.fixture
def site(people: People) -> Site:
    town = Organisation.objects.get(name="Ville d’Uzès")
    return Site.objects.create(
        organisation=town, name="Duché", slug="duche", timezone="Europe/Paris", created_at=NOW, updated_at=NOW
    )


def send(people: People, place: Site, content: bytes = FILE, **more: Any) -> str:
    told = {"origin": "counter", "organisation": str(place.organisation_id), "supplier": "Comptages SA", **more}
    answer = people.editor.post(f"{BASE}new/", {**told, "file": upload(content, "june.csv")})
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["Location"])


def test_a_file_from_the_browser_to_the_figures_and_back(people: People, site: Site) -> None:
    here = send(people, site)
    page = words(people.editor.get(here))
    assert "is no place that you measure" in page
    assert "Comptages SA" in page
    assert not Series.objects.exists()
    form = {name: found[0] for name, found in form_of(page, "match").items()}
    assert (form["role.1"], form["role.2"], form["role.3"], form["word.1"]) == ("site", "time", "value", "Haras")
    answer = people.editor.post(f"{here}match/", {**form, "place.1": "+", "measure": "entries"})
    assert answer.status_code == 303
    assert Site.objects.get(name="Haras").timezone == "Europe/Paris"
    page = words(people.editor.get(here))
    assert "is no place that you measure" not in page
    assert note_of(people.editor.post(f"{here}apply/")) == ["Applied. It can be taken back here."]
    assert set(Series.objects.values_list("site__name", "measure")) == {("Duché", "entries"), ("Haras", "entries")}
    assert "Take back" in words(people.editor.get(here))
    people.editor.post(f"{here}undo/")
    assert not Series.objects.exists()
    assert "Taken back" in words(people.editor.get(f"{BASE}?state=undone"))


def test_only_editors_of_the_organisation_see_and_use_it(people: People, site: Site) -> None:
    here = send(people, site)
    expected = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    assert people.answers(lambda one: one.get(here)) == expected
    for what in ("match/", "apply/", "undo/", "discard/"):
        answers = people.answers(
            lambda one, what=what: one.post(f"{here}{what}") if one not in allowed(people) else one.get(here)
        )
        assert answers == expected, what
    assert "june.csv" not in words(people.colleague.get(BASE))
    assert "june.csv" not in words(people.member.get(BASE))
    assert people.member.get(f"{BASE}new/").status_code == 404


def allowed(people: People) -> tuple[Any, ...]:
    return people.editor, people.manager, people.operator


def test_what_is_no_table_is_refused_and_nothing_typed_is_lost(people: People, site: Site) -> None:
    told = {
        "origin": "tickets",
        "organisation": str(site.organisation_id),
        "supplier": "Caisse",
        "agreement": "Licence Ouverte",
    }
    answer = people.editor.post(f"{BASE}new/", {**told, "file": upload(b"%PDF-1.7 x", "a.pdf")})
    page = words(answer)
    assert answer.status_code == 422
    assert all(text in page for text in ("This is a PDF", "Caisse", "Licence Ouverte"))
    assert people.editor.post(f"{BASE}new/", told).status_code == 422
    assert not Delivery.objects.exists()


def test_a_match_that_makes_no_sense_keeps_what_was_chosen(people: People, site: Site) -> None:
    here = send(people, site)
    form = {name: found[0] for name, found in form_of(words(people.editor.get(here)), "match").items()}
    answer = people.editor.post(f"{here}match/", {**form, "role.2": "", "unit": "heads", "timezone": "Mars/One"})
    page = words(answer)
    assert answer.status_code == 422
    assert "No column says when" in page
    again = {name: found[0] for name, found in form_of(page, "match").items()}
    assert (again["role.2"], again["unit"], again["timezone"]) == ("", "heads", "Mars/One")


def test_marks_of_held_back_figures_are_said_on_the_page(people: People, site: Site) -> None:
    here = send(
        people, site, b"time;count\n2026-06-01 12:00;10\n2026-06-01 13:00;-1\n2026-06-01 14:00;\n", site="duche"
    )
    form = {name: found[0] for name, found in form_of(words(people.editor.get(here)), "match").items()}
    assert (form["suppressed"], form["site"]) == ("-1", "duche")
    people.editor.post(
        f"{here}match/", {**form, "empty_is_suppressed": "1", "suppressed_below": "20", "unit": "heads\0"}
    )
    people.editor.post(f"{here}apply/")
    assert Delivery.objects.get().suppressed == 2
    assert (Series.objects.get().suppressed_below, Series.objects.get().unit) == (20, "heads")


def test_an_upload_is_thrown_away(people: People, site: Site) -> None:
    here = send(people, site)
    people.editor.post(f"{here}discard/")
    assert people.editor.get(here).status_code == 404
    assert list(keeping.root().iterdir()) == []


def test_a_folder_is_watched_and_reads_like_a_delivery(people: People, site: Site) -> None:
    here = send(people, site)
    number = here.rstrip("/").rpartition("/")[2]
    told = {"name": "entrees", "origin": "counter", "organisation": str(site.organisation_id), "like": number}
    assert people.colleague.post(f"{BASE}folders/", told).status_code == 404
    assert people.editor.post(f"{BASE}folders/", told).status_code == 303
    folder = WatchedFolder.objects.get()
    assert folder.columns["columns"]["time"] == "time"
    page = words(people.editor.get(f"{BASE}folders/"))
    assert "incoming/entrees/" in page
    assert "incoming/entrees/" not in words(people.colleague.get(f"{BASE}folders/"))
    answer = people.editor.post(f"{BASE}folders/", {**told, "supplier": "Again SA"})
    assert answer.status_code == 422
    assert "Again SA" in words(answer)
    people.editor.post(f"{BASE}folders/", {**told, "folder": "entrees", "applies_itself": "1"})
    folder.refresh_from_db()
    assert folder.applies_itself


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_asks_the_same_number_of_questions(
    people: People, site: Site, n: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(n):
        Delivery.objects.create(
            organisation=site.organisation, origin="counter", name=f"{number}.csv", state="applied", received_at=NOW
        )
    people.editor.get(BASE)
    with django_assert_max_num_queries(14):
        page = words(people.editor.get(BASE))
    assert page.count(".csv</a>") == n


def test_a_large_file_is_worked_on_while_the_page_says_how_far_it_is(
    people: People, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "LARGE_BYTES", 10)
    monkeypatch.setattr(working, "start_working", lambda: None)
    here = send(people, site)
    page = words(people.editor.get(here))
    assert "At work on june.csv" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert people.editor.get(f"{here}state.json").json() == {
        "is_running": True, "step": "It begins in a moment", "done": 0, "total": 0,
    }  # fmt: skip
    assert people.colleague.get(f"{here}state.json").status_code == 404
    assert people.colleague.post(f"{here}stop/").status_code == 404
    assert "At work" in words(people.editor.get(BASE))
    assert note_of(people.editor.post(f"{here}stop/")) == ["The work is being stopped. Nothing was changed."]
    assert "Read it again" in words(people.editor.get(here))
    people.editor.post(f"{here}match/")
    assert working.work_deliveries(lambda: NOW) == 1
    assert people.editor.get(f"{here}state.json").json()["is_running"] is False
    assert "is no place that you measure" in words(people.editor.get(here))
    people.editor.post(f"{here}apply/")
    assert not Series.objects.exists()
    assert working.work_deliveries(lambda: NOW) == 1
    assert "Take back" in words(people.editor.get(here))


def test_the_table_of_problems_is_in_the_readers_language(people: People, site: Site) -> None:
    here = send(people, site)
    answer = people.editor.get(f"{here}problems.csv".replace("/en/", "/de/"))
    [head, row] = answer.content.decode("utf-8-sig").splitlines()
    assert head.split(";")[1:4] == ["Ort", "Grund", "Was zu tun ist"]
    assert row.split(";")[1:3] == ["Zeile 4", "„Haras“ ist kein Ort, an dem Sie messen."]
    assert people.colleague.get(f"{here}problems.csv").status_code == 404
    assert "Haras" not in words(people.stranger.get(f"{here}problems.csv"))
