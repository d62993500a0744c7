"""Disclosure control: from counts to a release that is safe to publish.

Nouns: a **fact** is one figure, a **bond** ties a total to its parts.  **Primary** facts stem from fewer devices than the
threshold; **complementary** ones are left out so that the primary ones cannot be worked out.  A **record** is what must be
remembered of a release for the next one.  A **ledger** holds what differential privacy has cost.

Verbs: plan tables, ``protect`` counts; keep and read records.  ``docs/explanation/disclosure-control.md`` has methods and
sources.
"""

from __future__ import annotations

from allmende.engines.flows.disclosure.history import read_record, write_record
from allmende.engines.flows.disclosure.parameters import Disclosure, DisclosureError
from allmende.engines.flows.disclosure.plan import Counts, Dimension, Plan, TablePlan, added_up, hierarchy, with_totals
from allmende.engines.flows.disclosure.private import BudgetSpent, Ledger, Private, bounded
from allmende.engines.flows.disclosure.protect import Protected, protect

__all__ = [
    "BudgetSpent",
    "Counts",
    "Dimension",
    "Disclosure",
    "DisclosureError",
    "Ledger",
    "Plan",
    "Private",
    "Protected",
    "TablePlan",
    "added_up",
    "bounded",
    "hierarchy",
    "protect",
    "read_record",
    "with_totals",
    "write_record",
]
