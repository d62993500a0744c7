"""Records that were begun and are not published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from allmende.catalogue.queries.editing.records import counted_by_kind, editable_for
from allmende.catalogue.values import KINDS
from allmende.core.prepared import prepared
from allmende.core.publication import Publication
from allmende.partners.rules import Someone, organisations_to_edit


def draft_counts(user: Someone) -> dict[str, int]:
    """Kind -> number of drafts that ``user`` may edit."""
    allowed = organisations_to_edit(user)  # asked once, not for each kind
    if allowed == []:
        return {}
    return dict.fromkeys(KINDS, 0) | dict(_drafts(allowed))


@prepared
def _drafts(allowed: Sequence[int] | None) -> QuerySet[Any, tuple[str, int]]:
    return counted_by_kind(editable_for(allowed, kind).filter(state=Publication.DRAFT) for kind in KINDS)
