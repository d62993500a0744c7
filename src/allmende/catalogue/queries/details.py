"""One item with everything its page shows, and what is like it nearby."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from allmende.catalogue.actions.media import in_order
from allmende.catalogue.bridges.schedule import expand, to_schedule
from allmende.catalogue.models import ITEM_MODELS, Event, Media, Occurrence, Source
from allmende.catalogue.queries.cards import cards_of, local, local_end
from allmende.catalogue.queries.held_back import is_shown_in, languages_shown
from allmende.catalogue.queries.shapes import Card, DateLine, Detail, Named, Picture, SourceNote
from allmende.catalogue.queries.standing import stands_for
from allmende.catalogue.values import ONGOING_RANK, cells_around, distance_km
from allmende.core.publication import Publication
from allmende.core.text import NOTHING, pick
from allmende.partners.models import Organisation

MOST_DATES = 60
NEAR_KM = 15.0
NEAR_CAP = 120


def source_note(source: Source | None) -> SourceNote | None:
    """Where a record comes from, as its page says it."""
    if source is None:
        return None
    return SourceNote(
        title=source.title,
        licence=source.licence,
        licence_url=source.licence_url,
        credit=source.credit,
        organisation=source.organisation.name,
        is_demo=source.is_demo,
        shift_days=source.shift_days,
        is_indexed=source.is_indexed,
    )


def _other_sources(item: Any) -> tuple[SourceNote, ...]:
    """The further sources of a union: each is named with its rights."""
    members = ITEM_MODELS[item.KIND].objects.filter(joined_into=item.pk, is_union=False)  # type: ignore[attr-defined]
    sources = Source.objects.filter(pk__in=members.values("source_id")).exclude(pk=item.source_id)
    notes = [source_note(source) for source in sources.select_related("organisation").order_by("title", "pk")]
    return tuple(note for note in notes if note)


def _organisation(organisation: Organisation | None) -> Named | None:
    if organisation is None:
        return None
    return Named(organisation.pk, f"{organisation.slug}-{organisation.pk}", organisation.name)


def hours_lines(lines: list[dict[str, Any]]) -> list[Any]:
    """Stored opening hours as ``engines.opening`` reads them."""
    return [
        SimpleNamespace(
            days=tuple(line["days"]),
            opens=line["opens"],
            closes=line["closes"],
            valid_from=date.fromisoformat(line["valid_from"]) if line["valid_from"] else None,
            valid_through=date.fromisoformat(line["valid_through"]) if line["valid_through"] else None,
            every_year=line["every_year"],
        )
        for line in lines
    ]


def _amount(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _prices(prices: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    found = []
    for price in prices:
        texts = price.get("label") or {}
        label = texts.get(language) or texts.get("") or next(iter(texts.values()), "")
        found.append(
            {"min": _amount(price["min"]), "max": _amount(price["max"]), "currency": price["currency"], "label": label}
        )
    return found


def _pictures(kind: str, identifier: int, language: str) -> list[Picture]:
    kept = Media.objects.filter(kind=kind, item_id=identifier).exclude(file="")
    return [
        Picture(media.file, pick(media.alt, language).text, media.credit, media.licence, media.width, media.height)
        for media in sorted(kept, key=in_order)
    ]


def _common(item: Any, language: str) -> dict[str, Any]:
    town = item.municipality
    return {
        "kind": item.KIND,
        "id": item.pk,
        "slug": item.slug,
        "name": pick(item.name, language),
        "summary": pick(item.summary, language),
        "description": pick(item.description, language),
        "languages": tuple(item.name.get("texts", {})),
        "shown_in": languages_shown(item.hidden_in),
        "category": item.category,
        "categories": tuple(item.categories),
        "audience": tuple(item.audience),
        "age_min": item.age_min,
        "age_max": item.age_max,
        "accessibility": item.accessibility,
        "prices": _prices(item.prices, language),
        "price_text": pick(item.price_text, language),
        "flags": item.flags,
        "municipality": Named(town.pk, f"{town.code}-{town.slug}", town.name) if town else None,
        "street": item.street,
        "postal_code": item.postal_code,
        "locality": item.locality,
        "country": item.country,
        "lon": item.lon,
        "lat": item.lat,
        "url": item.url,
        "contact_name": item.contact_name,
        "email": item.email,
        "phone": item.phone,
        "updated_at": item.updated_at,
        "source": source_note(item.source),
        "also_from": _other_sources(item) if item.is_union else (),
        "owner": _organisation(item.organisation),
        "pictures": _pictures(item.KIND, item.pk, language),
        "state": item.state,
        "timezone": item.timezone,
    }


def _item(kind: str, identifier: int, language: str, *related: str) -> Any:
    items = ITEM_MODELS[kind].objects.select_related(  # type: ignore[attr-defined]
        "municipality", "source__organisation", "organisation", *related
    )
    heavy = ["municipality__outline", "source__mapping", *(["vevent"] if kind == "event" else [])]
    found = items.filter(pk=identifier, state__in=(Publication.PUBLISHED, Publication.WITHDRAWN)).defer(*heavy).first()
    return found if found is not None and is_shown_in(found.flags, language) else None


def event_detail(identifier: int, *, language: str, now: datetime) -> Detail | None:
    """A published (or withdrawn) event with its dates."""
    event: Event | None = _item("event", identifier, language, "organiser", "place")
    if event is None:
        return None
    upcoming, past = _dates(event, now)
    place = None
    if event.place_id:
        found = cards_of([("place", _standing(event.place_id))], language=language, now=now)
        place = found[0] if found else None
    return Detail(
        **_common(event, language),
        organiser=_organisation(event.organiser),
        organiser_name=event.organiser_name,
        status=event.status,
        online_url=event.online_url,
        place=place,
        place_name=event.place_name,
        all_day=event.all_day,
        starts_at=local(event.starts_at, event.timezone),
        ends_at=local_end(event.ends_at, event.timezone, event.all_day),
        dates=upcoming,
        past_dates=past,
        recurs=event.recurs,
        rrule=event.schedule.get("rrule", ""),
        next_date=next((line for line in upcoming if not line.cancelled), None),
    )


def _standing(place: int) -> int:
    """The place that a page shows for a place: the union it is part of, if it is."""
    return stands_for("place", [place]).get(place, place)


def _dates(event: Event, now: datetime) -> tuple[list[DateLine], int]:
    rows = (
        Occurrence.objects.filter(event_id=event.pk)
        .exclude(rank=ONGOING_RANK)
        .order_by("day", "rank")
        .values_list("day", "starts_at", "ends_at", "all_day", "cancelled", "name")
    )
    running = (
        Occurrence.objects.filter(event_id=event.pk, rank=ONGOING_RANK, ends_at__gt=now)
        .order_by("day")
        .values_list("day", "starts_at", "ends_at", "all_day", "cancelled", "name")[:1]
    )
    lines: dict[datetime, DateLine] = {}
    past = 0
    for day, starts_at, ends_at, all_day, cancelled, name in [*running, *rows]:
        is_past = (ends_at or starts_at + timedelta(hours=3)) <= now
        past += is_past
        start = local(starts_at, event.timezone)
        if is_past or start is None or start in lines:
            continue
        end = local_end(ends_at, event.timezone, all_day)
        lines[start] = DateLine(min(day, start.date()), start, end, all_day, cancelled, name)
    upcoming = sorted(lines.values(), key=lambda line: line.starts_at)[:MOST_DATES]
    if not upcoming and not past:
        past = _count_past(event, now)
    return upcoming, past


def _count_past(event: Event, now: datetime) -> int:
    """Dates before the kept horizon."""
    schedule = to_schedule(event.schedule, event.timezone)
    return len(expand(schedule, after=event.starts_at - timedelta(days=1), before=now, limit=500)) or 1


def _building(kind: str, identifier: int, language: str) -> tuple[Any, dict[str, Any]] | None:
    item = _item(kind, identifier, language, *(["place"] if kind == "offer" else []))
    if item is None:
        return None
    return item, {
        **_common(item, language),
        "organiser": None,
        "hours": hours_lines(item.hours),
        "hours_text": pick(item.hours_text, language) if item.hours_text else NOTHING,
    }


def place_detail(identifier: int, *, language: str, now: datetime) -> Detail | None:
    """A published (or withdrawn) place."""
    found = _building("place", identifier, language)
    return Detail(**found[1]) if found else None


def offer_detail(identifier: int, *, language: str, now: datetime) -> Detail | None:
    """A published (or withdrawn) offer."""
    found = _building("offer", identifier, language)
    if found is None:
        return None
    offer, columns = found
    place = None
    if offer.place_id:
        cards = cards_of([("place", _standing(offer.place_id))], language=language, now=now)
        place = cards[0] if cards else None
    return Detail(**columns, place=place, valid_from=offer.valid_from, valid_through=offer.valid_through)


def similar_nearby(detail: Detail, *, language: str, now: datetime, zone: ZoneInfo, limit: int = 6) -> list[Card]:
    """Things near a thing: the same kind of thing first, nearer before farther, events that are over left out."""
    if detail.lon is None or detail.lat is None:
        return []
    cells = cells_around(detail.lon, detail.lat, NEAR_KM)
    ranked: list[tuple[float, str, int]] = []
    for kind in ("event", "place", "offer"):
        items = ITEM_MODELS[kind].objects.filter(cell__in=cells, state=Publication.PUBLISHED)  # type: ignore[attr-defined]
        if kind == "event":
            items = items.filter(last_day__gte=now.astimezone(UTC).date())
        for pk, lon, lat, category in items.values_list("pk", "lon", "lat", "category")[:NEAR_CAP]:
            if kind == detail.kind and pk == detail.id:
                continue
            away = distance_km(detail.lon, detail.lat, lon, lat)
            if away <= NEAR_KM:
                likeness = (category == detail.category) * 6 + (kind == detail.kind) * 3
                ranked.append((away - likeness, kind, pk))
    ranked.sort()
    keys = [(kind, pk) for _, kind, pk in ranked[: limit * 2]]
    cards = [card for card in cards_of(keys, language=language, now=now) if card.kind != "event" or card.day]
    return [_with_distance(card, detail) for card in cards[:limit]]


def _with_distance(card: Card, detail: Detail) -> Card:
    if card.lon is None or card.lat is None or detail.lon is None or detail.lat is None:
        return card
    return replace(card, distance_km=distance_km(detail.lon, detail.lat, card.lon, card.lat))
