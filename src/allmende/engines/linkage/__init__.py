"""Recognise that two records are about the same thing.

``prepare`` a :class:`Thing` once, find ``candidates`` by its ``keys``, ``decide`` on each pair, and put the records
together with ``clusters``.  ``decide`` is a pure function of two records: what comes in later changes no earlier
decision.  ``link`` does all of it for whole registers.  How it works: docs/explanation/linkage.md.
"""

from allmende.engines.linkage.clusters import clusters, learn
from allmende.engines.linkage.decide import decide
from allmende.engines.linkage.keys import candidates, keys
from allmende.engines.linkage.link import link
from allmende.engines.linkage.model import Model, UnusableModel, read_model, shipped_model
from allmende.engines.linkage.prepare import Prepared, prepare
from allmende.engines.linkage.reasons import SENTENCES, sentence
from allmende.engines.linkage.things import Decision, Reason, Thing, Thresholds

__all__ = [
    "SENTENCES",
    "Decision",
    "Model",
    "Prepared",
    "Reason",
    "Thing",
    "Thresholds",
    "UnusableModel",
    "candidates",
    "clusters",
    "decide",
    "keys",
    "learn",
    "link",
    "prepare",
    "read_model",
    "sentence",
    "shipped_model",
]
