"""Showing an organisation's shared figures to everybody, or no longer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.insight.indicators.refusals import FiguresForbidden
from allmende.insight.models import PublicFigures
from allmende.insight.rules import may_publish_figures
from allmende.partners.models import Organisation


def publish_figures(organisation: Organisation, *, is_public: bool, by: User | None, now: datetime) -> bool:
    """Show the figures that ``organisation`` shares on a page for everybody, or take the page away; return whether that is
    new.  Raises :class:`FiguresForbidden`."""
    if not may_publish_figures(by, organisation.pk):
        raise FiguresForbidden("Only managers of an organisation may show its figures to everybody.")
    with transaction.atomic():
        if is_public:
            _, is_new = PublicFigures.objects.get_or_create(organisation=organisation, defaults={"published_at": now})
        else:
            is_new = bool(PublicFigures.objects.filter(organisation=organisation).delete()[0])
        if is_new:
            touch_content()
            record("insight.publish_figures", ("organisation", organisation.pk), by=by, now=now, is_public=is_public)
    return is_new


def touch_public(organisation_id: int) -> None:
    """In the transaction that changes its figures: a page that everybody sees does not keep what is no longer shared."""
    if is_published(organisation_id):
        touch_content()


def is_published(organisation_id: int) -> bool:
    """Whether an organisation has a page of figures for everybody."""
    return PublicFigures.objects.filter(pk=organisation_id).exists()
