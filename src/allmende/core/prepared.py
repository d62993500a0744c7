"""Queries whose SQL is made once.

Turning a query set into SQL costs Django one to two milliseconds, more than the database needs to answer a small question; a
page that asks twenty of them spends its time there.  :func:`prepared` keeps the SQL of a function and puts only the values in::

    @prepared
    def _open_tasks(networks: Sequence[int], today: date, *, limit: int) -> QuerySet[Task, tuple[int, str]]:
        return Task.objects.filter(network__in=networks, due__lt=today).values_list("pk", "title")[:limit]

    rows = _open_tasks([4, 9], today, limit=10)  # a list

What is handed in by place are values: whole numbers, text, dates, moments, and lists of numbers or of text; or None, where the
function asks something else then.  What is handed in by name decides what the query looks like, and has a few different values
at most.  The function depends on nothing else: not
on who asks, not on the time, not on the language.  A value that is changed on its way into the query (``now - WEEK``), or one
that the function finds by itself, is an error the first time it is asked, not a wrong answer later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable, get_related_populators

P = ParamSpec("P")
R = TypeVar("R")

LONGEST: Final = 1024
"""A list with more members is asked for in the ordinary way."""
MOST_FORMS: Final = 256
"""So many different forms of one function are kept."""
LARGEST: Final = 2**31 - 1
"""Larger numbers are asked for in the ordinary way, which knows for each column that it holds none."""
_PLAIN = (int, str, datetime, date)


@dataclass(frozen=True, slots=True, eq=False)
class _Statement:
    """SQL with places for values, and what becomes of a row."""

    sql: str
    constants: list[Any]
    """Its parameters, with anything at the places of values."""
    places: list[tuple[int, int, Callable[[Any], Any]]]
    """(position among the parameters, number of the value, how the database wants it)."""
    converters: list[tuple[int, list[Any], Any]]
    finish: Callable[[list[Any]], list[Any]]

    def ask(self, values: list[Any]) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        params = self.constants.copy()
        for position, number, fit in self.places:
            params[position] = fit(values[number])
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows: list[Any] = cursor.fetchall()
        if self.converters and rows:
            rows = [list(row) for row in rows]
            for position, functions, expression in self.converters:
                for row in rows:
                    value = row[position]
                    for function in functions:
                        value = function(value, expression, connection)
                    row[position] = value
        return self.finish(rows)


_unknown: Final = _Statement("", [], [], [], list)


def prepared(build: Callable[P, QuerySet[Any, R]]) -> Callable[P, list[R]]:
    """Ask what ``build`` describes, with SQL that is made once for each form of it; the answer is a list."""
    kept: dict[tuple[Any, ...], _Statement | None] = {}

    @wraps(build)
    def ask(*args: P.args, **kwargs: P.kwargs) -> list[R]:
        form: list[Any] = [*kwargs.items()]
        values: list[Any] = []
        for value in map(_plain, args):
            kind = type(value)
            if kind is int and not -LARGEST <= value <= LARGEST:
                return list(build(*args, **kwargs))
            if kind in _PLAIN:
                form.append(kind)
                values.append(value)
            elif value is None:
                form.append(None)
            elif isinstance(value, Collection) and not isinstance(value, str):
                members = _padded(value)
                if members is None:
                    return list(build(*args, **kwargs))
                form.append((len(members), type(members[0]) if members else None))
                values += members
            else:
                raise TypeError(f"{build.__name__}: hand {value!r} in by name; it decides what the query looks like")
        key = tuple(form)
        statement = kept.get(key, _unknown)
        if statement is _unknown:
            if len(kept) >= MOST_FORMS:
                kept.clear()
            statement = kept[key] = _prepare(build, args, dict(kwargs))
        return list(build(*args, **kwargs)) if statement is None else cast(list[R], statement.ask(values))

    return ask


def _plain(value: Any) -> Any:
    """What stands in the database for a member of an enumeration."""
    return value.value if isinstance(value, Enum) else value


def _padded(members: Collection[Any]) -> list[Any] | None:
    """The members, the last one repeated up to a power of two, so that there are few forms; None: too many, or too large.

    The same member twice changes neither what is in a list nor what is not.
    """
    found = [_plain(one) for one in members]
    if not found:
        return found
    if len(found) > LONGEST:
        return None
    kind = type(found[0])
    if kind not in _PLAIN or any(type(one) is not kind for one in found):
        raise TypeError(f"A list in a prepared query holds values of one plain kind, not {found[:3]!r}")
    if kind is int and not -LARGEST <= min(found) <= max(found) <= LARGEST:
        return None
    return found + [found[-1]] * ((1 << (len(found) - 1).bit_length()) - len(found))


def _stand_in(kind: type, number: int, variant: int) -> Any:
    """A value that occurs nowhere else, by which its place in the SQL is found."""
    if kind is int:
        return 2_000_000_011 + 100_000 * variant + number
    if kind is str:
        return f"\ue000{variant}.{number}\ue001"
    if kind is datetime:
        return datetime(7301 + variant, 3, 5, tzinfo=UTC) + timedelta(seconds=number, microseconds=77)
    return date(7301 + 10 * variant, 3, 5) + timedelta(days=number)


def _prepare(
    build: Callable[..., QuerySet[Any, Any]], args: Iterable[Any], kwargs: dict[str, Any]
) -> _Statement | None:
    """The SQL of ``build``; None where the database need not be asked for stand-ins, and is asked in the ordinary way."""
    connection = connections[DEFAULT_DB_ALIAS]
    compiled = []
    for variant in (0, 1):
        number, handed, marks = 0, [], []
        for value in map(_plain, args):
            is_one = value is None or isinstance(value, _PLAIN)
            members = ([] if value is None else [value]) if is_one else _padded(value) or []
            found = [_stand_in(type(one), number + place, variant) for place, one in enumerate(members)]
            number += len(found)
            marks += found
            handed.append((found[0] if found else None) if is_one else found)
        rows = build(*handed, **kwargs)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        compiled.append((sql, list(params), marks))
    (sql, params, marks), (other_sql, other_params, other_marks) = compiled
    if sql != other_sql or len(params) != len(other_params):
        raise TypeError(f"{build.__name__}: its SQL depends on a value; hand that in by name")
    fits = [_fitting(type(mark), connection) for mark in marks]
    told = {
        (_key(fit(one)), _key(fit(other))): number
        for number, (one, other, fit) in enumerate(zip(marks, other_marks, fits, strict=True))
    }
    places = []
    for position, (one, other) in enumerate(zip(params, other_params, strict=True)):
        if _key(one) != _key(other):
            place = told.get((_key(one), _key(other)))
            if place is None:
                raise TypeError(f"{build.__name__}: {one!r} is made from a value, or found anew each time; hand it in")
            # PostgreSQL's parameters of whole numbers are numbers with a width
            is_sized = isinstance(one, int) and type(one) is not int
            places.append((position, place, type(one) if is_sized else fits[place]))
    unused = set(range(len(marks))) - {place for _, place, _ in places}
    if unused:
        raise TypeError(f"{build.__name__}: value {min(unused) + 1} is not in its SQL as it is; hand it in otherwise")
    return _Statement(sql, params, places, *_reading(build.__name__, rows, compiler))


def _key(param: Any) -> Any:
    """What makes two parameters the same; JSON comes wrapped for PostgreSQL, and wraps do not compare."""
    return repr(param.obj) if hasattr(param, "obj") else param


def _fitting(kind: type, connection: Any) -> Callable[[Any], Any]:
    if kind is datetime:
        return cast(Callable[[Any], Any], connection.ops.adapt_datetimefield_value)
    if kind is date:
        return cast(Callable[[Any], Any], connection.ops.adapt_datefield_value)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _reading(name: str, rows: QuerySet[Any, Any], compiler: Any) -> tuple[list[Any], Callable[[list[Any]], list[Any]]]:
    """How values of the database become Python's, and rows what the query set gives."""
    columns = [column for column, _, _ in compiler.select[: compiler.col_count]]
    inner: Any = rows  # what Django's own iterators read, too
    kind = inner._iterable_class
    is_simple = not inner._prefetch_related_lookups and not inner._known_related_objects
    if compiler.has_composite_fields(columns) or not is_simple:
        raise TypeError(f"{name}: neither prefetch_related nor keys of several columns can be prepared")
    converters = [(place, functions, column) for place, (functions, column) in compiler.get_converters(columns).items()]
    count = compiler.col_count
    if kind is FlatValuesListIterable:
        return converters, lambda found: [row[0] for row in found]
    if kind is ValuesListIterable:
        return converters, lambda found: [tuple(row[:count]) for row in found]
    if kind is not ModelIterable:
        raise TypeError(f"{name}: only values_list and whole rows can be prepared")
    return converters, _instances(compiler)


def _instances(compiler: Any) -> Callable[[list[Any]], list[Any]]:
    """Rows of a table as Django makes them (django.db.models.query.ModelIterable)."""
    told, select = compiler.klass_info, compiler.select
    start, end = told["select_fields"][0], told["select_fields"][-1] + 1
    names = [column.target.attname for column, _, _ in select[start:end]]
    populators = cast(Any, get_related_populators)(told, select, DEFAULT_DB_ALIAS)
    annotations = list((compiler.annotation_col_map or {}).items())
    model = told["model"]

    def finish(found: list[Any]) -> list[Any]:
        made = []
        for row in found:
            one = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
            for populator in populators:
                populator.populate(row, one)
            for name, place in annotations:
                setattr(one, name, row[place])
            made.append(one)
        return made

    return finish
