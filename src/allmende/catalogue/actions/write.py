"""Writing items with everything that hangs on them: occurrences, calendar entry, search index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import QuerySet

from allmende.catalogue import search
from allmende.catalogue.bridges.complete import (
    Showing,
    Window,
    calendar_entry,
    complete,
    complete_event,
    search_doc,
)
from allmende.catalogue.bridges.schedule import to_schedule
from allmende.catalogue.models import ITEM_MODELS, MatchDue, Occurrence
from allmende.catalogue.values import KIND_CODES
from allmende.core.bulk import as_json, day_writer, in_blocks, insert_rows, time_writer
from allmende.core.prepared import prepared
from allmende.core.publication import Publication

Columns = dict[str, Any]

OCCURRENCE_FIELDS = (
    "event",
    "day",
    "rank",
    "starts_at",
    "ends_at",
    "all_day",
    "cancelled",
    "name",
    "category",
    "municipality_id",
    "cell",
    "flags",
)


def _fields(kind: str) -> list[models.Field[Any, Any]]:
    return [field for field in ITEM_MODELS[kind]._meta.concrete_fields if field.name != "vevent" or kind == "event"]


class _Shape:
    """How the columns of one kind become a row."""

    def __init__(self, kind: str) -> None:
        fields = _fields(kind)
        self.names = [field.name for field in fields]
        self.columns = [field.attname for field in fields]
        self.json = {field.attname for field in fields if isinstance(field, models.JSONField)}
        self.times = {field.attname for field in fields if isinstance(field, models.DateTimeField)}

        self._kinds = [(name, 1 if name in self.json else 2 if name in self.times else 0) for name in self.columns]

    def row(self, columns: Columns, write_time: Callable[[datetime | None], Any]) -> list[Any]:
        """The values in the order of ``names``, ready for the database."""
        return [
            columns[name] if kind == 0 else _json(columns[name]) if kind == 1 else write_time(columns[name])
            for name, kind in self._kinds
        ]


def _json(value: Any) -> str:
    return as_json(value) if value else "[]" if isinstance(value, list) else "{}"


def _shown(state: str, joined_into: int | None) -> str:
    """What another record stands for is joined instead of published, and the other way round."""
    if joined_into is None:
        return Publication.PUBLISHED.value if state == Publication.JOINED else state
    return Publication.JOINED.value if state == Publication.PUBLISHED else state


_shapes: dict[str, _Shape] = {}


def shape_of(kind: str) -> _Shape:
    """The row shape of a kind, made once."""
    if kind not in _shapes:
        _shapes[kind] = _Shape(kind)
    return _shapes[kind]


def write_items(
    kind: str,
    items: Sequence[Columns],
    *,
    window: Window,
    now: datetime,
    municipality_names: dict[int, str],
    known: Iterable[int] = (),
    is_compared: bool = False,
) -> None:
    """Write items (with ``id``) and all that follows from them, in the running transaction.

    ``known``: ids that were there before, whose occurrences and search words are replaced.  ``is_compared``: nothing
    changed that would make the records like others, so they need not be compared again.
    """
    shape = shape_of(kind)
    rows, docs = [], []
    occurrences: list[tuple[Any, ...]] = []
    write_time, write_day = time_writer(), day_writer()
    hidden: list[int] = []
    for columns in items:
        complete(kind, columns)
        columns["updated_at"] = now
        columns["state"] = _shown(columns["state"], columns["joined_into"])
        identifier = columns["id"]
        is_public = columns["state"] == Publication.PUBLISHED
        columns["public_since"] = columns.get("public_since") or (now if is_public else None)
        if kind == "event":
            schedule = to_schedule(columns["schedule"], columns["timezone"])
            showings = complete_event(columns, schedule, window)
            columns["vevent"] = calendar_entry(identifier, columns, schedule, settings.ALLMENDE_PUBLIC_URL, now)
            if is_public:
                occurrences += occurrence_rows(identifier, columns, showings, write_time, write_day)
        if is_public:
            docs.append(search_doc(kind, identifier, columns, municipality_names.get(columns["municipality_id"], "")))
        else:
            hidden.append(identifier)
        rows.append(shape.row(columns, write_time))
    insert_rows(ITEM_MODELS[kind], shape.names, rows, update_on="id")
    if not is_compared:
        note_due(kind, [columns["id"] for columns in items if not columns["is_union"]])
    known = list(known)
    if kind == "event":
        for block in in_blocks(known):
            Occurrence.objects.filter(event_id__in=block)._raw_delete(using=connection.alias)
        insert_rows(Occurrence, OCCURRENCE_FIELDS, occurrences)
    if hidden and known:
        search.remove(connection, [(KIND_CODES[kind], identifier) for identifier in hidden])
    search.index(connection, docs)


def note_due(kind: str, identifiers: Iterable[int]) -> None:
    """Put records on the list of those to compare with the others."""
    insert_rows(MatchDue, ("kind", "item_id"), [[kind, identifier] for identifier in identifiers])


def occurrence_rows(
    identifier: int,
    columns: Columns,
    showings: Iterable[Showing],
    write_time: Callable[[datetime | None], Any],
    write_day: Callable[[date], Any],
) -> list[tuple[Any, ...]]:
    """Rows of the occurrence table, in the order of ``OCCURRENCE_FIELDS``."""
    facts = (columns["category"], columns["municipality_id"], columns["cell"], columns["flags"])
    rows: list[tuple[Any, ...]] = []
    for one, days in showings:
        tail = (
            write_time(one.start_utc),
            write_time(one.end_utc),
            one.all_day,
            one.cancelled,
            one.name[:300],
            *facts,
        )
        for day, rank in days:
            rows.append((identifier, write_day(day), rank, *tail))
    return rows


@prepared
def _stored(identifiers: Sequence[int], *, kind: str) -> QuerySet[Any, Any]:
    found: QuerySet[Any, Any] = ITEM_MODELS[kind].objects.filter(pk__in=identifiers)  # type: ignore[attr-defined]
    return found.values_list(*shape_of(kind).columns)


def stored_columns(kind: str, identifiers: Sequence[int]) -> dict[int, Columns]:
    """The column values of items as they stand, by id."""
    names = shape_of(kind).columns
    found: dict[int, Columns] = {}
    for block in in_blocks(identifiers):
        for values in _stored(list(block), kind=kind):
            columns = dict(zip(names, values, strict=True))
            found[columns["id"]] = columns
    return found
