"""The statement of a list of events, compiled once for each set of filters while nothing public changes.

The ORM takes longer to write it than the database to answer it.  Time and place in the list are put in afterwards.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from allmende.catalogue.queries import lists
from allmende.catalogue.queries.api.values import COLUMNS
from allmende.catalogue.queries.shapes import Filters
from allmende.catalogue.rows import as_day, as_time
from allmende.core.content import recent_content_stamp

Position = tuple[date, int, int]
"""(day, rank, number) of the last showing of a page."""
NOW: Final = datetime(1901, 1, 1, tzinfo=UTC)
PLACE: Final[Position] = (date(1901, 1, 2), -32_001, -19_010_104)
"""Stand for what changes from request to request; within the ranges of their columns, or the ORM would drop them."""


def after(position: Position) -> Q:
    """What comes behind a place in the list."""
    day, rank, identifier = position
    return Q(day__gt=day) | Q(day=day, rank__gt=rank) | Q(day=day, rank=rank, id__gt=identifier)


@lru_cache(maxsize=512)
def _statement(
    stamp: int, filters: Filters, language: str, zone: ZoneInfo, size: int, has_place: bool
) -> tuple[str, tuple[Any, ...]] | None:
    rows = lists._first_showings(filters, language=language, now=NOW, zone=zone)
    if has_place:
        rows = rows.filter(after(PLACE))
    try:
        sql, params = rows.order_by("day", "rank", "id").values_list("id", *COLUMNS)[:size].query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)


def _stored(value: Any) -> Any:
    """A parameter in the form that the ORM gives it on this database."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def can_be_compiled(filters: Filters, today: date) -> bool:
    """Whether the statement depends on nothing but its filters and the content."""
    return not filters.q and not filters.near and (filters.since is None or filters.since >= today)


def read(
    filters: Filters, place: Position | None, size: int, *, language: str, now: datetime, zone: ZoneInfo
) -> list[tuple[Any, ...]]:
    """(number, ``COLUMNS`` …) of the first showings behind ``place``; ``filters.since`` must be set."""
    found = _statement(recent_content_stamp(), filters, language, zone, size, place is not None)
    if found is None:
        return []
    sql, params = found
    marks = [NOW, *PLACE]
    values = [now, *(place or PLACE)]
    put = {_stored(mark): _stored(value) for mark, value in zip(marks, values, strict=True)}
    with connection.cursor() as cursor:
        cursor.execute(sql, [put.get(value, value) for value in params])
        return [
            (
                row[0],
                row[1],
                as_day(row[2]),
                row[3],
                as_time(row[4]),
                as_time(row[5]),
                bool(row[6]),
                bool(row[7]),
                row[8],
            )
            for row in cursor.fetchall()
        ]
