"""The mapping that turns a row of a table or a JSON object into a record.

A mapping is a JSON file that a person can read and edit; ``docs/reference/mapping.md`` explains it.  Nouns: the
*mapping* (as written), the *plan* (compiled), the *sheet* (what one record delivers).  Verbs: ``load_mapping``,
``dump_mapping``, ``check_mapping``, ``propose_mapping`` and, for readers, ``plan_for`` and ``parse_with_mapping``.
"""

from __future__ import annotations

from allmende.formats.mapping.build import parse_with_mapping
from allmende.formats.mapping.check import check_mapping, dump_mapping, load_mapping
from allmende.formats.mapping.plan import Plan, plan_for
from allmende.formats.mapping.propose import Column, Proposal, paths_of, propose_mapping

__all__ = [
    "Column",
    "Plan",
    "Proposal",
    "check_mapping",
    "dump_mapping",
    "load_mapping",
    "parse_with_mapping",
    "paths_of",
    "plan_for",
    "propose_mapping",
]
