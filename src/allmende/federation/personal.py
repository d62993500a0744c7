"""The personal data of people with an account in the federation."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from allmende.core.models import User
from allmende.core.personal import INTEREST, Holding, Row, moment, nothing_to_erase, offer_holding
from allmende.federation.models import DomainBlock, Following


def _decisions(user: User) -> list[Row]:
    followed = Following.objects.filter(by=user).select_related("actor")
    blocked = DomainBlock.objects.filter(by=user)
    return [
        *({"what": "follow", "of": one.actor.host, "at": moment(one.asked_at)} for one in followed),
        *({"what": "block", "of": one.domain, "at": moment(one.at)} for one in blocked),
    ]


def offer() -> None:
    """Tell the core of it."""
    offer_holding(
        Holding(
            "federation",
            gettext_noop("Neighbours"),
            gettext_noop("So that it can be seen who changed what, and mistakes can be put right"),
            INTEREST,
            gettext_noop("As long as the decision; after an erasure without a name"),
            _decisions,
            nothing_to_erase,
            is_kept=True,
        )
    )
