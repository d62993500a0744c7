"""DCAT catalogues: what a portal offers, and which reader fits; nothing is ever fetched."""

from __future__ import annotations

import json
import socket
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.formats.dcat import Distribution, distributions, graph, reader_for
from allmende.formats.records import UnusableInput
from tests.formats.reading import sample

TYPES = {
    "catalogue.ttl": "text/turtle",
    "catalogue.rdf": "application/rdf+xml",
    "catalogue.jsonld": "application/ld+json",
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to reach anything fails the test."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("the reader tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(("name", "content_type"), TYPES.items())
@pytest.mark.parametrize("told", [True, False], ids=["told", "found"])
def test_the_same_catalogue_in_three_syntaxes(name: str, content_type: str, told: bool) -> None:
    found = distributions(sample("dcat", name), content_type if told else "", "de")
    assert [(item.dataset, item.reader, item.is_download) for item in found] == [
        ("Museen", "csv", True), ("Museen", "geojson", False), ("Veranstaltungen", "ical", True), ("Veranstaltungen", "", False),
    ]  # fmt: skip
    assert found[2] == Distribution(
        title="Kalender", dataset="Veranstaltungen", url="https://daten.example.org/veranstaltungen.ics",
        media_type="text/calendar", format="", licence="http://dcat-ap.de/def/licenses/dl-zero-de/2.0", language="de",
        publisher="Gemeinde Beispiel", modified=date(2026, 5, 1), reader="ical", is_download=True,
    )  # fmt: skip
    assert (found[0].licence, found[0].publisher, found[0].modified) == ("CC BY 4.0", "Kulturamt", date(2026, 4, 30))


def test_titles_follow_the_language_asked_for() -> None:
    found = distributions(sample("dcat", "catalogue.ttl"), "text/turtle", "en")
    assert {item.dataset for item in found} == {"Museen", "Events"}


def remote(context: Any) -> bytes:
    return json.dumps({
        "@context": context, "@type": "dcat:Catalog",
        "dataset": {"@type": "dcat:Dataset", "title": "X", "distribution": {
            "@type": "dcat:Distribution", "downloadURL": "https://a.example/x.ics", "mediaType": "text/calendar"}},
    }).encode()  # fmt: skip


@pytest.mark.parametrize(
    "context",
    [
        "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "http://127.0.0.1:1/context.jsonld",
        "file:///etc/passwd",
        ["https://a.example/c", {"x": {"@id": "dcat:x", "@context": "https://b.example/c"}}],
        {"@import": "https://a.example/c", "dcat": "http://www.w3.org/ns/dcat#", "dataset": "dcat:dataset",
         "distribution": "dcat:distribution", "downloadURL": {"@id": "dcat:downloadURL", "@type": "@id"}, "mediaType": "dcat:mediaType"},
    ],
    ids=["data.json", "local", "file", "nested", "import"],
)  # fmt: skip
def test_contexts_of_elsewhere_are_not_fetched(context: Any) -> None:
    assert [(item.url, item.reader) for item in distributions(remote(context))] == [("https://a.example/x.ics", "ical")]


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rdf:RDF>&b;</rdf:RDF>',
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rdf:RDF>&x;</rdf:RDF>',
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">]><rdf:RDF/>'.encode("utf-16"),
    ],
)
def test_entities_are_refused(data: bytes) -> None:
    with pytest.raises(UnusableInput, match="entities"):
        distributions(data, "application/rdf+xml")


def test_an_encoding_that_hides_entities_is_refused() -> None:
    with pytest.raises(UnusableInput, match="encoding"):
        distributions(b'<?xml version="1.0" encoding="cp037"?><rdf:RDF/>')


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"<http://a> ", "cannot be read as turtle"),
        (b"(" * 100_000, "cannot be read as turtle"),
        (b'{"a":' * 100, "no valid JSON"),
        (b'{"@context":' + b'{"a":' * 60 + b"1" + b"}" * 61, "deeper"),
        (b"@prefix a: <http://a/> . a:b a:c a:d .", "no dcat:Dataset"),
        (b"<?xml version='1.0'?><rdf:RDF", "cannot be read as xml"),
        (b" " * (33 * 1024 * 1024), "32 MiB"),
    ],
)
def test_what_is_no_catalogue_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnusableInput, match=reason):
        distributions(data)


def test_a_catalogue_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MAX_TRIPLES", 10)
    for name in TYPES:
        with pytest.raises(UnusableInput, match="more than 10 statements"):
            distributions(sample("dcat", name))


def test_addresses_that_are_none_are_left_out_and_texts_are_clean() -> None:
    data = b"""@prefix d: <http://www.w3.org/ns/dcat#> . @prefix t: <http://purl.org/dc/terms/> .
    <urn:1> a d:Dataset ; t:title "<script>alert(1)</script>Feste" ; d:distribution
      [ d:accessURL <javascript:alert(1)> ], [ d:accessURL <file:///etc/passwd> ], [ d:downloadURL <https://a.example/x.csv> ] ."""
    assert [(item.dataset, item.url, item.reader) for item in distributions(data)] == [
        ("Feste", "https://a.example/x.csv", "csv")
    ]


@pytest.mark.parametrize(
    ("url", "media_type", "format_name", "standard", "reader"),
    [
        ("https://a.example/x", "text/calendar", "", "", "ical"),
        ("https://a.example/x", "", "ICS", "", "ical"),
        ("https://a.example/x.xlsx", "", "", "", "xlsx"),
        ("https://a.example/x", "application/json", "", "", "json"),
        ("https://a.example/x.csv", "text/html", "", "", ""),
        ("https://a.example/x", "application/pdf", "PDF", "", ""),
        ("https://tourism.opendatahub.com/v1/Event", "application/json", "", "", "opendatahub"),
        ("https://a.example/api", "application/json", "JSON", "https://www.alpinebits.org/destinationdata/2022-04", "alpinebits"),
        ("https://diffuseur.datatourisme.fr/webservice/x", "application/zip", "ZIP", "", "datatourisme"),
        ("https://a.example/linkedevents/v1/event/", "application/json", "", "", "linked-events"),
        ("https://a.example/linkedevents/export.csv", "text/csv", "CSV", "", "csv"),
        ("https://a.example/x", "", "RSS", "", "feed"),
    ],
)  # fmt: skip
def test_which_reader_fits(url: str, media_type: str, format_name: str, standard: str, reader: str) -> None:
    assert reader_for(url, media_type, format_name, standard) == reader


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_catalogue_ends_in_a_list_or_a_refusal(data: st.DataObject) -> None:
    damaged = bytearray(sample("dcat", data.draw(st.sampled_from(list(TYPES)))))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
    try:
        found = distributions(bytes(damaged))
    except UnusableInput as refusal:
        assert len(str(refusal)) > 20  # noqa: PT017 - one of the two outcomes
        return
    assert all(item.url.startswith(("http://", "https://")) for item in found)
