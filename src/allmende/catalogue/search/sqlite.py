"""The index in SQLite: one FTS5 table, one vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from allmende.catalogue.search import prepare, tokens
from allmende.catalogue.search.values import Atom, Form, Match, Row

_HASH = 16 * 2**20
"""Bytes of new tokens that FTS5 gathers in memory before it writes them to the index; 1 MiB makes it merge all the time."""
CREATE = [
    # The tokens are finished: the tokenizer only has to split at spaces and to leave marks and other letters alone.
    "CREATE VIRTUAL TABLE catalogue_search USING fts5("
    "tokens, size UNINDEXED, label UNINDEXED, tokenize=\"ascii tokenchars '.,~='\")",
    f"INSERT INTO catalogue_search (catalogue_search, rank) VALUES ('hashsize', {_HASH})",
    "CREATE TABLE catalogue_search_term (term TEXT PRIMARY KEY, backwards TEXT NOT NULL, size INTEGER NOT NULL,"
    " n INTEGER NOT NULL, written TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX catalogue_search_term_start ON catalogue_search_term (size, term, written)",
    "CREATE INDEX catalogue_search_term_end ON catalogue_search_term (size, backwards, written)",
]
DROP = ["DROP TABLE IF EXISTS catalogue_search", "DROP TABLE IF EXISTS catalogue_search_term"]

LAST = chr(0x10FFFF)
"""Stands behind every letter."""
_EXPANDED = 64
"""A beginning stands for so many words, the most frequent ones: FTS5's own prefix search would join the lists of all."""
_EXTRAS = " .. "


class SqliteSearch:
    """Works on one connection, inside the caller's transaction."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def match(self, match: Match, low: int, high: int, limit: int) -> list[int]:
        return [key for (key,) in self._rows("rowid", match, low, high, limit)]

    match_many = match  # FTS5 stops at the limit by itself

    def match_titles(self, match: Match, low: int, high: int, limit: int) -> list[tuple[int, int]]:
        return self._rows("rowid, size", match, low, high, limit)

    def match_labels(self, match: Match, low: int, high: int, limit: int) -> list[tuple[int, str]]:
        return self._rows("rowid, label", match, low, high, limit)

    def _rows(self, columns: str, match: Match, low: int, high: int, limit: int) -> list[Any]:
        sql = f"SELECT {columns} FROM catalogue_search WHERE catalogue_search MATCH %s AND rowid BETWEEN %s AND %s LIMIT %s"
        with self._connection.cursor() as cursor:
            cursor.execute(sql, [_fts5(match), low, high, limit])
            return list(cursor.fetchall())

    def forms(self, beginning: str) -> tuple[list[Form], bool]:
        sql = "SELECT term FROM catalogue_search_term WHERE term >= %s AND term < %s ORDER BY n DESC, term LIMIT %s"
        with self._connection.cursor() as cursor:
            cursor.execute(sql, [beginning, beginning + LAST, _EXPANDED + 1])
            found = [Form(term) for (term,) in cursor.fetchall()]
        return found[:_EXPANDED], len(found) > _EXPANDED

    def near(self, starts: str, ends: str, sizes: Sequence[int]) -> list[tuple[str, str]]:
        lengths = ", ".join(["%s"] * len(sizes))
        ends = ends[::-1]
        sql = (
            f"SELECT term, written FROM catalogue_search_term WHERE size IN ({lengths}) AND term >= %s AND term < %s"
            f" UNION ALL SELECT term, written FROM catalogue_search_term"
            f" WHERE size IN ({lengths}) AND backwards >= %s AND backwards < %s"
        )
        with self._connection.cursor() as cursor:
            cursor.execute(sql, [*sizes, starts, starts + LAST, *sizes, ends, ends + LAST])
            return list(cursor.fetchall())

    def store(self, rows: Sequence[Row]) -> None:
        self._forget([row.key for row in rows])
        values = [(row.key, " ".join(row.words) + _EXTRAS + " ".join(row.extras), row.size, row.label) for row in rows]
        counted: Counter[str] = Counter()
        for row in rows:
            counted.update(set(row.words))
        del counted[prepare.GAP]
        terms = [(term, term[::-1], len(term), n, tokens.shown(term)) for term, n in counted.items()]
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT OR REPLACE INTO catalogue_search (rowid, tokens, size, label) VALUES (%s, %s, %s, %s)", values
            )
            cursor.executemany(
                "INSERT INTO catalogue_search_term (term, backwards, size, n, written) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (term) DO UPDATE SET n = n + excluded.n",
                terms,
            )

    def remove(self, keys: Sequence[int]) -> None:
        self._forget(keys)
        with self._connection.cursor() as cursor:
            cursor.executemany("DELETE FROM catalogue_search WHERE rowid = %s", [(key,) for key in keys])

    def clear(self) -> None:
        with self._connection.cursor() as cursor:
            for statement in [*DROP, *CREATE]:
                cursor.execute(statement)

    def optimize(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("INSERT INTO catalogue_search (catalogue_search) VALUES ('optimize')")

    def _forget(self, keys: Sequence[int]) -> None:
        """Take the words of documents that are about to go out of the vocabulary's counts."""
        marks = ", ".join(["%s"] * len(keys))
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT tokens FROM catalogue_search WHERE rowid IN ({marks})", list(keys))
            texts = [text.split(_EXTRAS, 1)[0].split() for (text,) in cursor.fetchall()]
            if not texts:
                return
            counted = Counter(chain.from_iterable(map(set, texts)))
            del counted[prepare.GAP]
            cursor.executemany(
                "UPDATE catalogue_search_term SET n = n - %s WHERE term = %s",
                [(n, term) for term, n in counted.items()],
            )
            cursor.executemany(
                "DELETE FROM catalogue_search_term WHERE term = %s AND n <= 0", [(term,) for term in counted]
            )


def _fts5(match: Match) -> str:
    """An FTS5 expression; tokens never hold a quote."""
    groups = [" OR ".join(map(_string, group)) for group in match.groups]
    wanted = " AND ".join(f"({group})" for group in groups)
    return f"({wanted}) NOT ({' OR '.join(map(_string, match.without))})" if match.without else wanted


def _string(atom: Atom) -> str:
    return f'"{" ".join(atom.tokens)}"' + ("*" if atom.prefix else "")
