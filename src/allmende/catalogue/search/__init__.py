"""Full-text search of the catalogue: a small port with one back end for each database.

Purpose: find what a guest means, in any of the languages, with or without accents, half typed or mistyped, within a few
milliseconds however large the catalogue is.

Verbs: ``index`` and ``remove`` documents inside the caller's transaction, ``find``, ``suggest``, ``spans`` to mark what was
found, ``reset`` before a rebuild, ``optimize`` after it; ``create_sql`` and ``drop_sql`` for the migration.

All that decides about a result (folding, stemming, tiers of rank, typos) is Python and the same everywhere; the database
only looks up tokens.  What differs: SQLite expands a beginning to the 64 most frequent words and says ``capped`` if there
are more; which hits are taken beyond the cap is the database's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from django.db.backends.base.base import BaseDatabaseWrapper

from allmende.catalogue.search import finding, postgres, prepare, sqlite
from allmende.catalogue.search.highlight import spans
from allmende.catalogue.search.values import Backend, Doc, Hits, Key, Row, Suggestion, Texts, join_key

__all__ = [
    "Doc",
    "Hits",
    "Key",
    "Suggestion",
    "Texts",
    "create_sql",
    "drop_sql",
    "find",
    "index",
    "optimize",
    "remove",
    "reset",
    "spans",
    "suggest",
]

_BATCH = 2000
_BATCH_SIGNS = 4_000_000


class UnknownDatabase(Exception):
    """The search has no back end for this database; the message names those it has."""


def _backend(connection: BaseDatabaseWrapper) -> Backend:
    if connection.vendor == "sqlite":
        return sqlite.SqliteSearch(connection)
    if connection.vendor == "postgresql":
        return postgres.PostgresSearch(connection)
    raise _unknown(connection.vendor)


def _unknown(vendor: str) -> UnknownDatabase:
    return UnknownDatabase(f"There is no search for {vendor}; use SQLite or PostgreSQL.")


def create_sql(vendor: str) -> list[str]:
    """The statements that create the index, for a migration."""
    if vendor not in {"sqlite", "postgresql"}:
        raise _unknown(vendor)
    return list(sqlite.CREATE if vendor == "sqlite" else postgres.CREATE)


def drop_sql(vendor: str) -> list[str]:
    """The statements that drop it."""
    if vendor not in {"sqlite", "postgresql"}:
        raise _unknown(vendor)
    return list(sqlite.DROP if vendor == "sqlite" else postgres.DROP)


def index(connection: BaseDatabaseWrapper, docs: Iterable[Doc]) -> int:
    """Insert or replace documents, as many as there are, in constant memory; returns how many."""
    backend = _backend(connection)
    done = signs = 0
    rows: dict[int, Row] = {}
    for doc in docs:
        row = prepare.prepare(doc)
        rows[row.key] = row
        done += 1
        signs += len(row.words) * 7
        if len(rows) == _BATCH or signs > _BATCH_SIGNS:
            backend.store(list(rows.values()))
            rows, signs = {}, 0
    if rows:
        backend.store(list(rows.values()))
    return done


def remove(connection: BaseDatabaseWrapper, keys: Iterable[Key]) -> None:
    """Take documents out; keys that are not there do no harm."""
    backend = _backend(connection)
    waiting = iter(keys)
    while batch := [join_key(key) for key in islice(waiting, _BATCH)]:
        backend.remove(batch)


def find(
    connection: BaseDatabaseWrapper,
    query: str,
    *,
    language: str,
    kinds: Sequence[int],
    limit: int = 200,
    cap: int = 2000,
) -> Hits:
    """What ``query`` finds among ``kinds``, best first.

    Every word must be there, in any order; ``"in quotes"`` means in this order and ``-word`` leaves out.  The last word may
    be unfinished, unless a space follows it.  ``language`` is that of the page: its small words ("der", "les") are not
    insisted on.  More than ``cap`` hits are not counted.  Any text is a valid query.
    """
    return finding.answer(_backend(connection), query, language, kinds, limit, cap)


def suggest(
    connection: BaseDatabaseWrapper, prefix: str, language: str, limit: int = 8, *, kinds: Sequence[int] = (1, 2, 3)
) -> list[Suggestion]:
    """Completions of what is being typed: first words that titles go on with, then titles."""
    return finding.complete(_backend(connection), prefix, language, limit, kinds)


def reset(connection: BaseDatabaseWrapper) -> None:
    """Forget everything, before all documents are indexed again."""
    _backend(connection).clear()


def optimize(connection: BaseDatabaseWrapper) -> None:
    """Tidy up after many documents came in; takes seconds, and nothing depends on it but speed."""
    _backend(connection).optimize()
