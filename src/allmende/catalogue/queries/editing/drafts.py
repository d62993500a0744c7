"""Records that were begun and are not published."""

from __future__ import annotations

from allmende.catalogue.queries.editing.records import editable
from allmende.catalogue.values import KINDS
from allmende.core.publication import Publication
from allmende.partners.rules import Someone, organisations_to_edit


def draft_counts(user: Someone) -> dict[str, int]:
    """Kind -> number of drafts that ``user`` may edit."""
    if organisations_to_edit(user) == []:
        return {}
    return {kind: editable(user, kind).filter(state=Publication.DRAFT).count() for kind in KINDS}
