"""A file from upload to result: preview, mapping, guard, apply, throw away; and what is not taken at all."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from allmende.catalogue.actions import deliveries
from allmende.catalogue.models import Event, ImportRun, Source
from allmende.core.text import original_text
from tests.guide.workspace.conftest import (
    Deliver,
    People,
    calendar,
    event,
    form_of,
    note_of,
    the_delivery,
    upload,
    words,
)

pytestmark = pytest.mark.django_db
SOURCE = "/en/workspace/sources/agenda/"


def send(client: Client, content: bytes, name: str = "feed.ics", **more: str) -> Any:
    return client.post(f"{SOURCE}upload/", {"file": upload(content, name), **more})


def kept_files() -> list[Path]:
    root = Path(settings.ALLMENDE_DATA) / "deliveries"
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def test_an_upload_is_previewed_and_then_applied(people: People, source: Source) -> None:
    answer = send(people.manager, calendar(event("a"), event("b", "Lecture")))
    here = f"/en/workspace/deliveries/{the_delivery().pk}/"
    assert (answer.status_code, answer.url) == (303, here)
    preview = words(people.manager.get(here))
    assert "Concert" in preview
    assert "Lecture" in preview
    assert Event.objects.count() == 0
    assert len(people.manager.get("/en/workspace/").content.decode().split("Preview to finish")) == 2
    answer = people.manager.post(f"{here}apply/")
    run = ImportRun.objects.get(state="applied")
    assert answer.url == f"{SOURCE.removesuffix('/')}/runs/{run.pk}/"
    assert (run.read, run.created, run.failed, run.by.email) == (2, 2, 0, "manager@example.org")
    result = words(people.manager.get(answer.url))
    for item in Event.objects.all():
        assert f'href="/en/workspace/records/event/{item.pk}/"' in result
    assert kept_files() == []
    assert people.manager.get(here).url == answer.url
    assert people.manager.post(f"{here}apply/").status_code == 404


def test_preview_shows_each_field_before_and_after(people: People, deliver: Deliver) -> None:
    deliver(event("a"))
    send(people.manager, calendar(event("a", "Grand concert")))
    page = words(people.manager.get(f"/en/workspace/deliveries/{the_delivery().pk}/"))
    assert '<del><span class="sr">Before: </span>Concert</del>' in page
    assert '<ins><span class="sr">After: </span>Grand concert</ins>' in page


def test_errors_are_listed_with_line_and_reason_and_go_into_a_safe_table(people: People, source: Source) -> None:
    bad = "BEGIN:VEVENT\nUID:=cmd|x\nSUMMARY:No date\nEND:VEVENT\n"
    send(people.manager, calendar(event("a"), bad))
    page = words(people.manager.get(f"/en/workspace/deliveries/{the_delivery().pk}/"))
    assert "line 12" in page
    people.manager.post(f"/en/workspace/deliveries/{the_delivery().pk}/apply/")
    run = ImportRun.objects.get(state="applied")
    assert (run.created, run.failed) == (1, 1)
    table = people.manager.get(f"{SOURCE}runs/{run.pk}/problems.csv")
    assert table["Content-Disposition"] == f'attachment; filename="agenda-{run.pk}-problems.csv"'
    lines = table.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "severity,place,record,message,code"
    assert lines[1].startswith("error,line 12,'=cmd|x,")
    assert len(lines) == 2


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", " =1", "\t=1", "\r=1", "|calc"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    from allmende.guide.views.workspace.sources import safe_cell

    assert safe_cell(cell) == f"'{cell}"
    assert safe_cell("line 7") == "line 7"


def test_guard_asks_before_a_fifth_vanishes(people: People, deliver: Deliver) -> None:
    deliver(*[event(str(n)) for n in range(10)])
    send(people.manager, calendar(*[event(str(n)) for n in range(6)]))
    here = f"/en/workspace/deliveries/{the_delivery().pk}/"
    page = words(people.manager.get(here))
    assert "4 records that this source delivered before are missing" in page
    assert 'name="insist"' in page
    assert people.manager.post(f"{here}apply/").status_code == 422
    assert Event.objects.filter(state="published").count() == 10
    assert people.manager.post(f"{here}apply/", {"insist": "1"}).status_code == 303
    assert Event.objects.filter(state="published").count() == 6


def test_an_upload_can_be_thrown_away(people: People, source: Source) -> None:
    send(people.manager, calendar(event("a")))
    here = f"/en/workspace/deliveries/{the_delivery().pk}/"
    answer = people.manager.post(f"{here}abort/")
    assert (answer.status_code, answer.url) == (303, SOURCE)
    assert note_of(answer) == ["The upload is thrown away. Nothing was changed."]
    assert kept_files() == []
    assert not ImportRun.objects.exists()
    assert people.manager.get(here).status_code == 404


def test_what_is_applied_is_the_previewed_file(people: People, source: Source) -> None:
    send(people.manager, calendar(event("a", "First")))
    first = the_delivery()
    send(people.manager, calendar(event("a", "Second")))
    assert people.manager.post(f"/en/workspace/deliveries/{first.pk}/apply/").status_code == 303
    assert original_text(Event.objects.get().name) == "First"


# ---------------------------------------------------------------------- columns

ROWS = (
    "Nr;Titre;Début;Lieu\n1;Concert de Noël;05/12/2030 19:30;Salle des fêtes\n2;Lecture;06/12/2030 15:00;Bibliothèque\n"
)


def test_columns_are_proposed_with_samples_and_can_be_mapped_anew(people: People, source: Source) -> None:
    send(people.manager, ROWS.encode(), "agenda.csv")
    delivery = the_delivery()
    here = f"/en/workspace/deliveries/{delivery.pk}/"
    page = words(people.manager.get(here))
    assert "Concert de Noël" in page
    told = form_of(page, "mapping")
    by_column = {told[name][0]: name for name in told if name.startswith("path.")}
    assert set(by_column) >= {"Nr", "Titre", "Début", "Lieu"}
    assert told[by_column["Titre"].replace("path", "target")] == ["name"]
    told[by_column["Lieu"].replace("path", "target")] = ["description"]
    told[by_column["Nr"].replace("path", "target")] = ["key"]
    assert people.manager.post(f"{here}mapping/", told).status_code == 303
    assert deliveries.preview_of(delivery)["created"] == 2
    people.manager.post(f"{here}apply/")
    source.refresh_from_db()
    assert source.mapping["fields"]["description"] == "Lieu"
    assert source.mapping["key"] == "Nr"
    assert sorted(original_text(item.description) for item in Event.objects.all()) == [
        "Bibliothèque",
        "Salle des fêtes",
    ]
    send(people.manager, ROWS.encode(), "agenda.csv")
    assert deliveries.options_of(the_delivery())["mapping"] == source.mapping


def test_a_mapping_without_a_name_is_refused_and_what_was_chosen_stays(people: People, source: Source) -> None:
    send(people.manager, ROWS.encode(), "agenda.csv")
    here = f"/en/workspace/deliveries/{the_delivery().pk}/"
    told = form_of(words(people.manager.get(here)), "mapping")
    chosen = {name: ["" if value == ["name"] else value[0]] for name, value in told.items()}
    answer = people.manager.post(f"{here}mapping/", chosen)
    assert answer.status_code == 422
    assert "every record needs a title" in words(answer)
    again = form_of(words(answer), "mapping")
    assert {n: v for n, v in again.items() if n != "csrfmiddlewaretoken"} == {
        n: v for n, v in chosen.items() if n != "csrfmiddlewaretoken"
    }


def test_a_table_whose_columns_nobody_recognises_shows_them_to_be_mapped(people: People, source: Source) -> None:
    answer = send(people.manager, b"x1,x2\nConcert,2030-12-05\nLecture,2030-12-06\n", "agenda.csv")
    page = words(people.manager.get(answer.url))
    assert 'role="alert"' in page
    told = form_of(page, "mapping")
    told |= {"target.1": ["name"], "target.2": ["start"]}
    assert people.manager.post(f"{answer.url}mapping/", told).status_code == 303
    assert deliveries.preview_of(the_delivery())["created"] == 2


def workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Name", "Start"])
    book.active.append(["Concert", "2030-12-05"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


THING = {"@context": "https://schema.org", "@type": "Event", "@id": "https://example.org/1", "name": "Concert"}
FORMATS = {
    "feed.xlsx": (workbook(), "xlsx"),
    "feed.json": (json.dumps([{"id": 1, "name": "Concert", "start": "2030-12-05"}]).encode(), "json"),
    "feed.geojson": (
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "geometry": {"type": "Point", "coordinates": [4.42, 44.01]},
                        "properties": {"id": "1", "name": "Concert", "start": "2030-12-05"},
                    }
                ],
            }
        ).encode(),
        "geojson",
    ),
    "page.html": (
        f"<!doctype html><title>x</title><script type='application/ld+json'>"
        f"{json.dumps(THING | {'startDate': '2030-12-05T19:30'})}</script>".encode(),
        "schema-org",
    ),
    "no-ending": (calendar(event("a")), "ical"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_recognised_by_its_content(people: People, source: Source, name: str) -> None:
    content, format_ = FORMATS[name]
    send(people.manager, content, name)
    delivery = the_delivery()
    assert deliveries.options_of(delivery)["format"] == format_
    assert people.manager.post(f"/en/workspace/deliveries/{delivery.pk}/apply/").status_code == 303
    assert [original_text(item.name) for item in Event.objects.all()] == ["Concert"]


# ---------------------------------------------------------------------- large files


def test_a_large_file_is_worked_on_by_a_job_and_the_page_says_how_far_it_is(
    people: People, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(deliveries, "LARGE_BYTES", 10)
    monkeypatch.setattr(deliveries.subprocess, "Popen", lambda command, **more: started.append(command))
    send(people.manager, calendar(event("a")))
    delivery = the_delivery()
    here = f"/en/workspace/deliveries/{delivery.pk}/"
    assert started[0][1:] == ["-m", "django", "deliver", "preview", str(delivery.pk)]
    assert "At work on feed.ics" in words(people.manager.get(here))
    assert people.manager.get(f"{here}state.json").json()["is_running"] is True
    call_command(*started[0][3:])
    assert people.manager.get(f"{here}state.json").json()["is_running"] is False
    assert "Concert" in words(people.manager.get(here))
    people.manager.post(f"{here}apply/")
    assert started[1][3:] == ["deliver", "apply", str(delivery.pk)]
    call_command(*started[1][3:])
    assert Event.objects.count() == 1
    run = ImportRun.objects.get(state="applied")
    assert people.manager.get(here).url == f"{SOURCE}runs/{run.pk}/"
    assert run.by.email == "manager@example.org"


def test_a_killed_job_can_be_started_again(people: People, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    send(people.manager, calendar(event("a")))
    delivery = the_delivery()
    folder = deliveries.folder_of(delivery)
    (folder / "claim").touch()
    (folder / "job.json").write_text(
        json.dumps({"task": "apply", "phase": "read", "done": 1, "state": "running", "message": ""})
    )
    here = f"/en/workspace/deliveries/{delivery.pk}/"
    assert people.manager.post(f"{here}apply/").status_code == 409
    monkeypatch.setattr(deliveries, "STALE_SECONDS", -1)
    assert "interrupted" in words(people.manager.get(here))
    assert people.manager.post(f"{here}apply/").status_code == 303
    assert Event.objects.count() == 1


# ---------------------------------------------------------------------- hostile uploads


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


HOSTILE = {
    "program.ics": b"MZ\x90\x00" + b"\0" * 100,
    "program.csv": b"\x7fELF" + b"\0" * 100,
    "paper.csv": b"%PDF-1.7 ...",
    "old.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
    "packed.json": b"\x1f\x8b\x08\x00" + b"\0" * 40,
    "archive.xlsx": zipped(**{"evil.exe": b"MZ"}),
    "bomb.xlsx": zipped(**{"xl__workbook.xml": b"<w/>", "xl__worksheets__sheet1.xml": b"\0" * 30_000_000}),
    "bomb.zip": zipped(**{"objects__a.json": b" " * 30_000_000}),
    "program.zip": zipped(**{"setup.exe": b"MZ"}),
    "entities.rss": b'<!DOCTYPE rss [<!ENTITY a "ha">]><rss><channel>&a;</channel></rss>',
    "broken.xlsx": b"PK\x03\x04 and nothing more",
    "picture.ics": b"\x89PNG\r\n\x1a\n",
    "entities.html": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "bytes.csv": bytes(range(256)) * 10,
    "script.csv": b"#!/bin/sh\nrm -rf /\n",
    "empty.ics": b"",
    "blank.ics": b" \n\n ",
}


def test_an_archive_of_objects_is_taken(people: People, source: Source) -> None:
    folder = Path(__file__).parents[3] / "src" / "allmende" / "formats" / "datatourisme" / "samples"
    answer = send(people.manager, (folder / "flux_3.zip").read_bytes(), "flux.zip")
    assert answer.status_code == 303
    assert deliveries.file_of(the_delivery()).name == "delivery.zip"


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_data_file_is_refused_and_not_kept(people: People, source: Source, name: str) -> None:
    answer = send(people.manager, HOSTILE[name], name)
    assert answer.status_code == 422
    assert 'role="alert"' in words(answer)
    assert kept_files() == []
    assert not ImportRun.objects.exists()


def test_a_file_that_is_too_large_is_refused_and_not_kept(
    people: People, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allmende.core.uploads.LARGEST", 100)
    answer = send(people.manager, calendar(event("a")))
    assert (answer.status_code, "larger than 50 MB" in words(answer)) == (422, True)
    assert kept_files() == []


def test_no_file_at_all_is_said(people: People, source: Source) -> None:
    answer = people.manager.post(f"{SOURCE}upload/", {})
    assert (answer.status_code, "Please choose a file first." in words(answer)) == (422, True)


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x.ics", "..\\..\\x.ics", "/etc/passwd", "a\x00b.ics", "x" * 250 + ".ics"]
)
def test_a_file_name_decides_nothing_but_its_ending(people: People, source: Source, name: str) -> None:
    send(people.manager, calendar(event("a")), name)
    run = the_delivery()
    assert deliveries.file_of(run).name in {"delivery.ics", "delivery"}
    assert deliveries.folder_of(run).parent == Path(settings.ALLMENDE_DATA) / "deliveries"
    assert "/" not in run.location
    assert "\x00" not in run.location


def test_nothing_delivered_becomes_markup(people: People, source: Source) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    send(people.manager, calendar(event("a", evil, evil)), "<b>feed.ics")
    here = f"/en/workspace/deliveries/{the_delivery().pk}/"
    pages = [words(people.manager.get(here))]
    people.manager.post(f"{here}apply/")
    item = Event.objects.get()
    for path in ("", "records/", f"records/event/{item.pk}/", "sources/", "sources/agenda/"):
        pages.append(words(people.manager.get(f"/en/workspace/{path}")))
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>feed" not in page
