"""Rows by number, past the ORM's compiler: a statement is put together once for each choice of columns.

Table and column names come from the models; values travel as parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection, models

from allmende.catalogue.models import ITEM_MODELS
from allmende.core.bulk import in_blocks

Convert = Callable[[Any], Any]


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str | bytes) else value


def as_time(value: Any) -> Any:
    """A stored time, as any database gives it, with its zone."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def as_day(value: Any) -> Any:
    """A stored day, as any database gives it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _converter(field: models.Field[Any, Any]) -> Convert | None:
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.DateTimeField):
        return as_time
    if isinstance(field, models.DateField):
        return as_day
    return bool if isinstance(field, models.BooleanField) else None


@lru_cache(maxsize=256)
def _plan(kind: str, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...], tuple[tuple[str, Convert], ...]]:
    """The statement up to its numbers, the names of what it gives, and what has to be converted."""
    meta = ITEM_MODELS[kind]._meta
    fields = {field.attname: field for field in meta.concrete_fields}
    names = tuple(dict.fromkeys(("pk", *columns, "state")))
    chosen = [meta.pk if name == "pk" else fields[name] for name in names]
    quote = connection.ops.quote_name
    listed = ", ".join(quote(str(field.column)) for field in chosen if field is not None)
    converters = [(name, _converter(field)) for name, field in zip(names, chosen, strict=True) if field is not None]
    head = f"SELECT {listed} FROM {quote(meta.db_table)} WHERE id IN "  # noqa: S608  names of our own models
    return head, names, tuple((name, convert) for name, convert in converters if convert is not None)


def rows_by_number(kind: str, columns: Sequence[str], identifiers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The columns (and the state) of the records of these numbers, whatever their state, by number.

    No condition but the numbers: given another one, SQLite walks an index of all that is published instead of the few.
    """
    head, names, converters = _plan(kind, tuple(columns))
    found: dict[int, dict[str, Any]] = {}
    for block in in_blocks(identifiers):
        if not block:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"{head}({', '.join(['%s'] * len(block))})", list(block))
            for values in cursor.fetchall():
                row = dict(zip(names, values, strict=True))
                for name, convert in converters:
                    row[name] = convert(row[name])
                found[row["pk"]] = row
    return found
