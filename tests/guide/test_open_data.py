"""The page of the data sets, their description, the files, and who may see what."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from django.test import Client
from openpyxl import load_workbook

from allmende.catalogue.models import Event
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.guide.views import open_data
from allmende.partners.actions import found_organisation, join_organisation
from tests.guide.conftest import LANGUAGES, Region

HIDDEN = ("Retiré", "Brouillon")
SUFFIXES = ("jsonld", "ics", "geojson", "csv", "json", "alpinebits.json")


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, settings: Any) -> Path:
    settings.ALLMENDE_DATA = tmp_path / "data"
    return tmp_path / "data"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def draft(event: Event) -> Event:
    """Another event, which waits as a draft."""
    event.pk = None
    event.state, event.name = "draft", {"original": "fr", "texts": {"fr": "Brouillon"}}
    event.vevent = event.vevent.replace("Concert", "Brouillon")
    event.save()
    return event


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_says_what_there_is_in_every_language(region: Region, client: Client, language: str) -> None:
    page = client.get(f"/{language}/open-data/").content.decode()
    assert 'href="/open-data/events.csv"' in page
    assert 'href="/open-data/places.jsonld?source=feed-place"' in page
    assert 'href="/open-data/everything.parquet.zip"' in page
    assert "Licence Ouverte 2.0" in page
    assert "%(" not in page
    assert 'type="text/turtle"' in page


def test_page_of_an_empty_guide_says_so(db: None, client: Client) -> None:
    assert "Nothing is published yet." in client.get("/en/open-data/").content.decode()


def test_files_hold_what_is_published_and_nothing_else(region: Region, client: Client) -> None:
    draft(Event.objects.get(pk=region.concert.pk))
    for suffix in SUFFIXES:
        response = client.get(f"/open-data/events.{suffix}")
        text = body(response).decode()
        assert response.status_code == 200
        assert "Exposition" in text, suffix
        assert [name for name in HIDDEN if name in text] == [], suffix


def test_each_file_is_what_its_name_says(region: Region, client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(body(client.get("/open-data/places.csv")).decode("utf-8-sig"))))
    assert [(row["name"], row["licence"], row["credit"]) for row in rows] == [
        ("Musée du Duché", "Licence Ouverte 2.0", "Ville d’Uzès")
    ]
    calendar = icalendar.Calendar.from_ical(body(client.get("/open-data/events.ics")))
    assert sorted(str(event["SUMMARY"]) for event in calendar.walk("VEVENT")) == [
        "Concert d’été & chœur",
        "Exposition",
        "Marché",
        "Passé",
    ]
    features = json.loads(body(client.get("/open-data/offers.geojson")))["features"]
    assert [feature["geometry"]["coordinates"] for feature in features] == [[4.43, 44.06]]
    book = load_workbook(io.BytesIO(body(client.get("/open-data/places.xlsx"))), read_only=True)
    assert [row[3] for row in book.worksheets[0].iter_rows(values_only=True)] == ["name", "Musée du Duché"]
    table = pq.read_table(io.BytesIO(body(client.get("/open-data/offers.parquet"))))
    assert table.column("name").to_pylist() == ["Visite"]
    nodes = json.loads(body(client.get("/open-data/everything.jsonld")))["@graph"]
    assert len(nodes) == 6
    assert {node["license"] for node in nodes} == {"https://www.etalab.gouv.fr/licence-ouverte-open-licence/"}


def test_one_source_and_one_language(region: Region, client: Client) -> None:
    records = json.loads(body(client.get("/open-data/everything.json?source=feed-offer&language=de")))
    assert [(record["kind"], record["name"]) for record in records] == [("offer", {"fr": "Visite"})]
    response = client.get("/open-data/offers.csv?source=feed-offer")
    assert response["Content-Disposition"].startswith('attachment; filename="offers-feed-offer-')


@pytest.mark.parametrize(
    "path",
    [
        "places.ics", "everything.alpinebits.json", "events.exe", "nothing.csv", "events.csv?source=nobody",
        "events.csv?language=xx", "offers.alpinebits.json", "events.parquet.zip", "everything.parquet", "events.rss",
        "catalog.xml", "../exports.csv",
    ],
)  # fmt: skip
def test_what_there_is_not_is_not_found(region: Region, client: Client, path: str) -> None:
    assert client.get(f"/open-data/{path}").status_code == 404


def test_what_has_not_changed_is_not_sent_again(region: Region, client: Client) -> None:
    first = client.get("/open-data/events.json")
    body(first)
    again = client.get("/open-data/events.json", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    later = client.get("/open-data/events.json", headers={"if-modified-since": again["Last-Modified"]})
    assert later.status_code == 304
    touch_content()
    assert client.get("/open-data/events.json", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_a_file_is_kept_until_something_changes(region: Region, client: Client, own_data_folder: Path) -> None:
    made = body(client.get("/open-data/events.json"))
    kept = list((own_data_folder / "exports").iterdir())
    assert [path.read_bytes() for path in kept] == [made]
    second = client.get("/open-data/events.json")
    assert second["Content-Length"] == str(len(made))
    assert body(second) == made
    touch_content()
    body(client.get("/open-data/events.json"))
    assert len(list((own_data_folder / "exports").iterdir())) == 1


def test_a_reader_who_leaves_keeps_nothing(region: Region, client: Client, own_data_folder: Path) -> None:
    response = client.get("/open-data/events.json")
    next(iter(response.streaming_content))
    response.close()
    assert list((own_data_folder / "exports").iterdir()) == []


def test_packed_for_those_who_can_unpack(region: Region, client: Client) -> None:
    plain = body(client.get("/open-data/events.json"))
    packed = client.get("/open-data/events.json", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert packed["Vary"] == "Accept-Encoding"
    assert gzip.decompress(body(packed)) == plain
    zipped = client.get("/open-data/places.xlsx", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in zipped


def test_head_makes_nothing(region: Region, client: Client, own_data_folder: Path) -> None:
    response = client.head("/open-data/events.json")
    assert (response.status_code, response["Content-Type"], response.content) == (200, "application/json", b"")
    assert not (own_data_folder / "exports").exists()


def test_too_many_files_are_refused(region: Region, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_data, "BULK_LIMIT", open_data.BULK_LIMIT._replace(tries=2))
    answers = [client.get("/open-data/offers.json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "3600"
    unchanged = client.get("/open-data/offers.json", headers={"if-none-match": answers[0]["ETag"]})
    assert unchanged.status_code == 304


def test_everybody_sees_the_same(region: Region) -> None:
    """Guest, member, colleague and operator: being signed in opens no draft."""
    draft(Event.objects.get(pk=region.concert.pk))
    now = datetime.now(UTC)
    town = found_organisation("Ville d’Uzès", by=None, now=now)
    other = found_organisation("Musée de Nîmes", by=None, now=now)
    seen = {}
    for name, organisation in (("stranger", None), ("member", town), ("colleague", other), ("operator", None)):
        client = Client()
        if name != "stranger":
            user = User.objects.create_user(
                f"{name}@example.org", "a long enough password", is_operator=name == "operator"
            )
            if organisation:
                join_organisation(user, organisation, "manager", by=None, now=now)
            client.force_login(user)
        seen[name] = [
            body(client.get(f"/open-data/{path}")) for path in ("events.json", "everything.csv", "events.ics")
        ]
        seen[name].append(body(client.get("/en/events.rss")))
        assert not any(hidden.encode() in part for part in seen[name] for hidden in HIDDEN)
    assert all(parts == seen["stranger"] for parts in seen.values())
