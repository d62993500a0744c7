"""What editorial work has waiting for a person: each provider asks a fixed number of times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext, ngettext

from allmende.catalogue.queries.editorial.review import waiting_count
from allmende.catalogue.queries.editorial.waiting import leaving_records, pictures_that_end, returned_records
from allmende.catalogue.translations.queries import soon_count
from allmende.core import formats
from allmende.core.models import User
from allmende.core.waiting import SOON, Waiting
from allmende.guide.brand import current_brand, zone_of
from allmende.guide.rules import organisations_to_edit
from allmende.partners.policy.queries import reviews_in_a_network

SHOWN: Final = 10
RIGHTS: Final = timedelta(days=30)
COUNTED: Final = 100
"""Translations are counted no further."""


def reviews_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """What members of the person's networks submitted."""
    n = waiting_count(user) if reviews_in_a_network(user) else 0
    if not n:
        return []
    text = ngettext("%(n)s record waits for your review", "%(n)s records wait for your review", n)
    return [
        Waiting(
            kind="catalogue.review",
            key="reviews",
            text=text % {"n": formats.number(n, language)},
            note=gettext("Accept, ask for a change, or leave it to a colleague"),
            path="/workspace/review/",
            minutes=min(20, 2 * n),
            weight=88,
            icon="eye",
        )
    ]


def changes_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Records that reviewers gave back with a word."""
    return [
        Waiting(
            kind="catalogue.please_change",
            key=f"change-{one.kind}-{one.id}",
            text=one.name.text,
            note=gettext("A reviewer asks for a change."),
            path=f"/workspace/records/{one.kind}/{one.id}/",
            minutes=4,
            weight=86,
            icon="text",
            language=one.name.language,
            since=one.at,
        )
        for one in returned_records(user, language=language, now=now, limit=SHOWN)
    ]


def expiries_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Records that leave the public pages soon, as planned."""
    leaving = leaving_records(user, language=language, until=now + SOON, now=now, limit=SHOWN)
    if not leaving:
        return []
    zone = zone_of(current_brand().timezone)
    return [
        Waiting(
            kind="catalogue.expires",
            key=f"expires-{one.kind}-{one.id}",
            text=one.name.text,
            note=gettext("Leaves the public pages, as planned"),
            path=f"/workspace/records/{one.kind}/{one.id}/",
            due=one.at.astimezone(zone).date(),
            minutes=1,
            weight=40,
            icon="clock",
            language=one.name.language,
        )
        for one in leaving
    ]


def picture_rights_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Pictures on pages whose rights end within a month."""
    if organisations_to_edit(user) == []:
        return []
    today = now.date()
    return [
        Waiting(
            kind="catalogue.picture_rights",
            key=f"picture-{one.pk}",
            text=one.name,
            note=gettext("The rights to this picture end; then it is taken off the pages."),
            path=f"/workspace/media/{one.pk}/",
            due=one.rights_until,
            minutes=5,
            weight=60,
            icon="frame",
        )
        for one in pictures_that_end(user, first=today, last=today + RIGHTS, limit=SHOWN)
    ]


def translations_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """How many events of the next month lack a text in the person's language."""
    if not organisations_to_edit(user):  # the operator has no texts of their own
        return []
    n = soon_count(user, language, today=now.date(), limit=COUNTED)
    if not n:
        return []
    text = ngettext("%(n)s event to translate", "%(n)s events to translate", n)
    return [
        Waiting(
            kind="catalogue.translate",
            key="translations",
            text=text % {"n": formats.number(n, language) + ("+" if n == COUNTED else "")},
            note=gettext("They are public within a month."),
            path=f"/workspace/translations/?language={language}&soon=1",
            minutes=min(10, n),
            weight=35,
            icon="globe",
        )
    ]
