"""A DCAT-AP 3 description of open data: the catalogue, its data sets, their files and services, as Turtle and JSON-LD.

Controlled terms are those of the Publications Office of the EU (frequency, file type, language, theme, licence where it
has one), as DCAT-AP asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD, Namespace

from allmende.formats.dcat_writer.values import Agent, Catalogue, DataSet, Distribution, Words
from allmende.formats.text import clean_url

VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
DCATAP: Final = Namespace("http://data.europa.eu/r5r/")
LOCN: Final = Namespace("http://www.w3.org/ns/locn#")
GSP: Final = Namespace("http://www.opengis.net/ont/geosparql#")
EU: Final = "http://publications.europa.eu/resource/authority/"
LANGUAGES: Final[Mapping[str, str]] = {
    "da": "DAN", "de": "DEU", "en": "ENG", "fr": "FRA", "nl": "NLD", "sv": "SWE", "it": "ITA", "es": "SPA", "pt": "POR",
    "pl": "POL", "cs": "CES", "fi": "FIN", "nb": "NOB", "no": "NOR",
}  # fmt: skip
FILE_TYPES: Final[Mapping[str, str]] = {
    "schema-org": "JSON_LD", "ical": "ICS", "geojson": "GEOJSON", "csv": "CSV", "xlsx": "XLSX", "json": "JSON",
    "parquet": "PARQUET", "rss": "RSS", "atom": "ATOM", "alpinebits": "JSON",
}  # fmt: skip
"""Our formats in the EU's list of file types."""
AVAILABLE: Final = "http://data.europa.eu/r5r/availability/stable"


def catalogue_graph(catalogue: Catalogue) -> Graph:
    """The description as a graph."""
    graph = Graph(bind_namespaces="none")
    for prefix, space in (
        ("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("vcard", VCARD), ("dcatap", DCATAP), ("xsd", XSD),
        ("locn", LOCN), ("gsp", GSP),
    ):  # fmt: skip
        graph.bind(prefix, space)
    root = URIRef(catalogue.url)
    graph.add((root, RDF.type, DCAT.Catalog))
    _say(graph, root, catalogue.title, catalogue.description)
    graph.add((root, DCTERMS.publisher, _agent(graph, catalogue.publisher)))
    graph.add((root, FOAF.homepage, URIRef(catalogue.homepage)))
    _times(graph, root, catalogue.issued, catalogue.modified)
    _languages(graph, root, catalogue.languages)
    place = _place(graph, catalogue)
    if place is not None:
        graph.add((root, DCTERMS.spatial, place))
    for data_set in catalogue.data_sets:
        node = _data_set(graph, data_set)
        graph.add((root, DCAT.dataset, node))
        if place is not None:
            graph.add((node, DCTERMS.spatial, place))
    for address, title, description in catalogue.services:
        service = URIRef(address)
        graph.add((service, RDF.type, DCAT.DataService))
        graph.add((service, DCTERMS.title, Literal(title, lang="en")))
        graph.add((service, DCAT.endpointURL, URIRef(address)))
        if description:
            graph.add((service, DCAT.endpointDescription, URIRef(description)))
        graph.add((root, DCAT.service, service))
        for data_set in catalogue.data_sets:
            graph.add((service, DCAT.servesDataset, URIRef(data_set.url)))
    return graph


def to_turtle(graph: Graph) -> bytes:
    """The graph as Turtle."""
    return graph.serialize(format="turtle", encoding="utf-8")


def to_jsonld(graph: Graph) -> bytes:
    """The graph as JSON-LD with short names."""
    context = {prefix: str(space) for prefix, space in graph.namespaces() if prefix}
    return graph.serialize(format="json-ld", encoding="utf-8", context=context, indent=1)


def _data_set(graph: Graph, data_set: DataSet) -> URIRef:
    node = URIRef(data_set.url)
    graph.add((node, RDF.type, DCAT.Dataset))
    _say(graph, node, data_set.title, data_set.description)
    publisher = _agent(graph, data_set.publisher)
    graph.add((node, DCTERMS.publisher, publisher))
    graph.add((node, DCAT.contactPoint, _contact(graph, data_set.publisher)))
    graph.add((node, DCTERMS.accrualPeriodicity, URIRef(f"{EU}frequency/{data_set.frequency}")))
    graph.add((node, DCAT.theme, URIRef(f"{EU}data-theme/EDUC")))
    graph.add((node, DCTERMS.accessRights, URIRef(f"{EU}access-right/PUBLIC")))
    graph.add((node, DCTERMS.identifier, Literal(data_set.url)))
    for language, word in data_set.keywords:
        graph.add((node, DCAT.keyword, Literal(word, lang=language)))
    _times(graph, node, data_set.issued, data_set.modified)
    _languages(graph, node, data_set.languages)
    if data_set.page:
        graph.add((node, DCAT.landingPage, URIRef(data_set.page)))
    if data_set.first_day or data_set.last_day:
        period = BNode()
        graph.add((period, RDF.type, DCTERMS.PeriodOfTime))
        for name, day in ((DCAT.startDate, data_set.first_day), (DCAT.endDate, data_set.last_day)):
            if day:
                graph.add((period, name, Literal(day.isoformat(), datatype=XSD.date)))
        graph.add((node, DCTERMS.temporal, period))
    for part in data_set.parts:
        graph.add((node, DCTERMS.hasPart, URIRef(part)))
    for distribution in data_set.distributions:
        graph.add((node, DCAT.distribution, _distribution(graph, distribution)))
    return node


def _distribution(graph: Graph, distribution: Distribution) -> URIRef:
    node = URIRef(f"{distribution.url}#distribution")
    address = URIRef(distribution.url)
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCTERMS.title, Literal(distribution.title, lang="en")))
    graph.add((node, DCAT.accessURL, address))
    graph.add((node, DCAT.downloadURL, address))
    kind = distribution.media_type.partition(";")[0].strip()
    graph.add((node, DCAT.mediaType, URIRef(f"http://www.iana.org/assignments/media-types/{kind}")))
    graph.add((node, DCTERMS.format, URIRef(f"{EU}file-type/{FILE_TYPES.get(distribution.format, 'OCTET')}")))
    if distribution.is_archive:
        packed = URIRef("http://www.iana.org/assignments/media-types/application/zip")
        graph.add((node, DCAT.packageFormat, packed))
    graph.add((node, DCATAP.availability, URIRef(AVAILABLE)))
    if address_of_licence := clean_url(distribution.licence):
        licence = URIRef(address_of_licence)
        graph.add((licence, RDF.type, DCTERMS.LicenseDocument))
        graph.add((node, DCTERMS.license, licence))
    if distribution.rights:
        rights = BNode()
        graph.add((rights, RDF.type, DCTERMS.RightsStatement))
        graph.add((rights, DCTERMS.description, Literal(distribution.rights)))
        graph.add((node, DCTERMS.rights, rights))
    return node


