"""The index holds what was put in last, and its vocabulary what the documents hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from allmende.catalogue import search
from allmende.catalogue.search import Doc

Index = Callable[..., None]
Found = Callable[..., list[int]]


def words_known(connection: BaseDatabaseWrapper) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT term, n FROM catalogue_search_term")
        return dict(cursor.fetchall())


def test_index_replaces_a_document(index: Index, found: Found) -> None:
    index("Orgel", "Trompete")
    index("Flöte")
    assert (found("orgel"), found("flöte"), found("trompete")) == ([], [1], [2])


def test_index_keeps_the_last_of_two_with_one_key(index: Index, found: Found) -> None:
    index(Doc(1, 1, "de", "Orgel"), Doc(1, 1, "de", "Flöte"))
    assert (found("orgel"), found("flöte")) == ([], [1])


def test_index_takes_a_stream_of_any_length_and_counts(connection: BaseDatabaseWrapper, found: Found) -> None:
    assert search.index(connection, (Doc(1, number, "de", f"Tag {number}") for number in range(4500))) == 4500
    assert found("4499 ") == [4499]
    assert found("0 ") == [0]


def test_index_takes_no_documents(connection: BaseDatabaseWrapper) -> None:
    assert search.index(connection, []) == 0


def test_index_takes_whatever_a_feed_delivers(connection: BaseDatabaseWrapper, found: Found) -> None:
    strange = Doc(1, 1, "xx", "\x00\ud800 Tab\tund\nZeile " + "x" * 5000, body="Wort " * 60_000 + "Ende 🎺 \x00")
    assert search.index(connection, [strange, Doc(1, 2, "", "", "", "")]) == 2
    assert (found("zeile"), found("wort"), found("x" * 64)) == ([1], [1], [1])
    assert [entry.text for entry in search.suggest(connection, "zeile", "de")][-1].startswith("Tab und Zeile x")


def test_index_is_part_of_the_callers_transaction(connection: BaseDatabaseWrapper, found: Found) -> None:
    search.index(connection, [Doc(1, 1, "de", "Orgel")])
    connection.set_autocommit(False)
    try:
        search.index(connection, [Doc(1, 1, "de", "Flöte"), Doc(1, 2, "de", "Flöte")])
        search.remove(connection, [(1, 1)])
        connection.rollback()
    finally:
        connection.set_autocommit(True)
    assert (found("orgel"), found("flöte")) == ([1], [])


def test_remove_takes_documents_out(index: Index, connection: BaseDatabaseWrapper, found: Found) -> None:
    index("Orgel", "Orgel", Doc(2, 1, "de", "Orgel"))
    search.remove(connection, [(1, 1), (1, 5)])
    search.remove(connection, [])
    assert found("orgel", kinds=(1, 2)) == [1, 2]


def test_reset_forgets_everything(index: Index, connection: BaseDatabaseWrapper, found: Found) -> None:
    index("Orgel")
    search.reset(connection)
    assert (found("orgel"), found("orgle")) == ([], [])
    index("Orgel")
    assert found("orgel") == [1]


def test_optimize_changes_no_answer(index: Index, connection: BaseDatabaseWrapper, found: Found) -> None:
    index(*[f"Tag {number}" for number in range(50)])
    before = found("tag")
    search.optimize(connection)
    assert (len(before), found("tag")) == (50, before)


def test_a_key_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="id 0 to"):
        Doc(1, 2**40, "de", "Orgel")
    with pytest.raises(ValueError, match="kind must be"):
        Doc(-1, 1, "de", "Orgel")


def test_the_vocabulary_counts_documents(index: Index, connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL counts when it is asked, see postgres.py")
    index(Doc(1, 1, "de", "Orgel", body="Orgel Flöte"), Doc(1, 2, "de", "Orgel"))
    assert words_known(connection) == {"orgel": 2, "flote": 1}
    index(Doc(1, 1, "de", "Flöte"))
    assert words_known(connection) == {"orgel": 1, "flote": 1}
    search.remove(connection, [(1, 1), (1, 2)])
    assert words_known(connection) == {}


def test_an_unknown_database_is_named() -> None:
    with pytest.raises(search.UnknownDatabase, match="no search for oracle; use SQLite or PostgreSQL"):
        search.create_sql("oracle")


def test_drop_leaves_nothing_behind(connection: BaseDatabaseWrapper) -> None:
    for statement in search.drop_sql(connection.vendor):
        connection.cursor().execute(statement)
    left = [name for name in connection.introspection.table_names() if name.startswith("catalogue_search")]
    for statement in search.create_sql(connection.vendor):
        connection.cursor().execute(statement)
    assert left == []
