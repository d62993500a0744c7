"""Who reads what the audit trail says of the region as a whole: its brand, its neighbours, its gaps."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from allmende.core.models import User
from allmende.partners.rules import may_set_brand

OF_THE_REGION: Final = ("brand", "follower", "following", "domain", "region_actor", "territory")


def lines_for(user: User) -> Q:
    """Whoever speaks for the region."""
    return Q(subject_type__in=OF_THE_REGION) if may_set_brand(user) else Q(pk__in=[])