def _say(graph: Graph, node: URIRef, title: Words, description: Words) -> None:
    for name, texts in ((DCTERMS.title, title), (DCTERMS.description, description)):
        for language, text in texts.items():
            graph.add((node, name, Literal(text, lang=language)))


def _agent(graph: Graph, agent: Agent) -> URIRef | BNode:
    address = clean_url(agent.url)
    node = URIRef(address) if address else BNode(_name_of_node("agent", agent.name))
    graph.add((node, RDF.type, FOAF.Agent))
    graph.add((node, FOAF.name, Literal(agent.name)))
    return node


def _contact(graph: Graph, agent: Agent) -> BNode:
    node = BNode(_name_of_node("contact", agent.name))
    graph.add((node, RDF.type, VCARD.Kind))
    graph.add((node, VCARD.fn, Literal(agent.name)))
    if re.fullmatch(r"[^@\s<>\"]+@[^@\s<>\"]+", agent.email):
        graph.add((node, VCARD.hasEmail, URIRef(f"mailto:{agent.email}")))
    elif address := clean_url(agent.url):
        graph.add((node, VCARD.hasURL, URIRef(address)))
    return node


def _name_of_node(kind: str, name: str) -> str:
    """The same blank node for the same agent, so that the same catalogue gives the same text."""
    return f"{kind}{name.encode('utf-8', 'replace').hex()[:60]}"


def _place(graph: Graph, catalogue: Catalogue) -> BNode | None:
    if not catalogue.region and catalogue.box is None:
        return None
    node = BNode("region")
    graph.add((node, RDF.type, DCTERMS.Location))
    if catalogue.region:
        graph.add((node, LOCN.geographicName, Literal(catalogue.region)))
    if catalogue.box is not None:
        west, south, east, north = catalogue.box
        corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
        ring = ", ".join(f"{lon:.5f} {lat:.5f}" for lon, lat in corners)
        graph.add((node, DCAT.bbox, Literal(f"POLYGON(({ring}))", datatype=GSP.wktLiteral)))
    return node


def _times(graph: Graph, node: URIRef, issued: datetime | None, modified: datetime | None) -> None:
    for name, moment in ((DCTERMS.issued, issued), (DCTERMS.modified, modified)):
        if moment is not None:
            graph.add((node, name, Literal(moment.isoformat(timespec="seconds"), datatype=XSD.dateTime)))


def _languages(graph: Graph, node: URIRef, languages: Iterable[str]) -> None:
    for language in languages:
        if code := LANGUAGES.get(language):
            graph.add((node, DCTERMS.language, URIRef(f"{EU}language/{code}")))
