"""The DCAT-AP description: what the profile makes mandatory is there, and both forms say the same."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from django.test import Client
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

from allmende.core.languages import LANGUAGES
from tests.guide.conftest import Region

MANDATORY: dict[Any, tuple[Any, ...]] = {
    DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.dataset),
    DCAT.Dataset: (DCTERMS.title, DCTERMS.description),
    DCAT.Distribution: (DCAT.accessURL,),
    FOAF.Agent: (FOAF.name,),
    DCTERMS.PeriodOfTime: (DCAT.startDate,),
}
"""Class -> properties that DCAT-AP 3.0 demands (chapters 7.3 ff.); a period needs one end here."""
RECOMMENDED: dict[Any, tuple[Any, ...]] = {
    DCAT.Catalog: (DCTERMS.issued, DCTERMS.modified, DCTERMS.language, DCTERMS.spatial, FOAF.homepage),
    DCAT.Dataset: (
        DCAT.contactPoint, DCAT.distribution, DCAT.keyword, DCTERMS.publisher, DCTERMS.spatial, DCAT.theme,
        DCTERMS.accrualPeriodicity, DCTERMS.issued, DCTERMS.modified, DCAT.landingPage, DCTERMS.language,
    ),
    DCAT.Distribution: (DCTERMS.format, DCAT.mediaType, DCAT.downloadURL, DCTERMS.title, DCTERMS.rights, DCTERMS.license),
}  # fmt: skip


def graph(client: Client, form: str) -> Graph:
    response = client.get(f"/open-data/catalog.{form}")
    assert response.status_code == 200
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # within rdflib's own reader of JSON-LD
        return Graph().parse(data=response.content, format={"ttl": "turtle", "jsonld": "json-ld"}[form])


@pytest.mark.parametrize("form", ["ttl", "jsonld"])
def test_everything_that_the_profile_demands_is_there(region: Region, client: Client, form: str) -> None:
    found = graph(client, form)
    missing = [
        (str(kind), str(node), str(name))
        for kinds in (MANDATORY, RECOMMENDED)
        for kind, names in kinds.items()
        for node in found.subjects(RDF.type, kind)
        for name in names
        if (node, name, None) not in found
    ]
    assert missing == []
    assert len(set(found.subjects(RDF.type, DCAT.Catalog))) == 1
    assert len(set(found.subjects(RDF.type, DCAT.Dataset))) == 6


def test_both_forms_say_the_same(region: Region, client: Client) -> None:
    assert isomorphic(graph(client, "ttl"), graph(client, "jsonld"))


def test_terms_are_those_of_the_publications_office(region: Region, client: Client) -> None:
    found = graph(client, "ttl")
    authority = "http://publications.europa.eu/resource/authority/"
    for name, table in (
        (DCTERMS.accrualPeriodicity, "frequency"),
        (DCTERMS.language, "language"),
        (DCAT.theme, "data-theme"),
        (DCTERMS.accessRights, "access-right"),
        (DCTERMS.format, "file-type"),
    ):
        assert {str(term).startswith(f"{authority}{table}/") for term in found.objects(None, name)} == {True}
    types = set(found.objects(None, DCAT.mediaType))
    assert URIRef("http://www.iana.org/assignments/media-types/text/calendar") in types


def test_titles_are_in_all_languages_and_sources_keep_their_licence(region: Region, client: Client) -> None:
    found = graph(client, "ttl")
    root = next(found.subjects(RDF.type, DCAT.Catalog))
    assert {title.language for title in found.objects(root, DCTERMS.title)} == set(LANGUAGES)  # type: ignore[attr-defined]
    licences = {str(licence) for licence in found.objects(None, DCTERMS.license)}
    assert licences == {"https://www.etalab.gouv.fr/licence-ouverte-open-licence/"}


def test_every_file_that_is_named_is_there(region: Region, client: Client) -> None:
    for form in ("ttl",):
        for address in graph(client, form).objects(None, DCAT.downloadURL):
            path = str(address).removeprefix("http://127.0.0.1:8000")
            assert client.head(path).status_code == 200, path


def test_description_that_has_not_changed_is_not_sent_again(region: Region, client: Client) -> None:
    first = client.get("/open-data/catalog.ttl")
    assert first["Content-Type"] == "text/turtle; charset=utf-8"
    assert client.get("/open-data/catalog.ttl", headers={"if-none-match": first["ETag"]}).status_code == 304
    assert client.get("/open-data/catalog.jsonld", headers={"if-none-match": first["ETag"]}).status_code == 200
