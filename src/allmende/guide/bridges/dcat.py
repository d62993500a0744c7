"""The data sets to DCAT-AP."""

from __future__ import annotations

from allmende.formats.dcat_writer.values import Agent, Catalogue, DataSet, Distribution

__all__ = ["Agent", "Catalogue", "DataSet", "Distribution", "written"]


def written(catalogue: Catalogue, form: str) -> bytes:
    """The description as Turtle (``"ttl"``) or JSON-LD (``"jsonld"``)."""
    # rdflib takes half a second to load, and is needed once after each change.
    from allmende.formats.dcat_writer.graph import catalogue_graph, to_jsonld, to_turtle

    graph = catalogue_graph(catalogue)
    return to_turtle(graph) if form == "ttl" else to_jsonld(graph)
