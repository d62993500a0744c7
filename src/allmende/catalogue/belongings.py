"""What people hold in the catalogue, for whoever takes over."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from allmende.catalogue.models import Submission
from allmende.core.handover import Belonging, Leaving, offer_belonging
from allmende.core.models import User


def _claimed(user: User, organisation_id: int, is_everything: bool) -> QuerySet[Submission]:
    """Reviews are done for networks: what somebody began goes back whichever of their organisations they leave."""
    return Submission.objects.filter(claimed_by=user, state=Submission.State.WAITING)


def _give_back(leaving: Leaving) -> int:
    mine = _claimed(leaving.user, leaving.organisation_id, leaving.is_everything)
    return mine.update(claimed_by=None, claimed_at=None)


def offer() -> None:
    """Tell the core."""
    offer_belonging(
        Belonging(
            gettext_noop("Reviews that they began (they go back to all reviewers)"),
            lambda *told: _claimed(*told).count(),
            _give_back,
            needs_successor=False,
        )
    )
