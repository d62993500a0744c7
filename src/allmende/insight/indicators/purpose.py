"""What an organisation is there for: its own statement, else what its profile says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allmende.core.text import Picked, pick
from allmende.insight.models import PurposeStatement
from allmende.partners.models import Organisation, Profile
from allmende.partners.rules import Someone, is_member


def purpose_of(organisation: Organisation, language: str, *, user: Someone) -> tuple[Picked, datetime | None]:
    """What an organisation is there for, and since when it says so; without own words here those of its profile."""
    row = PurposeStatement.objects.filter(pk=organisation.pk).first()
    if row is not None and row.text and (row.is_public or is_member(user, organisation.pk)):
        return pick(row.text, language), row.updated_at
    told: Any = Profile.objects.filter(organisation=organisation).values_list("purpose", "updated_at").first()
    return (pick(told[0], language), told[1]) if told and told[0] else (pick(None, language), None)


def stored_purpose(organisation: Organisation) -> tuple[dict[str, Any], bool]:
    """The statement as it is stored (translated text), else that of the profile; and whether everybody may read it."""
    row = PurposeStatement.objects.filter(pk=organisation.pk).first()
    if row is not None:
        return row.text, row.is_public
    told: Any = Profile.objects.filter(organisation=organisation).values_list("purpose", flat=True).first()
    return dict(told or {}), False
