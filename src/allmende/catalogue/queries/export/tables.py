"""The tables of the dump, as rows that flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from allmende.catalogue.bridges.complete import window_at
from allmende.catalogue.bridges.dump import VERSION, item_row, write_dump, write_single
from allmende.catalogue.models import Occurrence
from allmende.catalogue.queries.export.choice import BLOCK, Choice, in_order, published
from allmende.catalogue.queries.overview import organisations
from allmende.catalogue.values import ONGOING_RANK
from allmende.catalogue.vocabulary import categories
from allmende.partners.models import Territory

Rows = Iterator[Mapping[str, Any]]
SHOWING: Final = ("event_id", "starts_at", "ends_at", "day", "all_day", "cancelled", "name")


def dump(choice: Choice, *, origin: str, title: str, now: datetime) -> Iterator[bytes]:
    """The zip archive with all tables; kinds that were not chosen are empty tables."""
    tables: dict[str, Iterable[Mapping[str, Any]]] = {
        "events": _items("event", choice, origin),
        "occurrences": _occurrences(choice) if "event" in choice.kinds else iter(()),
        "places": _items("place", choice, origin),
        "offers": _items("offer", choice, origin),
        "organisations": _organisations(origin),
        "categories": _categories(),
        "municipalities": _municipalities(),
        "feed_info": iter([_about(origin, title, now)]),
    }
    return write_dump(tables)


def table(choice: Choice, *, origin: str) -> Iterator[bytes]:
    """The one table of the chosen kind as a Parquet file."""
    (kind,) = choice.kinds
    return write_single(f"{kind}s", _items(kind, choice, origin))


def _items(kind: Any, choice: Choice, origin: str) -> Rows:
    if kind not in choice.kinds:
        return iter(())
    return (item_row(entry) for entry in published(replace(choice, kinds=(kind,)), origin=origin))


def _occurrences(choice: Choice) -> Rows:
    """Each occurrence once, on its first day, event after event."""
    block: list[int] = []
    for (pk,) in in_order("event", choice, ("pk",)):
        block.append(pk)
        if len(block) == BLOCK:
            yield from _of_events(block)
            block = []
    yield from _of_events(block)


def _of_events(identifiers: list[int]) -> Rows:
    if not identifiers:
        return
    rows = Occurrence.objects.filter(event_id__gte=identifiers[0], event_id__lte=identifiers[-1])
    wanted = set(identifiers)
    last: tuple[int, datetime] | None = None
    for values in rows.order_by("event_id", "starts_at", "day").values_list(*SHOWING, "rank").iterator(chunk_size=5000):
        row = dict(zip((*SHOWING, "rank"), values, strict=True))
        same = (row["event_id"], row["starts_at"])
        if row["event_id"] not in wanted or same == last:
            continue
        last = same
        # What began before the horizon has no row of its first day.
        day = row["day"] if row["rank"] < ONGOING_RANK else None
        yield {**row, "day": day, "event_id": f"event-{row['event_id']}", "name": row["name"] or None}


def _organisations(origin: str) -> Rows:
    for found in organisations():
        yield {
            "organisation_id": f"organisation-{found.id}",
            "name": found.name,
            "events": found.events,
            "places": found.places,
            "offers": found.offers,
            "page": f"{origin}/organisations/{found.slug}/",
        }


def _categories() -> Rows:
    for found in categories():
        yield {
            "category_id": found.key,
            "kinds": list(found.kinds),
            "schema_type": found.schema_type or None,
            "names": [(code, label.many) for code, label in found.labels.items()],
        }


def _municipalities() -> Rows:
    fields = ("code", "country", "name", "parent__name", "population", "lon", "lat")
    for values in Territory.objects.filter(level="municipality").order_by("code").values_list(*fields):
        row = dict(zip(fields, values, strict=True))
        yield {**row, "municipality_code": row["code"], "parent": row["parent__name"]}


def _about(origin: str, title: str, now: datetime) -> Mapping[str, Any]:
    window = window_at(now)
    return {
        "publisher": title,
        "publisher_url": f"{origin}/",
        "created": now,
        "first_day": window.first,
        "last_day": window.last,
        "version": VERSION,
        "program": "Allmende",
    }
