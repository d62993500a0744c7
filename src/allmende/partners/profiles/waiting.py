"""What profiles lack, and certificates that run out, as what waits for those who edit them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext

from allmende.core.models import User
from allmende.core.waiting import Waiting
from allmende.partners.profiles.queries import certificates_that_run_out, next_steps
from allmende.partners.rules import organisations_to_edit

MOST_PROFILES: Final = 3
SHOWN: Final = 10
AHEAD: Final = timedelta(days=60)


def profiles_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """The next step of three profiles at most; two queries.  The operator has no profile of their own."""
    mine = organisations_to_edit(user)
    if not mine:
        return []
    return [
        Waiting(
            kind="partners.profile",
            key=f"profile-{pk}",
            text=step.sentence,
            note=gettext("%(organisation)s: the profile is complete to %(share)s %%.")
            % {"organisation": name, "share": step.share},
            path=step.path,
            minutes=step.minutes,
            weight=15,
            icon="building",
        )
        for pk, name, step in next_steps(mine[:MOST_PROFILES], language)
    ]


def certificates_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Certificates that end within two months; a query."""
    if not organisations_to_edit(user):
        return []
    today = now.date()
    return [
        Waiting(
            kind="partners.certificate",
            key=f"certificate-{one.pk}",
            text=one.name,
            note=gettext("%(organisation)s: this certificate runs out.") % {"organisation": one.organisation.name},
            path=f"/workspace/organisations/{one.organisation_id}/",
            due=one.valid_until,
            minutes=3,
            weight=30,
            icon="flag",
        )
        for one in certificates_that_run_out(user, first=today, last=today + AHEAD, limit=SHOWN)
    ]
