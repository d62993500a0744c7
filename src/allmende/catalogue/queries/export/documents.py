"""Documents of what is published, by format."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from allmende.catalogue.bridges.export import FORMATS, FeedInfo, calendar_text, in_language, labelled
from allmende.catalogue.bridges.schedule import join_calendar
from allmende.catalogue.models import Event
from allmende.catalogue.queries.export.choice import AsBytes, Choice, in_order, of_events, published
from allmende.catalogue.queries.export.tables import dump, table
from allmende.catalogue.queries.lists import upcoming_ids
from allmende.catalogue.queries.shapes import Filters

PRODID: Final = "-//Allmende//Export//EN"
MOST_IN_FEED: Final = 100
MOST_SEEN: Final = 1000
"""Of so many upcoming events the newest are taken."""


def export(name: str, choice: Choice, *, origin: str, title: str, now: datetime) -> Iterator[bytes]:
    """The document of the format ``name``, piece by piece; memory does not grow with the catalogue.

    ``origin`` is the public address of this installation.  Raises KeyError for a format that there is not.
    """
    known = FORMATS[name]
    info = FeedInfo(title, f"{origin}/open-data/", language=choice.language, publisher=title, updated=now)
    if name == "ical":
        return _calendar(choice, info, origin)
    if name == "parquet" and len(choice.kinds) == 1:
        return table(choice, origin=origin)
    if name == "parquet":
        return dump(choice, origin=origin, title=title, now=now)
    return known.write(published(choice, origin=origin), info)


def _calendar(choice: Choice, info: FeedInfo, origin: str) -> Iterator[bytes]:
    """One calendar.  In the original languages the texts of the events are ready; in one language they are made."""
    if not choice.language:
        rows = in_order("event", choice, ("pk", "timezone", AsBytes("vevent")))
        texts = ((zone, bytes(text)) for _, zone, text in rows)
    else:
        host = origin.split("//")[-1].split("/")[0]
        events = published(
            Choice(("event",), choice.source, choice.since, choice.until, choice.language), origin=origin
        )
        texts = (calendar_text(entry, f"{entry.record.key}@{host}") for entry in events)
    return join_calendar(texts, name=info.title, language=info.language, prodid=PRODID, url=info.url)


def feed(
    name: str, filters: Filters, *, info: FeedInfo, newest: bool, origin: str, now: datetime, zone: ZoneInfo
) -> Iterator[bytes]:
    """A feed (``rss`` or ``atom``) of the upcoming events that pass the filters: the soonest, or the newest entries."""
    if newest:
        identifiers = upcoming_ids(filters, language=info.language, now=now, zone=zone, limit=MOST_SEEN)
        newest_first = Event.objects.filter(pk__in=identifiers).order_by("-created_at", "-pk")
        identifiers = list(newest_first.values_list("pk", flat=True)[:MOST_IN_FEED])
    else:
        identifiers = upcoming_ids(filters, language=info.language, now=now, zone=zone, limit=MOST_IN_FEED)
    entries = (
        labelled(in_language(entry, info.language), info.language) for entry in of_events(identifiers, origin=origin)
    )
    return FORMATS[name].write(entries, info)
