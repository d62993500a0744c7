"""The distributions of a catalogue, as a list to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, Graph, Literal, Namespace, URIRef

from allmende.formats.dcat.fitting import reader_for
from allmende.formats.dcat.graph import read_graph
from allmende.formats.objects import first_of, language_of
from allmende.formats.records import UnusableInput
from allmende.formats.text import clean_url, one_line

MAX_DISTRIBUTIONS: Final = 20_000
_MAX_TEXT: Final = 300
_SCHEMA: Final = Namespace("https://schema.org/")
_IANA: Final = "/assignments/media-types/"
_LANGUAGES: Final = {
    "ENG": "en",
    "DEU": "de",
    "FRA": "fr",
    "NLD": "nl",
    "SWE": "sv",
    "DAN": "da",
    "ITA": "it",
    "FIN": "fi",
}


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file or interface of a data set."""

    title: str
    """Its own title, else that of the data set."""
    dataset: str
    url: str
    """Where it can be had: the file if the catalogue names it, else the page or interface."""
    media_type: str
    """``"text/csv"``; ``""`` if the catalogue does not say."""
    format: str
    """Short name as the catalogue says it: ``"CSV"``."""
    licence: str
    """Address of the licence, or its name."""
    language: str
    """Two letters, or ``""``."""
    publisher: str
    modified: date | None
    reader: str = ""
    """Name of the reader that fits; ``""`` if none does."""
    is_download: bool = False
    """Whether ``url`` is the file itself."""


def distributions(data: bytes, content_type: str = "", language: str = "en") -> list[Distribution]:
    """Everything that the data sets of a catalogue offer, in the order of their titles.

    ``language`` is preferred where a title is there in several.  Raises :class:`UnusableInput` for what is no catalogue,
    and for one beyond the limits; an address that is none is left out.
    """
    graph = read_graph(data, content_type)
    found: dict[tuple[str, str], Distribution] = {}
    datasets = 0
    for dataset in _ordered(_datasets(graph)):
        datasets += 1
        for node in _ordered(graph.objects(dataset, DCAT.distribution)):
            item = _distribution(graph, dataset, node, language)
            if item is not None and len(found) < MAX_DISTRIBUTIONS:
                found.setdefault((str(dataset), item.url), item)
    if not datasets:
        raise UnusableInput("There is no dcat:Dataset in it; this is no catalogue. Use the address of the catalogue.")
    return sorted(found.values(), key=lambda item: (item.dataset, item.title, item.url))


def _datasets(graph: Graph) -> set[Any]:
    return {*graph.subjects(RDF.type, DCAT.Dataset), *graph.subjects(DCAT.distribution, None)}


def _distribution(graph: Graph, dataset: Any, node: Any, language: str) -> Distribution | None:
    download = _url(graph.objects(node, DCAT.downloadURL))
    url = download or _url(graph.objects(node, DCAT.accessURL))
    if not url:
        return None
    name = _text(graph, graph.objects(dataset, DCTERMS.title), language)
    media_type = _media_type(graph.objects(node, DCAT.mediaType))
    format_name = _short(graph, graph.objects(node, DCTERMS["format"]), language)
    if "/" in format_name and not media_type:
        media_type, format_name = format_name.lower(), ""
    standard = " ".join(str(item) for item in graph.objects(node, DCTERMS.conformsTo))[:1000]
    return Distribution(
        title=_text(graph, graph.objects(node, DCTERMS.title), language) or name,
        dataset=name,
        url=url,
        media_type=media_type,
        format=format_name,
        licence=_licence(graph, node, dataset, language),
        language=_language(graph, node, dataset),
        publisher=_publisher(graph, dataset, language),
        modified=_modified(graph, node, dataset),
        reader=reader_for(url, media_type, format_name, standard),
        is_download=bool(download),
    )


def _ordered(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=str)


def _url(values: Iterable[Any]) -> str:
    texts = (str(value) for value in _ordered(values))
    return first_of(clean_url(text) for text in texts if text.startswith(("http://", "https://")))


def _text(graph: Graph, values: Iterable[Any], language: str) -> str:
    """The text in the preferred language, else in English, else any; of a node its name."""
    literals = [value for value in _ordered(values) if isinstance(value, Literal)]
    for wanted in (language, "en", None):
        for value in literals:
            if wanted is None or language_of(value.language) == wanted:
                return one_line(str(value))[:_MAX_TEXT]
    return ""


def _names(graph: Graph, node: Any, language: str) -> Iterator[str]:
    for predicate in (FOAF.name, DCTERMS.title, RDFS.label, _SCHEMA.name):
        yield _text(graph, graph.objects(node, predicate), language)


def _local_name(uri: str) -> str:
    return uri.rstrip("/#").rpartition("/")[2].rpartition("#")[2]


def _short(graph: Graph, values: Iterable[Any], language: str) -> str:
    """A short name: the text, the label of a node, or the end of its address (``…/file-type/CSV``)."""
    for value in _ordered(values):
        if isinstance(value, Literal):
            name = one_line(str(value))
        else:
            name = first_of(_names(graph, value, language))
            if not name and isinstance(value, URIRef):
                name = str(value).partition(_IANA)[2] or _local_name(str(value))
        if name:
            return name[:60]
    return ""


def _media_type(values: Iterable[Any]) -> str:
    for value in _ordered(values):
        text = str(value).partition(_IANA)[2] or str(value)
        if text.count("/") == 1 and len(text) < 100:
            return one_line(text).lower()
    return ""


def _licence(graph: Graph, node: Any, dataset: Any, language: str) -> str:
    for subject in (node, dataset):
        for value in _ordered(graph.objects(subject, DCTERMS.license)):
            if isinstance(value, URIRef) and (url := clean_url(str(value))):
                return url
            name = one_line(str(value)) if isinstance(value, Literal) else first_of(_names(graph, value, language))
            if name:
                return name[:_MAX_TEXT]
    return ""


def _language(graph: Graph, node: Any, dataset: Any) -> str:
    for subject in (node, dataset):
        for value in _ordered(graph.objects(subject, DCTERMS.language)):
            name = _local_name(str(value))
            if found := _LANGUAGES.get(name.upper()) or language_of(name):
                return found
    return ""


def _publisher(graph: Graph, dataset: Any, language: str) -> str:
    for value in _ordered(graph.objects(dataset, DCTERMS.publisher)):
        name = one_line(str(value)) if isinstance(value, Literal) else first_of(_names(graph, value, language))
        if name:
            return name[:_MAX_TEXT]
    return ""


def _modified(graph: Graph, node: Any, dataset: Any) -> date | None:
    for subject in (node, dataset):
        for value in _ordered(graph.objects(subject, DCTERMS.modified)):
            try:
                return date.fromisoformat(str(value)[:10])
            except ValueError:
                continue
    return None
