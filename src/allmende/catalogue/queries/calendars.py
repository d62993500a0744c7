"""Calendars to subscribe to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from allmende.catalogue.bridges.schedule import join_calendar
from allmende.catalogue.models import Event
from allmende.catalogue.queries.lists import calendar_entries
from allmende.catalogue.queries.shapes import Filters
from allmende.core.publication import Publication

MOST = 1000


PRODID = "-//Allmende//Guide//EN"


def _join(entries: Iterable[tuple[str, str]], *, name: str, language: str, url: str) -> Iterator[bytes]:
    texts = ((zone, text.encode()) for zone, text in entries)
    return join_calendar(texts, name=name, language=language, prodid=PRODID, url=url)


def calendar_file(
    filters: Filters,
    *,
    name: str,
    url: str,
    language: str,
    now: datetime,
    zone: ZoneInfo,
    limit: int = MOST,
    more: Iterable[tuple[str, str]] = (),
) -> Iterator[bytes]:
    """An RFC 5545 calendar of the upcoming events that pass the filters, soonest first, in pieces.

    ``more``: time zone and VEVENT text of what is not in the catalogue; it comes first.
    """
    entries = calendar_entries(filters, language=language, now=now, zone=zone, limit=limit)
    return _join(chain(more, entries), name=name, language=language, url=url)


def event_calendar_file(identifiers: list[int], *, name: str, url: str, language: str) -> bytes | None:
    """A calendar of certain events; None if none of them is published."""
    texts = list(
        Event.objects.filter(pk__in=identifiers, state=Publication.PUBLISHED).values_list("timezone", "vevent")
    )
    if not texts:
        return None
    return b"".join(_join(texts, name=name, language=language, url=url))
