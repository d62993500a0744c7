"""A delivery -> a graph, within limits and without a single request to anywhere."""

from __future__ import annotations

import re
from typing import Any, Final

import rdflib
from rdflib.plugins.parsers.jsonld import to_rdf
from rdflib.plugins.stores.memory import SimpleMemory

from allmende.formats.encoding import refuse_other_formats
from allmende.formats.objects import load
from allmende.formats.records import UnusableInput
from allmende.formats.schema_org.nodes import deeper_than

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_TRIPLES: Final = 500_000
MAX_DEPTH: Final = 40
_BY_TYPE: Final = {
    "text/turtle": "turtle", "application/x-turtle": "turtle", "application/n-triples": "turtle", "text/n3": "turtle",
    "application/rdf+xml": "xml", "application/xml": "xml", "text/xml": "xml",
    "application/ld+json": "json-ld", "application/json": "json-ld",
}  # fmt: skip
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SAFE_ENCODINGS: Final = re.compile(r"(?:utf-?8|utf-?16|us-ascii|ascii|iso-8859-\d{1,2}|windows-125\d)", re.IGNORECASE)
_BASE: Final = "urn:catalogue:"
_DCAT: Final = "http://www.w3.org/ns/dcat#"
_DCT: Final = "http://purl.org/dc/terms/"
CONTEXT: Final[dict[str, Any]] = {
    "dcat": _DCAT,
    "dct": _DCT,
    "dcterms": _DCT,
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "Catalog": "dcat:Catalog",
    "Dataset": "dcat:Dataset",
    "Distribution": "dcat:Distribution",
    "dataset": {"@id": "dcat:dataset"},
    "distribution": {"@id": "dcat:distribution"},
    "accessURL": {"@id": "dcat:accessURL", "@type": "@id"},
    "downloadURL": {"@id": "dcat:downloadURL", "@type": "@id"},
    "mediaType": {"@id": "dcat:mediaType"},
    "format": {"@id": "dct:format"},
    "title": {"@id": "dct:title"},
    "license": {"@id": "dct:license"},
    "language": {"@id": "dct:language"},
    "publisher": {"@id": "dct:publisher"},
    "modified": {"@id": "dct:modified"},
    "conformsTo": {"@id": "dct:conformsTo"},
    "name": {"@id": "foaf:name"},
}
"""Stands in for every context that a catalogue names by its address."""


class _TooMany(Exception):
    """The catalogue has more statements than are read."""


class _Bounded(SimpleMemory):
    """A store that takes so many statements and no more, whichever parser fills it."""

    def __init__(self) -> None:
        super().__init__()
        self.left = MAX_TRIPLES

    def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooMany
        super().add(triple, context, quoted)


def read_graph(data: bytes, content_type: str) -> rdflib.Graph:
    """The statements of a catalogue; raise :class:`UnusableInput` with the remedy for what is none."""
    if len(data) > MAX_BYTES:
        raise UnusableInput("The catalogue is larger than 32 MiB. Ask the portal for a part of it.")
    syntax = _syntax(data, content_type)
    if syntax == "xml":
        _refuse_entities(data)
    graph = rdflib.Graph(store=_Bounded())
    value = _without_remote_contexts(data) if syntax == "json-ld" else None
    try:
        if syntax == "json-ld":
            to_rdf(value, graph, base=_BASE)
        else:
            graph.parse(data=data, format=syntax, publicID=_BASE)
    except _TooMany as error:
        raise UnusableInput(
            f"The catalogue has more than {MAX_TRIPLES} statements. Ask the portal for a part of it."
        ) from error
    except Exception as error:  # the parsers of the library fail in ways of their own
        raise UnusableInput(
            f"The catalogue cannot be read as {syntax} ({type(error).__name__}). Was the download complete?"
        ) from error
    return graph


def _syntax(data: bytes, content_type: str) -> str:
    start = data.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1000]
    if not start:
        raise UnusableInput("The catalogue is empty. Check the address.")
    if start.lower().startswith((b"<!doctype html", b"<html")):
        refuse_other_formats(start, "a catalogue (DCAT)")
    if start[:1] in (b"{", b"["):
        # A Turtle document may begin with [, but hardly one of a catalogue.
        return "json-ld"
    if start.startswith((b"<?xml", b"<rdf:", b"<!DOCTYPE rdf", b"<RDF")):
        return "xml"
    named = _BY_TYPE.get(content_type.partition(";")[0].strip().lower(), "turtle")
    return named if named != "json-ld" else "turtle"


def _refuse_entities(data: bytes) -> None:
    declared = _DECLARED.match(data)
    if declared and not _SAFE_ENCODINGS.fullmatch(declared[1].decode()):
        raise UnusableInput("The catalogue is in an encoding that is not read. Ask for it in UTF-8.")
    if b"<!entity" in data.replace(b"\0", b"").lower():
        raise UnusableInput(
            "The catalogue defines entities of its own, which can be made to fill the memory. Ask for it in Turtle."
        )


def _without_remote_contexts(data: bytes) -> Any:
    try:
        value = load(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise UnusableInput("The catalogue is no valid JSON. Was the download complete?") from error
    if deeper_than(value, MAX_DEPTH):
        raise UnusableInput(f"The catalogue nests deeper than {MAX_DEPTH} levels. Ask for it in Turtle.")
    return _local(value)


def _local(value: Any) -> Any:
    """``value`` with our own context in place of every one that would have to be fetched."""
    if isinstance(value, list):
        return [_local(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _own_context(inner) if name == "@context" else _local(inner)
        for name, inner in value.items()
        if name != "@import"
    }


def _own_context(value: Any) -> Any:
    if isinstance(value, str):
        return CONTEXT
    if isinstance(value, list):
        return [_own_context(item) for item in value]
    return _local(value)
