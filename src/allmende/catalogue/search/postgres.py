"""The index in PostgreSQL: a table with a tsvector made of our own tokens, and a vocabulary.

No extension and no text search configuration is needed.  The vocabulary has no counts and no unique index on purpose:
with either, two imports at the same time would wait for each other's words, in any order, and deadlock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from allmende.catalogue.search import prepare, tokens
from allmende.catalogue.search.values import Atom, Form, Match, Row

CREATE = [
    "CREATE TABLE catalogue_search"
    " (key bigint PRIMARY KEY, size smallint NOT NULL, label text NOT NULL, tokens tsvector NOT NULL)",
    "CREATE INDEX catalogue_search_tokens ON catalogue_search USING gin (tokens) WITH (fastupdate = on)",
    'CREATE TABLE catalogue_search_term (term text COLLATE "C" NOT NULL, backwards text COLLATE "C" NOT NULL,'
    " size smallint NOT NULL, written text NOT NULL)",
    "CREATE INDEX catalogue_search_term_start ON catalogue_search_term (size, term)",
    "CREATE INDEX catalogue_search_term_end ON catalogue_search_term (size, backwards)",
    # The planner guesses that a query of thirty spellings finds much and reads the table, which takes forever when it
    # finds nothing.  A function may have its own settings; adding 0 keeps it off the primary key for the same reason.
    "CREATE FUNCTION catalogue_search_match(wanted tsquery, low bigint, high bigint, most integer)"
    " RETURNS TABLE (key bigint, size smallint, label text) LANGUAGE plpgsql STABLE SET enable_seqscan = off AS"
    " 'BEGIN RETURN QUERY SELECT doc.key, doc.size, doc.label FROM catalogue_search AS doc"
    " WHERE doc.tokens @@ wanted AND doc.key + 0 BETWEEN low AND high LIMIT most; END'",
]
DROP = [
    "DROP FUNCTION IF EXISTS catalogue_search_match(tsquery, bigint, bigint, integer)",
    "DROP TABLE IF EXISTS catalogue_search",
    "DROP TABLE IF EXISTS catalogue_search_term",
]

LAST = chr(0x10FFFF)
_READ = 15_000
"""Rows that are read in the time that GIN takes to list a frequent word of a large catalogue."""
_MOST_POSITIONS = 16_383
"""What a tsvector can tell apart."""


class PostgresSearch:
    """Works on one connection, inside the caller's transaction."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def match(self, match: Match, low: int, high: int, limit: int) -> list[int]:
        return [key for (key,) in self._rows("key", match, low, high, limit)]

    def match_many(self, match: Match, low: int, high: int, limit: int) -> list[int]:
        # GIN lists all matches before it returns the first.  Where every second row matches, reading some rows is faster.
        if self._expected_share(match) * _READ > limit:
            sql = (
                "SELECT key FROM (SELECT key, tokens FROM catalogue_search LIMIT %s) AS first"
                " WHERE tokens @@ %s::tsquery AND key BETWEEN %s AND %s LIMIT %s"
            )
            with self._connection.cursor() as cursor:
                cursor.execute(sql, [2 * _READ, _tsquery(match), low, high, limit])
                if len(found := cursor.fetchall()) == limit:
                    return [key for (key,) in found]
        return self.match(match, low, high, limit)

    def _expected_share(self, match: Match) -> float:
        """Which part of all documents the planner expects to hold the words as typed."""
        typed = [tuple(atom for atom in group if atom.prefix or atom == group[0]) for group in match.groups]
        table = "SELECT 1 FROM catalogue_search"
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"EXPLAIN (FORMAT JSON) {table} WHERE tokens @@ %s::tsquery UNION ALL {table}",
                [_tsquery(Match(tuple(typed)))],
            )
            (plan,) = cursor.fetchone()
        some, everything = (part["Plan Rows"] for part in plan[0]["Plan"]["Plans"])
        return float(some / max(everything, 1))

    def match_titles(self, match: Match, low: int, high: int, limit: int) -> list[tuple[int, int]]:
        return self._rows("key, size", match, low, high, limit)

    def match_labels(self, match: Match, low: int, high: int, limit: int) -> list[tuple[int, str]]:
        return self._rows("key, label", match, low, high, limit)

    def _rows(self, columns: str, match: Match, low: int, high: int, limit: int) -> list[Any]:
        sql = f"SELECT {columns} FROM catalogue_search_match(%s::tsquery, %s, %s, %s)"
        with self._connection.cursor() as cursor:
            cursor.execute(sql, [_tsquery(match), low, high, limit])
            return list(cursor.fetchall())

    def forms(self, beginning: str) -> tuple[list[Form], bool]:
        return [Form(beginning, prefix=True)], False

    def near(self, starts: str, ends: str, sizes: Sequence[int]) -> list[tuple[str, str]]:
        ends = ends[::-1]
        sql = (
            "SELECT term, written FROM catalogue_search_term WHERE size = ANY(%s) AND term >= %s AND term < %s"
            " UNION ALL SELECT term, written FROM catalogue_search_term"
            " WHERE size = ANY(%s) AND backwards >= %s AND backwards < %s"
        )
        with self._connection.cursor() as cursor:
            cursor.execute(sql, [list(sizes), starts, starts + LAST, list(sizes), ends, ends + LAST])
            return list(cursor.fetchall())

    def store(self, rows: Sequence[Row]) -> None:
        terms = sorted(prepare.vocabulary(rows))
        columns: list[Any] = [
            [row.key for row in rows],
            [row.size for row in rows],
            [row.label for row in rows],
            [_tsvector(row) for row in rows],
        ]
        with self._connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO catalogue_search (key, size, label, tokens)"
                " SELECT key, size, label, tokens::tsvector"
                " FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[]) AS row (key, size, label, tokens)"
                " ON CONFLICT (key) DO UPDATE"
                " SET size = excluded.size, label = excluded.label, tokens = excluded.tokens",
                columns,
            )
            cursor.execute(
                "INSERT INTO catalogue_search_term (term, backwards, size, written)"
                " SELECT term, reverse(term), length(term), written"
                " FROM unnest(%s::text[], %s::text[]) AS row (term, written)"
                " WHERE NOT EXISTS (SELECT FROM catalogue_search_term AS known"
                " WHERE known.size = length(row.term) AND known.term = row.term)",
                [terms, [tokens.shown(term) for term in terms]],
            )

    def remove(self, keys: Sequence[int]) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("DELETE FROM catalogue_search WHERE key = ANY(%s)", [list(keys)])

    def clear(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("TRUNCATE catalogue_search, catalogue_search_term")

    def optimize(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list('catalogue_search_tokens'::regclass)")
            cursor.execute("ANALYZE catalogue_search, catalogue_search_term")


def _tsvector(row: Row) -> str:
    """The literal of a tsvector; words have places, marked tokens need none."""
    places = enumerate(row.words[:_MOST_POSITIONS], 1)
    return " ".join([f"{word}:{place}" for place, word in places if word != prepare.GAP] + row.extras)


def _tsquery(match: Match) -> str:
    """The literal of a tsquery; tokens never hold a quote or a backslash."""
    groups = [" | ".join(map(_lexemes, group)) for group in match.groups]
    wanted = " & ".join(f"({group})" for group in groups)
    return f"({wanted}) & !({' | '.join(map(_lexemes, match.without))})" if match.without else wanted


def _lexemes(atom: Atom) -> str:
    phrase = " <-> ".join(f"'{token}'" for token in atom.tokens)
    return f"{phrase}:*" if atom.prefix else f"({phrase})" if len(atom.tokens) > 1 else phrase
