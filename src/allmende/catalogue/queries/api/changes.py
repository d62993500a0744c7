"""What changed since a moment: published records, and what was public and is gone.

Nobody who asks again from the ``until`` of the last answer misses a change.  Rows are stamped when they are written and
seen when their transaction is through, which may be later; so ``until`` stays behind everything that may still be on
its way: a margin for single edits, and the beginning of every import that is at work.  Some changes are told twice,
none is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Min, Q

from allmende.catalogue.models import ITEM_MODELS, ImportRun
from allmende.catalogue.queries import lists
from allmende.catalogue.queries.api.fields import FIELD_NAMES, Shown, columns_of, render
from allmende.catalogue.queries.api.lists import BadCursor
from allmende.catalogue.rows import rows_by_number
from allmende.catalogue.values import KIND_CODES, KIND_OF_CODE
from allmende.core.publication import Publication

MARGIN: Final = timedelta(minutes=2)
"""Longer than any single edit waits for its turn (SQLite: 20 s) and takes."""
LOST: Final = timedelta(hours=12)
"""An import that has been at work for so long was killed; what it wrote is through."""
CLOCK_FIELDS = frozenset({"next", "distance_km"})
"""Fields that change by themselves, and so are no part of a change."""


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes, the oldest first."""

    items: list[dict[str, Any]]
    cursor: str
    until: datetime
    """Ask again from here."""


def safe_point(now: datetime) -> datetime:
    """The moment before which every change is through."""
    at_work = ImportRun.objects.filter(state=ImportRun.State.APPLYING, started_at__gte=now - LOST)
    first = at_work.aggregate(first=Min("started_at"))["first"]
    point = now - MARGIN
    return min(point, first) if first else point


def _position(cursor: str) -> tuple[datetime, int, int, datetime]:
    """(time, kind, id) of the last row that was sent, and the ``until`` that the first page told."""
    parts = lists.decode_cursor(cursor, 4)
    try:
        if not parts or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
            raise ValueError(cursor)
        at, kind, identifier, until = (int(part) for part in parts)
        return _from_micros(at), kind, identifier, _from_micros(until)
    except (ValueError, OverflowError, OSError) as error:
        raise BadCursor("This cursor belongs to no page of changes.") from error


def _micros(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def _from_micros(value: int) -> datetime:
    return datetime.fromtimestamp(value // 1_000_000, UTC) + timedelta(microseconds=value % 1_000_000)


def changes_since(
    kinds: tuple[str, ...],
    since: datetime,
    shown: Shown,
    *,
    source: int | None = None,
    cursor: str = "",
    limit: int,
    now: datetime,
) -> Changes:
    """Records that were written at ``since`` or later, by (time, kind, number)."""
    until = safe_point(now)  # before anything is read: what is through later is asked for again
    after: tuple[datetime, int, int] | None = None
    if cursor:
        at, code, identifier, until = _position(cursor)
        after = (at, code, identifier)
        since = max(since, at)
    marks: list[tuple[datetime, int, int, str, int | None]] = []
    for kind in kinds:
        marks += _marks(kind, since, after, source, limit + 1)
    marks.sort(key=lambda mark: mark[:3])
    more = len(marks) > limit
    marks = marks[:limit]
    items = _items(marks, shown)
    found = ""
    if more:
        last = marks[-1]
        found = lists.encode_cursor(_micros(last[0]), last[1], last[2], _micros(until))
    return Changes(items, found, until)


def _marks(
    kind: str, since: datetime, after: tuple[datetime, int, int] | None, source: int | None, limit: int
) -> list[tuple[datetime, int, int, str, int | None]]:
    code = KIND_CODES[kind]
    rows = ITEM_MODELS[kind].objects.filter(updated_at__gte=since, public_since__isnull=False)  # type: ignore[attr-defined]
    if source is not None:
        rows = rows.filter(source_id=source)
    if after:
        at, last_code, last_id = after
        if code == last_code:
            rows = rows.filter(Q(updated_at__gt=at) | Q(pk__gt=last_id))
        elif code < last_code:
            rows = rows.filter(updated_at__gt=at)
    read = rows.order_by("updated_at", "pk").values_list("pk", "updated_at", "state", "joined_into")[:limit]
    return [(updated_at, code, pk, state, joined_into) for pk, updated_at, state, joined_into in read]


def _items(marks: list[tuple[datetime, int, int, str, int | None]], shown: Shown) -> list[dict[str, Any]]:
    records: dict[tuple[int, int], dict[str, Any]] = {}
    for code, kind in KIND_OF_CODE.items():
        here = [mark[2] for mark in marks if mark[1] == code and mark[3] == Publication.PUBLISHED]
        if here:
            fields = (shown.fields or frozenset(FIELD_NAMES[kind])) - CLOCK_FIELDS
            as_changed = replace(shown, fields=fields | {"state", "updated_at"})
            found = rows_by_number(kind, columns_of(kind, as_changed), here)
            rows = [row for row in found.values() if row["state"] == Publication.PUBLISHED]
            records.update({(code, record["id"]): record for record in render(kind, rows, as_changed)})
    return [
        records.get((code, pk)) or _tombstone(KIND_OF_CODE[code], pk, at, state, joined_into)
        for at, code, pk, state, joined_into in marks
    ]


def _tombstone(kind: str, identifier: int, at: datetime, state: str, joined_into: int | None) -> dict[str, Any]:
    """What is told of a record that is gone: nothing but that, and which one stands for it."""
    is_joined = state == Publication.JOINED and joined_into is not None
    return {
        "id": identifier,
        "kind": kind,
        "state": (Publication.JOINED if is_joined else Publication.WITHDRAWN).value,
        "replaced_by": joined_into if is_joined else None,
        "updated_at": at,
    }
