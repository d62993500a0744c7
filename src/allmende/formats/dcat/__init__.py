"""DCAT and DCAT-AP catalogues: which files and interfaces a data portal offers, and which of our readers fits each.

This is no reader: a catalogue holds no events and places but the addresses where they are.  :func:`distributions` lists
them from Turtle, RDF/XML and JSON-LD.  Nothing is ever fetched: contexts, imports and entities of elsewhere are not
followed.
"""

from __future__ import annotations

from allmende.formats.dcat.distributions import MAX_DISTRIBUTIONS, Distribution, distributions
from allmende.formats.dcat.fitting import reader_for
from allmende.formats.dcat.graph import MAX_BYTES, MAX_TRIPLES

__all__ = ["MAX_BYTES", "MAX_DISTRIBUTIONS", "MAX_TRIPLES", "Distribution", "distributions", "reader_for"]
