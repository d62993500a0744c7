"""My day, the list of records, sources, reports: right answers, and a fixed number of queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import ImportOptions, edit_item, open_source, report_mistake, run_import
from allmende.catalogue.models import Event, MistakeReport, Source
from allmende.core.models import User
from tests.guide.workspace.conftest import NOW, Deliver, People, calendar, event, note_of, words

pytestmark = pytest.mark.django_db


def queries(people: People, path: str) -> int:
    people.manager.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert people.manager.get(path).status_code == 200
    return len(seen)


def more_of_everything(number: int, tmp_path: Any) -> None:
    """A source with an event, a failed record and a report, ``number`` times."""
    for n in range(number):
        source = open_source(
            f"source-{n}", defaults={"title": f"Source {n}", "organisation": "Ville d’Uzès", "language": "fr"}, now=NOW
        )
        path = tmp_path / "feed.ics"
        path.write_bytes(calendar(event(f"e{n}"), "BEGIN:VEVENT\nUID:bad\nSUMMARY:x\nEND:VEVENT\n"))
        run_import(source, path, options=ImportOptions(), by=None, now=NOW, trusted=True)
        report_mistake("event", Event.objects.latest("pk").pk, f"Wrong {n}", "", "en", now=NOW)


@pytest.mark.parametrize("path", ["", "records/", "sources/", "reports/", "sources/source-0/"])
def test_one_row_and_three_rows_take_the_same_queries(people: People, path: str, tmp_path: Any) -> None:
    address = f"/en/workspace/{path}"
    more_of_everything(1, tmp_path)
    once = queries(people, address)
    more_of_everything(3, tmp_path)
    assert queries(people, address) == once
    # My day asks every part of the house for what waits.
    assert once <= (56 if path == "" else 40)


def test_my_day_shows_what_waits_and_the_next_best_step(people: People, tmp_path: Any) -> None:
    more_of_everything(1, tmp_path)
    page = words(people.manager.get("/en/workspace/"))
    assert "1 bad record in the last import" in page
    assert "Wrong 0" in page
    assert "Events: No point on the map" in page
    editor = words(people.editor.get("/en/workspace/"))
    assert "Wrong 0" in editor
    assert "bad record" not in editor
    assert "Wrong 0" not in words(people.colleague.get("/en/workspace/"))
    assert "Nothing waits. All is well." in words(people.member.get("/en/workspace/"))


def names(page: str) -> list[str]:
    return [name for name in ("Concert", "Lecture", "Marché") if f"<span>{name}</span>" in page]


def test_records_are_found_by_name_source_state_and_what_is_missing(people: People, deliver: Deliver) -> None:
    deliver(event("a"), event("b", "Lecture", text=""), event("c", "Marché"))
    market = Event.objects.get(sort_name="marche")
    by = User.objects.get(email="editor@example.org")
    edit_item("event", market.pk, {"accessibility": {"toilet": "no"}}, by=by, now=NOW)
    people.editor.post(f"/en/workspace/records/event/{market.pk}/publication/", {"state": "withdrawn"})
    source = Source.objects.get()

    def found(query: str) -> list[str]:
        return names(words(people.editor.get(f"/en/workspace/records/?{query}")))

    assert found("") == ["Concert", "Lecture", "Marché"]
    assert found("q=MARCHE") == ["Marché"]
    assert found("q=xyz") == []
    assert found(f"source={source.pk}") == ["Concert", "Lecture", "Marché"]
    assert found(f"source={source.pk + 1}") == []
    assert found("state=withdrawn") == ["Marché"]
    assert found("edited=1") == ["Marché"]
    assert found("missing=description") == ["Lecture"]
    assert found("missing=accessibility") == ["Concert", "Lecture"]
    assert found("missing=point&q=lect") == ["Lecture"]
    assert found("kind=place") == []
    assert found("page=99") == ["Concert", "Lecture", "Marché"]


@pytest.mark.parametrize(
    "query", ["kind=x", "source=abc", "page=-1", "page=" + "9" * 30, "state=x", "missing=x", "q=" + "a" * 5000]
)
def test_odd_filters_are_left_out(people: People, concert: Event, query: str) -> None:
    assert people.editor.get(f"/en/workspace/records/?{query}").status_code == 200


def test_nobody_lists_the_records_of_others(people: People, concert: Event) -> None:
    assert names(words(people.colleague.get("/en/workspace/records/"))) == []
    assert names(words(people.member.get("/en/workspace/records/"))) == []
    assert names(words(people.operator.get("/en/workspace/records/"))) == ["Concert"]


def test_reports_are_marked_as_done_and_opened_again(people: People, concert: Event) -> None:
    report_mistake("event", concert.pk, "<i>Wrong</i> time", "guest@example.org", "en", now=NOW)
    report = MistakeReport.objects.get()
    page = words(people.editor.get("/en/workspace/reports/"))
    assert "&lt;i&gt;Wrong&lt;/i&gt; time" in page
    assert "mailto:guest@example.org" in page
    answer = people.editor.post(f"/en/workspace/reports/{report.pk}/", {"state": "done"})
    assert note_of(answer) == ["Done. Thank you for putting it right."]
    assert "time" not in words(people.editor.get("/en/workspace/reports/")).split("<main")[1].replace("<time", "")
    assert "Wrong" in words(people.editor.get("/en/workspace/reports/?state=done"))
    people.editor.post(f"/en/workspace/reports/{report.pk}/", {"state": "open"})
    report.refresh_from_db()
    assert report.state == "open"


# ---------------------------------------------------------------------- sources

NEW = {"title": "Fêtes votives", "kind": "event", "language": "fr", "timezone": "Europe/Paris", "country": "fr"}


def own(people: People) -> int:
    from allmende.partners.models import Organisation

    return Organisation.objects.get(name="Ville d’Uzès").pk


def test_a_manager_makes_a_source_for_the_own_organisation(people: People) -> None:
    answer = people.manager.post("/en/workspace/sources/new/", NEW | {"organisation": own(people)})
    assert answer.url == "/en/workspace/sources/fetes-votives/"
    source = Source.objects.get()
    assert (source.title, source.country, source.timezone, source.organisation_id) == (
        "Fêtes votives",
        "FR",
        "Europe/Paris",
        own(people),
    )
    answer = people.manager.post("/en/workspace/sources/new/", NEW | {"organisation": own(people)})
    assert answer.url == "/en/workspace/sources/fetes-votives-2/"


def test_nobody_makes_a_source_for_another_organisation(people: People) -> None:
    answer = people.colleague.post("/en/workspace/sources/new/", NEW | {"organisation": own(people)})
    assert answer.status_code == 422
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"title": ""}, {"timezone": "Mars/Base"}, {"country": "1!"}, {"language": "f1"}, {"licence_url": "javascript:1"}],
)
def test_settings_that_make_no_sense_are_refused(people: People, source: Source, change: dict[str, str]) -> None:
    before = Source.objects.values().get()
    answer = people.manager.post("/en/workspace/sources/agenda/", NEW | change)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in words(answer)
    assert Source.objects.values().get() == before


def test_settings_of_a_source_are_saved(people: People, source: Source) -> None:
    settings = NEW | {"title": "Agenda 2", "licence": "CC BY 4.0", "credit": "Ville d’Uzès"}
    assert note_of(people.manager.post("/en/workspace/sources/agenda/", settings)) == ["The settings are saved."]
    source.refresh_from_db()
    assert (source.title, source.licence, source.credit) == ("Agenda 2", "CC BY 4.0", "Ville d’Uzès")
    assert note_of(people.manager.post("/en/workspace/sources/agenda/", settings))[-1] == "There was nothing to save."
