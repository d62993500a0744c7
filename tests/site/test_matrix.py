"""Every address, asked by everybody: guest, stranger, member, editor, manager, coordinator, operator."""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.site.matrix.harness import WHO, Row, World, make_world

SLICES = sorted(
    path.stem for path in (Path(__file__).parent / "matrix").glob("*.py") if path.stem not in {"harness", "__init__"}
)
MODULES = {name: importlib.import_module(f"tests.site.matrix.{name}") for name in SLICES}
ROWS: dict[str, tuple[Row, ...]] = {name: rows for module in MODULES.values() for name, rows in module.ROWS.items()}


def _names(resolver: URLResolver) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name or "", f"{resolver.pattern}{pattern.pattern}"
        elif isinstance(pattern, URLResolver):
            for name, route in _names(pattern):
                yield (f"{pattern.namespace}:{name}" if pattern.namespace else name), route


def test_every_address_has_a_row() -> None:
    known = list(_names(get_resolver()))
    assert [route for name, route in known if not name] == [], "every address needs a name"
    missing = sorted({name for name, _ in known} - set(ROWS))
    assert not missing, f"Say who gets these, in tests/site/matrix/: {missing}"


def test_no_row_is_for_an_address_that_is_gone() -> None:
    assert sorted(set(ROWS) - {name for name, _ in _names(get_resolver())}) == []


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any) -> World:
    settings.ALLMENDE_DATA = tmp_path / "data"
    (tmp_path / "data").mkdir()
    return make_world(tmp_path)


def _send(client: Client, row: Row, path: str, headers: dict[str, str] | None) -> Any:
    if row.method in {"GET", "POST"}:
        return getattr(client, row.method.lower())(path, row.data or {}, headers=headers)
    headers = {**(headers or {}), "if-match": "*"}
    body = json.dumps(row.data or {})
    return client.generic(row.method, path, body, content_type="application/json", headers=headers)


def _ask(world: World, who: str, name: str, row: Row) -> int:
    path = reverse(name, kwargs=world.args.get(name, {})) + row.query
    if not path.startswith("/api/v"):
        path = f"/en{path}"
    headers = {"authorization": f"Bearer {world.keys[who]}"} if row.with_key and who in world.keys else None
    client = world.clients[who]
    cookies = copy.deepcopy(client.cookies)
    savepoint = transaction.savepoint()
    try:
        answer = _send(client, row, path, headers)
        if answer.streaming:
            list(answer.streaming_content)
        return int(answer.status_code)
    finally:
        transaction.savepoint_rollback(savepoint)
        client.cookies = cookies


@pytest.mark.django_db
@pytest.mark.parametrize("part", SLICES)
def test_everybody_gets_what_the_matrix_says(world: World, part: str) -> None:
    module = MODULES[part]
    module.build(world)
    wrong = []
    for name, rows in module.ROWS.items():
        for row in rows:
            expected = tuple(int(status) for status in row.statuses.split())
            assert len(expected) == len(WHO), f"{name}: seven answers, please"
            got = tuple(_ask(world, who, name, row) for who in WHO)
            if got != expected:
                wrong.append(f"{row.method} {name}{row.query}: {' '.join(map(str, got))} instead of {row.statuses}")
    assert not wrong, "\n".join(wrong)
