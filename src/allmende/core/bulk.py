"""Writing many rows at once, with the values already in the form the database takes.

Django's own ``bulk_create`` spends most of its time on model instances and field conversions; an importer of a hundred
thousand records cannot.  Table and column names still come from the models, so a renamed column fails in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

import orjson
from django.db import connection, models

ID_BLOCK = 500
VALUES = 600
"""So many values go into one statement: SQLite looks up and writes back the last number of a table for each statement."""


def as_json(value: Any) -> str:
    """``value`` in the form a JSON column takes on every database."""
    return orjson.dumps(value).decode()


def _sqlite_time(value: datetime | None) -> str | None:
    if value is None:
        return None
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat(" ")[:-6]


def _same(value: Any) -> Any:
    return value


def time_writer() -> Callable[[datetime | None], Any]:
    """What turns a time with zone into the form a datetime column takes on this database."""
    return _same if connection.vendor == "postgresql" else _sqlite_time


def day_writer() -> Callable[[date], Any]:
    """What turns a day into the form a date column takes on this database."""
    return _same if connection.vendor == "postgresql" else date.isoformat


def as_time(value: datetime | None) -> Any:
    """One time with zone in the form a datetime column takes on this database."""
    return time_writer()(value)


def allocate_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """``count`` fresh primary keys, for rows that are written later in the same transaction."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        # The write lock is taken first (transactions are IMMEDIATE), so nobody else counts at the same time.  The
        # sequence table keeps numbers of deleted rows from coming back.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        last = int(row[0]) if row else 0
        return range(last + 1, last + count + 1)


def _column(model: type[models.Model], name: str) -> str:
    return str(getattr(model._meta.get_field(name), "column"))  # noqa: B009  relations have none, fields do


def insert_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]], *, update_on: str = ""
) -> None:
    """Insert ``rows`` (values in the order of ``fields``, ready for the database).

    With ``update_on`` (a unique field, or several separated by commas) a row that is there already is updated.
    """
    columns = [_column(model, name) for name in fields]
    quote = connection.ops.quote_name
    head = "INSERT INTO {} ({}) VALUES ".format(quote(model._meta.db_table), ", ".join(map(quote, columns)))
    one = "({})".format(", ".join(["%s"] * len(columns)))
    tail = ""  # only names from models, no values
    if update_on:
        keys = [_column(model, name) for name in update_on.split(",")]
        changes = ", ".join(f"{quote(c)} = excluded.{quote(c)}" for c in columns if c not in keys)
        tail = f" ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {changes}"
    rows = rows if isinstance(rows, list) else list(rows)
    together = max(1, VALUES // len(columns))
    whole = len(rows) // together * together
    many = [list(chain.from_iterable(block)) for block in in_blocks(rows[:whole], together)]
    with connection.cursor() as cursor:
        if many:
            cursor.executemany(head + ", ".join([one] * together) + tail, many)
        if rows[whole:]:
            cursor.executemany(head + one + tail, rows[whole:])


def in_blocks(items: Sequence[Any], size: int = ID_BLOCK) -> Iterable[Sequence[Any]]:
    """``items`` cut into blocks that fit into one ``IN (...)``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
