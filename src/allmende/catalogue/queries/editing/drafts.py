"""Records that were begun and are not published."""

from __future__ import annotations

from allmende.catalogue.models import ITEM_MODELS
from allmende.catalogue.values import KINDS
from allmende.core.publication import Publication
from allmende.partners.rules import Someone, organisations_to_edit


def draft_counts(user: Someone) -> dict[str, int]:
    """Kind -> number of drafts that ``user`` may edit."""
    allowed = organisations_to_edit(user)  # asked once, not for each kind
    if allowed == []:
        return {}
    owned = {} if allowed is None else {"organisation_id__in": allowed}
    drafts = {kind: ITEM_MODELS[kind].objects.filter(state=Publication.DRAFT, **owned) for kind in KINDS}  # type: ignore[attr-defined]
    return {kind: records.count() for kind, records in drafts.items()}
