"""Public events with all their languages, for those who pass them on to other systems."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Min, Q

from allmende.catalogue.bridges.schedule import Schedule, to_schedule
from allmende.catalogue.models import Event, Media, Occurrence
from allmende.catalogue.queries.cards import local, local_end
from allmende.catalogue.text_states import texts_shown
from allmende.core.publication import Publication

UNKNOWN_END = timedelta(hours=3)
"""After so long a date whose end nobody told is over."""
Where = tuple[datetime, int]
"""A place in the order of changes: when, and the event's id."""


class Changed(NamedTuple):
    """An event that was written."""

    id: int
    at: datetime
    state: str
    is_own: bool
    """It did not come through one of the formats that are left out."""


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture that is kept here, with its rights."""

    file: str
    alt: Mapping[str, str]
    credit: str
    licence: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class PublicEvent:
    """A published event.  Texts: language -> text."""

    id: int
    slug: str
    language: str
    name: Mapping[str, str]
    summary: Mapping[str, str]
    description: Mapping[str, str]
    categories: tuple[str, ...]
    status: str
    schedule: Schedule
    all_day: bool
    starts_at: datetime
    """Local start (naive) of the next date, or of the first one if there is none to come."""
    ends_at: datetime | None
    """Local end; of whole days the last day at 00:00."""
    is_over_at: datetime | None
    """UTC moment at which another date is the next one; None for events with one date."""
    place_name: str
    street: str
    postal_code: str
    locality: str
    country: str
    lon: float | None
    lat: float | None
    online_url: str
    url: str
    organiser_name: str
    organiser_id: int | None
    organiser_slug: str
    licence: str
    credit: str
    pictures: tuple[KeptPicture, ...]
    created_at: datetime
    updated_at: datetime


def changed_events(after: Where, *, foreign: Collection[str], limit: int) -> list[Changed]:
    """Events written after ``after``, in order; ``foreign``: formats of sources whose events are not own."""
    at, identifier = after
    rows = (
        Event.objects.filter(Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=identifier))
        .order_by("updated_at", "pk")
        .values_list("pk", "updated_at", "state", "source__format")[:limit]
    )
    return [Changed(pk, changed, state, source not in foreign) for pk, changed, state, source in rows]


def last_change() -> Where:
    """The newest place in the order of changes."""
    row = Event.objects.order_by("-updated_at", "-pk").values_list("updated_at", "pk").first()
    return row or (datetime(1970, 1, 1, tzinfo=UTC), 0)


def upcoming_event_ids(
    *, foreign: Collection[str], today: date, before: int = 0, limit: int = 50, count: bool = False
) -> tuple[list[int], int | None]:
    """Ids of own events that are not over, newest first (those below ``before``), and how many there are in all."""
    events = Event.objects.filter(state=Publication.PUBLISHED, last_day__gte=today).exclude(source__format__in=foreign)
    total = events.count() if count else None
    if before:
        events = events.filter(pk__lt=before)
    return list(events.order_by("-pk").values_list("pk", flat=True)[:limit]), total


def upcoming_by_start(
    *, foreign: Collection[str], now: datetime, after: Where | None = None, limit: int = 50
) -> list[tuple[int, datetime]]:
    """Ids of own events by their next start, soonest first, with that start."""
    coming = (
        Occurrence.objects.filter(_to_come(now), cancelled=False)
        .exclude(event__source__format__in=foreign)
        .values("event_id")
        .annotate(next=Min("starts_at"))
        .order_by("next", "event_id")
    )
    if after:
        coming = coming.filter(Q(next__gt=after[0]) | Q(next=after[0], event_id__gt=after[1]))
    return [(row["event_id"], row["next"]) for row in coming[:limit]]


def _to_come(now: datetime) -> Q:
    return Q(ends_at__gt=now) | Q(ends_at__isnull=True, starts_at__gt=now - UNKNOWN_END)


def own_event_state(identifier: int, *, foreign: Collection[str]) -> tuple[str, str] | None:
    """(state, slug) of an event that was public once; None for what does not exist, never was public, or is not own."""
    row = Event.objects.filter(pk=identifier).values_list("state", "slug", "source__format").first()
    if row is None or row[2] in foreign or row[0] in {Publication.DRAFT, Publication.SUBMITTED}:
        return None
    return str(row[0]), row[1]


def public_events(identifiers: Sequence[int], *, now: datetime) -> list[PublicEvent]:
    """The published ones among ``identifiers``, in their order."""
    found = (
        Event.objects.filter(pk__in=identifiers, state=Publication.PUBLISHED)
        .select_related("source", "organiser", "organisation", "municipality")
        .defer("vevent", "source__mapping", "municipality__outline")
        .in_bulk()
    )
    following = _next_dates([pk for pk, event in found.items() if event.recurs], now)
    pictures: dict[int, list[KeptPicture]] = {}
    for media in Media.objects.filter(kind="event", item_id__in=found).exclude(file=""):
        texts = media.alt.get("texts", {})
        kept = KeptPicture(media.file, texts, media.credit, media.licence, media.width, media.height)
        pictures.setdefault(media.item_id, []).append(kept)
    return [_public(found[pk], following.get(pk), tuple(pictures.get(pk, ()))) for pk in identifiers if pk in found]


def _next_dates(identifiers: Sequence[int], now: datetime) -> dict[int, tuple[datetime, datetime | None]]:
    coming = Occurrence.objects.filter(_to_come(now), event_id__in=identifiers, cancelled=False)
    starts = dict(coming.values("event_id").annotate(next=Min("starts_at")).values_list("event_id", "next"))
    rows = coming.filter(starts_at__in=set(starts.values())).values_list("event_id", "starts_at", "ends_at")
    return {pk: (start, end) for pk, start, end in rows if starts.get(pk) == start}


def _public(
    event: Event, following: tuple[datetime, datetime | None] | None, pictures: tuple[KeptPicture, ...]
) -> PublicEvent:
    starts_at, ends_at = following or (event.starts_at, event.ends_at)
    source, organiser = event.source, event.organiser or event.organisation
    town = event.municipality
    return PublicEvent(
        id=event.pk,
        slug=event.slug,
        language=event.name.get("original", event.language),
        name=texts_shown(event.name, event.hidden_in).get("texts", {}),
        summary=texts_shown(event.summary, event.hidden_in).get("texts", {}),
        description=texts_shown(event.description, event.hidden_in).get("texts", {}),
        categories=tuple(event.categories),
        status=event.status,
        schedule=to_schedule(event.schedule, event.timezone),
        all_day=event.all_day,
        starts_at=local(starts_at, event.timezone) or starts_at,
        ends_at=local_end(ends_at, event.timezone, event.all_day),
        is_over_at=((ends_at or starts_at + UNKNOWN_END) if following else None) if event.recurs else None,
        place_name=event.place_name,
        street=event.street,
        postal_code=event.postal_code,
        locality=event.locality or (town.name if town else ""),
        country=event.country,
        lon=event.lon,
        lat=event.lat,
        online_url=event.online_url,
        url=event.url,
        organiser_name=event.organiser_name or (organiser.name if organiser else ""),
        organiser_id=organiser.pk if organiser else None,
        organiser_slug=organiser.slug if organiser else "",
        licence=source.licence if source else "",
        credit=source.credit if source else "",
        pictures=pictures,
        created_at=event.created_at,
        updated_at=event.updated_at,
    )
