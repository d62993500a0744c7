"""Search is tested on both databases: SQLite always, PostgreSQL where the tests run on it (or ask for it)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from allmende.catalogue import search
from allmende.catalogue.search import Doc
from allmende.site.settings import database
from tests.postgres import start_postgres

EVENT, PLACE, OFFER = 1, 2, 3
VENDORS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def _connect(url: str, folder: Path) -> BaseDatabaseWrapper:
    connection: BaseDatabaseWrapper = ConnectionHandler({"default": database(url, folder)})["default"]
    return connection


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of our own, on the server that the tests run on, or on one started for us."""
    url = os.environ.get("DATABASE_URL", "")
    server = None if url.startswith("postgres") else start_postgres()
    url = server.url if server else url
    name = f"search_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield url.rsplit("/", 1)[0] + f"/{name}"
    if server:
        server.stop()
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session", params=VENDORS)
def shared_connection(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[BaseDatabaseWrapper]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    connection = _connect(url, tmp_path_factory.mktemp("search"))
    with django_db_blocker.unblock():
        assert connection.vendor == request.param
        for statement in search.create_sql(connection.vendor):
            connection.cursor().execute(statement)
        yield connection
        connection.close()


@pytest.fixture
def connection(shared_connection: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    """A connection to an empty index."""
    search.reset(shared_connection)
    return shared_connection


@pytest.fixture
def index(connection: BaseDatabaseWrapper) -> Callable[..., None]:
    """Index titles as events 1, 2, 3, ... of one language, or whole documents."""

    def run(*docs: str | Doc, language: str = "de") -> None:
        made = (
            doc if isinstance(doc, Doc) else Doc(EVENT, number, language, doc) for number, doc in enumerate(docs, 1)
        )
        search.index(connection, made)

    return run


@pytest.fixture
def found(connection: BaseDatabaseWrapper) -> Callable[..., list[int]]:
    """The ids that a query finds, best first."""

    def run(query: str, language: str = "de", **options: Any) -> list[int]:
        hits = search.find(connection, query, language=language, kinds=options.pop("kinds", (EVENT,)), **options)
        return [number for _, number in hits.keys]

    return run
