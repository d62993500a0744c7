"""Telling the owner that a feed is in trouble: once, and again only after it was well."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from allmende.catalogue.feeds import FeedState, figures_of, state_of, wants_alert
from allmende.catalogue.models import Source
from allmende.core.audit import record
from allmende.core.languages import DEFAULT, LANGUAGES
from allmende.core.mail import send_to_each
from allmende.partners.queries import manager_addresses


def tell_owner(source: Source, *, now: datetime) -> FeedState:
    """Write to the managers if ``source`` got into trouble, or take note that it is over; return its state."""
    state = state_of(source, figures_of([source.pk], now=now)[source.pk], now=now)
    here = Source.objects.filter(pk=source.pk)
    if wants_alert(source, state):
        with transaction.atomic():
            if not here.filter(alerted_at=None).update(alerted_at=now):
                return state  # told already
            record("catalogue.alert", ("source", source.pk), by=None, now=now, state=str(state))
        addresses = manager_addresses(source.organisation_id)
        if addresses and not send_to_each(addresses, *_letter(source, state)):
            here.update(alerted_at=None)  # the next failure tries again
    elif source.alerted_at is not None and not source.failures:
        here.update(alerted_at=None)
    return state


def _letter(source: Source, state: FeedState) -> tuple[str, str]:
    """Subject and text, in the language of the feed where the interface speaks it."""
    with translation.override(source.language if source.language in LANGUAGES else DEFAULT):
        if state == FeedState.SHRINKING:
            subject = gettext("%(source)s delivers much less than before") % {"source": source.title}
            what = gettext(
                "The feed “%(source)s” delivers much less than before. What it no longer delivers stays in the guide "
                "only where the guard held the delivery back."
            )
        else:
            subject = gettext("%(source)s cannot be read any more") % {"source": source.title}
            what = gettext(
                "The feed “%(source)s” could not be read several times in a row. The guide goes on showing what it "
                "delivered last."
            )
        lines = [
            what % {"source": source.title},
            gettext("What happened, and what you can do: %(address)s")
            % {"address": f"{settings.ALLMENDE_PUBLIC_URL}/workspace/sources/{source.slug}/"},
            gettext("You get this letter because you coordinate the organisation that keeps the feed. It comes once."),
        ]
        return subject, "\n\n".join(lines) + "\n"
