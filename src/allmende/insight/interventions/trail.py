"""Who reads what the audit trail says of interventions."""

from __future__ import annotations

from django.db.models import Q

from allmende.core.models import User
from allmende.insight.models import Intervention
from allmende.partners.rules import organisations_to_edit


def lines_for(user: User) -> Q:
    """Editors and managers: their organisations' interventions."""
    mine = organisations_to_edit(user)
    there = Intervention.objects.order_by() if mine is None else Intervention.objects.filter(organisation__in=mine)
    return Q(subject_type="intervention", subject_id__in=there.order_by().values("pk"))
