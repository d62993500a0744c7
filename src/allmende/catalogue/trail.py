"""Who reads what the audit trail says of records and sources."""

from __future__ import annotations

from django.db.models import Q

from allmende.catalogue.models import Picture, Source
from allmende.catalogue.queries.editing.records import editable
from allmende.catalogue.values import KINDS
from allmende.core.models import User
from allmende.partners.rules import organisations_to_edit


def lines_for(user: User) -> Q:
    """Editors and managers: the records and sources of their organisation."""
    mine = organisations_to_edit(user)
    if not mine:
        return Q(pk__in=[])
    sources = Source.objects.filter(organisation__in=mine).order_by()
    allowed = Q(subject_type="source", subject_id__in=sources.values("pk"))
    pictures = Picture.objects.filter(organisation__in=mine).order_by()
    allowed |= Q(subject_type="picture", subject_id__in=pictures.values("pk"))
    for kind in KINDS:
        allowed |= Q(subject_type=kind, subject_id__in=editable(user, kind).order_by().values("pk"))
    return allowed
